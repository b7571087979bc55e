"""``gan-augment check`` from outside, and what it shares with ``compare``."""

import json

import numpy as np
import pandas as pd
import pytest
from commands import people, run

from gan_augment.evaluation import quality


def test_check_measures_all_groups_and_writes_page_and_json(tables):
    page, data = tables / "q.html", tables / "q.json"
    said = run(
        *("check", tables / "real.csv", tables / "fresh.csv", "--holdout", tables / "holdout.csv"),
        *("--target", "churn", "--report", page, "--json", data),
    ).output
    html, content = page.read_text(encoding="utf-8"), json.loads(data.read_text(encoding="utf-8"))
    for group in ("fidelity", "diversity", "utility", "privacy"):
        assert group in said
    assert "membership" in said and "reference" in said
    assert content["schema"].startswith("gan_augment.quality/")
    assert "told apart by a model" in html and len(html) < 3_000_000


def test_a_requirement_that_fails_is_status_1_and_the_page_is_still_written(tables):
    page = tables / "q.html"
    words = ("check", tables / "real.csv", tables / "real.csv", "--quiet")
    required = ("--require", "exact_copies<=0.01", "--require", "ks>=0.5")
    failed = run(*words, "--report", page, *required, status=1)
    assert "exact_copies is 1.000" in failed.stderr and "ks" not in failed.stderr
    assert page.exists() and not failed.stdout
    assert not run(*words, "--require", "exact_copies<=1").stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--require", "c2st=0.8"], "cannot be read"),
        (["--require", "beauty>=0.8"], "names no metric"),
        (["--require", "ks[colour]>=0.8"], "no figure for 'colour'"),
        (["--target", "colour"], "'colour' is not a column"),
        (["--ignore", "colour"], "'colour' is not a column"),
        (["--require", "membership<=0.6"], "with --holdout"),
        (["--require", "singling_out<=0.6"], "with --holdout"),
        (["--require", "tstr>=0.6"], "name a column with --target"),
        (["--require", "importance_agreement>=0.6"], "name a column with --target"),
        (["--require", "sdmetrics_score>=0.6"], "add --sdmetrics"),
        (["--anonymeter"], "--anonymeter takes a holdout"),
        (["--no-privacy", "--require", "exact_copies<=0.6"], "drop --no-privacy"),
    ],
)
def test_check_says_in_one_sentence_what_is_wrong(tables, words, sentence):
    result = run("check", tables / "real.csv", tables / "fresh.csv", *words, status=2)
    assert sentence in result.stderr and "Traceback" not in result.stderr


def test_what_cannot_be_measured_is_refused_before_anything_is(tables, monkeypatch):
    measured = []
    monkeypatch.setattr(quality, "quality_report", lambda *_, **__: measured.append(1))
    run("check", tables / "real.csv", tables / "fresh.csv", "--require", "tstr>=0.6", status=2)
    assert not measured


@pytest.mark.sdv
def test_the_score_of_sdmetrics_can_be_asked_for(tables):
    words = ("check", tables / "real.csv", tables / "fresh.csv", "--no-privacy", "--sdmetrics")
    assert "sdmetrics_score" in run(*words, "--require", "sdmetrics_score>=0.5").stdout


