"""Losses against values worked out by hand, penalties against analytic gradients."""

import math

import pytest
import torch

from gan_augment.nn.losses import (
    CrossEntropyLoss,
    DualCriticsLoss,
    RelativisticLoss,
    WassersteinLoss,
    gradient_norms,
)

REAL = torch.tensor([[2.0], [0.0], [-1.0]])
FAKE = torch.tensor([[1.0], [0.0], [3.0]])
NO_CLASS = torch.zeros(8, 0)
LOSSES = [RelativisticLoss(), CrossEntropyLoss(), WassersteinLoss(), DualCriticsLoss()]


def softplus(x):
    return math.log1p(math.exp(x))


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def linear_critic(slope):
    slope = torch.tensor(slope)
    return lambda rows, condition: rows @ slope + 3


# values ---------------------------------------------------------------------------------------


def test_the_relativistic_loss_compares_each_real_row_with_its_fake_one():
    loss = RelativisticLoss()
    assert loss.critic(REAL, FAKE).item() == pytest.approx(mean(map(softplus, [-1, 0, 4])))
    assert loss.generator(REAL, FAKE).item() == pytest.approx(mean(map(softplus, [1, 0, -4])))


def test_cross_entropy_is_that_of_real_against_fake():
    loss = CrossEntropyLoss()
    expected = mean(map(softplus, [-2, 0, 1])) + mean(map(softplus, [1, 0, 3]))
    assert loss.critic(REAL, FAKE).item() == pytest.approx(expected)
    scores, labels = torch.cat([REAL, FAKE]), torch.tensor([[1.0]] * 3 + [[0.0]] * 3)
    entropy = torch.nn.functional.binary_cross_entropy_with_logits(scores, labels)
    assert loss.critic(REAL, FAKE).item() == pytest.approx(2 * entropy.item())
    assert loss.generator(REAL, FAKE).item() == pytest.approx(mean(map(softplus, [-1, 0, -3])))


def test_the_wasserstein_loss_is_the_difference_of_means():
    loss = WassersteinLoss()
    assert loss.critic(REAL, FAKE).item() == pytest.approx(4 / 3 - 1 / 3)
    assert loss.generator(REAL, FAKE).item() == pytest.approx(1 / 3 - 4 / 3)


def test_the_dual_loss_is_equation_3_of_the_paper():
    real, fake = torch.tensor([[2.0, -1.0], [0.0, 0.5]]), torch.tensor([[1.0, 0.0], [-2.0, 3.0]])
    loss = DualCriticsLoss(alpha=0.2, beta=0.1)
    first = mean([softplus(1), softplus(-2)]) - 0.2 * mean(
        [math.log(softplus(2)), math.log(softplus(0))]
    )
    log_fake = mean([math.log(softplus(0)), math.log(softplus(3))])
    second = mean([softplus(-1), softplus(0.5)]) - 0.1 * log_fake
    assert loss.critic(real, fake).item() == pytest.approx(first + second, rel=1e-5)
    expected = 0.1 * log_fake - mean([softplus(1), softplus(-2)])
    assert loss.generator(real, fake).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_each_side_gains_by_moving_the_fake_scores_its_way(loss):
    real = torch.zeros(6, 2)
    fake = torch.zeros(6, 2, requires_grad=True)
    (for_critic,) = torch.autograd.grad(loss.critic(real, fake), fake)
    (for_generator,) = torch.autograd.grad(loss.generator(real, fake), fake)
    assert (for_critic[:, 0] > 0).all()  # the critic lowers the score of what is fake
    assert (for_generator[:, 0] < 0).all()  # the generator raises it
    if isinstance(loss, DualCriticsLoss):  # the second critic has the opposite taste
        assert (for_critic[:, 1] < 0).all()
        assert (for_generator[:, 1] > 0).all()


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_extreme_scores_keep_losses_and_gradients_finite(loss):
    real = torch.tensor([[90.0, -90.0], [-1e4, 1e4]], requires_grad=True)
    fake = torch.tensor([[-90.0, 90.0], [1e4, -1e4]], requires_grad=True)
    for value in (loss.critic(real, fake), loss.generator(real, fake)):
        gradients = torch.autograd.grad(value, [real, fake], allow_unused=True)
        assert torch.isfinite(value)
        assert all(torch.isfinite(g).all() for g in gradients if g is not None)


# the optimum against dual critics -------------------------------------------------------------


