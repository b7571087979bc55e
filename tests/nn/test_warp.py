"""Movements of pixels, against movements that numpy can make too."""

import numpy as np
import torch

from gan_augment.nn.warp import displace, register, shift_whole, turn


def disc(x, y, side=28, radius=5):
    at = np.arange(side)
    inside = (at[None, :] - x) ** 2 + (at[:, None] - y) ** 2 <= radius**2
    return torch.from_numpy(inside.astype("float32"))[None, None]


def centre(image):
    weights = image[0, 0].numpy()
    at = np.arange(weights.shape[0])
    return (weights * at[None, :]).sum() / weights.sum(), (
        weights * at[:, None]
    ).sum() / weights.sum()


def test_no_flow_and_no_turn_change_nothing():
    images = torch.rand(3, 2, 9, 12, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(displace(images, torch.zeros(3, 2, 4, 4)), images)
    torch.testing.assert_close(turn(images, torch.zeros(3)), images)


def test_whole_shifts_are_those_of_numpy_with_edges_repeated():
    images = torch.rand(2, 3, 8, 9, generator=torch.Generator().manual_seed(0))
    moved = shift_whole(images, torch.tensor([[2, -1], [0, 3]]))
    padded = np.pad(images.numpy(), ((0, 0), (0, 0), (3, 3), (3, 3)), mode="edge")
    np.testing.assert_array_equal(moved[0].numpy(), padded[0, :, 1:9, 4:13])
    np.testing.assert_array_equal(moved[1].numpy(), padded[1, :, 3:11, 0:9])


def test_a_quarter_turn_is_that_of_numpy():
    images = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    turned = turn(images, torch.tensor([torch.pi / 2]))
    expected = [np.rot90(images[0, 0].numpy(), k) for k in (1, -1)]
    assert any(np.allclose(turned[0, 0].numpy(), image, atol=1e-4) for image in expected)


def test_registration_finds_the_way_from_one_disc_to_another():
    a, b = disc(11, 13), disc(16, 14)
    flow = register(a, b)
    assert (displace(a, flow) - b).square().mean() < 0.2 * (a - b).square().mean()
    # half way along the flow the disc is on its way: one disc, where a blend would show two
    x, y = centre(displace(a, 0.5 * flow))
    assert 12 < x < 15.5 and 13 < y < 14.2


def test_each_image_is_registered_as_if_alone():
    a, b = torch.cat([disc(11, 13), disc(8, 8)]), torch.cat([disc(16, 14), disc(10, 9)])
    torch.testing.assert_close(register(a, b)[:1], register(a[:1], b[:1]), atol=1e-4, rtol=1e-3)


def test_flows_can_be_learnt_twice_over():
    flow = torch.zeros(1, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    images = torch.rand(
        1, 1, 6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1)
    )
    moved = displace(images, flow + 0.03)
    (gradient,) = torch.autograd.grad(moved.square().sum(), flow, create_graph=True)
    assert torch.isfinite(gradient).all() and gradient.abs().sum() > 0
    gradient.square().sum().backward()
    assert torch.isfinite(flow.grad).all()


def test_a_place_that_is_no_number_does_no_harm():
    images = torch.rand(64, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    flow = torch.full((64, 2, 4, 4), torch.nan, requires_grad=True)
    displace(images, flow).sum().backward()  # without care this ends the process
