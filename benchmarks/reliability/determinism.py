"""Same seed, same bytes: whatever the thread counts, the number of jobs and the global seeds.

    python benchmarks/reliability/determinism.py            # about 20 minutes of one core
    python benchmarks/reliability/determinism.py --quick

Each process has its own OMP_NUM_THREADS (1, 2, 4) and PYTHONHASHSEED. In it, 1, 2 and 4 threads
at a time do the same work with the same seed, 20 times in each setting (AugmentedClassifier: 4),
each repeat after other seeds of the global generators. The SHA-256 of every output is compared
with the first of all. Goal: all equal.

* TabularGAN: 30 steps on 500 rows; a fit and 300 new rows of all ingredients.
* ImageGAN: 5 steps on 30 images; a fit and 60 new images of all ingredients.
* AugmentedClassifier: n_samples="auto" with TabularGAN of 5 steps and n_jobs 1, 2, 4; the table of
  what was tried, the decision, the rows that were added and the predictions.
"""

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

OMP, THREADS, JOBS = (1, 2, 4), (1, 2, 4), (1, 2, 4)
HASH_SEEDS = {1: "0", 2: "1", 4: "12345"}


def table():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(500, 8)) @ rng.normal(size=(8, 8))).add_prefix("x")
    frame["kind"] = rng.choice(list("abcd"), 500)
    frame["count"] = rng.integers(0, 40, 500)
    return frame, np.where(frame["x0"] + rng.normal(size=500) > 1, "yes", "no")


def images():
    rng = np.random.default_rng(1)
    y = np.repeat([0, 1, 2], 20)
    return np.clip(rng.normal(60 + 50 * y[:, None, None], 40, (60, 16, 16)), 0, 255).astype(
        "u1"
    ), y


def digest(*parts):
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, pd.DataFrame):
            part = part.to_csv(float_format="%.17g", index=False)
        found.update(part.encode() if isinstance(part, str) else np.ascontiguousarray(part).data)
    return found.hexdigest()


def tabular(_):
    from gan_augment import TabularGAN

    ingredients = dict.fromkeys(("interpolate", "covariance", "borrow", "gan"), 1)
    gan = TabularGAN(mixture=ingredients, n_steps=30, random_state=7).fit(*table())
    X, y = gan.sample(300)
    return digest(X, "".join(y))


def image(_):
    from gan_augment import ImageGAN

    ingredients = dict.fromkeys(("interpolate", "morph", "classic", "gan"), 1)
    gan = ImageGAN(mixture=ingredients, n_steps=5, random_state=7).fit(*images())
    X, y = gan.sample(60)
    return digest(X, y)


def auto(n_jobs):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    from gan_augment import AugmentedClassifier, GANAugmenter, TabularGAN

    X, y = table()
    X, y = X.drop(columns="kind")[:100], y[:100]
    model = AugmentedClassifier(
        LogisticRegression(max_iter=300),
        GANAugmenter(TabularGAN(n_steps=5)),
        cv=StratifiedKFold(2),
        n_jobs=n_jobs,
        keep_generator=True,
        random_state=7,
    ).fit(X, y)
    results = model.search_results_
    timed = [name for name in results if "time" in name or "seconds" in name]
    new, labels = model.augmenter_.generator_.sample(50, random_state=3)
    shown = results.drop(columns=timed)
    return digest(shown, model.decision_, new, "".join(labels), model.predict_proba(X))


METHODS = {
    "TabularGAN": (tabular, (None,)),
    "ImageGAN": (image, (None,)),
    "AugmentedClassifier auto": (auto, JOBS),
}


def work(repeats, auto_repeats, n_settings):
    """What one process does: digests, counted for each method and setting."""
    import torch

    found = []
    for method, (call, jobs) in METHODS.items():
        for n_threads in THREADS[:n_settings]:
            for n_jobs in jobs[: n_settings - 1] if n_settings < len(JOBS) else jobs:
                counts = Counter()
                for repeat in range(
                    max((auto_repeats if call is auto else repeats) // n_threads, 1)
                ):
                    # other global seeds each time, on purpose: they must not matter
                    for seed in (random.seed, np.random.seed, torch.manual_seed):
                        seed(1000 * n_threads + repeat)
                    with ThreadPoolExecutor(n_threads) as pool:
                        counts.update(pool.map(call, [n_jobs] * n_threads))
                found.append([method, n_threads, n_jobs, dict(counts)])
    print(json.dumps(found))


def child(omp, *words):
    environment = os.environ | {
        "OMP_NUM_THREADS": str(omp),
        "OPENBLAS_NUM_THREADS": str(omp),
        "MKL_NUM_THREADS": str(omp),
        "PYTHONHASHSEED": HASH_SEEDS[omp],
    }
    command = [sys.executable, __file__, "--child", *map(str, words)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1 repeat, 1 and 2 threads, 1 job")
    parser.add_argument("--repeats", type=int, default=20, help="outputs for each setting")
    parser.add_argument("--auto-repeats", type=int, default=4, help="of AugmentedClassifier")
    parser.add_argument("--out", help="CSV file")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return work(*map(int, options.child))
    omps, n_settings = (OMP[:1], 2) if options.quick else (OMP, len(THREADS))
    repeats = (1, 1) if options.quick else (options.repeats, options.auto_repeats)
    rows, first, started = [], {}, time.perf_counter()
    for omp in omps:
        for method, n_threads, n_jobs, counts in child(omp, *repeats, n_settings):
            wanted = first.setdefault(method, next(iter(counts)))
            outputs, equal = sum(counts.values()), counts.get(wanted, 0)
            rows.append([method, omp, HASH_SEEDS[omp], n_threads, n_jobs or "", outputs, equal])
        print(f"OMP_NUM_THREADS={omp}: {time.perf_counter() - started:.0f} s", flush=True)
    columns = ["method", "omp", "hash_seed", "threads", "n_jobs", "outputs", "equal"]
    frame = pd.DataFrame(rows, columns=columns)
    for method, part in frame.groupby("method", sort=False):
        outputs, equal = part["outputs"].sum(), part["equal"].sum()
        print(
            f"{method}: {equal} of {outputs} outputs are equal in {len(part)} settings (goal: all)"
        )
    if options.out:
        frame.to_csv(options.out, index=False)
    return sys.exit(int((frame["outputs"] != frame["equal"]).any()))


if __name__ == "__main__":
    main()
