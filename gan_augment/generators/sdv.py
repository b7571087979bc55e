"""SDVGenerator: the synthesizers of SDV, behind the interface of this package's generators.

SDV's models are fitted to a plain table that is made here: numbers, dates and durations as float64
counts on the column's grid, categories as short texts, the target as one more column. What pandas
dtypes do to SDV (categories refused, float16 all missing, whole numbers beyond 2**53 rounded)
cannot happen so, and what SDV makes is decoded by the same codecs as the rows of `TabularGAN`.

`SDVModel` fits synthesizers and draws from them; `SDVGenerator` decides which ones, and for which
rows.
"""

from __future__ import annotations

import importlib.util
import inspect
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gan_augment.containers.validation import free_name
from gan_augment.encoding.codecs import CODECS, CategoryCodec, ConstantCodec
from gan_augment.encoding.schema import Schema, is_metadata
from gan_augment.encoding.table import side_by_side
from gan_augment.exceptions import AugmentationWarning, GeneratorError, InputError, LicenseWarning
from gan_augment.generators.base import SchemaGenerator
from gan_augment.generators.parameters import check_choice, check_flag, refuse
from gan_augment.process.randomness import Seed, small_seed
from gan_augment.process.state import seeded_globals

_TABLE = "table"
_NAMES = ("CTGAN", "TVAE", "CopulaGAN", "GaussianCopula")
#: The public methods that a synthesizer is used by.
_METHODS = ("fit", "sample", "reset_sampling")
_NOTICE = (
    "SDV and its models are under the Business Source License 1.1, which is not an open-source "
    "license: read https://github.com/sdv-dev/SDV/blob/main/LICENSE before you use them in "
    "production. (This notice is given once.)"
)
#: Rows drawn after fitting to see how often each class comes.
PROBE_ROWS = 5000
#: A class that comes less often than this gets a synthesizer of its own.
RARE_SHARE = 1 / 500
#: Draws for the rows of a class, as a multiple of those expected to be needed.
PATIENCE = 20
#: So many rows with one and the same value, of which at most this share of the real ones has one.
COLLAPSE_ROWS, COMMON = 200, 0.9
CHUNK = 50_000
_noticed = False


@dataclass(frozen=True)
class SDVModel:
    """A kind of synthesizer with its parameters: makes fitted ones, and draws from them."""

    name: str
    kind: type
    parameters: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, synthesizer: str | type, parameters: dict[str, Any] | None) -> SDVModel:
        """Look up a synthesizer by name or class; refuse one or parameters that there are not."""
        known = _single_table()
        if isinstance(synthesizer, str):
            if synthesizer not in _NAMES:
                known_names = ", ".join(_NAMES)
                refuse("synthesizer", synthesizer, f"one of {known_names}, or a class of SDV")
            kind = getattr(known, f"{synthesizer}Synthesizer")
        else:
            kind = synthesizer
            if not (isinstance(kind, type) and all(hasattr(kind, name) for name in _METHODS)):
                raise InputError.of(
                    "synthesizer",
                    synthesizer,
                    "is no single-table synthesizer of SDV",
                    f"pass one of {', '.join(_NAMES)}, or the class (not an object of it)",
                )
        model = cls(kind.__name__.removesuffix("Synthesizer"), kind, dict(parameters or {}))
        model._check_parameters()
        return model

    def _check_parameters(self):
        taken = inspect.signature(self.kind).parameters
        if "metadata" in self.parameters:
            raise InputError("parameters has 'metadata'", remedy="pass it as metadata=")
        unknown = [name for name in self.parameters if name not in taken]
        if unknown:
            names = ", ".join(name for name in taken if name != "metadata")
            raise InputError(
                f"parameters has {unknown[0]!r}, which {self.name} does not take",
                remedy=f"choose from {names}",
            )
        values = {name: given.default for name, given in taken.items()} | self.parameters
        pac, size = values.get("pac"), values.get("batch_size")
        if isinstance(pac, int) and isinstance(size, int) and (size % 2 or size % max(pac, 1)):
            raise InputError(
                f"parameters has batch_size={size} and pac={pac}, but {self.name} needs an even "
                "batch that pac divides",
                remedy="change either",
            )

    def fitted(self, table: pd.DataFrame, categories: set[str], rng: np.random.Generator) -> Any:
        """Return a synthesizer fitted to columns of float64, or of texts if in `categories`."""
        from sdv.metadata import Metadata

        _notice_once()
        sdtypes = {
            name: {"sdtype": "categorical" if name in categories else "numerical"}
            for name in table.columns
        }
        described = {"tables": {_TABLE: {"columns": sdtypes}}, "relationships": []}
        with seeded_globals(small_seed(rng)):
            synthesizer = self.kind(Metadata.load_from_dict(described), **self.parameters)
            synthesizer.fit({_TABLE: table})
        return synthesizer

    def drawn(self, synthesizer: Any, n: int, rng: np.random.Generator) -> pd.DataFrame:
        """Return n >= 1 rows of a fitted synthesizer, the same for the same state of rng."""
        seed = small_seed(rng)
        with seeded_globals(seed):
            # every fitted one starts from the same seed of SDV's own, unless it is told another
            synthesizer.reset_sampling()
            synthesizer._set_random_state(seed)
            return synthesizer.sample(n)[_TABLE]


