"""Tables come back as the kind they were; what cannot be learnt is refused in one sentence."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from rich_tables import HUGE, polars_frame, rich_frame
from scipy import sparse

from gan_augment.containers import Container, to_pandas
from gan_augment.exceptions import InputError

# letting in -----------------------------------------------------------------------------------


def test_a_pandas_frame_is_passed_through_untouched():
    X = rich_frame()
    frame, container = to_pandas(X)
    assert frame is X
    assert container.kind == "pandas"
    assert container.restore(frame) is frame


DTYPES = "float16 float32 float64 int8 int64 uint8 uint64 bool object U3 S3 M8[s] m8[ms]"


@pytest.mark.parametrize("dtype", DTYPES.split())
def test_an_array_comes_back_with_its_dtype_and_cells(dtype):
    X = np.array([[0, 1], [1, 0], [1, 1]]).astype(dtype)
    frame, container = to_pandas(X)
    assert list(frame.columns) == [0, 1]
    back = container.restore(frame)
    assert back.dtype == X.dtype
    assert np.array_equal(back, X)


def test_a_numeric_array_is_viewed_not_copied():
    X = np.ones((3, 2))
    frame, _ = to_pandas(X)
    assert np.shares_memory(frame.to_numpy(), X)


def test_readonly_and_memory_mapped_arrays_get_in(tmp_path):
    X = np.arange(6.0).reshape(3, 2)
    X.setflags(write=False)
    mapped = np.memmap(tmp_path / "x", dtype="float64", mode="w+", shape=(3, 2))
    mapped[:] = X
    mapped = np.memmap(tmp_path / "x", dtype="float64", mode="r", shape=(3, 2))
    for array in (X, mapped):
        frame, container = to_pandas(array)
        assert np.array_equal(container.restore(frame), X)


def test_integers_beyond_float_survive_the_round_trip():
    X = np.array([[HUGE, -HUGE], [2**63 - 1, -(2**63)]])
    frame, container = to_pandas(X)
    assert np.array_equal(container.restore(frame), X)


def test_variable_width_text_comes_back():
    X = np.array([["a"], ["longer"]], dtype=np.dtypes.StringDType())
    frame, container = to_pandas(X)
    back = Container.from_json(container.to_json()).restore(frame)
    assert back.dtype == X.dtype
    assert back.tolist() == X.tolist()


def test_a_longer_identifier_widens_a_text_array_and_is_not_cut():
    _, container = to_pandas(np.array([["ab"], ["cd"]]))
    assert container.restore(pd.DataFrame({0: ["synthetic-1"]}))[0, 0] == "synthetic-1"


def test_a_list_of_mixed_rows_keeps_numbers_numbers():
    frame, container = to_pandas([["a", 1], ["b", 2]])
    assert frame.iloc[1].tolist() == ["b", 2]
    assert container.kind == "numpy"


def test_polars_goes_through_exactly():
    X = polars_frame()
    frame, container = to_pandas(X)
    assert str(frame["huge"].dtype) == "Int64"
    assert frame["huge"][2] == HUGE
    assert frame["small"].dtype == np.uint8
    assert str(frame["moment"].dtype) == "datetime64[ms, Europe/London]"
    back = container.restore(frame)
    assert back.schema == X.schema
    assert back.equals(X)
    assert back["nans"].is_null().sum() == 0
    assert back["nulls"].is_null().sum() == 1


def test_pyarrow_goes_through_exactly():
    X = polars_frame().drop("nans").to_arrow()
    frame, container = to_pandas(X)
    assert str(frame["moment"].dtype) == "datetime64[ms, Europe/London]"
    assert str(frame["level"].dtype) == "category"
    back = container.restore(frame)
    assert back.schema == X.schema
    assert back.to_pylist() == X.to_pylist()


@pytest.mark.parametrize(
    "X",
    [np.ones((2, 1), "int8"), rich_frame(), polars_frame(), polars_frame().to_arrow()],
    ids=["numpy", "pandas", "polars", "pyarrow"],
)
def test_a_container_survives_json_and_pickle(X):
    frame, container = to_pandas(X)
    expected = container.restore(frame)
    copies = Container.from_json(container.to_json()), pickle.loads(pickle.dumps(container))
    for copy in copies:
        back = copy.restore(frame)
        assert type(back) is type(expected)
        assert copy.kind == container.kind
        if container.kind == "numpy":
            assert back.dtype == expected.dtype
        elif container.kind != "pandas":
            assert back.schema == expected.schema


# refusals -------------------------------------------------------------------------------------

TWO_LEVELS = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])
REFUSED = {
    "none": (None, r"X is None: pass a table"),
    "one_dimension": (np.arange(3), r"X is array.*got 1D array instead.*Reshape your data"),
    "series": (pd.Series([1, 2]), r"X is a Series.*1D array instead.*Reshape your data.*to_frame"),
    "polars_series": (pl.Series([1]), r"X is a Series.*1D array instead.*Reshape your data"),
    "scalar": (3, r"X is 3.*got scalar array instead.*Reshape"),
    "dict": ({"a": [1]}, r"X is \{'a': \[1\]\}.*got scalar array instead"),
    "three_dimensions": (np.ones((4, 2, 3)), r"X has shape \(4, 2, 3\).*dim 3.*reshape"),
    "ragged_images": ([np.ones((8, 8)), np.ones((9, 8))], r"X is ragged.*pass rows of one length"),
    "ragged_rows": ([[1, 2], [3]], r"X is ragged.*pass rows of one length"),
    "sparse": (sparse.csr_matrix(np.eye(3)), r"X is sparse \(csr_matrix\).*X\.toarray\(\)"),
    "complex": (np.ones((2, 2)) * 1j, r"X has dtype complex128: Complex data not supported.*real"),
    "records": ([{"a": 1}, {"a": 2}], r"X is a list of dicts.*pandas\.DataFrame\(X\)"),
    "matrix": (np.asmatrix(np.eye(2)), r"X is a np\.matrix.*np\.asarray\(X\)"),
    "masked": (np.ma.array([[1, 2]], mask=[[0, 1]]), r"X is a masked array.*filled"),
    "structured": (np.zeros((2, 2), dtype="i4,f8"), r"X has dtype .*pass a DataFrame"),
    "no_columns": (np.empty((12, 0)), r"0 feature\(s\) \(shape=\(12, 0\)\) while a minimum of 1"),
    "no_columns_frame": (pd.DataFrame(index=range(5)), r"0 feature\(s\).*at least one row"),
    "no_rows": (np.empty((0, 3)), r"0 sample\(s\) \(shape=\(0, 3\)\) while a minimum of 1"),
    "no_rows_frame": (rich_frame()[:0], r"0 sample\(s\).*Pass at least one row"),
    "duplicate_names": (
        pd.DataFrame(np.eye(3), columns=list("aac")),
        r"duplicate column names \['a'\]: rename",
    ),
    "duplicate_arrow": (pa.table([[1], [2]], names=["a", "a"]), r"duplicate .*\['a'\]: rename"),
    "two_level_names": (
        pd.DataFrame(np.eye(2), columns=TWO_LEVELS),
        r"MultiIndex columns \(2 levels.*\('a', 'x'\).*join",
    ),
    "mixed_names": (
        pd.DataFrame(np.eye(3), columns=[0, "b", 2]),
        r"mixed types, e\.g\. 0 and 'b'.*astype\(str\)",
    ),
    "odd_names": (
        pd.DataFrame(np.eye(2), columns=[1.5, 2.5]),
        r"column named 1\.5 \(float\).*astype\(str\)",
    ),
    "lazy": (pl.LazyFrame({"a": [1]}), r"X is a lazy frame.*X\.collect\(\)"),
    "polars_list": (pl.DataFrame({"a": [[1]]}), r"Column 'a' has dtype List.*cast or drop"),
    "polars_decimal": (
        pl.DataFrame({"a": pl.Series(["1.5"]).cast(pl.Decimal(5, 2))}),
        r"Column 'a' has dtype Decimal.*Float64",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_table_is_refused_with_the_cure(case):
    X, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        to_pandas(X)


def test_sparse_is_also_a_type_error_as_in_scikit_learn():
    with pytest.raises(TypeError, match="sparse"):
        to_pandas(sparse.csr_array(np.eye(3)))


# rows -----------------------------------------------------------------------------------------


def test_containers_compare_by_identity():
    one, two = (to_pandas(pl.DataFrame({"a": [1, 2]}))[1] for _ in range(2))
    assert one == one and one != two and len({one, two}) == 2


X = np.linspace(0, 1, 12)


class Text(str):
    """Text of a kind of its own, as the members of some enumerations are."""


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (pa.table({"k": pa.array(["a", "b"], pa.string_view())}), "string_view.*cast it"),
        (
            pd.DataFrame({"k": pd.Series(["a"], dtype="string[pyarrow]")}).astype(
                pd.ArrowDtype(pa.string_view())
            ),
            r"string_view.*X\['k'\]\.astype\(str\)",
        ),
        (
            pa.table(
                {"k": pa.DictionaryArray.from_arrays(pa.array([0, 2]), pa.array(["a", "b", "a"]))}
            ),
            "a value twice in its dictionary",
        ),
        (
            pa.table(
                {
                    "k": pa.DictionaryArray.from_arrays(
                        pa.array([0, 1]), pa.array([1.0, float("nan")])
                    )
                }
            ),
            "a null among the values of its dictionary",
        ),
        (
            pd.DataFrame(np.eye(2), columns=pd.Index([Text("a"), "b"], dtype=object)),
            r"of type str and of another kind of text, e\.g\. 'a': .*''\.join",
        ),
        (X.astype("m8").reshape(-1, 1), "no unit: pass X.astype\\('timedelta64"),
        (np.array([["NaT"]], dtype="M8"), "no unit: pass X.astype\\('datetime64"),
        (np.zeros(3, dtype=[("a", int), ("b", float)]), "pass a DataFrame"),
    ],
)
def test_what_other_libraries_cannot_compute_with_is_refused_in_one_sentence(table, says):
    with pytest.raises(InputError, match=says):
        to_pandas(table)


def test_a_tensor_that_numpy_cannot_read_is_refused_with_what_helps():
    torch = pytest.importorskip("torch")
    assert to_pandas(torch.ones(3, 2))[0].shape == (3, 2)
    with pytest.raises(InputError, match=r"pass an array, .*X\.detach\(\)\.cpu\(\)\.numpy\(\)"):
        to_pandas(torch.ones(3, 2, requires_grad=True))


def test_lists_with_gaps_are_floats():
    assert to_pandas([[1, np.nan], [2.5, 3]])[1].dtype == "float64"


@pytest.mark.parametrize(
    ("rows", "dtype"),
    [
        ([[1, 2], [3, 4]], "int64"),
        ([[1, 2.5], [3, 4.5]], "float64"),
        ([[True, False]], "bool"),
        ([[2**60 + 1, 0.5], [3, 4.5]], "object"),
        ([[1, True], [2, False]], "object"),
        ([[0.5, True]], "object"),
        ([[2**63 + 1, -1]], "object"),
        ([[2**63, -1]], "float64"),
        ([["a\0", "b"], ["b", "c"]], "object"),
        ([[b"a\0"], [b"b"]], "object"),
        ([["a", "b\0c"]], "<U3"),
    ],
)
def test_lists_keep_every_cell(rows, dtype):
    frame, container = to_pandas(rows)
    back = container.restore(frame)
    assert back.dtype == dtype and back.tolist() == rows
    assert [[type(cell) is bool for cell in row] for row in back.tolist()] == [
        [type(cell) is bool for cell in row] for row in rows
    ]


def test_names_that_are_all_of_another_kind_of_text_stay_so():
    frame = pd.DataFrame(np.eye(2), columns=pd.Index([Text("a"), Text("b")], dtype=object))
    assert to_pandas(frame)[0] is frame
