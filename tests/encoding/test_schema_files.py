"""Columns as a file describes them: those of real tables pass, lies are refused field by field."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gan_augment.containers import Container, to_pandas
from gan_augment.encoding.column import Column
from gan_augment.encoding.schema import Schema, check_column
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError

COLUMNS = {
    "number": Column("a", "number", "float64", minimum=0.0, maximum=9.0, resolution=0.01),
    "integer": Column("a", "integer", "int8", minimum=-5, maximum=9, resolution=1),
    "datetime": Column("a", "datetime", "datetime64[ns, UTC]", minimum=0, maximum=9, resolution=1),
    "category": Column("a", "category", "object", categories=("x", "y")),
    "levels": Column(
        "a", "category", "category", categories=("x",), levels=("x", "z"), levels_dtype="object"
    ),
    "boolean": Column("a", "boolean", "boolean", categories=(False, True)),
    "constant": Column("a", "constant", "Int64"),
    "regenerate": Column("a", "regenerate", "int64", minimum=0, value=7),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_tables_pass(name):
    check_column(COLUMNS[name])


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("number", {"kind": "evil"}),
        ("number", {"kind": ["number"]}),
        ("number", {"minimum": 10.0}),
        ("number", {"maximum": float("inf")}),
        ("number", {"maximum": float("nan")}),
        ("number", {"maximum": "9"}),
        ("number", {"minimum": None}),
        ("number", {"resolution": 2.0}),
        ("number", {"resolution": 1e-300}),
        ("number", {"resolution": True}),
        ("number", {"dtype": "int64"}),
        ("number", {"categories": ("x",)}),
        ("number", {"has_missing": 1}),
        ("integer", {"minimum": 10}),
        ("integer", {"minimum": 0.0}),
        ("integer", {"maximum": 2**64}),
        ("integer", {"maximum": 2**63}),  # with a negative minimum it needs 65 bits
        ("integer", {"minimum": -(2**63) - 1}),
        ("integer", {"resolution": 0}),
        ("integer", {"resolution": True}),
        ("integer", {"dtype": "bool"}),
        ("datetime", {"dtype": "int64"}),
        ("datetime", {"dtype": "datetime64[ns, dateutil//etc/passwd]"}),
        ("datetime", {"dtype": "datetime64[ns, {evil}]"}),
        ("category", {"categories": ()}),
        ("category", {"categories": ["x"]}),
        ("category", {"categories": ("x", "x")}),
        ("category", {"categories": (1, True)}),
        ("category", {"categories": ("x", None)}),
        ("category", {"categories": ("x", float("nan"))}),
        ("category", {"categories": ("x", ("y",))}),
        ("category", {"dtype": "category"}),
        ("category", {"dtype": "U400000000"}),
        ("category", {"dtype": "i4,f8"}),
        ("category", {"dtype": 7}),
        ("category", {"dtype": "x" * 201}),
        ("category", {"levels": ("x",)}),
        ("category", {"missing_is_none": "no"}),
        ("levels", {"levels": ["x"]}),
        ("levels", {"levels": ("x", "x")}),
        ("levels", {"levels_dtype": None}),
        ("levels", {"ordered": 0}),
        ("boolean", {"dtype": "float64"}),
        ("constant", {"value": (1,)}),
        ("regenerate", {"value": -1}),
        ("regenerate", {"value": "7"}),
        ("regenerate", {"minimum": 5}),
    ],
)
def test_lies_about_a_column_are_refused(name, changes):
    with pytest.raises(InputError, match="Saved data must have"):
        check_column(replace(COLUMNS[name], **changes))


def test_a_schema_of_json_is_checked():
    text = Schema((COLUMNS["integer"],)).to_json()
    assert Schema.from_json(text).columns == (COLUMNS["integer"],)
    data = json.loads(text)
    data["columns"][0]["resolution"] = -1
    with pytest.raises(InputError, match="whole bounds"):
        Schema.from_json(json.dumps(data))


def test_a_column_that_cannot_be_decoded_is_refused():
    codec = TableCodec().fit(pd.DataFrame({"a": ["x", "y", "x"], "b": [1.0, 2.0, 3.5]}))
    TableCodec.from_arrays(codec.schema_, [], codec.arrays())
    columns = (replace(codec.schema_.columns[0], dtype="int64"), codec.schema_.columns[1])
    with pytest.raises(InputError, match="'a' has dtype int64, which cannot hold"):
        TableCodec.from_arrays(Schema(columns), [], codec.arrays())


@pytest.mark.parametrize("change", ["decode", "values_"])
def test_arrays_replace_no_methods(change):
    codec = TableCodec().fit(pd.DataFrame({"b": [1.0, 2.0, 3.5]}))
    arrays = codec.arrays() | {f"0/{change}": np.array([1.0, 2.0, 3.0])}
    again = TableCodec.from_arrays(codec.schema_, [], arrays)
    assert callable(again.codecs_["0"].scale_.decode)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("Object", {}),
        ("DataFrame", {}),
        ("Datetime", {"time_unit": "evil"}),
        ("Datetime", {"time_unit": "ms", "time_zone": 3}),
        ("Enum", {"categories": [1]}),
        ("Categorical", {"categories": ["a", "b", "Int128"]}),
    ],
)
def test_polars_types_that_no_table_has_are_refused(kind, facts):
    facts = {"time_unit": None, "time_zone": None, "categories": None, **facts}
    _, container = to_pandas(pl.DataFrame({"a": [1]}))
    data = json.loads(container.to_json()) | {"schema": [["a", kind, facts]]}
    with pytest.raises(InputError, match="Saved data must have"):
        Container.from_json(json.dumps(data))


def test_polars_types_return():
    types = [pl.Int8, pl.Float32, pl.Boolean, pl.String, pl.Binary, pl.Date, pl.Categorical]
    types += [pl.Datetime("ms", "Europe/Oslo"), pl.Duration("ns"), pl.Enum(["b", "a"])]
    table = pl.DataFrame(schema={str(i): dtype for i, dtype in enumerate(types)})
    container = Container("polars", schema=table)
    again = Container.from_json(container.to_json())
    assert again.schema.schema == table.schema
