"""Generator and critic of images: any size, a safe start, private randomness."""

import pytest
import torch

from gan_augment.nn.image import ImageCritic, ImageGenerator, augmented
from gan_augment.nn.losses import RelativisticLoss, WassersteinLoss


def draws(seed=0):
    return torch.Generator().manual_seed(seed)


def new_generator(shape, **parameters):
    usual = {"n_conditions": 2, "width": 8, "latent_dim": 5, "residual": 0.3}
    return ImageGenerator(shape, **usual | parameters, rng=draws())


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 6, 7), (1, 28, 28), (3, 31, 33), (4, 64, 48)])
def test_every_size_goes_in_and_comes_out(shape):
    module = new_generator(shape)
    start = 2 * torch.rand(4, *shape, generator=draws()) - 1
    free = torch.tensor([0.0, 1, 0, 1])
    condition, noise = torch.eye(2).repeat(2, 1), torch.randn(4, 5, generator=draws())
    made = module(start, free, condition, noise)
    assert made.shape == start.shape and made.abs().max() <= 1
    # zero-initialised heads: an anchored image begins as its starting image
    torch.testing.assert_close(made[free == 0], start[free == 0], atol=1e-5, rtol=0)
    critic = ImageCritic(shape, n_conditions=2, width=8, rng=draws(), draws=draws())
    assert critic(made, condition).shape == (4,)


def test_a_free_image_depends_on_noise_and_class_but_not_on_the_start():
    module = new_generator((1, 16, 16))
    free, noise = torch.ones(2), torch.randn(2, 5, generator=draws())
    one = module(torch.zeros(2, 1, 16, 16), free, torch.eye(2), noise)
    other = module(torch.ones(2, 1, 16, 16), free, torch.eye(2), noise)
    torch.testing.assert_close(one, other)
    torch.testing.assert_close(one, module(torch.zeros(2, 0), free, torch.eye(2), noise))
    assert not torch.allclose(one, module(one, free, torch.eye(2).flip(0), noise))
    assert not torch.allclose(one, module(one, free, torch.eye(2), -noise))


@pytest.mark.parametrize("loss", [RelativisticLoss(), WassersteinLoss()])
def test_penalties_of_images_can_be_minimised(loss):
    critic = ImageCritic((1, 8, 8), n_conditions=2, width=4, rng=draws(), draws=draws())
    real, fake = torch.rand(2, 6, 1, 8, 8, generator=draws())
    penalty = loss.penalty(critic, real, fake, torch.eye(2).repeat(3, 1))
    assert penalty.ndim == 0 and penalty > 0
    penalty.backward()
    assert all(torch.isfinite(p.grad).all() for p in critic.parameters() if p.grad is not None)


def test_what_a_critic_sees_is_shifted_and_cut_and_global_randomness_left_alone():
    state = torch.random.get_rng_state()
    images = torch.rand(50, 1, 16, 16, generator=draws())
    seen = augmented(images, draws(1))
    assert seen.shape == images.shape and not torch.allclose(seen, images)
    torch.testing.assert_close(seen, augmented(images, draws(1)))
    assert (seen.min() >= images.min()) and (seen.max() <= images.max())
    new_generator((1, 8, 8))
    assert torch.equal(state, torch.random.get_rng_state())
