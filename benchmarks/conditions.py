"""Rows under conditions: whether the other columns are those of real rows that meet them.

    GAN_AUGMENT_DATA=... python benchmarks/conditions.py     # some minutes
    python benchmarks/conditions.py --quick                  # made data

A set is split into training rows and others. Conditions are a range (the upper quarter of the
number of most values), a level (that nearest to a quarter of the rows) and both. C2ST is the area
under the curve of a boosted tree that tells new rows from real ones that were not trained on, on
the columns that the condition leaves free and the target, of as many rows of both:

where       rows made with `where=`, beside real rows that meet the condition
chosen      rows made without, of which those are taken that meet it, beside the same real rows
whole       rows made without, beside real rows: what the generator reaches anyhow
completed   as where, but every row is completed around fixed cells, common as they may be

All four compare as many rows and the same columns, as the area depends on both, and are means of
several draws.
"""

import argparse
import time
from unittest import mock

import _fidelity
import numpy as np
import pandas as pd
from free_rows import SETS, TARGET, table, told_apart

from gan_augment import TabularGAN
from gan_augment.generators.tabular import around

#: The three sets, the most rows compared, the fewest, those drawn to choose from, and draws.
NAMES, MOST, LEAST, DRAWN, DRAWS = ("adult", "telco_churn", "taxis"), 2000, 40, 80_000, 4


def conditions(frame):
    """Conditions on the columns of a table, by what they are."""
    X = frame.drop(columns=TARGET)
    numbers, words = X.select_dtypes("number"), X.select_dtypes(exclude="number")
    words = words[[name for name in words if words[name].nunique() <= 20]]
    name = numbers.nunique().idxmax()
    found = {"range": {name: (float(numbers[name].quantile(0.75)), None)}}
    shares = words.apply(lambda c: (c.value_counts(normalize=True) - 0.25).abs()).stack()
    if len(shares):
        level, column = shares.idxmin()
        found["level"] = {column: level}
        found["both"] = found["range"] | found["level"]
    return found


def meets(frame, where):
    """Which rows meet conditions."""
    met = np.ones(len(frame), dtype=bool)
    for name, asked in where.items():
        met &= frame[name] >= asked[0] if isinstance(asked, tuple) else frame[name] == asked
    return met


def c2st(real, made, where, n, rng):
    """C2ST of n rows of both, on the columns without a condition."""
    sides = [frame.iloc[rng.permutation(len(frame))[:n]] for frame in (real, made)]
    sides = [side.drop(columns=list(where)) for side in sides]
    for side in sides:
        for name in side.select_dtypes("datetime"):
            side[name] = (side[name] - pd.Timestamp(0)).dt.total_seconds()
    sides = _fidelity.as_categories(sides)
    return told_apart(*(side.reset_index(drop=True) for side in sides))


def with_target(X, y):
    return X.assign(**{TARGET: np.asarray(y)})


def figures(name, quick, most_rows, steps):
    """Yield the lines of one set."""
    frame, _ = table(name, quick)
    order = np.random.default_rng(0).permutation(len(frame))
    n = min(SETS.get(name, 400), len(frame) // 2, most_rows)
    train, rest = (frame.iloc[part].reset_index(drop=True) for part in (order[:n], order[n:]))
    started = time.process_time()
    gan = TabularGAN(n_steps=20 if quick else steps, mixture={"gan": 1}, random_state=0)
    gan.fit(train.drop(columns=TARGET), train[TARGET])
    print(f"{name}: {n:,} rows, fitted in {time.process_time() - started:.0f} s of CPU time")
    free = with_target(*gan.sample(2000 if quick else DRAWN, random_state=1))
    rng = np.random.default_rng(0)
    for what, where in conditions(train).items():
        real = rest[meets(rest, where)]
        chosen = free[meets(free, where)]
        n = min(len(real), len(chosen), MOST)
        if n < LEAST:
            continue
        made = with_target(*gan.sample(DRAWS * n, where=where, random_state=2))
        assert meets(made, where).all()
        with mock.patch.object(around, "MOST_DRAWN", 0):
            completed = with_target(*gan.sample(DRAWS * n, where=where, random_state=2))
        sides = [(real, made), (real, chosen), (rest, free), (real, completed)]
        areas = [
            [c2st(*side, where, n, rng) for _ in range(1 if quick else DRAWS)] for side in sides
        ]
        means = (f"{np.mean(area):.3f}" for area in areas)
        yield [name, what, str(where)[:50], f"{meets(train, where).mean():.3f}", n, *means]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", default=NAMES)
    parser.add_argument("--quick", action="store_true", help="made data and little training")
    parser.add_argument("--rows", type=int, default=10_000, help="training rows at most")
    parser.add_argument("--steps", type=int, help="training steps")
    options = parser.parse_args()
    lines = []
    for name in ["made"] if options.quick else options.sets:
        lines += figures(name, options.quick, options.rows, options.steps or "auto")
        titles = ["set", "condition", "", "share", "rows", "where", "chosen", "whole", "completed"]
        print(pd.DataFrame(lines, columns=titles).to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
