"""Does training on several processes pay, and does it come to the same?

    python benchmarks/several_processes.py            # minutes
    python benchmarks/several_processes.py --quick
    python benchmarks/several_processes.py --out several_processes.csv

One table of numbers and categories, fitted by 1, 2 and 4 processes of this machine with gloo, for
some widths of the hidden layers and rows a step. Each fit is a line:

- ``ms_a_step``: of the fastest slice between two checks, as it is least disturbed by others;
- ``distance_first`` and ``distance_all``: the largest difference of the two losses from those of
  one process, at the first check and over all.

The differences come from rounding, so a control stands beside them: *in two parts* is one process
that puts every batch through the networks in two halves, which is the same sum in another order.
More processes than cores only cost; ``cores`` says how many there are, ``load`` how many other
processes wanted them when the fit began.
"""

import argparse
import copy
import functools
import multiprocessing
import os
import tempfile

import numpy as np
import pandas as pd
import torch
import torch.distributed as dist

from gan_augment import TabularGAN, distributed_training
from gan_augment.generators import adversarial
from gan_augment.nn.losses import DualCriticsLoss, RelativisticLoss
from gan_augment.training.config import TrainingConfig
from gan_augment.training.processes import OneProcess

LOSSES = {"relativistic": (RelativisticLoss(), 1), "dual": (DualCriticsLoss(), 2)}
#: Loss, width of the hidden layers, rows a step, steps, steps between checks.
QUICK = [("dual", 16, 32, 30, 5)]
FULL = [
    ("relativistic", 128, 256, 200, 10),
    ("dual", 128, 256, 200, 10),
    ("relativistic", 512, 2048, 20, 2),
    ("relativistic", 1024, 2048, 8, 1),
]


def table(n, n_numbers=20):
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(n, n_numbers)) @ rng.normal(size=(n_numbers, n_numbers))
    frame = pd.DataFrame(mixed).add_prefix("x")
    for k in range(4):
        frame[f"kind{k}"] = rng.choice(list("abcdef"), n)
    return frame, (frame["x0"] > 0).astype(int).to_numpy()


class InTwoParts(OneProcess):
    """One process that puts a batch through the networks in two halves."""

    def share_rows(self, network):
        def halves(forward, *tensors):
            parts = zip(*(tensor.tensor_split(2) for tensor in tensors), strict=True)
            return torch.cat([forward(*part) for part in parts])

        view = copy.copy(network)
        object.__setattr__(view, "forward", functools.partial(halves, network.forward))
        return view


def fit(loss, width, batch, steps, every):
    """The history of one fit."""
    objective, n_critics = LOSSES[loss]
    config = TrainingConfig(hidden_dim=width, batch_size=batch, check_every=every)
    gan = TabularGAN(
        mixture={"gan": 1}, n_steps=steps, loss=objective, n_critics=n_critics, config=config,
        random_state=0, device="cpu",
    )  # fmt: skip
    return gan.fit(*table(3 * batch)).history_


def member(said, rank, n, meeting, given):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=n)
    with distributed_training() as processes:
        history = fit(*given)
        if processes.is_first:
            said.put(history)
    dist.destroy_process_group()


def by_processes(n, *given):
    if n == 1:
        return fit(*given)
    spawn = multiprocessing.get_context("spawn")
    said = spawn.SimpleQueue()
    with tempfile.TemporaryDirectory() as folder:
        arguments = [(said, rank, n, f"{folder}/meeting", given) for rank in range(n)]
        members = [spawn.Process(target=member, args=each) for each in arguments]
        for process in members:
            process.start()
        history = said.get()
        for process in members:
            process.join()
    return history


def in_two_parts(*given):
    ask = adversarial.current_processes
    adversarial.current_processes = InTwoParts
    try:
        return fit(*given)
    finally:
        adversarial.current_processes = ask


def line(who, given, history, one):
    loss, width, batch, _, every = given
    slices = np.diff(history["seconds"])
    apart = [
        np.abs(np.subtract(history[name], one[name])) for name in ("critic_loss", "generator_loss")
    ]
    return {
        "loss": loss,
        "width": width,
        "batch": batch,
        "trained_by": who,
        "ms_a_step": 1e3 * float(np.min(slices)) / every,
        "distance_first": float(np.max([each[0] for each in apart])),
        "distance_all": float(np.max(apart)),
        "steps": int(history["step"][-1]),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", help="CSV file")
    options = parser.parse_args()
    numbers = (1, 2) if options.quick else (1, 2, 4)
    rows, one = [], None
    torch.set_num_threads(1)
    for given in QUICK if options.quick else FULL:
        makers = {
            f"{n} process" + "es" * (n > 1): functools.partial(by_processes, n) for n in numbers
        }
        makers["1 in two parts"] = in_two_parts
        for who, make in makers.items():
            load = os.getloadavg()[0] if hasattr(os, "getloadavg") else np.nan
            history = make(*given)
            one = history if who == "1 process" else one
            rows.append(line(who, given, history, one))
            rows[-1] |= {"cores": os.cpu_count(), "load": load}
    found = pd.DataFrame(rows)
    print(found.to_string(index=False, float_format="{:.3g}".format))
    if options.out:
        found.to_csv(options.out, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
