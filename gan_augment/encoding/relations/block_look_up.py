"""Columns that a one-hot block decides, as a number of years what stands for a degree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.relations.base import quoted
from gan_augment.encoding.relations.look_up import LEAST_LIKELY, LookUp, is_function
from gan_augment.encoding.relations.one_hot import OneHot


@dataclass(eq=False)
class BlockLookUp(LookUp):
    """Columns that are functions of the level of a one-hot block.

    Parameters
    ----------
    block : OneHot
    """

    kind = "block look-up"

    block: OneHot

    @classmethod
    def find(cls, rows, restored):
        """Return what the blocks found before decide."""
        blocks = [relation for relation in rows.found if isinstance(relation, OneHot)]
        names = [name for name in rows.columns if name not in restored and rows.n_levels(name) > 1]
        least = LEAST_LIKELY / max(len(blocks) * len(names), 1)
        found, left = [], list(names)
        for block in blocks:
            codes = block.encode(rows.frame)[0].to_numpy()
            levels, places = np.unique(codes, return_inverse=True)
            few = [name for name in left if rows.n_levels(name) <= len(levels)]
            decided = [name for name in few if is_function(rows, places, name, least)]
            if decided:
                left = [name for name in left if name not in decided]
                found.append(cls.of(rows, block.members[0], decided, block))
        return found

    @property
    def needs(self):
        return self.block.members

    def _keys(self, cells):
        codes = self.block.encode(cells)[0].to_numpy()
        return codes, np.zeros(len(codes), dtype=bool)

    def words(self):
        names = quoted([part.column.name for part in self.decided])
        return f"which of {quoted(self.block.members)} is on decides {names}"

    def _facts(self):
        return {**super()._facts(), "block": self.block.to_plain()}

    @classmethod
    def _read(cls, facts, arrays, decider, schema):
        require(isinstance(facts["block"], dict), "a block that decides")
        block = OneHot.from_plain(facts["block"], {}, schema)
        require(decider.name == block.members[0], "the first column of a block as decider")
        require(facts["moves"] is False, "a block that is not moved")
        high = len(block.members) - (not block.may_be_off)
        return checked_array(arrays, "levels", "int64", (None,), low=0, high=high), (block,)
