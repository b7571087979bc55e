"""What commands say of mistakes: the options of the command, the file, the line, and a status."""

import os
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from commands import CSV, run

from gan_augment.cli.errors import CommandLineWording
from gan_augment.exceptions import InputError

AUGMENT = ["--rows", "--balance", "--task", "--target", "--ignore", "--regenerate", "--kind"]
AUGMENT += ["--seed", "--locality", "--allow-copies"]


@pytest.mark.parametrize(
    ("known", "fields", "sentence"),
    [
        (AUGMENT, {"argument": "n_samples", "value": -1}, "--rows -1 is wrong"),
        (["-n"], {"argument": "n_samples", "value": -1}, "-n -1 is wrong"),
        (AUGMENT, {"argument": "class_balance", "value": "x"}, "--balance 'x' is wrong"),
        (AUGMENT, {"argument": "target", "value": "x"}, "--task 'x' is wrong"),
        (["--target"], {"argument": "target", "value": "x"}, "--target 'x' is wrong"),
        (AUGMENT, {"argument": "random_state"}, "--seed is wrong"),
        (["--checkpoint"], {"argument": "checkpoint", "value": "a"}, "--checkpoint 'a' is wrong"),
        (
            AUGMENT,
            {"argument": "columns", "value": {"a b": "money"}},
            "--kind 'a b=money' is wrong",
        ),
        (AUGMENT, {"argument": "n_steps", "value": 3}, "n steps 3 is wrong"),  # no such option
        (AUGMENT, {"argument": "X"}, "in.csv is wrong"),
        (
            AUGMENT,
            {"argument": "X", "column": "a", "row": 1},
            "Column 'a' of in.csv, line 3 is wrong",
        ),
        (AUGMENT, {"column": "a"}, "Column 'a' of in.csv is wrong"),
        (AUGMENT, {"argument": "y"}, "--target 'churn' is wrong"),
        (AUGMENT, {"argument": "y", "row": 0}, "Column 'churn' of in.csv, line 2 is wrong"),
        (
            AUGMENT,
            {"argument": "synthetic", "row": 0},
            "new.parquet, row 0, counted from 0 is wrong",
        ),
        (AUGMENT, {"value": "a.csv"}, "a.csv is wrong"),
    ],
)
def test_subjects_are_spelled_as_options_files_and_lines(known, fields, sentence):
    wording = CommandLineWording(known)
    wording.target = "churn"
    wording.reads("X", "in.csv", lambda row: f"line {row + 2}")
    wording.reads("synthetic", "new.parquet")
    assert InputError("is wrong", **fields).sentence(wording) == sentence


@pytest.mark.parametrize(
    ("known", "setting", "spelled"),
    [
        (AUGMENT, ("columns", {"id": "ignore"}), "--ignore id"),
        (AUGMENT, ("columns", {"id": "regenerate"}), "--regenerate id"),
        (AUGMENT, ("columns", {"zip code": "category"}), "--kind 'zip code=category'"),
        (["--ignore"], ("columns", {"id": "regenerate"}), "--ignore id"),
        (AUGMENT, ("metadata", {"id": "ignore"}), "--ignore id"),
        (AUGMENT, ("target", "class"), "--task class"),
        (AUGMENT, ("n_samples", 5), "--rows 5"),
        (AUGMENT, ("allow_copies", True), "--allow-copies"),
    ],
)
def test_settings_that_mend_are_spelled_as_they_are_typed(known, setting, spelled):
    error = InputError("is wrong", column="id", remedy="drop it, or pass {}", settings=(setting,))
    said = error.sentence(CommandLineWording(known))
    assert said == f"Column 'id' is wrong: drop it, or pass {spelled}."


def test_settings_that_a_command_spells_alike_are_said_once():
    kinds = ("ignore", "regenerate", "category")
    error = InputError(
        "is odd",
        column="id",
        remedy="drop it, pass {} (empty), {} (new) or {} (learnt)",
        settings=tuple(("columns", {"id": kind}) for kind in kinds),
    )
    assert error.sentence(CommandLineWording(AUGMENT)) == (
        "Column 'id' is odd: drop it, pass --ignore id (empty), --regenerate id (new) or "
        "--kind id=category (learnt)."
    )
    said = error.sentence(CommandLineWording(["--ignore"]))
    assert said == "Column 'id' is odd: drop it, pass --ignore id (empty)."


def test_a_conversion_is_code_in_python_and_done_in_the_file_elsewhere():
    fix = ("conversion", "X['a'].astype(float)")
    error = InputError("is odd", column="a", remedy="drop it, or {}", settings=(fix,))
    assert str(error) == "Column 'a' is odd: drop it, or convert it with X['a'].astype(float)."
    said = error.sentence(CommandLineWording())
    assert said == "Column 'a' is odd: drop it, or convert it in the file."


