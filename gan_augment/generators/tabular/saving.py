"""A fitted TabularGAN as plain data, and back: what ``save`` writes and ``load`` restores."""

from collections.abc import Mapping

import numpy as np

from gan_augment.containers import Container
from gan_augment.containers.untrusted import is_whole, require, under
from gan_augment.encoding.column import KINDS, UNLEARNT
from gan_augment.encoding.schema import Schema, check_chosen, is_metadata
from gan_augment.encoding.table import TableCodec
from gan_augment.generators.checks import RowCheck
from gan_augment.generators.parameters import refuse
from gan_augment.generators.saving import SaveGeneratorMixin, plain, restored_network
from gan_augment.generators.tabular.prior import StructuredPrior
from gan_augment.process.state import torch_defaults
from gan_augment.training.config import TrainingConfig


class SaveTabularGANMixin(SaveGeneratorMixin):
    """The file of a TabularGAN: also its codec, its prior and its network."""

    _saved_as = "TabularGAN"
    _saved_parameters = (
        "mixture", "locality", "rounds", "target", "n_critics", "n_steps", "time_budget", "device",
    )  # fmt: skip
    _saved_attributes = ("locality_", "n_steps_", "n_rows_", "n_restarts_", "n_features_in_")

    def _as_data(self):
        arrays = {f"codec/{name}": array for name, array in self.codec_.arrays().items()}
        arrays |= {f"prior/{name}": array for name, array in self.prior_.arrays().items()}
        chosen = self._chosen_kinds()
        return self._describe(
            arrays,
            config=self.config or TrainingConfig(),
            # pairs: the keys of a JSON object are strings, the columns of an array are not
            columns=chosen and [[plain(name), kind] for name, kind in chosen.items()],
            schema=self.codec_.schema_.to_json(),
            relations=self.codec_.relations_to_plain(),
            near_relations=self.codec_.near_to_plain(),
        )

    def _chosen_kinds(self):
        """The kinds chosen by hand; metadata has chosen those that the schema has."""
        if not is_metadata(self.columns):
            if not isinstance(self.columns or {}, Mapping):
                refuse("columns", self.columns, "None or {name: kind}")
            check_chosen(self.columns or {}, self.codec_.schema_.names)
            return self.columns
        columns = self.codec_.schema_.columns
        return {c.name: c.kind for c in columns if c.kind in ("category", *UNLEARNT)}

    def _restore(self, header, arrays):
        self.set_params(columns=_read_kinds(header["columns"]))
        self._restore_shared(header, arrays, Container.from_json)
        schema = Schema.from_json(header["schema"])
        require(self.n_features_in_ == len(schema.columns), "as many columns as features")
        if all(isinstance(name, str) for name in schema.names):
            self.feature_names_in_ = np.array(schema.names, dtype=object)
        self.row_check_ = RowCheck.of_schema(schema)
        self.codec_ = TableCodec.from_arrays(
            schema, header["relations"], under("codec/", arrays), header["near_relations"]
        )
        has_number = self.codec_.target_scale_ is not None
        is_number = self.target_.kind_ == "number"
        require(has_number == is_number, "a scale of a target that is a number")
        self.prior_ = StructuredPrior.from_arrays(
            self.codec_.encoding_, under("prior/", arrays), len(self.group_counts_)
        )
        self.module_ = self._read_network(header, arrays)
        mixtures = [{"interpolate": 1}] + [{"gan": 1}] * (self.module_ is not None)
        self._try_out(arrays, [{"mixture": mixture} for mixture in mixtures])

    def _read_network(self, header, arrays):
        if not header["trained"]:
            return restored_network(header, arrays, None)
        from gan_augment.generators.tabular.adversarial import new_generator
        from gan_augment.nn.completion import Choices

        blocks = self.codec_.encoding_.blocks
        widths = [block.stop - block.start for block in blocks if block.activation != "score"]
        members = arrays["module/layout.members"]
        require(members.shape == (sum(widths), len(widths)), "a layout of as many places")
        with torch_defaults():
            layout = Choices(
                blocks, self._edges()
            )  # as large as the array just seen, so not of any size
        for name, wanted in layout.state_dict().items():
            same = np.array_equal(arrays[f"module/layout.{name}"], wanted.numpy())
            require(same, "the layout of its own columns")
        sizes = {"n_groups": len(self.group_counts_), "n_rows": 0, "locality": self.locality_}
        config = self.config or TrainingConfig()
        return restored_network(
            header, arrays, lambda rng: new_generator(layout, rng, config=config, **sizes)
        )

    def _draw_encoded(self, groups, rng):
        numbers, optional = self._encoded_rows(groups, rng).numbers, self.codec_.encoding_.optional
        missing = np.isnan(numbers[:, optional])  # as a value that is no number is infinite
        numbers[:, optional] = np.where(missing, 0, numbers[:, optional])
        return numbers


def _read_kinds(pairs):
    if pairs is None:
        return None
    chosen = dict(pairs)
    names = all(isinstance(name, str) or is_whole(name, -(2**63)) for name in chosen)
    require(names and all(kind in KINDS for kind in chosen.values()), "columns of known kinds")
    return chosen
