"""Ways that a user names: what each adds, who labels it, and what cannot be tried."""

import numpy as np
import pytest
from sklearn.model_selection import ParameterGrid

from gan_augment import BootstrapGenerator, JitterGenerator, TabularGAN
from gan_augment.augmentation.maker import Maker
from gan_augment.exceptions import InputError
from gan_augment.selection.candidates import NONE
from gan_augment.selection.ways import named_ways

LABELS = np.array(["a", "b"] * 50)


def ways_of(ways, labeler="committee", labels=LABELS, generator=None):
    maker = Maker(generator or BootstrapGenerator(), labeler=labeler)
    return named_ways(ways, maker, labels, 100)


def test_every_point_of_a_grid_is_a_way_and_equal_generators_are_one_source():
    grid = ParameterGrid(
        {
            "generator": [None, JitterGenerator(), JitterGenerator(), JitterGenerator(scale=1.0)],
            "soft_label_weight": [2, 20],
        }
    )
    candidates, makers = ways_of(grid)
    assert candidates[0] is NONE and len(candidates) == 9
    assert [way.augmenter for way in candidates[1::2]] == [
        "",
        "JitterGenerator",
        "JitterGenerator",
        "JitterGenerator 3",
    ]
    assert [way.total_weight for way in candidates[1:]] == [2, 20] * 4
    assert makers["JitterGenerator 3"].generator.scale == 1
    assert {way.labels for way in candidates[1:]} == {"labeler"}


@pytest.mark.parametrize(
    ("way", "labels", "amount", "balance"),
    [
        ({}, "labeler", 10.0, "equal"),
        ({"labeler": None}, "own", 5.0, "equal"),
        ({"n_samples": 30, "class_balance": "proportional"}, "labeler", 30, "proportional"),
        ({"n_samples": "fill", "class_balance": "equal"}, "own", "fill", "equal"),
        ({"n_samples": {"a": 3}}, "own", {"a": 3}, "equal"),
    ],
)
def test_what_a_way_leaves_out_is_as_the_loop_has_it(way, labels, amount, balance):
    uneven = np.array(["a"] * 60 + ["b"] * 40)
    ((_, found), _) = ways_of([way], labels=uneven)
    assert (found.labels, found.n_samples, found.class_balance) == (labels, amount, balance)
    assert found.total_weight is None and found.synthetic_weight == 1


def test_the_own_generator_is_fitted_as_the_loop_does_and_a_named_one_as_it_is():
    candidates, _ = ways_of([{}, {"generator": TabularGAN()}], generator=TabularGAN())
    assert [way.parameters for way in candidates[1:]] == [{"n_steps": 0}, {}]
    candidates, _ = ways_of([{}], labeler=None, generator=TabularGAN())
    assert candidates[1].parameters == {} and candidates[1].labels == "own"


def test_numbers_have_no_balance():
    ((_, way), _) = ways_of([{}], labels=None)
    assert way.class_balance is None and str(way) == "10 x the rows, soft labels"


@pytest.mark.parametrize(
    ("ways", "says"),
    [
        ("prior", "is no list of dicts"),
        ({"n_samples": 5}, "is no list of dicts"),
        ([], "is no list of dicts"),
        ([{"locality": 1}], "pass dicts of generator, labeler"),
        ([{"n_samples": 0}], "adds nothing"),
        ([{"n_samples": -1}], "negative"),
        ([{"class_balance": "even"}], "class_balance"),
        ([{"generator": "jitter"}], "is not a generator"),
        ([{"labeler": "other"}], "names another labeler"),
        ([{"soft_label_weight": -2}], "pass a number from 0"),
        ([{"soft_label_weight": 2, "labeler": None}], "keep their own labels"),
        ([{"synthetic_weight": 2}], "makes labels soft"),
        ([{"synthetic_weight": "2", "labeler": None}], "no number"),
    ],
)
def test_what_cannot_be_tried_is_refused(ways, says):
    with pytest.raises(InputError, match=says):
        ways_of(ways)
