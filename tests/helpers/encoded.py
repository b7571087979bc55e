"""Encoded rows for tests: such as a generator makes, or built of blocks alone."""

from dataclasses import dataclass

import numpy as np
import torch

from gan_augment.encoding.rows import EncodedRows


@dataclass(frozen=True)
class Block:
    start: int
    stop: int
    activation: str


def blocks_of(*stretches):
    """Blocks of (width, activation), side by side."""
    ends = np.cumsum([0, *(width for width, _ in stretches)]).tolist()
    return tuple(
        Block(start, stop, activation)
        for start, stop, (_, activation) in zip(ends[:-1], ends[1:], stretches, strict=True)
    )


def encoded_noise(codec, n, rng, scale=1.0):
    """Normal scores, a tenth of the optional ones missing, and any categories."""
    encoding = codec.encoding_
    rows = encoding.empty(n)
    rows.numbers[:] = scale * rng.normal(size=rows.numbers.shape)
    for i in encoding.optional:
        rows.numbers[rng.random(n) < 0.1, i] = np.nan
    for j, n_levels in enumerate(encoding.levels):
        rows.codes[:, j] = rng.integers(0, n_levels, n)
    return rows


def tensors(numbers=None, codes=None):
    """Encoded rows of tensors, of numbers, codes or both."""
    n = len(codes if numbers is None else numbers)
    numbers = np.empty((n, 0)) if numbers is None else numbers
    codes = np.empty((n, 0)) if codes is None else codes
    return EncodedRows(
        torch.as_tensor(numbers, dtype=torch.float32), torch.as_tensor(codes, dtype=torch.uint8)
    )
