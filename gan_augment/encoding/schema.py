"""What a table's columns are: kinds, dtypes, bounds, decimals, categories, missingness.

A `Schema` is data, not behaviour: it is inferred once, when a generator is fitted, it can be
read and overridden by the user, and it goes to JSON and back without loss.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype

from gan_augment.containers.untrusted import is_finite, is_whole, parsed, require
from gan_augment.encoding.column import KINDS, LABELS, NUMBERS, Column
from gan_augment.encoding.disguises import check_total_row
from gan_augment.encoding.dtypes import dtype_from_text, from_plain, object_array, to_plain
from gan_augment.encoding.inference import infer_column
from gan_augment.exceptions import ColumnErrors, InputError


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in order.

    Parameters
    ----------
    columns : tuple of Column

    Examples
    --------
    >>> import pandas as pd
    >>> schema = Schema.infer(pd.DataFrame({"a": [0.5, 1.0, 2.5], "k": ["u", "v", "u"]}))
    >>> [(column.name, column.kind) for column in schema.columns]
    [('a', 'number'), ('k', 'category')]
    >>> Schema.from_json(schema.to_json()) == schema
    True
    """

    columns: tuple[Column, ...]

    @classmethod
    def infer(cls, frame: pd.DataFrame, columns: Mapping[Any, str] | Any = None) -> Self:
        """Return the schema of a frame.

        Parameters
        ----------
        frame : pandas.DataFrame of shape (n_samples, n_features)
            The training rows.
        columns : dict of {name: kind} or sdv.metadata.Metadata, optional
            Kinds chosen by hand. "ignore": not learnt, synthetic rows are missing there.
            "regenerate": an identifier, synthetic rows get new ones. "category": integers are
            labels, or text whose values are all distinct is no identifier.

        Returns
        -------
        Schema

        Raises
        ------
        InputError
            If columns cannot be learnt; the message names all of them and the cure.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"zip": [10115, 80331, 10115]})
        >>> Schema.infer(frame, columns={"zip": "category"})["zip"].categories
        (10115, 80331)
        """
        chosen = chosen_kinds(columns, frame)
        check_chosen(chosen, list(frame.columns))
        columns, errors = [], []
        for name, series in frame.items():
            try:
                columns.append(infer_column(series, chosen.get(name)))
            except InputError as error:
                errors.append(error)
        if len(errors) > 1:
            raise ColumnErrors(errors)
        if errors:
            raise errors[0]
        check_total_row(frame)
        return cls(tuple(columns))

    @property
    def names(self) -> tuple[Any, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: Any) -> Column:
        """Return the column of this name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def to_json(self) -> str:
        """Return the schema as JSON text: data only and lossless."""
        columns = [{k: to_plain(v) for k, v in asdict(c).items()} for c in self.columns]
        return json.dumps({"columns": columns}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the schema that `to_json` wrote.

        Parameters
        ----------
        text : str
            What `to_json` returned.

        Returns
        -------
        Schema

        Raises
        ------
        InputError
            If the text describes no column that a table has.
        """
        known = {field.name for field in fields(Column)}
        columns = []
        for data in parsed(text)["columns"]:
            if set(data) != known:
                raise InputError(
                    f"describes a column with fields {sorted(data)}",
                    argument="text",
                    remedy="pass what Schema.to_json of this version returned",
                )
            columns.append(Column(**{key: from_plain(value) for key, value in data.items()}))
            check_column(columns[-1])
        return cls(tuple(columns))


# Kinds chosen by hand --------------------------------------------------------------------------


#: What SDV's types of columns are here; None where the column speaks for itself.
_KIND_OF_SDTYPE = {
    **{"categorical": "category", "id": "regenerate"},
    **dict.fromkeys(("numerical", "datetime", "boolean", "ordinal", "unknown")),
}


def is_metadata(columns: object) -> bool:
    """Whether this is SDV's ``Metadata``, or something that describes tables as it does."""
    return hasattr(columns, "to_dict") and hasattr(columns, "tables")


