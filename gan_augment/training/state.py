"""The state of a training run: who plays, how far, and what it returns to when a game fails."""

import copy
from dataclasses import dataclass, field

import numpy as np
import torch

from gan_augment.nn.optimisers import new_optimiser

_NUMBERS = ("step", "restarts", "learning_rate", "seconds", "was_healthy", "finished")


@dataclass
class History:
    """What happened: one entry a recorded step in every list of ``records``."""

    records: dict = field(default_factory=dict)
    restarts: int = 0

    def add(self, **values):
        for name, value in values.items():
            self.records.setdefault(name, []).append(float(value))


class TrainingState:
    """Networks, optimisers and the last good networks.

    Parameters
    ----------
    generator : torch.nn.Module
    critics : list of torch.nn.Module
    config : TrainingConfig

    Attributes
    ----------
    averaged : torch.nn.Module
        Running average of the generator.
    step : int
        Steps done at the last check.
    seconds : float
        Training time until then, over all runs that went on from each other.
    finished : bool
        Whether training has come to its end, also before ``n_steps``.
    """

    def __init__(self, generator, critics, config):
        self.generator, self.critics, self.config = generator, critics, config
        self.generator_parameters = list(generator.parameters())
        self.critic_parameters = [p for critic in critics for p in critic.parameters()]
        self.players = torch.nn.ModuleList([generator, *critics])
        self.averaged = copy.deepcopy(generator)
        self.history = History()
        self.step, self.seconds, self.finished = 0, 0.0, False
        self.learning_rate = config.learning_rate
        self._new_optimisers()
        self.keep_good()
        self.was_healthy = False

    def _new_optimisers(self):
        options = {"lr": self.learning_rate, "betas": (0.0, 0.99), "fused": True}
        device = self.generator_parameters[0].device
        if device.type == "cuda":  # a recorded step reads its rate where it was when recorded
            options |= {"lr": torch.tensor(options["lr"], device=device), "capturable": True}
        self.optimisers = [
            new_optimiser(torch.optim.Adam, parameters, **options)
            for parameters in (self.generator_parameters, self.critic_parameters)
        ]

    def set_rate(self, share):
        rate = self.learning_rate * share
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                if torch.is_tensor(group["lr"]):
                    group["lr"].fill_(rate)
                else:
                    group["lr"] = rate

    @torch.no_grad()
    def follow(self, decay):
        """Move the average towards the generator."""
        averaged = list(self.averaged.parameters())
        torch._foreach_lerp_(averaged, self.generator_parameters, 1 - decay)

    def keep_good(self):
        networks = self.players, self.averaged
        self.good = [copy.deepcopy(network.state_dict()) for network in networks]
        self.was_healthy = True

    def return_to_good(self):
        """Go back to the last good networks, at a third of the learning rate."""
        self.players.load_state_dict(self.good[0])
        self.averaged.load_state_dict(self.good[1])
        self.learning_rate /= 3
        self._new_optimisers()

    # as data --------------------------------------------------------------------------------

    def arrays(self):
        """Everything that a later step depends on, as arrays by name."""
        dicts = {"players": self.players.state_dict(), "averaged": self.averaged.state_dict()}
        dicts |= {"good/players": self.good[0], "good/averaged": self.good[1]}
        for k, optimiser in enumerate(self.optimisers):
            moments = optimiser.state_dict()["state"]
            dicts |= {f"optimiser/{k}/{i}": tensors for i, tensors in moments.items()}
        found = {
            f"{prefix}/{name}": np.ascontiguousarray(tensor.detach().cpu().numpy())
            for prefix, tensors in dicts.items()
            for name, tensor in tensors.items()
        }
        return found | {f"history/{n}": np.array(v) for n, v in self.history.records.items()}

    def numbers(self):
        """The same for plain numbers."""
        values = vars(self) | {"restarts": self.history.restarts}
        return {name: values[name] for name in _NUMBERS}

    def restore(self, numbers, arrays):
        """Become the state that `numbers` and `arrays` were taken from."""
        for name in _NUMBERS:
            setattr(self.history if name == "restarts" else self, name, numbers[name])
        tree = {}
        for name, array in arrays.items():
            prefix, _, leaf = name.rpartition("/")
            tree.setdefault(prefix, {})[leaf] = torch.from_numpy(array)
        self.players.load_state_dict(tree["players"])
        self.averaged.load_state_dict(tree["averaged"])
        self.good = [tree["good/players"], tree["good/averaged"]]
        self.history.records = {n: v.tolist() for n, v in tree.get("history", {}).items()}
        self._new_optimisers()
        for k, optimiser in enumerate(self.optimisers):
            prefix = f"optimiser/{k}/"
            moments = {int(p[len(prefix) :]): t for p, t in tree.items() if p.startswith(prefix)}
            groups = optimiser.state_dict()["param_groups"]
            optimiser.load_state_dict({"state": moments, "param_groups": groups})
