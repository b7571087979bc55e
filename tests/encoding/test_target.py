"""The target is recognised, encoded, and comes back as the caller wrote it."""

import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.exceptions import DataConversionWarning

from gan_augment.encoding.target import TargetCodec
from gan_augment.exceptions import InputError

HUGE = 2**60 + 1
LEVELS = pd.CategoricalDtype(["z", "y", "x"], ordered=True)

# name: (y, classes as numpy.unique gives them)
CLASSES = {
    "ints": (np.array([2, 0, 2, 1]), [0, 1, 2]),
    "int8": (np.array([2, 0, 2], dtype="int8"), [0, 2]),
    "huge": (np.array([HUGE, HUGE + 1, HUGE]), [HUGE, HUGE + 1]),
    "whole_floats": (np.array([1.0, 0.0, 1.0]), [0.0, 1.0]),
    "bools": (np.array([True, False]), [False, True]),
    "text": (np.array(["yes", "no", "yes"]), ["no", "yes"]),
    "bytes": (np.array([b"x", b"y"]), [b"x", b"y"]),
    "objects": (np.array(["yes", "no"], dtype=object), ["no", "yes"]),
    "object_ints": (np.array([1, 0, 1], dtype=object), [0, 1]),
    "list_text": (["b", "a"], ["a", "b"]),
    "list_ints": ([1, 0, 1], [0, 1]),
    "list_bools": ([True, False], [False, True]),
    "series": (pd.Series([1, 0, 1], name="label"), [0, 1]),
    "nullable": (pd.Series([1, 0, 1], dtype="Int8", name="label"), [0, 1]),
    "boolean": (pd.Series([True, False], dtype="boolean"), [False, True]),
    "string": (pd.Series(["b", "a"], dtype="string[pyarrow]", name="label"), ["a", "b"]),
    "category": (pd.Series(["x", "y", "x"], dtype=LEVELS, name="label"), ["x", "y"]),
    "int_category": (pd.Series([3, 1, 3]).astype("category"), [1, 3]),
    "polars": (pl.Series("label", ["b", "a"]), ["a", "b"]),
    "polars_unnamed": (pl.Series(["b", "a"]), ["a", "b"]),
    "polars_enum": (pl.Series("label", ["b", "a"], dtype=pl.Enum(["b", "a", "c"])), ["a", "b"]),
    "chunked": (pa.chunked_array([["b"], ["a"]]), ["a", "b"]),
    "arrow": (pa.array([1, 0, 1], type=pa.int8()), [0, 1]),
    "one_class": (np.zeros(5, dtype=int), [0]),
}

RNG = np.random.default_rng(0)
NUMBERS = {
    "fractions": RNG.normal(size=40),
    "cents": RNG.uniform(0, 50, 40).round(2),
    "float32": RNG.normal(size=40).astype("float32"),
    "float16": RNG.normal(size=40).astype("float16"),
    "many_ints": np.arange(-20, 20),
    "uint8": np.arange(0, 250, 5, dtype="uint8"),
    "tens": np.arange(0, 400, 10),
    "nullable": pd.Series(np.arange(40), dtype="Int16", name="price"),
    "float_series": pd.Series(RNG.normal(size=40), name="price"),
    "list": list(range(40)),
    "polars": pl.Series("price", RNG.normal(size=40)),
    "chunked": pa.chunked_array([np.arange(40)]),
}


def same(left, right):
    assert type(left) is type(right)
    if isinstance(left, pd.Series):
        pd.testing.assert_series_equal(left, right)
    elif isinstance(left, pl.Series):
        assert left.name == right.name
        assert left.dtype == right.dtype
        assert left.to_list() == right.to_list()
    elif isinstance(left, np.ndarray):
        assert left.dtype == right.dtype
        assert left.tolist() == right.tolist()
    elif isinstance(left, list):
        assert [(type(v), v) for v in left] == [(type(v), v) for v in right]
    else:
        assert left.type == right.type
        assert left.to_pylist() == right.to_pylist()


@pytest.mark.parametrize("case", CLASSES)
def test_classes_are_coded_by_their_sorted_order_and_come_back(case):
    y, classes = CLASSES[case]
    codec = TargetCodec().fit(y)
    assert codec.kind_ == "class"
    assert codec.classes_.tolist() == classes
    codes = codec.encode(y)
    assert codes.dtype == np.int64
    values = y.to_pylist() if hasattr(y, "to_pylist") else list(y)
    assert codes.tolist() == [classes.index(value) for value in values]
    same(codec.decode(codes), y)


