"""Awkward files and options end in one sentence before any training."""

import os
import re

import pytest
from refusals import X, Y
from typer.testing import CliRunner

from gan_augment.cli.app import app

CSV = X.head(30).assign(y=Y).round(3).to_csv(index=False)
FILES = {
    "in.csv": CSV.encode(),
    "empty.csv": b"",
    "header.csv": b"a,k,y\n",
    "one.csv": ("y\n" + "".join(f"{i}.5\n" for i in range(30))).encode(),
    "binary.csv": bytes(range(256)) * 20,
    "iris.csv": b"5.1,setosa\n4.9,other\n" * 10,
    "gaps.csv": "".join(
        ["a,y\n", "7.5,\n" * 3, *(f"{i}.5,{i % 2}\n" for i in range(27))]
    ).encode(),
    "marks.csv": "".join(
        ["a,y\n", "1,?\n", *(f"{i}.5,{'yn'[i % 2]}\n" for i in range(29))]
    ).encode(),
    "bad.csv.gz": b"no gzip",
    "ragged.csv": b"a,y\n1,2\n1,2,3\n4,5\n",
    "footer.csv": b"a,y\n" + b"1,2\n3,4\n" * 5 + b"Source: us\n",
    "page.csv": b"<!DOCTYPE html><html></html>",
    "sjis.csv": "都市,y\n東京,1\n大阪,2\n京都,3\n".encode("shift_jis"),
    "wrong_byte.csv": b"a,y\nK\xc3\xb6ln,1\nK\xf6ln,2\nK\xc3\xb6ln,1\n",
    "quote.csv": b'a,y\n"1,0\n2,1\n',
    "bad.parquet": b"PAR1nope",
    "sheet.ods": b"PK",
}
COMMANDS = {
    "missing_file": ("augment absent.csv", r"absent\.csv does not exist .*: check the name"),
    "folder_for_a_file": ("augment dir.csv", r"dir\.csv is a folder, not a file .*: name a file"),
    "empty_file": ("augment empty.csv", r"empty\.csv has no header line: name the columns"),
    "header_alone": (
        "augment header.csv",
        r"header\.csv has a header but no rows: write",
    ),
    "one_column": ("augment one.csv", r"one\.csv has no column beside the target 'y': add feat"),
    "binary_file": ("augment binary.csv", r"binary\.csv is no file of text .*: check the file"),
    "ragged_lines": (
        "augment ragged.csv",
        r"Line 3 of ragged\.csv has 3 cells .*: every row need",
    ),
    "footer": ("augment footer.csv", r"Line 12 of footer\.csv has 1 cell .*: add --drop-ragged"),
    "web_page": ("augment page.csv", r"page\.csv is a web page, not a table: download the file"),
    "unknown_letters": (
        "augment sjis.csv",
        r"sjis\.csv is in an encoding .*: name it with --encoding shift_jis",
    ),
    "wrong_byte": (
        "augment wrong_byte.csv",
        r"wrong_byte\.csv is UTF-8, but not on line 3: mend it, or drop the wrong bytes",
    ),
    "open_quote": (
        "augment quote.csv",
        r"Line 2 of quote\.csv begins a row that cannot be read.*: check its quotes",
    ),
    "damaged_parquet": ("augment bad.parquet", r"bad\.parquet cannot be read.*: check the file"),
    "unknown_suffix": ("augment sheet.ods", r"unknown suffix '\.ods': save it as \.csv"),
    "no_names": ("augment iris.csv", r"iris\.csv has a first row .*: pass --no-header if"),
    "unknown_encoding": ("augment in.csv --encoding xx", r"--encoding 'xx' is unknown: pass one"),
    "no_layout": ("augment in.csv --dates a", r"--dates 'a' names no layout: write NAME=LAYOUT"),
    "packed_badly": ("augment bad.csv.gz", r"bad\.csv\.gz cannot be unpacked .*: pack it again"),
    "unlabeled": ("augment gaps.csv", r"--target 'y' is missing in 3 of 30 rows: add --drop-unl"),
    "mark_as_label": (
        "augment marks.csv",
        r"--target 'y' has the label '\?' in 1 of 30 rows.*: add --missing '\?' --drop-unlabeled",
    ),
    "unknown_target": (
        "augment in.csv --target zz",
        r"--target 'zz' is not a column of .*'a', 'b",
    ),
    "no_folder_for_out": ("augment in.csv --out none/o.csv", r"none does not exist: create this"),
    "out_is_the_input": ("augment in.csv --out in.csv", r"in\.csv exists: choose another name or"),
    "out_is_a_folder": ("augment in.csv --out dir.csv", r"dir\.csv is a folder: name a file"),
    "out_unknown_suffix": (
        "augment in.csv --out o.dat",
        r"unknown suffix '\.dat': save it as \.csv",
    ),
    "negative_rows": ("augment in.csv --rows -5", r"^--rows -5 is negative.*: pass"),
    "huge_rows": (
        "augment in.csv --rows 1000000000000",
        r"1000000000000 is more than the 1,000,000,000 .*: ask for fewer",
    ),
    "huge_times": ("augment in.csv --rows 1e300", r"--rows 1e300 would be .*such as 1000000\.$"),
    "rows_of_words": ("augment in.csv --rows many", r"--rows 'many' is not a number: pass 1\.0"),
    "ignore_no_column": ("augment in.csv --ignore zz", r"--ignore 'zz' is not a column of .*'a'"),
    "mark_taken": (
        "augment in.csv --mark a",
        r"^--mark 'a' is already a column.*: choose another",
    ),
    "kind_unknown": (
        "augment in.csv --kind a=money",
        r"^--kind a=money asks for an unknown kind: choose one",
    ),
    "check_missing": ("check in.csv absent.csv", r"absent\.csv does not exist .*: check the name"),
    "check_other_columns": (
        "check in.csv one.csv",
        r"one\.csv lacks \['a', .*: pass tables with",
    ),
    "compare_unknown": ("compare in.csv --target zz", r"--target 'zz' is not a column of .*'a'"),
    "model_of_junk": ("sample binary.csv -n 3", r"binary\.csv is not a gan_augment model file"),
    "model_missing": ("sample absent -n 3", r"absent does not exist .*: check the name"),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "dir.csv").mkdir()
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_command_line(name, folder):
    words, says = COMMANDS[name]
    words = words.split()
    if words[0] in ("augment", "sample") and "--out" not in words:
        words += ["--out", "new.csv"]
    if words[0] == "augment" and "--target" not in words:
        words += ["--target", "y"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2, result.output
    said = result.stderr.strip()
    assert "\n" not in said and "Traceback" not in said
    assert re.search(says, said), said
    assert {path.name for path in folder.iterdir()} == {*FILES, "dir.csv"}
    assert all((folder / name).read_bytes() == content for name, content in FILES.items())


def test_a_folder_that_may_not_be_written(folder, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode, **kwargs: mode != os.W_OK)
    words = ["augment", "in.csv", "--target", "y", "--out", "new.csv"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert re.search(r"is a folder you may not write to: choose another", result.stderr)


def test_a_file_that_may_not_be_read(folder, monkeypatch):
    def denied(*args, **kwargs):
        raise PermissionError(13, "Permission denied", "in.csv")

    monkeypatch.setattr("gan_augment.io.tables.read_table", denied, raising=False)
    result = CliRunner().invoke(app, ["augment", "in.csv", "--target", "y", "--out", "new.csv"])
    assert result.exit_code == 2
    assert re.search(r"^in\.csv may not be opened .*: choose another", result.stderr.strip())
