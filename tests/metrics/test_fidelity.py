"""Fidelity against oracles: scipy's distances, known overlaps, columns broken on purpose."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp, norm, spearmanr

from gan_augment.metrics.features import Coding, Feature, Scaler, tree_matrices
from gan_augment.metrics.fidelity import c2st, ks_complement, tv_complement, violations
from gan_augment.metrics.pairs import compare_pairs

NUMBER = Feature("a", "number", "number")
LABEL = Feature("k", "category", "category", categories=("u", "v", "w"))


@pytest.mark.parametrize("shift", [0.0, 0.3, 5.0])
def test_ks_is_scipys(rng, shift):
    real, made = rng.normal(size=300), rng.normal(shift, 1.5, size=170).round(1)
    assert ks_complement(real, made).value == pytest.approx(1 - ks_2samp(real, made).statistic)


def test_ks_leaves_missing_values_out(rng):
    real = rng.normal(size=50)
    assert ks_complement(real, np.append(real, np.nan)).value == 1
    assert np.isnan(ks_complement(real, [np.nan]).value)


def test_tv_is_half_the_summed_gaps(rng):
    real, made = rng.integers(0, 4, 200), rng.integers(1, 6, 300)
    shares = [np.bincount(values, minlength=6) / len(values) for values in (real, made)]
    expected = 1 - np.abs(shares[0] - shares[1]).sum() / 2
    assert tv_complement(real, made).value == pytest.approx(expected)


def test_a_missing_category_is_a_category():
    assert tv_complement([0.0, np.nan], [np.nan, 0.0]).value == 1
    assert tv_complement([0.0, 0.0], [np.nan, np.nan]).value == 0


@pytest.mark.parametrize("compare", [ks_complement, tv_complement])
def test_intervals_of_columns_hold_the_truth(rng, compare):
    """Shares .5 and .3 of two values: both distances are .2, at most 8 % of intervals miss."""
    held = []
    for _ in range(200):
        low, high = compare(rng.random(150) < 0.5, rng.random(150) < 0.3).interval()
        held.append(low <= 0.8 <= high)
    assert np.mean(held) >= 0.92


def test_pairs_of_numbers_compare_spearmans_correlations(rng):
    real, made = rng.normal(size=(100, 2)), rng.normal(size=(80, 2)) @ [[1, 2], [0, 1]]
    gap = abs(spearmanr(*real.T).statistic - spearmanr(*made.T).statistic)
    found = compare_pairs((NUMBER, NUMBER), real, made).similarity[0, 1]
    assert found == pytest.approx(1 - gap / 2)


def test_pairs_with_a_category_compare_contingency_tables(rng):
    real, made = (rng.integers(0, 3, size=(n, 2)).astype(float) for n in (120, 90))
    edges = [np.arange(4) - 0.5] * 2
    tables = [np.histogram2d(*t.T, bins=edges)[0] / len(t) for t in (real, made)]
    found = compare_pairs((LABEL, LABEL), real, made)
    assert found.similarity[0, 1] == pytest.approx(1 - np.abs(tables[0] - tables[1]).sum() / 2)
    product = np.outer(tables[0].sum(axis=1), tables[0].sum(axis=0))
    assert found.independent[0, 1] == pytest.approx(1 - np.abs(tables[0] - product).sum() / 2)


def test_pairs_see_what_columns_do_not():
    column = np.tile([0.0, 1.0], 50)
    real, made = np.column_stack([column, column]), np.column_stack([column, 1 - column])
    found = compare_pairs((LABEL, LABEL), real, made)
    assert (found.similarity[0, 1], found.independent[0, 1]) == (0, 0.5)
    mixed = compare_pairs((NUMBER, LABEL), real, made)
    assert mixed.similarity[0, 1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_c2st_on_gaussians_reaches_the_known_area(rng, shift):
    """The best area for N(0, 1) against N(shift, 1) is Phi(shift / sqrt 2)."""
    real, made = rng.normal(size=(1000, 1)), rng.normal(shift, size=(1000, 1))
    found = c2st((NUMBER,), real, made, rng=rng, telling=False).auc
    assert found.value == pytest.approx(norm.cdf(shift / np.sqrt(2)), abs=0.04)
    assert 0.004 < found.error < 0.016


def test_c2st_names_the_column_that_gives_it_away(rng):
    real, made = rng.normal(size=(2, 400, 3))
    made[:200, 1] += 6
    found = c2st((NUMBER,) * 3, real, made, rng=rng)
    assert 0.7 < found.auc.value < 0.8
    assert np.argmax(found.telling) == 1 and found.telling.min() >= 0
    assert np.median(found.probability[:200]) > 0.9 > found.probability[200:].mean()


def test_c2st_reads_more_categories_than_a_tree_can(rng):
    features = (Feature("k", "category", "category", tuple(range(400))),)
    real, made = rng.integers(0, 400, (600, 1)) * 1.0, rng.integers(0, 40, (600, 1)) * 1.0
    assert c2st(features, real, made, rng=rng, telling=False).auc.value > 0.8
    assert tree_matrices(features, real, made)[0][0].max() < 255


def test_each_sort_of_violation_is_found():
    features = (Feature("n", "number", "integer"), LABEL)
    real = np.array([[1.0, 0.0], [9.0, 1.0]])
    made = np.array([[10.0, 0.0], [2.5, 5.0], [np.nan, 1.0], [np.nan, 1.0]])
    unreadable = np.array([[False, False]] * 3 + [[True, False]])
    found = violations(features, real, made, unreadable)
    at = {name: np.argwhere(cells).tolist() for name, cells in found.items()}
    assert at == {
        "out of range": [[0, 0]],
        "unknown category": [[1, 1]],
        "unexpected missing": [[2, 0]],
        "fraction in an integer": [[1, 0]],
        "unreadable": [[3, 0]],
    }


def test_a_coding_reads_what_another_tool_wrote():
    """The same table through a CSV file: dates and truth values as text, integers as floats."""
    real = pd.DataFrame(
        {
            "when": pd.to_datetime(["2020-01-01", "2020-03-01", "2021-01-01"]),
            "took": pd.to_timedelta([1, 2, 3], unit="h"),
            "flag": [True, False, True],
            "size": pd.Categorical(["S", "M", "S"], ["S", "M", "L"]),
            "big": [2**60, 2**60 + 1, 2**60 + 5],
            "level": pd.array([1, None, 3], dtype="Int64"),
        }
    )
    other = real.astype({"when": str, "took": str, "flag": str, "size": str, "level": "float64"})
    coding = Coding(real)
    ours, theirs = coding.code(real), coding.code(other)
    np.testing.assert_array_equal(ours[0], theirs[0])
    assert not theirs[1].any()
    assert ours[0][:, 4].tolist() == [0, 1, 5]


def test_a_coding_marks_text_among_numbers_and_keeps_new_categories_apart():
    real = pd.DataFrame({"a": [1.0, 2.0], "k": ["u", "v"]})
    coding = Coding(real)
    values, unreadable = coding.code(pd.DataFrame({"a": ["1.5", "many"], "k": ["x", "y"]}))
    assert values[0].tolist() == [1.5, 2] and values[1, 1] == 3
    assert unreadable.tolist() == [[False, False], [True, False]]
    assert coding.code(pd.DataFrame({"a": [1], "k": ["y"]}))[0][0, 1] == 3


def test_free_text_and_identifiers_are_left_out_with_a_reason():
    frame = pd.DataFrame({"id": [f"p{i}" for i in range(600)], "a": np.arange(600) % 300})
    frame["text"] = frame["id"].str.replace("p59", "p1")
    coding = Coding(frame)
    assert [feature.name for feature in coding.features] == ["a"]
    assert "identifier" not in coding.skipped["text"] and set(coding.skipped) == {"id", "text"}


def test_another_category_is_as_far_as_one_standard_deviation():
    features = (NUMBER, LABEL)
    real = np.array([[0.0, 0.0], [2.0, 1.0], [4.0, 2.0]])
    points = Scaler(features, real).points(np.array([[2.0, 0.0], [2.0, 1.0], [1e9, 0.0]]))
    assert np.linalg.norm(points[0] - points[1]) == pytest.approx(1)
    assert np.linalg.norm(points[0] - points[2]) == pytest.approx(5)
