"""Training for tables: shares of batches, blocks that are kept, and when collapse is found."""

import numpy as np
import torch
from encoded import blocks_of, tensors
from scipy import stats

from gan_augment import TabularGAN
from gan_augment.generators.adversarial import ClassIndex
from gan_augment.generators.tabular.adversarial import RowTask, draw_known, new_generator
from gan_augment.nn.completion import Choices
from gan_augment.training.config import TrainingConfig


def layout_of(blocks):
    n_numbers = sum(block.activation == "score" for block in blocks)
    return Choices(blocks, [np.linspace(-2.5, 2.5, 11)] * n_numbers)


def task_of(real, blocks, locality, seed=0):
    rng = torch.Generator().manual_seed(seed)
    classes = torch.arange(len(real)) % 2
    layout = layout_of(blocks)
    task = RowTask(
        layout,
        real,
        classes,
        real,
        classes,
        n_classes=2,
        locality=locality,
        config=TrainingConfig(),
        rng=rng,
    )
    sizes = {"n_groups": 2, "n_rows": len(real), "config": TrainingConfig(hidden_dim=8)}
    generator = new_generator(layout, rng, locality=locality, **sizes)
    return task, generator


def scores_and_pairs(n, rng):
    codes = rng.random((n, 1)) >= 0.75
    real = tensors(rng.normal(size=(n, 1)), codes)
    return real, blocks_of((1, "score"), (2, "softmax"))


def test_class_index_draws_only_members_and_all_of_them():
    rng = torch.Generator().manual_seed(0)
    codes = torch.tensor([2, 0, 2, 1, 2, 0])
    drawn = ClassIndex(codes, 3).draw(torch.tensor([2] * 300 + [1] * 3), rng)
    assert set(drawn[:300].tolist()) == {0, 2, 4}
    assert drawn[300:].tolist() == [3, 3, 3]


def test_every_number_of_known_columns_from_none_to_all_but_one_is_as_likely():
    known = draw_known(8000, 4, torch.Generator().manual_seed(0), "cpu")
    assert set(known.unique().tolist()) == {0.0, 1.0}
    counts = torch.bincount(known.sum(1).long(), minlength=5)
    assert counts[4] == 0
    assert stats.chisquare(counts[:4]).pvalue > 1e-3
    assert stats.chisquare(known.sum(0)).pvalue > 1e-3


def test_batches_pair_rows_of_one_class_and_favour_the_rare():
    rng = torch.Generator().manual_seed(0)
    classes = torch.tensor([0] * 95 + [1] * 5)
    real = tensors(torch.stack([classes.float(), torch.randn(100, generator=rng)], dim=1))
    blocks = blocks_of((1, "score"), (1, "score"))
    task = RowTask(
        layout_of(blocks),
        real,
        classes,
        real,
        classes,
        n_classes=2,
        locality=0.5,
        config=TrainingConfig(),
        rng=rng,
    )
    rare = []
    for _ in range(100):
        batch = task.draw_batch()
        assert torch.equal(batch.condition.argmax(1).float(), batch.real[:, 0])
        assert torch.equal(batch.real[:, 0], batch.start[:, 0])
        rare.append(batch.condition[:, 1].mean())
    assert abs(float(torch.stack(rare).mean()) - 0.275) < 0.03


def test_health_is_silent_for_a_generator_that_returns_real_rows(rng):
    for seed in range(20):
        real, blocks = scores_and_pairs(45, np.random.default_rng(seed))
        task, generator = task_of(real, blocks, locality=1.0, seed=seed)
        assert task.find_collapse(generator) is None


def test_health_sees_a_collapsed_score_and_a_collapsed_category(rng):
    real, blocks = scores_and_pairs(300, np.random.default_rng(0))
    task, generator = task_of(real, blocks, locality=0.0)
    assert task.find_collapse(generator) is None
    with torch.no_grad():
        generator.free.weight.zero_()
        generator.free.bias.copy_(torch.tensor([0.0, 0.0, 99.0] + 9 * [-99.0]))
    generator.layout.share.mul_(1e-3)
    assert "score" in task.find_collapse(generator)
    real, blocks = scores_and_pairs(300, np.random.default_rng(0))
    task, generator = task_of(real, blocks, locality=0.0)
    with torch.no_grad():
        generator.free.bias.copy_(torch.tensor([99.0, -99.0] + 10 * [0.0]))
    assert "softmax" in task.find_collapse(generator)
    with torch.no_grad():
        generator.free.bias.fill_(float("nan"))
    assert "finite" in task.find_collapse(generator)


def test_many_skewed_columns_of_a_small_table_raise_no_alarm():
    rng = np.random.default_rng(0)
    X = rng.random((45, 40)) < 0.78
    gan = TabularGAN(n_steps=60, random_state=0).fit(X)
    assert gan.n_restarts_ == 0


def test_wide_rows_come_in_smaller_batches():
    rng = torch.Generator().manual_seed(0)
    blocks = blocks_of(*[(500, "softmax")] * 12)
    rows, classes = tensors(codes=np.zeros((900, 12))), torch.zeros(900, dtype=torch.long)
    shared = {"n_classes": 1, "locality": 0.5, "config": TrainingConfig(), "rng": rng}
    task = RowTask(layout_of(blocks), rows, classes, rows, classes, **shared)
    assert task.draw_batch().real.shape == (2**19 // 6000, 6000)
