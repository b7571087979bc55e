"""Rows are appended, never converted; quotas are met exactly, whatever the filters say."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from gan_augment.augmentation.augment import augment
from gan_augment.estimators.sampler import GANOverSampler
from gan_augment.estimators.transformer import GANAugmenter
from gan_augment.exceptions import AugmentationWarning, GeneratorError, InputError
from gan_augment.generators.base import BaseGenerator
from gan_augment.generators.controls import BootstrapGenerator
from gan_augment.generators.tabular.gan import TabularGAN
from gan_augment.selection.splits import make_folds


class Noise(BaseGenerator):
    """Real rows, moved a little with probability `fresh`; else exact copies."""

    extrapolates = True

    def __init__(self, *, fresh=1.0, target="auto", random_state=None):
        self.fresh = fresh
        self.target = target
        self.random_state = random_state

    def _fit(self, frame, target_values, rng):
        self.frame_, self.values_ = frame, target_values

    def _sample(self, n, codes, rng):
        if codes is None:
            rows = rng.integers(len(self.frame_), size=n)
        else:
            rows = np.array([rng.choice(np.flatnonzero(self.values_ == code)) for code in codes])
        frame = self.frame_.iloc[rows].copy()
        moved = rng.random(n) < self.fresh
        first = frame.columns[0]
        frame[first] = frame[first] + np.where(moved, rng.normal(size=n), 0.0)
        numbers = self.values_[rows] if self.target_.kind_ == "number" else None
        return frame, numbers


def test_real_rows_come_first_bit_for_bit(mixed_frame, mixed_labels):
    before = mixed_frame.copy(deep=True)
    generator = BootstrapGenerator().fit(mixed_frame, mixed_labels)
    data = augment(generator, mixed_frame, mixed_labels, {"churn": 5, "stay": 2}, random_state=0)
    pd.testing.assert_frame_equal(data.X.iloc[:120], before)
    pd.testing.assert_series_equal(data.y.iloc[:120], mixed_labels)
    assert (data.X.dtypes == before.dtypes).all()
    assert data.is_synthetic.tolist() == [False] * 120 + [True] * 7
    assert data.y.iloc[120:].value_counts().to_dict() == {"churn": 5, "stay": 2}
    assert data.X.index.is_unique and data.X.index.equals(data.y.index)
    assert len(data) == 127 and data.n_synthetic == 7


@pytest.mark.parametrize("kind", [np.asarray, pd.DataFrame])
def test_the_callers_rows_stay_theirs_where_nothing_is_added(kind):
    X, y = kind(np.eye(4)), np.array(["a", "b"] * 2)
    data = GANAugmenter(BootstrapGenerator(), n_samples=0).augment(X, y)
    data.X[:], data.y[:] = 7.0, "z"
    assert (np.asarray(X) == np.eye(4)).all() and y.tolist() == ["a", "b"] * 2


@pytest.mark.parametrize("dtype", ["float32", "int8", "object"])
def test_arrays_and_lists(dtype):
    X = np.arange(12).reshape(6, 2).astype(dtype)
    generator = BootstrapGenerator().fit(X, list("aabbbb"))
    data = augment(generator, X, list("aabbbb"), {"a": 3, "b": 0})
    assert data.X.dtype == dtype and data.X.shape == (9, 2)
    assert data.y == list("aabbbb") + ["a"] * 3
    assert (data.X[:6] == X).all()


def test_polars(mixed_frame):
    X = pl.from_pandas(mixed_frame[["income", "age", "city"]])
    y = pl.Series("t", np.repeat(["u", "v"], 60))
    data = augment(BootstrapGenerator().fit(X, y), X, y, {"u": 1, "v": 2})
    assert isinstance(data.X, pl.DataFrame) and data.X.schema == X.schema
    assert data.X[:120].equals(X)
    assert data.y[120:].to_list().count("v") == 2


def test_numeric_target_and_no_target(sloped):
    X, y = sloped
    data = augment(Noise().fit(X, y), X, y, 10, random_state=0)
    assert data.X.shape == (70, 3) and data.y.shape == (70,)
    np.testing.assert_array_equal(data.y[:60], y)
    data = augment(Noise().fit(X), X, None, 10, random_state=0)
    assert data.X.shape == (70, 3) and data.y is None


def test_zero_rows_return_the_callers_rows(blobs):
    X, y = blobs
    data = augment(BootstrapGenerator().fit(X, y), X, y, {0: 0, 1: 0})
    np.testing.assert_array_equal(data.X, X)
    np.testing.assert_array_equal(data.y, y)
    assert not data.is_synthetic.any() and len(data) == 60


def test_labels_are_shuffled(blobs):
    X, y = blobs
    data = augment(Noise().fit(X, y), X, y, {0: 50, 1: 50}, random_state=0)
    new = data.y[60:]
    assert 10 < new[:50].sum() < 40


def test_same_seed_same_rows(blobs):
    X, y = blobs
    generator = Noise().fit(X, y)
    first, second, other = (
        augment(generator, X, y, {0: 9, 1: 9}, random_state=seed).X for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_copies_are_redrawn(blobs):
    X, y = blobs
    generator = Noise(fresh=0.8).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = augment(generator, X, y, {0: 20, 1: 1}, random_state=0)
    new = data.X[data.is_synthetic]
    assert len(new) == 21
    assert not (new[:, None] == X[None]).all(axis=2).any()
    assert np.bincount(data.y[60:]).tolist() == [20, 1]
    assert data.n_redrawn > 0
    kept = augment(generator, X, y, {0: 20, 1: 1}, allow_copies=True, random_state=0)
    assert (kept.X[60:, None] == X[None]).all(axis=2).any() and kept.n_redrawn == 0


def test_a_generator_that_can_only_copy_is_stopped(blobs):
    X, y = blobs
    generator = Noise(fresh=0.0).fit(X, y)
    with pytest.raises(InputError, match="^12 of the 12 rows asked for.*allow_copies=True"):
        augment(generator, X, y, {0: 6, 1: 6}, random_state=0)
    assert augment(generator, X, y, {0: 6, 1: 6}, allow_copies=True).n_synthetic == 12


class Picker(Noise):
    """Rows of `pool`, drawn with equal chances, in place of learnt ones."""

    def _sample(self, n, codes, rng):
        pool = np.asarray(self.pool)
        return pd.DataFrame(pool[rng.integers(len(pool), size=n)], columns=range(2)), None


def test_only_rows_that_occur_once_are_kept_from_a_discrete_table():
    # (0, 0) occurs often, (1, 1) once, (2, 2) never
    X = np.array([[0, 0]] * 30 + [[1, 1]])
    generator = Picker().fit(X)
    generator.pool = [[0, 0], [1, 1], [2, 2]]
    data = augment(generator, X, None, 40, random_state=0)
    made = data.X[31:, 0].tolist()
    assert set(made) == {0, 2} and len(made) == 40 and data.n_redrawn > 5
    again = augment(generator, X.astype(float), None, 40, random_state=0)
    assert set(again.X[31:, 0]) == {0, 2}


def test_where_hardly_any_other_row_exists_copies_are_kept_and_counted():
    X = np.array([(i, j) for i in range(3) for j in range(3)] * 2 + [(9, 9), (8, 8)])
    generator = Picker().fit(X)
    generator.pool = [[9, 9], [8, 8], [9, 9], [5, 5]]
    with pytest.warns(AugmentationWarning, match="of 80 synthetic rows.*occurs once") as caught:
        data = augment(generator, X, None, 80, random_state=0)
    copies = int((data.X[20:, 0] > 5).sum())
    assert copies > 40 and str(caught[0].message).startswith(f"{copies} of 80")
    assert data.n_redrawn == 0 and caught[0].filename == __file__


def test_the_last_copies_of_a_discrete_table_are_kept_too():
    X = np.array([[0, 0]] * 30 + [[1, 1]])
    generator = Picker().fit(X)

    class Turning(Picker):
        def _sample(self, n, codes, rng):
            self.pool = [[2, 2]] * 9 + [[1, 1]] if n == 50 else [[1, 1]]
            return super()._sample(n, codes, rng)

    generator = Turning().fit(X)
    with pytest.warns(AugmentationWarning, match="equal a real row that occurs once"):
        data = augment(generator, X, None, 50, random_state=0)
    assert data.n_synthetic == 50 and data.n_redrawn >= 20


@pytest.mark.parametrize("dtype", ["object", "string[python]"])
def test_copies_are_found_beside_text_that_no_file_can_hold(dtype):
    text = pd.Series(["\ud800", "b", None, "c"] * 10, dtype=object)
    X = pd.DataFrame({"x": np.arange(40) / 8, "k": text.astype(dtype)})
    data = augment(Noise(fresh=0.9, random_state=0).fit(X), X, None, 40, random_state=0)
    assert not data.X["x"][40:].isin(X["x"]).any()
    with pytest.raises(InputError, match="3 of the 3 rows"):
        augment(Noise(fresh=0.0).fit(X), X, None, 3)


def test_dates_make_a_table_continuous(mixed_frame):
    X = mixed_frame[["joined"]].dropna().reset_index(drop=True)

    class Copier(Noise):
        def _sample(self, n, codes, rng):
            return self.frame_.iloc[np.zeros(n, dtype=int)], None

    with pytest.raises(InputError, match="4 of the 4 rows"):
        augment(Copier().fit(X), X, None, 4)


def test_bootstrap_is_left_to_copy(blobs):
    X, y = blobs
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = augment(BootstrapGenerator().fit(X, y), X, y, {0: 3, 1: 3})
    assert data.n_synthetic == 6


def test_a_filter_decides_and_the_quota_holds(blobs):
    X, y = blobs
    seen = []

    def only_positive(X_new, y_new, X_real, y_real):
        seen.append((len(X_new), len(y_new)))
        assert X_real is X and y_real is y
        return X_new[:, 0] > 0

    plan = {0: 15, 1: 15}
    data = augment(Noise().fit(X, y), X, y, plan, filters=only_positive, random_state=0)
    assert (data.X[60:, 0] > 0).all()
    assert np.bincount(data.y[60:]).tolist() == [15, 15]
    assert seen[0] == (30, 30) and len(seen) > 1


@pytest.mark.parametrize("with_classes", [True, False])
def test_a_rule_that_one_row_in_eight_meets(rng, with_classes):
    X = rng.normal(size=(200, 2))
    y = (X[:, 1] > 0).astype(int) if with_classes else None
    drawn = []

    def rare(new, *_):
        drawn.append(len(new))
        return np.modf(np.abs(new[:, 0]) * 1000)[0] < 1 / 8

    plan = {0: 500, 1: 100} if with_classes else 600
    data = augment(Noise().fit(X, y), X, y, plan, filters=rare, random_state=0)
    assert rare(data.X[200:]).all() and data.n_synthetic == 600
    assert not with_classes or np.bincount(data.y[200:]).tolist() == [500, 100]
    assert drawn[0] == 600 and len(drawn) < 12 and sum(drawn) < 20 * 600


def test_rows_that_nothing_turns_down_are_the_first_ones_drawn(blobs):
    X, y = blobs
    plain, ruled = (
        augment(Noise().fit(X, y), X, y, {0: 9, 1: 8}, filters=rule, random_state=3)
        for rule in (None, lambda new, *_: np.ones(len(new), dtype=bool))
    )
    assert plain.X.tobytes() == ruled.X.tobytes()


def test_filters_are_combined(blobs):
    X, y = blobs
    filters = [lambda new, *_: new[:, 0] > -1, None, lambda new, *_: new[:, 0] < 3]
    data = augment(
        Noise(fresh=0.7).fit(X, y), X, y, {0: 10, 1: 10}, filters=filters, random_state=0
    )
    new = data.X[60:]
    assert ((new[:, 0] > -1) & (new[:, 0] < 3)).all()
    assert not (new[:, None] == X[None]).all(axis=2).any()


def test_a_filter_that_turns_everything_down(blobs):
    X, y = blobs

    def none(X_new, *_):
        return np.zeros(len(X_new), dtype=bool)

    def most(X_new, *_):
        return np.ones(len(X_new), dtype=bool)

    for allow_copies in (False, True):
        with pytest.raises(InputError, match="8 of the 8 rows") as refused:
            augment(
                Noise().fit(X, y),
                X,
                y,
                {0: 4, 1: 4},
                filters=[most, none],
                allow_copies=allow_copies,
            )
        assert refused.value.argument == "filters" and not refused.value.settings
        assert "'none' kept 0 of 10,000 rows" in refused.value.problem


def test_a_filter_is_blamed_where_copies_are_few_among_what_it_turns_down(rng):
    X = np.concatenate([rng.normal(size=(90, 2)), np.full((10, 2), 9.0)])
    data = {"filters": lambda new, *_: new[:, 1] == 9, "random_state": 0}
    with pytest.raises(InputError, match="filters leave .*'<lambda>' kept") as refused:
        augment(Noise(fresh=0.0).fit(X), X, None, 20, **data)
    assert refused.value.argument == "filters"


@pytest.mark.parametrize("answer", [np.ones(3, bool), np.ones(8), [1] * 8, None])
def test_a_filter_that_answers_something_else(blobs, answer):
    X, y = blobs

    def odd(*_):
        return answer

    with pytest.raises(InputError, match="'odd', which returned.*one bool per new row"):
        augment(Noise().fit(X, y), X, y, {0: 4, 1: 4}, filters=odd)


@pytest.mark.parametrize("filters", ["auto", 3, [None, "strict"]])
def test_unknown_filters(blobs, filters):
    with pytest.raises(InputError, match="filters="):
        augment(Noise().fit(*blobs), *blobs, {0: 1, 1: 1}, filters=filters)


def test_a_filter_of_other_arguments_is_refused_with_how_to_write_it(blobs):
    for rule in (lambda rows: rows[:, 0] > 0, lambda rows, y, *, real: rows[:, 0] > 0):
        with pytest.raises(InputError, match="does not take four arguments.*lambda rows, [*]_:"):
            augment(Noise().fit(*blobs), *blobs, {0: 1, 1: 1}, filters=rule)


@pytest.mark.parametrize("answer", ["no", None, 0.5])
def test_unknown_answers_about_copies(blobs, answer):
    with pytest.raises(InputError, match="allow_copies=.*True or False"):
        augment(Noise().fit(*blobs), *blobs, {0: 1, 1: 1}, allow_copies=answer)


def test_a_generator_that_miscounts(blobs):
    class Short(Noise):
        def sample(self, n_samples=None, *, y=None, random_state=None):
            X_new, y_new = super().sample(n_samples, y=y, random_state=random_state)
            return X_new[:-1], y_new[:-1]

    with pytest.raises(GeneratorError, match="Short made .* 7 rows where 8"):
        augment(Short().fit(*blobs), *blobs, {0: 4, 1: 4})


@pytest.mark.parametrize("plan", [-1, 1.5, {0: -1, 1: 0}, "fill"])
def test_a_plan_must_be_resolved(blobs, plan):
    with pytest.raises(InputError, match="plan"):
        augment(Noise().fit(*blobs), *blobs, plan)


def identified(rng, n=60):
    frame = pd.DataFrame({"x": rng.normal(size=n), "id": [f"p{i}" for i in range(n)]})
    return frame, np.where(frame["x"] > 0, "up", "down")


def test_new_identifiers_stay_distinct_when_rows_are_redrawn(rng):
    frame, y = identified(rng)
    gan = TabularGAN(n_steps=0, columns={"id": "regenerate"}, random_state=0).fit(frame, y)
    data = augment(gan, frame, y, {"up": 40, "down": 40}, filters=lambda X, *_: X["x"] > -1)
    assert data.X["id"].is_unique
    assert data.X["id"].tail(80).str.startswith("synthetic-").all()


@pytest.mark.parametrize("kind", ["regenerate", "ignore"])
def test_a_copy_with_a_new_identifier_is_still_a_copy(rng, kind):
    frame, y = identified(rng)
    frame["x"] = frame["x"].round(2)

    class Copier(TabularGAN):
        def _sample(self, n, codes, rng):
            new, _ = super()._sample(n, codes, rng)
            self.n_draws = getattr(self, "n_draws", 0) + 1
            return new.assign(x=0.5 if self.n_draws > 1 else frame["x"].iloc[0]), None

    gan = Copier(n_steps=0, columns={"id": kind}, random_state=0).fit(
        frame[frame.x != 0.5], y[frame.x != 0.5]
    )
    data = augment(gan, frame[frame.x != 0.5], y[frame.x != 0.5], {"up": 5, "down": 5})
    assert (data.X["x"].tail(10) == 0.5).all()


def test_folds_compare_by_identity():
    one, two = make_folds(np.array([0, 1] * 5), cv=2)
    assert one == one and one != two


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
@pytest.mark.filterwarnings("ignore:A column-vector y")
def test_a_target_of_one_column_stays_a_table(blobs, make):
    X, labels = blobs
    y = make({"kind": labels.tolist()})
    generator = BootstrapGenerator(random_state=0)
    augmenter = GANAugmenter(generator, n_samples="fill", random_state=0)
    grown = augmenter.augment(X, y).y
    resampled = GANOverSampler(generator, random_state=0).fit_resample(X, y)[1]
    drawn = augmenter.sample(4)[1]
    plain = augmenter.augment(X, labels).y
    for found in (grown, resampled, drawn):
        assert type(found) is type(y)
        assert np.asarray(found).shape[1] == 1
    assert np.asarray(grown)[:, 0].tolist() == plain.tolist()


def test_rows_that_a_filter_kept_hold_what_they_held():
    X = pd.DataFrame({"a": [0.5, 1.5, 2.5], "k": ["u", "v", "u"]})
    shown = []

    def remember(X_new, y_new, X_real, y_real):
        shown.append(X_new)
        return np.ones(len(X_new), dtype=bool)

    generator = BootstrapGenerator(random_state=0).fit(X)
    data = augment(generator, X, None, 4, filters=remember, random_state=0)
    pd.testing.assert_frame_equal(
        shown[0].reset_index(drop=True), data.X[data.is_synthetic].reset_index(drop=True)
    )
