"""72 awkward inputs: each is refused in one sentence before any training, or learnt and kept.

The names are those of the measurements on six other tools. Every input goes through the
generator, through ``GANAugmenter`` and through ``AugmentedClassifier``. Three inputs that other
tools do well to refuse are learnt here on purpose: two rows, a class of one row and a single
class; ``docs/how_it_works.rst`` says what their rows are made of.
"""

from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.dummy import DummyClassifier

from gan_augment import AugmentedClassifier, GANAugmenter, TabularGAN
from gan_augment.containers import n_rows, take_rows, to_pandas
from gan_augment.exceptions import InputError

N = 200
rng = np.random.default_rng(0)
BASE = pd.DataFrame(
    {
        "a": rng.normal(size=N),
        "b": 10 * rng.normal(size=N) + 5,
        "c": rng.exponential(size=N),
    }
)
MIXED = BASE.assign(k=rng.choice(list("uvw"), N))
Y = pd.Series((np.arange(N) % 4 == 0).astype(int), name="y")
EVERY_TENTH = np.arange(N) % 10 == 0
PIXELS = rng.integers(0, 256, (N, 16))


def objects(cells):
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array


def repeated(*cells):
    return objects([cells[i % len(cells)] for i in range(N)])


def read_only(array):
    array.setflags(write=False)
    return array


@dataclass(frozen=True)
class Case:
    """An input, what is said about it if it is refused, and the generator's parameters."""

    X: object
    y: object = field(default_factory=lambda: Y)
    says: str = ""
    given: dict = field(default_factory=dict)

    def generator(self):
        return TabularGAN(**{"n_steps": 5, "random_state": 0} | self.given)


USES = {
    "generator": lambda case: case.generator().fit(case.X, case.y),
    "augmenter": lambda case: GANAugmenter(case.generator()).augment(case.X, case.y),
    "classifier": lambda case: AugmentedClassifier(
        DummyClassifier(), GANAugmenter(case.generator())
    ).fit(case.X, case.y),
}

# refused --------------------------------------------------------------------------------------

WORDS = repeated(1, "a", 2.5, "b")
LEVELS = pd.MultiIndex.from_tuples([("p", "a"), ("p", "b"), ("q", "c")])
IDS = pd.DataFrame({"a": np.arange(5000) / 7, "k": [f"id{i}" for i in range(5000)]})
MIXED_CELLS = r"Column 'k' holds mixed.* types float, int, str, e\.g\. 1 and 'a': convert it"

