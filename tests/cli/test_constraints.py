"""Rules on the command line are read as objects, kept in new rows, and refused in its words."""

import numpy as np
import pandas as pd
import pytest
from commands import run

from gan_augment import FixedCombinations, Formula, Inequality, Range, Sum
from gan_augment.cli.constraints import constraints_of
from gan_augment.exceptions import InputError

READ = {
    "low <= high": Inequality("low", "high"),
    "low < high": Inequality("low", "high", strict=True),
    "0 <= age <= 120": Range(0, "age", 120),
    "low <= 'the close' <= high": Range("low", "the close", "high"),
    "age >= 18": Range(18, "age", None),
    "0 > debt": Range(None, "debt", 0, strict=True),
    "b >= a": Inequality("a", "b"),
    "Range('2020-01-01', day, None)": Range("2020-01-01", "day", None),
    "Sum([a, b], 1)": Sum(["a", "b"], 1),
    "Formula(c, 'a * b')": Formula("c", "a * b"),
    "FixedCombinations(['a b', c])": FixedCombinations(["a b", "c"]),
    "Inequality(low, high, allow_exceptions=True)": Inequality("low", "high", False, True),
}


@pytest.mark.parametrize("text", READ)
def test_rules_are_read(text):
    assert constraints_of([text]) == [READ[text]]


@pytest.mark.parametrize(
    "text", ["low", "a <= b < c", "a != b", "Order(a, b)", "Sum(a)", "a <= f(b)", "(", "Sum(*a)"]
)
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(InputError, match="cannot be read"):
        constraints_of([text])


def test_new_rows_of_augment_keep_a_rule_and_a_broken_one_is_refused(tmp_path):
    rng = np.random.default_rng(0)
    low = rng.integers(1, 9, 20)
    frame = pd.DataFrame({"low": low, "high": low + rng.integers(0, 9, 20)})
    frame.to_csv(tmp_path / "in.csv", index=False)
    place = ("augment", tmp_path / "in.csv", "--out", tmp_path / "out.csv")
    run(*place, "--constraint", "low <= high", "--rows", 200, "--seed", 0)
    made = pd.read_csv(tmp_path / "out.csv")
    assert len(made) == 220 and (made["low"] <= made["high"]).all()
    told = run(*place, "--constraint", "high <= low", "--overwrite", status=2).stderr
    assert "--constraint" in told and "real rows" in told
    told = run(*place, "--constraint", "a", "--generator", "smote", "--overwrite", status=2).stderr
    assert "--generator smote takes no --constraint" in told
