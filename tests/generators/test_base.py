"""The template every generator is built on: what goes in is checked, what comes out is typed."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from gan_augment.exceptions import InputError
from gan_augment.generators.base import BaseGenerator, as_count, largest_remainder
from gan_augment.generators.controls import BootstrapGenerator, SMOTEGenerator


class Mean(BaseGenerator):
    """Every new row is the mean row: small enough to see the template at work."""

    def __init__(self, *, target="auto", random_state=None, fails=False):
        self.target = target
        self.random_state = random_state
        self.fails = fails

    def _fit(self, frame, target_values, rng):
        if self.fails:
            raise KeyboardInterrupt
        self.mean_ = frame.mean()
        self.seen_ = target_values

    def _sample(self, n, codes, rng):
        frame = pd.DataFrame([self.mean_] * n, index=np.arange(n) + 50)
        return frame, rng.normal(size=n) if self.target_.kind_ == "number" else None


@parametrize_with_checks(
    [BootstrapGenerator(random_state=0), SMOTEGenerator(random_state=0), BootstrapGenerator()]
)
def test_sklearn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (5, [3, 1], [4, 1]),
        (7, [1, 1, 1], [3, 2, 2]),
        (0, [2, 3], [0, 0]),
        (1, [1, 9], [0, 1]),
        (2, [1, 3], [1, 1]),  # 0.5 and 1.5: the tie goes to the smaller
        (10, [1, 0, 0], [10, 0, 0]),
    ],
)
def test_largest_remainder(total, weights, shares):
    assert largest_remainder(total, weights).tolist() == shares


def test_largest_remainder_never_loses_a_row(rng):
    for _ in range(200):
        weights = rng.integers(1, 1000, rng.integers(1, 12))
        total = int(rng.integers(0, 5000))
        shares = largest_remainder(total, weights)
        exact = total * weights / weights.sum()
        assert shares.sum() == total
        assert np.all(np.abs(shares - exact) < 1)


@pytest.mark.parametrize("value", [-1, 2.0, True, "3", None, np.float64(1), np.bool_(True)])
def test_as_count_refuses(value):
    with pytest.raises(InputError, match=r"rows=.*non-negative integer"):
        as_count(value, "rows")


def test_class_target_is_remembered():
    X = np.arange(8.0).reshape(4, 2)
    generator = Mean().fit(X, ["b", "a", "b", "b"])
    assert generator.classes_.tolist() == ["a", "b"]
    assert generator.class_counts_ == {"a": 1, "b": 3}
    assert generator.seen_.tolist() == [1, 0, 1, 1]
    assert generator.n_features_in_ == 2
    assert not hasattr(generator, "feature_names_in_")


def test_names_are_remembered_and_forgotten_on_the_next_fit(blobs):
    X, y = blobs
    generator = Mean().fit(pd.DataFrame(X, columns=["u", "v", "w"]), y)
    assert generator.feature_names_in_.tolist() == ["u", "v", "w"]
    generator.fit(X, None)
    assert not hasattr(generator, "feature_names_in_")
    assert not hasattr(generator, "classes_")


def test_sample_before_fit():
    with pytest.raises(NotFittedError):
        Mean().sample(3)


def test_an_interrupted_fit_leaves_it_unfitted(blobs):
    X, y = blobs
    generator = Mean().fit(X, y)
    generator.fails = True
    with pytest.raises(KeyboardInterrupt):
        generator.fit(X, y)
    assert [name for name in vars(generator) if name.endswith("_")] == []
    with pytest.raises(NotFittedError):
        generator.sample(1)


def test_one_row_is_refused():
    with pytest.raises(InputError, match="1 sample.*n_samples=1"):
        Mean().fit([[1.0, 2.0]], ["a"])


def test_labels_keep_their_order_and_container(blobs):
    X, y = blobs
    y = pd.Series(np.where(y == 1, "rare", "usual"), name="status", dtype="category")
    wanted = ["rare", "usual", "usual", "rare"]
    X_new, y_new = Mean().fit(X, y).sample(y=wanted)
    assert y_new.tolist() == wanted
    assert y_new.name == "status"
    assert y_new.dtype == y.dtype
    assert X_new.shape == (4, 3)


def test_shares_of_training_without_labels(blobs):
    X, y = blobs  # 45 to 15
    _, y_new = Mean(random_state=0).fit(X, y).sample(41)
    assert np.bincount(y_new).tolist() == [31, 10]
    assert y_new.tolist() != sorted(y_new)


def test_numeric_target_comes_with_the_rows(sloped):
    X, y = sloped
    X_new, y_new = Mean(random_state=0).fit(X, y).sample(7)
    assert X_new.shape == (7, 3) and y_new.shape == (7,)
    assert y_new.min() >= y.min() and y_new.max() <= y.max()


def test_no_target_gives_none(blobs):
    X_new, y_new = Mean().fit(blobs[0]).sample(3)
    assert X_new.shape == (3, 3)
    assert y_new is None


@pytest.mark.parametrize("target", ["class", "number", "none"])
def test_zero_rows_have_the_schema(blobs, sloped, target):
    X, y = {"class": blobs, "number": sloped, "none": (blobs[0], None)}[target]
    X = pd.DataFrame(X, columns=list("abc"))
    y = None if y is None else pd.Series(y, name="t")
    X_new, y_new = BootstrapGenerator().fit(X, y).sample(0)
    assert X_new.shape == (0, 3)
    assert (X_new.dtypes == X.dtypes).all()
    assert y_new is None if y is None else (len(y_new) == 0 and y_new.dtype == y.dtype)


def test_empty_y_gives_zero_rows(blobs):
    assert len(Mean().fit(*blobs).sample(y=[])[0]) == 0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "n_samples=None is no request"),
        ({"n_samples": -1}, "n_samples=-1"),
        ({"n_samples": 2.5}, "n_samples=2.5"),
        ({"n_samples": "10"}, "n_samples='10'"),
        ({"n_samples": True}, "n_samples=True"),
        ({"n_samples": 10**12}, "n_samples=1000000000000 is more than the 1,000,000,000 rows"),
        (
            {"n_samples": 3, "y": [0, 1]},
            "n_samples=3 is not the number of rows that y",
        ),
        ({"y": [0, 7]}, "7"),
        ({"n_samples": 1, "random_state": "abc"}, "random_state='abc'"),
    ],
)
def test_impossible_requests(blobs, asked, message):
    generator = Mean().fit(*blobs)
    with pytest.raises(InputError, match=message):
        generator.sample(**asked)


def test_labels_are_refused_without_classes(sloped):
    generator = Mean().fit(*sloped)
    with pytest.raises(InputError, match="number target.*n_samples only"):
        generator.sample(y=[1.0])


def test_seed_of_sample_falls_back_on_the_constructor(blobs):
    seeded = BootstrapGenerator(random_state=4).fit(*blobs)
    np.testing.assert_array_equal(seeded.sample(20)[0], seeded.sample(20)[0])
    np.testing.assert_array_equal(seeded.sample(20)[0], seeded.sample(20, random_state=4)[0])
    assert not np.array_equal(seeded.sample(20)[0], seeded.sample(20, random_state=5)[0])
    free = BootstrapGenerator().fit(*blobs)
    assert not np.array_equal(free.sample(20)[0], free.sample(20)[0])


def test_global_state_is_left_alone(blobs):
    before = np.random.get_state()[1].copy()
    BootstrapGenerator().fit(*blobs).sample(5)
    assert (np.random.get_state()[1] == before).all()


def test_rows_get_a_fresh_index(blobs):
    X, y = blobs
    X_new, _ = Mean().fit(pd.DataFrame(X, columns=list("abc")), y).sample(3)
    assert X_new.index.equals(pd.RangeIndex(3))