REFUSED = {
    "empty_frame": Case(MIXED[:0], Y[:0], r"^X is empty.*0 sample.*\(0, 4\).*at least one row"),
    "zero_columns": Case(
        pd.DataFrame(index=range(N)), says=r"^X is empty.*0 feature.*one row and one column"
    ),
    "one_row": Case(MIXED[:1], Y[:1], r"X has 1 sample.*at least 2 rows.*pass more rows"),
    "two_rows": Case(MIXED[:2], Y[:2], r"y has 2 classes in 2 rows.*two rows of one class"),
    "inf_numeric": Case(
        BASE.assign(a=BASE["a"].where(BASE.index != 7, np.inf)),
        says=r"Column 'a', row 7 contains inf .*: replace it",
    ),
    "nan_target": Case(BASE, Y.where(Y.index != 3), r"y, row 3 .*y contains NaN\): drop"),
    "mixed_object_column": Case(
        BASE.assign(k=WORDS), says=MIXED_CELLS, given={"columns": {"k": "category"}}
    ),
    "mixed_object_undeclared": Case(BASE.assign(k=WORDS), says=MIXED_CELLS),
    "cat_all_unique": Case(
        IDS[:300], np.arange(300) % 2, r"Column 'k' has 300 distinct.*'id0'.*: drop it, .*'ignore'"
    ),
    "cat_5k_uniques": Case(
        IDS, np.arange(5000) % 2, r"Column 'k' has 5000 distinct.*'id0'.*: drop it, .*'ignore'"
    ),
    "duplicate_column_names": Case(
        BASE.set_axis(list("aac"), axis=1), says=r"X has duplicate column names \['a'\]: rename"
    ),
    "mixed_type_column_names": Case(
        BASE.set_axis([0, "b", 2], axis=1), says=r"X has .*mixed types, e\.g\. 0 and 'b': make"
    ),
    "multiindex_columns": Case(
        BASE.set_axis(LEVELS, axis=1), says=r"X has MultiIndex columns .*\('p', 'a'\).*: join"
    ),
    "y_length_mismatch": Case(BASE, Y[:150], r"samples: \[200, 150\]\): pass one value of y"),
    "y_index_mismatch": Case(BASE, Y[::-1], r"y, row 0 .* 199 where X has 0, .*: align them"),
    "y_multilabel_2d": Case(BASE, np.ones((N, 3), int), r"y should be .*\(200, 3\).*one column"),
    "sparse_csr": Case(sparse.csr_matrix(BASE), says=r"X is sparse \(csr_matrix\).*X\.toarray"),
    "array_3d": Case(np.ones((N, 4, 3)), says=r"X has shape \(200, 4, 3\).*dim 3.*reshape"),
    "images_ragged": Case(
        [np.ones((8 + i % 2, 8), "uint8") for i in range(N)], says=r"X is ragged.*: pass rows of"
    ),
    "complex_column": Case(
        BASE.assign(k=1j), says=r"Column 'k' has dtype complex128 .*: split it into two columns"
    ),
    "unhashable_cells": Case(
        BASE.assign(k=objects([[1]] * N)), says=r"Column 'k' holds .*list, e\.g\. \[1\].*: split"
    ),
    "decimal_cells": Case(
        BASE.assign(k=objects([Decimal(i) for i in range(N)])),
        says=r"Column 'k' holds Decimal cells, e\.g\. Decimal\('0'\): convert it",
    ),
    "none_input": Case(None, says=r"X is None: pass a table"),
    "list_of_dicts": Case(BASE.to_dict("records"), says=r"X is a list of dicts: pass a table"),
    "random_state_bad": Case(
        BASE, says=r"random_state='abc' cannot be used.*: pass None", given={"random_state": "abc"}
    ),
}


@pytest.fixture
def no_training(monkeypatch):
    def reached(*args):
        raise AssertionError("training was reached")

    monkeypatch.setattr("gan_augment.TabularGAN._train", reached)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", REFUSED)
def test_an_input_that_cannot_be_learnt_is_refused_before_training(name, use, no_training):
    with pytest.raises(InputError, match=REFUSED[name].says) as refusal:
        USES[use](REFUSED[name])
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("use", ["generator", "classifier"])
def test_float_target_continuous(use, no_training):
    case = Case(BASE, BASE["a"].rename("y"), given={"target": "class"})
    with pytest.raises(InputError, match=r"y holds fractions, e\.g\. .*: bin y"):
        USES[use](case)


# what is asked of a fitted generator, or of an estimator before it is fitted
ASKED = {
    "unseen_category_condition": (
        {"y": ["NEVER"]},
        {"NEVER": 3},
        r"the label 'NEVER', .* not seen at fit: use one of|class 'NEVER', which is not in y",
    ),
    "n_negative": (
        {"n_samples": -5},
        -5,
        r"n_samples=-5 is .*: pass a (non-negative|number >= 0)",
    ),
    "n_float": ({"n_samples": 2.5}, {1: 2.5}, r"n_samples.*=2\.5 is not a number of rows: pass"),
    "n_string": ({"n_samples": "10"}, "10", r"n_samples='10' is (not a number|unknown).*: pass"),
}


@pytest.fixture(scope="module")
def fitted():
    return TabularGAN(n_steps=5, random_state=0).fit(BASE, Y)


@pytest.mark.parametrize("name", ASKED)
def test_rows_that_cannot_be_made_are_refused(name, fitted):
    asked, _, says = ASKED[name]
    with pytest.raises(InputError, match=says):
        fitted.sample(**asked)


@pytest.mark.parametrize("name", ASKED)
def test_an_amount_that_cannot_be_met_is_refused_before_training(name, no_training):
    _, amount, says = ASKED[name]
    generator = TabularGAN(n_steps=5)
    with pytest.raises(InputError, match=says):
        GANAugmenter(generator, n_samples=amount).augment(BASE, Y)
    with pytest.raises(InputError, match=says):
        AugmentedClassifier(DummyClassifier(), GANAugmenter(generator), n_samples=amount).fit(
            BASE, Y
        )


