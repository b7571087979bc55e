"""What holds for every table: eight properties of new rows, the codec's round trip, the pipeline.

Hypothesis draws tables of every kind of column: missing cells, extremes of every dtype, constants,
duplicated rows, text of any script come as they are drawn. 30 examples a property here, 300 with
``nox -s nightly``, which draws others every time. A table may be refused, but in one sentence.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from random_tables import numeric_tables, tables
from sklearn.base import clone
from sklearn.tree import DecisionTreeClassifier

from gan_augment import (
    BootstrapGenerator,
    GANAugmenter,
    SMOTEGenerator,
    TabularGAN,
    make_pipeline,
)
from gan_augment.encoding.dtypes import missing_mask, to_numbers
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError

# what is asked -------------------------------------------------------------------------------

MAKERS = st.builds(
    TabularGAN,
    n_steps=st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2]),
    mixture=st.sampled_from(
        ["auto", "auto", {"interpolate": 1}, {"borrow": 1}, {"covariance": 1}]
    ),
    random_state=st.just(0),
) | st.just(BootstrapGenerator(random_state=0))
SEEDS = st.integers(0, 2**32 - 1)
COUNTS = st.integers(0, 40)


def fitted(maker, table):
    """Return the generator after `fit`, or None where the table is refused as it may be."""
    try:
        return clone(maker).fit(table.X, table.y)
    except InputError as refusal:
        assert_one_sentence(refusal, table)


def assert_one_sentence(refusal, table):
    said = str(refusal)
    note(said)
    assert "\n" not in said and said.endswith(".")
    names_a_column = any(repr(name) in said for name in table.X.columns)
    assert names_a_column or said.startswith(("X", "y", "Inp")) or is_about_copies(refusal)


def is_about_copies(refusal):
    """Whether too few rows unlike the real ones could be made, as of a very small table."""
    return refusal.settings == (("allow_copies", True),)


def assert_bits(got, real):
    """The same cells, bit for bit, in the same dtypes."""
    pd.testing.assert_frame_equal(got, real, check_exact=True)
    for name, column in real.items():
        if isinstance(column.dtype, np.dtype) and column.dtype.kind != "O":
            assert got[name].to_numpy().tobytes() == column.to_numpy().tobytes()


def in_range(made, real):
    """Whether numbers, dates and durations lie between the least and the largest real one."""
    made, real = made[~missing_mask(made)], real[~missing_mask(real)]
    if len(made) == 0:
        return True
    return len(real) > 0 and real.min() <= made.min() and made.max() <= real.max()


def is_measured(column):
    categorical = isinstance(column.dtype, pd.CategoricalDtype)
    return not categorical and column.dtype.kind in "iufmM"


@given(tables(), MAKERS, COUNTS, SEEDS)
def test_new_rows_are_as_many_as_asked_and_such_as_could_be_real(table, maker, n, seed):
    """One fit for what is asked of its rows: most of the time goes into fits."""
    if (generator := fitted(maker, table)) is None:
        return
    X_new, y_new = generator.sample(n, random_state=1)
    assert len(X_new) == n
    assert (y_new is None) if table.y is None else len(y_new) == n
    X_new, y_new = generator.sample(30, random_state=seed)
    assert_same_dtypes_and_names(table, X_new, y_new)
    assert_numbers_in_the_range_seen(table, X_new, y_new, generator.target_.kind_)
    assert_categories_among_those_seen(table, X_new, y_new, generator.target_.kind_)
    assert_nothing_missing_where_nothing_was(table, X_new, y_new)
    X_again, y_again = fitted(maker, table).sample(30, random_state=seed)  # the same bytes
    assert_bits(X_again, X_new)
    assert (y_again is None and y_new is None) or y_again.equals(y_new)


def assert_same_dtypes_and_names(table, X_new, y_new):
    pd.testing.assert_series_equal(X_new.dtypes, table.X.dtypes)
    assert y_new is None or (y_new.dtype == table.y.dtype and y_new.name == table.y.name)


def assert_numbers_in_the_range_seen(table, X_new, y_new, kind):
    for name, real in table.X.items():
        assert not is_measured(real) or in_range(X_new[name], real)
    assert kind != "number" or in_range(y_new, table.y)


def assert_categories_among_those_seen(table, X_new, y_new, kind):
    for name, real in table.X.items():
        if not is_measured(real) and not pd.api.types.infer_dtype(real).startswith("int"):
            assert set(X_new[name].dropna()) <= set(real.dropna())
    assert kind != "class" or set(y_new) <= set(table.y)


def assert_nothing_missing_where_nothing_was(table, X_new, y_new):
    for name, real in table.X.items():
        assert missing_mask(real).any() or not missing_mask(X_new[name]).any()
        if X_new[name].dtype.kind == "f":
            values = X_new[name].to_numpy(dtype=np.float64, na_value=np.nan)
            assert not np.isinf(values).any()
    assert y_new is None or not y_new.isna().any()


@given(numeric_tables(), st.sampled_from(["smote", "bootstrap", "interpolate"]))
def test_interpolated_numbers_stay_in_the_range_of_their_class(table, way):
    ways = {
        "smote": SMOTEGenerator(random_state=0),
        "bootstrap": BootstrapGenerator(random_state=0),
        "interpolate": TabularGAN(n_steps=0, mixture={"interpolate": 1}, random_state=0),
    }
    X = pd.DataFrame(table.X)
    counts = table.y.value_counts()
    generator = ways[way].fit(X, table.y)
    for label in counts.index[counts >= 2]:
        made, _ = generator.sample(y=[label] * 20)
        for name in X.columns:
            assert in_range(made[name], X.loc[table.y == label, name])


@pytest.mark.filterwarnings("ignore::gan_augment.exceptions.AugmentationWarning")
@given(tables(), MAKERS, COUNTS)
def test_real_rows_stay_as_they_are(table, maker, n):
    X, y = table.X.copy(deep=True), None if table.y is None else table.y.copy(deep=True)
    try:
        data = GANAugmenter(maker, n_samples=n, random_state=0).augment(table.X, table.y)
    except InputError as refusal:
        assert_one_sentence(refusal, table)
        data = None
    assert_bits(table.X, X)
    if data is not None:
        assert data.n_synthetic == n
        assert_bits(data.X[: len(X)], X)
        assert y is None or data.y[: len(y)].equals(y)


@pytest.mark.filterwarnings("ignore::gan_augment.exceptions.AugmentationWarning")
@given(tables("classes"), MAKERS, st.data())
def test_each_class_gets_the_rows_asked_for(table, maker, data):
    known = table.y.unique().tolist()
    wanted = {label: data.draw(st.integers(0, 9)) for label in known}
    order = data.draw(st.permutations([k for k, n in wanted.items() for _ in range(n)]))
    if (generator := fitted(maker, table)) is not None:
        assert generator.sample(y=order)[1].tolist() == list(order)
        augmenter = GANAugmenter(maker, n_samples=wanted, random_state=0)
        try:
            added = augmenter.augment(table.X, table.y)
        except InputError as refusal:  # too few other rows could be made of so small a table
            assert_one_sentence(refusal, table)
            added = augmenter.set_params(allow_copies=True).augment(table.X, table.y)
        new = added.y[added.is_synthetic]
        assert {label: int((new == label).sum()) for label in known} == wanted


@given(tables("none"))
def test_what_is_encoded_comes_back(table):
    """Exactly, but for numbers spread over more digits than a float64 has.

    Floats whose sizes lie more than 2**40 apart may lose the small ones; each other float returns
    to 1e-9 of itself. Integers spread over more than 2**53 return to 2**-52 of the spread, and
    every other kind of cell as it was.
    """
    try:
        codec = TableCodec().fit(table.X)
    except InputError as refusal:
        assert_one_sentence(refusal, table)
        return
    back, _ = codec.decode(codec.encode(table.X))
    pd.testing.assert_series_equal(back.dtypes, table.X.dtypes)
    for name, real in table.X.items():
        if real.dtype.kind in "iu":
            assert (missing_mask(back[name]) == missing_mask(real)).all()
            seen, made = ([int(v) for v in column.dropna()] for column in (real, back[name]))
            spread = max(seen) - min(seen) if seen else 0
            slack = spread * 2.0**-52 if spread > 2**53 else 0
            assert all(abs(a - b) <= slack for a, b in zip(seen, made, strict=True))
            continue
        if real.dtype.kind != "f":
            pd.testing.assert_series_equal(back[name], real, check_exact=True)
            continue
        assert (missing_mask(back[name]) == missing_mask(real)).all()
        made, seen = to_numbers(back[name])[0], to_numbers(real)[0]
        slack = np.maximum(1e-9 * np.abs(seen), 2.0**-40 * np.abs(seen).max())
        assert (np.abs(made - seen) <= slack).all()


@pytest.mark.filterwarnings("ignore::gan_augment.exceptions.AugmentationWarning")
@given(numeric_tables(), st.sampled_from([BootstrapGenerator(), TabularGAN(n_steps=0)]), SEEDS)
def test_a_pipeline_equals_fitting_by_hand(table, generator, seed):
    augmenter = GANAugmenter(generator, n_samples=1.0, random_state=seed % 2**31)
    classifier = DecisionTreeClassifier(random_state=0)
    piped = make_pipeline(clone(augmenter), clone(classifier)).fit(table.X, table.y)
    data = clone(augmenter).augment(table.X, table.y)
    by_hand = classifier.fit(data.X, data.y)
    assert (piped.predict(table.X) == by_hand.predict(table.X)).all()
    assert (piped[-1].tree_.threshold == by_hand.tree_.threshold).all()
    assert piped.score(table.X, table.y) == by_hand.score(table.X, table.y)
