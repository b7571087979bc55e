"""Rows a chunk at a time: together they are what one draw would be, and memory stays small."""

import tracemalloc

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from gan_augment import (
    BootstrapGenerator,
    GANAugmenter,
    ImageTransformGenerator,
    SMOTEGenerator,
    TabularGAN,
)
from gan_augment.exceptions import InputError
from gan_augment.generators import allocation as shares
from gan_augment.generators.allocation import counts_of_chunk, largest_remainder

SEED = 5


def untrained(**parameters):
    return TabularGAN(n_steps=0, random_state=0, **parameters)


@pytest.fixture
def gan(mixed_frame, mixed_labels):
    mixed_frame["key"] = [f"k{i}" for i in range(len(mixed_frame))]
    return untrained(columns={"key": "regenerate"}).fit(mixed_frame, mixed_labels)


def together(chunks):
    parts = list(chunks)
    X = pd.concat([X for X, _ in parts], ignore_index=True)
    return X, pd.concat([y for _, y in parts], ignore_index=True)


@pytest.mark.parametrize("chunk_size", [1, 7, 40, 41, 1000])
@pytest.mark.parametrize("n", [0, 1, 41, 100])
def test_sizes_and_classes_are_those_of_one_draw(gan, n, chunk_size):
    parts = list(gan.sample_iter(n, chunk_size=chunk_size, random_state=SEED))
    full, rest = divmod(n, chunk_size)
    sizes = [chunk_size] * full + [rest] * (rest > 0) or [0]
    assert [len(X) for X, _ in parts] == [len(y) for _, y in parts] == sizes
    _, y = together(parts)
    whole = gan.sample(n, random_state=SEED)[1]
    assert y.value_counts().to_dict() == whole.value_counts().to_dict()


def test_one_chunk_is_the_same_as_sample(gan):
    for n in (0, 1, 50):
        ((X, y),) = gan.sample_iter(n, chunk_size=50, random_state=SEED)
        X_whole, y_whole = gan.sample(n, random_state=SEED)
        pd.testing.assert_frame_equal(X, X_whole)
        pd.testing.assert_series_equal(y, y_whole)


def test_the_seed_decides_all_chunks(gan):
    first, second, other = (
        together(gan.sample_iter(60, chunk_size=13, random_state=seed)) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first[0], second[0])
    pd.testing.assert_series_equal(first[1], second[1])
    assert not first[0].equals(other[0])
    again = together(gan.sample_iter(60, chunk_size=13))  # the constructor's seed
    pd.testing.assert_frame_equal(again[0], together(gan.sample_iter(60, chunk_size=13))[0])


def test_new_identifiers_go_on_from_chunk_to_chunk(gan):
    X, _ = together(gan.sample_iter(50, chunk_size=8, random_state=SEED))
    assert X["key"].tolist() == gan.sample(50)[0]["key"].tolist()
    assert X["key"].is_unique


def test_more_rows_than_new_identifiers_are_refused_at_once():
    frame = pd.DataFrame({"a": np.arange(20) / 8, "i": np.arange(90, 110, dtype="int8")})
    gan = untrained(columns={"i": "regenerate"}).fit(frame)
    assert together_X(gan.sample_iter(18, chunk_size=5))["i"].max() == 127
    with pytest.raises(InputError, match="'i'.*int8"):
        gan.sample_iter(19, chunk_size=5)


def together_X(chunks):
    return pd.concat([X for X, _ in chunks], ignore_index=True)


def test_labels_asked_for_keep_their_order(gan):
    wanted = ["stay", "churn", "churn", "stay", "churn"] * 3
    parts = list(gan.sample_iter(y=wanted, chunk_size=4, random_state=SEED))
    assert [label for _, y in parts for label in y] == wanted


def test_rows_of_each_class_may_be_asked_for(gan):
    _, y = together(gan.sample_iter({"stay": 3, "churn": 20}, chunk_size=6))
    assert y.value_counts().to_dict() == {"churn": 20, "stay": 3}
    assert gan.sample({"stay": 2})[1].tolist() == ["stay", "stay"]
    assert len(gan.sample({})[0]) == 0


@pytest.mark.parametrize("generator", [BootstrapGenerator(), SMOTEGenerator(), untrained()])
def test_every_generator_of_tables_has_it(blobs, generator):
    X, y = blobs
    parts = list(generator.fit(X, y).sample_iter(41, chunk_size=10, random_state=SEED))
    assert all(isinstance(X_new, np.ndarray) for X_new, _ in parts)
    assert np.bincount(np.concatenate([y_new for _, y_new in parts])).tolist() == [31, 10]


def test_images_come_in_chunks(rng):
    images = rng.integers(0, 255, (12, 8, 8), dtype=np.uint8)
    classic = ImageTransformGenerator(random_state=0).fit(images, np.arange(12) % 2)
    parts = list(classic.sample_iter(7, chunk_size=3))
    assert [X.shape for X, _ in parts] == [(3, 8, 8), (3, 8, 8), (1, 8, 8)]
    assert parts[0][0].dtype == np.uint8
    assert np.bincount(np.concatenate([y for _, y in parts])).tolist() == [4, 3]


