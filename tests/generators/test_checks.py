"""A generator with a fault is caught at the draw: one fault, and one sentence, for each clause."""

import tracemalloc
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator

from gan_augment import GANAugmenter, TabularGAN, load
from gan_augment.exceptions import GeneratorError
from gan_augment.generators.base import BaseImageGenerator
from gan_augment.generators.checks import RowCheck, SeenColumn
from gan_augment.generators.controls import BootstrapGenerator

N = 40
DAYS = pd.Timestamp("2024-03-01") + pd.to_timedelta(np.arange(N) % 20, "D")


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "size": rng.uniform(1, 2, N),
            "count": rng.integers(3, 9, N).astype("int16"),
            "gaps": pd.array([None if i % 7 == 0 else i % 5 for i in range(N)], dtype="Int64"),
            "colour": rng.choice(["red", "green"], N),
            "grade": pd.Categorical(rng.choice(["a", "b"], N), categories=["a", "b", "c"]),
            "on": rng.random(N) < 0.5,
            "day": DAYS,
        }
    )
    return X, pd.Series(np.where(np.arange(N) % 4 == 0, "rare", "usual"), name="label")


class Broken(BootstrapGenerator):
    """Copies rows, then spoils the third one."""

    def __init__(self, *, spoil=None, target="auto", random_state=0):
        super().__init__(target=target, random_state=random_state)
        self.spoil = spoil

    def _sample(self, n, codes, rng):
        frame, values = super()._sample(n, codes, rng)
        return self.spoil(frame.reset_index(drop=True)), values


class Foreign(BaseEstimator):
    """The same, knowing nothing of `BaseGenerator`."""

    def __init__(self, spoil=None, spoil_y=None, columns=None, random_state=None):
        self.spoil, self.spoil_y = spoil, spoil_y
        self.columns, self.random_state = columns, random_state

    def fit(self, X, y=None):
        self.inner_ = BootstrapGenerator(random_state=0).fit(X, y)
        if hasattr(self.inner_, "classes_"):
            self.classes_ = self.inner_.classes_
        return self

    def sample(self, n_samples=None, *, y=None, random_state=None):
        X, y = self.inner_.sample(n_samples, y=y, random_state=random_state)
        return (self.spoil(X) if self.spoil else X), (self.spoil_y(y) if self.spoil_y else y)


def put(name, value):
    """Return what puts a value into row 2 of a column."""

    def spoil(frame):
        column = frame[name].to_numpy(dtype=object, copy=True)
        column[2] = value
        dtype = frame[name].dtype
        if isinstance(dtype, pd.CategoricalDtype):
            return frame.assign(**{name: pd.Categorical(column, dtype=dtype)})
        return frame.assign(**{name: pd.Series(column).astype(dtype)})

    return spoil


VALUES = {
    "not a number": (put("size", np.nan), r"column 'size' is missing at row 2, where no tr"),
    "infinite": (put("size", np.inf), r"column 'size' holds inf at row 2, beyond 1\.0.*to 1\.9"),
    "too large": (put("size", 7.5), r"'size' holds 7\.5 at row 2, beyond .*: clip it, or set ext"),
    "too small": (put("count", -4), r"column 'count' holds -4 at row 2, beyond 3 to 8, the range"),
    "nullable": (put("gaps", 9), r"column 'gaps' holds 9 at row 2, beyond 0 to 4"),
    "a new word": (put("colour", "blue"), r"column 'colour' holds 'blue' at row 2, a value that"),
    "no word": (put("colour", None), r"column 'colour' is missing at row 2"),
    "an unused level": (put("grade", "c"), r"column 'grade' holds 'c' at row 2, a value that no"),
    "a late day": (put("day", pd.Timestamp("2025-01-01")), r"column 'day' holds .*2025-01-01"),
}
SHAPES = {
    "dtype": (lambda X: X.astype({"count": "int64"}), r"'count' has dtype int64, not int16"),
    "kind": (lambda X: X.assign(size="1.5"), r"column 'size' has dtype (object|str), not float64"),
    "order": (lambda X: X[X.columns[::-1]], r"the columns are \['day', .*, not \['size', "),
    "a column less": (lambda X: X.drop(columns="on"), r"the columns are .*, not \['size', "),
    "a row less": (lambda X: X[1:], r"there are 7 rows where 8 were asked for"),
}