def _single_table():
    """Return SDV's module of synthesizers for one table."""
    if importlib.util.find_spec("sdv") is None:
        raise InputError(
            "The generators of SDV need the package sdv, which is not installed",
            remedy='run pip install "sdv>=2.0"',
        )
    import sdv.single_table

    return sdv.single_table


def _notice_once():
    global _noticed
    if not _noticed:
        _noticed = True
        warnings.warn(_NOTICE, LicenseWarning, stacklevel=2)


class SDVGenerator(SchemaGenerator):
    """A single-table synthesizer of SDV: CTGAN, TVAE, CopulaGAN, GaussianCopula or another.

    Each class has a synthesizer of its own by default, so that every row belongs to the class it
    is made for. With ``by_class=False`` one is fitted to all rows, with the class as one more
    column, and rows are drawn until there are enough of each: CTGAN's own way of asking for a
    class sets the first discrete column, whichever was asked for. How often each class comes is
    measured after fitting, and one that hardly ever comes gets a synthesizer of its own after
    all, so that the draws are bounded. A numeric target is a column in either case.

    Parameters
    ----------
    synthesizer : str or class, default="CTGAN"
        "CTGAN", "TVAE", "CopulaGAN" or "GaussianCopula", or a single-table synthesizer class of
        SDV's.
    metadata : sdv.metadata.Metadata or dict of {name: kind}, optional
        What the columns are; by default it is inferred as for `TabularGAN`. It may describe one
        column more than `X` has, the target.
    parameters : dict, optional
        Parameters of the synthesizer, for instance ``{"epochs": 100}``.
    by_class : bool, default=True
        Whether each class has a synthesizer of its own. False takes the time of one fit, however
        many classes there are; how far the rows of a class then are of that class is up to the
        synthesizer.
    target : {"auto", "class", "number"}, default="auto"
        What `y` is.
    random_state : None, int, Generator or RandomState
        SDV draws from numpy's and torch's global generators while it fits. They are seeded from
        this for as long, and put back as they were.

    Attributes
    ----------
    schema_ : Schema
        What was inferred of each column.
    synthesizers_ : dict of {int or None: object}
        Fitted synthesizers: of all rows under None, and of the classes, by code, that have one of
        their own.
    class_shares_ : ndarray of float of shape (n_classes,) or None
        How often each class comes in rows of the one of all rows, if there is one.

    Warns
    -----
    LicenseWarning
        Once a process: SDV is not open source.
    AugmentationWarning
        If all rows that a fitted synthesizer makes have the same value in a column that varies.

    Notes
    -----
    Fits and draws of several threads wait for each other, since SDV works on global state; use
    processes instead. SDV's models can be saved by pickle only, so there is no ``save`` here.

    References
    ----------
    L. Xu et al., "Modeling Tabular Data using Conditional GAN", NeurIPS 2019: CTGAN and TVAE.
    N. Patki, R. Wedge and K. Veeramachaneni, "The Synthetic Data Vault", DSAA 2016.

    Examples
    --------
    >>> import warnings
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")  # SDV's license, which you have read
    ...     copula = SDVGenerator("GaussianCopula", random_state=0).fit(X, y)
    >>> X_new, y_new = copula.sample(y=[0, 2, 2])
    >>> X_new.shape, y_new.tolist()
    ((3, 4), [0, 2, 2])
    """

    def __init__(
        self,
        synthesizer: str | type = "CTGAN",
        *,
        metadata: Any = None,
        parameters: dict[str, Any] | None = None,
        by_class: bool = True,
        target: str = "auto",
        random_state: Seed = None,
    ) -> None:
        self.synthesizer = synthesizer
        self.metadata = metadata
        self.parameters = parameters
        self.by_class = by_class
        self.target = target
        self.random_state = random_state

    @property
    def columns(self) -> Any:
        """The kinds chosen by hand, under the name that `TabularGAN` gives them."""
        return self.metadata

    def _check_parameters(self):
        check_choice("target", self.target, ("auto", "class", "number"))
        known = self.metadata is None or isinstance(self.metadata, dict)
        if not known and not is_metadata(self.metadata):
            refuse("metadata", self.metadata, "SDV's Metadata or a dict of {name: kind}")
        if not (self.parameters is None or isinstance(self.parameters, dict)):
            refuse("parameters", self.parameters, "None or a dict")
        check_flag("by_class", self.by_class)

    def _schema(self):
        return self.schema_

    def _fit(self, frame, target_values, rng):
        self.model_ = SDVModel.of(self.synthesizer, self.parameters)
        self.schema_ = Schema.infer(frame, self.metadata)
        self.codecs_ = [CODECS[column.kind](column) for column in self.schema_.columns]
        self.names_ = self._column_names()
        table, kind = self._plain_table(frame), self.target_.kind_
        self.class_shares_, self.synthesizers_ = None, {}
        if kind == "number":
            table[self.names_[None]] = target_values
        if not table.shape[1]:
            return  # no column varies
        if kind != "class":
            self.synthesizers_[None] = self._fitted(table, rng)
            return
        shares = np.zeros(len(self.classes_))
        if not self.by_class:
            joint = table.assign(**{self.names_[None]: _as_texts(target_values)})
            self.synthesizers_[None] = self._fitted(joint, rng)
            self.class_shares_ = shares = self._measured_shares(rng)
        for code in np.flatnonzero(shares < RARE_SHARE).tolist():
            self.synthesizers_[code] = self._of_one_class(table[target_values == code], code, rng)

    def _column_names(self):
        """What SDV calls the columns, by place; the target is at None."""
        names = {}
        for place, codec in enumerate(self.codecs_):
            if not isinstance(codec, ConstantCodec):  # those, SDV does not see
                names[place] = free_name(str(codec.column.name), names.values())
        return names | {None: free_name("target", names.values())}

    def _plain_table(self, frame):
        columns = {}
        for place, name in self.names_.items():
            if place is None:
                continue
            codec, series = self.codecs_[place], frame.iloc[:, place]
            if isinstance(codec, CategoryCodec):
                columns[name] = _as_texts(codec.column.codes(series))
                continue
            values, missing = codec.column.numbers(series)
            columns[name] = np.full(len(series), np.nan)
            columns[name][~missing] = codec.steps(values[~missing])
        return pd.DataFrame(columns, index=range(len(frame)))

    def _fitted(self, table, rng):
        places = [p for p, codec in enumerate(self.codecs_) if isinstance(codec, CategoryCodec)]
        if self.target_.kind_ == "class":
            places.append(None)
        names = {self.names_[place] for place in places}
        synthesizer = self.model_.fitted(table, names.intersection(table.columns), rng)
        self._warn_of_collapse(table, self.model_.drawn(synthesizer, COLLAPSE_ROWS, rng))
        return synthesizer

    def _warn_of_collapse(self, table, drawn):
        for name in table.columns:
            real, made = (rows[name].value_counts(normalize=True) for rows in (table, drawn))
            if len(made) == 1 and real.iloc[0] < COMMON:
                warnings.warn(
                    f"{self.model_.name} has collapsed in column {name!r}: all rows it makes have "
                    "the same value there; try other parameters, or another generator.",
                    AugmentationWarning,
                    stacklevel=2,
                )

    def _of_one_class(self, table, code, rng):
        try:
            return self._fitted(table.reset_index(drop=True), rng)
        except (ValueError, ArithmeticError, AssertionError, LookupError) as error:
            raise InputError(
                f"{self.model_.name} cannot learn class {self.classes_.tolist()[code]!r} from its "
                f"{len(table)} row(s) alone ({type(error).__name__})",
                remedy="leave the class out, or use another generator",
            ) from error

    def _measured_shares(self, rng):
        drawn = self.model_.drawn(self.synthesizers_[None], PROBE_ROWS, rng)
        codes = self._as_codes(drawn[self.names_[None]], len(self.classes_))
        return np.bincount(codes, minlength=len(self.classes_)) / len(codes)

    def _sample(self, n, codes, rng):
        table = self._drawn(n, codes, rng)
        series = []
        for place, codec in enumerate(self.codecs_):
            if place in self.names_:
                series.append(self._decoded(codec, table[self.names_[place]]))
            else:
                series.append(codec.decode(n))
        rows = side_by_side(series) if series else pd.DataFrame(index=range(n))
        rows.columns = self.schema_.names
        number = self.target_.kind_ == "number"
        return rows, table[self.names_[None]].to_numpy(dtype=np.float64) if number else None

    def _drawn(self, n, codes, rng):
        """Rows as SDV makes them, so many and of these classes, in this order."""
        if not self.synthesizers_:
            return pd.DataFrame(index=range(n))
        if codes is None:
            return self._in_chunks(None, n, rng)
        parts, places = [], []
        wanted = np.bincount(codes, minlength=len(self.classes_))
        for code in np.flatnonzero(wanted):
            if int(code) in self.synthesizers_:
                parts.append(self._in_chunks(int(code), wanted[code], rng))
                places.append(np.flatnonzero(codes == code))
                wanted[code] = 0
        for code, rows in self._until(wanted, rng):
            parts.append(rows)
            places.append(np.flatnonzero(codes == code))
        table = pd.concat(parts, ignore_index=True)
        return table.iloc[np.argsort(np.concatenate(places), kind="stable")]

    def _in_chunks(self, which, n, rng):
        sizes = [min(CHUNK, n - start) for start in range(0, n, CHUNK)]
        drawn = [self.model_.drawn(self.synthesizers_[which], size, rng) for size in sizes]
        return pd.concat(drawn, ignore_index=True)

    def _until(self, wanted, rng):
        """Yield code and rows of each class wanted, from draws of rows of all classes."""
        if not wanted.any():
            return
        kept = {int(code): [] for code in np.flatnonzero(wanted)}
        left, shares = wanted.copy(), self.class_shares_
        n_left = PATIENCE * np.max(wanted[wanted > 0] / shares[wanted > 0]) + PROBE_ROWS
        while left.any():
            need = int(1.1 * np.max(left[left > 0] / shares[left > 0])) + 20
            drawn = self.model_.drawn(self.synthesizers_[None], min(need, CHUNK), rng)
            codes = self._as_codes(drawn[self.names_[None]], len(self.classes_))
            for code in np.flatnonzero(left):
                rows = drawn[codes == code].iloc[: left[code]]
                kept[int(code)].append(rows)
                left[code] -= len(rows)
            n_left -= len(drawn)
            if n_left < 0 and left.any():
                code = np.flatnonzero(left)[0]
                raise GeneratorError(
                    f"{self.model_.name} did not make the {wanted[code]} rows of class "
                    f"{self.classes_.tolist()[code]!r} that were asked for: {left[code]} are "
                    f"missing after {PATIENCE} times the draws expected."
                )
        for code, rows in kept.items():
            yield code, pd.concat(rows, ignore_index=True)

    def _decoded(self, codec, cells):
        column = codec.column
        if isinstance(codec, CategoryCodec):
            return codec.decode(self._as_codes(cells, codec.n_categories))
        steps = cells.to_numpy(dtype=np.float64)
        missing = ~np.isfinite(steps)
        if missing.any() and not column.has_missing:
            raise GeneratorError(
                f"{self.model_.name} made {steps[missing][0]} in column {column.name!r}, which "
                "has no missing values."
            )
        values = codec.values(np.where(missing, 0.0, steps))
        return column.cast(values, missing if column.has_missing else None)

    def _as_codes(self, cells, n):
        """Codes from texts as `_as_texts` writes them; -1, a missing cell, is the last of all."""
        codes = pd.to_numeric(cells, errors="coerce").fillna(-2).to_numpy(dtype=np.int64)
        if len(codes) and not (codes.min() >= -1 and codes.max() < n):
            raise GeneratorError(f"{self.model_.name} made a category that it was never shown.")
        return np.where(codes < 0, n - 1, codes)


def _as_texts(codes):
    return pd.Series(codes).astype(str).astype(object).to_numpy()
