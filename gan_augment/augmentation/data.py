"""Real rows first, synthetic rows after: which is which, what they are, and their weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from gan_augment.augmentation.labels import drawn_classes, plausible_classes
from gan_augment.augmentation.shares import corrected
from gan_augment.containers import append_rows, take_rows
from gan_augment.containers.weights import takes_weights
from gan_augment.generators.parameters import is_number, is_whole_number, refuse

if TYPE_CHECKING:
    import pandas as pd

    from gan_augment.augmentation.dataset import AugmentedDataset


@dataclass(frozen=True, eq=False)  # arrays have no single answer to ==
class AugmentedData:
    """A table with synthetic rows after the real ones.

    Parameters
    ----------
    X : DataFrame, ndarray, polars.DataFrame or pyarrow.Table
        The caller's rows, then the synthetic ones, in the caller's container.
    y : array-like or None
        The target of every row, in the caller's container.
    is_synthetic : ndarray of bool
        False for each of the caller's rows, True for each added one.
    n_redrawn : int, default=0
        Rows that were drawn and thrown away again because they equalled a real row.
    label_proba : ndarray of shape (n, n_classes), optional
        Soft labels: the class probabilities of each row, 0 and 1 for real ones. `y` then holds
        the most likely class. None where labels are hard.
    classes : ndarray, optional
        The labels, in the order of the columns of `label_proba`.
    sample_weight : ndarray of shape (n,), optional
        Weight of each row, 1 for real ones. None where all weigh the same.

    Examples
    --------
    >>> data = AugmentedData([[1], [2], [3]], None, np.array([False, False, True]))
    >>> data
    AugmentedData(2 real and 1 synthetic rows, 1 column)
    >>> data.to_frame()
       x0  is_synthetic
    0   1         False
    1   2         False
    2   3          True
    """

    X: Any
    y: Any
    is_synthetic: np.ndarray = field(repr=False)
    n_redrawn: int = 0
    label_proba: np.ndarray | None = field(default=None, repr=False)
    classes: np.ndarray | None = field(default=None, repr=False)
    sample_weight: np.ndarray | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.is_synthetic)

    @property
    def n_synthetic(self) -> int:
        """Number of synthetic rows."""
        return int(self.is_synthetic.sum())

    @property
    def source(self) -> np.ndarray:
        """For each row the position of the real row it is, or -1 if it is synthetic."""
        return row_source(self.is_synthetic)

    def part(self, rows: np.ndarray) -> AugmentedData:
        """Return some of the rows, all real ones among them; the others weigh as much in all.

        Parameters
        ----------
        rows : ndarray of int
            Positions, in order.

        Returns
        -------
        AugmentedData
        """
        made, weights = self.is_synthetic[rows], self.sample_weight
        if weights is not None:
            before, weights = weights[self.is_synthetic].sum(), weights[rows]
            left = weights[made].sum()
            weights = np.where(made, weights * (before / left if left else 1.0), weights)
        return replace(
            self,
            X=take_rows(self.X, rows),
            y=None if self.y is None else take_rows(self.y, rows),
            is_synthetic=made,
            label_proba=None if self.label_proba is None else self.label_proba[rows],
            sample_weight=weights,
        )

    def weighted(self, min_probability: float = 0.01) -> AugmentedData:
        """Return soft labels as sample weights: a row once for each plausible class.

        Parameters
        ----------
        min_probability : float, default=0.01
            Classes of a row with less are left out, and the others share what they had.

        Returns
        -------
        AugmentedData
            With hard labels and a ``sample_weight``, the row's own times the probability of the
            label. As it is where labels are hard already.

        Raises
        ------
        InputError
            If `min_probability` is no number from 0 to 1.

        Examples
        --------
        >>> made, classes = np.array([False, False, True]), np.array(["a", "b"])
        >>> soft = np.array([[1.0, 0.0], [0.0, 1.0], [0.25, 0.75]])
        >>> y = np.array(["a", "b", "b"])
        >>> data = AugmentedData(np.eye(3), y, made, label_proba=soft, classes=classes)
        >>> data.weighted().y.tolist(), data.weighted().sample_weight.tolist()
        (['a', 'b', 'a', 'b'], [1.0, 1.0, 0.25, 0.75])
        """
        if not (is_number(min_probability) and 0 <= min_probability <= 1):
            refuse("min_probability", min_probability, "a number from 0 to 1")
        if self.label_proba is None:
            return self
        made = np.flatnonzero(self.is_synthetic)
        rows, classes, shares = plausible_classes(self.label_proba[made], min_probability)
        weights = np.ones(len(self)) if self.sample_weight is None else self.sample_weight
        weights = np.concatenate([weights[~self.is_synthetic], weights[made[rows]] * shares])
        return replace(self._hard(made[rows], classes), sample_weight=weights)

    def drawn(self, copies: int = 5) -> AugmentedData:
        """Return soft labels as several rows: each synthetic row with labels in proportion.

        Parameters
        ----------
        copies : int, default=5
            How often each synthetic row is there.

        Returns
        -------
        AugmentedData
            With hard labels, drawn systematically, and without weights. Class shares are halfway
            between those of the real and of the synthetic rows: a few copies cannot tell small
            probabilities apart. As it is where labels are hard already.

        Raises
        ------
        InputError
            If `copies` is no int from 1 on.

        Examples
        --------
        >>> made, classes = np.array([False, False, True]), np.array(["a", "b"])
        >>> soft = np.array([[1.0, 0.0], [0.0, 1.0], [0.25, 0.75]])
        >>> y = np.array(["a", "b", "b"])
        >>> data = AugmentedData(np.eye(3), y, made, label_proba=soft, classes=classes)
        >>> data.drawn(copies=4).y.tolist()
        ['a', 'b', 'a', 'b', 'b', 'b']
        """
        if not (is_whole_number(copies) and copies >= 1):
            refuse("copies", copies, "an int >= 1")
        if self.label_proba is None:
            return self
        made = np.flatnonzero(self.is_synthetic)
        soft = self.label_proba[made]
        real, asked = self.label_proba[~self.is_synthetic].mean(axis=0), soft.mean(axis=0)
        halfway = np.sqrt(np.divide(real, asked, out=np.ones(len(real)), where=asked > 0))
        classes = drawn_classes(corrected(soft, halfway), copies)
        return self._hard(np.repeat(made, copies), classes.ravel())

    def for_estimator(self, estimator: Any) -> AugmentedData:
        """Return the rows as an estimator can learn them.

        Parameters
        ----------
        estimator : estimator
            Unfitted; of a Pipeline, its last step is asked.

        Returns
        -------
        AugmentedData
            `weighted` where its fit takes ``sample_weight``, else `drawn`, without weights.
        """
        if takes_weights(estimator):
            return self.weighted()
        drawn = self.drawn()
        return drawn if drawn.sample_weight is None else replace(drawn, sample_weight=None)

    def _hard(self, rows, codes):
        """Return the real rows, and after them these rows with the labels of these codes."""
        real = ~self.is_synthetic
        labels = self.label_proba[real].argmax(axis=1)
        first = np.full(len(self.classes), -1)
        first[labels[::-1]] = np.flatnonzero(real)[::-1]  # a real row of each class
        return AugmentedData(
            append_rows(take_rows(self.X, real), take_rows(self.X, rows)),
            append_rows(take_rows(self.y, real), take_rows(self.y, first[codes])),
            np.arange(real.sum() + len(rows)) >= real.sum(),
            self.n_redrawn,
        )

    def to_frame(
        self,
        *,
        target: str | None = None,
        synthetic: str = "is_synthetic",
        sample_weight: bool = False,
        label_proba: bool = False,
    ) -> pd.DataFrame:
        """Return all rows as one pandas frame, real rows first.

        Parameters
        ----------
        target : str, optional
            Name of the column with `y`. Default: the name `y` has, else "target".
        synthetic : str, default="is_synthetic"
            Name of the column that marks synthetic rows.
        sample_weight : bool, default=False
            Whether to add the weights of the rows, ``sample_weight``.
        label_proba : bool, default=False
            Whether to add the probability of each class, ``proba_`` and the label, where labels
            are soft.

        Returns
        -------
        pandas.DataFrame
            The columns of `X` (of an array ``x0, x1, ...``), then the others.

        Raises
        ------
        InputError
            If the rows are images, or a column of `X` has one of the names.

        Examples
        --------
        >>> data = AugmentedData(np.eye(2), ["a", "b"], np.array([False, True]))
        >>> data.to_frame(target="kind").columns.tolist()
        ['x0', 'x1', 'kind', 'is_synthetic']
        """
        from gan_augment.augmentation.showing import as_frame

        return as_frame(self, target, synthetic, sample_weight, label_proba)

    def as_dataset(self, transform: Callable | None = None) -> AugmentedDataset:
        """Return the rows as a ``torch.utils.data.Dataset``.

        Parameters
        ----------
        transform : callable, optional
            Called with each row's tensor, e.g. ``lambda image: image / 255``.

        Returns
        -------
        AugmentedDataset
            Each entry is a tensor of the row's dtype and its target: the position of its label
            in ``classes``, or the number itself. With soft labels it is the probabilities of the
            classes, and the weight of the row comes third.
        """
        from gan_augment.augmentation.dataset import AugmentedDataset

        soft = self.label_proba, self.classes, self.sample_weight
        return AugmentedDataset(self.X, self.y, self.is_synthetic, transform, *soft)

    def __repr__(self) -> str:
        from gan_augment.augmentation.showing import described

        return f"AugmentedData({described(self)})"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the first rows of each kind, and the classes."""
        from gan_augment.augmentation.showing import shown

        return shown(self)

    def __iter__(self) -> NoReturn:
        raise TypeError("AugmentedData is not a tuple: use data.X, data.y and data.is_synthetic.")


def row_source(is_synthetic: np.ndarray) -> np.ndarray:
    """Return for each row the position of the real row it is, or -1 if it is synthetic.

    The real rows are in their old order.

    Examples
    --------
    >>> row_source([False, False, True]).tolist()
    [0, 1, -1]
    """
    is_synthetic = np.asarray(is_synthetic, dtype=bool)
    return np.where(is_synthetic, -1, np.cumsum(~is_synthetic) - 1)


def follow_rows(values: np.ndarray, source: np.ndarray, synthetic: float) -> np.ndarray:
    """Return one value per row: that of the real row it is, `synthetic` for all others.

    `source` is what `row_source` returns.

    Examples
    --------
    >>> follow_rows([0.5, 2.0], np.array([0, 1, -1]), 1.0).tolist()
    [0.5, 2.0, 1.0]
    """
    return np.where(source >= 0, np.asarray(values)[source], synthetic)
