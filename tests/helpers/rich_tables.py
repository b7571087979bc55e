"""Tables with a column of nearly every type that their libraries have."""

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl

HUGE = 2**60 + 1  # float64 would make it 2**60


def polars_frame():
    return pl.DataFrame(
        {
            "huge": [1, None, HUGE],
            "small": pl.Series([1, 2, 255], dtype=pl.UInt8),
            "nulls": [1.5, None, 2.5],
            "nans": [1.0, float("nan"), 2.0],
            "flag": [True, None, False],
            "plain_flag": [True, True, False],
            "text": ["a", None, "b"],
            "level": pl.Series(["a", None, "b"], dtype=pl.Categorical),
            "enum": pl.Series(["a", None, "b"], dtype=pl.Enum(["z", "a", "b"])),
            "day": [dt.date(2020, 1, 1), None, dt.date(2021, 1, 1)],
            "moment": pl.Series(
                [dt.datetime(2020, 6, 1), None, dt.datetime(2021, 1, 1)],
                dtype=pl.Datetime("ms", "Europe/London"),
            ),
            "span": [dt.timedelta(1), None, dt.timedelta(2)],
            "bytes": [b"a", None, b"b"],
        }
    )


def rich_frame(index=None):
    return pd.DataFrame(
        {
            "int8": np.array([-128, 0, 127], dtype="int8"),
            "huge": np.array([HUGE, HUGE + 2, -HUGE]),
            "float16": np.array([0.1, np.nan, 3], dtype="float16"),
            "Int64": pd.array([HUGE, None, 3], dtype="Int64"),
            "boolean": pd.array([True, None, False], dtype="boolean"),
            "bool": [True, False, True],
            "string": pd.array(["a", None, "b"], dtype="string[pyarrow]"),
            "object": pd.Series(["a", None, np.nan], index=index, dtype=object),
            "text": ["a", None, "b"],  # str in pandas 3, object before
            "category": pd.Categorical(["x", None, "y"], categories=["z", "y", "x"], ordered=True),
            "tz": pd.date_range("2024-03-31", periods=3, tz="Europe/London").as_unit("us"),
            "span": pd.to_timedelta([1, 2, None], unit="D"),
            "arrow": pd.array([1, None, HUGE], dtype="int64[pyarrow]"),
        },
        index=index,
    )
