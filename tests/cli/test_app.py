"""The command line from outside: what it writes, what it says, and how it fails."""

import io
import os
import shlex
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from commands import CSV, run

import gan_augment


def augment(table, out, *words, status=0):
    return run("augment", table, "--out", out, "--generator", "bootstrap", *words, status=status)


def test_real_rows_keep_their_text_and_new_rows_their_style(table, tmp_path):
    out = tmp_path / "out.csv"
    said = augment(table, out, "--target", "churn", "--balance", "fill", "--seed", 1).output
    text = out.read_text()
    assert text.startswith(CSV)
    real, new = set(CSV.splitlines()[1:]), text.removeprefix(CSV).splitlines()
    assert len(new) == 2
    assert all(line in real and line.endswith(",yes") for line in new)
    assert "yes" in said and "synthetic" in said and "read as dates" in said


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        ([], {"no": 3, "yes": 3}),
        (["--rows", "2.0"], {"no": 6, "yes": 6}),
        (["--rows", "4"], {"no": 2, "yes": 2}),
        (["--rows", "6", "--balance", "proportional"], {"no": 4, "yes": 2}),
        (["--rows", "0"], {}),
    ],
)
def test_rows_and_balance_decide_the_new_rows(table, tmp_path, words, labels):
    out = tmp_path / "out.csv"
    augment(table, out, "--target", "churn", "--mark", "synthetic", *words)
    frame = pd.read_csv(out)
    assert frame["synthetic"].tolist() == [False] * 6 + [True] * sum(labels.values())
    assert frame[frame["synthetic"]]["churn"].value_counts().to_dict() == labels


def test_without_a_target_the_table_is_learnt_without_labels(table, tmp_path):
    augment(table, tmp_path / "out.csv", "--rows", 4)
    assert len(pd.read_csv(tmp_path / "out.csv")) == 10


def test_parquet_keeps_its_types_and_column_order(tmp_path, mixed_frame, mixed_labels):
    mixed_frame.insert(2, "status", mixed_labels)
    mixed_frame.to_parquet(tmp_path / "in.parquet")
    augment(tmp_path / "in.parquet", tmp_path / "out.parquet", "--target", "status")
    before, after = (pd.read_parquet(tmp_path / f"{x}.parquet") for x in ("in", "out"))
    pd.testing.assert_frame_equal(after[:120], before)
    assert after[120:]["status"].value_counts().to_dict() == {"stay": 60, "churn": 60}


@pytest.mark.parametrize(("first", "second"), [("csv", "parquet"), ("parquet", "csv")])
def test_formats_can_be_crossed(table, tmp_path, first, second):
    start, out = tmp_path / f"start.{first}", tmp_path / f"out.{second}"
    frame = pd.read_csv(table, dtype={"code": str})
    frame.to_csv(start, index=False) if first == "csv" else frame.to_parquet(start)
    augment(start, out, "--target", "churn", "--rows", 2)
    read = pd.read_parquet if second == "parquet" else pd.read_csv
    back = read(out)
    assert list(back) == list(frame)
    assert len(back) == 8
    assert np.array_equal(back["price"][:6], frame["price"])


def test_the_same_seed_gives_the_same_file(table, tmp_path):
    outs = [tmp_path / f"{name}.csv" for name in "abc"]
    for out, seed in zip(outs, (3, 3, 4), strict=True):
        augment(table, out, "--target", "churn", "--rows", 40, "--seed", seed)
    a, b, c = (out.read_bytes() for out in outs)
    assert a == b != c


def test_formulas_in_new_rows_are_escaped_unless_raw(tmp_path):
    table = tmp_path / "in.csv"
    content = "x,note,y\n" + "".join(f"{i}.5,=A{i % 2},{'+-'[i % 2]}\n" for i in range(8))
    table.write_text(content)
    said = augment(table, tmp_path / "safe.csv", "--target", "y", "--rows", 3).output
    new = (tmp_path / "safe.csv").read_text().removeprefix(content)
    assert new.count(",'=A") == 3 and ",'+" not in new
    assert "3 text cells" in said
    augment(table, tmp_path / "raw.csv", "--target", "y", "--rows", 3, "--raw")
    assert "'" not in (tmp_path / "raw.csv").read_text()


