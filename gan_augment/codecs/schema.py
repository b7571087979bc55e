"""What a table's columns are: kinds, dtypes, bounds, decimals, categories, missingness.

A `Schema` is data, not behaviour: it is inferred once, when a generator is fitted, it can be
read and overridden by the user, and it goes to JSON and back without loss.
"""

import json
from dataclasses import asdict, dataclass, fields

from gan_augment.codecs.claims import check_column
from gan_augment.codecs.column import KINDS, MAX_CATEGORIES, Column
from gan_augment.codecs.inference import infer_column
from gan_augment.codecs.metadata import chosen_kinds
from gan_augment.codecs.plain import from_plain, to_plain
from gan_augment.exceptions import InputError
from gan_augment.untrusted import parsed

__all__ = ["KINDS", "MAX_CATEGORIES", "Column", "Schema"]


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in order.

    Parameters
    ----------
    columns : tuple of Column

    Examples
    --------
    >>> import pandas as pd
    >>> schema = Schema.infer(pd.DataFrame({"a": [0.5, 1.0, 2.5], "k": ["u", "v", "u"]}))
    >>> [(column.name, column.kind) for column in schema.columns]
    [('a', 'number'), ('k', 'category')]
    >>> Schema.from_json(schema.to_json()) == schema
    True
    """

    columns: tuple

    @classmethod
    def infer(cls, frame, columns=None):
        """Return the schema of a frame.

        Parameters
        ----------
        frame : pandas.DataFrame of shape (n_samples, n_features)
            The training rows.
        columns : dict of {name: kind} or sdv.metadata.Metadata, optional
            Kinds chosen by hand. "ignore": not learnt, synthetic rows are missing there.
            "regenerate": an identifier, synthetic rows get new ones. "category": integers are
            labels, or text whose values are all distinct is no identifier.

        Returns
        -------
        Schema

        Raises
        ------
        InputError
            If a column cannot be learnt; the message names it and the cure.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"zip": [10115, 80331, 10115]})
        >>> Schema.infer(frame, columns={"zip": "category"})["zip"].categories
        (10115, 80331)
        """
        chosen = chosen_kinds(columns, frame)
        check_chosen(chosen, list(frame.columns))
        return cls(tuple(infer_column(series, chosen.get(name)) for name, series in frame.items()))

    @property
    def names(self):
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name):
        """Return the column of this name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def to_json(self):
        """Return the schema as JSON text: data only and lossless."""
        columns = [{k: to_plain(v) for k, v in asdict(c).items()} for c in self.columns]
        return json.dumps({"columns": columns}, allow_nan=False)

    @classmethod
    def from_json(cls, text):
        """Return the schema that `to_json` wrote.

        Parameters
        ----------
        text : str
            What `to_json` returned.

        Returns
        -------
        Schema

        Raises
        ------
        InputError
            If the text describes no column that a table has.
        """
        known = {field.name for field in fields(Column)}
        columns = []
        for data in parsed(text)["columns"]:
            if set(data) != known:
                raise InputError(
                    f"text describes a column with fields {sorted(data)}: pass what "
                    "Schema.to_json of this version returned."
                )
            columns.append(Column(**{key: from_plain(value) for key, value in data.items()}))
            check_column(columns[-1])
        return cls(tuple(columns))


def check_chosen(chosen, names):
    """Refuse kinds that there are not, or of columns that there are not.

    Parameters
    ----------
    chosen : dict of {name: kind}
    names : list
        The columns of the table.
    """
    for name, kind in chosen.items():
        if name not in names:
            raise InputError(
                f"columns names {name!r}, which is not a column of X: use one of {names[:10]!r}."
            )
        if kind not in KINDS:
            raise InputError(
                f"columns={{{name!r}: {kind!r}}} asks for an unknown kind: choose one of "
                f"{', '.join(KINDS)}."
            )
