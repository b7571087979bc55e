"""What a fitted estimator keeps of its generator, which holds training rows and needs torch."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, Self

from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from gan_augment.exceptions import InputError

if TYPE_CHECKING:
    import pandas as pd

    from gan_augment.selection.search import AugmentationSearch

#: Attributes that hold training rows, their labels, or a model that may hold them.
HOLDS_ROWS = ("generator_", "labeler_", "y_augmented_", "label_proba_", "sample_weight_")

_NOT_KEPT = "was not kept, as a fitted model holds no training rows and predicts without torch"
_AGAIN = "fit again with keep_generator=True"


class KeepsOnRequest:
    """Gives an estimator that fits a generator ways to do without it afterwards."""

    def _check_kept(self):
        """Refuse to do without the generator what takes one."""
        check_is_fitted(self)
        if vars(self).get("_is_light"):
            raise InputError(f"The generator {_NOT_KEPT}", remedy=_AGAIN)

    def _keep(self, asked: bool, **fitted: Any) -> None:
        """Set fitted attributes if they are asked for; otherwise they say why they are missing."""
        for name in HOLDS_ROWS:
            vars(self).pop(name, None)
        vars(self).update(fitted if asked else {})
        self._is_light = not asked

    def _without_rows(self) -> Self:
        """Return a copy that is fitted, but for what holds training rows."""
        light = copy(self)
        for name in HOLDS_ROWS:
            vars(light).pop(name, None)
        for name in ("generator", "labeler"):  # unfitted, as clone makes them
            part = getattr(self, name, None)
            if hasattr(part, "get_params"):
                setattr(light, name, clone(part))
        light._is_light = True
        return light

    if not TYPE_CHECKING:  # it would let any name pass

        def __getattr__(self, name):
            """Say of an attribute that was not kept why it is missing."""
            owner = type(self).__name__
            if name in HOLDS_ROWS and vars(self).get("_is_light"):
                raise AttributeError(f"{name} of this {owner} {_NOT_KEPT}: {_AGAIN}")
            raise AttributeError(f"{owner!r} object has no attribute {name!r}")


class ReadsSearch:
    """Gives an estimator that has a ``search_`` its table."""

    if TYPE_CHECKING:
        search_: AugmentationSearch

    @property
    def search_results_(self) -> pd.DataFrame:
        """Every way and every free control that was tried, with its scores on inner folds."""
        return self.search_.results


def without_rows(augmenter: Any) -> Any:
    """Return a fitted augmenter that holds no training rows: unfitted, if it cannot do without."""
    if hasattr(augmenter, "without_generator"):
        return augmenter.without_generator()
    return clone(augmenter)
