"""The contract of a generator, as checks that authors of other generators can run.

`check_generator` needs nothing but the public methods: a generator that passes works with every
augmenter, pipeline and comparison of this library, whether or not it knows `BaseGenerator`.
"""

from __future__ import annotations

import pickle  # written only, never read  # nosec B403
from copy import deepcopy
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

N_ROWS = 60


def check_generator(generator: Any) -> list[str]:
    """Check that a generator keeps the contract; raise on the first breach.

    Small tables with classes are fitted and sampled about twenty times, so pass a fast
    configuration. A numeric target, or none, may be refused in `fit` with a ValueError; class
    labels may not.

    Parameters
    ----------
    generator : generator
        Unfitted; it is cloned for every check and left alone.

    Returns
    -------
    list of str
        The names of the checks that passed.

    Raises
    ------
    AssertionError
        Naming the check and what is wrong.

    Examples
    --------
    >>> from gan_augment import BootstrapGenerator
    >>> len(check_generator(BootstrapGenerator())) == len(CHECKS)
    True
    """
    passed = []
    for check in CHECKS:
        name = check.__name__.removeprefix("_check_")
        try:
            check(generator)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error
        except Exception as error:
            raise AssertionError(f"{name}: raised {type(error).__name__}: {error}") from error
        passed.append(name)
    return passed


def _table():
    """Return 60 rows of numbers, integers and categories, and two unequal string classes."""
    rng = np.random.default_rng(0)
    y = np.where(np.arange(N_ROWS) % 4 == 0, "rare", "usual")
    X = pd.DataFrame(
        {
            "height": rng.normal(size=N_ROWS) + (y == "rare"),
            "count": rng.integers(0, 50, N_ROWS).astype("int16"),
            "colour": pd.Categorical(rng.choice(["red", "green"], N_ROWS)),
        },
        index=np.arange(N_ROWS) + 100,
    )
    return X, pd.Series(y, index=X.index, name="label")


def _numbers():
    rng = np.random.default_rng(1)
    y = np.where(np.arange(N_ROWS) % 4 == 0, "rare", "usual")
    return rng.normal(size=(N_ROWS, 3)).astype("float32"), y


def _fitted(generator, X, y, seed=0):
    copy = clone(generator)
    if "random_state" in copy.get_params(deep=False):
        copy.set_params(random_state=seed)
    copy.fit(X, y)
    return copy


def _check_methods_and_clone(generator):
    for name in ("fit", "sample", "get_params", "set_params"):
        assert callable(getattr(generator, name, None)), f"there is no method {name}"
    before = generator.get_params(deep=False)
    after = clone(generator).get_params(deep=False)
    assert set(before) == set(after), "clone changes the parameters"


def _check_unfitted_refuses_to_sample(generator):
    try:
        clone(generator).sample(1)
    except NotFittedError:
        return
    except Exception as error:
        raise AssertionError(
            f"sample before fit must raise sklearn's NotFittedError, not {type(error).__name__}"
        ) from error
    raise AssertionError("sample before fit must raise sklearn's NotFittedError, not return")


def _check_fit_returns_self_and_keeps_parameters(generator):
    X, y = _table()
    copy = clone(generator)
    before = {name: repr(value) for name, value in copy.get_params().items()}
    assert copy.fit(X, y) is copy, "fit must return self"
    after = {name: repr(value) for name, value in copy.get_params().items()}
    assert before == after, "fit must not change the constructor's parameters"


def _check_input_is_left_alone(generator):
    X, y = _table()
    X_before, y_before = X.copy(deep=True), y.copy(deep=True)
    _fitted(generator, X, y).sample(3)
    same = X.equals(X_before) and (X.dtypes == X_before.dtypes).all() and y.equals(y_before)
    assert same, "fit or sample changes the caller's X or y"


def _check_exact_number_of_rows(generator):
    fitted = _fitted(generator, *_table())
    for n in (0, 1, 7, 2 * N_ROWS):
        X_new, y_new = fitted.sample(n)
        assert len(X_new) == n, f"sample({n}) makes {len(X_new)} rows"
        assert len(y_new) == n, f"sample({n}) makes {len(y_new)} labels"


def _check_bad_numbers_are_refused(generator):
    fitted = _fitted(generator, *_table())
    for n in (-1, 2.5, "3"):
        try:
            fitted.sample(n)
        except (ValueError, TypeError):
            continue
        raise AssertionError(f"sample({n!r}) must raise a ValueError")


def _check_schema_is_kept(generator):
    X, y = _table()
    X_new, y_new = _fitted(generator, X, y).sample(9)
    assert isinstance(X_new, pd.DataFrame), f"a DataFrame comes back as {type(X_new).__name__}"
    assert list(X_new.columns) == list(X.columns), f"the columns become {list(X_new.columns)}"
    for name in X.columns:
        assert X_new[name].dtype == X[name].dtype, (
            f"column {name!r} changes from {X[name].dtype} to {X_new[name].dtype}"
        )
    assert isinstance(y_new, pd.Series), f"a Series y comes back as {type(y_new).__name__}"
    assert y_new.name == y.name, f"y is renamed from {y.name!r} to {y_new.name!r}"