def chosen_kinds(columns, frame):
    """Return the kinds chosen by hand, a dict or SDV's metadata, as a dict of {name: kind}.

    Of SDV's types, "categorical" is "category" here and "id" is "regenerate"; what is personal
    (names, addresses and so on) is not learnt but ignored. A column that metadata calls numerical,
    datetime, boolean, ordinal or unknown is taken for what its dtype and values say. Metadata may
    describe one column more than the frame has, the target; several tables, or another one, are
    refused.

    Examples
    --------
    >>> import pandas as pd
    >>> from sdv.metadata import Metadata
    >>> frame = pd.DataFrame({"size": [1, 2, 2], "colour": ["red", "blue", "red"]})
    >>> metadata = Metadata.detect_from_dataframes({"boxes": frame})
    >>> metadata.update_column(column_name="size", sdtype="categorical")
    >>> chosen_kinds(metadata, frame)["size"]
    'category'
    """
    if not is_metadata(columns):
        return dict(columns or {})
    tables = columns.to_dict()["tables"]
    if len(tables) != 1:
        raise InputError(
            f"is metadata that describes {len(tables)} tables, {', '.join(sorted(tables))}",
            argument="columns",
            remedy="pass the metadata of one table",
        )
    (described,) = tables.values()
    sdtypes = {name: facts["sdtype"] for name, facts in described["columns"].items()}
    at = {str(name): name for name in frame.columns}  # SDV knows names that are text only
    beyond = [name for name in sdtypes if name not in at]
    if len(beyond) > 1:
        raise InputError(
            f"is metadata that describes {beyond[0]!r} and {beyond[1]!r}, which X does not have",
            argument="columns",
            remedy="pass the metadata of this table",
        )
    kinds = {}
    for name, sdtype in sdtypes.items():
        kind = _KIND_OF_SDTYPE.get(sdtype, "ignore") if name in at else None
        # a column of bools is no "category" here
        if kind and not (kind == "category" and is_bool_dtype(frame[at[name]].dtype)):
            kinds[at[name]] = kind
    return kinds


def check_chosen(chosen, names):
    """Refuse kinds that there are not, or of columns that a table with these names has not."""
    for name, kind in chosen.items():
        if name not in names:
            raise InputError(
                f"names {name!r}, which is not a column",
                argument="columns",
                remedy=f"use one of {names[:10]!r}",
            )
        if kind not in KINDS:
            raise InputError.of(
                "columns",
                {name: kind},
                "asks for an unknown kind",
                f"choose one of {', '.join(KINDS)}",
            )


# Columns as files describe them ----------------------------------------------------------------


#: Letters of a dtype's text. No quotes, backslashes or braces: nothing that could be a program.
_DTYPE_TEXT = re.compile(r"[A-Za-z0-9_\[\]., :+\-/=<>]{1,200}")
#: Kinds of dtypes that hold a kind of numbers.
_HOLDS = {"number": "fO", "integer": "iuO", "datetime": "M", "timedelta": "m", "boolean": "bO"}


def check_column(column):
    """Refuse the description of a column, with fields of any types, that no table has."""
    require(isinstance(column.kind, str) and column.kind in KINDS, "columns of known kinds")
    flags = (column.has_missing, column.ordered, column.missing_is_none)
    require(all(isinstance(flag, bool) for flag in flags), "flags that are true or false")
    _check_dtypes(column)
    labels = column.categories
    require(isinstance(labels, tuple), "a list of categories")
    require(bool(labels) == (column.kind in LABELS), "categories where they belong")
    _check_labels(labels)
    require(column.value is None or _is_scalar(column.value), "a plain value of a constant")
    if column.kind == "number":
        low, high, step = column.minimum, column.maximum, column.resolution
        require(all(type(v) is float and is_finite(v) for v in (low, high, step)), "float bounds")
        require(low <= high and (step == 0 or 1e-13 < step <= 1), "bounds in order")
    elif column.kind in NUMBERS:
        _check_whole(column)
    elif column.kind == "regenerate":
        require(is_whole(column.value), "a first free identifier")
        require(column.minimum in (None, 0), "no bounds of an identifier")


def _check_dtypes(column):
    require((column.levels is None) == (column.levels_dtype is None), "levels and their dtype")
    require((column.levels is None) == (column.dtype != "category"), "levels of a category")
    for text in (column.dtype, column.levels_dtype or "object"):
        plain = isinstance(text, str) and _DTYPE_TEXT.fullmatch(text)
        # pandas would open the file that such a zone names
        require(plain and "dateutil" not in text, "dtypes that tables have")
    if column.levels is not None:
        require(isinstance(column.levels, tuple), "a list of levels")
        _check_labels(column.levels)
    dtype = _dtype(column.dtype) if column.levels is None else column.pandas_dtype
    require(dtype.kind in _HOLDS.get(column.kind, dtype.kind), "a dtype that fits its kind")
    known = not isinstance(dtype, np.dtype) or (dtype.kind in "biufcMmO" and dtype.itemsize <= 32)
    require(known, "dtypes that tables have")


_dtype = functools.lru_cache(maxsize=100)(dtype_from_text)  # most columns share one


def _check_labels(labels):
    if not labels:
        return
    require(all(_is_scalar(label) for label in labels), "plain values as categories")
    require(pd.Index(object_array(labels), dtype=object).is_unique, "no category twice")


def _check_whole(column):
    low, high, step = column.minimum, column.maximum, column.resolution
    wide = is_whole(low, -(2**63), 2**64 - 1) and is_whole(high, -(2**63), 2**64 - 1)
    require(wide and is_whole(step, 1, 2**64 - 1), "whole bounds of 64 bits")
    require(low <= high and (low >= 0 or high < 2**63), "bounds in order")


def _is_scalar(value):
    return isinstance(value, (str, int, float, bool, bytes)) and value == value  # no NaN
