"""The command line on real tables: schema, missing share, ranges and class counts come back."""

import csv
import itertools

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from gan_augment.cli.app import app

pytestmark = pytest.mark.real_data


@pytest.mark.parametrize(
    ("name", "balance"),
    [
        ("titanic", "proportional"),
        ("adult", "proportional"),
        ("taxis", "equal"),
        ("insurance", "equal"),
        ("soybean", "fill"),
    ],
)
def test_augment_keeps_what_the_table_is(name, balance, load_real, tmp_path, short_training):
    _, _, entry = load_real(name)
    target, task = entry["target"], entry["task"]
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    with entry["path"].open(newline="") as whole:  # of long tables the beginning, as it is written
        source.write_text("".join(itertools.islice(whole, 2001)), newline="")
    command = ["augment", str(source), "--target", target, "--out", str(out), "--seed", "0"]
    result = CliRunner().invoke(app, [*command, "--balance", balance, "--mark", "made"])
    assert result.exit_code == 0, result.output

    lines = [list(csv.reader(path.open(newline=""))) for path in (source, out)]
    real = pd.read_csv(source)
    for before, after in zip(lines[0], lines[1], strict=False):
        assert after[:-1] == before  # header and real rows, cell by cell
    made = pd.read_csv(out)
    made = made[made["made"].astype(bool)].drop(columns="made")

    if task == "cls" and balance == "proportional":
        pd.testing.assert_series_equal(made[target].value_counts(), real[target].value_counts())
    elif balance == "fill":
        total = made[target].value_counts().add(real[target].value_counts(), fill_value=0)
        assert total.nunique() == 1
    else:
        assert len(made) == len(real)

    assert list(made.columns) == list(real.columns)
    assert (made.dtypes == real.dtypes).all()
    if balance != "fill":  # filling up changes the mix of classes, and with it these shares
        missing = (made.isna().mean() - real.isna().mean()).abs()
        assert missing.max() < 0.03, missing.idxmax()
    for column in real.select_dtypes(np.number):
        assert made[column].min() >= real[column].min(), column
        assert made[column].max() <= real[column].max(), column
    for column in real.select_dtypes(object):
        seen, new = set(real[column].dropna()), set(made[column].dropna())
        dates = pd.to_datetime(real[column], errors="coerce", format="ISO8601").notna().all()
        if dates:
            assert min(seen) <= min(new) and max(new) <= max(seen), column
        else:
            assert new <= seen, column
