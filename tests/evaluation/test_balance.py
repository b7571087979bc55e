"""Rows made with another class balance are compared within classes, and nothing else changes."""

import json

import numpy as np
import pandas as pd
import pytest

from gan_augment.evaluation.balance import differ
from gan_augment.evaluation.quality import quality_report
from gan_augment.evaluation.samples import draw_tables


def people(n, seed, churn=0.25):
    """Two classes that differ in every column."""
    rng = np.random.default_rng(seed)
    leaves = rng.random(n) < churn
    frame = pd.DataFrame({"age": rng.normal(40 - 12 * leaves, 8), "pay": rng.normal(size=n)})
    frame["pay"] += 0.1 * frame["age"]
    frame["plan"] = np.where(rng.random(n) < 0.3 + 0.4 * leaves, "monthly", "yearly")
    return frame.assign(churn=np.where(leaves, "Yes", "No"))


@pytest.mark.parametrize(
    ("real", "synthetic", "other"),
    [
        ((7300, 2700), (5000, 5000), True),
        ((7300, 2700), (0, 1000), True),
        ((7300, 2700), (7600, 2400), False),  # beyond chance, but three points
        ((11, 4), (8, 7), False),  # twenty points, but by chance
        ((50, 50, 0), (50, 50, 0), False),
        ((5, 5), (0, 0), False),
    ],
)
def test_another_balance_is_one_beyond_chance_and_by_more_than_a_little(real, synthetic, other):
    assert differ(np.array(real), np.array(synthetic)) == other


@pytest.mark.parametrize("n", [30, 300])
def test_rows_of_the_same_shares_are_hardly_ever_taken_for_another_balance(n):
    rng, shares = np.random.default_rng(0), [0.6, 0.25, 0.1, 0.05]
    found = [differ(*rng.multinomial(n, shares, size=2)) for _ in range(2000)]
    assert np.mean(found) < 0.005


@pytest.mark.parametrize("holdout", [False, True])
def test_as_many_rows_of_each_class_are_taken_of_every_side_and_none_twice(holdout):
    sides = people(600, 0), people(500, 1, churn=0.9), people(300, 2) if holdout else None
    rng = np.random.default_rng(0)
    drawn = draw_tables(*sides, target="churn", max_rows=10_000, rng=rng)
    labels = [np.unique(codes, return_counts=True)[1].tolist() for codes in drawn.labels()]
    assert labels[0] == labels[1] == labels[2]
    counts = drawn.balance.counts.set_index("class")
    assert counts.loc["No", "compared"] == (sides[1]["churn"] == "No").sum()
    for at in (drawn.real_at, drawn.synthetic_at, drawn.fresh_at):
        assert len(set(at)) == len(at) == drawn.n == counts["compared"].sum()
    if not holdout:
        assert not set(drawn.real_at) & set(drawn.fresh_at)
    few = draw_tables(*sides, target="churn", max_rows=60, rng=np.random.default_rng(0))
    assert 58 <= few.n <= 60 and (few.balance.counts["compared"] > 0).all()


def test_rows_of_the_same_balance_are_compared_as_ever():
    drawn = draw_tables(
        people(600, 0), people(500, 1), target="churn", max_rows=200, rng=np.random.default_rng(0)
    )
    assert drawn.balance is None and drawn.n == 200
    assert drawn.synthetic_at.tolist() == drawn.orders["synthetic"][:200].tolist()


@pytest.mark.parametrize("churn", [0.5, 1.0])
@pytest.mark.parametrize("holdout", [False, True])
def test_real_rows_of_another_balance_are_good_synthetic_rows(churn, holdout):
    made, fresh = people(500, 1, churn=churn), people(500, 2) if holdout else None
    real = people(1200, 0)
    found = quality_report(real, made, holdout=fresh, target="churn", random_state=0)
    known = {"utility": "unknown" if churn == 1 else "good"}
    assert found.verdicts == {"fidelity": "good", "diversity": "good", "privacy": "good"} | known
    assert f"“Yes” is {100 * (made['churn'] == 'Yes').mean():.0f} % of the syn" in found.verdict


def test_without_the_target_nobody_can_know_that_a_balance_was_chosen():
    real, made = people(1200, 0), people(500, 1, churn=0.5)
    known, blind = (
        quality_report(real, made, target=target, privacy=False, random_state=0).metric("c2st")
        for target in ("churn", None)
    )
    assert blind.value > known.value + 0.05


def test_within_classes_bad_rows_stay_bad():
    real, made = people(2000, 0), people(800, 1, churn=0.6)
    rng = np.random.default_rng(0)
    shuffled = made.apply(lambda column: rng.permutation(column.to_numpy()))
    found = quality_report(real, shuffled, target="churn", privacy=False, random_state=0)
    assert found.verdicts["fidelity"] == found.verdicts["utility"] == "poor"
    copied = quality_report(real, real[real["churn"] == "Yes"], target="churn", random_state=0)
    assert copied.metric("exact_copies").value == 1 and copied.verdicts["privacy"] == "poor"


def test_where_utility_is_unknown_its_reason_is_everywhere(tmp_path):
    real, made = people(1500, 0), people(400, 1, churn=1.0)
    found = quality_report(real, made, target="churn", privacy=False, random_state=0)
    utility = found.to_frame().query("group == 'utility'")
    assert utility["name"].tolist() == ["tstr", "trts", "importance_agreement"]
    assert utility["value"].isna().all() and set(utility["verdict"]) == {"unknown"}
    why = "all synthetic rows compared are of class “Yes”, so a model has no classes to tell apart"
    assert set(utility["reason"]) == set(utility["remark"]) == {why}
    html = found.to_html()
    assert why in found.verdict and why in html and "Compared within classes" in html
    content = json.loads(found.to_json())
    assert [m["reason"] for m in content["metrics"] if m["name"] == "tstr"] == [why]
    assert found.meets("tstr>=0.5") == [f"tstr is unknown ({why}), required >= 0.5"]


def test_too_few_rows_to_compare_within_classes_are_said():
    real = people(400, 0, churn=0.03)
    found = quality_report(real, real[real["churn"] == "Yes"], target="churn", random_state=0)
    assert "there are too few rows of the classes made to compare within" in found.verdict
    assert found.tables["classes"]["compared"].tolist() == [0, 0]


@pytest.mark.parametrize("same", ["synthetic", "all"])
def test_every_figure_that_is_unknown_says_why(same):
    """Numbers that do not vary, in the synthetic rows or wherever they are predicted."""
    tables = [people(120, seed)[["age", "pay"]] for seed in (0, 1, 2)]
    tables[1]["age"] = 3.0
    if same == "all":
        tables[2]["age"] = 3.0
    found = quality_report(*tables[:2], holdout=tables[2], target="age", random_state=0).to_frame()
    unknown = found[found["value"].isna()]
    assert {"trts"} <= set(unknown["name"]) and (unknown["reason"].str.len() > 20).all()
    assert (found.loc[found["value"].notna(), "reason"] == "").all()
