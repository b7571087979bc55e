"""A fitted TabularGAN as plain data, and back: what ``save`` writes and ``load`` restores."""

import numpy as np

from gan_augment.codecs.schema import Schema
from gan_augment.codecs.table import TableCodec
from gan_augment.containers import Container
from gan_augment.generators.model_file import (
    plain,
    restore_model,
    restored_network,
    under,
    write_model,
)
from gan_augment.generators.prior import StructuredPrior
from gan_augment.generators.selfcheck import RowCheck
from gan_augment.training.config import TrainingConfig

_PLAIN = ("mixture", "locality", "target", "n_critics", "n_steps", "time_budget", "device")
_FITTED = ("locality_", "n_steps_", "n_rows_", "n_restarts_", "n_features_in_")


def save_gan(gan, path):
    """Write a fitted TabularGAN to ``path``; see :mod:`gan_augment.persistence` for the format."""
    arrays = {f"codec/{name}": array for name, array in gan.codec_.arrays().items()}
    arrays |= {f"prior/{name}": array for name, array in gan.prior_.arrays().items()}
    write_model(
        gan,
        path,
        "TabularGAN",
        parameters=_PLAIN,
        fitted=_FITTED,
        config=gan.config or TrainingConfig(),
        arrays=arrays,
        # pairs: the keys of a JSON object are strings, the columns of an array are not
        columns=gan.columns and [[plain(name), kind] for name, kind in gan.columns.items()],
        schema=gan.codec_.schema_.to_json(),
        dependencies=list(gan.codec_.dependencies_.items()),
    )


def restore_gan(gan, header, arrays):
    """Make the unfitted ``gan`` the one that was saved."""
    gan.set_params(columns=header["columns"] and dict(header["columns"]))
    container = Container.from_json
    restore_model(gan, header, arrays, parameters=_PLAIN, fitted=_FITTED, container=container)
    schema = Schema.from_json(header["schema"])
    if all(isinstance(name, str) for name in schema.names):
        gan.feature_names_in_ = np.array(schema.names, dtype=object)
    gan.row_check_ = RowCheck.of_schema(schema)
    dependencies = {int(k): int(v) for k, v in header["dependencies"]}
    gan.codec_ = TableCodec.from_arrays(schema, dependencies, under("codec/", arrays))
    gan.prior_ = StructuredPrior.from_arrays(gan.codec_.blocks_, under("prior/", arrays))
    gan.module_ = restored_network(header, arrays, lambda rng: _untrained(gan, rng))
    return gan


def _untrained(gan, rng):
    from gan_augment.generators.table_training import new_generator

    return new_generator(gan, rng, n_rows=0)