def test_a_fault_of_ours_is_no_requirement_that_failed(tables, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(quality, "quality_report", broken)
    result = run("check", tables / "real.csv", tables / "fresh.csv", status=70)
    assert "a fault of ours" in result.stderr and "please report it" in result.stderr


def test_a_column_named_row_reaches_page_and_json(tables):
    for name in ("real", "fresh"):
        people(60).rename(columns={"age": "row", "city": "column"}).to_csv(
            tables / f"{name}.csv", index=False
        )
    page, data = tables / "q.html", tables / "q.json"
    run("check", tables / "real.csv", tables / "fresh.csv", "--report", page, "--json", data)
    columns = json.loads(data.read_text())["tables"]["implausible_rows"]["columns"]
    assert columns[:2] == ["row_2", "P(synthetic)"] and {"row", "column"} < set(columns)
    assert page.exists()


def test_the_help_shows_brackets_as_they_are_typed(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert "ks[age]>=0.9" in run("check", "--help").stdout


def test_tables_with_other_columns_are_refused(tables):
    people(60).drop(columns="city").to_csv(tables / "other.csv", index=False)
    result = run("check", tables / "real.csv", tables / "other.csv", status=2)
    assert "city" in result.stderr


def test_files_that_exist_are_kept_unless_asked(tables):
    (tables / "r.html").write_text("mine")
    for command in (
        ("check", tables / "real.csv", tables / "fresh.csv"),
        ("compare", tables / "real.csv", "--target", "churn"),
    ):
        result = run(*command, "--report", tables / "r.html", status=2)
        assert "exists" in result.stderr
    assert (tables / "r.html").read_text() == "mine"


def test_hostile_names_reach_the_page_as_text_also_where_a_requirement_means_nothing(tables):
    hostile = "<img src=x onerror=alert(1)>"
    for name in ("real", "fresh"):
        frame = people(60).rename(columns={"city": hostile})
        frame.replace("Bonn", "</script><script>alert(1)</script>").to_csv(
            tables / f"{name}.csv", index=False
        )
    page = tables / "q.html"
    words = ("check", tables / "real.csv", tables / "fresh.csv", "--no-privacy", "--report", page)
    assert "no figure for 'colour'" in run(*words, "--require", "ks[colour]>=0", status=2).stderr
    html = page.read_text(encoding="utf-8")
    assert "<img src=x" not in html and html.count("<script") == 1
    assert "&lt;img src=x onerror" in html


@pytest.mark.parametrize(
    ("command", "options", "sentence"),
    [
        ("compare", ["--report", "real.csv"], "--report real.csv is also TRAIN"),
        ("compare", ["--json", "./real.csv"], "is also TRAIN"),
        ("check", ["--report", "real.csv"], "--report real.csv is also REAL"),
        ("check", ["--json", "fresh.csv"], "--json fresh.csv is also SYNTHETIC"),
        ("check", ["--holdout", "holdout.csv", "--json", "holdout.csv"], "is also --holdout"),
        ("check", ["--report", "r", "--json", "r"], "--report r is also --json"),
    ],
)
def test_no_answer_takes_the_place_of_what_is_read(
    tables, monkeypatch, command, options, sentence
):
    monkeypatch.chdir(tables)
    before = {path: path.read_bytes() for path in tables.iterdir()}
    inputs = ["real.csv"] if command == "compare" else ["real.csv", "fresh.csv"]
    words = (command, *inputs, "--target", "churn", *options, "--overwrite")
    assert f"{sentence}: choose another name." in run(*words, status=2).stderr
    assert {path: path.read_bytes() for path in tables.iterdir()} == before


def test_the_rows_that_augment_added_are_checked_without_the_real_ones(tables):
    both = pd.concat([pd.read_csv(tables / f"{name}.csv") for name in ("real", "fresh")])
    both.to_csv(tables / "both.csv", index=False)
    both.assign(made=np.arange(240) >= 120).to_csv(tables / "marked.csv", index=False)
    words = ("--no-privacy", "--json", tables / "q.json", "--overwrite")
    answers = []
    for name in ("fresh", "both", "marked"):
        said = run("check", tables / "real.csv", tables / f"{name}.csv", *words).output
        assert ("the 120 rows after them are compared" in " ".join(said.split())) == (
            name != "fresh"
        )
        answers.append(json.loads((tables / "q.json").read_text(encoding="utf-8"))["metrics"])
    assert answers[0] == answers[1] == answers[2]


def test_a_column_of_any_table_can_be_left_out(tables):
    fresh = pd.read_csv(tables / "fresh.csv").assign(made=True)
    fresh.to_csv(tables / "marked.csv", index=False)
    words = ("check", tables / "real.csv", tables / "marked.csv", "--no-privacy", "-q")
    assert "'made'" in run(*words, status=2).stderr
    run(*words, "--ignore", "made")


def test_several_synthetic_files_are_ranked_on_one_page(tables):
    rng = np.random.default_rng(0)
    fresh = pd.read_csv(tables / "fresh.csv")
    fresh.apply(lambda column: rng.permutation(column.to_numpy())).to_csv(
        tables / "bad.csv", index=False
    )
    page, data = tables / "q.html", tables / "q.json"
    words = ("check", tables / "real.csv", tables / "bad.csv", tables / "fresh.csv")
    said = run(*words, "--target", "churn", "--no-privacy", "--report", page, "--json", data)
    content = json.loads(data.read_text(encoding="utf-8"))
    at = content["ranking"]["columns"].index("synthetic")
    names = [row[at] for row in content["ranking"]["rows"]]
    assert names.index("fresh.csv") < names.index("bad.csv")
    assert {"duplicates", "other real rows"} < set(names)
    assert "Those that share a rank cannot be told apart" in said.output
    assert "The order" in page.read_text(encoding="utf-8")


def test_each_of_several_files_has_to_meet_what_is_required(tables):
    copied = tables / "copied.csv"
    pd.read_csv(tables / "real.csv").to_csv(copied, index=False)
    words = ("check", tables / "real.csv", copied, tables / "fresh.csv", "--quiet")
    failed = run(*words, "--no-controls", "--require", "exact_copies<=0.01", status=1)
    assert "copied.csv: exact_copies is 1.000" in failed.stderr and "fresh" not in failed.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fresh.csv", "fresh.csv"], "fresh.csv is named twice"),
        (["fresh.csv", "holdout.csv", "--rank-by", "tstr"], "is not measured without target"),
        (["fresh.csv", "few.csv"], "few.csv has 5 rows"),
        (["fresh.csv", "holdout.csv", "--json", "holdout.csv"], "is also SYNTHETIC 1"),
    ],
)
def test_several_files_that_cannot_be_ranked_are_refused(tables, monkeypatch, words, sentence):
    monkeypatch.chdir(tables)
    people(5).to_csv("few.csv", index=False)
    assert sentence in run("check", "real.csv", *words, "--overwrite", status=2).stderr
