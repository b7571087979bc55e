"""Several synthetic tables side by side: the order, its ties, its controls and its page."""

import json

import numpy as np
import pandas as pd
import pytest

from gan_augment.evaluation.quality import quality_report
from gan_augment.evaluation.quality_ranking import REAL, compare_quality
from gan_augment.evaluation.results import Metric
from gan_augment.exceptions import InputError


def people(n, seed):
    rng = np.random.default_rng(seed)
    age = rng.normal(40, 10, n)
    frame = pd.DataFrame({"age": age, "pay": 3 * age + rng.normal(0, 8, n)})
    frame["city"] = rng.choice(["Bonn", "Graz"], n)
    return frame.assign(churn=np.where(age + rng.normal(0, 4, n) > 45, "yes", "no"))


def shuffled(frame):
    rng = np.random.default_rng(0)
    return frame.apply(lambda column: rng.permutation(column.to_numpy()))


MADE = {"bad": shuffled(people(400, 1)), "one": people(400, 2), "two": people(250, 3)}


@pytest.fixture(scope="module")
def ranked():
    options = {"holdout": people(400, 4), "target": "churn", "random_state": 0}
    return compare_quality(people(600, 0), MADE, **options)


def test_alike_tables_share_a_rank_and_a_worse_one_comes_after_both(ranked):
    order = ranked.ranking().set_index("synthetic")
    assert order.index[0] == REAL and order.loc[REAL, "gap"] == 0
    assert order.loc[["one", "two", "bad"], "rank"].tolist() == [1, 1, 3]
    assert sorted(ranked.leaders) == ["one", "two"] and ranked.names[-1] == "bad"
    assert ranked.verdict.startswith(f"Use one of “{ranked.leaders[0]}” and “{ranked.leaders[1]}”")
    assert "then “bad”" in ranked.verdict and ranked.tone == "good"


def test_controls_stand_beside_without_a_rank(ranked):
    order = ranked.ranking().set_index("synthetic")
    assert order.index[order["is_control"]].sort_values().tolist() == [
        "SMOTE",
        "duplicates",
        REAL,
    ]
    assert order.loc[order["is_control"], "rank"].isna().all()
    assert order.loc["duplicates", "exact_copies"] == 1
    assert order.loc["duplicates", "privacy"] == "poor"
    assert order.loc[REAL, "membership"] == pytest.approx(0.5, abs=0.1)


def test_all_are_judged_on_as_many_rows_and_on_the_same_real_ones(ranked):
    assert {report.samples.n for report in ranked.reports.values()} == {250}
    rows = [report.samples.real_at.tolist() for report in ranked.reports.values()]
    assert all(found == rows[0] for found in rows)
    alone = quality_report(
        people(600, 0),
        MADE["two"],
        holdout=people(400, 4),
        target="churn",
        max_rows=250,
        random_state=0,
    )
    assert alone.metric("c2st") == ranked.reports["two"].metric("c2st")


def test_a_control_that_does_as_well_is_named():
    real = people(500, 0)
    noise = people(300, 1)
    noise["pay"] += np.random.default_rng(1).normal(0, 60, 300)
    found = compare_quality(real, {"noise": noise}, target="churn", privacy=False, random_state=0)
    assert found.verdict.startswith("None is good yet; “noise” comes nearest")
    assert "“SMOTE”" in found.verdict and "better, at no cost" in found.verdict


def test_another_figure_ranks_and_what_it_cannot_judge_comes_last():
    made = {"one": people(300, 2), "same": people(300, 3).query("churn == 'yes'")}
    found = compare_quality(
        people(600, 0), made, target="churn", rank_by="tstr", controls=False, random_state=0
    )
    assert found.names == ["one", "same"] and found.leaders == ["one"]
    assert found.ranking().set_index("synthetic")["rank"].isna().loc["same"]


def test_gaps_that_chance_explains_are_no_difference():
    shared = {"higher_is_better": False, "reference": 0.5, "reference_kind": "holdout"}
    shared |= {"scale": 0.5, "best": 0.5, "too_good": "copies"}
    near, far, below = (
        Metric("c2st", "fidelity", value, low=value - 0.03, high=value + 0.03, **shared)
        for value in (0.56, 0.62, 0.44)
    )
    assert near.gap == pytest.approx(0.12) == below.gap and not near.apart(below)
    # sqrt(2) * .03 is .042; at 99 % it is .056
    assert near.apart(far) and not near.apart(
        Metric("c2st", "fidelity", 0.61, low=0.58, high=0.64, **shared)
    )


def test_page_and_json_hold_the_order(ranked, tmp_path):
    html = ranked.to_html(tmp_path / "r.html")
    assert html.count('class="grey"') == 3 and "Each by itself" in html
    assert html == (tmp_path / "r.html").read_text(encoding="utf-8")
    content = json.loads(ranked.to_json())
    assert content["schema"] == "gan_augment.quality_comparison/1"
    assert content["ranking"]["columns"][:3] == ["rank", "synthetic", "is_control"]
    assert content["ranking"]["rows"][0][:3] == [None, REAL, True]
    assert set(content["verdicts"]) == {*MADE, "duplicates", "SMOTE"}


def test_requirements_name_the_table_that_fails(ranked):
    (failure,) = ranked.meets("c2st<=0.7")
    assert failure.startswith("bad: c2st is ")


def test_images_are_ranked_too():
    rng = np.random.default_rng(0)

    def images(level):
        y = rng.integers(0, 2, 60)
        noise = rng.normal(100 + level + 40 * y[:, None, None], 20, (60, 6, 6))
        return noise.clip(0, 255).astype(np.uint8), y

    (real, y), (near, y_near), (far, y_far) = images(0), images(0), images(80)
    found = compare_quality(
        real,
        {"far": far, "near": near},
        target=(y, {"far": y_far, "near": y_near}),
        random_state=0,
    )
    assert found.names == ["near", "far"] and found.controls == ("duplicates",)
    assert "real images" in found.verdict and "Figure by figure" in found.to_html()


@pytest.mark.parametrize(
    ("synthetic", "options", "says"),
    [
        ({}, {}, "holds nothing to rank: pass a dict"),
        ({"SMOTE": MADE["one"]}, {}, "names a table 'SMOTE'"),
        (MADE, {"rank_by": "tstr"}, "is not measured without target"),
        (MADE, {"rank_by": "beauty"}, "is no metric of these data: use one of c2st"),
        (MADE | {"few": people(5, 0)}, {}, "few has 5 rows"),
        (MADE, {"target": (["a"] * 600, {"one": ["a"] * 400})}, "holds no y of 'bad'"),
    ],
)
def test_what_cannot_be_ranked_is_refused(synthetic, options, says):
    with pytest.raises(InputError) as caught:
        compare_quality(people(600, 0), synthetic, **options)
    assert says in str(caught.value)


def test_a_notebook_shows_the_answer_the_chart_and_the_order(ranked):
    summary = ranked.summary()
    assert summary.columns.tolist()[:6] == [
        "rank", "synthetic", "c2st", "low", "high", "real against real",
    ]  # fmt: skip
    pd.testing.assert_frame_equal(ranked.summary(detail=True), ranked.ranking())
    assert ranked.verdict == f"{ranked.answer} {ranked.details}"
    drawn = [tick.get_text()[:-2] for tick in ranked.plot().ax_.get_yticklabels()]
    assert drawn == [name for name in summary["synthetic"] if name != REAL]
    html = ranked._repr_html_()
    assert html.count("<tr") == 1 + len(summary) and "<svg" in html
    assert html.count('class="grey"') == 1 + len(ranked.controls)
