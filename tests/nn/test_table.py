"""Networks for rows: the layout's arithmetic, categories drawn as their logits say, and starts."""

import numpy as np
import pytest
import torch
from encoded import blocks_of, tensors
from scipy import stats

from gan_augment.nn.layers import SLOPE, linear, multilayer
from gan_augment.nn.table import RowCritic, RowGenerator, RowLayout, choose, log_softmax

MIXED = blocks_of((3, "softmax"), (1, "score"), (2, "missing"), (1, "score"), (4, "softmax"))


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def generator_of(blocks, *, n_conditions=2, residual=0.1, seed=0):
    return RowGenerator(
        RowLayout(blocks),
        n_conditions=n_conditions,
        latent_dim=4,
        hidden_dim=16,
        residual=residual,
        rng=seeded(seed),
    )


def starting_rows(blocks, n, seed=0):
    """Rows in their wide form, the score zero where it is missing."""
    rng = np.random.default_rng(seed)
    rows = np.zeros((n, blocks[-1].stop), dtype=np.float32)
    for block in blocks:
        if block.activation == "score":
            rows[:, block.start] = rng.standard_normal(n)
            continue
        codes = rng.integers(block.stop - block.start, size=n)
        rows[np.arange(n), block.start + codes] = 1
        if block.activation == "missing":
            rows[codes == 1, block.start - 1] = 0
    return torch.from_numpy(rows)


def made(generator, start, seed=0):
    condition = torch.eye(2)[torch.arange(len(start)) % 2]
    with torch.no_grad():
        return generator.rows(start, condition, seeded(seed))


# the layout -----------------------------------------------------------------------------------


def test_the_layout_knows_scores_places_and_what_may_be_missing():
    layout = RowLayout(MIXED)
    assert layout.width == 11
    assert layout.scores.tolist() == [3, 6]
    assert layout.places.tolist() == [0, 1, 2, 4, 5, 7, 8, 9, 10]
    assert layout.optional.tolist() == [3]
    assert layout.present.tolist() == [4]
    assert layout.members.sum(0).tolist() == [3, 2, 4]
    assert layout.block_of.tolist() == [0, 0, 0, 1, 2, 2, 3, 4, 4, 4, 4]


def test_encoded_rows_are_widened_to_one_hot_rows_and_narrowed_again():
    layout = RowLayout(MIXED)
    rows = tensors([[np.nan, 0.5], [-1.0, 2.0]], [[2, 0], [0, 3]])
    wide = layout.widen(rows.numbers, rows.codes)
    assert wide.tolist() == [
        [0, 0, 1, 0, 0, 1, 0.5, 1, 0, 0, 0],
        [1, 0, 0, -1, 1, 0, 2, 0, 0, 0, 1],
    ]
    numbers, codes = layout.narrow(wide)
    torch.testing.assert_close(numbers, rows.numbers, equal_nan=True, atol=0, rtol=0)
    assert codes.tolist() == rows.codes.tolist()
    made = starting_rows(MIXED, 200)
    torch.testing.assert_close(layout.widen(*layout.narrow(made)), made, atol=0, rtol=0)
    wide[1, [3, 6]] = torch.nan  # broken, not missing
    assert layout.narrow(wide)[0][1].tolist() == [torch.inf, torch.inf]


def test_log_softmax_is_torchs_within_each_stretch():
    layout = RowLayout(MIXED)
    logits = torch.empty(50, 9).uniform_(-12, 12, generator=seeded())
    mine = log_softmax(logits, layout.members)
    for stretch in (slice(0, 3), slice(3, 5), slice(5, 9)):
        expected = torch.log_softmax(logits[:, stretch], dim=1)
        torch.testing.assert_close(mine[:, stretch], expected, atol=1e-5, rtol=0)


# choosing -------------------------------------------------------------------------------------


def test_choices_have_the_softmax_frequencies():
    layout = RowLayout(MIXED)
    n = 40_000
    log_p = log_softmax(torch.empty(1, 9).uniform_(-2, 2, generator=seeded(1)), layout.members)
    uniform = torch.rand(n, 9, generator=seeded(2)).clamp(1e-7, 1 - 1e-7)
    chosen = choose(log_p.expand(n, -1), uniform, 0.5, layout.stretch_of, layout.members)
    for stretch in (slice(0, 3), slice(3, 5), slice(5, 9)):
        counts = chosen[:, stretch].sum(0).double().round().numpy()
        expected = log_p[0, stretch].double().exp().numpy()
        assert stats.chisquare(counts, n * expected / expected.sum()).pvalue > 1e-3


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
def test_the_forward_value_is_exactly_one_hot(temperature):
    layout = RowLayout(MIXED)
    log_p = log_softmax(
        torch.empty(5000, 9).uniform_(-12, 12, generator=seeded(3)), layout.members
    )
    uniform = torch.rand(5000, 9, generator=seeded(4)).clamp(1e-7, 1 - 1e-7)
    chosen = choose(log_p, uniform, temperature, layout.stretch_of, layout.members)
    assert set(chosen.unique().tolist()) == {0.0, 1.0}
    assert (chosen @ layout.members == 1).all()