def _check_arrays_stay_arrays(generator):
    X, y = _numbers()
    X_new, y_new = _fitted(generator, X, y).sample(9)
    assert isinstance(X_new, np.ndarray), f"an array comes back as {type(X_new).__name__}"
    assert X_new.shape[1] == X.shape[1], f"{X.shape[1]} columns become {X_new.shape[1]}"
    assert X_new.dtype == X.dtype, f"the dtype changes from {X.dtype} to {X_new.dtype}"
    assert isinstance(y_new, np.ndarray), f"an array y comes back as {type(y_new).__name__}"


def _check_values_are_valid(generator):
    X, y = _table()
    X_new, _ = _fitted(generator, X, y).sample(N_ROWS)
    assert not X_new.isna().any().any(), "missing values where training had none"
    assert np.isfinite(X_new["height"]).all(), "numbers that are not finite"
    assert set(X_new["colour"]) <= set(X["colour"]), "categories never seen in training"
    if not getattr(generator, "extrapolates", False):
        for name in ("height", "count"):
            inside = X_new[name].between(X[name].min(), X[name].max()).all()
            assert inside, f"{name!r} leaves the range seen: clip it, or set extrapolates = True"


def _check_labels_are_kept_in_order(generator):
    fitted = _fitted(generator, *_table())
    wanted = ["rare", "usual", "usual", "rare", "rare"]
    X_new, y_new = fitted.sample(y=wanted)
    assert len(X_new) == len(wanted), f"{len(wanted)} labels give {len(X_new)} rows"
    assert list(y_new) == wanted, f"the labels asked for were {wanted}, not {list(y_new)}"


def _check_rows_belong_to_their_label(generator):
    # Two classes that no working generator can confuse: 1000 apart, with a spread of 1.
    rng = np.random.default_rng(2)
    y = np.repeat([0, 1], [40, 20])
    X = rng.normal(size=(60, 2)) + 1000.0 * y[:, None]
    X_new, y_new = _fitted(generator, X, y).sample(y=np.tile([1, 0], 20))
    nearest = (np.asarray(X_new).mean(axis=1) > 500).astype(int)
    share = (nearest == np.asarray(y_new)).mean()
    assert share > 0.8, f"only {share:.0%} of the rows look like the class they were asked for"


def _check_class_shares_without_labels(generator):
    _, y_new = _fitted(generator, *_table()).sample(40)
    rare = list(y_new).count("rare")
    assert 5 <= rare <= 15, f"a class with a quarter of the rows gets {rare} of 40"


def _check_unknown_labels_are_refused(generator):
    fitted = _fitted(generator, *_table())
    try:
        fitted.sample(y=["never seen"])
    except ValueError:
        return
    raise AssertionError("a label that was not in training must raise a ValueError")


def _check_same_seed_same_rows(generator):
    X, y = _table()
    first, second = _fitted(generator, X, y, seed=3), _fitted(generator, X, y, seed=3)
    rows = [fitted.sample(9, random_state=5)[0] for fitted in (first, second)]
    pd.testing.assert_frame_equal(*rows, obj="with equal seeds, X")


def _check_other_seed_other_rows(generator):
    fitted = _fitted(generator, *_table())
    rows = [fitted.sample(30, random_state=seed)[0] for seed in (1, 2)]
    assert not rows[0].equals(rows[1]), "sample ignores its random_state"


def _check_global_random_state_is_left_alone(generator):
    before = np.random.get_state()
    _fitted(generator, *_table()).sample(3)
    after = np.random.get_state()
    same = before[0] == after[0] and (before[1] == after[1]).all() and before[2:] == after[2:]
    assert same, "numpy's global random state is changed"


def _check_pickle(generator):
    fitted = _fitted(generator, *_table())
    assert pickle.dumps(fitted), "a fitted generator must pickle"
    # A deep copy goes through the same methods, without reading a pickle.
    rows = [g.sample(5, random_state=1)[0] for g in (fitted, deepcopy(fitted))]
    pd.testing.assert_frame_equal(*rows, obj="after copying, X")


def _check_numeric_target(generator):
    X, _ = _table()
    y = X["height"].to_numpy() * 2.5 + 1
    try:
        fitted = _fitted(generator, X, y)
    except ValueError:
        return  # a generator of class labels only
    X_new, y_new = fitted.sample(11)
    assert len(X_new) == 11 and y_new is not None and len(y_new) == 11, (
        "with a numeric target, sample must return one number per row"
    )
    values = np.asarray(y_new, dtype=np.float64)
    assert np.isfinite(values).all(), "a synthetic target is not finite"


def _check_no_target(generator):
    X, _ = _table()
    try:
        fitted = _fitted(generator, X, None)
    except ValueError:
        return  # a generator of class labels only
    X_new, y_new = fitted.sample(11)
    assert len(X_new) == 11, f"sample(11) makes {len(X_new)} rows"
    assert y_new is None, "without a target, the y that sample returns must be None"


CHECKS = (
    _check_methods_and_clone,
    _check_unfitted_refuses_to_sample,
    _check_fit_returns_self_and_keeps_parameters,
    _check_input_is_left_alone,
    _check_exact_number_of_rows,
    _check_bad_numbers_are_refused,
    _check_schema_is_kept,
    _check_arrays_stay_arrays,
    _check_values_are_valid,
    _check_labels_are_kept_in_order,
    _check_rows_belong_to_their_label,
    _check_class_shares_without_labels,
    _check_unknown_labels_are_refused,
    _check_same_seed_same_rows,
    _check_other_seed_other_rows,
    _check_global_random_state_is_left_alone,
    _check_pickle,
    _check_numeric_target,
    _check_no_target,
)
