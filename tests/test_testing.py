"""check_generator passes our generators of tables (SDV's: test_sdv.py) and catches broken ones."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_random_state

from gan_augment.generators.controls import BootstrapGenerator, JitterGenerator, SMOTEGenerator
from gan_augment.generators.tabular.gan import TabularGAN
from gan_augment.testing import CHECKS, check_generator


@pytest.mark.parametrize(
    "generator",
    [
        BootstrapGenerator(),
        BootstrapGenerator(random_state=3),
        JitterGenerator(),
        SMOTEGenerator(),
        TabularGAN(n_steps=5),
    ],
)
def test_our_own_generators_pass(generator):
    names = check_generator(generator)
    assert len(names) == len(CHECKS) == len(set(names))
    assert not hasattr(generator, "classes_")  # only clones are fitted


class ThirdParty(BaseEstimator):
    """A generator that knows nothing of this library: bootstrap in plain scikit-learn style."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y=None):
        if y is None or np.asarray(y).dtype.kind == "f":
            raise ValueError("class labels only")
        self.X_, self.y_ = X, y
        self.classes_ = np.unique(y)
        return self

    def sample(self, n_samples=None, *, y=None, random_state=None):
        if not hasattr(self, "X_"):
            raise NotFittedError("fit first")
        rng = check_random_state(self.random_state if random_state is None else random_state)
        labels = np.asarray(self.y_)
        if y is None:
            if not isinstance(n_samples, int) or n_samples < 0:
                raise ValueError("n_samples")
            rows = rng.permutation(np.resize(np.arange(len(labels)), n_samples))
        else:
            rows = np.array([rng.choice(np.flatnonzero(labels == label)) for label in y])
        if isinstance(self.X_, pd.DataFrame):
            return self.X_.iloc[rows], self.y_.iloc[rows]
        return self.X_[rows], self.y_[rows]


def test_a_third_party_generator_passes():
    assert len(check_generator(ThirdParty())) == len(CHECKS)


class NoSample(BaseEstimator):
    def fit(self, X, y=None):
        return self


class CannotBeCloned(ThirdParty):
    def __init__(self, random_state=None):
        self.random_state = [random_state]


class AnswersUnfitted(ThirdParty):
    def sample(self, n_samples=None, *, y=None, random_state=None):
        if not hasattr(self, "X_"):
            return np.zeros((1, 1)), None
        return super().sample(n_samples, y=y, random_state=random_state)


class FitReturnsNothing(ThirdParty):
    def fit(self, X, y=None):
        super().fit(X, y)


class ChangesParameters(ThirdParty):
    def fit(self, X, y=None):
        self.random_state = 0
        return super().fit(X, y)


class ChangesTheCallersTable(ThirdParty):
    def fit(self, X, y=None):
        if isinstance(X, pd.DataFrame):
            X["height"] = 0.0
        return super().fit(X, y)


class After(ThirdParty):
    """Something goes wrong on the way out."""

    def sample(self, n_samples=None, *, y=None, random_state=None):
        X_new, y_new = super().sample(n_samples, y=y, random_state=random_state)
        return self.spoil(X_new, y_new, y)


class Miscounts(After):
    def spoil(self, X, y, wanted):
        return X[:-1], y[:-1]


class TakesNegative(ThirdParty):
    def sample(self, n_samples=None, *, y=None, random_state=None):
        if y is None and not (isinstance(n_samples, int) and n_samples >= 0):
            n_samples = 0
        return super().sample(n_samples, y=y, random_state=random_state)


class ChangesDtypes(After):
    def spoil(self, X, y, wanted):
        return (X.astype({"count": float}) if isinstance(X, pd.DataFrame) else X), y


class AlwaysFrames(After):
    def spoil(self, X, y, wanted):
        return pd.DataFrame(X), y


class MakesMissing(After):
    def spoil(self, X, y, wanted):
        if isinstance(X, pd.DataFrame):
            X = X.assign(height=np.nan)
        return X, y


class ForgetsTheOrder(After):
    def spoil(self, X, y, wanted):
        if wanted is None:
            return X, y
        order = np.argsort(np.asarray(y), kind="stable")
        return (X.iloc[order], y.iloc[order]) if isinstance(X, pd.DataFrame) else (X, y)