@pytest.mark.parametrize("name", VALUES | SHAPES)
def test_a_fault_is_raised_not_returned(table, name):
    spoil, says = (VALUES | SHAPES)[name]
    with pytest.raises(GeneratorError, match=rf"^Broken made rows .*{says}") as fault:
        Broken(spoil=spoil).fit(*table).sample(8)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("name", VALUES | {"kind": SHAPES["kind"], "rows": SHAPES["a row less"]})
def test_a_foreign_generator_is_checked_by_the_augmenter(table, name):
    says = {"kind": r"column 'size' has dtype (object|str), not float64", "rows": "7 rows where 8"}
    spoil, says = VALUES.get(name) or (
        SHAPES[{"rows": "a row less"}.get(name, name)][0],
        says[name],
    )
    augmenter = GANAugmenter(Foreign(spoil), n_samples={"rare": 8, "usual": 0})
    with pytest.raises(GeneratorError, match=rf"^Foreign made rows .*{says}"):
        augmenter.augment(*table)


def test_a_sound_generator_is_left_alone(table):
    same = Broken(spoil=lambda X: X).fit(*table)
    assert len(same.sample(100)[0]) == 100
    assert len(same.sample(0)[0]) == 0
    assert (
        GANAugmenter(Foreign(), n_samples=1.0, allow_copies=True).augment(*table).n_synthetic == N
    )


@pytest.mark.parametrize("container", [pl.from_pandas, lambda X: X.to_numpy()], ids=["pl", "np"])
def test_foreign_rows_of_other_containers(table, container):
    X = container(table[0][["size", "count"]])
    data = GANAugmenter(Foreign(), n_samples=1.0, allow_copies=True).augment(
        X, table[1].to_numpy()
    )
    assert data.n_synthetic == N
    far = Foreign(lambda X: X * 9)
    with pytest.raises(GeneratorError, match="beyond"):
        GANAugmenter(far, n_samples=1.0).augment(X, table[1].to_numpy())


def test_labels_as_asked(table):
    swapped = Foreign(spoil_y=lambda y: y.replace({"rare": "usual"}))
    augmenter = GANAugmenter(swapped, n_samples={"rare": 3, "usual": 0})
    with pytest.raises(GeneratorError, match="label of row 0 is 'usual', not 'rare' as asked"):
        augmenter.augment(*table)
    short = Foreign(spoil_y=lambda y: y[:-1])
    with pytest.raises(GeneratorError, match="2 rows where 3 were|2 labels where 3"):
        augmenter.set_params(generator=short).augment(*table)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda X, y: None, r"there is nothing where \(X, y\) was asked for"),
        (lambda X, y: (None, y), "there is nothing"),
        (lambda X, y: X, "there is a DataFrame"),
        (lambda X, y: (X, y, 1), "there is a tuple"),
    ],
    ids=["None", "no rows", "rows alone", "three"],
)
def test_what_is_no_pair_of_rows_and_target(table, spoil, says):
    class Odd(Foreign):
        def sample(self, *args, **kwargs):
            return spoil(*super().sample(*args, **kwargs))

    class OwnOdd(BootstrapGenerator):
        def _sample(self, *args):
            return spoil(*super()._sample(*args))

    with pytest.raises(GeneratorError, match=f"^Odd made rows that cannot be right: {says}"):
        GANAugmenter(Odd(), n_samples=1.0).augment(*table)
    with pytest.raises(GeneratorError, match=f"^OwnOdd made rows that cannot be right: {says}"):
        OwnOdd().fit(*table).sample(3)


@pytest.mark.parametrize(
    ("spoil_y", "says"),
    [
        (lambda y: None, "there is no target, though training had one"),
        (lambda y: y * np.nan, "the target is missing at row 0"),
        (lambda y: y + 100, "the target holds 1.* at row 0, beyond"),
        (lambda y: y[:-1], "7 rows where 8"),
    ],
)
def test_a_foreign_target(table, spoil_y, says):
    X = table[0]
    with pytest.raises(GeneratorError, match=says):
        GANAugmenter(Foreign(spoil_y=spoil_y), n_samples=8).augment(X, X["size"] * 1.1)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (lambda n: None, "there is no target, where 8 numbers"),
        (lambda n: np.ones(n - 1), r"the target has shape \(7,\), not \(8,\)"),
        (lambda n: np.r_[np.ones(n - 1), np.inf], "the target is inf at row 7, which is not fin"),
        (lambda n: np.r_[np.nan, np.ones(n - 1)], "the target is nan at row 0"),
    ],
)
def test_a_numeric_target_is_finite(table, values, says):
    class Numbers(BootstrapGenerator):
        def _sample(self, n, codes, rng):
            return super()._sample(n, codes, rng)[0], values(n)

    X = table[0]
    with pytest.raises(GeneratorError, match=says):
        Numbers(random_state=0).fit(X, X["size"] * 1.1).sample(8)