@pytest.mark.parametrize("command", ["augment", "check", "compare", "fit", "sample"])
def test_a_link_to_itself_is_refused(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    os.symlink("loop.csv", "loop.csv")
    words = {"check": ["loop.csv", "loop.csv"], "sample": ["loop.csv", "-n", 3]}
    words = [command, *words.get(command, ["loop.csv"]), "--target", "y"]
    words = words[:-2] if command == "sample" else words
    words += ["--out", "new.csv"] if command in ("augment", "fit", "sample") else []
    assert "loop.csv: Too many levels of symbolic links" in run(*words, status=2).stderr


def test_a_link_to_itself_is_not_written_to(table, tmp_path):
    loop = tmp_path / "loop.csv"
    os.symlink("loop.csv", loop)
    words = ("augment", table, "--generator", "bootstrap", "--out", loop, "--overwrite")
    assert "is a link that leads back to itself" in run(*words, status=2).stderr
    assert loop.is_symlink()


def test_control_characters_of_a_file_do_nothing_to_the_terminal(tmp_path):
    label = "\x1b[31mred\x07"
    path = tmp_path / "in.csv"
    path.write_text("x,y\n" + "".join(f"{i}.5,{label if i % 2 else 'b'}\n" for i in range(20)))
    words = ("augment", path, "--target", "y", "--generator", "bootstrap")
    said = run(*words, "--out", tmp_path / "out.csv")
    assert "\\x1b[31mred\\x07" in said.output and "\x1b" not in said.output
    wrong = run(*words, "--out", tmp_path / "new.csv", "--ignore", label, status=2)
    assert "\x1b" not in wrong.stderr and "\x07" not in wrong.stderr
    wrong = run("augment", path, "--target", label, "--out", tmp_path / "new.csv", status=2)
    assert "\x1b" not in wrong.stderr


def test_integers_of_thousands_of_digits_are_text(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("x,y\n" + "".join(f"{'1' * 5000},{i % 2}\n" for i in range(20)))
    words = ("augment", path, "--target", "y", "--generator", "bootstrap")
    run(*words, "--out", tmp_path / "out.csv")
    assert "is not a number" not in run(*words, "--out", tmp_path / "o", status=2).stderr


def test_stale_metadata_of_pandas_are_no_fault(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=40).round(2), "y": np.tile(["a", "b"], 20)})
    frame.index = pd.Index(np.arange(40) * 2, name="key")
    whole = pa.Table.from_pandas(frame)
    junk = whole.drop_columns("key").replace_schema_metadata({"pandas": b'{"index_columns": 3}'})
    for name, table in {"stale": whole.drop_columns("key"), "junk": junk}.items():
        path, out = tmp_path / f"{name}.parquet", tmp_path / f"{name} new.parquet"
        pq.write_table(table, path)
        run("augment", path, "--target", "y", "--generator", "bootstrap", "--out", out)
        assert pq.read_table(out).num_rows == 80
        run("check", path, path, "--no-privacy", "--quiet")


@pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")
def test_a_reader_that_goes_away_is_no_failed_requirement(table, tmp_path):
    code = "import sys; from gan_augment.__main__ import main; sys.argv[1:] = {!r}; main()"
    words = ["augment", str(table), "--generator", "bootstrap", "--out", str(tmp_path / "o.csv")]
    # in a pipe commands say where they are after two seconds: on a busy machine that is here
    said = re.compile(r"(Starting \(\d+ s\)\n)*")
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-c", code.format(words)], stdout=write, stderr=subprocess.PIPE, text=True
    )
    os.close(write)
    assert done.returncode == 141 and said.fullmatch(done.stderr), done.stderr
    assert (tmp_path / "o.csv").read_text().startswith(CSV)


@pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")
def test_an_interruption_while_importing_ends_quietly():
    code = (
        "import sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from gan_augment.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


def test_an_interruption_of_a_command_has_a_status_of_its_own(table, tmp_path, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("gan_augment.io.tables.read_table", interrupted)
    done = run("augment", table, "--out", tmp_path / "o.csv", status=130)
    assert done.stderr == "Interrupted. Nothing was written.\n"


def test_labels_that_the_terminal_cannot_encode_are_written_out(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("x,y\n" + "".join(f"{i}.5,{'é' if i % 2 else 'b'}\n" for i in range(20)))
    words = ["augment", str(path), "--target", "y", "--generator", "bootstrap"]
    words += ["--out", str(tmp_path / "o.csv")]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "gan_augment", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0 and "\\xe9" in done.stdout
