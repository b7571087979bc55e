"""SDV's synthesizers as this package needs them: seeded, silent, and checked before they train."""

import inspect
import warnings
from dataclasses import dataclass, field

from gan_augment.exceptions import InputError, LicenceNotice
from gan_augment.generators.global_seeds import seeded_globals
from gan_augment.randomness import small_seed

_TABLE = "table"
_NAMES = ("CTGAN", "TVAE", "CopulaGAN", "GaussianCopula")
#: The public methods that a synthesizer is used by.
_METHODS = ("fit", "sample", "reset_sampling")
_NOTICE = (
    "SDV and its models are under the Business Source License 1.1, which is not an open-source "
    "licence: read https://github.com/sdv-dev/SDV/blob/main/LICENSE before you use them in "
    "production. (This notice is given once.)"
)
_noticed = []


@dataclass(frozen=True)
class SDVModel:
    """A kind of synthesizer with its parameters: makes fitted ones, and draws from them.

    Parameters
    ----------
    name : str
    kind : type
    parameters : dict
    """

    name: str
    kind: type
    parameters: dict = field(default_factory=dict)

    @classmethod
    def of(cls, synthesizer, parameters):
        """Look up a synthesizer by name or class.

        Raises
        ------
        InputError
            If there is no such synthesizer, or it does not take such parameters.
        """
        import sdv.single_table as known

        if isinstance(synthesizer, str):
            if synthesizer not in _NAMES:
                raise InputError(
                    f"synthesizer={synthesizer!r} is unknown: pass one of {', '.join(_NAMES)}, or "
                    "a synthesizer class of SDV."
                )
            kind = getattr(known, f"{synthesizer}Synthesizer")
        else:
            kind = synthesizer
            if not (isinstance(kind, type) and all(hasattr(kind, name) for name in _METHODS)):
                raise InputError(
                    f"synthesizer={synthesizer!r} is no single-table synthesizer of SDV: pass one "
                    f"of {', '.join(_NAMES)}, or the class (not an object of it)."
                )
        model = cls(kind.__name__.removesuffix("Synthesizer"), kind, dict(parameters or {}))
        model._check_parameters()
        return model

    def _check_parameters(self):
        taken = inspect.signature(self.kind).parameters
        if "metadata" in self.parameters:
            raise InputError("parameters has 'metadata': pass it as metadata=.")
        unknown = [name for name in self.parameters if name not in taken]
        if unknown:
            raise InputError(
                f"parameters has {unknown[0]!r}, which {self.name} does not take: choose from "
                f"{', '.join(name for name in taken if name != 'metadata')}."
            )
        values = {name: given.default for name, given in taken.items()} | self.parameters
        pac, size = values.get("pac"), values.get("batch_size")
        if isinstance(pac, int) and isinstance(size, int) and (size % 2 or size % max(pac, 1)):
            raise InputError(
                f"parameters has batch_size={size} and pac={pac}, but {self.name} needs an even "
                "batch that pac divides: change either."
            )

    def fitted(self, table, categories, rng):
        """Return a synthesizer fitted to a frame.

        Parameters
        ----------
        table : DataFrame
            Columns of float64, or of texts where `categories` names them.
        categories : set of str
        rng : numpy.random.Generator
        """
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

    def drawn(self, synthesizer, n, rng):
        """Return n >= 1 rows of a fitted synthesizer, the same for the same state of rng."""
        seed = small_seed(rng)
        with seeded_globals(seed):
            # every fitted one starts from the same seed of SDV's own, unless it is told another
            synthesizer.reset_sampling()
            synthesizer._set_random_state(seed)
            return synthesizer.sample(n)[_TABLE]


def _notice_once():
    if not _noticed:
        _noticed.append(True)
        warnings.warn(_NOTICE, LicenceNotice, stacklevel=2)
