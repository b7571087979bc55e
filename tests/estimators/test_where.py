"""Rows that are spent on a part of the table: all meet conditions, each class gets its rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

from gan_augment import (
    AugmentedClassifier,
    GANAugmenter,
    GANOverSampler,
    SMOTEGenerator,
    TabularGAN,
    compare_augmentations,
    load,
)
from gan_augment.exceptions import InputError

WHERE = {"age": (40, None), "sex": "f"}


def table(n=160):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.integers(18, 80, n), "dose": rng.gamma(2, 2, n)})
    frame["sex"] = rng.choice(["f", "m"], n)
    return frame, pd.Series(np.where(frame["dose"] > 4, "ill", "well"), name="state")


def augmenter(rows, generator=None, **more):
    amount = {"where": WHERE, "rows": rows}
    return GANAugmenter(
        generator or TabularGAN(n_steps=5), n_samples=amount, random_state=0, **more
    )


def check(X, y, counts):
    assert (X["age"] >= 40).all() and (X["sex"] == "f").all()
    assert pd.Series(np.asarray(y)).value_counts().to_dict() == counts


@pytest.mark.parametrize(
    ("rows", "counts"),
    [(30, {"ill": 15, "well": 15}), ({"ill": 7, "well": 3}, {"ill": 7, "well": 3})],
)
def test_all_added_rows_meet_the_conditions_and_each_class_gets_its_rows(rows, counts):
    X, y = table()
    data = augmenter(rows).augment(X, y)
    check(data.X[data.is_synthetic], data.y[data.is_synthetic], counts)
    pd.testing.assert_frame_equal(data.X[~data.is_synthetic], X)


def test_a_transformer_a_sampler_and_a_labeler_take_conditions():
    X, y = table()
    grown = augmenter(20).fit(X, y).fit_transform(X, y)
    assert len(grown) == len(X) + 20 and (grown["age"].iloc[len(X) :] >= 40).all()
    sampler = GANOverSampler(TabularGAN(n_steps=5), where=WHERE, random_state=0)
    X_all, y_all = sampler.fit_resample(X, y)
    assert y_all.value_counts().nunique() == 1
    new = sampler.is_synthetic_
    few, many = sorted(y.value_counts().items(), key=lambda item: item[1])
    check(X_all[new], y_all[new], {few[0]: many[1] - few[1]})
    numbers = X[["age", "dose"]]
    amount = {"where": {"age": (40, None)}, "rows": 20}
    soft = GANAugmenter(
        TabularGAN(n_steps=5), n_samples=amount, labeler=KNeighborsClassifier(), random_state=0
    )
    data = soft.augment(numbers, y)
    assert (data.X["age"][data.is_synthetic] >= 40).all() and data.is_synthetic.sum() == 20
    assert data.label_proba.shape == (len(X) + 20, 2)


def test_classifiers_and_comparisons_spend_rows_on_the_conditions():
    X, y = table()
    X = X[["age", "dose"]]
    amount = {"where": {"age": (40, 60)}, "rows": 30}
    seen = []

    def watched(X_new, y_new, X_real, y_real):
        seen.append(X_new["age"].between(40, 60))
        return np.ones(len(X_new), dtype=bool)

    grow = GANAugmenter(TabularGAN(n_steps=5), filters=watched)
    model = AugmentedClassifier(KNeighborsClassifier(), grow, n_samples=amount, random_state=0)
    assert model.fit(X, y).n_samples_ == amount
    found = compare_augmentations(
        KNeighborsClassifier(), X, y, augmenters={"gan": grow}, n_samples=[amount], cv=2,
        random_state=0,
    )  # fmt: skip
    assert found.frame.query("augmenter == 'gan'")["n_synthetic"].eq(30).all()
    assert len(seen) >= 3 and all(met.all() for met in seen)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"where": {"size": 3}}, "'size', which is no column"),
        ({"where": {"sex": "x"}}, "asked to be 'x'"),
        ({"where": {"age": (200, None)}}, "beyond 18 to 79"),
        ({"row": 5}, "'row' beside 'where'"),
        ({"rows": "auto"}, "lets inner folds choose"),
        ({"rows": {"where": WHERE}}, "has conditions twice"),
    ],
)
def test_what_cannot_be_met_is_refused_before_training(change, said, monkeypatch):
    monkeypatch.setattr(TabularGAN, "fit", None)  # calling it would be another error
    grow = augmenter(10).set_params(n_samples={"where": WHERE} | change)
    with pytest.raises(InputError, match=said):
        grow.augment(*table())


@pytest.mark.parametrize(
    ("generator", "said"),
    [
        (TabularGAN(n_steps=0), "none is to be trained"),
        (TabularGAN(mixture={"borrow": 1}), "none is to be trained"),
        (SMOTEGenerator(), "is a SMOTEGenerator, which completes no rows"),
    ],
)
def test_generators_that_complete_no_rows_are_refused(generator, said):
    with pytest.raises(InputError, match=said):
        augmenter(10, generator).augment(*table())


def test_rows_of_people_and_conditions_do_not_go_together():
    X, _ = table()
    with pytest.raises(InputError, match="does not go with conditions"):
        augmenter(10).augment(X.assign(who=np.arange(len(X)) // 2), groups="who")


def test_a_class_may_be_called_where_and_a_file_holds_conditions(tmp_path):
    X, _ = table()
    y = np.where(X["dose"] > 4, "where", "rows")
    data = GANAugmenter(TabularGAN(n_steps=0), n_samples={"where": 2}, random_state=0).augment(
        X, y
    )
    assert data.y[data.is_synthetic].tolist() == ["where", "where"]
    fitted = augmenter({"ill": 4}).fit(*table())
    fitted.save(tmp_path / "a.model")
    again = load(tmp_path / "a.model").n_samples
    assert again == {"where": {"age": (40, None), "sex": ["f"]}, "rows": {"ill": 4}}