def test_polars_and_pyarrow_come_back_as_such(mixed_frame):
    table = pl.from_pandas(mixed_frame[["income", "visits", "city"]])
    for X in (table, table.to_arrow()):
        parts = list(untrained().fit(X).sample_iter(9, chunk_size=4))
        assert [type(new) for new, _ in parts] == [type(X)] * 3
        assert all(new.schema == X.schema for new, _ in parts)


def test_bins_of_a_number_are_shared_over_all_chunks(sloped):
    X, y = sloped
    gan = untrained(mixture={"interpolate": 1}).fit(X, y)
    whole = np.sort(gan.sample(60, random_state=SEED)[1])
    ones = np.sort(np.concatenate([y for _, y in gan.sample_iter(60, chunk_size=1)]))
    # six bins of ten: a bin of its own for each chunk of one row would be the same for all
    edges = np.quantile(y, np.linspace(0, 1, 7)[1:-1])
    assert np.abs(np.searchsorted(edges, ones) - np.searchsorted(edges, whole)).max() <= 1


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"n_samples": 5, "chunk_size": 0}, "chunk_size=0"),
        ({"n_samples": 5, "chunk_size": -1}, "chunk_size=-1"),
        ({"n_samples": 5, "chunk_size": 2.0}, "chunk_size=2.0"),
        ({"n_samples": 5, "chunk_size": None}, "chunk_size=None"),
        ({"n_samples": -5}, "n_samples=-5"),
        ({}, "n_samples=None is no request"),
        ({"y": ["stay", "gone"]}, "'gone'"),
        ({"n_samples": {"gone": 3}}, "'gone'"),
        ({"n_samples": {"stay": -3}}, r"n_samples\['stay'\]=-3"),
        ({"n_samples": 3, "random_state": "x"}, "random_state='x'"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_chunk(gan, asked, message):
    with pytest.raises(InputError, match=message):
        gan.sample_iter(**asked)


def test_unfitted_generators_refuse_at_once():
    with pytest.raises(NotFittedError):
        BootstrapGenerator().sample_iter(3)
    with pytest.raises(NotFittedError):
        GANAugmenter().sample_iter(3)


def test_classes_without_classes_are_refused(sloped):
    with pytest.raises(InputError, match="class target, not 'number'"):
        BootstrapGenerator().fit(*sloped).sample_iter({0: 3})


def test_the_augmenter_passes_it_on(blobs):
    augmenter = GANAugmenter(BootstrapGenerator()).fit(*blobs)
    some, others = (
        list(one.sample_iter(10, chunk_size=4, random_state=SEED))
        for one in (augmenter, augmenter.generator_)
    )
    for (X, y), (X_same, y_same) in zip(some, others, strict=True):
        np.testing.assert_array_equal(X, X_same)
        np.testing.assert_array_equal(y, y_same)


def test_a_generator_without_it_is_named(blobs):
    class Simple(BaseEstimator):
        def fit(self, X, y=None):
            return self

        def sample(self, n_samples=None, *, y=None, random_state=None):
            return np.zeros((n_samples, 3)), np.zeros(n_samples)

    with pytest.raises(InputError, match="is a Simple, which has no sample_iter"):
        GANAugmenter(Simple()).fit(*blobs).sample_iter(3)


def test_chunks_are_draws_without_putting_back(rng):
    """The first chunk's counts against the mean of the hypergeometric law, and all add up."""
    left, size, draws = np.array([60, 30, 10]), 20, []
    for _ in range(2000):
        first = counts_of_chunk(left, size, rng)
        assert first.sum() == size and (first <= left).all()
        draws.append(first)
    mean, spread = np.mean(draws, axis=0), np.std(draws, axis=0)
    np.testing.assert_allclose(mean, size * left / 100, atol=0.15)
    shares = left / 100
    expected = np.sqrt(size * shares * (1 - shares) * (100 - size) / 99)
    np.testing.assert_allclose(spread, expected, rtol=0.1)


def test_more_rows_than_numpy_draws_from_are_shared_evenly(monkeypatch, rng):
    monkeypatch.setattr(shares, "LARGEST_POPULATION", 100)
    left, total = np.array([120, 60, 1]), np.zeros(3, dtype=int)
    while left.sum():
        counts = counts_of_chunk(left, min(13, int(left.sum())), rng)
        assert (counts >= 0).all() and (counts <= left).all()
        left, total = left - counts, total + counts
    assert total.tolist() == [120, 60, 1]
    first = counts_of_chunk(np.array([2 * 10**9, 10**9, 0]), 30, None)
    assert first.tolist() == largest_remainder(30, [2, 1, 0]).tolist() == [20, 10, 0]


def test_memory_depends_on_the_chunk_and_not_on_the_rows(blobs):
    generator = BootstrapGenerator(random_state=0).fit(*blobs)

    def peak(n):
        tracemalloc.start()
        for _ in generator.sample_iter(n, chunk_size=1000):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(2000)
    assert peak(100_000) < 1.2 * peak(5000) + 50_000
    # of a billion rows the first ones come at once: nothing of their length is made
    tracemalloc.start()
    next(generator.sample_iter(10**9, chunk_size=10))
    assert tracemalloc.get_traced_memory()[1] < 10**6
    tracemalloc.stop()
