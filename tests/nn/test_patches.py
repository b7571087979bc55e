"""The network that completes images: patches that come back, a book, and what is known counts."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment.nn import patches
from gan_augment.nn.patches import ImageCompletion, cut, joined, nearest, new_book, patch_side


def draws(seed=0):
    return torch.Generator().manual_seed(seed)


def network(shape=(1, 8, 8), seed=0):
    """An untrained network with random patches to choose from."""
    net = ImageCompletion(shape, n_conditions=2, hidden_dim=16, rng=draws(seed))
    net.book.uniform_(generator=draws(seed))
    return net


@settings(deadline=None, max_examples=12)
@given(st.integers(1, 4), st.integers(6, 64), st.integers(6, 64))
def test_an_image_is_its_patches(channels, height, width):
    images = torch.rand(2, channels, height, width, generator=draws())
    side = patch_side(images.shape[1:])
    found = cut(images, side)
    assert found.shape[1] <= 100
    torch.testing.assert_close(joined(found, images.shape[1:], side), images, atol=0, rtol=0)


def test_a_book_of_few_different_patches_holds_each_of_them():
    kinds = torch.rand(40, 9, generator=draws())
    seen = kinds[torch.randint(40, (3000,), generator=draws(1))]
    book = new_book(seen, draws(2))
    assert book.shape == (patches.BOOK, 9)
    torch.testing.assert_close(book[nearest(seen, book)], seen)


def test_a_book_is_closer_to_patches_than_random_ones_are():
    seen = torch.randn(5000, 4, generator=draws())
    books = new_book(seen, draws(1)), seen[: patches.BOOK]
    learnt, drawn = ((book[nearest(seen, book)] - seen).square().mean() for book in books)
    assert learnt < 0.8 * drawn


def test_images_of_a_book_are_coded_and_come_back():
    net = network((3, 10, 8))
    codes = torch.randint(patches.BOOK, (5, net.n_places), generator=draws())
    images = net.images(codes)
    assert images.shape == (5, 3, 10, 8)
    torch.testing.assert_close(net.images(net.codes(images)), images)


def test_what_the_first_layer_sums_up_follows_the_codes():
    """Changing codes a few at a time is what the whole network would be told at once."""
    net, condition = network(), torch.eye(2)
    codes = torch.full((2, net.n_places), net.hidden)
    with torch.no_grad():
        sums = net._sums(codes, condition)
        for places in torch.randperm(net.n_places, generator=draws()).tensor_split(5):
            net._put(torch.randint(9, (2, len(places)), generator=draws()), places, codes, sums)
        net._put(net.hidden, torch.tensor([3]), codes, sums)
        torch.testing.assert_close(sums, net._sums(codes, condition))
        some = torch.tensor([7, 2])
        expected = net(codes, condition)[:, some]
        torch.testing.assert_close(net._logits(sums, some), expected)


@pytest.mark.parametrize("rounds", [1, 3, 1000])
def test_without_training_a_patch_is_as_likely_as_its_place_says(rounds):
    net = network()
    with torch.no_grad():
        for layer in (net.back, net.answer):
            layer.weight.zero_()
        net.often[:, 1:] = -50.0
        net.often[4, 7] = net.often[4, 0]  # a fair coin at one place, no choice at all others
    codes = net.codes(net.sample(torch.eye(2).repeat(300, 1), draws(1), rounds))
    assert set(codes[:, 4].tolist()) == {0, 7} and not codes[:, :4].any()
    assert abs((codes[:, 4] == 7).float().mean() - 0.5) < 4 * np.sqrt(0.25 / 600)
