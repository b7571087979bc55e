"""New people have rows of their own, as many as real ones, and stay the same in all of them."""

import numpy as np
import pandas as pd
import pytest

from gan_augment import BootstrapGenerator, GANAugmenter, TabularGAN
from gan_augment.exceptions import InputError


def visits(rng, n=60, name="{}"):
    whose = np.repeat(np.arange(n), rng.choice([1, 2, 5], n, p=[0.2, 0.5, 0.3]))
    return pd.DataFrame(
        {
            "id": pd.Series(whose + 1000).map(name.format),
            "sex": rng.choice(["f", "m"], n)[whose],
            "born": rng.integers(1940, 2000, n)[whose],
            "dose": rng.gamma(2, 2, len(whose)).round(2),
        }
    )


def augmenter(**parameters):
    return GANAugmenter(TabularGAN(n_steps=5), random_state=0, **parameters)


def new_rows(data):
    return data.X[data.is_synthetic]


@pytest.mark.parametrize("name", ["{}", "p-{}"])
def test_new_people_are_consistent_and_have_as_many_rows(rng, name):
    X = visits(rng, name=name).astype({"id": "int64" if name == "{}" else "object"})
    data = augmenter(n_samples=400).augment(X, groups="id")
    new = new_rows(data)
    pd.testing.assert_frame_equal(data.X[~data.is_synthetic], X)
    assert new.dtypes.equals(X.dtypes) and not {*new["id"]} & {*X["id"]}
    people = new.groupby("id")
    assert people.ngroups == 400 and (people[["sex", "born"]].nunique() == 1).all().all()
    sizes = people.size().value_counts(normalize=True)
    real = X.groupby("id").size().value_counts(normalize=True)
    assert {*sizes.index} <= {*real.index} and (sizes - real).abs().max() < 0.1
    assert people["dose"].nunique()[people.size() == 5].mean() > 3  # rows of one person differ
    again = new_rows(augmenter(n_samples=400).augment(X, groups="id"))
    pd.testing.assert_frame_equal(new, again)


def test_a_class_of_people_is_theirs_and_a_class_of_rows_is_not(rng):
    X = visits(rng)
    of_person = pd.Series(np.where(X["sex"] == "f", "a", "b"))
    data = augmenter(n_samples={"a": 30, "b": 7}).augment(X, of_person, groups="id")
    new = new_rows(data).assign(y=np.asarray(data.y)[data.is_synthetic]).groupby("id")["y"]
    assert (new.nunique() == 1).all() and new.first().value_counts().to_dict() == {"a": 30, "b": 7}
    of_row = pd.Series(rng.choice(["a", "b"], len(X)))
    data = augmenter().augment(X, of_row, groups="id")
    new = new_rows(data).assign(y=np.asarray(data.y)[data.is_synthetic]).groupby("id")["y"]
    assert new.nunique().max() == 2


def test_a_constant_column_with_gaps_stays_constant_and_has_as_many_gaps(rng):
    X = visits(rng)
    is_gap = rng.random(len(X)) < 0.2
    X["born"] = X["born"].astype(float).mask(is_gap)
    X["sex"] = X["sex"].mask(rng.random(len(X)) < 0.1)
    new = new_rows(augmenter(n_samples=400).augment(X, groups="id"))
    assert new.groupby("id")[["born", "sex"]].nunique().max().max() == 1
    assert abs(new["born"].isna().mean() - is_gap.mean()) < 0.06
    assert set(new["born"].dropna()) <= set(X["born"].dropna()) | set(range(1940, 2000))


@pytest.mark.parametrize("dtype", ["float64", "Int32", "string"])
def test_names_of_people_of_other_dtypes_are_new_and_of_that_dtype(rng, dtype):
    X = visits(rng).astype({"id": "int64"}).astype({"id": dtype})
    data = augmenter(n_samples=9).augment(X, groups="id")
    new = new_rows(data)["id"]
    assert data.X["id"].dtype == X["id"].dtype
    assert new.nunique() == 9 and not set(new) & set(X["id"])


def test_an_array_may_hold_who_a_row_belongs_to(rng):
    whose = np.repeat(np.arange(20), 4)
    X = np.column_stack([whose, rng.normal(size=20)[whose], rng.normal(size=80)])
    new = new_rows(augmenter(n_samples=5).augment(X, groups=0))
    assert len(new) == 20 and not set(new[:, 0]) & set(whose)
    assert all(len(set(new[new[:, 0] == who, 1])) == 1 for who in set(new[:, 0]))


def test_what_cannot_be_kept_together_is_refused(rng):
    X = visits(rng)
    for column, parameters, changed in [
        ("none", {}, X),
        (["id", "sex"], {}, X),
        (X["id"].to_numpy(), {}, X),
        ("id", {}, X.astype({"id": "category"})),
        ("dose", {}, X),
        ("id", {}, X.drop_duplicates("id")),
        ("id", {}, X.assign(id=X["id"].mask(X.index == 3))),
        ("id", {"n_samples": "auto"}, X),
        ("id", {"filters": len}, X),
    ]:
        with pytest.raises(InputError) as refused:
            augmenter(**parameters).augment(changed, groups=column)
        assert refused.value.argument == "groups" and refused.value.remedy
    with pytest.raises(InputError) as refused:
        GANAugmenter(BootstrapGenerator()).augment(X, groups="id")
    assert refused.value.argument == "generator"
    with pytest.raises(InputError):
        augmenter().augment(X, rng.normal(size=len(X)), groups="id")
