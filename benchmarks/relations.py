"""Relations between columns: whether they are found, kept, and found where there are none; time.

    python benchmarks/relations.py            # some minutes
    python benchmarks/relations.py --quick

Tables are made with a known relation, and beside the share of new rows that break it stands the
share of rows that do when their columns are shuffled. Of real sets, those that ship with
scikit-learn and those in the folder that GAN_AUGMENT_DATA names, each column is shuffled: what is
found then is a false discovery.
"""

import argparse
import json
import time

import _datasets
import numpy as np
import pandas as pd

from gan_augment import TabularGAN
from gan_augment.encoding.relations.evidence import TrainingRows
from gan_augment.encoding.relations.find import near_relations, relations_of
from gan_augment.encoding.schema import Schema
from gan_augment.exceptions import InputError


def trips(rng, n):
    start = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 10**7, n), "s")
    end = start + pd.to_timedelta(rng.exponential(900, n).round(), "s")
    return pd.DataFrame({"start": start, "end": end.where(rng.random(n) > 0.05)})


def zones(rng, n):
    zone = rng.integers(1, 60, n)
    return pd.DataFrame({"zone": zone, "borough": pd.Series(zone // 9).astype(str)})


def blocks(rng, n):
    known = pd.DataFrame({name: rng.choice(list("abcdef"), n) for name in ("one", "two")})
    return pd.get_dummies(known, dtype=int)


def bars(rng, n):
    ends = np.sort(rng.normal(50, 5, (n, 3)).round(2), axis=1)
    return pd.DataFrame(ends, columns=["low", "close", "high"])


MADE = (trips, zones, blocks, bars)


def kept(make, n, steps):
    """Shares of broken rows: real, shuffled and new ones."""
    rng = np.random.default_rng(0)
    frame = make(rng, n).assign(noise=rng.normal(size=n))
    gan = TabularGAN(n_steps=steps, random_state=0).fit(frame)
    tables = frame, shuffled(frame, rng), gan.sample(n)[0]
    for relation in gan.relations_:
        shares = [f"{relation.broken(table).mean():7.2%}" for table in tables]
        print(f"{make.__name__:8s}", *shares, relation)


def shuffled(frame, rng):
    return frame.apply(lambda column: column.iloc[rng.permutation(len(column))].array)


def false_discoveries(n_sets, n_shuffles):
    """How many relations are found in shuffled sets, and in how many tables they were sought."""
    names = list(_datasets.BUILT_IN)
    if _datasets.folder() is not None:
        manifest = json.loads((_datasets.folder() / "manifest.json").read_text())
        names += [entry["name"] for entry in manifest if entry["file"].endswith(".csv")]
    tables, found = 0, []
    for name in names[:n_sets]:
        frame = _datasets.load(name)[0]
        for seed in range(n_shuffles):
            mixed = shuffled(frame, np.random.default_rng(seed))
            try:
                schema = Schema.infer(mixed)
            except InputError:  # a set that has to be converted first
                continue
            tables += 1
            rows = TrainingRows(mixed, schema)
            kept = relations_of(rows)
            found += [f"{name}: {relation}" for relation in kept + near_relations(rows, kept)]
    return tables, found


def seconds(n_rows, n_columns):
    """CPU seconds to look for relations in a table of all sorts of columns."""
    rng = np.random.default_rng(0)
    columns = {}
    for i in range(n_columns):
        levels = rng.integers(0, [2, 40, 300, 10**6][i % 4], n_rows)
        columns[f"c{i}"] = levels if i % 8 < 4 else levels.astype(float) / 7
        if i % 4 == 1:
            columns[f"c{i}"] = pd.Series(levels).astype(str)
    frame = pd.DataFrame(columns)
    schema = Schema.infer(frame)
    started = time.process_time()
    rows = TrainingRows(frame, schema)
    near_relations(rows, relations_of(rows))
    return time.process_time() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small tables and little training")
    quick = parser.parse_args().quick
    print("rows that break it: real, shuffled, new")
    for make in MADE:
        kept(make, 400 if quick else 3000, 5 if quick else "auto")
    tables, found = false_discoveries(4 if quick else None, 2 if quick else 10)
    print(f"found in {tables} tables of shuffled columns:", found or "nothing")
    for n_rows, n_columns in [(1000, 50)] if quick else [(10_000, 50), (1_000_000, 20)]:
        print(f"{n_rows:,} x {n_columns}: {seconds(n_rows, n_columns):.2f} s of CPU time")


if __name__ == "__main__":
    main()
