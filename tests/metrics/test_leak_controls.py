"""The membership attack beside two ways of making rows whose leaks are known."""

import numpy as np
import pytest

from gan_augment import quality_report
from gan_augment.exceptions import InputError
from gan_augment.metrics.privacy import (
    GAUSSIAN,
    SMOTE,
    in_words,
    interpolated,
    membership_table,
    one_gaussian,
)


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
    assert f"{area[SMOTE]:.2f} on interpolated" in in_words(table)
    assert "no proof of anonymity" in in_words(table) and "rarest class" in in_words(table)


def test_a_class_of_few_rows_is_not_attacked(rng):
    members, others = rng.normal(size=(2, 100, 2))
    labels = tuple(np.repeat([0.0, 1.0], [95, 5]) for _ in range(2))
    table = membership_table(members, others, members, labels, rng)
    assert table["rarest class"].isna().all() and "rarest" not in in_words(table)


def test_the_report_has_both_references_and_says_what_it_is_no_proof_of(rng):
    real, fresh = rng.normal(size=(2, 150, 3))
    y = tuple((rows[:, 0] > 0).astype(int) for rows in (real, real, fresh))
    found = quality_report(real, real, holdout=fresh, target=y, random_state=0)
    table = found.tables["membership_attack"]
    assert table["attack"].iloc[0] == pytest.approx(found.metric("membership").value)
    assert any("no proof of anonymity" in note for note in found.notes)
    assert "Membership attack" in found.to_html()
    alone = quality_report(real, real, target=y[:2], privacy=None, random_state=0)
    assert "privacy" not in alone.verdicts and "membership_attack" not in alone.tables
    with pytest.raises(InputError, match="privacy='full' is unknown"):
        quality_report(real, real, privacy="full")
