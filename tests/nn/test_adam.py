"""The optimiser against torch's own, and what it leaves alone."""

import subprocess
import sys

import pytest
import torch

from gan_augment.nn.adam import Adam, rate_tensor


def run(optimiser, place, steps):
    """Minimise a quartic."""
    for _ in range(steps):
        place.grad = None
        ((place - torch.tensor([1.0, -2.0])) ** 4).sum().backward()
        optimiser.step()
    return place.detach()


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("betas", [(0.0, 0.99), (0.9, 0.999)])
def test_it_moves_as_torch_does(decay, betas):
    mine, theirs = (torch.tensor([3.0, 4.0], requires_grad=True) for _ in range(2))
    other = torch.optim.AdamW([theirs], 0.05, betas, weight_decay=decay, fused=True)
    found = run(Adam([mine], 0.05, betas, decay), mine, 30)
    assert torch.equal(found, run(other, theirs, 30))


def test_it_goes_on_from_what_it_was():
    whole, half, rest = (torch.tensor([3.0, 4.0], requires_grad=True) for _ in range(3))
    expected = run(Adam([whole], 0.05), whole, 20)
    first, second = Adam([half], 0.05), Adam([rest], 0.05)
    rest.data.copy_(run(first, half, 10))
    second.restore(dict(enumerate(first.state)))
    assert torch.equal(run(second, rest, 10), expected)


def test_a_parameter_without_a_gradient_stays():
    moved, still = (torch.tensor([3.0], requires_grad=True) for _ in range(2))
    optimiser = Adam([moved, still], 0.1)
    moved.square().sum().backward()
    optimiser.step()
    assert moved.grad is None  # what comes next is not added to it
    optimiser.step()
    assert moved.item() == pytest.approx(2.9) and still.item() == 3.0
    assert moved.grad is None


def test_a_rate_that_changes_is_filled_in_its_place():
    numbers, filled = (torch.tensor([3.0, 4.0], requires_grad=True) for _ in range(2))
    rate = rate_tensor(0.0, filled.device)
    by_number, by_tensor = Adam([numbers], 0.0), Adam([filled], rate)
    for step in range(1, 6):
        by_number.rate = 0.1 / step
        rate.fill_(0.1 / step)
        for optimiser, place in ((by_number, numbers), (by_tensor, filled)):
            ((place - 1) ** 4).sum().backward()
            optimiser.step()
    assert torch.equal(filled, numbers) and filled[0] < 3


def test_a_fit_imports_no_compiler():
    """Which takes more than a second and changes the environment."""
    code = (
        "import os, sys, numpy as np; from gan_augment import TabularGAN\n"
        "before = dict(os.environ)\n"
        "TabularGAN(n_steps=2).fit(np.random.default_rng(0).normal(size=(30, 2))).sample(3)\n"
        "assert 'torch._dynamo' not in sys.modules and dict(os.environ) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
