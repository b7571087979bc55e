"""What generators of tables do about identifiers: new ones, counted on from draw to draw."""

from gan_augment.containers import to_pandas


class IdentifierMixin:
    """Gives a generator with a schema what `BaseGenerator` asks about columns it does not learn.

    A subclass has ``_schema()``, which returns its :class:`~gan_augment.codecs.schema.Schema`.
    """

    @property
    def unlearnt_(self):
        """Columns that are ignored or regenerated."""
        columns = self._schema().columns
        return tuple(c.name for c in columns if c.kind in ("ignore", "regenerate"))

    def renumber(self, X):
        """Return rows of several draws as if drawn at once; new identifiers start anew in each.

        Parameters
        ----------
        X : table
            Rows that `sample` returned.

        Returns
        -------
        table
        """
        if not self._identifiers():
            return X
        frame = to_pandas(X)[0].copy(deep=False)
        self._count_on(frame, 0)
        return self.container_.restore(frame)

    def _count_on(self, rows, start):
        for column in self._identifiers():
            rows[column.name] = column.new_identifiers(len(rows), start).set_axis(rows.index)

    def _check_room(self, n):
        for column in self._identifiers():
            column.new_identifiers(min(n, 1), n - 1)

    def _identifiers(self):
        return [c for c in self._schema().columns if c.kind == "regenerate"]
