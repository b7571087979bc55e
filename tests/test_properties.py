"""What holds for every table: eight properties of new rows, the codec's round trip, the pipeline.

Hypothesis draws tables of every kind of column: missing cells, extremes of every dtype, constants,
duplicated rows, text of any script come as they are drawn. 30 examples a property here, 300 with
``nox -s nightly``, which draws others every time. A table may be refused, but in one sentence.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.tree import DecisionTreeClassifier

from gan_augment import (
    BootstrapGenerator,
    GANAugmenter,
    SMOTEGenerator,
    TabularGAN,
    make_pipeline,
)
from gan_augment.codecs.dtypes import missing_mask, to_numbers
from gan_augment.codecs.table import TableCodec
from gan_augment.exceptions import InputError

MOST_ROWS = 24
WORDS = ["", "a", "ä", "日本", "🙂", "=1+1", "<b>", "a\x00", "\ud800", "NaN", "None", " ", "a,b"]
INTEGERS = "int8 int16 int32 int64 uint8 uint16 uint32 uint64".split()
NULLABLE = "Int8 Int64 UInt8 UInt64".split()
ZONES = ["UTC", "Europe/London", "America/St_Johns"]


@dataclass(frozen=True)
class Table:
    """Rows, and the target of each or None."""

    X: pd.DataFrame
    y: object

    def __repr__(self):
        shown = {name: (str(c.dtype), c.tolist()) for name, c in self.X.items()}
        return f"Table(X={shown}, y={None if self.y is None else (self.y.dtype, list(self.y))})"


def _cells(elements, missing=False):
    return st.one_of(st.none(), elements) if missing else elements


def floats(dtype):
    width = np.dtype(dtype).itemsize * 8
    any_float = st.floats(allow_nan=False, allow_infinity=False, width=width)
    most = 1000 if width == 16 else 1e6
    plain = st.integers(-1000, 1000).map(lambda i: i / 100).map(np.dtype(dtype).type).map(float)
    near = st.floats(-most, most, width=width)
    return st.one_of(plain, near, any_float)


@st.composite
def columns(draw, n):
    """A column of n rows."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    return KINDS[kind](draw, n)


def _list(draw, elements, n):
    return draw(st.lists(elements, min_size=n, max_size=n))


def _float_column(draw, n):
    dtype = draw(st.sampled_from(["float64", "float32", "float16"]))
    missing = draw(st.booleans())
    return pd.Series(_list(draw, _cells(floats(dtype), missing), n), dtype=dtype)


def _nullable_float(draw, n):
    return pd.Series(_list(draw, _cells(floats("float64"), True), n), dtype="Float64")


def _integers(dtype, draw):
    info = np.iinfo(dtype.lower())
    some = st.integers(max(info.min, -9), 9)
    return some if draw(st.booleans()) else st.one_of(some, st.integers(info.min, info.max))


def _integer_column(draw, n):
    dtype = draw(st.sampled_from(INTEGERS))
    return pd.Series(_list(draw, _integers(dtype, draw), n), dtype=dtype)


def _nullable_integer(draw, n):
    dtype = draw(st.sampled_from(NULLABLE))
    return pd.Series(_list(draw, _cells(_integers(dtype, draw), True), n), dtype=dtype)


def _bool_column(draw, n):
    missing = draw(st.booleans())
    cells = _list(draw, _cells(st.booleans(), missing), n)
    return pd.Series(cells, dtype="boolean" if missing else "bool")


def _text_column(draw, n):
    dtype = draw(st.sampled_from(["object", "string[python]", "string[pyarrow]"]))
    words = [w for w in WORDS if dtype == "object" or "\ud800" not in w]
    words = draw(st.lists(st.sampled_from(words), min_size=1, max_size=4, unique=True))
    return pd.Series(
        _list(draw, _cells(st.sampled_from(words), draw(st.booleans())), n), dtype=dtype
    )


def _bytes_column(draw, n):
    return pd.Series(_list(draw, st.sampled_from([b"", b"x", b"\xff"]), n), dtype=object)


def _category_column(draw, n):
    levels = draw(
        st.one_of(
            st.lists(st.sampled_from(WORDS), min_size=1, max_size=5, unique=True),
            st.lists(st.integers(-3, 3), min_size=1, max_size=5, unique=True),
        )
    )
    cells = _list(draw, _cells(st.sampled_from(levels), draw(st.booleans())), n)
    return pd.Series(pd.Categorical(cells, categories=levels, ordered=draw(st.booleans())))


