"""Starting rows: each ingredient against its own oracle, and the rows as a whole."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from encoded import blocks_of
from scipy import stats
from sklearn.covariance import ledoit_wolf
from sklearn.neighbors import NearestNeighbors

from gan_augment.encoding.rows import EncodedRows, Encoding
from gan_augment.encoding.table import TableCodec
from gan_augment.generators.allocation import draw_members
from gan_augment.generators.tabular.prior import NOISE_SCALE, StructuredPrior


def scores(d):
    return blocks_of(*[(1, "score")] * d)


MIXED = blocks_of((3, "softmax"), (1, "score"), (2, "missing"), (1, "score"), (2, "softmax"))


def mixed_rows(rng, n):
    numbers = rng.normal(size=(n, 2)).astype(np.float32)
    numbers[rng.random(n) < 0.3, 0] = np.nan
    codes = np.column_stack([rng.integers(0, 3, n), rng.integers(0, 2, n)])
    return EncodedRows(numbers, codes.astype(np.uint8))


def numbers_of(numbers):
    """Encoded rows without categories."""
    return EncodedRows(numbers.astype(np.float32), np.empty((len(numbers), 0), dtype=np.uint8))


def fitted(blocks, rows, groups, seed=0):
    prior = StructuredPrior(Encoding(blocks))
    rows = numbers_of(rows) if isinstance(rows, np.ndarray) else rows
    return prior.fit(rows, groups, np.random.default_rng(seed))


def assert_same(one, two):
    np.testing.assert_array_equal(one.numbers, two.numbers)
    np.testing.assert_array_equal(one.codes, two.codes)


@pytest.fixture
def gaussians(rng):
    """(prior, numbers, groups): three classes of one covariance, 2000 rows."""
    groups = rng.choice(3, size=2000, p=[0.6, 0.3, 0.1])
    root = np.array([[1.0, 0, 0], [0.8, 0.5, 0], [-0.3, 0.2, 0.7]])
    means = np.array([[0, 0, 0], [3, -1, 2], [-2, 4, 1.0]])
    numbers = means[groups] + rng.normal(size=(2000, 3)) @ root.T
    return fitted(scores(3), numbers, groups), numbers, groups


def test_a_table_without_blocks_has_rows_of_no_width(rng):
    prior = fitted((), np.empty((6, 0)), np.array([0, 0, 0, 1, 1, 1]))
    made = prior.sample(np.array([0, 1, 1]), rng)
    assert made.numbers.shape == made.codes.shape == (3, 0)


# covariance -----------------------------------------------------------------------------------


def test_the_covariance_ingredient_has_each_class_mean_and_the_pooled_covariance(gaussians, rng):
    prior, numbers, groups = gaussians
    wanted = np.repeat([0, 1, 2], 20_000)
    drawn = prior._covariance(draw_members(prior.members_, wanted, rng), rng).numbers
    within = np.concatenate(
        [numbers[groups == g] - numbers[groups == g].mean(0) for g in range(3)]
    )
    pooled = within.T @ within / (len(numbers) - 3)
    for group in range(3):
        made = drawn[wanted == group]
        error = 6 * NOISE_SCALE * within.std() / np.sqrt(len(made))
        np.testing.assert_allclose(made.mean(0), numbers[groups == group].mean(0), atol=error)
        np.testing.assert_allclose(np.cov(made.T), NOISE_SCALE**2 * pooled, atol=0.03)


def test_the_noise_root_is_that_of_the_shrunk_covariance(gaussians):
    prior, numbers, groups = gaussians
    means = np.stack([numbers[groups == g].mean(0) for g in range(3)])
    residuals = numbers - means[groups]
    spread = residuals.std(0)
    shrunk, _ = ledoit_wolf(residuals / spread, assume_centered=True)  # towards no correlation
    unbiased = shrunk * np.outer(spread, spread) * len(numbers) / (len(numbers) - 3)
    np.testing.assert_allclose(prior.noise_root_ @ prior.noise_root_.T, unbiased, atol=1e-5)
    np.testing.assert_allclose(prior.means_, means, atol=1e-5)


def test_a_mean_is_over_what_is_present(rng):
    rows = mixed_rows(rng, 300)
    prior = fitted(MIXED, rows, np.zeros(300, dtype=int))
    np.testing.assert_allclose(prior.means_[0, :2], np.nanmean(rows.numbers, axis=0), atol=1e-6)


def test_the_covariance_ingredient_draws_categories_and_gaps_as_often_as_they_occur(rng):
    groups = np.repeat([0, 1], [400, 100])
    rows = mixed_rows(rng, 500)
    rows.codes[groups == 1, 0] = rng.choice(3, 100, p=[0.7, 0.2, 0.1])
    prior = fitted(MIXED, rows, groups)
    wanted = np.repeat([0, 1], 20_000)
    drawn = prior._covariance(draw_members(prior.members_, wanted, rng), rng)
    for group in (0, 1):
        real, made = rows.take(groups == group), drawn.take(wanted == group)
        for j, n in enumerate((3, 2)):
            shares = [np.bincount(r.codes[:, j], minlength=n) / len(r) for r in (real, made)]
            # a probit whose noise all classes share is near the shares, not on them
            np.testing.assert_allclose(*shares, atol=0.1)
        gaps = [np.isnan(r.numbers[:, 0]).mean() for r in (real, made)]
        np.testing.assert_allclose(*gaps, atol=0.06)
        assert not np.isnan(made.numbers[:, 1]).any()


def test_the_covariance_ingredient_keeps_what_goes_together(rng):
    blocks = blocks_of((2, "softmax"), (2, "softmax"), (1, "score"))
    codes = np.repeat(rng.integers(0, 2, size=(600, 1)), 2, axis=1)
    codes[:30, 1] = 1 - codes[:30, 1]
    numbers = codes[:, :1] + 0.3 * rng.normal(size=(600, 1))
    rows = EncodedRows(numbers.astype(np.float32), codes.astype(np.uint8))
    prior = fitted(blocks, rows, np.zeros(600, dtype=int))
    wanted = np.zeros(5000, dtype=int)
    drawn = prior._covariance(draw_members(prior.members_, wanted, rng), rng)
    assert (drawn.codes[:, 0] == drawn.codes[:, 1]).mean() > 0.85  # 0.95 in the data, 0.5 apart
    correlation = np.corrcoef(drawn.numbers[:, 0], drawn.codes[:, 0])[0, 1]
    assert correlation > 0.65  # 0.86 in the data


def test_wide_categories_are_those_of_a_real_row(rng):
    blocks = blocks_of((1, "score"), (1200, "softmax"), (2, "softmax"))
    codes = np.column_stack([np.arange(50), np.arange(50) % 2]).astype(np.int16)
    rows = EncodedRows(rng.normal(size=(50, 1)).astype(np.float32), codes)
    prior = fitted(blocks, rows, np.zeros(50, dtype=int))
    assert prior.joint == [1]
    wanted = np.zeros(200, dtype=int)
    start = draw_members(prior.members_, wanted, rng)
    anchors, drawn = rows.take(start), prior._covariance(start, rng)
    assert (drawn.codes[:, 0] == anchors.codes[:, 0]).all()
    assert (drawn.codes[:, 1] != anchors.codes[:, 1]).any()


# interpolate ----------------------------------------------------------------------------------


def test_interpolated_rows_lie_between_a_row_and_one_of_its_five_neighbours(rng):
    groups = np.repeat([0, 1], [60, 30])
    numbers = rng.normal(size=(90, 3)) + 0.5 * groups[:, None]
    prior = fitted(scores(3), numbers, groups)
    start = rng.integers(0, 90, 500)
    made = prior._interpolate(start, rng).numbers
    numbers = prior.rows_.numbers.astype(float)
    for row, i in zip(made, start, strict=True):
        own = np.flatnonzero(groups == groups[i])
        near = NearestNeighbors(n_neighbors=6).fit(numbers[own])
        others = numbers[own][near.kneighbors(numbers[[i]])[1][0, 1:]]
        step = others - numbers[i]
        share = ((row - numbers[i]) * step).sum(1) / (step**2).sum(1)
        off = np.abs(numbers[i] + share[:, None] * step - row).max(1)
        assert ((off < 1e-9) & (share >= 0) & (share <= 1)).any()


def test_interpolated_categories_are_those_of_one_parent(rng):
    codes = rng.integers(0, 3, (80, 2))
    rows = EncodedRows(np.empty((80, 0), dtype=np.float32), codes.astype(np.uint8))
    prior = fitted(blocks_of((3, "softmax"), (3, "softmax")), rows, np.zeros(80, dtype=int))
    start = rng.integers(0, 80, 300)
    made = prior._interpolate(start, rng).codes
    parents = np.concatenate([codes[start][:, None], codes[prior.neighbors_[start]]], axis=1)
    assert (made[:, None] == parents).any(axis=1).all()


# borrow ---------------------------------------------------------------------------------------


def test_borrowed_variation_is_along_differences_of_one_lending_class(rng):
    # class 0 varies along the first axis only, class 1 has a single row and lends nothing
    numbers = np.zeros((21, 2))
    numbers[:20, 0], numbers[20] = np.arange(20), [0.5, 9.0]
    prior = fitted(scores(2), numbers, np.repeat([0, 1], [20, 1]))
    made = prior._borrow(np.full(400, 20), rng).numbers
    assert (made[:, 1] == 9).all()
    assert made[:, 0].std() > 1
    assert np.abs(made[:, 0] - 0.5).max() <= 0.6 * 19
    assert made[:, 0].mean() == pytest.approx(0.5, abs=1)


# rows as a whole ------------------------------------------------------------------------------


def test_rows_are_of_the_groups_asked_for_in_that_order(rng):
    groups = np.repeat([0, 1, 2], [50, 20, 5])
    prior = fitted(scores(1), 100.0 * groups[:, None] + rng.normal(size=(75, 1)), groups)
    wanted = rng.permutation(np.repeat([0, 1, 2], [10, 300, 90]))
    for rows in (prior.sample(wanted, rng), prior.real(wanted, rng)):
        assert rows.numbers.dtype == np.float32
        np.testing.assert_array_equal(np.rint(rows.numbers[:, 0] / 100), wanted)
    assert prior.sample(np.array([], dtype=int), rng).numbers.shape == (0, 1)


def test_a_class_of_one_row_is_jittered_with_the_variation_of_the_others(rng):
    numbers = np.concatenate([rng.normal(size=(200, 2)), [[30.0, 40.0]]])
    prior = fitted(scores(2), numbers, np.repeat([0, 1], [200, 1]))
    made = prior.sample(np.full(3000, 1), rng).numbers.astype(float)
    np.testing.assert_allclose(made.mean(0), [30, 40], atol=0.15)
    assert ((made.std(0) > 0.3) & (made.std(0) < 1)).all()
    assert (made == np.float32([30, 40])).all(axis=1).mean() < 0.4


def test_rows_each_alone_in_their_class_are_repeated(rng):
    numbers = rng.normal(size=(4, 3))
    prior = fitted(scores(3), numbers, np.arange(4))
    wanted = np.array([3, 0, 0, 2, 1])
    made = prior.sample(wanted, rng).numbers
    np.testing.assert_array_equal(made, numbers[wanted].astype(np.float32))


@pytest.mark.parametrize("n", [40, 45, 7, 400])
def test_every_row_is_drawn_equally_often_give_or_take_one(rng, n):
    prior = fitted(scores(1), np.arange(80.0)[:, None], np.repeat([0, 1], 40))
    drawn = draw_members(prior.members_, np.zeros(n, dtype=int), rng)
    counts = np.bincount(drawn, minlength=80)
    assert counts[40:].sum() == 0
    assert counts.sum() == n
    assert np.ptp(counts[:40]) <= 1
    real = prior.real(np.ones(n, dtype=int), rng).numbers[:, 0]
    assert set(real) <= set(np.arange(40.0, 80.0))


def test_the_share_of_missing_values_is_kept(rng):
    rows = mixed_rows(rng, 400)
    prior = fitted(MIXED, rows, np.zeros(400, dtype=int))
    made = prior.sample(np.zeros(20_000, dtype=int), rng).numbers
    seen = np.isnan(rows.numbers).mean(0)
    np.testing.assert_allclose(np.isnan(made).mean(0), seen, atol=0.05)
    assert not np.isnan(made[:, 1]).any()


def test_only_observed_categories_occur_in_about_their_shares(rng):
    rows = mixed_rows(rng, 400)
    rows.codes[:, 0] = rng.choice([0, 2], 400, p=[0.8, 0.2])
    prior = fitted(MIXED, rows, np.zeros(400, dtype=int))
    made = prior.sample(np.zeros(10_000, dtype=int), rng).codes[:, 0]
    assert set(made) == {0, 2}
    assert (made == 0).mean() == pytest.approx((rows.codes[:, 0] == 0).mean(), abs=0.05)


def test_the_marginal_stays_near_that_of_the_class(gaussians, rng):
    prior, numbers, groups = gaussians
    made = prior.sample(np.full(4000, 1), rng).numbers
    for j in range(3):
        assert stats.ks_2samp(made[:, j], numbers[groups == 1, j]).statistic < 0.1


def test_what_was_learnt_is_rebuilt_from_arrays(rng):
    groups = np.repeat([0, 1], [60, 40])
    prior = fitted(MIXED, mixed_rows(rng, 100), groups)
    again = StructuredPrior.from_arrays(Encoding(MIXED), prior.arrays(), 2)
    wanted = rng.integers(0, 2, 200)
    for draw in ("sample", "real"):
        one = getattr(prior, draw)(wanted, np.random.default_rng(3))
        two = getattr(again, draw)(wanted, np.random.default_rng(3))
        assert_same(one, two)


def test_the_same_generator_gives_the_same_rows_and_numpy_is_left_alone(rng):
    rows = mixed_rows(rng, 100)
    before = np.random.get_state()[1].copy()
    one, two = (
        fitted(MIXED, rows, np.zeros(100, dtype=int), seed=4).sample(
            np.zeros(50, dtype=int), np.random.default_rng(5)
        )
        for _ in range(2)
    )
    assert_same(one, two)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_a_large_class_finds_its_neighbours_in_a_part_of_it(rng, monkeypatch):
    monkeypatch.setattr("gan_augment.generators.tabular.prior.MAX_REFERENCE", 50)
    monkeypatch.setattr("gan_augment.generators.tabular.prior.MAX_ROWS", 300)
    groups = np.r_[np.zeros(500, dtype=int), 1]
    numbers = np.concatenate([rng.normal(size=(500, 2)), [[9.0, 9.0]]])
    prior = fitted(scores(2), numbers, groups)
    assert 300 <= len(prior.rows_) <= 302
    assert set(prior.groups_) == {0, 1}  # a rare class is never thinned away
    own = np.arange(len(prior.rows_))[:, None]
    lone = prior.groups_ == 1
    assert (prior.neighbors_[~lone] != own[~lone]).all()
    assert (prior.neighbors_[lone] == own[lone]).all()
    assert len(np.unique(prior.neighbors_[~lone])) <= 50
    assert (prior.sample(np.ones(20, dtype=int), rng).numbers > 3).all()


def test_a_row_alone_in_its_class_is_never_copied(rng):
    X = pd.DataFrame({"a": rng.normal(size=40), "b": rng.normal(size=40)})
    codec = TableCodec().fit(X)
    rows = codec.encode(X, None, rng)
    prior = StructuredPrior(codec.encoding_).fit(rows, (np.arange(40) == 7).astype(int), rng)
    for weights in ((1, 1, 1), (1, 0, 0)):
        made = prior.sample(np.ones(200, dtype=int), rng, weights).numbers
        assert not (made == rows.numbers[7]).all(1).any()


def test_neighbours_are_the_same_whether_indicators_are_dense_or_sparse(rng, monkeypatch):
    numbers = rng.normal(size=(300, 2)).astype(np.float32)
    codes = rng.integers(0, 20, (300, 4)).astype(np.uint8)
    blocks = blocks_of((1, "score"), (1, "score"), *[(20, "softmax")] * 4)
    rows, groups = EncodedRows(numbers, codes), np.arange(300) % 2
    dense = fitted(blocks, rows, groups)
    monkeypatch.setattr("gan_augment.generators.tabular.prior.MAX_PLACES", 60)
    sparse = fitted(blocks, rows, groups)
    np.testing.assert_array_equal(np.sort(dense.neighbors_), np.sort(sparse.neighbors_))


def test_wide_rows_take_little_memory(rng):
    n, levels = 3000, 400
    codes = rng.integers(0, levels, (n, 15)).astype(np.int16)
    rows = EncodedRows(np.empty((n, 0), dtype=np.float32), codes)
    blocks, groups = blocks_of(*[(levels, "softmax")] * 15), np.zeros(n, dtype=int)
    tracemalloc.start()
    prior = fitted(blocks, rows, groups)
    prior.sample(np.zeros(3000, dtype=int), rng)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < n * 15 * levels * 4  # one float32 for each category of each row


def test_each_ingredient_makes_its_own_rows_only(rng, monkeypatch):
    prior = fitted(scores(2), rng.normal(size=(60, 2)), np.repeat([0, 1], 30))
    made = []
    for name in ("_interpolate", "_covariance", "_borrow"):
        draw = getattr(prior, name)
        monkeypatch.setattr(
            prior, name, lambda start, rng, draw=draw: made.append(len(start)) or draw(start, rng)
        )
    prior.sample(rng.integers(0, 2, 3000), rng)
    assert len(made) == 3
    assert sum(made) == 3000
    prior.sample(rng.integers(0, 2, 50), rng, (0, 1, 0))
    assert made[3:] == [50]
