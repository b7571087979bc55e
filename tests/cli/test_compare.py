"""``gan-augment compare`` from outside: figures, files, exit status."""

import json
import re
import shlex
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from commands import people, run

from gan_augment.cli import compare as compare_command

DOCUMENTED = (Path(__file__).parents[2] / "docs" / "command_line.rst").read_text(encoding="utf-8")


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
    assert "taken for 2 classes (--task says otherwise)" in " ".join(said.split())
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
        (["--sizes", "1"], "--sizes contains 1"),
        (["--jobs", "0"], "--jobs 0 runs nothing"),
        (["--ignore", "colour"], "'colour' is not a column"),
        (["--ignore", "churn"], "is the target"),
        (["--scoring", "charm"], "--scoring 'charm' is unknown"),
        (["--scoring", "r2"], "--scoring 'r2' is a score of numbers"),
        (["--pos-label", "maybe"], "--pos-label 'maybe' is no class of the target"),
        (["--groups", "colour"], "'colour' is not a column"),
        (["--groups", "churn"], "--groups 'churn' is the target"),
        (["--generator", "gan,magic"], "--generator 'magic' is unknown: use gan"),
        (["--generator", "smote"], "--generator 'smote' is a control and always compared"),
        (["--subgroups", "colour"], "--subgroups 'colour' is no column"),
        (["--report", "/nowhere/r.html"], "/nowhere does not exist: create this folder first"),
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


def test_the_region_that_makes_no_difference_can_be_set_and_blanks_are_no_part_of_names(
    compare, tables
):
    words = ("--scoring", "accuracy, balanced_accuracy")
    compare("--json", tables / "r.json", "--rope", 0.5, *words)
    content = json.loads((tables / "r.json").read_text())
    assert content["rope"] == 0.5 and "stays within 0.5" in content["verdict"]
    summary = content["summary"]
    at = summary["columns"].index("scorer")
    assert {row[at] for row in summary["rows"]} == {"accuracy", "balanced_accuracy"}


def test_the_documented_example_of_one_class_and_whole_groups_runs(compare, tables):
    data, page = tables / "r.json", tables / "r.html"
    ids = [f"customer {i}" for i in range(120)]
    customers = people(120).assign(customer=[i // 6 for i in range(120)], id=ids)
    customers.to_csv(tables / "real.csv", index=False)
    example = re.search(r"(--generator gan --scoring .+?)--report", DOCUMENTED, re.DOTALL)[1]
    words = shlex.split(example.replace("\\\n", " "))
    assert {"--pos-label", "--groups", "--subgroups"} <= set(words)
    compare(*words, "--ignore", "id", "--raw-probabilities", "--json", data, "--report", page)
    assert "Where it helps" in page.read_text(encoding="utf-8")
    content = json.loads(data.read_text())
    settings = content["settings"]
    assert settings["grouped"] and not settings["correct_class_shares"]
    assert settings["primary"] == ["f1"] and content["subgroups"]["rows"]
    names, rows = content["frame"]["columns"], content["frame"]["rows"]
    of, why = names.index("augmenter"), names.index("reason")
    assert {row[why] for row in rows if row[of] in ("none", "gan")} == {""}
    assert {"none", "gan", "jitter", "class weights"} <= {row[of] for row in rows}


def test_folds_are_drawn_again_where_a_gain_could_become_certain(tables, monkeypatch):
    def folds(*words):
        words = ("--target", "churn", "--learners", "lr", "--folds", 2, "--jobs", 1, *words)
        files = ("--json", tables / "r.json", "--overwrite", "--quiet", "--max-rows", 60)
        run("compare", tables / "real.csv", *words, *files)
        frame = json.loads((tables / "r.json").read_text())["frame"]
        names, rows = frame["columns"], frame["rows"]
        at = [names.index(name) for name in ("augmenter", "scorer", "fold", "score")]
        return {(row[at[0]], row[at[1]], row[at[2]]): row[at[3]] for row in rows}

    once = folds("--rope", 0.9)  # nothing gains so much
    assert {fold for _, _, fold in once} == {0, 1}
    monkeypatch.setattr(compare_command, "SECOND_LOOK", {"augmenter": -1, "control": -1})
    twice = folds("--rope", 0.9)
    assert {fold for _, _, fold in twice} == {0, 1, 2, 3} and once.items() <= twice.items()


def test_folds_of_groups_are_drawn_as_often_as_asked(tables):
    people(60).assign(customer=[i // 6 for i in range(60)]).to_csv(tables / "g.csv", index=False)
    words = ("--target", "churn", "--learners", "lr", "--groups", "customer", "--jobs", 1, "-q")
    files = ("--json", tables / "r.json", "--scoring", "accuracy")
    run("compare", tables / "g.csv", *words, *files, "--folds", 2, "--repeats", 2)
    assert json.loads((tables / "r.json").read_text())["settings"]["n_folds"] == 4


def test_groups_with_gaps_are_refused_by_column_and_line(tables):
    team = [None if i == 7 else f"team {i // 6}" for i in range(120)]
    people(120).assign(team=team).to_csv(tables / "gaps.csv", index=False)
    words = ("--target", "churn", "--quick", "--groups", "team")
    result = run("compare", tables / "gaps.csv", *words, status=2)
    assert result.stderr.startswith(f"Column 'team' of {tables / 'gaps.csv'}, line 9 is missing")
    assert "(1 of 120 rows have no group): give each row a group" in result.stderr
    assert "or leave out --groups" in result.stderr


def test_where_nothing_could_be_compared_the_command_fails_and_says_why(tables):
    frame, page = people(60), tables / "r.html"
    frame.assign(team=frame["churn"].map({"stays": 0, "leaves": 1})).to_csv(tables / "two.csv")
    words = ("--target", "churn", "--learners", "lr", "--folds", 2, "--groups", "team")
    result = run("compare", tables / "two.csv", *words, "--report", page, status=2)
    error = result.stderr.splitlines()[-1]  # below what a slow machine has told of its progress
    assert error.startswith("Nothing could be compared: every fit without added rows fail")
    assert "Nothing could be compared" in page.read_text(encoding="utf-8")


@pytest.fixture
def quietly(tables):
    """The words of a comparison in which learners warn: one class is rarer than the folds want."""
    people(60).assign(churn=["often"] * 58 + ["rare"] * 2).to_csv(tables / "real.csv", index=False)
    words = "--target churn --quick --quiet --learners lr --jobs".split()
    return ["compare", str(tables / "real.csv"), *words]


def test_quiet_is_silent_where_learners_warn(quietly):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = run(*quietly, 1)
    assert (found.output, heard) == ("", [])


def test_quiet_is_silent_where_learners_warn_in_other_processes(quietly):
    command = "import sys; from gan_augment.cli.app import app; app(sys.argv[1:])"
    words = [sys.executable, "-c", command, *quietly, "2"]
    found = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (found.stdout, found.stderr) == ("", "")


def test_compare_says_what_the_target_was_taken_for(compare):
    said = " ".join(compare("--task", "class", target="member").output.split())
    assert "The target 'member' was taken for 2 classes" in said
    said = compare("--task", "number", status=2).stderr
    assert said.startswith("--target 'churn' holds text values") and "pass --task class" in said


def test_a_target_of_one_class_is_refused_before_training(tmp_path):
    table = tmp_path / "in.csv"
    table.write_text("x,y\n" + "".join(f"{i}.5,yes\n" for i in range(30)))
    result = run("compare", table, "--target", "y", "--quick", status=2)
    assert "--target 'y' has one class, 'yes': add rows of another class" in result.stderr