def test_quiet_is_quiet(table, tmp_path):
    assert augment(table, tmp_path / "out.csv", "--target", "churn", "--quiet").output == ""


def test_files_are_replaced_only_on_request(table, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("mine")
    result = augment(table, out, status=2)
    assert "exists: choose another name or add --overwrite" in result.stderr
    assert out.read_text() == "mine"
    augment(table, out, "--overwrite")
    assert out.read_text().startswith(CSV)
    # the table that is read never is: its rows could not be told from new ones any more
    message = f"--out {out} is also the table: choose another name."
    assert message in augment(out, out, "--overwrite", status=2).stderr
    assert len(pd.read_csv(out)) == 12


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--target", "Churn"], "--target 'Churn' is not a column of"),
        (["--target", "churn", "--rows", "many"], "--rows 'many' is not a number"),
        (["--target", "churn", "--rows", "-1"], "-1"),
        (["--target", "churn", "--rows", "nan"], "nan"),
        (["--balance", "fill"], "--balance fill needs classes"),
        (["--task", "class"], "--task class says what the target holds: name its column"),
        (["--target", "churn", "--balance", "fill", "--rows", "9"], "drop --rows 9"),
        (["--target", "churn", "--mark", "city"], "--mark 'city' is already a column"),
        (["--target", "churn", "--mark", ""], "--mark '' is no name of a column"),
        (
            ["--ignore", "city", "--regenerate", "city"],
            "to be 'ignore' and 'regenerate'",
        ),
        (["--kind", "city=category", "--kind", "city=integer"], "choose one of them"),
        (
            ["--target", "churn", "--ignore", "code"],
            "takes no --ignore, --regenerate or --kind: drop that, or use gan, ctgan",
        ),
        (
            ["--target", "churn", "--locality", "0.5"],
            "takes no --locality: drop that, or use gan.",
        ),
        (["--target", "churn", "--model", "m.model"], "--model saves a GAN"),
        (["--target", "visits"], "--target 'visits' is missing in 1 of 6 rows"),
    ],
)
def test_mistakes_end_in_one_sentence_and_status_2(table, tmp_path, words, message):
    result = augment(table, tmp_path / "out.csv", *words, status=2)
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["--ignore", "nope"], "--ignore 'nope' is not a column"),
        (["--regenerate", "churn"], "--regenerate 'churn' is the target"),
    ],
)
def test_columns_named_for_the_gan_are_checked_before_training(table, tmp_path, columns, message):
    words = ("augment", table, "--target", "churn", "--out", tmp_path / "out.csv", *columns)
    assert message in run(*words, status=2).stderr


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.csv", "No such file"),
        ("absent.parquet", "absent.parquet"),
        ("broken.parquet", "cannot be read as Parquet"),
        ("empty.csv", "no header line"),
        ("folder.csv", "directory"),
        ("table.ods", "unknown suffix '.ods'"),
    ],
)
def test_files_that_cannot_be_read_are_reported(tmp_path, name, message):
    (tmp_path / "broken.parquet").write_bytes(b"not parquet")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "folder.csv").mkdir()
    result = augment(tmp_path / name, tmp_path / "out.csv", status=2)
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_places_that_cannot_be_written_are_reported_before_training(table, tmp_path, monkeypatch):
    result = augment(table, tmp_path / "no" / "out.csv", status=2)
    assert "does not exist: create this folder first." in result.stderr
    (tmp_path / "folder.csv").mkdir()
    for words in ((), ("--overwrite",)):
        result = augment(table, tmp_path / "folder.csv", *words, status=2)
        assert "folder.csv is a folder: name a file." in result.stderr
    monkeypatch.setattr("os.access", lambda path, mode: mode != os.W_OK)
    result = augment(table, tmp_path / "out.csv", status=2)
    assert "is a folder you may not write to" in result.stderr


