"""Tables of every kind of column, as Hypothesis draws them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from hypothesis import strategies as st

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
    # pandas 3 makes no categories of a list with a lone surrogate
    words = [w for w in WORDS if pd.__version__ < "3" or "\ud800" not in w]
    levels = draw(
        st.one_of(
            st.lists(st.sampled_from(words), min_size=1, max_size=5, unique=True),
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
