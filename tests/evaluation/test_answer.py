"""What a report says in words, and that it says it of the right tables."""

import json

import numpy as np
import pandas as pd
import pytest

from gan_augment.evaluation.answer import sentences
from gan_augment.evaluation.quality import quality_report
from gan_augment.evaluation.results import Metric


def answer(*given, **named):
    return " ".join(sentences(*given, **named))


def page_of(report):
    return report.samples.page(report)


def figure(name, value, reference=0.5, **fields):
    shared = {"group": "privacy", "reference_kind": "chance", "higher_is_better": False}
    return Metric(name, value=value, reference=reference, **shared | {"label": name} | fields)


def test_the_first_line_is_what_to_do_the_worst_fault_and_its_figure():
    near = figure("nndr_share", 0.86, low=0.8, high=0.92, fault="some lie close to one row")
    assert answer([near], 500) == (
        "Not good yet: some synthetic rows lie close to one row (nndr_share: 0.86, 95 % interval "
        "0.80 to 0.92, chance 0.50). Privacy is poor. What to do: do not hand them on; inside the "
        "training of a model of your own nearness does no harm."
    )
    real = figure("c2st", 0.9, reference_kind="holdout", group="fidelity")
    assert answer([real, near], 500).startswith(
        "Not good yet: c2st falls short (c2st: 0.90, real rows 0.50). Fidelity and privacy are "
    )


def test_a_figure_too_good_to_be_true_is_told_by_what_it_means():
    copies = figure("c2st", 0.2, too_good="a sign of copied rows", best=0.5, group="fidelity")
    assert answer([copies], 500) == (
        "Usable with care: a sign of copied rows (c2st: 0.20, chance 0.50). Fidelity is fair. "
        "What to do: look at what gives them away, and train longer or on more rows; for training "
        "a model of your own they may do all the same, which a comparison tells."
    )


def test_what_to_do_is_about_the_worst_fault_and_not_said_where_all_is_good():
    fair, poor = figure("a", 0.6, group="fidelity"), figure("b", 0.9, group="diversity")
    assert "What to do: look at the real images that" in answer([fair, poor], 500, "images")
    assert "What to do" not in answer([figure("a", 0.5)], 500)


def test_a_zero_has_no_sign():
    assert "kid: 0.90, chance 0.00)" in answer([figure("kid", 0.9, reference=-0.001)], 500)


def test_images_are_called_images():
    assert "so few images (20 of each set)" in answer([figure("a", 0.5)], 20, "images")


def test_groups_are_told_from_the_worst_to_the_best():
    said = answer([figure("a", 0.5), figure("b", 0.6, group="utility")], 500)
    assert "Utility is fair, privacy is good. What to do: " in said


def test_what_is_not_known_is_told_with_its_reason():
    unknown = figure("tstr", float("nan"), group="utility", reason="there is one class")
    assert answer([figure("a", 0.5), unknown], 500) == (
        "Good: a is not behind other real rows by more than 5 % beyond doubt. Privacy is good. "
        "Utility is not known: there is one class."
    )
    assert answer([unknown], 500).startswith("Not known: no figure could be judged.")
    unsure = figure("b", 0.75, low=0.4, high=0.9, group="utility")
    assert "Utility is not known: too few were compared" in answer([unsure], 500)


def test_how_another_balance_was_dealt_with_stands_after_the_first_line():
    said = answer([figure("a", 0.5)], 500, balance="Compared within classes.")
    assert "doubt. Compared within classes. Privacy is good." in said


@pytest.mark.parametrize(("n", "few"), [(10, True), (99, True), (100, False)])
def test_few_rows_can_say_little(n, few):
    said, poor = (answer([figure("a", value)], n) for value in (0.5, 0.9))
    assert said.startswith("No fault shows, but so few rows" if few else "Good: ")
    for told in (said, poor):
        assert (f"o few rows ({n} of each table) can say little" in told) == few


def normal(n, seed, d=2):
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(n, d))).add_prefix("x")