def test_the_gradient_is_that_of_the_softmax_of_the_same_perturbed_logits():
    layout = RowLayout(blocks_of((3, "softmax"), (2, "softmax")))
    logits = torch.empty(20, 5).uniform_(-2, 2, generator=seeded(5)).requires_grad_(True)
    uniform = torch.rand(20, 5, generator=seeded(6))
    weights = torch.randn(5, generator=seeded(7))
    (mine,) = torch.autograd.grad(
        (choose(logits, uniform, 0.5, layout.stretch_of, layout.members) @ weights).sum(), logits
    )
    noisy = (logits - torch.log(-torch.log(uniform))) / 0.5
    soft = torch.cat([noisy[:, :3].softmax(1), noisy[:, 3:].softmax(1)], dim=1)
    (expected,) = torch.autograd.grad((soft @ weights).sum(), logits)
    torch.testing.assert_close(mine, expected, atol=1e-5, rtol=1e-4)


# the generator --------------------------------------------------------------------------------


def test_an_untrained_generator_returns_the_starting_scores():
    blocks = blocks_of((1, "score"), (3, "softmax"), (1, "score"))
    start = starting_rows(blocks, 400)
    start[0, 0], start[1, 4] = 4.4, -5.1
    rows = made(generator_of(blocks), start)
    torch.testing.assert_close(rows[:, [0, 4]], start[:, [0, 4]], atol=0, rtol=0)


@pytest.mark.parametrize("n_categories", [2, 10, 100])
def test_an_untrained_generator_nearly_always_returns_the_starting_category(n_categories):
    blocks = blocks_of((n_categories, "softmax"))
    start = starting_rows(blocks, 4000)
    rows = made(generator_of(blocks), start)
    assert (rows.argmax(1) == start.argmax(1)).float().mean() > 0.97


def test_a_score_moves_by_no_more_than_the_residual():
    blocks = blocks_of((1, "score"), (1, "score"))
    generator = generator_of(blocks, residual=0.07)
    with torch.no_grad():
        generator.move.weight.normal_(0, 50, generator=seeded())
    start = starting_rows(blocks, 300)
    moves = (made(generator, start) - start).abs()
    assert 0.06 < moves.max() <= 0.07 + 1e-6


def test_a_missing_number_has_score_zero():
    start = starting_rows(MIXED, 2000)
    rows = made(generator_of(MIXED), start)
    missing = rows[:, 5] > 0.5
    assert 0 < missing.sum() < 2000
    assert (rows[missing, 3] == 0).all()
    assert (rows[~missing & (start[:, 5] == 0), 3] != 0).all()


def test_rows_depend_on_the_class_and_repeat_with_the_seed():
    generator = generator_of(blocks_of((1, "score")))
    with torch.no_grad():
        generator.move.weight.normal_(0, 1, generator=seeded(1))
    score = generator(torch.zeros(2, 1), torch.zeros(2, 4), torch.eye(2))
    assert score[0] != score[1]
    one, two = (made(generator, torch.zeros(50, 1), seed=9) for _ in range(2))
    torch.testing.assert_close(one, two, atol=0, rtol=0)


def test_the_generator_learns_from_the_critic():
    generator, start = generator_of(MIXED), starting_rows(MIXED, 64)
    condition = torch.eye(2)[torch.arange(64) % 2]
    rows = generator.rows(start, condition, seeded())
    critic = RowCritic(11, n_conditions=2, hidden_dim=8, rng=seeded(1))
    critic(rows, condition).sum().backward()
    assert generator.move.weight.grad.abs().sum() > 0


def test_the_critic_gives_one_score_a_row_and_reads_the_class():
    critic = RowCritic(11, n_conditions=2, hidden_dim=8, rng=seeded())
    rows = starting_rows(MIXED, 30)
    first = critic(rows, torch.eye(2)[torch.zeros(30, dtype=torch.long)])
    second = critic(rows, torch.eye(2)[torch.ones(30, dtype=torch.long)])
    assert first.shape == (30,)
    assert (first != second).any()


def test_rows_sampled_in_pieces_are_those_of_one_piece(monkeypatch):
    generator, start = generator_of(MIXED), starting_rows(MIXED, 300)
    condition = torch.eye(2)[torch.arange(300) % 2]
    wide = made(generator, start, seed=4)
    start = generator.layout.narrow(start)
    for pieces in (1, 7):
        monkeypatch.setattr("gan_augment.nn.table.PIECE_NUMBERS", 11 * -(-300 // pieces))
        rows = generator.sample(*start, condition, seeded(4))
        torch.testing.assert_close(generator.layout.widen(*rows), wide, atol=1e-6, rtol=0)


# weights --------------------------------------------------------------------------------------


def test_building_networks_draws_from_no_global_generator():
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    one = generator_of(MIXED)
    RowCritic(11, n_conditions=2, hidden_dim=8, rng=seeded())
    made(one, starting_rows(MIXED, 10))
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert (np.random.get_state()[1] == numpy_before).all()
    two = generator_of(MIXED)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


def test_weights_are_he_uniform_or_zero():
    layer = linear(400, 300, seeded())
    gain = 6 / ((1 + SLOPE**2) * 400)
    assert layer.weight.abs().max() <= gain**0.5
    assert layer.weight.var().item() == pytest.approx(gain / 3, rel=0.02)
    assert (layer.bias == 0).all()
    assert (linear(4, 3, seeded(), zero=True).weight == 0).all()


def test_activations_keep_their_size_through_the_layers():
    rows = torch.randn(500, 64, generator=seeded())
    out = multilayer([64, 256, 256, 256], seeded(1))(rows)
    assert 0.5 < out.square().mean().sqrt() < 2
