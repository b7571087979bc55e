"""What may be chosen from: none first, the default way second, one change of it at a time."""

import pytest

from gan_augment.generators.controls import BootstrapGenerator
from gan_augment.generators.tabular.gan import TabularGAN
from gan_augment.selection.candidates import (
    NONE,
    Candidate,
    amounts_for,
    default_candidates,
    labeled_candidates,
)


@pytest.mark.parametrize("n", [10, 20, 60, 100, 200, 499, 500, 3000])
def test_amounts_grow_and_reach_500_rows_or_the_table(n):
    amounts = amounts_for(n)
    assert list(amounts) == sorted(set(amounts))
    assert amounts[-1] * n == pytest.approx(max(n, 500))


@pytest.mark.parametrize(("classes", "weighted"), [(True, True), (False, False)])
def test_none_comes_first_and_each_other_differs_from_the_default_in_one_way(classes, weighted):
    found = default_candidates(TabularGAN(), 50, classes, weighted)
    assert found[0] is NONE and not found[0].n_samples
    usual, *others = found[1:]
    for other in others:
        fields = ("n_samples", "class_balance", "setting", "synthetic_weight")
        assert sum(getattr(other, f) != getattr(usual, f) for f in fields) == 1
    assert any(c.class_balance == "proportional" for c in found) == classes
    assert any(c.synthetic_weight != 1 for c in found) == weighted
    assert {c.setting for c in found} == {"as it is", "wide", "near", "gan"}
    assert len({str(c) for c in found}) == len(found)


def test_a_generator_without_settings_or_with_a_mixture_of_its_own_is_left_as_it_is():
    for generator in (
        BootstrapGenerator(),
        TabularGAN(mixture={"gan": 1}),
        TabularGAN(locality=0),
    ):
        assert {c.setting for c in default_candidates(generator, 50, True, False)} == {"as it is"}


def test_words():
    assert str(Candidate(30, "proportional")) == "30 rows, proportional classes"
    assert str(Candidate(1.0, None)) == "1 x the rows"
    assert str(Candidate(0, augmenter=None, adjustment="class weights")) == "class weights"
    both = Candidate(1.0, None, adjustment="tuned threshold")
    assert str(both) == "1 x the rows, tuned threshold"


def test_a_labeler_is_tried_beside_own_labels_with_the_settings_of_the_generator():
    none, soft, own = labeled_candidates(TabularGAN(), 200, classes=True)
    assert none == NONE and soft.labels == "labeler" and own.labels == "own"
    assert soft.n_samples == 5.0 and own.n_samples == 2.5
    assert soft.parameters == own.parameters == {"n_steps": 0}  # the network is not trained
    many = labeled_candidates(TabularGAN(), 1800, classes=True)[1]
    assert many.parameters == {"n_steps": 0} and many.n_samples == 1.0
    chosen = labeled_candidates(TabularGAN(n_steps=20), 40, classes=True)[1]
    assert chosen.parameters == {}