def test_labels_that_differ_behind_a_nul():
    codec = TargetCodec().fit(["a", "a\x00"] * 20)
    assert codec.decode(codec.encode(["a\x00", "a"])) == ["a\x00", "a"]


@pytest.mark.parametrize("case", ["ints", "text", "bytes", "whole_floats", "bools", "int8"])
def test_classes_of_an_array_are_those_of_numpy(case):
    y, _ = CLASSES[case]
    found, expected = TargetCodec().fit(y).classes_, np.unique(y)
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_come_back(case):
    y = NUMBERS[case]
    codec = TargetCodec().fit(y)
    assert (codec.kind_, codec.classes_) == ("number", None)
    values = codec.encode(y)
    assert values.dtype == np.float64
    same(codec.decode(values), y)


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_stay_in_the_range_and_on_the_grid_seen(case):
    y = NUMBERS[case]
    codec = TargetCodec().fit(y)
    real = codec.encode(y)
    wild = np.array([-1e300, 1e300, *np.random.default_rng(1).normal(5, 20, 200)])
    drawn = codec.encode(codec.decode(wild))
    assert drawn.min() >= real.min()
    assert drawn.max() <= real.max()
    step = codec.column_.resolution
    if step:
        steps = (drawn - real.min()) / step
        assert np.allclose(steps, np.rint(steps), atol=1e-6)


def test_huge_integers_do_not_wrap_or_leave_the_range():
    y = np.array([2**63 - 1 - 2 * i for i in range(30)])
    drawn = TargetCodec().fit(y).decode(np.array([0.0, 1e300]))
    assert drawn.tolist() == [y.min(), y.max()]
    y = np.array([-(2**63), 2**63 - 1, *range(28)])
    assert TargetCodec().fit(y).decode([-1e300, 1e300]).tolist() == [y.min(), y.max()]


@pytest.mark.parametrize("case", [*CLASSES, *NUMBERS])
def test_a_codec_survives_json_and_pickle(case):
    y = CLASSES[case][0] if case in CLASSES else NUMBERS[case]
    codec = TargetCodec().fit(y)
    encoded = codec.encode(y)
    for copy in (TargetCodec.from_json(codec.to_json()), pickle.loads(pickle.dumps(codec))):
        assert np.array_equal(copy.encode(y), encoded)
        same(copy.decode(encoded), codec.decode(encoded))
        assert repr(copy.classes_) == repr(codec.classes_)


def test_no_target_is_a_kind_too():
    codec = TargetCodec().fit(None)
    assert (codec.kind_, codec.classes_) == ("none", None)
    assert codec.encode(None) is None
    assert codec.decode(None) is None
    assert TargetCodec.from_json(codec.to_json()).kind_ == "none"


# the rule -------------------------------------------------------------------------------------

RULE = {
    "twenty_distinct": (np.arange(20), "class"),
    "twenty_one_distinct": (np.arange(21), "number"),
    "rare_distinct": (np.arange(1000) % 50, "class"),
    "just_over_five_percent": (np.arange(1000) % 51, "number"),
    "whole_floats": (np.arange(21.0), "number"),
    "few_whole_floats": (np.array([1.0, 2.0, 1.0]), "class"),
    "one_fraction": (np.array([1.0, 2.5, 1.0]), "number"),
    "many_texts": (np.array([f"c{i}" for i in range(50)]), "class"),
    "int_category": (pd.Series(range(50)).astype("category"), "class"),
    "five_hundred": (np.arange(1000) % 500, "number"),
    "objects": (np.array([0.5, 1.25], dtype=object), "number"),
}


@pytest.mark.parametrize("case", RULE)
def test_the_automatic_rule(case):
    y, kind = RULE[case]
    assert TargetCodec().fit(y).kind_ == kind


def test_the_kind_can_be_forced():
    assert TargetCodec("number").fit([0, 1, 1]).kind_ == "number"
    codec = TargetCodec("class").fit(np.arange(600))
    assert len(codec.classes_) == 600


# containers and labels ------------------------------------------------------------------------


def test_labels_of_another_container_are_understood():
    codec = TargetCodec().fit(pd.Series(["no", "yes"], dtype="category"))
    for labels in (["yes", "no"], np.array(["yes", "no"]), pl.Series(["yes", "no"])):
        assert codec.codes_of(labels).tolist() == [1, 0]
    assert TargetCodec().fit(np.array([0, 5])).codes_of([5, 0, 5]).tolist() == [1, 0, 1]
    assert codec.codes_of([]).tolist() == []