class IgnoresTheLabel(After):
    def spoil(self, X, y, wanted):
        return (X[::-1], y) if isinstance(X, np.ndarray) and wanted is not None else (X, y)


class OneClassOnly(ThirdParty):
    def sample(self, n_samples=None, *, y=None, random_state=None):
        if y is None and hasattr(self, "X_") and isinstance(n_samples, int) and n_samples >= 0:
            y = [self.classes_[0]] * n_samples
            return super().sample(y=y, random_state=random_state) if y else super().sample(0)
        return super().sample(n_samples, y=y, random_state=random_state)


class TakesAnyLabel(ThirdParty):
    def sample(self, n_samples=None, *, y=None, random_state=None):
        if y is not None:
            y = [label if label in self.classes_ else self.classes_[0] for label in y]
        return super().sample(n_samples, y=y, random_state=random_state)


class IgnoresTheSeed(ThirdParty):
    def sample(self, n_samples=None, *, y=None, random_state=None):
        return super().sample(n_samples, y=y, random_state=np.random.RandomState())


class AlwaysTheSameRows(ThirdParty):
    def sample(self, n_samples=None, *, y=None, random_state=None):
        return super().sample(n_samples, y=y, random_state=0)


class SeedsTheWorld(ThirdParty):
    def fit(self, X, y=None):
        np.random.rand()
        return super().fit(X, y)


class DoesNotPickle(ThirdParty):
    def fit(self, X, y=None):
        self.hook_ = lambda: None
        return super().fit(X, y)


class DropsTheNumbers(ThirdParty):
    def fit(self, X, y=None):
        self.number_ = y is not None and np.asarray(y).dtype.kind == "f"
        return super().fit(X, pd.Series(np.zeros(len(X), dtype=int)) if self.number_ else y)

    def sample(self, n_samples=None, *, y=None, random_state=None):
        X_new, y_new = super().sample(n_samples, y=y, random_state=random_state)
        return X_new, None if self.number_ else y_new


class InventsATarget(ThirdParty):
    def fit(self, X, y=None):
        return super().fit(X, pd.Series(np.zeros(len(X), dtype=int)) if y is None else y)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (NoSample, "methods_and_clone: there is no method sample"),
        (CannotBeCloned, "methods_and_clone: raised RuntimeError: Cannot clone"),
        (AnswersUnfitted, "unfitted_refuses_to_sample: .*NotFittedError"),
        (FitReturnsNothing, "fit_returns_self_and_keeps_parameters: fit must return self"),
        (ChangesParameters, "fit must not change the constructor's parameters"),
        (ChangesTheCallersTable, "input_is_left_alone: fit or sample changes"),
        (Miscounts, r"exact_number_of_rows: sample\(1\) makes 0 rows"),
        (TakesNegative, r"bad_numbers_are_refused: sample\(-1\)"),
        (ChangesDtypes, "schema_is_kept: column 'count' changes from int16 to float64"),
        (AlwaysFrames, "arrays_stay_arrays: an array comes back as DataFrame"),
        (MakesMissing, "values_are_valid: missing values"),
        (ForgetsTheOrder, "labels_are_kept_in_order: the labels asked for were"),
        (IgnoresTheLabel, "rows_belong_to_their_label: only 0%"),
        (OneClassOnly, "class_shares_without_labels: .* gets 40 of 40"),
        (TakesAnyLabel, "unknown_labels_are_refused"),
        (IgnoresTheSeed, "same_seed_same_rows"),
        (AlwaysTheSameRows, "other_seed_other_rows: sample ignores its random_state"),
        (SeedsTheWorld, "global_random_state_is_left_alone: numpy's global"),
        (DoesNotPickle, "pickle: raised"),
        (DropsTheNumbers, "numeric_target: .*one number per row"),
        (InventsATarget, "no_target: .*must be None"),
    ],
)
def test_a_broken_generator_is_caught(broken, message):
    with pytest.raises(AssertionError, match=message):
        check_generator(broken())
