"""Does memory stay flat? Fit, sample, save and load, again and again, in one process.

    python benchmarks/reliability/soak.py            # 200 cycles
    python benchmarks/reliability/soak.py --quick    # 12 cycles

Tables and images alternate. After a warm-up of a fifth of the cycles, resident memory is read
after each one, and a line is fitted: its slope, with a 95 % interval from blocks of ten cycles,
since neighbouring readings hang together. Goal: less than 5 MB for 100 cycles, and as many file
descriptors and threads at the end as at the start. Linux only.

    ONEDNN_PRIMITIVE_CACHE_CAPACITY=0 python benchmarks/reliability/soak.py --trim

leaves out what is no leak: free memory that the C library keeps, and torch's cache of compiled
kernels, which holds at most 1024 shapes and fills as new shapes come.
"""

import argparse
import ctypes
import gc
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from gan_augment import ImageGAN, TabularGAN, load

GOAL = 5.0  # MB for 100 cycles
BLOCK = 10


def table(rng):
    frame = pd.DataFrame(rng.normal(size=(200, 6))).add_prefix("x")
    frame["kind"] = rng.choice(list("abcd"), 200)
    return frame, rng.integers(0, 2, 200)


def images(rng):
    return rng.integers(0, 255, (40, 8, 8), dtype=np.uint8), np.repeat([0, 1], 20)


def cycle(number, path):
    """One life of a generator, on data of its own."""
    rng = np.random.default_rng(number)
    if number % 2:
        generator, data = ImageGAN(mixture={"morph": 1, "gan": 1}, n_steps=5), images(rng)
    else:
        generator, data = TabularGAN(mixture={"borrow": 1, "gan": 1}, n_steps=20), table(rng)
    generator.set_params(random_state=number).fit(*data).sample(100)
    generator.save(path)
    load(path).sample(100)


def reading():
    """Resident memory in MB, open file descriptors, threads of Python and of the system."""
    status = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in status)
    resident, threads = int(fields["VmRSS"].split()[0]) / 1024, int(fields["Threads"])
    return resident, len(os.listdir("/proc/self/fd")), threading.active_count(), threads


def slope(resident):
    """Growth in MB for 100 cycles, and its 95 % interval."""
    n = len(resident) // BLOCK
    if n < 4:
        fit = stats.linregress(range(len(resident)), resident)
        wide, degrees, cycles = fit, len(resident) - 2, 1
    else:
        means = np.reshape(resident[len(resident) - n * BLOCK :], (n, BLOCK)).mean(1)
        wide, degrees, cycles = stats.linregress(range(n), means), n - 2, BLOCK
    half = stats.t.ppf(0.975, degrees) * wide.stderr
    return tuple(
        100 / cycles * value for value in (wide.slope, wide.slope - half, wide.slope + half)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="12 cycles")
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--trim", action="store_true", help="give free memory back first")
    parser.add_argument("--out", help="CSV file")
    options = parser.parse_args()
    cycles = 12 if options.quick else options.cycles
    warm_up, rows, started = max(cycles // 5, 2), [], time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(cycles):
            cycle(number, Path(folder) / "model")
            gc.collect()
            if options.trim:
                ctypes.CDLL(None).malloc_trim(0)
            if number >= warm_up:
                rows.append([number, *reading()])
    columns = ["cycle", "resident_mb", "descriptors", "python_threads", "system_threads"]
    frame = pd.DataFrame(rows, columns=columns)
    growth, low, high = slope(frame["resident_mb"].to_numpy())
    resident = frame["resident_mb"]
    print(f"{cycles} cycles in {time.perf_counter() - started:.0f} s, {warm_up} of them warm-up")
    print(f"resident memory: {resident.iloc[0]:.1f} MB, at the end {resident.iloc[-1]:.1f} MB")
    print(f"growth for 100 cycles: {growth:.2f} MB [{low:.2f}, {high:.2f}] (goal: below {GOAL:g})")
    for name in columns[2:]:
        print(f"{name}: {frame[name].iloc[0]}, at the end {frame[name].iloc[-1]} (goal: the same)")
    if options.out:
        frame.round(3).to_csv(options.out, index=False)
    flat = (frame[columns[2:]].iloc[0] == frame[columns[2:]].iloc[-1]).all()
    return sys.exit(0 if options.quick or (flat and growth < GOAL) else 1)


if __name__ == "__main__":
    main()
