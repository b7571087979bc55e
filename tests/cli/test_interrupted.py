"""An interrupted command says what it left."""

import os

import pytest
import typer

from gan_augment.cli.errors import plain_errors
from gan_augment.cli.interrupted import Kept


def interrupted(parameters, work):
    """What is said where a command is interrupted after some work."""
    context = typer.Context(typer.main.get_command(typer.Typer(callback=lambda: None)))
    context.params = parameters
    with pytest.raises(typer.Exit) as left, plain_errors(context):
        work()
        raise KeyboardInterrupt
    return left.value.exit_code


def test_without_anything_written_it_says_so(tmp_path, capsys):
    old = tmp_path / "old.csv"
    old.write_text("a\n1\n")  # of an earlier run
    assert interrupted({"out": old, "seed": 0, "report": None}, lambda: None) == 130
    assert capsys.readouterr().err == "Interrupted. Nothing was written.\n"


def test_files_that_are_complete_are_named(tmp_path, capsys):
    out, model = tmp_path / "o.csv", tmp_path / "m.model"
    assert interrupted({"out": out, "model": model}, lambda: out.write_text("a\n")) == 130
    said = "".join(capsys.readouterr().err.split("\n"))
    assert said == f"Interrupted. Complete is {out}, and nothing else was written."


def test_a_file_that_was_replaced_counts_as_written(tmp_path):
    out = tmp_path / "o.csv"
    out.write_text("old")
    kept = Kept({"out": out})
    new = tmp_path / "new"
    new.write_text("new")
    os.replace(new, out)
    assert str(out) in kept.sentence()


@pytest.mark.parametrize("n_files", [0, 1, 2])
def test_a_folder_that_is_filled_goes_on(tmp_path, n_files):
    kept = Kept({"out": tmp_path, "rows_per_file": 10})
    for k in range(n_files):
        (tmp_path / f"part-0000{k}.parquet").write_bytes(b"")
    said = kept.sentence()
    assert ("the same command goes on" in said) is (n_files > 0)
    assert {0: "", 1: "1 file is", 2: "2 files are"}[n_files] in said


def test_a_checkpoint_goes_on(tmp_path):
    state = tmp_path / "state"
    kept = Kept({"out": tmp_path / "m", "checkpoint": state})
    assert kept.sentence() == "Interrupted. Nothing was written."
    state.write_bytes(b"x")
    assert f"The training so far is in {state}" in kept.sentence()
