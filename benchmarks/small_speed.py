"""Fit time at 400 rows x 30 columns beside CTGAN's, alone and on a busy machine.

    python benchmarks/small_speed.py            # about three minutes
    python benchmarks/small_speed.py --quick

Both are fitted in this process, in turn, with their defaults; then ours again while four other
processes keep the cores busy. Medians and ratios. What a busy machine costs any work is measured
beside it, with a loop of plain matrix products: five processes on two cores leave each 40 %.
"""

import argparse
import subprocess
import sys
import time

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from gan_augment import TabularGAN


def table(n=400):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(n, 29)) @ rng.normal(size=(29, 29)))
    frame.columns = [f"x{i}" for i in frame]
    frame["kind"] = rng.choice(list("abcd"), n)
    return frame, (frame["x0"] > 0).astype(int).to_numpy()


def seconds(call, repeats):
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return float(np.median(times))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", help="CSV file")
    options = parser.parse_args()
    quick = options.quick
    frame, y = table()
    TabularGAN(n_steps=5).fit(frame, y)  # imports

    def ours():
        TabularGAN(n_steps=20 if quick else "auto", random_state=0).fit(frame, y)

    def control():
        for _ in range(20 if quick else 2000):
            matrix @ matrix

    matrix = np.random.default_rng(0).normal(size=(128, 128)).astype(np.float32)
    with threadpool_limits(1):
        control_alone = seconds(control, 1 if quick else 5)
    alone = seconds(ours, 1 if quick else 5)
    spin = [sys.executable, "-c", "while True: sum(range(10000))"]
    busy = [subprocess.Popen(spin) for _ in range(4)]
    try:
        loaded = seconds(ours, 1 if quick else 5)
        with threadpool_limits(1):
            control_loaded = seconds(control, 1 if quick else 5)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    print(f"TabularGAN: {alone:.2f} s alone, {loaded:.2f} s beside four busy processes, "
          f"ratio {loaded / alone:.2f}; matrix products: "
          f"ratio {control_loaded / control_alone:.2f}")  # fmt: skip

    from ctgan import CTGAN

    def peer():
        CTGAN(epochs=2 if quick else 300).fit(frame.assign(y=y), ["kind", "y"])

    theirs = seconds(peer, 1 if quick else 2)
    print(f"CTGAN: {theirs:.2f} s; ours is {theirs / alone:.1f} times as fast")
    if options.out:
        busy_name = "{}, beside four busy processes"
        found = {
            "TabularGAN, alone": (alone, 1.0),
            busy_name.format("TabularGAN"): (loaded, loaded / alone),
            busy_name.format("matrix products"): (control_loaded, control_loaded / control_alone),
            "CTGAN, alone": (theirs, theirs / alone),
        }
        found = pd.DataFrame.from_dict(found, orient="index", columns=["seconds", "ratio"])
        found.round(3).to_csv(options.out)


if __name__ == "__main__":
    main()