@pytest.mark.parametrize(
    ("name", "other"), [("out.csv", "also --out"), ("in.csv", "also the table")]
)
def test_a_model_takes_the_place_of_no_table(table, tmp_path, name, other):
    files = ("--out", tmp_path / "out.csv", "--model", tmp_path / "." / name, "--overwrite")
    assert other in run("augment", table, *files, status=2).stderr
    assert table.read_text() == CSV


def test_a_full_disk_is_reported_with_the_name_asked_for(table, tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    result = augment(table, tmp_path / "out.csv", status=2)
    assert f"{tmp_path / 'out.csv'}: No space left on device." in result.stderr


@pytest.mark.sdv
def test_peers_make_rows_too(tmp_path):
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    cells = (f"u{i},{i % 7}.5,{'ab'[i % 2]}" for i in range(40))
    table.write_text("\n".join(["id,x,y", *cells]))
    words = ("augment", table, "--target", "y", "--rows", 20, "--regenerate", "id")
    run(*words, "--generator", "gaussiancopula", "--out", out)
    rows = out.read_text().split()
    assert len(rows) == 1 + 40 + 20 and rows[-1].startswith("synthetic-")
    refused = run(*words, "--generator", "vae", "--out", tmp_path / "no.csv", status=2)
    assert "--generator vae makes images" in refused.stderr


def test_identifiers_are_refused_with_the_options_that_help(tmp_path):
    table = tmp_path / "in.csv"
    table.write_text("id,x,y\n" + "".join(f"k{i},{i}.5,{i % 2}\n" for i in range(30)))
    words = ("augment", table, "--target", "y", "--out", tmp_path / "out.csv")
    result = run(*words, "--generator", "smote", status=2)
    assert "Column 'id' of" in result.stderr
    assert "pass --generator gan with --ignore id (missing in synthetic rows)" in result.stderr


def test_all_problems_of_a_file_are_said_at_once_with_a_line_to_paste(tmp_path):
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    rng = np.random.default_rng(0)
    days = pd.to_datetime([f"2020-{1 + i % 12}-{1 + i // 12 % 12}" for i in range(144)])
    power = [*map(str, rng.integers(46, 230, 143)), "?"]
    label = [*rng.choice(["ja", "nein"], 143), "?"]
    frame = pd.DataFrame({"id": [f"c{i}" for i in range(144)], "day": days.strftime("%d/%m/%Y")})
    frame = frame.assign(hp=power, price=[f"${v:,.2f}" for v in rng.normal(5e3, 9e2, 144)])
    frame.assign(city="Köln", y=label).to_csv(table, index=False, encoding="cp1252")
    words = ("augment", table, "--target", "y", "--rows", 6, "--seed", 0, "--out", out)
    said = run(*words, status=2).stderr
    assert "'?' in 1 of 144 cells" in said and "has the label '?' in 1 of 144 rows" in said
    assert said.startswith("4 columns cannot be learnt as they are.\n")
    line = shlex.split(said.splitlines()[-1].removeprefix("All together: "))
    said = " ".join(run(*words, *line).stdout.split())
    assert "was read as cp1252" in said and "read as numbers written as '$1,234.00'" in said
    text = out.read_bytes().decode("cp1252")
    assert text.startswith(table.read_bytes().decode("cp1252"))
    new = pd.read_csv(io.StringIO(text), dtype=str).iloc[144:]
    assert new["price"].str.fullmatch(r"\$[0-9],[0-9]{3}\.[0-9]{2}").all() and len(new) == 6
    assert pd.to_datetime(new["day"], format="%d/%m/%Y").dt.year.eq(2020).all()
    assert new["id"].isna().all() and set(new["y"]) <= {"ja", "nein"}


def test_a_column_may_be_learnt_as_its_owner_says(tmp_path):
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text("id,zip,y\n" + "".join(f"{i},{10115 + i % 2},{i % 3}\n" for i in range(60)))
    words = ("augment", table, "--target", "y", "--out", out, "--seed", "0", "--overwrite")
    assert "'id'" in run(*words, status=2).stderr
    run(*words, "--kind", "zip=category", "--kind", "id=integer")
    new = pd.read_csv(out).iloc[60:]
    assert set(new["zip"]) <= {10115, 10116} and new["id"].between(0, 59).all()
    assert "NAME=KIND" in run(*words, "--kind", "zip", status=2).stderr
    assert "unknown kind" in run(*words, "--kind", "zip=colour", status=2).stderr


def test_the_task_decides_what_a_target_of_numbers_is(tmp_path):
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text("x,y\n" + "".join(f"{i / 7:.3f},{i % 30}\n" for i in range(90)))
    said = augment(table, out, "--target", "y").output
    assert "'y' was taken for a number" in said
    said = augment(table, out, "--target", "y", "--task", "class", "--overwrite").output
    assert "'y' was taken for 30 classes" in said


def test_times_that_are_meant_as_rows_are_refused(table, tmp_path):
    result = augment(table, tmp_path / "out.csv", "--rows", "500.0", status=2)
    assert "500.0 times the rows" in result.stderr and "whole number, such as 500" in result.stderr
    result = augment(table, tmp_path / "out.csv", "--rows", "-5", status=2)
    assert "-5 is negative" in result.stderr


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_an_ignored_column_of_numbers_is_empty_in_new_rows(tmp_path, suffix):
    frame = pd.DataFrame({"id": range(30), "x": np.arange(30) ** 0.5, "y": list("ab") * 15})
    start, out = tmp_path / f"in.{suffix}", tmp_path / f"out.{suffix}"
    frame.to_csv(start, index=False) if suffix == "csv" else frame.to_parquet(start)
    words = ("--target", "y", "--ignore", "id", "--rows", 2, "--out", out)
    run("augment", start, *words)
    back = pd.read_csv(out) if suffix == "csv" else pd.read_parquet(out)
    assert back["id"][:30].tolist() == list(range(30))
    assert back["id"][30:].isna().tolist() == [True, True]
    if suffix == "csv":
        assert out.read_text().startswith(start.read_text())


def test_warnings_are_notes_and_silent_if_quiet(tmp_path):
    start = tmp_path / "in.csv"
    # each combination occurs once, so that any new row equals a real one
    cells = "".join(f"{i % 4},k{i // 4},{'ab'[i % 3 > 0]}\n" for i in range(24))
    start.write_text("x,k,y\n" + cells)
    words = ("augment", start, "--target", "y", "--rows", 3, "--overwrite", "--out")
    said = run(*words, tmp_path / "out.csv")
    assert (
        "equal a real row" in " ".join(said.stdout.split())
        and "AugmentationWarning" not in said.output
    )
    assert run(*words, tmp_path / "out.csv", "--quiet").output == ""


def test_copies_are_redrawn_and_counted_unless_allowed(tmp_path):
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=40).round(1), "k": rng.choice(list("uv"), 40)})
    frame = frame.drop_duplicates().reset_index(drop=True)
    frame.assign(y=frame["x"] > 0).to_csv(path, index=False)
    words = ("augment", path, "--out", out, "--target", "y", "--rows", 300, "--generator", "smote")
    said = run(*words, "--seed", 0).output
    copies = {}
    for allowed in ((), ("--allow-copies",)):
        run(*words, "--seed", 0, "--overwrite", *allowed)
        new = pd.read_csv(out).iloc[len(frame) :]
        copies[allowed] = len(new.merge(frame, on=["x", "k"]))
    assert copies[()] == 0 < copies["--allow-copies",]
    assert "rows equal to a real one were drawn again" in " ".join(said.split())


def test_version_and_help():
    assert run("--version").output == f"gan-augment {gan_augment.__version__}\n"
    for verb in ("augment", "sample", "demo"):
        assert verb in run("--help").output
        assert run(verb, "--help").output
    assert "Example" in run("augment", "--help").output


def test_help_needs_neither_torch_nor_pandas():
    code = (
        "import sys, gan_augment.cli.app\n"
        "print([m for m in ('torch', 'sdv', 'pandas', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
