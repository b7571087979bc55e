"""Shapes, names and arrays that are no table, each refused in one sentence."""

import numpy as np
import pandas as pd

from gan_augment.exceptions import InputError, error_text

RESHAPE = (
    "Reshape your data either using array.reshape(-1, 1) if your data has a single feature or "
    "array.reshape(1, -1) if it contains a single sample."
)


class SparseInputError(InputError, TypeError):
    """A sparse matrix was passed; also a TypeError, as scikit-learn raises for it."""


def check_shape(shape):
    """Refuse an empty table, in the words scikit-learn uses."""
    for length, what in zip(shape, ("sample", "feature"), strict=True):
        if length == 0:
            raise InputError(
                f"is empty: Found array with 0 {what}(s) (shape={tuple(shape)}) while a minimum "
                "of 1 is required. Pass at least one row and one column.",
                argument="X",
            )


def check_names(names):
    """Refuse column names that cannot tell the columns apart."""
    if isinstance(names, pd.MultiIndex):
        raise InputError(
            f"has MultiIndex columns ({names.nlevels} levels, e.g. {names[:1].tolist()})",
            argument="X",
            remedy="join the levels to one name, e.g. X.columns = ['_'.join(map(str, c)) for c in "
            "X.columns]",
        )
    names = pd.Index(names)
    if not names.is_unique:
        twice = names[names.duplicated()].unique().tolist()
        raise InputError(
            f"has duplicate column names {twice[:5]!r}",
            argument="X",
            remedy="rename them so that every column name is unique",
        )
    texts = [name for name in names if isinstance(name, str)]
    ints = [
        name
        for name in names
        if isinstance(name, (int, np.integer)) and not isinstance(name, (bool, np.bool_))
    ]
    if texts and ints:
        raise InputError(
            f"has column names of mixed types, e.g. {ints[0]!r} and {texts[0]!r}",
            argument="X",
            remedy="make all of them strings with X.columns = X.columns.astype(str)",
        )
    kinds = {type(name): name for name in texts}
    if str in kinds and len(kinds) > 1:
        odd = next(name for kind, name in kinds.items() if kind is not str)
        raise InputError(
            f"has column names of type str and of another kind of text, e.g. {odd!r}",
            argument="X",
            remedy="make all of them plain with X.columns = [''.join(name) for name in X.columns]",
        )
    if len(texts) + len(ints) < len(names):
        odd = next(name for name in names if name not in texts and name not in ints)
        raise InputError(
            f"has a column named {odd!r} ({type(odd).__name__})",
            argument="X",
            remedy="make all column names strings with X.columns = X.columns.astype(str)",
        )


def check_byte_order(dtypes):
    """Refuse numbers in another machine's byte order, which pandas cannot compute with."""
    for name, dtype in dtypes:
        if isinstance(dtype, np.dtype) and not dtype.isnative:
            raise InputError(
                f"has dtype {dtype.str!r}, which is not this machine's byte order",
                argument=name,
                remedy=f"pass {name}.astype({dtype.newbyteorder('=').str!r})",
            )


def check_supported(dtypes):
    """Refuse dtypes with which pandas or numpy cannot compute at all, and say what to pass."""
    for name, dtype in dtypes:
        plain = isinstance(dtype, np.dtype)
        if not plain and "_view" in str(dtype):  # string_view and its like, of pyarrow
            raise InputError(
                f"has dtype {dtype}, which is not supported",
                argument=name,
                remedy=f"pass {name}.astype(str)",
            )
        if plain and dtype.kind in "mM" and np.datetime_data(dtype)[0] == "generic":
            unit = "timedelta64[s]" if dtype.kind == "m" else "datetime64[s]"
            raise InputError(
                f"has dtype {dtype}, which has no unit",
                argument=name,
                remedy=f"pass {name}.astype({unit!r})",
            )


def check_levels(dtypes):
    """Refuse levels that pandas cannot hash, as it must to append rows to them."""
    for name, dtype in dtypes:
        if isinstance(dtype, pd.CategoricalDtype):
            try:
                hash(dtype)
            except UnicodeEncodeError as error:
                raise InputError(
                    f"is categorical with the level {error.object!r:.60}, which is not valid "
                    "Unicode text",
                    argument=name,
                    remedy=f"convert it with {name}.astype(object)",
                ) from error


