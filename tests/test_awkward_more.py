"""More awkward inputs, beside the 72: faces, images, evaluation, the command line.

Each is refused in one sentence before anything is trained. What is said names the argument, column
or file, the value, and what to do: one regular expression per case holds all three.
"""

import os
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from typer.testing import CliRunner

from gan_augment import (
    AugmentedClassifier,
    AugmentedRegressor,
    BootstrapGenerator,
    ClassicGenerator,
    GANAugmenter,
    GANOverSampler,
    ImageGAN,
    TabularGAN,
    compare_augmentations,
    make_pipeline,
    quality_report,
)
from gan_augment.cli import app
from gan_augment.codecs.image import ImageCodec
from gan_augment.exceptions import InputError

N = 60
rng = np.random.default_rng(0)
X = pd.DataFrame(
    {"a": rng.normal(size=N), "b": 10 * rng.normal(size=N), "k": rng.choice(list("uvw"), N)}
)
Y = pd.Series((np.arange(N) % 4 == 0).astype(int), name="y")
T = (X["a"] * 2).rename("t")
IMAGES = rng.integers(0, 256, (20, 8, 8)).astype("uint8")
KINDS = np.arange(20) % 2
CLASSIFIER, REGRESSOR = DummyClassifier(), DummyRegressor()


@pytest.fixture(autouse=True)
def no_training(monkeypatch):
    """Fail a test that reaches the training it should have been spared."""

    def reached(*args, **kwargs):
        raise AssertionError("training was reached")

    monkeypatch.setattr("gan_augment.generators.table_training.train_rows", reached)
    monkeypatch.setattr("gan_augment.generators.image_game.train_images", reached)
    monkeypatch.setattr(BootstrapGenerator, "_fit", reached)
    monkeypatch.setattr(ClassicGenerator, "_fit", reached)


def refused(call, says):
    with pytest.raises(InputError, match=says) as refusal:
        call()
    assert "\n" not in str(refusal.value)


def gan(**given):
    return TabularGAN(**{"n_steps": 5, "random_state": 0} | given)


def adder(**given):
    return GANAugmenter(gan(), **given)


# faces ----------------------------------------------------------------------------------------