def test_the_dual_critics_reach_the_optimum_of_the_paper():
    # three outcomes with probabilities p (data) and q (generator); Nguyen et al., proposition 1:
    # the best critics are alpha p / q and beta q / p
    p, q = torch.tensor([0.5, 0.3, 0.2]), torch.tensor([0.2, 0.2, 0.6])
    real, fake = (
        torch.repeat_interleave(torch.arange(3), (10 * share).long()) for share in (p, q)
    )
    loss = DualCriticsLoss(alpha=0.4, beta=0.3)
    table = torch.zeros(3, 2, requires_grad=True)  # one free score for each outcome and critic
    optimiser = torch.optim.LBFGS([table], max_iter=300, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        value = loss.critic(table[real], table[fake])
        value.backward()
        return value

    optimiser.step(closure)
    found = torch.nn.functional.softplus(table.detach())
    torch.testing.assert_close(found[:, 0], 0.4 * p / q, rtol=0.01, atol=0)
    torch.testing.assert_close(found[:, 1], 0.3 * q / p, rtol=0.01, atol=0)
    # there, what the generator minimises is alpha KL(q || p) and beta KL(p || q), up to constants
    value = loss.generator(table.detach()[real], table.detach()[fake])
    expected = 0.3 * (q * (0.3 * q / p).log()).sum() - (0.4 * p).sum()
    assert value.item() == pytest.approx(expected.item(), rel=0.01)


def test_cross_entropy_critics_reach_the_log_ratio():
    p, q = torch.tensor([0.7, 0.3]), torch.tensor([0.4, 0.6])
    real, fake = (
        torch.repeat_interleave(torch.arange(2), (10 * share).long()) for share in (p, q)
    )
    table = torch.zeros(2, 1, requires_grad=True)
    optimiser = torch.optim.LBFGS([table], max_iter=100, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        value = CrossEntropyLoss().critic(table[real], table[fake])
        value.backward()
        return value

    optimiser.step(closure)
    torch.testing.assert_close(table.detach()[:, 0], (p / q).log(), rtol=1e-3, atol=1e-4)


# penalties ------------------------------------------------------------------------------------


def test_the_gradient_of_a_linear_critic_is_its_slope_everywhere():
    rows = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    norms = gradient_norms(linear_critic([1.0, -2.0, 2.0]), rows, NO_CLASS)
    torch.testing.assert_close(norms, torch.full((8,), 9.0))


def test_the_gradient_of_a_quadratic_critic_is_twice_the_row():
    rows = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    norms = gradient_norms(lambda x, condition: x.square().sum(1), rows, NO_CLASS)
    torch.testing.assert_close(norms, 4 * rows.square().sum(1))
    assert not rows.requires_grad


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (RelativisticLoss(gamma=0.5), 0.25 * (9 + 9)),
        (CrossEntropyLoss(gamma=0.5), 0.25 * 9),
        (DualCriticsLoss(gamma=0.5), 0.25 * 9),
        (WassersteinLoss(gamma=10.0), 10 * (3 - 1) ** 2),
    ],
    ids=["R1 and R2", "R1", "R1 of each", "between rows"],
)
def test_the_penalty_of_a_linear_critic_is_analytic(loss, expected):
    real, fake = torch.zeros(8, 3), torch.ones(8, 3)
    penalty = loss.penalty(linear_critic([1.0, -2.0, 2.0]), real, fake, NO_CLASS)
    assert penalty.item() == pytest.approx(expected, rel=1e-5)


def test_zero_centred_penalties_look_at_their_own_rows():
    def critic(rows, condition):  # gradient 1 at zero, 5 at one
        return (rows + 2 * rows.square()).sum(1)

    real, fake = torch.zeros(8, 1), torch.ones(8, 1)
    assert CrossEntropyLoss(gamma=2).penalty(critic, real, fake, NO_CLASS).item() == 1
    assert RelativisticLoss(gamma=2).penalty(critic, real, fake, NO_CLASS).item() == 1 + 25


def test_a_penalty_can_be_minimised_over_the_critics_weights():
    slope = torch.tensor([1.0, -2.0], requires_grad=True)
    rows = torch.ones(8, 2)
    RelativisticLoss(gamma=1.0).penalty(lambda x, c: x @ slope, rows, rows, NO_CLASS).backward()
    # gamma / 2 (|w|^2 + |w|^2) has the gradient 2 gamma w
    torch.testing.assert_close(slope.grad, torch.tensor([2.0, -4.0]))


def test_a_critic_of_no_slope_keeps_the_penalty_differentiable():
    slope = torch.zeros(2, requires_grad=True)
    rows = torch.ones(8, 2)
    WassersteinLoss().penalty(lambda x, c: x @ slope, rows, -rows, NO_CLASS).backward()
    assert torch.isfinite(slope.grad).all()
