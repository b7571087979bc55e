"""Does a pool that is refilled from row groups teach more than the sample alone?

    GAN_AUGMENT_DATA=... python benchmarks/row_groups.py --out benchmarks/results/row_groups.csv
    python benchmarks/row_groups.py --quick      # made data, few steps

One table in a Parquet file of many row groups is learnt three ways: read into memory; from the
file with a sample of a tenth of its rows and the pool refilled from row groups; from the file with
that sample alone. The prior and the scales stand on the sample in both of the last. Each figure is
the area under a curve: TSTR of a boosted tree trained on synthetic and tested on unseen real rows
(higher is better), C2ST of one that tells synthetic from unseen real rows (0.5 is best).
"""

import argparse
import pathlib
import tempfile
import time

import pandas as pd
from _fidelity import quality
from large_table import table as adult_or_made

from gan_augment import TabularGAN
from gan_augment.generators.tabular import adversarial, on_disk

WAYS = ("memory", "pool", "sample")


def fitted(way, path, frame, y, held, **options):
    gan = TabularGAN(**options)
    if way == "memory":
        return gan.fit(frame, y)
    before = on_disk.HELD_ROWS, adversarial.REFILL_STEPS
    on_disk.HELD_ROWS = held
    if way == "sample":
        adversarial.REFILL_STEPS = 10**9  # never
    try:
        return gan.fit(path, "target")
    finally:
        on_disk.HELD_ROWS, adversarial.REFILL_STEPS = before


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", help="CSV file")
    options = parser.parse_args()
    frame, y, _ = adult_or_made(options.quick)
    y = pd.Series(y, name="target")
    n_train, held, steps = (30_000, 3_000, [1000, 4000])
    if options.quick:
        n_train, held, steps, options.seeds = 1200, 300, [60], 1
        on_disk.FEWEST_ROWS = held
    found = []
    for seed in range(options.seeds):
        order = pd.Series(range(len(frame))).sample(frac=1, random_state=seed).to_numpy()
        train, test = order[:n_train], order[n_train:]
        X, labels = (rows.iloc[train].reset_index(drop=True) for rows in (frame, y))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "rows.parquet"
            X.assign(target=labels).to_parquet(path, row_group_size=n_train // 30)
            for n_steps in steps:
                for way in WAYS:
                    started = time.perf_counter()
                    gan = fitted(way, path, X, labels, held, n_steps=n_steps, random_state=seed)
                    seconds = time.perf_counter() - started
                    wanted = labels.iloc[: len(test)]
                    made, made_y = gan.sample(y=wanted)
                    unseen, unseen_y = frame.iloc[test], y.iloc[test]
                    unseen = unseen.reset_index(drop=True)[: len(made)]
                    facts = quality(unseen, unseen_y.reset_index(drop=True)[: len(made)],
                                    made, made_y, frame.iloc[test], unseen_y)  # fmt: skip
                    line = {"seed": seed, "steps": n_steps, "way": way}
                    line |= {k: facts[k] for k in ("KS", "TV", "TSTR", "C2ST")}
                    found.append(line | {"fit s": seconds})
                    print(line, f"{seconds:.1f} s", flush=True)
    found = pd.DataFrame(found)
    print(found.groupby(["steps", "way"]).mean().drop(columns="seed").round(4))
    if options.out:
        found.round(4).to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