def _date_column(draw, n):
    unit = draw(st.sampled_from(["s", "ms", "us", "ns"]))
    zone = draw(st.sampled_from([None, *ZONES]))
    second = st.integers(-(2**31), 2**32)
    step = draw(st.sampled_from([1, 60, 86400]))
    cells = _list(draw, _cells(second, draw(st.booleans())), n)
    ticks = [None if s is None else pd.Timestamp(s // step * step, unit="s") for s in cells]
    series = pd.Series(pd.to_datetime(ticks)).astype(f"datetime64[{unit}]")
    return series.dt.tz_localize("UTC").dt.tz_convert(zone) if zone else series


def _duration_column(draw, n):
    ticks = _list(draw, st.integers(-(10**9), 10**9), n)
    return pd.Series(pd.to_timedelta(ticks, unit="s"))


def _constant_column(draw, n):
    column = KINDS[draw(st.sampled_from(sorted(set(KINDS) - {"constant"})))](draw, 1)
    return column.iloc[np.zeros(n, dtype=int)].reset_index(drop=True)


def _object_numbers(draw, n):
    cells = _list(draw, _cells(st.integers(-(10**6), 10**6), draw(st.booleans())), n)
    return pd.Series(cells, dtype=object)


KINDS = {
    "float": _float_column,
    "nullable_float": _nullable_float,
    "integer": _integer_column,
    "nullable_integer": _nullable_integer,
    "bool": _bool_column,
    "text": _text_column,
    "bytes": _bytes_column,
    "category": _category_column,
    "date": _date_column,
    "duration": _duration_column,
    "constant": _constant_column,
    "object_numbers": _object_numbers,
}


@st.composite
def labels(draw, n):
    """A target of two or three classes, of which the first has two rows."""
    known = draw(
        st.sampled_from([["no", "yes"], [0, 1, 2], [True, False], ["ä", "", "日"], [-(2**60), 7]])
    )
    cells = [known[0], known[0], known[1]][:n]
    cells += _list(draw, st.sampled_from(known), n - len(cells))
    dtype = draw(st.sampled_from([None, "category"]))
    return pd.Series(draw(st.permutations(cells)), name="y", dtype=dtype)


def numbers(n):
    """A target of numbers with fractions."""
    cells = st.lists(st.floats(-1e6, 1e6), min_size=n, max_size=n)
    return cells.map(lambda values: pd.Series(values, name="y") + np.r_[0.5, np.zeros(n - 1)])


@st.composite
def tables(draw, target="any"):
    """A table of one to five columns."""
    n = draw(st.integers(4, MOST_ROWS))
    found = draw(st.lists(columns(n), min_size=1, max_size=5))
    names = [f"c{i}" for i in range(len(found))]
    X = pd.concat(found, axis=1)
    X.columns = names
    y = draw(labels(n)) if target == "classes" else None
    if target == "any":
        y = draw(st.one_of(st.none(), labels(n), numbers(n)))
    if draw(st.booleans()):  # rows that stand twice
        again = np.r_[np.arange(n), np.arange(n // 2)]
        X = X.iloc[again].reset_index(drop=True)
        y = None if y is None else y.iloc[again].reset_index(drop=True)
    return Table(X, y)


@st.composite
def numeric_tables(draw):
    """Numbers only, with classes, as every scikit-learn classifier takes them."""
    n = draw(st.integers(6, MOST_ROWS))
    dtype = draw(st.sampled_from(["float64", "float32", "int16", "uint8"]))
    dtype = np.dtype(dtype)
    low, high = (-100, 100) if dtype.kind in "fi" and dtype.itemsize > 1 else (0, 255)
    width = draw(st.integers(1, 3))
    cells = _list(draw, st.integers(low, high), n * width)
    X = np.array(cells, dtype=dtype).reshape(n, width)
    return Table(
        X if draw(st.booleans()) else pd.DataFrame(X, columns=list("uvw")[:width]), draw(labels(n))
    )


# what is asked -------------------------------------------------------------------------------

MAKERS = st.builds(
    TabularGAN,
    n_steps=st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2]),
    mixture=st.sampled_from(
        ["auto", "auto", {"interpolate": 1}, {"borrow": 1}, {"covariance": 1}]
    ),
    random_state=st.just(0),
) | st.just(BootstrapGenerator(random_state=0))
SEEDS = st.integers(0, 2**32 - 1)
COUNTS = st.integers(0, 40)


def fitted(maker, table):
    """Return the generator after `fit`, or None where the table is refused as it may be."""
    try:
        return clone(maker).fit(table.X, table.y)
    except InputError as refusal:
        assert_one_sentence(refusal, table)


def assert_one_sentence(refusal, table):
    said = str(refusal)
    note(said)
    assert "\n" not in said and said.endswith(".")
    assert any(repr(name) in said for name in table.X.columns) or said.startswith(
        ("X", "y", "Inp")
    )


def assert_bits(got, real):
    """The same cells, bit for bit, in the same dtypes."""
    pd.testing.assert_frame_equal(got, real, check_exact=True)
    for name, column in real.items():
        if isinstance(column.dtype, np.dtype) and column.dtype.kind != "O":
            assert got[name].to_numpy().tobytes() == column.to_numpy().tobytes()


def in_range(made, real):
    """Whether numbers, dates and durations lie between the least and the largest real one."""
    made, real = made[~missing_mask(made)], real[~missing_mask(real)]
    if len(made) == 0:
        return True
    return len(real) > 0 and real.min() <= made.min() and made.max() <= real.max()


def is_measured(column):
    categorical = isinstance(column.dtype, pd.CategoricalDtype)
    return not categorical and column.dtype.kind in "iufmM"


@given(tables(), MAKERS, COUNTS)
def test_as_many_rows_as_asked(table, maker, n):
    if (generator := fitted(maker, table)) is not None:
        X_new, y_new = generator.sample(n, random_state=1)
        assert len(X_new) == n
        assert (y_new is None) if table.y is None else len(y_new) == n


@given(tables(), MAKERS)
def test_dtypes_and_names_are_kept(table, maker):
    if (generator := fitted(maker, table)) is not None:
        X_new, y_new = generator.sample(9, random_state=1)
        pd.testing.assert_series_equal(X_new.dtypes, table.X.dtypes)
        assert y_new is None or (y_new.dtype == table.y.dtype and y_new.name == table.y.name)


@given(tables(), MAKERS)
def test_numbers_stay_in_the_range_seen(table, maker):
    if (generator := fitted(maker, table)) is not None:
        X_new, y_new = generator.sample(30, random_state=1)
        for name, real in table.X.items():
            assert not is_measured(real) or in_range(X_new[name], real)
        assert generator.target_.kind_ != "number" or in_range(y_new, table.y)


@given(numeric_tables(), st.sampled_from(["smote", "bootstrap", "interpolate"]))
def test_interpolated_numbers_stay_in_the_range_of_their_class(table, way):
    ways = {
        "smote": SMOTEGenerator(random_state=0),
        "bootstrap": BootstrapGenerator(random_state=0),
        "interpolate": TabularGAN(n_steps=0, mixture={"interpolate": 1}, random_state=0),
    }
    X = pd.DataFrame(table.X)
    counts = table.y.value_counts()
    generator = ways[way].fit(X, table.y)
    for label in counts.index[counts >= 2]:
        made, _ = generator.sample(y=[label] * 20)
        for name in X.columns:
            assert in_range(made[name], X.loc[table.y == label, name])


@given(tables(), MAKERS)
def test_categories_are_among_those_seen(table, maker):
    if (generator := fitted(maker, table)) is not None:
        X_new, y_new = generator.sample(30, random_state=1)
        for name, real in table.X.items():
            if not is_measured(real) and not pd.api.types.infer_dtype(real).startswith("int"):
                assert set(X_new[name].dropna()) <= set(real.dropna())
        assert generator.target_.kind_ != "class" or set(y_new) <= set(table.y)


@given(tables(), MAKERS)
def test_nothing_is_missing_where_nothing_was(table, maker):
    if (generator := fitted(maker, table)) is not None:
        X_new, y_new = generator.sample(30, random_state=1)
        for name, real in table.X.items():
            assert missing_mask(real).any() or not missing_mask(X_new[name]).any()
            if X_new[name].dtype.kind == "f":
                values = X_new[name].to_numpy(dtype=np.float64, na_value=np.nan)
                assert not np.isinf(values).any()
        assert y_new is None or not y_new.isna().any()


@pytest.mark.filterwarnings("ignore::gan_augment.exceptions.AugmentationWarning")
@given(tables(), MAKERS, COUNTS)
def test_real_rows_stay_as_they_are(table, maker, n):
    X, y = table.X.copy(deep=True), None if table.y is None else table.y.copy(deep=True)
    try:
        data = GANAugmenter(maker, n_samples=n, random_state=0).augment(table.X, table.y)
    except InputError as refusal:
        assert_one_sentence(refusal, table)
        data = None
    assert_bits(table.X, X)
    if data is not None:
        assert data.n_synthetic == n
        assert_bits(data.X[: len(X)], X)
        assert y is None or data.y[: len(y)].equals(y)


@pytest.mark.filterwarnings("ignore::gan_augment.exceptions.AugmentationWarning")
@given(tables("classes"), MAKERS, st.data())
def test_each_class_gets_the_rows_asked_for(table, maker, data):
    known = table.y.unique().tolist()
    wanted = {label: data.draw(st.integers(0, 9)) for label in known}
    order = data.draw(st.permutations([k for k, n in wanted.items() for _ in range(n)]))
    if (generator := fitted(maker, table)) is not None:
        assert generator.sample(y=order)[1].tolist() == list(order)
        augmenter = GANAugmenter(maker, n_samples=wanted, random_state=0)
        added = augmenter.augment(table.X, table.y)
        new = added.y[added.is_synthetic]
        assert {label: int((new == label).sum()) for label in known} == wanted


@given(tables(), MAKERS, SEEDS)
def test_the_same_seed_gives_the_same_bytes(table, maker, seed):
    if (generator := fitted(maker, table)) is not None:
        again = fitted(maker, table)
        (X1, y1), (X2, y2) = (g.sample(15, random_state=seed) for g in (generator, again))
        assert_bits(X1, X2)
        assert (y1 is None and y2 is None) or y1.equals(y2)


@given(tables("none"))
def test_what_is_encoded_comes_back(table):
    """Exactly, but for numbers spread over more digits than a float64 has.

    Floats whose sizes lie more than 2**40 apart may lose the small ones; each other float returns
    to 1e-9 of itself. Integers spread over more than 2**53 return to 2**-52 of the spread, and
    every other kind of cell as it was.
    """
    try:
        codec = TableCodec().fit(table.X)
    except InputError as refusal:
        assert_one_sentence(refusal, table)
        return
    back, _ = codec.decode(codec.encode(table.X))
    pd.testing.assert_series_equal(back.dtypes, table.X.dtypes)
    for name, real in table.X.items():
        if real.dtype.kind in "iu":
            assert (missing_mask(back[name]) == missing_mask(real)).all()
            seen, made = ([int(v) for v in column.dropna()] for column in (real, back[name]))
            spread = max(seen) - min(seen) if seen else 0
            slack = spread * 2.0**-52 if spread > 2**53 else 0
            assert all(abs(a - b) <= slack for a, b in zip(seen, made, strict=True))
            continue
        if real.dtype.kind != "f":
            pd.testing.assert_series_equal(back[name], real, check_exact=True)
            continue
        assert (missing_mask(back[name]) == missing_mask(real)).all()
        made, seen = to_numbers(back[name])[0], to_numbers(real)[0]
        slack = np.maximum(1e-9 * np.abs(seen), 2.0**-40 * np.abs(seen).max())
        assert (np.abs(made - seen) <= slack).all()


@pytest.mark.filterwarnings("ignore::gan_augment.exceptions.AugmentationWarning")
@given(numeric_tables(), st.sampled_from([BootstrapGenerator(), TabularGAN(n_steps=0)]), SEEDS)
def test_a_pipeline_equals_fitting_by_hand(table, generator, seed):
    augmenter = GANAugmenter(generator, n_samples=1.0, random_state=seed % 2**31)
    classifier = DecisionTreeClassifier(random_state=0)
    piped = make_pipeline(clone(augmenter), clone(classifier)).fit(table.X, table.y)
    data = clone(augmenter).augment(table.X, table.y)
    by_hand = classifier.fit(data.X, data.y)
    assert (piped.predict(table.X) == by_hand.predict(table.X)).all()
    assert (piped[-1].tree_.threshold == by_hand.tree_.threshold).all()
    assert piped.score(table.X, table.y) == by_hand.score(table.X, table.y)