def table_array(X):
    """Return a 2-D ndarray for anything scikit-learn would take as one."""
    if isinstance(X, np.matrix):
        raise InputError(
            "is a np.matrix, which is not supported", argument="X", remedy="pass np.asarray(X)"
        )
    if isinstance(X, np.ma.MaskedArray) and np.ma.is_masked(X):
        raise InputError(
            "is a masked array with masked cells",
            argument="X",
            remedy="pass X.filled(numpy.nan) or a DataFrame",
        )
    if isinstance(X, (list, tuple)) and any(isinstance(row, dict) for row in X):
        raise InputError(
            "is a list of dicts", argument="X", remedy="pass a table, e.g. pandas.DataFrame(X)"
        )
    array = _cells_of(X)
    if array.dtype.kind == "V":
        raise InputError(
            f"has dtype {array.dtype}",
            argument="X",
            remedy="pass a DataFrame with one dtype per column",
        )
    if array.ndim < 2:
        what = "scalar" if array.ndim == 0 else "1D"
        raise InputError(
            f"is {X!r:.60}: Expected 2D array, got {what} array instead. {RESHAPE}", argument="X"
        )
    if array.ndim > 2:
        raise InputError(
            f"has shape {array.shape}: Found array with dim {array.ndim}, while dim <= 2 is "
            "required",
            argument="X",
            remedy="for images pass one array, np.stack(X), for a table np.reshape(X, (len(X), "
            "-1))",
        )
    if array.dtype.kind == "c":
        raise InputError(
            f"has dtype {array.dtype}: Complex data not supported",
            argument="X",
            remedy="pass the real and imaginary parts as two sets of columns, X.real and X.imag",
        )
    check_byte_order([("X", array.dtype)])
    check_supported([("X", array.dtype)])
    check_shape(array.shape)
    return array


def read_array(values, argument, ragged, remedy):
    """Return what numpy makes of anything, or refuse what it cannot read.

    `ragged` and `remedy` say what is wrong where parts differ in length, and what to pass.
    """
    try:
        return np.asarray(values)
    except ValueError as error:
        raise InputError(
            f"is ragged, {ragged} ({error})", argument=argument, remedy=remedy
        ) from error
    except (RuntimeError, TypeError) as error:
        raise InputError(
            f"cannot be read as an array ({error_text(error)})",
            argument=argument,
            remedy=f"pass an array, of a torch tensor {argument}.detach().cpu().numpy()",
        ) from error


def _cells_of(X):
    """Return the cells of anything as an array that changes none of them."""
    ragged = "its rows have different lengths or shapes"
    array = read_array(X, "X", ragged, "pass rows of one length, e.g. a 2-D array")
    if array.dtype.kind in "US" and isinstance(X, (list, tuple)) and array.ndim == 2:
        # numpy spells [["a", 1]] as two strings; as objects every cell keeps its own type.
        cells = np.array(X, dtype=object)
        same = all(isinstance(cell, (str, bytes)) and _ends_plainly(cell) for cell in cells.flat)
        array = array if same else cells
    if array.dtype.kind in "iuf" and isinstance(X, (list, tuple)) and array.ndim == 2:
        array = _exact(X, array)
    return array


def _ends_plainly(text):
    """Whether numpy keeps all of a text: it takes NULs at the end for padding."""
    return not text.endswith("\0" if isinstance(text, str) else b"\0")


def _exact(X, array):
    """Return rows of numbers as objects where one dtype for all would change some of them."""
    cells = np.array(X, dtype=object)
    kinds = {type(cell) for cell in cells.flat}
    changed = (cells != array) & (array == array)  # a NaN equals nothing
    return cells if kinds & {bool, np.bool_} or changed.any() else array


def free_name(name, taken):
    """Return a name, or the next one with a number that no column has.

    Examples
    --------
    >>> free_name("y", ["x"]), free_name("x", ["x", "x_2"])
    ('y', 'x_3')
    """
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found
