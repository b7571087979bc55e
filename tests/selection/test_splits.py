"""Splits: the usual default, the same for all, thinned in nested steps, refused if impossible."""

import itertools

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.model_selection import GroupKFold, KFold

from gan_augment.exceptions import InputError
from gan_augment.selection.splits import deal_folds, make_folds

CODES = np.repeat([0, 1, 2], [60, 30, 10])


def test_the_default_is_five_stratified_folds_twice():
    folds = make_folds(CODES, seed=3)
    assert [fold.number for fold in folds] == list(range(10))
    for repeat in (folds[:5], folds[5:]):
        tested = np.sort(np.concatenate([fold.test for fold in repeat]))
        np.testing.assert_array_equal(tested, np.arange(100))
    for fold in folds:
        assert not np.intersect1d(fold.train, fold.test).size
        assert np.bincount(CODES[fold.test]).tolist() == [12, 6, 2]
        assert fold.test_to_train == 20 / 80
    assert len({fold.seed for fold in folds}) == 10


def test_numbers_are_split_without_strata_and_an_int_is_one_repeat(rng):
    assert len(make_folds(rng.normal(size=50), classes=False)) == 10
    assert len(make_folds(CODES, cv=3)) == 3


def test_the_same_seed_gives_the_same_folds():
    first, second, other = (make_folds(CODES, seed=seed) for seed in (1, 1, 2))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.train, b.train)
        assert a.seed == b.seed
    assert any(not np.array_equal(a.test, b.test) for a, b in zip(first, other, strict=True))


def test_splitters_and_lists_of_splits_are_taken_as_they_are():
    expected = [test.tolist() for _, test in KFold(4).split(CODES)]
    assert [fold.test.tolist() for fold in make_folds(CODES, cv=KFold(4))] == expected
    groups = np.arange(100) // 10
    for fold in make_folds(CODES, cv=list(GroupKFold(5).split(CODES, groups=groups))):
        assert not set(groups[fold.train]) & set(groups[fold.test])
    masks = [(np.arange(100) >= 20, np.arange(100) < 20)]
    assert make_folds(CODES, cv=masks)[0].test.tolist() == list(range(20))


def test_training_sets_are_thinned_in_nested_steps_that_keep_all_classes():
    sizes = [6, 20, 0.5, 80]
    splits = [make_folds(CODES, train_size=size, seed=5) for size in sizes]
    for folds in zip(*splits, strict=True):
        assert [len(fold.train) for fold in folds] == [6, 20, 40, 80]
        for small, large in itertools.pairwise(folds):
            assert set(small.train) <= set(large.train)
            np.testing.assert_array_equal(small.test, large.test)
        assert all(len(np.unique(CODES[fold.train])) == 3 for fold in folds)
        shares = np.bincount(CODES[folds[2].train])
        assert np.abs(shares - [24, 12, 4]).max() <= 1
        assert all(fold.test_to_train == 0.25 for fold in folds)


@pytest.mark.parametrize("size", [0, -5, 81, True, "half", float("nan")])
def test_impossible_training_sizes_are_refused(size):
    with pytest.raises(InputError, match="train_sizes contains"):
        make_folds(CODES, train_size=size)


@pytest.mark.parametrize("cv", [1, 0, [(np.arange(5), np.arange(0))]])
def test_impossible_folds_are_refused(cv):
    with pytest.raises(InputError, match="cv"):
        make_folds(CODES, cv=cv)


def test_folds_that_share_no_row_are_independent():
    apart = [(np.arange(0, 20), np.arange(20, 50)), (np.arange(50, 70), np.arange(70, 100))]
    assert [fold.test_to_train for fold in make_folds(CODES, cv=apart)] == [0, 0]
    shared = [(np.arange(0, 20), np.arange(20, 50)), (np.arange(50, 70), np.arange(40, 100))]
    assert [fold.test_to_train for fold in make_folds(CODES, cv=shared)] == [1.5, 3]
    halves = [fold.test_to_train for fold in make_folds(CODES, cv=2)]
    assert halves == [1, 1]  # one trains on what the other is tested on
    assert make_folds(CODES, cv=apart[:1])[0].test_to_train == 1.5


