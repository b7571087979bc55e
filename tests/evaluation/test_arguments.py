"""Arguments of a comparison: folds drawn once, seeds set, names kept apart, caches told apart."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer
from sklearn.model_selection import GroupKFold, ShuffleSplit, StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from gan_augment.estimators.transformer import GANAugmenter
from gan_augment.evaluation.arguments import named_makers
from gan_augment.evaluation.downstream import compare_augmentations
from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator

TREE = DecisionTreeClassifier(max_depth=2)


@pytest.fixture
def table(rng):
    X = rng.normal(size=(80, 2))
    return X, (X[:, 0] + rng.normal(size=80) > 0).astype(int)


def scores(X, y, **options):
    options = {"augmenters": {}, "scoring": "accuracy", "random_state": 0} | options
    return compare_augmentations(TREE, X, y, **options).to_frame()


def test_an_iterator_of_splits_serves_every_training_size(table):
    X, y = table
    sizes = [20, 0.5, 1.0]
    splits = list(StratifiedKFold(3, shuffle=True, random_state=1).split(X, y))
    once = scores(X, y, cv=iter(splits), train_sizes=sizes)
    again = scores(X, y, cv=splits, train_sizes=sizes)
    assert once.groupby("train_size")["fold"].nunique().to_dict() == {0.5: 3, 1.0: 3, 20.0: 3}
    assert once["score"].tolist() == again["score"].tolist()


@pytest.mark.parametrize(
    "splitter", [StratifiedKFold(3, shuffle=True), ShuffleSplit(3, test_size=0.3)]
)
def test_a_splitter_without_a_seed_is_seeded_and_left_as_it_was(table, splitter):
    first, second, other = (
        scores(*table, cv=splitter, train_sizes=[20, 1.0], random_state=seed) for seed in (0, 0, 1)
    )
    assert first["score"].tolist() == second["score"].tolist() != other["score"].tolist()
    assert splitter.random_state is None


def test_a_generator_of_numbers_inside_a_splitter_is_not_used_up(table):
    state = np.random.RandomState(3)
    before = state.get_state()[2]
    cv = StratifiedKFold(3, shuffle=True, random_state=state)
    assert scores(*table, cv=cv)["score"].tolist() == scores(*table, cv=cv)["score"].tolist()
    assert state.get_state()[2] == before


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"train_sizes": []}, "train_sizes is an empty list"),
        ({"train_sizes": [1, 20]}, "train_sizes contains 1: pass at least 2 rows, or 1.0"),
        ({"cv": GroupKFold(3)}, "'groups' parameter should not be None"),
        ({"cv": iter([])}, "cv has no folds"),
        ({"n_jobs": 0}, "n_jobs=0"),
        ({"augmenters": {1: BootstrapGenerator(), "1": BootstrapGenerator()}}, "the name '1' twi"),
        ({"scoring": {1: "accuracy", "1": "f1"}}, "scoring has the name '1' twice"),
        ({"scoring": ["accuracy", "accuracy"]}, "scoring has the name 'accuracy' twice"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(table, options, says):
    with pytest.raises(InputError) as caught:
        scores(*table, **options)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_two_learners_of_one_name_as_text_are_refused(table):
    with pytest.raises(InputError, match="estimators has the name '1' twice"):
        compare_augmentations({1: TREE, "1": LogisticRegression()}, *table, {})


def test_too_few_rows_for_the_folds_are_refused_in_a_sentence():
    with pytest.raises(InputError, match="cv=None cannot split 4 rows"):
        compare_augmentations(TREE, np.eye(4), [0, 1, 0, 1], {})


def test_images_are_compared_with_the_generator_of_images():
    images = np.zeros((20, 8, 8, 1), dtype="uint8")
    makers = named_makers(None, images, "class")
    assert list(makers) == ["duplicates", "SMOTE", "jitter", "ImageGAN"]
    assert [maker.flat for maker in makers.values()] == [True, True, True, False]


def share_of_ones(y_true, y_pred):
    return float(np.mean(np.asarray(y_true) == 1))


@pytest.mark.parametrize(
    "change",
    [
        lambda y: y + 1,  # other labels with the same codes
        lambda y: y.astype(float),
        lambda y: y.astype(str),
        lambda y: pd.Series(y),
    ],
)
def test_a_cache_of_other_labels_is_not_taken_for_this_one(table, tmp_path, change):
    X, y = table
    scorer = {"ones": make_scorer(share_of_ones)}
    scores(X, y, scoring=scorer, cv=2, cache=tmp_path)
    n_cells = len(list(tmp_path.glob("*.json")))
    cached = scores(X, change(y), scoring=scorer, cv=2, cache=tmp_path)
    fresh = scores(X, change(y), scoring=scorer, cv=2)
    assert cached["score"].tolist() == fresh["score"].tolist()
    assert len(list(tmp_path.glob("*.json"))) == 2 * n_cells
    scores(X, change(y), scoring=scorer, cv=2, cache=tmp_path)  # and the same call finds them
    assert len(list(tmp_path.glob("*.json"))) == 2 * n_cells


def test_a_comparison_takes_the_labeler_of_an_augmenter():
    adder = GANAugmenter(BootstrapGenerator(), labeler="committee", soft_label_weight=2.0)
    makers = dict(named_makers(adder, np.eye(4), "class"))
    assert makers["BootstrapGenerator"].labeler == "committee"
    assert makers["BootstrapGenerator"].soft_label_weight == 2.0
    assert makers["SMOTE"].labeler is None
    with pytest.raises(InputError, match="labeler"):
        named_makers(adder.set_params(labeler="jury"), np.eye(4), "class")
