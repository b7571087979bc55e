"""Encoded rows: a float32 score for each number, a small integer for each category.

The networks see a wider form, in which a category is a stretch of zeros with a single one. That
form takes one number for each category of each column, so it is made for a batch at a time, by
:class:`gan_augment.nn.table.RowLayout`; `Block` says where a column is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: What a block of the wide form holds: a normal score; one category of several; present or
#: missing, which belongs to the score right before it.
SCORE, SOFTMAX, MISSING = "score", "softmax", "missing"


@dataclass(frozen=True)
class Block:
    """Places ``start`` to ``stop`` of a row in its wide form, and what they hold."""

    start: int
    stop: int
    activation: str


@dataclass(frozen=True)
class EncodedRows:
    """Numbers and category codes of the same rows.

    Parameters
    ----------
    numbers : ndarray of float32 of shape (n, n_numbers)
        Normal scores; NaN where the value is missing.
    codes : ndarray of uint8, int16 or int32 of shape (n, n_codes)
        The category of each column of categories, from 0.

    Notes
    -----
    The arrays may also be torch tensors.

    Examples
    --------
    >>> numbers = np.array([[0.5], [np.nan], [-1.0]], dtype=np.float32)
    >>> rows = EncodedRows(numbers, np.array([[2], [0], [1]], dtype=np.uint8))
    >>> rows.take([2, 0]).codes.tolist()
    [[1], [2]]
    """

    numbers: np.ndarray
    codes: np.ndarray

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, index) -> EncodedRows:
        """Return some of the rows, by position or by a mask."""
        return EncodedRows(self.numbers[index], self.codes[index])

    def put(self, index, other: EncodedRows) -> None:
        """Replace some of the rows, in place."""
        self.numbers[index], self.codes[index] = other.numbers, other.codes


class Encoding:
    """What the encoded rows of a table are made of.

    Parameters
    ----------
    blocks : sequence of Block
        The wide form, column by column.

    Attributes
    ----------
    n_numbers : int
    levels : list of int
        Number of categories of each column of codes.
    optional : list of int
        Columns of numbers that may be missing.
    code_dtype : numpy.dtype
        The smallest that holds the codes and that numpy and torch have in common.

    Examples
    --------
    >>> blocks = [Block(0, 1, SCORE), Block(1, 3, MISSING), Block(3, 7, SOFTMAX)]
    >>> encoding = Encoding(blocks)
    >>> encoding.n_numbers, encoding.levels, encoding.optional
    (1, [4], [0])
    """

    def __init__(self, blocks):
        self.blocks = tuple(blocks)
        self.n_numbers, self.levels, self.optional = 0, [], []
        for block in self.blocks:
            if block.activation == SCORE:
                self.n_numbers += 1
            elif block.activation == MISSING:
                self.optional.append(self.n_numbers - 1)
            else:
                self.levels.append(block.stop - block.start)
        most = max(self.levels, default=0)
        fits = (d for d in (np.uint8, np.int16, np.int32) if most - 1 <= np.iinfo(d).max)
        self.code_dtype = np.dtype(next(fits))

    @property
    def n_columns(self) -> int:
        """Columns of numbers and of codes together."""
        return self.n_numbers + len(self.levels)

    def empty(self, n: int) -> EncodedRows:
        """Return n rows that are yet to be filled."""
        numbers = np.empty((n, self.n_numbers), dtype=np.float32)
        return EncodedRows(numbers, np.empty((n, len(self.levels)), dtype=self.code_dtype))