FACES = {
    "pipeline_without_y": (
        lambda: make_pipeline(adder(), CLASSIFIER).fit(X, None),
        r"y is None, but target='class' needs it: pass y",
    ),
    "pipeline_short_y": (
        lambda: make_pipeline(adder(), CLASSIFIER).fit(X, Y[:50]),
        r"samples: \[60, 50\]; pass one value of y per row",
    ),
    "pipeline_nan_among_labels": (
        lambda: make_pipeline(adder(), CLASSIFIER).fit(X, Y.astype(object).where(Y.index != 4)),
        r"y contains NaN, first at row 4: drop the rows",
    ),
    "pipeline_same_name_twice": (
        lambda: make_pipeline(adder(), CLASSIFIER).set_params(
            steps=[("a", adder()), ("a", CLASSIFIER)]
        ).fit(X, Y),
        r"steps has the name 'a', which is not unique.*: rename the step",
    ),
    "amount_nan": (
        lambda: adder(n_samples=float("nan")).augment(X, Y),
        r"n_samples=nan is negative or not finite: pass a number >= 0",
    ),
    "amount_none": (
        lambda: adder(n_samples=None).augment(X, Y),
        r"n_samples=None is not an amount: pass a float",
    ),
    "amount_huge": (
        lambda: adder(n_samples=10**12).augment(X, Y),
        r"n_samples=1000000000000 is more than the 1,000,000,000 rows .*: ask for fewer",
    ),
    "amount_huge_multiple": (
        lambda: adder(n_samples=1e12).augment(X, Y),
        r"n_samples=60000000000000 is more than .*: ask for fewer",
    ),
    "amount_huge_for_a_class": (
        lambda: adder(n_samples={1: 10**12}).augment(X, Y),
        r"n_samples\[1\]=1000000000000 is more than .*: ask for fewer",
    ),
    "amount_by_class_without_classes": (
        lambda: adder(n_samples={0: 3}).augment(X, T),
        r"n_samples=\{0: 3\} is shared by class.*no classes: pass a float or an integer",
    ),
    "auto_without_y": (
        lambda: adder(n_samples="auto").augment(X),
        r"n_samples='auto' .*y is None: pass y, or n_samples as a number",
    ),
    "balance_unknown": (
        lambda: adder(class_balance="even").augment(X, Y),
        r"class_balance='even' is unknown: pass 'equal' or 'proportional'",
    ),
    "filters_unknown": (
        lambda: adder(filters="strict").augment(X, Y),
        r"filters='strict' is unknown: pass None, a callable",
    ),
    "generator_a_class": (
        lambda: GANAugmenter(TabularGAN).augment(X, Y),
        r"generator=<class .*TabularGAN'> is not a generator: pass an instance",
    ),
    "generator_a_word": (
        lambda: GANAugmenter("ctgan").augment(X, Y),
        r"generator='ctgan' is not a generator: pass an instance",
    ),
    "sampler_without_y": (
        lambda: GANOverSampler(gan()).fit_resample(X, None),
        r"y is None: pass class labels",
    ),
    "sampler_single_class": (
        lambda: GANOverSampler(gan()).fit_resample(X, Y * 0),
        r"y has 1 class, 0, so there is nothing to balance: pass rows of two classes",
    ),
    "sampler_two_rows_of_a_class": (
        lambda: GANOverSampler(gan()).fit_resample(X[1:3], Y[1:3]),
        r"y has 1 class, 0, .*: pass rows of two classes",
    ),
    "sampler_continuous_y": (
        lambda: GANOverSampler(gan()).fit_resample(X, T),
        r"y holds fractions, e\.g\. 0\.25.*: bin y",
    ),
    "sampler_removes_rows": (
        lambda: GANOverSampler(gan(), sampling_strategy={1: 5}).fit_resample(X, Y),
        r"sampling_strategy asks for 5 rows of class 1, which has 15: .*ask for as many or more",
    ),
    "sampler_word": (
        lambda: GANOverSampler(gan(), sampling_strategy="most").fit_resample(X, Y),
        r"sampling_strategy='most' is unknown here: pass 'auto'",
    ),
    "sampler_unknown_class": (
        lambda: GANOverSampler(gan(), sampling_strategy={9: 90}).fit_resample(X, Y),
        r"sampling_strategy names the class 9, .*: the classes are \[0, 1\]",
    ),
    "regressor_of_words": (
        lambda: AugmentedRegressor(REGRESSOR, adder()).fit(X, Y.map({0: "a", 1: "b"})),
        r"y holds text values, e\.g\. 'b', .*: convert y with \.astype\(float\)",
    ),
    "regressor_infinite_y": (
        lambda: AugmentedRegressor(REGRESSOR, adder()).fit(X, T.where(T.index != 2, np.inf)),
        r"y contains infinity.*namely inf: drop these rows",
    ),
    "regressor_two_targets": (
        lambda: AugmentedRegressor(REGRESSOR, adder()).fit(X, np.ones((N, 2))),
        r"y should be .*\(60, 2\).*: multilabel.* pass one column",
    ),
    "regressor_dates": (
        lambda: AugmentedRegressor(REGRESSOR, adder()).fit(X, pd.date_range("2020", periods=N)),
        r"y has dtype datetime64\[ns\]; convert it to a number",
    ),
    "regressor_complex_y": (
        lambda: AugmentedRegressor(REGRESSOR, adder()).fit(X, T.to_numpy() * 1j),
        r"Complex data.*'y' has dtype complex128; split it",
    ),
    "regressor_of_a_classifier": (
        lambda: AugmentedRegressor(CLASSIFIER, adder()).fit(X, T),
        r"estimator=DummyClassifier\(\) is no regressor.*: pass a regressor",
    ),
    "classifier_of_a_regressor": (
        lambda: AugmentedClassifier(REGRESSOR, adder()).fit(X, Y),
        r"estimator=DummyRegressor\(\) is no classifier.*: pass a classifier",
    ),
    "classifier_without_estimator": (
        lambda: AugmentedClassifier(None, adder()).fit(X, Y),
        r"estimator=None is not an estimator: pass an instance of a classifier",
    ),
    "weights_short": (
        lambda: AugmentedClassifier(CLASSIFIER, adder()).fit(X, Y, sample_weight=np.ones(3)),
        r"sample_weight has shape \(3,\), expected \(60,\).*one for each row",
    ),
    "kind_unknown": (
        lambda: gan(columns={"a": "money"}).fit(X, Y),
        r"columns=\{'a': 'money'\} asks for an unknown kind: choose one of number",
    ),
    "kind_of_no_column": (
        lambda: gan(columns={"zz": "ignore"}).fit(X, Y),
        r"columns names 'zz', which is not a column of X: use one of \['a', 'b', 'k'\]",
    ),
    "kind_that_does_not_fit": (
        lambda: gan(columns={"k": "number"}).fit(X, Y),
        r"columns=\{'k': 'number'\} does not fit .*'category': leave it out",
    ),
    "period": (
        lambda: gan().fit(X.assign(p=pd.period_range("2020", periods=N, freq="D")), Y),
        r"Column 'p' has dtype period\[D\].*: convert it with \.dt\.to_timestamp",
    ),
    "interval": (
        lambda: gan().fit(X.assign(p=pd.cut(X["a"], 3)), Y),
        r"Column 'p' is categorical with levels of type interval, e\.g\. Interval.*: convert it",
    ),
    "lone_surrogate_level": (
        lambda: gan().fit(X.assign(p=pd.Categorical(["x", "\ud800"] * 30)), Y),
        r"X\['p'\] is categorical with the level '\\ud800', which is not valid.*: convert it with",
    ),
    "lone_surrogate_label": (
        lambda: gan().fit(X, pd.Series(pd.Categorical(["x", "\ud800"] * 30))),
        r"y is categorical with the level '\\ud800'.*: convert it with y\.astype\(object\)",
    ),
    "sparse_column": (
        lambda: gan().fit(X.assign(p=pd.arrays.SparseArray(np.zeros(N))), Y),
        r"Column 'p' has dtype Sparse\[float64, nan\].*: convert it with \.sparse\.to_dense",
    ),
    "dates_as_text": (
        lambda: gan().fit(
            X.assign(p=pd.date_range("2020", periods=N).strftime("%Y-%m-%d")), Y
        ),
        r"Column 'p' holds dates as text, e\.g\. '2020-01-01': convert it",
    ),
    "integers_beyond_64_bits": (
        lambda: gan().fit(X.assign(p=pd.Series([2**70 + i for i in range(N)], dtype=object)), Y),
        r"Column 'p' holds integers that do not fit in 64 bits .*11805916.*: convert it",
    ),
    "structured_array": (
        lambda: gan().fit(np.zeros(N, dtype=[("a", float)]), Y),
        r"X has dtype \[\('a', '<f8'\)\]: pass a DataFrame",
    ),
    "a_file_name": (
        lambda: gan().fit("table.csv", Y),
        r"Expected 2D array.*X is 'table\.csv'.*Reshape your data",
    ),
    "masked_array": (
        lambda: gan().fit(np.ma.masked_array(np.ones((N, 2)), mask=np.eye(N, 2)), Y),
        r"X is a masked array with masked cells: pass X\.filled",
    ),
    "other_byte_order": (
        lambda: gan().fit(np.ones((N, 2), dtype=">f8"), Y),
        r"X has dtype '>f8'.*: pass X\.astype\('<f8'\)",
    ),
    "a_column_named_none": (
        lambda: gan().fit(X.set_axis(["a", None, "k"], axis=1), Y),
        r"X has a column named None \(NoneType\): make all column names strings",
    ),
    "row_numbers": (
        lambda: gan().fit(X.assign(customer_id=np.arange(N)), Y),
        r"Column 'customer_id' has 60 distinct integers .*e\.g\. 0, like an identifier: drop it",
    ),
    "labels_of_mixed_types": (
        lambda: gan().fit(X, ["a", 1] * 30),
        r"Column 'y' holds mixed.*'a' and 1: convert it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FACES)
def test_faces(name):
    refused(*FACES[name])


# images (R21) ---------------------------------------------------------------------------------


def scaled(low, high, first=10):
    """Images of 0 to 1 with those from `first` on between other ends."""
    images = IMAGES / 255
    images[first:] = low + images[first:] * (high - low)
    return images


def with_pixel(value):
    images = IMAGES / 255
    images[3, 2, 1] = value
    return images


RAGGED = [np.ones((8 + i % 2, 8)) for i in range(20)]
SIZES = r"resize them to sides of 6 to 64 pixels"
SHAPE = r"pass images as \(n, h, w\), \(n, h, w, c\) or \(n, c, h, w\)"
DTYPE = r"pass images as integers or floats, e\.g\. uint8"

PICTURES = {
    "ranges_mixed": (
        scaled(0, 255), r"X mixes ranges of pixels: image 0 lies within 0 to 1, image 1\d reaches "
        r"255: multiply the former by 255"
    ),
    "one_image_of_another_range": (scaled(0, 255, 1), r"image 0 lies within 0 to 1.*multiply"),
    "ranges_mixed_around_zero": (
        np.concatenate([2 * scaled(0, 1)[:10] - 1, 255 * scaled(0, 1)[10:]]),
        r"X mixes ranges of pixels: image 0.*: multiply",
    ),
    "shapes_mixed": (RAGGED, r"X is ragged, its images have different sizes.*: resize them"),
    "nan": (with_pixel(np.nan), r"X has nan at \(3, 2, 1\), image 3: pass images without NaN"),
    "infinite": (with_pixel(-np.inf), r"X has -inf at \(3, 2, 1\), image 3: pass images without"),
    "rows": (IMAGES.reshape(20, -1), r"X has shape \(20, 64\).*: pass image_shape, e\.g\..*8, 8"),
    "one_dimension": (IMAGES.ravel(), r"X has shape \(1280,\).*pass"),
    "five_dimensions": (IMAGES[..., None, None], rf"X has shape \(20, 8, 8, 1, 1\): {SHAPE}"),
    "one_pixel": (IMAGES[:, :1, :1], rf"X has images of 1 x 1 pixels: {SIZES}"),
    "large": (np.zeros((4, 100, 100), "uint8"), rf"X has images of 100 x 100 pixels: {SIZES}"),
    "complex": (IMAGES * 1j, rf"X has dtype complex128: {DTYPE}"),
    "objects": (IMAGES.astype(object), rf"X has dtype object: {DTYPE}"),
    "text": (IMAGES.astype(str), rf"X has dtype <U3: {DTYPE}"),
    "seven_channels": (
        np.zeros((20, 8, 8, 7)), r"Images of shape \(8, 8, 7\) have no axis of 1 to 4 .*: pass"
    ),
    "none": (None, r"X is None: pass an array of images"),
    "empty": (IMAGES[:0], r"X is empty \(shape=\(0, 8, 8\)\): pass at least two images"),
    "one_image": (IMAGES[:1], r"X has 1 sample.*at least 2 rows.*: pass more rows"),
    "a_label_short": (IMAGES, r"samples: \[20, 19\]; pass one value of y"),
}  # fmt: skip


@pytest.mark.parametrize(
    "maker", [ImageGAN(n_steps=5), ClassicGenerator()], ids=["gan", "classic"]
)
@pytest.mark.parametrize("name", PICTURES)
def test_images(name, maker):
    images, says = PICTURES[name]
    labels = (
        KINDS[:19] if name == "a_label_short" else KINDS[: 20 if images is None else len(images)]
    )
    refused(lambda: maker.fit(images, labels), says)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"value_range": (0, 1)}, r"X has pixels from 0 to 255, outside value_range=\(0, 1\): pa"),
        ({"value_range": (1, 0)}, r"value_range=\(1, 0\) is no range: pass \(low, high\)"),
        ({"value_range": "bytes"}, r"value_range='bytes' is unknown: pass 'auto' or"),
        ({"channels": "middle"}, r"channels='middle' is unknown: pass 'auto', 'last' or 'first'"),
        ({"image_shape": (7, 7)}, r"image_shape=\(7, 7\), but X has images .*\(8, 8\): leave"),
        ({"n_steps": -1}, r"n_steps=-1 cannot be used: pass"),
        ({"target": "number"}, r"target='number' cannot be used.*pass 'auto' or 'class'"),
    ],
)
def test_arguments_of_images(given, says):
    refused(lambda: ImageGAN(**given).fit(IMAGES, KINDS), says)


