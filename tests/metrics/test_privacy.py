"""Privacy: copies are caught, rows that know nothing pass, controls leak as they must."""

import sys
import types

import numpy as np
import pandas as pd
import pytest

from gan_augment import quality_report
from gan_augment.evaluation.answer import attack_note
from gan_augment.evaluation.catalog import PROMISES
from gan_augment.exceptions import InputError
from gan_augment.metrics.privacy import (
    GAUSSIAN,
    SMOTE,
    closeness_shares,
    closeness_without_holdout,
    interpolated,
    membership_attack,
    membership_scores,
    membership_table,
    one_gaussian,
    singling_out,
)


def test_dcr_and_nndr_are_half_for_fresh_rows_and_one_for_copies(rng):
    train, holdout, fresh = rng.normal(size=(3, 500, 4))
    for estimate in closeness_shares(train, holdout, fresh).values():
        assert estimate.value == pytest.approx(0.5, abs=0.07)
    copied = closeness_shares(train, holdout, train)
    assert copied["dcr_share"].value == 1 and copied["nndr_share"].value == 1


def test_dcr_share_is_the_counted_share():
    train, holdout = np.array([[0.0], [10.0]]), np.array([[4.0], [20.0]])
    made = np.array([[1.0], [2.0], [3.0], [10.0]])  # nearer to train, a tie, to holdout, to train
    assert closeness_shares(train, holdout, made)["dcr_share"].value == 2.5 / 4


def test_the_error_of_the_shares_is_that_of_the_rows_they_lean_on(rng):
    """Ten synthetic points at each of few real rows count as one observation."""
    values = []
    for _ in range(300):
        train, holdout, made = rng.normal(size=(3, 30, 2))
        found = closeness_shares(train, holdout, np.repeat(made, 10, axis=0))
        values.append([*found["dcr_share"], *found["nndr_share"]])
    dcr, dcr_error, nndr, nndr_error = np.array(values).T
    for shares, errors in ((dcr, dcr_error), (nndr, nndr_error)):
        assert 0.7 < shares.std() / errors.mean() < 1.05  # a little cautious, never bold
    assert dcr_error.mean() > 2 * 0.5 / np.sqrt(300)  # what 300 independent points would have


def test_without_a_holdout_copies_still_stand_out(rng):
    real, fresh = rng.normal(size=(2, 600, 4))
    half, other = real[:300], real[300:]
    for estimate in closeness_without_holdout(half, other, fresh).values():
        assert estimate.value == pytest.approx(0.5, abs=0.07)
    assert closeness_without_holdout(half, other, real)["dcr_share"].value > 0.7


def test_rows_that_repeat_in_a_discrete_table_are_no_leak(rng):
    train, holdout, made = rng.integers(0, 2, size=(3, 300, 3)).astype(float)
    for estimate in closeness_shares(train, holdout, made).values():
        assert estimate.value == 0.5


def test_the_attack_finds_copies_and_rows_between_neighbours(rng):
    members, others = rng.normal(size=(2, 150, 6))
    blended = members + 0.2 * (members[rng.permutation(150)] - members)
    worst, (low, high), chance, by_attack = membership_attack(members, others, blended, rng)
    assert worst.value > 0.9 and low > 0.85 and high <= 1
    assert 0.5 <= chance < 0.56
    assert worst.value == max(e.value for e in by_attack.values()) and len(by_attack) == 3


def test_fresh_rows_give_nobody_away(rng):
    members, others, made = rng.normal(size=(3, 400, 4))
    worst, (low, _), chance, _ = membership_attack(members, others, made, rng)
    assert worst.value < 0.57 and low < chance + 0.03


def test_each_attack_alone_finds_copies(rng):
    members, others = rng.normal(size=(2, 100, 3))
    for scores in membership_scores(members, others, members).values():
        assert scores[:100].mean() > scores[100:].mean()
        assert np.isfinite(scores).all()


def test_synthetic_rows_far_from_everything_are_no_trouble(rng):
    members, others = rng.normal(size=(2, 50, 2))
    for scores in membership_scores(members, others, members + 1e4).values():
        assert np.isfinite(scores).all()


def test_the_words_say_what_is_not_promised():
    for promises in PROMISES.values():
        text = " ".join(promises)
        assert "proves privacy" in text and "differential privacy" in text and "copies" in text


def anonymeter(monkeypatch, evaluator):
    """Put a module in the place of anonymeter."""
    module = types.ModuleType("anonymeter.evaluators")
    module.SinglingOutEvaluator = evaluator
    monkeypatch.setitem(sys.modules, "anonymeter", types.ModuleType("anonymeter"))
    monkeypatch.setitem(sys.modules, "anonymeter.evaluators", module)


def fresh_tables(rng):
    tables = rng.normal(size=(3, 60, 2))
    return {"real": tables[0], "synthetic": tables[1], "holdout": tables[2]}


def test_a_report_is_the_same_whether_or_not_anonymeter_is_installed(monkeypatch, rng):
    """It was asked wherever it happened to be installed."""

    class Asked:
        def __init__(self, **_):
            raise AssertionError("asked")

    anonymeter(monkeypatch, Asked)
    report = quality_report(**fresh_tables(rng), random_state=0)
    assert "singling_out" not in set(report.to_frame()["name"])