def test_a_column_vector_is_ravelled_with_the_usual_warning():
    column = np.array([[0], [1], [0]])
    frame = pd.DataFrame({"label": [0, 1, 0]})
    for y in (column, column.tolist(), frame, pl.DataFrame({"label": [0, 1, 0]})):
        with pytest.warns(DataConversionWarning, match="A column-vector y was passed when a 1d"):
            codec = TargetCodec().fit(y)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert codec.encode(y).tolist() == [0, 1, 0]
    with pytest.warns(DataConversionWarning):
        back = TargetCodec().fit(pd.DataFrame({"label": [0, 1]})).decode([1])
    pd.testing.assert_frame_equal(back, pd.DataFrame({"label": [1]}))


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_table_of_one_column_comes_back_as_one(make):
    y = make({"label": ["a", "b", "a"]})
    with pytest.warns(DataConversionWarning):
        codec = TargetCodec().fit(y)
    for fitted in (codec, TargetCodec.from_json(codec.to_json())):
        back = fitted.decode([1, 0])
        assert type(back) is type(y)
        assert make({"label": ["b", "a"]}).equals(back)


def test_an_empty_draw_keeps_the_dtype():
    for case in ("category", "string", "text", "nullable"):
        y, _ = CLASSES[case]
        drawn = TargetCodec().fit(y).decode(np.array([], dtype=np.int64))
        assert len(drawn) == 0
        assert drawn.dtype == y.dtype


def test_different_indexes_are_matched_by_position():
    X = pd.DataFrame({"a": [1, 2, 3]}, index=[5, 6, 7])
    assert TargetCodec().fit(pd.Series([0, 1, 0]), X).kind_ == "class"
    assert TargetCodec().fit(pd.Series([0, 1, 0], index=X.index), X).kind_ == "class"
    repeated = pd.DataFrame({"a": [1, 2]}, index=[0, 0])
    assert TargetCodec().fit(pd.Series([0, 1], index=[0, 0]), repeated).kind_ == "class"


# refusals -------------------------------------------------------------------------------------