# evaluation -----------------------------------------------------------------------------------

NEAR = X.assign(a=X["a"] + 0.01)
TARGETED = X.assign(y=Y)


def compare(X=X, y=Y, estimators=CLASSIFIER, augmenters=None, **given):
    return compare_augmentations(estimators, X, y, augmenters, random_state=0, **given)


EVALUATION = {
    "another_column": (
        lambda: quality_report(X, NEAR.rename(columns={"a": "z"})),
        r"synthetic lacks \['a'\] and has \['z'\] besides.*: pass tables with the same columns",
    ),
    "a_column_less": (
        lambda: quality_report(X, NEAR[["a", "b"]]), r"synthetic lacks \['k'\].*: pass tables"
    ),
    "another_width": (
        lambda: quality_report(np.ones((30, 3)), np.ones((30, 2))), r"synthetic lacks \[2\].*pass"
    ),
    "empty": (
        lambda: quality_report(X, NEAR[:0]), r"synthetic is empty.*\(0, 3\).*Pass at least one row"
    ),
    "one_row": (
        lambda: quality_report(X, NEAR[:1]), r"synthetic has 1 rows: pass at least 10"
    ),
    "one_real_row": (lambda: quality_report(X[:1], NEAR), r"real has 1 rows: pass at least 10"),
    "nothing": (lambda: quality_report(X, None), r"synthetic is None: pass a table"),
    "file_names": (
        lambda: quality_report("real.csv", "new.csv"), r"real is 'real\.csv'.*Reshape your data"
    ),
    "no_such_target": (
        lambda: quality_report(X, NEAR, target="zz"),
        r"target='zz' is not a column of real: use one of \['a', 'b', 'k'\]",
    ),
    "nan_target": (
        lambda: quality_report(TARGETED.assign(y=Y.where(Y.index != 3)), TARGETED, target="y"),
        r"target='y' is missing at real row 3: drop the rows",
    ),
    "another_holdout": (
        lambda: quality_report(X, NEAR, holdout=X[["a"]]), r"holdout lacks \['b', 'k'\].*: pass"
    ),
    "bad_seed": (
        lambda: quality_report(X, NEAR, random_state="abc"), r"random_state='abc' cannot.*: pass"
    ),
    "images_of_another_size": (
        lambda: quality_report(IMAGES, IMAGES[:, :7]),
        r"synthetic has images of 7 x 8 pixels.*8 x 8 pixels.*: pass images of one size",
    ),
    "images_and_a_table": (
        lambda: quality_report(IMAGES, NEAR), r"synthetic is an array of shape \(60, 3\).*: pass"
    ),
    "images_with_nan": (
        lambda: quality_report(with_pixel(0), with_pixel(np.nan)),
        r"synthetic has nan at \(3, 2, 1\), image 3: pass images without NaN",
    ),
    "compare_without_y": (lambda: compare(y=None), r"y is None.*: pass y"),
    "compare_nan_target": (
        lambda: compare(y=Y.where(Y.index != 3)), r"y contains NaN, first at row 3: drop the rows"
    ),
    "compare_short_y": (lambda: compare(y=Y[:9]), r"samples: \[60, 9\]; pass one value of y"),
    "compare_empty": (
        lambda: compare(X[:0], Y[:0]), r"y is empty, with 0 sample.*: pass one value per row"
    ),
    "compare_one_row": (lambda: compare(X[:1], Y[:1]), r"cannot split 1 rows.*: pass an integer"),
    "compare_cv_of_one": (lambda: compare(cv=1), r"cv=1 cannot split 60 rows.*: pass an integer"),
    "compare_cv_word": (lambda: compare(cv="five"), r"cv='five' cannot split 60 rows.*: pass an"),
    "compare_estimator_word": (
        lambda: compare(estimators="tree"), r"estimators\['str'\]='tree' is not an est.*: pass an"
    ),
    "compare_no_estimator": (lambda: compare(estimators={}), r"estimators is empty: pass at"),
    "compare_scoring": (lambda: compare(scoring="f7"), r"scoring='f7' is unknown: pass one of"),
    "compare_amount": (
        lambda: compare(n_samples=-1), r"n_samples=-1 is negative or not finite: pass a number"
    ),
    "compare_augmenter_word": (
        lambda: compare(augmenters="gan"), r"augmenters\['str'\]='gan' is no augmenter: pass a"
    ),
    "compare_regressor_of_words": (
        lambda: compare(X[["a"]], Y.map({0: "no", 1: "yes"}), REGRESSOR),
        r"y holds text values, e\.g\. 'yes'.*: convert y",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EVALUATION)
def test_evaluation(name):
    refused(*EVALUATION[name])


# the command line -----------------------------------------------------------------------------

CSV = X.head(30).assign(y=Y).round(3).to_csv(index=False)
FILES = {
    "in.csv": CSV.encode(),
    "empty.csv": b"",
    "header.csv": b"a,k,y\n",
    "one.csv": ("y\n" + "".join(f"{i}.5\n" for i in range(30))).encode(),
    "binary.csv": bytes(range(256)) * 20,
    "latin.csv": "n,y\nMüller,1\nX,0\n".encode("latin-1"),
    "ragged.csv": b"a,y\n1,2\n1,2,3\n4,5\n",
    "twice.csv": b"y,y\n1,2\n3,4\n",
    "quote.csv": b'a,y\n"1,0\n2,1\n',
    "bad.parquet": b"PAR1nope",
    "sheet.xlsx": b"PK",
}
COMMANDS = {
    "missing_file": ("augment absent.csv", r"absent\.csv does not exist .*: check the name"),
    "folder_for_a_file": ("augment dir.csv", r"dir\.csv is a folder, not a file .*: name a file"),
    "empty_file": ("augment empty.csv", r"empty\.csv has no header line: its first line must"),
    "header_alone": ("augment header.csv", r"header\.csv has a header but no rows: there is noth"),
    "one_column": ("augment one.csv", r"one\.csv has no column beside the target 'y': add feat"),
    "binary_file": ("augment binary.csv", r"binary\.csv is not UTF-8 text \(byte 128.*: save it"),
    "latin_1": ("augment latin.csv", r"latin\.csv is not UTF-8 text \(byte 5 is 0xfc\): save it"),
    "ragged_lines": (
        "augment ragged.csv",
        r"Line 3 of ragged\.csv has 3 cells .*: every row need",
    ),
    "a_name_twice": ("augment twice.csv", r"twice\.csv has more than one column named 'y': renam"),
    "open_quote": (
        "augment quote.csv",
        r"Line 3 of quote\.csv cannot be read.*: check its quotes",
    ),
    "damaged_parquet": ("augment bad.parquet", r"bad\.parquet cannot be read.*: check the file"),
    "unknown_suffix": ("augment sheet.xlsx", r"unknown suffix '\.xlsx': name it \.csv"),
    "unknown_target": (
        "augment in.csv --target zz",
        r"--target 'zz' is not a column of .*'a', 'b",
    ),
    "no_folder_for_out": ("augment in.csv --out none/o.csv", r"none is not a folder: create it"),
    "out_is_the_input": ("augment in.csv --out in.csv", r"in\.csv exists: choose another name or"),
    "out_is_a_folder": ("augment in.csv --out dir.csv", r"dir\.csv is a folder: name a file"),
    "out_unknown_suffix": ("augment in.csv --out o.txt", r"unknown suffix '\.txt': name it \.csv"),
    "negative_rows": ("augment in.csv --rows -5", r"n_samples=-5 is negative.*: pass.*--rows"),
    "huge_rows": (
        "augment in.csv --rows 1000000000000",
        r"n_samples=1000000000000 is more than the 1,000,000,000 .*: ask for fewer.*--rows",
    ),
    "huge_times": ("augment in.csv --rows 1e300", r"--rows 1e300 would be .*such as 1000000\.$"),
    "rows_of_words": ("augment in.csv --rows many", r"--rows 'many' is not a number: pass 1\.0"),
    "ignore_no_column": ("augment in.csv --ignore zz", r"--ignore 'zz' is not a column of .*'a'"),
    "mark_taken": ("augment in.csv --mark a", r"mark='a' is already a column.*: choose another"),
    "kind_unknown": ("augment in.csv --kind a=money", r"'a': 'money'.* unknown kind: choose one"),
    "check_missing": ("check in.csv absent.csv", r"absent\.csv does not exist .*: check the name"),
    "check_other_columns": (
        "check in.csv one.csv",
        r"synthetic lacks \['a', .*: pass tables with",
    ),
    "compare_unknown": ("compare in.csv --target zz", r"--target 'zz' is not a column of .*'a'"),
    "model_of_junk": ("sample binary.csv -n 3", r"binary\.csv is not a gan_augment model file"),
    "model_missing": ("sample absent -n 3", r"absent does not exist .*: check the name"),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "dir.csv").mkdir()
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_command_line(name, folder):
    words, says = COMMANDS[name]
    words = words.split()
    if words[0] in ("augment", "sample") and "--out" not in words:
        words += ["--out", "new.csv"]
    if words[0] == "augment" and "--target" not in words:
        words += ["--target", "y"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2, result.output
    said = result.stderr.strip()
    assert "\n" not in said and "Traceback" not in said
    assert re.search(says, said), said
    assert {path.name for path in folder.iterdir()} == {*FILES, "dir.csv"}
    assert all((folder / name).read_bytes() == content for name, content in FILES.items())


def test_a_folder_that_may_not_be_written(folder, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode, **kwargs: mode != os.W_OK)
    words = ["augment", "in.csv", "--target", "y", "--out", "new.csv"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert re.search(r"is a folder you may not write to: choose another", result.stderr)


def test_a_file_that_may_not_be_read(folder, monkeypatch):
    def denied(*args, **kwargs):
        raise PermissionError(13, "Permission denied", "in.csv")

    monkeypatch.setattr("gan_augment.cli_tables.read_table", denied, raising=False)
    monkeypatch.setattr("gan_augment.tabular_files.read_table", denied, raising=False)
    result = CliRunner().invoke(app, ["augment", "in.csv", "--target", "y", "--out", "new.csv"])
    assert result.exit_code == 2
    assert re.search(r"^in\.csv may not be opened .*: choose another", result.stderr.strip())


# what works, beside what is refused -------------------------------------------------------------


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3), (3, 8, 8)])
def test_bytes_come_back_as_they_were(shape):
    images = np.random.default_rng(1).integers(0, 256, (40, *shape)).astype("uint8")
    codec = ImageCodec().fit(images)
    back = codec.restore(codec.encode(images))
    assert back.dtype == images.dtype and (back == images).all()


@pytest.mark.parametrize(
    ("images", "given"),
    [
        (IMAGES > 128, {}),
        (IMAGES, {}),
        (scaled(0, 255), {"value_range": (0, 255)}),  # meant to be so dark
        (np.where(np.arange(20)[:, None, None] < 3, 0.0, IMAGES), {}),  # black among others
        (np.where(np.arange(20)[:, None, None] < 3, 1.0, IMAGES), {}),
    ],
)
def test_images_that_work(images, given, monkeypatch):
    monkeypatch.undo()
    made, _ = ClassicGenerator(random_state=0, **given).fit(images, KINDS).sample(50)
    assert made.dtype == images.dtype and made.shape == (50, 8, 8)
    assert made.min() >= images.min() and made.max() <= images.max()
    data = GANAugmenter(ClassicGenerator(**given), n_samples=1.0).augment(images, KINDS)
    assert data.X[:20].tobytes() == images.tobytes()
