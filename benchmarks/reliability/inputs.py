"""A column of identifiers, and what the self-check after every draw costs.

    python benchmarks/reliability/inputs.py --out benchmarks/results/inputs.csv
    python benchmarks/reliability/inputs.py --quick     # a tenth of the rows, no training

R19: 5,000 rows with 5,000 distinct identifiers take at most 10 s and 500 MB, or are refused by
name; no real identifier is handed on. Each way runs in a process of its own: processor time of
`fit` and `sample`, and the peak of its memory, everything imported. R3: the share of the time of
`sample` that the self-check takes, as processor time, for 100,000 rows of 20 columns; the smallest
of five.
"""

import argparse
import multiprocessing
import resource
import time

import numpy as np
import pandas as pd

from gan_augment import BootstrapGenerator, TabularGAN
from gan_augment.exceptions import InputError

WAYS = {"default": None, "ignore": {"id": "ignore"}, "regenerate": {"id": "regenerate"}}


def identifiers(rows):
    rng = np.random.default_rng(0)
    ids = [f"id{i}" for i in range(rows)]
    X = pd.DataFrame({"a": rng.normal(size=rows), "b": rng.integers(0, 99, rows), "id": ids})
    return X, np.arange(rows) % 2


def try_identifiers(way, rows, steps, answers):
    """Put into `answers`: processor seconds, peak MB, the refusal, real identifiers made."""
    X, y = identifiers(rows)
    start, refused, copied = time.process_time(), "", 0
    try:
        gan = TabularGAN(columns=WAYS[way], n_steps=steps, random_state=0).fit(X, y)
        made = gan.sample(rows)[0]["id"]
        copied = int(made.isin(X["id"]).sum())
    except InputError as error:
        refused = str(error)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers.put((seconds, peak, refused, copied))


def measure_identifiers(rows, steps):
    context, found = multiprocessing.get_context("spawn"), []
    for way in WAYS:
        answers = context.Queue()
        process = context.Process(target=try_identifiers, args=(way, rows, steps, answers))
        process.start()
        seconds, peak, refused, copied = answers.get(timeout=600)
        process.join()
        shown = f"refused: {refused[:48]}..." if refused else f"{copied} real identifiers made"
        print(f"R19 {way:10} {seconds:6.2f} s (goal 10), {peak:5.0f} MB (goal 500), {shown}")
        outcome = "refused" if refused else "learnt"
        found += [
            ("R19", f"{way} processor seconds", round(seconds, 2), "<= 10", outcome),
            ("R19", f"{way} peak MB", round(peak), "<= 500", outcome),
            ("R19", f"{way} real identifiers", copied, "0", outcome),
        ]
    return found


def mixed(rows):
    rng = np.random.default_rng(0)
    columns = {f"n{i}": rng.normal(size=rows) for i in range(8)}
    columns |= {f"i{i}": rng.integers(0, 99, rows) for i in range(4)}
    columns |= {f"k{i}": rng.choice(list("abcdefgh"), rows) for i in range(5)}
    columns["flag"] = rng.random(rows) < 0.3
    columns["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, rows), "D")
    columns["level"] = pd.Categorical(rng.choice(list("xyz"), rows))
    return pd.DataFrame(columns), np.where(rng.random(rows) < 0.2, "rare", "usual")


def measure_check(rows, steps):
    X, y = mixed(2000)
    found = []
    for generator in (TabularGAN(n_steps=steps, random_state=0), BootstrapGenerator()):
        name = type(generator).__name__
        generator.fit(X, y)
        shares = []
        for _ in range(5):
            start = time.process_time()
            made, _ = generator.sample(rows, random_state=0)
            whole, start = time.process_time() - start, time.process_time()
            generator.row_check_(made, rows, name)
            check = time.process_time() - start
            shares.append((check, whole))
        check, whole = (min(times) for times in zip(*shares, strict=True))
        print(
            f"R3  {name:18} sample {whole:.3f} s of processor, of which the self-check "
            f"{check:.3f} s = {check / whole:.1%} ({rows:,} x {X.shape[1]})"
        )
        found += [
            ("R3", f"{name} sample seconds", round(whole, 3), "", ""),
            ("R3", f"{name} self-check seconds", round(check, 3), "", ""),
        ]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out")
    given = parser.parse_args()
    rows, steps = (500, 0) if given.quick else (5000, "auto")
    found = measure_identifiers(rows, steps)
    found += measure_check(2000 if given.quick else 100_000, 0 if given.quick else "auto")
    if given.out:
        names = ["goal", "figure", "measured", "wanted", "outcome"]
        pd.DataFrame(found, columns=names).to_csv(given.out, index=False)


if __name__ == "__main__":
    main()
