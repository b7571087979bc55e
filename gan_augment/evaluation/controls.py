"""The controls of every comparison: cheap ways to as many rows, beside training on none."""

from __future__ import annotations

from gan_augment.generators.base import BaseGenerator

#: Names of the controls that add rows, and what a verdict calls them.
CONTROLS = {"duplicates": "repeating real rows", "SMOTE": "SMOTE"}


def control_generators() -> dict[str, BaseGenerator]:
    """Return the generators of the controls, by name."""
    from gan_augment.generators.controls import BootstrapGenerator, SMOTEGenerator

    return {"duplicates": BootstrapGenerator(), "SMOTE": SMOTEGenerator(impute=True)}
