"""The command line as a user calls it, and what its tests share."""

import re

import numpy as np
import pandas as pd
from typer.testing import CliRunner

from gan_augment.cli.app import app

CSV = """\
price,visits,when,member,city,code,churn
1.50,3,2024-01-01,True,Bonn,007,yes
2.25,,2024-01-02,False,"Gra, z",012,no
3.00,5,2024-01-05,True,NA,007,no
4.75,1,2024-02-01,False,Bonn,012,no
2.50,2,2024-02-09,True,Oslo,013,yes
9.10,4,2024-03-01,True,Oslo,007,no
"""

#: How Python spells what a command line spells otherwise: arguments, names and modules.
PYTHON = re.compile(
    r"\b(columns|n_samples|class_balance|random_state|target|mark|checkpoint|scoring|cv|y|X)="
    r"|\bX[.\[ ]|\b(np|pd|numpy|pandas)\.(?!savez)|InputError|AugmentationWarning"
)


def run(*words, status=0):
    """Run the command; ``status`` is what it must exit with. A refusal must speak no Python."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == status, result.output + repr(result.exception)
    if status == 2:
        assert not PYTHON.search(result.stderr), result.stderr
    return result


def people(n, seed=0):
    """A table of every kind of column, with gaps, that says something about its target."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 90, n).astype(float)
    frame = pd.DataFrame(
        {
            "age": np.where(rng.random(n) < 0.1, np.nan, age),
            "city": rng.choice(["Bonn", "Graz", "Oslo"], n),
            "since": pd.to_datetime("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
            "member": rng.choice(["yes", "no"], n),
        }
    )
    frame.loc[rng.random(n) < 0.1, "city"] = None
    frame["income"] = np.round(age * 100 + rng.normal(0, 500, n), 2)
    frame["churn"] = np.where(age + rng.normal(0, 20, n) > 50, "stays", "leaves")
    return frame