def test_what_is_meant_to_leave_the_range_may_but_not_to_infinity(table):
    class Wide(Broken):
        extrapolates = True

    assert Wide(spoil=put("size", 7.5)).fit(*table).sample(8)[0]["size"][2] == 7.5
    with pytest.raises(GeneratorError, match="'size' holds inf at row 2"):
        Wide(spoil=put("size", np.inf)).fit(*table).sample(8)
    with pytest.raises(GeneratorError, match="'colour' holds 'blue'"):
        Wide(spoil=put("colour", "blue")).fit(*table).sample(8)


def test_identifiers_and_ignored_columns_are_free(table):
    X, y = table
    X = X.assign(id=np.arange(N), note=[f"note {i}" for i in range(N)])
    gan = TabularGAN(n_steps=0, columns={"id": "regenerate", "note": "ignore"}, random_state=0)
    X_new, _ = gan.fit(X, y).sample(9)
    assert X_new["id"].min() >= N and X_new["note"].isna().all()


def test_numbers_chosen_as_labels_are_compared_as_labels(table):
    X, y = table
    gan = TabularGAN(n_steps=0, columns={"zip": "category"}, random_state=0)
    gan.fit(X.assign(zip=np.where(np.arange(N) % 3, 10, 30)), y)
    rows = gan.sample(5)[0]
    with pytest.raises(GeneratorError, match="'zip' holds 20 at row 2, a value that no"):
        gan.row_check_(put("zip", 20)(rows), 5, "TabularGAN")


def test_a_loaded_generator_checks_as_before(table, tmp_path):
    X, y = table
    columns = {"id": "regenerate", "zip": "category", "note": "ignore"}
    X = X.assign(id=np.arange(N), zip=np.arange(N) % 3 * 10, note="n", void=np.nan, one=5)
    gan = TabularGAN(n_steps=0, columns=columns, random_state=0).fit(X, y)
    gan.save(tmp_path / "gan")
    loaded = load(tmp_path / "gan")
    rows = loaded.sample(9)[0]
    assert rows.equals(gan.sample(9)[0])
    spoilt = VALUES | {"label": (put("zip", 15), "zip"), "constant": (put("one", 6), "one")}
    for spoil, _ in spoilt.values():
        said = []
        for fitted in (gan, loaded):
            with pytest.raises(GeneratorError) as fault:
                fitted.row_check_(spoil(rows), 9, "TabularGAN", free=fitted.unlearnt_)
            said.append(str(fault.value))
        assert said[0] == said[1]
    with pytest.raises(GeneratorError, match="'void' holds 1.0 at row 2, a value that no"):
        loaded.row_check_(put("void", 1.0)(rows), 9, "TabularGAN", free=loaded.unlearnt_)


@pytest.mark.parametrize(
    ("seen", "inside", "outside"),
    [
        ([Decimal("1.5"), Decimal(3)], Decimal(2), Decimal(4)),
        ([1, 2.5], 2, 3),
        ([b"x", b"y"], b"x", b"z"),
        ([True, None, True], True, False),
        ([date(2020, 1, 1), date(2020, 2, 1)], date(2020, 1, 9), date(2021, 1, 1)),
    ],
)
def test_cells_of_object_columns(seen, inside, outside):
    column = SeenColumn.of(pd.Series(seen, dtype=object))
    assert column.fault(pd.Series([inside], dtype=object)) is None
    assert column.fault(pd.Series([outside], dtype=object))


@pytest.mark.parametrize("ordered", [False, True])
def test_levels_that_are_numbers_are_names_all_the_same(ordered):
    dtype = pd.CategoricalDtype([0, -1, 5], ordered=ordered)
    column = SeenColumn.of(pd.Series([0, 0, -1], dtype=dtype))
    assert column.fault(pd.Series([-1, 0], dtype=dtype)) is None
    fault = column.fault(pd.Series([5], dtype=dtype))
    assert fault.what == "holds 5 at row 0, a value that no training row had"


