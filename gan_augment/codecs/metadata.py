"""SDV's description of a table, read as kinds of columns.

SDV is not needed for this: its ``Metadata`` is read by its ``to_dict``. Whoever has described a
table for SDV once need not describe it again here.
"""

from pandas.api.types import is_bool_dtype

from gan_augment.exceptions import InputError

#: What SDV's types of columns are here; numbers, dates and the like speak for themselves.
_KIND_OF_SDTYPE = {"categorical": "category", "id": "regenerate"}
_PLAIN_SDTYPES = ("numerical", "datetime", "boolean", "ordinal", "unknown")


def is_metadata(columns):
    """Whether this is SDV's ``Metadata``, or something that describes tables as it does."""
    return hasattr(columns, "to_dict") and hasattr(columns, "tables")


def chosen_kinds(columns, frame):
    """Return the kinds chosen by hand, as a dict of {name: kind}.

    Of SDV's types, "categorical" is "category" here and "id" is "regenerate"; what is personal
    (names, addresses and so on) is not learnt but ignored. A column that metadata calls numerical,
    datetime, boolean, ordinal or unknown is taken for what its dtype and values say.

    Parameters
    ----------
    columns : dict of {name: kind}, sdv.metadata.Metadata or None
        Metadata may describe one column more than the frame has: the target.
    frame : DataFrame

    Returns
    -------
    dict of {name: str}

    Raises
    ------
    InputError
        If metadata describes several tables, or not this one.

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
            f"The metadata describes {len(tables)} tables, {', '.join(sorted(tables))}: pass that "
            "of one table."
        )
    (described,) = tables.values()
    sdtypes = {name: facts["sdtype"] for name, facts in described["columns"].items()}
    at = {str(name): name for name in frame.columns}  # SDV knows names that are text only
    beyond = [name for name in sdtypes if name not in at]
    if len(beyond) > 1:
        raise InputError(
            f"The metadata describes {beyond[0]!r} and {beyond[1]!r}, which are not columns of X: "
            "pass the metadata of this table."
        )
    kinds = {at[name]: _kind(sdtype) for name, sdtype in sdtypes.items() if name in at}
    return {name: kind for name, kind in kinds.items() if kind and _fits(kind, frame[name])}


def _kind(sdtype):
    if sdtype in _PLAIN_SDTYPES:
        return None
    return _KIND_OF_SDTYPE.get(sdtype, "ignore")


def _fits(kind, series):
    """Whether the kind says more than the dtype; a column of bools is no "category" here."""
    return not (kind == "category" and is_bool_dtype(series.dtype))