def test_column_order_changed():
    augmenter = GANAugmenter(TabularGAN(n_steps=5, random_state=0)).fit(BASE, Y)
    with pytest.raises(ValueError, match="feature names should match"):
        augmenter.transform(BASE[["c", "b", "a"]])


# learnt ---------------------------------------------------------------------------------------

DAYS = pd.Series(pd.Timestamp("2024-03-30") + pd.to_timedelta(np.arange(N) % 50, "D"))
INTS = pd.Series(rng.integers(0, 9, N), dtype="Int64")
FLAGS = pd.Series(rng.random(N) < 0.3)

LEARNT = {
    "control_numeric": Case(BASE),
    "control_mixed": Case(MIXED),
    "two_rows_same_class": Case(MIXED[1:3], Y[1:3]),
    "class_with_1_sample": Case(MIXED, (Y.index == 5).astype(int)),
    "single_class": Case(MIXED, Y * 0),
    "constant_column": Case(BASE.assign(c=7.5)),
    "all_nan_column": Case(BASE.assign(c=np.nan)),
    "nan_numeric": Case(BASE.assign(a=BASE["a"].mask(EVERY_TENTH))),
    "nan_categorical": Case(MIXED.assign(k=MIXED["k"].mask(EVERY_TENTH))),
    "int_column_names": Case(BASE.set_axis([0, 1, 2], axis=1)),
    "colname_collision_value": Case(BASE.set_axis(["a", "a.value", "a.is_null"], axis=1)),
    "categorical_unused_levels": Case(
        MIXED.assign(k=pd.Categorical(MIXED["k"], categories=list("xuvwz")))
    ),
    "nullable_Int64_NA": Case(BASE.assign(i=INTS.mask(EVERY_TENTH))),
    "nullable_Int64_noNA": Case(BASE.assign(i=INTS)),
    "nullable_boolean_NA": Case(BASE.assign(f=FLAGS.astype("boolean").mask(EVERY_TENTH))),
    "string_pyarrow": Case(MIXED.astype({"k": "string[pyarrow]"})),
    "datetime_tz": Case(BASE.assign(d=DAYS.dt.tz_localize("Europe/London"))),
    "datetime_naive": Case(BASE.assign(d=DAYS)),
    "timedelta_col": Case(BASE.assign(d=DAYS - DAYS[0])),
    "bool_col": Case(BASE.assign(f=FLAGS)),
    "huge_ints_2p53": Case(BASE.assign(i=2**53 + 1 + 2 * rng.integers(0, 10**6, N))),
    "huge_ints_2p62": Case(BASE.assign(i=2**62 + rng.integers(0, 2**60, N))),
    "int8_full_range": Case(
        pd.DataFrame(rng.integers(-128, 128, (N, 3)).astype("int8"), columns=list("abc"))
    ),
    "float16_cols": Case(BASE.astype("float16")),
    "scale_1e300": Case(BASE.assign(a=BASE["a"] * 1e300)),
    "tiny_variance_1e12": Case(BASE.assign(a=1 + 1e-12 * BASE["a"])),
    "classes_500": Case(pd.concat([BASE] * 5, ignore_index=True), np.arange(1000) % 500),
    "string_target": Case(BASE, Y.map({0: "no", 1: "yes"})),
    "readonly_array": Case(read_only(BASE.to_numpy(copy=True)), read_only(Y.to_numpy(copy=True))),
    "object_array_numeric": Case(BASE.to_numpy().astype(object)),
    "polars_frame": Case(pl.from_pandas(MIXED), pl.Series("y", Y.to_numpy())),
    "images_uint8_flat": Case(PIXELS.astype("uint8")),
    "images_float255_flat": Case(PIXELS.astype("float32")),
    "duplicate_index": Case(MIXED.set_axis([0] * N), Y.set_axis([0] * N)),
    "bytes_category": Case(BASE.assign(k=repeated(b"x", b"y"))),
    "nul_surrogate_strings": Case(
        BASE.assign(
            # a lone surrogate fits into a column of dtype object only
            k=pd.Series(
                repeated("a", "a\x00", "b\ud800", "=cmd|' /C calc'!A0", "<script>"), dtype=object
            )
        )
    ),
    "target_huge_imbalance_6": Case(MIXED, (Y.index < 6).astype(int)),
    "all_duplicate_rows": Case(MIXED.iloc[[0] * N].reset_index(drop=True)),
}


