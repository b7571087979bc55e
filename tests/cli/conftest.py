"""Tables that the commands that measure share."""

import pytest
from commands import people


@pytest.fixture(autouse=True)
def short_fits(short_training):
    """No command is asked how good its rows are."""


@pytest.fixture
def tables(tmp_path):
    for name, seed in {"real": 0, "fresh": 1, "holdout": 2}.items():
        people(120, seed).to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path
