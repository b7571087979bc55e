"""Augmented rows as a torch data set, for people with a training loop of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from gan_augment.containers import is_images, n_rows, to_pandas
from gan_augment.exceptions import InputError


class AugmentedDataset(Dataset):
    """Rows or images one by one, as torch wants them; `AugmentedData.as_dataset` makes one.

    `transform`, if any, is called with each row's tensor.

    Attributes
    ----------
    classes : ndarray or None
        Sorted labels, whose positions are the targets, or columns of soft ones; None where the
        target is left as it is.

    Examples
    --------
    >>> X, y = np.zeros((3, 8, 8), dtype="uint8"), np.array(["cat", "dog", "cat"])
    >>> dataset = AugmentedDataset(X, y, np.array([False, False, True]))
    >>> image, label = dataset[1]
    >>> image.shape, label.item(), dataset.classes.tolist()
    (torch.Size([8, 8]), 1, ['cat', 'dog'])
    """

    def __init__(
        self,
        X: Any,
        y: Any,
        is_synthetic: np.ndarray,
        transform: Callable[[torch.Tensor], torch.Tensor] | None = None,
        label_proba: np.ndarray | None = None,
        classes: np.ndarray | None = None,
        sample_weight: np.ndarray | None = None,
    ) -> None:
        values = X if is_images(X) else to_pandas(X)[0].to_numpy()
        if values.dtype.kind not in "buif":
            raise InputError(
                f"holds {values.dtype} values, which are no tensor",
                argument="X",
                remedy="encode text and dates as numbers first",
            )
        self.X, self.transform = values, transform
        self.is_synthetic = np.asarray(is_synthetic, dtype=bool)
        self.classes, self.y, self.sample_weight = classes, None, None
        if sample_weight is not None:
            self.sample_weight = torch.from_numpy(np.asarray(sample_weight, dtype=np.float32))
        if label_proba is not None:
            self.y = torch.from_numpy(np.asarray(label_proba, dtype=np.float32))
        elif y is not None:
            y = np.asarray(y)
            y = y[:, 0] if y.ndim == 2 else y  # a frame of one column
            if y.dtype.kind not in "f":
                self.classes, y = np.unique(y, return_inverse=True)
            self.y = torch.from_numpy(np.ascontiguousarray(y))

    def __len__(self) -> int:
        return n_rows(self.X)

    def __getitem__(self, index: int) -> torch.Tensor | tuple[torch.Tensor, ...]:
        """Return one row's tensor, or this and its target, and its weight where rows differ."""
        row = torch.from_numpy(np.array(self.X[index]))
        row = row if self.transform is None else self.transform(row)
        if self.y is None:
            return row
        weights = () if self.sample_weight is None else (self.sample_weight[index],)
        return row, self.y[index], *weights