def check_rows(X_new, X):
    """Schema, ranges, grid and categories of new rows are those of the real ones."""
    assert type(X_new) is type(X)
    (new, _), (old, _) = to_pandas(X_new), to_pandas(X)
    pd.testing.assert_index_equal(new.columns, old.columns)
    pd.testing.assert_series_equal(new.dtypes, old.dtypes)
    for name in old.columns:
        seen, made = old[name].dropna(), new[name].dropna()
        assert old[name].isna().any() or not new[name].isna().any()
        if pd.api.types.infer_dtype(seen) in ("string", "bytes", "boolean", "categorical"):
            assert set(made) <= set(seen)
        elif len(made):
            assert seen.min() <= made.min() and made.max() <= seen.max()
            if seen.dtype.kind in "iu":
                step = np.gcd.reduce([int(v) - int(seen.min()) for v in seen]) or 1
                assert all((int(v) - int(seen.min())) % step == 0 for v in made)


def assert_same(got, X):
    """The same table or target, bit for bit."""
    assert type(got) is type(X)
    if isinstance(X, (pd.DataFrame, pd.Series)):
        pd.testing.assert_frame_equal(pd.DataFrame(got), pd.DataFrame(X), check_exact=True)
    elif isinstance(X, (pl.DataFrame, pl.Series)):
        assert got.equals(X, null_equal=True)
    else:
        assert got.dtype == X.dtype
        assert got.tolist() == X.tolist()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", LEARNT)
def test_new_rows_have_the_schema_and_the_ranges_of_the_real_ones(name):
    case = LEARNT[name]
    X_new, y_new = USES["generator"](case).sample(300)
    assert n_rows(X_new) == n_rows(y_new) == 300
    check_rows(X_new, case.X)
    assert type(y_new) is type(case.y) and y_new.dtype == case.y.dtype
    assert set(y_new) <= set(case.y)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", LEARNT)
def test_the_real_rows_stay_as_they_are_and_come_first(name):
    case = LEARNT[name]
    n = n_rows(case.X)
    data = USES["augmenter"](case)
    assert len(data) == 2 * n and data.n_synthetic == n
    real, new = ~data.is_synthetic, data.is_synthetic
    assert real[:n].all() and new[n:].all()
    assert_same(take_rows(data.X, real), case.X)
    assert_same(take_rows(data.y, real), case.y)
    check_rows(take_rows(data.X, new), case.X)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", LEARNT)
def test_a_classifier_learns_from_the_rows(name):
    case = LEARNT[name]
    model = USES["classifier"](case)
    assert len(model.predict(case.X)) == n_rows(case.X)
    assert set(model.classes_) == set(case.y)


def test_memmap_readonly(tmp_path):
    path = tmp_path / "X"
    BASE.to_numpy().tofile(path)
    X = np.memmap(path, dtype="float64", mode="r", shape=BASE.shape)
    data = USES["augmenter"](Case(X))
    assert np.array_equal(data.X[:N], BASE)
    check_rows(np.asarray(data.X[N:]), BASE.to_numpy())


def test_a_continuous_target_is_learnt_as_a_number():
    y = pd.Series(BASE["a"] * 2, name="y")
    _, y_new = USES["generator"](Case(BASE, y)).sample(300)
    assert y_new.dtype == y.dtype and y_new.name == "y"
    assert y.min() <= y_new.min() and y_new.max() <= y.max()


def test_n_zero(fitted):
    X_new, y_new = fitted.sample(0)
    assert len(X_new) == len(y_new) == 0
    pd.testing.assert_series_equal(X_new.dtypes, BASE.dtypes)
    data = GANAugmenter(TabularGAN(n_steps=5), n_samples=0).augment(BASE, Y)
    assert_same(data.X, BASE)


def test_n_2million():
    X_new, y_new = USES["generator"](Case(BASE[["a"]])).sample(2_000_000)
    assert X_new.shape == (2_000_000, 1)
    check_rows(X_new, BASE[["a"]])
    assert y_new.value_counts().to_dict() == {0: 1_500_000, 1: 500_000}


def test_all_72_inputs_are_here():
    alone = {
        "float_target_continuous", "column_order_changed", "memmap_readonly", "n_zero",
        "n_2million",
    }  # fmt: skip
    assert len(REFUSED.keys() | ASKED.keys() | LEARNT.keys() | alone) == 72
