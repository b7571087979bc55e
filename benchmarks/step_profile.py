"""Where the time of a training step goes, and how far it is from the arithmetic it needs.

    python benchmarks/step_profile.py --out FILE.csv
    python benchmarks/step_profile.py --quick

Products of matrices are counted as they are called, forward and backward, and divided by the rate
at which this machine, on one thread, multiplies the largest of them: the floor of a step.
Everything else is overhead; the profiler says of which kind.
"""

import argparse
import time

import numpy as np
import pandas as pd
import torch
from speed import table
from torch.profiler import ProfilerActivity, profile
from torch.utils._python_dispatch import TorchDispatchMode

from gan_augment import TabularGAN

SHAPES = [(400, 20, 5), (10_000, 20, 5), (10_000, 200, 5), (10_000, 20, 100)]
#: What an operation of torch is for, by the beginning of its name; the first that fits.
KINDS = [
    ("matrix products", ("aten::addmm", "aten::mm", "aten::bmm", "aten::baddbmm")),
    ("optimiser", ("aten::_fused_adam", "aten::_foreach", "aten::lerp_")),
    ("random numbers", ("aten::normal_", "aten::uniform_", "aten::random_", "aten::multinomial",
                        "aten::exponential_", "aten::bernoulli_")),
    ("gathering rows", ("aten::index", "aten::gather", "aten::scatter", "aten::embedding")),
    ("copies", ("aten::copy_", "aten::cat", "aten::clone", "aten::_to_copy", "aten::fill_")),
]  # fmt: skip


class Products(TorchDispatchMode):
    """Counts the operations of all products of matrices while it is on."""

    operations = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        if function in (torch.ops.aten.mm.default, torch.ops.aten.addmm.default):
            inner = args[-2].shape[-1]
            self.operations += 2 * made.numel() * inner
        return made


def kind_of(name):
    for kind, beginnings in KINDS:
        if name.startswith(beginnings):
            return kind
    return "elementwise and sums" if name.startswith("aten::") else "autograd and Python"


def fitted(X, y, steps):
    started = time.perf_counter()
    TabularGAN(n_steps=steps, mixture={"gan": 1}, random_state=0).fit(X, y)
    return time.perf_counter() - started


def product_rate(batch, width, hidden, repeats=200):
    """Operations a second of one product of the sizes of a step."""
    left, right = torch.randn(batch, max(width, hidden)), torch.randn(max(width, hidden), hidden)
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        left @ right
        times.append(time.perf_counter() - started)
    return 2 * batch * right.numel() / np.median(times)


def measured(n, d, levels, steps):
    """Milliseconds of a step, of its floor, and the share of each kind of operation."""
    X, y = table(n, d, levels, seed=1)
    fitted(X, y, 5)
    few, many = (np.median([fitted(X, y, count) for _ in range(3)]) for count in (10, steps))
    step = (many - few) / (steps - 10)
    with Products() as short:
        fitted(X, y, 10)
    with Products() as long:
        fitted(X, y, 60)
    operations = (long.operations - short.operations) / 50
    gan = TabularGAN(n_steps=5, mixture={"gan": 1}, random_state=0).fit(X, y)
    width = gan.codec_.width_
    floor = operations / product_rate(256, width, 128)
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        fitted(X, y, min(steps, 200))
    spent = {}
    for event in profiled.key_averages():
        kind = kind_of(event.key)
        spent[kind] = spent.get(kind, 0) + event.self_cpu_time_total
    shares = {kind: value / sum(spent.values()) for kind, value in spent.items()}
    facts = {"rows": n, "columns": d, "levels": levels, "width": width, "ms a step": 1e3 * step}
    return facts | {"MFLOP": operations / 1e6, "floor, ms": 1e3 * floor, "x floor": step / floor,
                    **shares}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", help="CSV file")
    options = parser.parse_args()
    torch.set_num_threads(1)
    shapes = [(100, 6, 3)] if options.quick else SHAPES
    found = pd.DataFrame([measured(*shape, 40 if options.quick else 300) for shape in shapes])
    print(found.round(3).T.to_string(header=False))
    if options.out:
        found.to_csv(options.out, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
