"""The network that completes rows: intervals, what it is told, and what it draws."""

import numpy as np
import torch
from encoded import blocks_of, tensors
from scipy import stats

from gan_augment.nn.completion import Choices, RowCompletion

MIXED = blocks_of((3, "softmax"), (1, "score"), (2, "missing"), (1, "score"))
EDGES = [np.array([-3, -1, 0, 3.0]), np.array([-3, 0.5, 3.0])]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def network_of(blocks=MIXED, edges=EDGES):
    return RowCompletion(Choices(blocks, edges), n_conditions=2, hidden_dim=8, rng=seeded())


def given(n):
    numbers = np.tile([np.nan, 0.7], (n, 1))
    return tensors(numbers, np.full((n, 1), 2)), torch.eye(2)[torch.arange(n) % 2]


def test_what_rows_have_chosen_is_one_place_of_each_stretch_and_no_interval_where_missing():
    layout = Choices(MIXED, EDGES)
    rows = tensors([[np.nan, 0.7], [-0.5, 0.2]], [[2], [0]])
    seen = layout.seen(layout.widen(rows.numbers, rows.codes))
    assert seen.tolist() == [
        [0, 0, 1, 0, 1, 0, 0, 0, 0, 1],
        [1, 0, 0, 1, 0, 0, 1, 0, 1, 0],
    ]
    assert layout.column_of_choice.tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 2, 2]
    assert [column.place for column in layout.columns] == [0, 0, 1]


def test_numbers_are_placed_in_their_interval_as_a_normal_draw_is_there():
    layout = Choices(MIXED, EDGES)
    uniform = torch.rand(4000, generator=seeded())
    scores = layout.placed(torch.full((4000,), 1), uniform).numpy()
    assert scores.min() >= -1 and scores.max() <= 0
    assert stats.kstest(scores, stats.truncnorm(-1, 0).cdf).pvalue > 1e-3


def test_kept_cells_stay_and_hidden_ones_have_the_shares_the_network_says():
    network = network_of()
    with torch.no_grad():
        network.free.bias.copy_(torch.tensor([2.0, 0, 1, 1, 0, 0, 1, 2, 3, 0]))
    rows, condition = given(6000)
    keep = torch.zeros(6000, 3)
    keep[:, 2] = 1
    numbers, codes = network.sample(rows.numbers, rows.codes, keep, condition, seeded(), 3)
    assert torch.equal(numbers[:, 1], rows.numbers[:, 1])
    shares = torch.softmax(torch.tensor([2.0, 0, 1]).double(), 0).numpy()
    counts = torch.bincount(codes[:, 0].long(), minlength=3).numpy()
    assert stats.chisquare(counts, 6000 * shares / shares.sum()).pvalue > 1e-3
    missing = torch.isnan(numbers[:, 0])
    assert abs(float(missing.float().mean()) - 1 / (1 + np.e)) < 0.03
    found = np.histogram(numbers[~missing, 0], EDGES[0])[0]
    # factors e^0, e^1 and e^2 of what a logistic curve has in each interval, and two hundredths
    # of a normal one
    curve = np.diff(stats.logistic.cdf([-np.inf, -1, 0, np.inf], scale=np.log(2) + 0.02))
    shares = np.exp([0, 1, 2]) * (0.98 * curve + 0.02 * np.diff(stats.norm.cdf(EDGES[0])))
    assert stats.chisquare(found, found.sum() * shares / shares.sum()).pvalue > 1e-3


def test_an_untrained_network_draws_the_shares_it_was_started_from():
    network = network_of()
    rows, condition = given(3000)
    rows.numbers[:, 0] = torch.tensor([-2.0, -0.5, 1]).repeat_interleave(
        torch.tensor([300, 900, 1800])
    )
    network.start_from(network.layout.widen(rows.numbers, rows.codes))
    numbers, codes = network.sample(
        rows.numbers, rows.codes, torch.zeros(3000, 3), condition, seeded(), 3
    )
    found = np.histogram(numbers[:, 0], EDGES[0])[0]
    assert stats.chisquare(found, [300, 900, 1800]).pvalue > 1e-3
    assert (codes == 2).float().mean() > 0.99


def test_numbers_of_one_column_have_the_logits_that_all_columns_have_together():
    network = network_of()
    with torch.no_grad():
        for layer in (network.free, network.curve):
            layer.weight.normal_(0, 1, generator=seeded(1))
    features = torch.randn(5, 8, generator=seeded(2))
    together = network.logits(features)
    for column in network.layout.columns[1:]:
        alone = network.logits_of(features, column.place, column.intervals)
        assert torch.allclose(alone, together[:, column.intervals], atol=1e-5)


def test_columns_that_are_to_be_whole_get_no_missing_cell():
    rows, condition = given(500)
    drawn = network_of().sample(
        rows.numbers, rows.codes, torch.zeros(500, 3), condition, seeded(), 3, whole=[0, 1]
    )
    assert not torch.isnan(drawn[0]).any()
    assert set(drawn[1].unique().tolist()) == {0, 1}


def test_a_row_drawn_in_rounds_is_told_what_was_drawn_before():
    """What the rounds add up of the first layer is what the whole network is told at once."""
    network = network_of()
    with torch.no_grad():
        network.first.weight.normal_(0, 1, generator=seeded(1))
        network.free.weight.normal_(0, 2, generator=seeded(2))
        network.curve.weight.normal_(0, 1, generator=seeded(3))
    rows, condition = given(300)
    keep = torch.tensor([1.0, 0, 1]).repeat(300, 1)
    wide = network.layout.widen(rows.numbers, rows.codes)
    logits = network(wide, keep, condition)[:2, network.layout.columns[1].intervals]
    drawn = [
        network.sample(rows.numbers, rows.codes, keep, condition, seeded(s), 3, whole=[1])[0]
        for s in range(20)
    ]
    for label in range(2):
        found = np.histogram(torch.cat([d[label::2, 0] for d in drawn]), EDGES[0])[0]
        shares = torch.softmax(logits[label], 0).detach().double().numpy()
        assert stats.chisquare(found, found.sum() * shares / shares.sum()).pvalue > 1e-3


def test_it_learns_what_one_column_says_of_another():
    blocks = blocks_of((1, "score"), (2, "softmax"))
    network = network_of(blocks, [np.linspace(-3, 3, 7)])
    numbers = torch.randn(512, 1, generator=seeded())
    rows = tensors(numbers, numbers > 0)
    wide = network.layout.widen(rows.numbers, rows.codes)
    condition, keep = torch.eye(2)[torch.zeros(512).long()], torch.tensor([0.0, 1]).repeat(512, 1)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(60):
        hidden, known = (keep, 1 - keep)
        lost = network.lost(network(wide, known, condition), wide, hidden)
        lost = lost + network.lost(network(wide, keep, condition), wide, 1 - keep)
        optimiser.zero_grad()
        lost.backward()
        optimiser.step()
    made, _ = network.sample(rows.numbers, rows.codes, keep, condition, seeded(3), 1)
    assert ((made[:, 0] > 0) == (numbers[:, 0] > 0)).float().mean() > 0.95