def test_anonymeter_is_asked_for_by_name_and_refused_where_it_cannot_measure(monkeypatch, rng):
    tables = fresh_tables(rng)
    monkeypatch.setitem(sys.modules, "anonymeter.evaluators", None)
    with pytest.raises(InputError, match="anonymeter=True needs the package anonymeter: install"):
        quality_report(**tables, anonymeter=True)
    for lacking in ({"holdout": None}, {"privacy": False}):
        with pytest.raises(InputError, match="anonymeter=True takes a holdout"):
            quality_report(**tables | lacking, anonymeter=True)


def test_an_attack_without_a_guess_has_no_figure(monkeypatch, rng):
    class NoGuess:
        def __init__(self, **_):
            raise RuntimeError("no guess")

    anonymeter(monkeypatch, NoGuess)
    report = quality_report(**fresh_tables(rng), anonymeter=True, random_state=0)
    assert report.metric("singling_out").verdict == "unknown"


def test_singling_out_asks_anonymeter_and_puts_the_global_generator_back(monkeypatch):
    class Evaluator:
        def __init__(self, ori, syn, control, n_attacks):
            assert len(ori) == len(syn) == len(control) == 1 and n_attacks == 500

        def evaluate(self, mode):
            assert mode == "univariate"
            np.random.random()
            return self

        def risk(self, confidence_level):
            assert confidence_level == 0.95
            return types.SimpleNamespace(value=0.25, ci=(0.125, 0.5))

    anonymeter(monkeypatch, Evaluator)
    before = np.random.get_state()[1].tolist(), np.random.get_state()[2]
    assert singling_out(*[pd.DataFrame({"a": [1.0]})] * 3) == (0.25, (0.125, 0.5))
    assert (np.random.get_state()[1].tolist(), np.random.get_state()[2]) == before


def test_interpolated_points_lie_between_rows_of_one_class(rng):
    line = np.column_stack([np.arange(20.0), np.zeros(20)])
    points, labels = (
        np.vstack([line, line + np.array([0, 100]), [[50, 50]]]),
        np.repeat([0.0, 1, 2], [20, 20, 1]),
    )
    made = interpolated(points, labels, 500, rng)
    assert set(np.unique(made[:, 1])) == {0.0, 50.0, 100.0}
    assert made[made[:, 1] < 50, 0].max() <= 19
    # a row alone in its class has nobody to meet
    assert (made[made[:, 1] == 50] == [50, 50]).all()


def test_one_gaussian_has_the_moments_of_the_points(rng):
    points = rng.normal(size=(60, 3)) @ rng.normal(size=(3, 3)) + 5
    made = one_gaussian(points, 100_000, rng)
    np.testing.assert_allclose(made.mean(axis=0), points.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.cov(made.T), np.cov(points.T), atol=0.2)


@pytest.mark.parametrize("far", [False, True])
def test_the_controls_rank_as_they_leak(far):
    rng = np.random.default_rng(1)
    members, others, strangers = rng.normal(size=(3, 200, 6))
    labels = tuple(np.repeat([0.0, 1.0], [170, 30]) for _ in range(2))
    table = membership_table(members, others, strangers if far else members, labels, rng)
    area = table.set_index("rows")["attack"]
    assert area[SMOTE] > 0.85 and area[GAUSSIAN] < 0.65
    assert area["synthetic"] < 0.6 if far else area["synthetic"] > 0.99
    rare = table.set_index("rows")["rarest class"]
    assert rare["synthetic"] > 0.99 or far
    assert f"{area[SMOTE]:.2f} on interpolated" in attack_note(table)
    assert "no proof of anonymity" in attack_note(table) and "rarest class" in attack_note(table)


def test_a_class_of_few_rows_is_not_attacked(rng):
    members, others = rng.normal(size=(2, 100, 2))
    labels = tuple(np.repeat([0.0, 1.0], [95, 5]) for _ in range(2))
    table = membership_table(members, others, members, labels, rng)
    assert table["rarest class"].isna().all() and "rarest" not in attack_note(table)


def test_the_report_has_both_references_and_says_what_it_is_no_proof_of(rng):
    real, fresh = rng.normal(size=(2, 150, 3))
    y = tuple((rows[:, 0] > 0).astype(int) for rows in (real, real, fresh))
    found = quality_report(real, real, holdout=fresh, target=y, random_state=0)
    table = found.tables["membership_attack"]
    assert table["attack"].iloc[0] == pytest.approx(found.metric("membership").value)
    assert any("no proof of anonymity" in note for note in found.notes)
    assert "Membership attack" in found.to_html()
    alone = quality_report(real, real, target=y[:2], privacy=False, random_state=0)
    assert "privacy" not in alone.verdicts and "membership_attack" not in alone.tables
    for wrong in ("report", None):
        with pytest.raises(
            InputError, match=f"privacy={wrong!r} cannot be used: pass True or False"
        ):
            quality_report(real, real, privacy=wrong)
