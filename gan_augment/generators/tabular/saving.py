"""A fitted TabularGAN as plain data, and back: what ``save`` writes and ``load`` restores."""

import numpy as np

from gan_augment.containers import Container
from gan_augment.containers.untrusted import is_whole, require
from gan_augment.encoding.column import KINDS
from gan_augment.encoding.schema import Schema, is_metadata
from gan_augment.encoding.table import TableCodec
from gan_augment.generators.checks import RowCheck
from gan_augment.generators.saving import (
    described_model,
    plain,
    restore_model,
    restored_network,
    try_out,
    under,
)
from gan_augment.generators.tabular.prior import StructuredPrior
from gan_augment.training.config import TrainingConfig

_PLAIN = ("mixture", "locality", "target", "n_critics", "n_steps", "time_budget", "device")
_FITTED = ("locality_", "n_steps_", "n_rows_", "n_restarts_", "n_features_in_")


def described_gan(gan):
    """Return a fitted TabularGAN as the header and the arrays of a file."""
    arrays = {f"codec/{name}": array for name, array in gan.codec_.arrays().items()}
    arrays |= {f"prior/{name}": array for name, array in gan.prior_.arrays().items()}
    return described_model(
        gan,
        "TabularGAN",
        parameters=_PLAIN,
        fitted=_FITTED,
        config=gan.config or TrainingConfig(),
        arrays=arrays,
        # pairs: the keys of a JSON object are strings, the columns of an array are not
        columns=gan.columns and [[plain(name), kind] for name, kind in _kinds(gan).items()],
        schema=gan.codec_.schema_.to_json(),
        dependencies=list(gan.codec_.dependencies_.items()),
        later=gan.codec_.later_to_plain(),
    )


def _kinds(gan):
    """The kinds chosen by hand; metadata has chosen those that the schema has."""
    if not is_metadata(gan.columns):
        return gan.columns
    columns = gan.codec_.schema_.columns
    return {c.name: c.kind for c in columns if c.kind in ("category", "regenerate", "ignore")}


def restore_gan(gan, header, arrays):
    """Make the unfitted ``gan`` the one that was saved."""
    gan.set_params(columns=_chosen_kinds(header["columns"]))
    container = Container.from_json
    restore_model(gan, header, arrays, parameters=_PLAIN, fitted=_FITTED, container=container)
    schema = Schema.from_json(header["schema"])
    require(gan.n_features_in_ == len(schema.columns), "as many columns as features")
    if all(isinstance(name, str) for name in schema.names):
        gan.feature_names_in_ = np.array(schema.names, dtype=object)
    gan.row_check_ = RowCheck.of_schema(schema)
    pairs = header["dependencies"]
    require(all(is_whole(place) for pair in pairs for place in pair), "places of columns")
    later = header["later"]
    places = [place for i, j, _ in later for place in (i, j)]
    require(all(is_whole(place) for place in places), "places of dates")
    require(len({i for i, _, _ in later}) == len(later), "dates that follow one other")
    arrays_of_codec = under("codec/", arrays)
    gan.codec_ = TableCodec.from_arrays(schema, dict(pairs), arrays_of_codec, later)
    has_number = gan.codec_.target_scale_ is not None
    require(has_number == (gan.target_.kind_ == "number"), "a scale of a target that is a number")
    gan.prior_ = StructuredPrior.from_arrays(
        gan.codec_.blocks_, under("prior/", arrays), len(gan.group_counts_)
    )
    gan.module_ = _network(gan, header, arrays)
    mixtures = [{"interpolate": 1}] + [{"gan": 1}] * (gan.module_ is not None)
    try_out(gan, arrays, [{"mixture": mixture} for mixture in mixtures], _draw)
    return gan


def _chosen_kinds(pairs):
    if pairs is None:
        return None
    chosen = dict(pairs)
    names = all(isinstance(name, str) or is_whole(name, -(2**63)) for name in chosen)
    require(names and all(kind in KINDS for kind in chosen.values()), "columns of known kinds")
    return chosen


def _draw(gan, groups, rng):
    from gan_augment.generators.tabular.adversarial import draw_rows

    return draw_rows(gan, groups, rng)


def _network(gan, header, arrays):
    if not header["trained"]:
        return restored_network(header, arrays, None)
    from gan_augment.generators.tabular.adversarial import new_generator
    from gan_augment.nn.table import RowLayout

    blocks = gan.codec_.blocks_
    widths = [block.stop - block.start for block in blocks if block.activation != "score"]
    members = arrays["module/layout.members"]
    require(members.shape == (sum(widths), len(widths)), "a layout of as many places")
    layout = RowLayout(blocks)  # as large as the array just seen, so not of any size
    for name, wanted in layout.state_dict().items():
        same = np.array_equal(arrays[f"module/layout.{name}"], wanted.numpy())
        require(same, "the layout of its own columns")
    return restored_network(
        header, arrays, lambda rng: new_generator(gan, rng, n_rows=0, layout=layout)
    )
