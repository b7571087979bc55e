"""``gan-augment compare`` and ``check`` from outside: figures, files, exit status."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from commands import run

from gan_augment.evaluation import quality


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


@pytest.fixture
def tables(tmp_path):
    for name, seed in {"real": 0, "fresh": 1, "holdout": 2}.items():
        people(120, seed).to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path


@pytest.fixture
def compare(tables):
    """Run ``compare`` on the smallest setting."""

    def run_(*words, target="churn", learners="lr", status=0):
        table = tables / "real.csv"
        shared = ("--target", target, "--quick", "--max-rows", 60, "--learners", learners)
        return run("compare", table, *shared, *words, status=status)

    return run_


def test_compare_answers_and_writes_page_and_json(compare, tables):
    page, data = tables / "r.html", tables / "r.json"
    said = compare("--report", page, "--json", data).output
    html, content = page.read_text(encoding="utf-8"), json.loads(data.read_text(encoding="utf-8"))
    assert "ugment" in said and "linear model" in said and "nan" not in said
    assert "60 rows drawn from 120" in said
    assert content["schema"].startswith("gan_augment.comparison/")
    assert content["settings"]["target"] == "churn"
    assert html.index(content["verdict"].split(":")[0]) < html.index("<h2")
    assert "real.csv" in html
    assert len(html) < 3_000_000
    failed = {row[1] for row in content["frame"]["rows"] if row[-1]}
    assert failed <= {"SMOTE"}  # which cannot take the missing cells, and says so
    assert "What failed" not in html and "What does not apply" in html
    assert "60 of 120" in html


def test_compare_is_deterministic(compare, tables):
    rows = []
    for name in ("a.json", "b.json"):
        compare("--json", tables / name, "--seed", 3, "-q")
        summary = json.loads((tables / name).read_text())["summary"]
        scores = summary["columns"].index("score")
        rows.append([row[scores] for row in summary["rows"]])
    assert rows[0] == rows[1]


def test_compare_knows_numbers_amounts_and_sizes(compare, tables):
    page = tables / "r.html"
    said = compare(
        *("--rows", "0.5,20", "--sizes", "20", "--report", page), target="income"
    ).output
    assert "r2" in said
    assert "How much" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--learners", "lr,magic"], "'magic' is unknown"),
        (["--rows", "many"], "--rows 'many' is not a number"),
        (["--sizes", "fill"], "--sizes 'fill'"),
        (["--sizes", ""], "--sizes '' is not a number: pass 0.5 (of the rows) or 500 (rows)"),
        (["--sizes", "1"], "train_sizes contains 1"),
        (["--jobs", "0"], "--jobs 0 runs nothing"),
        (["--ignore", "colour"], "'colour' is not a column"),
        (["--ignore", "churn"], "is the target"),
        (["--scoring", "charm"], "'charm' is unknown"),
        (["--report", "/nowhere/r.html"], "is not a folder"),
    ],
)
def test_compare_says_in_one_sentence_what_is_wrong(tables, words, sentence):
    table = tables / "real.csv"
    result = run("compare", table, "--target", "churn", "--quick", *words, status=2)
    assert sentence in result.stderr
    assert not result.stdout and "Traceback" not in result.stderr


def test_an_identifier_is_refused_with_its_cure(tables):
    frame = people(120).assign(id=[f"customer {i}" for i in range(120)])
    frame.to_csv(tables / "ids.csv", index=False)
    words = ("--target", "churn", "--quick", "--max-rows", 60, "--learners", "lr")
    result = run("compare", tables / "ids.csv", *words, status=2)
    assert f"Column 'id' of {tables / 'ids.csv'} has 120" in result.stderr
    assert "pass --ignore id" in result.stderr
    run("compare", tables / "ids.csv", *words, "--ignore", "id", "--quiet")


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
    words = ("check", tables / "real.csv", tables / "real.csv", "--quiet", "--report", page)
    failed = run(*words, "--require", "exact_copies<=0.01", "--require", "ks>=0.5", status=1)
    assert "exact_copies is 1.000" in failed.stderr and "ks" not in failed.stderr
    assert page.exists() and not failed.stdout
    assert not run(*words, "--overwrite", "--require", "exact_copies<=1").stderr


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


def test_the_page_is_there_where_a_requirement_means_nothing(tables):
    page = tables / "q.html"
    words = ("check", tables / "real.csv", tables / "fresh.csv", "--no-privacy", "--report", page)
    assert "no figure for 'colour'" in run(*words, "--require", "ks[colour]>=0", status=2).stderr
    assert page.exists()


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
    assert columns[:2] == ["row_", "P(synthetic)"] and {"row", "column"} < set(columns)
    assert page.exists()


def test_the_help_shows_brackets_as_they_are_typed(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert "ks[age]>=0.9" in run("check", "--help").stdout


def test_the_region_that_makes_no_difference_can_be_set(compare, tables):
    compare("--json", tables / "r.json", "--rope", 0.5)
    content = json.loads((tables / "r.json").read_text())
    assert content["rope"] == 0.5 and "stays within 0.5" in content["verdict"]


def test_blanks_between_scorers_are_no_part_of_their_names(compare, tables):
    compare("--json", tables / "r.json", "--scoring", "accuracy, balanced_accuracy")
    summary = json.loads((tables / "r.json").read_text())["summary"]
    at = summary["columns"].index("scorer")
    assert {row[at] for row in summary["rows"]} == {"accuracy", "balanced_accuracy"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_quiet_is_silent_where_learners_warn(tables, jobs):
    rare = people(60).assign(churn=["often"] * 58 + ["rare"] * 2)  # fewer than the folds want
    rare.to_csv(tables / "real.csv", index=False)
    command = "import sys; from gan_augment.cli.app import app; app(sys.argv[1:])"
    words = ["compare", tables / "real.csv", *"--target churn --quick --quiet --jobs".split()]
    words = [sys.executable, "-c", command, *map(str, words), str(jobs)]
    found = subprocess.run(words, capture_output=True, text=True, check=True)  # as pytest listens
    assert (found.stdout, found.stderr) == ("", "")


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


def test_hostile_names_reach_the_page_as_text(tables):
    hostile = "<img src=x onerror=alert(1)>"
    for name in ("real", "fresh"):
        frame = people(60).rename(columns={"city": hostile})
        frame.replace("Bonn", "</script><script>alert(1)</script>").to_csv(
            tables / f"{name}.csv", index=False
        )
    page = tables / "q.html"
    run("check", tables / "real.csv", tables / "fresh.csv", "--no-privacy", "--report", page)
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


def test_compare_says_what_the_target_was_taken_for(compare):
    assert "taken for 2 classes (--task says otherwise)" in " ".join(compare().output.split())
    said = " ".join(compare("--task", "class", target="member").output.split())
    assert "The target 'member' was taken for 2 classes" in said
    assert "but target='number'" in compare("--task", "number", status=2).stderr