FRAME = pd.DataFrame({"a": [1, 2, 3]})
REFUSED = {
    "nan": (
        np.array([0, np.nan, 1]),
        {},
        r"y, row 1 has no value \(Input y contains NaN\): drop the rows",
    ),
    "none_label": (["a", None], {}, r"y, row 1 .*Input y contains NaN\): drop"),
    "na": (pd.Series([1, pd.NA], dtype="Int8"), {}, r"y, row 1 .*Input y contains NaN\): drop"),
    "inf": (np.array([0.5, -np.inf]), {}, r"y, row 1 is -inf \(Input y contains infinity.*: drop"),
    "multilabel": (np.zeros((4, 3)), {}, r"y should be a 1d array.*\(4, 3\).*pass one column"),
    "nested": ([[0, 1], [1, 0]], {}, r"y should be a 1d array.*\(2, 2\).*pass one column"),
    "ragged": ([[0, 1], [1]], {}, r"y is ragged.*one value per row"),
    "short": (
        [0, 1],
        {"X": FRAME},
        r"inconsistent numbers of samples: \[3, 2\]\): pass one value",
    ),
    "empty": ([], {}, r"y is empty, with 0 sample.*one value per row"),
    "reversed": (
        pd.Series([0, 1, 0], index=[2, 1, 0]),
        {"X": FRAME},
        r"y, row 0 has the index label 2 where X has 0.*same labels in another order.*reset_index",
    ),
    "continuous": (
        [0.5, 1.25],
        {"kind": "class"},
        r"fractions, e\.g\. 0\.5.*Unknown label type: continuous.*bin y",
    ),
    "text_number": (["a", "b"], {"kind": "number"}, r"y holds text.*'a'.*astype.*target='class'"),
    "complex": (np.array([1j, 2]), {}, r"'y'.*Complex data not supported.*split"),
    "unhashable": ([{"a": 1}, {"a": 2}], {}, r"'y' holds cells of type dict.*string or a number"),
    "mixed": (np.array([1, "a"], dtype=object), {}, r"'y' holds mixed.*1 and 'a'.*astype\(str\)"),
    "mixed_list": ([1, "a"], {}, r"'y' holds mixed.*1 and 'a'.*convert"),
    "dates": (
        pd.Series(pd.date_range("2024", periods=2)),
        {},
        r"datetime64.*Unknown label type: ",
    ),
    "sparse": (sparse.csr_matrix([[1, 0]]), {}, r"y is sparse.*y\.toarray\(\)"),
    "scalar": (3, {}, r"y=3 is a single value: pass one value per row"),
    "text": ("abc", {}, r"y='abc' is a single value: pass one value per row"),
    "no_y": (None, {"kind": "class"}, r"y is None, but target='class'.*pass y"),
    "kind": ([0, 1], {"kind": "klass"}, r"target='klass' is unknown: pass 'auto'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_target_is_refused_with_the_cure(case):
    y, options, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        TargetCodec(options.get("kind", "auto")).fit(y, options.get("X"))


def test_unknown_labels_and_codes_are_refused_by_name():
    codec = TargetCodec().fit(["no", "yes"])
    for ask in (codec.codes_of, codec.encode):
        with pytest.raises(InputError, match="'NEVER', which was not seen.*labels, 'no', 'yes'"):
            ask(["yes", "NEVER"])
    with pytest.raises(InputError, match=r"None, which was not seen"):
        codec.codes_of([None])
    for bad in ([2], [-1]):
        with pytest.raises(InputError, match=rf"codes from {bad[0]}.*from 0 to 1"):
            codec.decode(bad)
    number = TargetCodec().fit([0.5, 1.25])
    with pytest.raises(InputError, match="need a class target, not 'number'"):
        number.codes_of([0.5])
    with pytest.raises(InputError, match="not finite: pass finite"):
        number.decode([np.nan])
    with pytest.raises(InputError, match="none at fit: pass y=None"):
        TargetCodec().fit(None).encode([1])


def test_whole_numbers_beyond_float64_stay_apart():
    y = 2**62 + 3 * np.arange(60)
    codec = TargetCodec(kind="number").fit(y)
    assert codec.decode(codec.encode(y)).tolist() == y.tolist()
    y = -y
    codec = TargetCodec(kind="number").fit(y)
    assert codec.decode(codec.encode(y)).tolist() == y.tolist()


def test_masked_labels_are_refused():
    y = np.ma.masked_array([1, 2, 1], mask=[False, True, False])
    with pytest.raises(InputError, match="masked"):
        TargetCodec().fit(y)


def test_a_bad_value_is_named_by_the_fields_of_the_error():
    with pytest.raises(InputError) as missing:
        TargetCodec().fit(["a", "b", None])
    assert (missing.value.argument, missing.value.row) == ("y", 2)
    with pytest.raises(InputError) as infinite:
        TargetCodec().fit([0.5, np.inf, 1.0])
    assert (infinite.value.argument, infinite.value.row) == ("y", 1)
    assert infinite.value.value == np.inf
    with pytest.raises(InputError) as fractions:
        TargetCodec("class").fit([0.5, 1.25])
    assert ("target", "number") in fractions.value.settings


def test_a_target_without_a_name_is_called_y():
    codec = TargetCodec("number").fit([1, 2, 3])
    with pytest.raises(InputError, match=r"^y held integers at fit and now holds 1\.5: round it"):
        codec.encode([1.5, 2.0])


def test_a_structured_target_is_refused_in_one_sentence():
    y = np.zeros(4, dtype=[("a", int), ("b", float)])
    with pytest.raises(InputError, match="several values in one row: pass one of its fields"):
        TargetCodec().fit(y)


@pytest.mark.parametrize("mark", ["?", "NA", ""])
def test_a_rare_label_that_says_there_is_none_is_refused(mark):
    y = pd.Series(["a", "b"] * 30 + [mark])
    with pytest.raises(InputError, match="in 1 of 61 rows, which says that they have none") as no:
        TargetCodec().fit(y)
    X = pd.DataFrame({"x": range(61)})
    found = {"X": X, "y": y}
    exec(no.value.settings[0][1], found)
    assert TargetCodec().fit(found["y"], found["X"]).classes_.tolist() == ["a", "b"]


def test_a_frequent_label_of_any_name_is_a_class():
    y = pd.Series(["a", "?"] * 30)
    assert TargetCodec().fit(y).classes_.tolist() == ["?", "a"]
    assert TargetCodec().fit(pd.Series(["+", "-", "-"] * 9)).classes_.tolist() == ["+", "-"]
