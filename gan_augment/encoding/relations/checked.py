"""Relations whose columns others restore already: new rows that break one are drawn again."""

from __future__ import annotations

from dataclasses import dataclass

from gan_augment.encoding.relations.base import Relation


@dataclass(eq=False)
class Checked(Relation):
    """A relation that restores nothing, and is only looked at.

    Parameters
    ----------
    inner : Relation
        What holds.
    """

    kind = "checked"

    inner: Relation

    @classmethod
    def of(cls, relation):
        """Return a relation that is only looked at."""
        return cls(relation.schema, relation.exceptions, relation)

    @property
    def restores(self):
        return ()

    @property
    def needs(self):
        return self.inner.columns

    @property
    def most_exceptions(self):
        return self.inner.most_exceptions

    @property
    def is_often_coincidence(self):
        return self.inner.is_often_coincidence

    def each(self):
        return [self.of(part) for part in self.inner.each()]

    def decode(self, known, learnt, n):
        return {}

    def broken(self, frame):
        return self.inner.broken(frame)

    def solved(self, name, frame):
        return self.inner.solved(name, frame)

    def extend(self, frame):
        self.inner.extend(frame)

    def words(self):
        return self.inner.words()

    def _facts(self):
        return {"inner": self.inner.to_plain()}

    def arrays(self):
        return self.inner.arrays()