def test_a_fold_can_be_compared():
    first, second = make_folds(CODES, cv=2)
    assert first == first and first != second


def test_rare_classes_are_dealt_into_as_many_folds_as_they_have_rows():
    codes = np.repeat([0, 1], [27, 3])
    folds = deal_folds(codes, 5, seed=1)
    assert len(folds) == 15
    for repeat in (folds[:5], folds[5:10], folds[10:]):
        tested = np.concatenate([fold.test for fold in repeat])
        np.testing.assert_array_equal(np.sort(tested), np.arange(30))
        assert sorted(int(codes[fold.test].sum()) for fold in repeat) == [0, 0, 1, 1, 1]


GROUPS = np.repeat([f"patient {i}" for i in range(25)], 4)


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize(
    ("folds", "count"),
    [
        (lambda **given: make_folds(CODES, **given), 10),
        (lambda **given: make_folds(CODES, cv=3, **given), 3),
        (lambda **given: make_folds(CODES, cv=GroupKFold(4), **given), 4),
        (lambda **given: deal_folds(CODES, 5, **given), 15),
    ],
)
def test_a_group_is_in_training_or_in_test_and_every_row_is_tested(folds, count, classes):
    found = folds(groups=GROUPS, classes=classes, seed=2)
    assert len(found) == count
    for fold in found:
        assert not set(GROUPS[fold.train]) & set(GROUPS[fold.test])
        assert len(fold.train) + len(fold.test) == 100
    tested = np.concatenate([fold.test for fold in found])
    assert len(np.unique(np.bincount(tested, minlength=100))) == 1  # each row as often as others
    again = folds(groups=GROUPS, classes=classes, seed=2)
    assert all(np.array_equal(a.test, b.test) for a, b in zip(found, again, strict=True))


@pytest.mark.parametrize("kind", [list, np.array, pd.Series, pl.Series, pa.array])
def test_a_splitter_sees_the_labels_of_groups_that_were_passed(kind):
    class Patient7(GroupKFold):
        def split(self, X, y=None, groups=None):
            assert groups is passed
            tested = np.asarray(groups) == "patient 7"
            yield np.flatnonzero(~tested), np.flatnonzero(tested)

    passed = kind(GROUPS.tolist())
    (fold,) = make_folds(CODES, cv=Patient7(), groups=passed)
    assert fold.test.tolist() == [28, 29, 30, 31]
    assert len(make_folds(CODES, cv=GroupKFold(4), groups=passed)) == 4


def test_groups_are_stratified_and_repeats_differ():
    codes = np.repeat([0, 1], [80, 20])
    for folds in (make_folds(codes, groups=GROUPS), deal_folds(codes, 5, groups=GROUPS)):
        assert {int(codes[fold.test].sum()) for fold in folds} == {4}  # one rare group in each
        halves = [sorted(map(tuple, (f.test for f in folds[i : i + 5]))) for i in (0, 5)]
        assert halves[0] != halves[1]


def test_groups_of_unequal_size_are_spread_and_few_groups_make_few_folds(rng):
    groups = np.repeat(np.arange(12), [40, 30, 8, 4, 4, 3, 3, 2, 2, 2, 1, 1])
    sizes = [len(fold.test) for fold in deal_folds(CODES, 4, classes=False, groups=groups)]
    assert sorted(sizes)[-1] <= 46
    few = np.repeat(["a", "b", "c"], [50, 30, 20])
    assert len(make_folds(CODES, groups=few)) == 6
    assert len(deal_folds(CODES, 5, groups=few)) == 9


@pytest.mark.parametrize(
    ("groups", "cv", "text"),
    [
        (GROUPS[:-1], None, r"groups has shape \(99,\), expected \(100,\)"),
        (np.zeros((100, 1)), None, r"groups has shape \(100, 1\)"),
        (["a"] * 100, None, "one group only"),
        ([None] + ["a"] * 50 + ["b"] * 49, None, "groups.*is missing"),
        (GROUPS, 26, "cannot split 100 rows"),
        (GROUPS, KFold(3), "rows of one group into training and test in fold 0"),
    ],
)
def test_groups_that_cannot_be_kept_together_are_refused(groups, cv, text):
    with pytest.raises(InputError, match=text):
        make_folds(CODES, cv=cv, groups=groups)