def test_a_page_of_few_rows_does_not_open_with_good():
    few, many = (
        page_of(quality_report(normal(n, 0), normal(n, 1), privacy=False, random_state=0))
        for n in (60, 400)
    )
    assert few.answer.startswith("No fault shows, but ") and few.tone == "plain"
    assert many.answer.startswith("Good: ") and many.tone == "good"
    assert few.details == many.details == "Fidelity and diversity are good."


def test_copies_are_no_good_fidelity_whatever_the_page_looks_like():
    rows = normal(400, 0)
    found = quality_report(rows, rows, random_state=0)
    assert found.metric("c2st").high < 0.5 and found.metric("c2st").verdict == "fair"
    html = found.to_html()
    assert "a sign of copied rows" in html and "real against real 0.500" not in found.verdict


@pytest.fixture(scope="module")
def alike():
    """Reports on six pairs of tables from one distribution."""
    tables = [[normal(80, seed + more, d=4) for more in (0, 100)] for seed in range(6)]
    return [quality_report(*pair, privacy=False, random_state=0) for pair in tables]


def test_the_reference_of_c2st_is_no_lower_than_a_guess(alike):
    references = [report.metric("c2st").reference for report in alike]
    assert min(references) == 0.5 and max(references) > 0.5  # half of them lie below by luck


def test_limits_of_violations_are_those_of_the_same_rows_on_both_sides(alike):
    # Fresh rows leave the range of half the rows twice as often as that of all of them.
    found = [report.metric("violations") for report in alike]
    shares = [figure.value for figure in found]
    references = [figure.reference for figure in found]
    expected = 1 - (1 - 2 / 41) ** 4  # of 40 + 1 rows each is as likely to be an extreme
    assert np.mean(shares) == pytest.approx(expected, abs=0.05)
    assert np.mean(references) == pytest.approx(expected, abs=0.05)


def test_impossible_cells_are_those_no_real_row_has():
    real = normal(200, 0)
    found = quality_report(real, real, privacy=False, random_state=0)
    assert found.metric("violations").value > 0  # beyond the half that both sides are held to
    assert found.tables["violations"].empty


def test_the_page_says_how_many_rows_of_how_many_were_compared():
    holdout = normal(300, 2)
    report = quality_report(
        normal(400, 0), normal(350, 1), holdout=holdout, max_rows=120, random_state=0
    )
    facts = page_of(report).facts
    assert facts["real rows"] == "120 of 400" and facts["synthetic rows"] == "120 of 350"
    assert facts["holdout rows"] == "120 of 300" and "rows compared" not in facts


def test_columns_with_the_names_of_ours_are_kept_apart(tmp_path):
    tables = [
        pd.DataFrame({"row": c["x0"], "P(synthetic)": c["x1"], "column": c["x0"] * 2})
        for c in (normal(60, 0), normal(60, 1))
    ]
    found = quality_report(*tables, random_state=0)
    content = json.loads(found.to_json(tmp_path / "r.json"))
    columns = content["tables"]["implausible_rows"]["columns"]
    assert columns == ["row_2", "P(synthetic)_2", "row", "P(synthetic)", "column"]
    assert found.tables["uncovered_rows"].index.name == "row_2"
    assert "row_2" in found.to_html()


@pytest.mark.parametrize("target", [None, "huge", "y"])
def test_numbers_near_the_largest_float_are_compared(target):
    tables = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        huge = rng.choice([-1e308, 1e308, 0.0, 1.0], 160)
        frame = pd.DataFrame({"huge": huge, "b": rng.normal(size=160)})
        tables.append(frame.assign(y=np.where(huge > 1, "much", "little")))
    found = quality_report(*tables[:2], holdout=tables[2], target=target, random_state=0)
    values = found.to_frame().query("by.isna()")["value"]
    assert np.isfinite(values).all() and set(found.verdicts.values()) == {"good"}
    if target == "huge":
        assert "huge" in found.to_html()