def test_integers_beyond_float64_are_compared_exactly():
    column = SeenColumn.of(pd.Series([2**62, 2**62 + 4]))
    assert column.fault(pd.Series([2**62 + 4])) is None
    assert column.fault(pd.Series([2**62 + 5]))


def test_cells_that_cannot_be_compared_are_left_alone():
    frame = pd.DataFrame({"k": pd.Series([[1], [2]], dtype=object)})
    RowCheck.of(frame)(frame, 2, "Mine")


class Pictures(BaseImageGenerator):
    """Images of a fault each."""

    def __init__(self, spoil=None, channels="auto", image_shape=None, value_range="auto"):
        self.spoil, self.channels = spoil, channels
        self.image_shape, self.value_range = image_shape, value_range
        self.target, self.random_state = "auto", 0

    def _fit(self, images, values, rng):
        self.images_ = images

    def _sample(self, n, codes, rng):
        return self.spoil(np.resize(self.images_, (n, *self.image_shape_)).copy()), None


def with_pixel(value):
    def spoil(images):
        images[1, 0, 2, 3] = value
        return images

    return spoil


IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 8)).astype("uint8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (with_pixel(np.nan), "image 1 has a pixel of nan, outside 0 to 1"),
        (with_pixel(255), r"image 1 has a pixel of 255\.0, outside 0 to 1"),
        (with_pixel(-0.5), r"image 1 has a pixel of -0\.5"),
        (lambda images: images[:, :, :7], r"shape \(4, 1, 7, 8\), not \(4, 1, 8, 8\)"),
        (lambda images: images[1:], "3 rows where 4"),
    ],
)
def test_images(spoil, says):
    with pytest.raises(GeneratorError, match=says):
        Pictures(spoil).fit(IMAGES).sample(4)


def test_images_of_a_foreign_generator():
    class Painter(Foreign):
        learns_images = True

        def fit(self, X, y=None):
            self.X_, self.classes_ = X, np.unique(y)
            return self

        def sample(self, n_samples=None, *, y=None, random_state=None):
            return self.spoil(np.resize(self.X_, (len(y), *self.X_.shape[1:])).copy()), y

    X, y = IMAGES / 255, np.array([0, 0, 0, 1, 1, 1])
    for spoil in (lambda X: X * 255, lambda X: X * np.nan, lambda X: X[:, 1:], lambda X: X[1:]):
        with pytest.raises(GeneratorError, match="Painter made rows"):
            GANAugmenter(Painter(spoil), n_samples=1.0).augment(X, y)
    sound = GANAugmenter(Painter(lambda X: X), n_samples=1.0, allow_copies=True)
    assert sound.augment(X, y).n_synthetic == 6


def test_long_tables_are_looked_at_piece_by_piece(monkeypatch):
    monkeypatch.setattr("gan_augment.generators.checks.PIECE", 10)
    seen = RowCheck.of(pd.DataFrame({"size": [1.0, 2.0], "kind": ["a", "b"]}))
    rows = pd.DataFrame({"size": np.full(35, 1.5), "kind": ["a"] * 35})
    seen(rows, 35, "Mine")
    with pytest.raises(GeneratorError, match=r"'size' holds 3\.0 at row 33, beyond"):
        seen(rows.assign(size=np.where(np.arange(35) == 33, 3.0, 1.5)), 35, "Mine")
    with pytest.raises(GeneratorError, match="'kind' holds 'c' at row 20, a value"):
        seen(rows.assign(kind=["a"] * 20 + ["c"] * 15), 35, "Mine")


def test_a_long_table_is_not_copied_to_be_looked_at():
    seen = RowCheck.of(pd.DataFrame({"size": [0.0, 1.0], "count": [0, 9]}))
    rows = pd.DataFrame({"size": np.linspace(0, 1, 10**6), "count": np.arange(10**6) % 10})
    tracemalloc.start()
    try:
        seen(rows, 10**6, "Mine")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.3 * rows.memory_usage(index=False).sum()


def test_dates_near_the_end_of_time_are_checked_in_any_zone():
    last = pd.Timestamp.max.floor("s")
    days = pd.DatetimeIndex([last - pd.Timedelta(days=i) for i in range(N)])
    frame = pd.DataFrame({"day": days.tz_localize("UTC").tz_convert("Asia/Tokyo")})
    check = RowCheck.of(frame)
    check(frame.iloc[:3], 3, "Mine")
    with pytest.raises(GeneratorError, match="beyond"):
        check(frame.iloc[:3] - pd.Timedelta(days=99), 3, "Mine")
