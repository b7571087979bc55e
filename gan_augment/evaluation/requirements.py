"""Requirements such as "c2st<=0.8", so that a report can guard a pipeline."""

import math
import operator
import re
from dataclasses import dataclass

from gan_augment.evaluation.catalog import IMAGES, TABLES
from gan_augment.exceptions import InputError

_COMPARE = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
_FORM = re.compile(r"\s*(\w+)\s*(?:\[(.*)\])?\s*(<=|>=|<|>)\s*(\S+)\s*", re.DOTALL)


@dataclass(frozen=True)
class Requirement:
    """A limit on one metric.

    Parameters
    ----------
    name : str
        Of the metric.
    by : str or None
        The column, class or learner; None for the whole table.
    sign : {"<=", ">=", "<", ">"}
    limit : float

    Examples
    --------
    >>> Requirement.parse("ks[age] >= 0.9")
    Requirement(name='ks', by='age', sign='>=', limit=0.9)
    """

    name: str
    by: str | None
    sign: str
    limit: float

    @classmethod
    def parse(cls, text):
        """Return the requirement a text spells.

        Parameters
        ----------
        text : str
            ``name<=number`` or ``name[column]<=number``, with <=, >=, < or >.

        Raises
        ------
        InputError
            If the text has another form.
        """
        found = _FORM.fullmatch(text) if isinstance(text, str) else None
        try:
            limit = float(found[4]) if found else math.nan
        except ValueError:
            limit = math.nan
        if math.isnan(limit):
            raise InputError.of(
                "requirements", text, "cannot be read", "write it as 'c2st<=0.8' or 'ks[age]>=0.9'"
            )
        return cls(found[1], found[2], found[3], limit)

    def refuse_unmeasured(self, lacking, images=False):
        """Refuse a metric that will not be measured, before anything is.

        Parameters
        ----------
        lacking : dict of {str: str}
            Which of "target", "holdout", "privacy", "sdmetrics" and "anonymeter" a report is
            asked without, and how to ask for it.
        images : bool, default=False
            Whether images are compared, which have metrics of their own, not tables.

        Raises
        ------
        InputError
            If there is no such metric, or it needs one of them.
        """
        known = IMAGES if images else TABLES
        if self.name not in known:
            raise InputError(
                f"The requirement on {self.name!r} names no metric of "
                f"{'images' if images else 'tables'}",
                remedy=f"use one of {', '.join(known)}",
            )
        for need in known[self.name].needs:
            if need in lacking:
                raise InputError(
                    f"The requirement on {self.name!r} cannot be measured", remedy=lacking[need]
                )

    def failure(self, metrics):
        """Return in a sentence how metrics miss the requirement, or None.

        Returns
        -------
        str or None

        Raises
        ------
        InputError
            If there is no such metric.
        """
        named = [m for m in metrics if m.name == self.name]
        found = next((m for m in named if m.by == self.by), None)
        if found is None and named:
            known = [m.by for m in named if m.by is not None][:10]
            raise InputError(
                f"has no figure for {self.by!r}",
                value=self.name,
                remedy=f"use {self.name} alone or with one of {known!r}",
            )
        if found is None:
            known = ", ".join(dict.fromkeys(m.name for m in metrics))
            raise InputError(
                f"The metric {self.name!r} is not in this report", remedy=f"use one of {known}"
            )
        if _COMPARE[self.sign](found.value, self.limit):  # False for NaN
            return None
        label = self.name if self.by is None else f"{self.name}[{self.by}]"
        if math.isnan(found.value):
            return f"{label} is unknown ({found.reason}), required {self.sign} {self.limit:g}"
        beside = "" if found.reference is None else f" (real against real {found.reference:.3f})"
        return f"{label} is {found.value:.3f}{beside}, required {self.sign} {self.limit:g}"
