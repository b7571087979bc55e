"""Who was in the training set? Three attacks on synthetic rows, by size of the set and locality.

From each set three times n rows are drawn: members, whom a generator sees; others, whom none
sees; and, for the control without a leak, n more. Each generator makes twice as many rows as it
saw, with the classes of the members. An attacker who has these and all real rows scores each
row by nearness to a synthetic row, by nearness against the row's surroundings, and by DOMIAS (see
``gan_augment/metrics/privacy.py``). The figure is the area under the ROC curve of members against
others, of that attack of the three whose mean over seeds is largest, with its upper 95 % bound.
The same rows and seeds serve every generator; "minority" looks at the smallest class alone.

Goals: a bound of at most 0.55 from 300 members on; below, at most 0.03 above one Gaussian fitted
to the members; and at least 0.25 below SMOTE.

    GAN_AUGMENT_DATA=... python benchmarks/reliability/membership.py --out benchmarks/results
    python benchmarks/reliability/membership.py --quick
"""

import argparse
import os
import sys
import time
import warnings
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import _methods as methods  # noqa: E402
import _protocol as protocol  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from scipy.stats import t  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402
from sklearn.model_selection import train_test_split  # noqa: E402

from gan_augment import BootstrapGenerator, SMOTEGenerator, TabularGAN  # noqa: E402
from gan_augment.metrics.privacy import membership_scores, one_gaussian  # noqa: E402

SETS = ("breast_cancer", "digits", "steel_plates", "telco_churn")
SIZES = (50, 150, 300, 500)
ATTACKS = ("distance", "calibrated distance", "DOMIAS")
TIMES = 2  # synthetic rows for each member
LEAST_SEEDS = 4


class Draw:
    """Rows of one set and seed: members, others and those of the control."""

    def __init__(self, name, n, seed):
        frame, y, _ = protocol.load(name)
        groups = frame_parts(len(frame), y, n, seed)
        self.n, self.seed = n, seed
        self.frames = [frame.iloc[at].reset_index(drop=True) for at in groups]
        self.targets = [y[at] for at in groups]
        self.features = protocol.Features(pd.concat(self.frames[:2], ignore_index=True))
        self.points = [self.features(part) for part in self.frames]
        self.labels = np.repeat(self.targets[0], TIMES)
        counts = np.bincount(self.targets[0])
        self.rarest = np.where(counts > 0, counts, counts.sum()).argmin()

    def rows(self, make):
        """Synthetic points of one of our generators fitted to the members."""
        generator = make(random_state=self.seed).fit(self.frames[0], self.targets[0])
        return self.features(generator.sample(y=self.labels, random_state=self.seed)[0])

    def smote(self):
        """SMOTE among the points, which need not be numbers in the table."""
        found = SMOTEGenerator(random_state=self.seed).fit(self.points[0], self.targets[0])
        return found.sample(y=self.labels)[0]

    def copula(self):
        """Points of SDV's GaussianCopula fitted to the members."""
        m = len(self.labels)
        make = methods.peer("GaussianCopula")
        return make(self.frames[0], self.targets[0], self.features, m, self.seed)[0]

    def gaussian(self, part):
        """Points of one Gaussian fitted to the members (0) or to the control's rows (2)."""
        rng = np.random.default_rng(self.seed)
        return one_gaussian(self.points[part], len(self.labels), rng)

    def attacks(self, synthetic):
        """Areas by attack: of all rows, and of the smallest class alone."""
        scores = membership_scores(*self.points[:2], synthetic)
        member = np.arange(2 * self.n) < self.n
        rare = np.concatenate(self.targets[:2]) == self.rarest
        both = rare.any() and len(np.unique(member[rare])) == 2
        return {
            name: (
                roc_auc_score(member, scores[name]),
                roc_auc_score(member[rare], scores[name][rare]) if both else np.nan,
            )
            for name in ATTACKS
        }


def frame_parts(size, y, n, seed):
    """Positions of three disjoint samples of n rows with the same classes."""
    at, parts = np.arange(size), []
    for part in range(3):
        kept, at = train_test_split(at, train_size=n, stratify=y[at], random_state=seed + part)
        parts.append(kept)
    return parts


def gan(**parameters):
    def rows(draw):
        return draw.rows(lambda random_state: TabularGAN(random_state=random_state, **parameters))

    return rows


#: name -> (points of a draw, seeds it is measured with)
GENERATORS = {
    "no leak": (lambda draw: draw.gaussian(2), 8),
    "one Gaussian": (lambda draw: draw.gaussian(0), 8),
    "duplicates": (lambda draw: draw.rows(BootstrapGenerator), 8),
    "SMOTE": (lambda draw: draw.smote(), 8),
    "TabularGAN": (gan(), 4),
    "locality=1": (gan(locality=1.0), 2),
    "locality=0.5": (gan(locality=0.5), 2),
    "locality=0": (gan(locality=0.0), 4),
    "covariance alone": (gan(mixture={"covariance": 1}), 8),
    "GaussianCopula": (lambda draw: draw.copula(), 2),
}


def measure(names, sizes, seeds, wanted):
    """One line for each set, size, seed, generator and attack."""
    lines = []
    for name in names:
        rows = len(protocol.load(name)[0])
        for n in (n for n in sizes if 3 * n < rows):
            for seed in range(seeds):
                draw = Draw(name, n, seed)
                for who, (make, limit) in GENERATORS.items():
                    if who not in wanted or seed >= limit:
                        continue
                    start = time.perf_counter()
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        found = draw.attacks(make(draw))
                    key = {"set": name, "n": n, "seed": seed, "generator": who}
                    seconds = time.perf_counter() - start
                    for attack, (whole, minority) in found.items():
                        facts = {"AUC": whole, "minority": minority, "seconds": seconds}
                        lines.append(key | {"attack": attack} | facts)
            print(f"{name}, {n} members", flush=True)
    return pd.DataFrame(lines)


def upper_bound(values):
    """The one-sided 95 % bound of a mean; NaN of fewer than four seeds, which fix none."""
    k = values.notna().sum()
    if k < LEAST_SEEDS:
        return np.nan
    return values.mean() + t.ppf(0.95, k - 1) * values.std() / np.sqrt(k)


def summary(lines):
    """The worst attack of each set, size and generator."""
    found = []
    for key, part in lines.groupby(["set", "n", "generator"], sort=False):
        row = dict(zip(("set", "n", "generator"), key, strict=True))
        for column in ("AUC", "minority"):
            by_attack = part.groupby("attack")[column]
            worst = by_attack.mean().idxmax() if part[column].notna().any() else ATTACKS[0]
            values = by_attack.get_group(worst)
            ends = {column: values.mean(), f"{column} bound": upper_bound(values)}
            row |= ({"attack": worst} if column == "AUC" else {}) | ends
        found.append(row | {"seeds": part["seed"].nunique(), "seconds": part["seconds"].median()})
    return pd.DataFrame(found)


def judge(found):
    """Say for ours whether the goals are met."""
    at = found.set_index(["set", "n", "generator"])["AUC"]
    for row in found[
        found["generator"].isin(("TabularGAN", "locality=0", "covariance alone"))
    ].to_dict("records"):
        here = at[row["set"], row["n"]]
        goal = 0.55 if row["n"] >= 300 else here["one Gaussian"] + 0.03
        under = row["AUC bound"] <= goal, row["AUC"] <= here["SMOTE"] - 0.25
        words = ["met" if ok else "MISSED" for ok in under]
        print(
            f"{row['set']:14s} n={row['n']:<4d} {row['generator']:16s} AUC {row['AUC']:.3f}, "
            f"bound {row['AUC bound']:.3f}, goal {goal:.3f}: {words[0]}; SMOTE - 0.25 = "
            f"{here['SMOTE'] - 0.25:.3f}: {words[1]}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="one set, 50 members, 4 seeds of some"
    )
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--out", type=Path, help="folder of the CSV file")
    arguments = parser.parse_args()
    wanted, sets, sizes, seeds = list(GENERATORS), arguments.sets, SIZES, 8
    if arguments.quick:
        wanted, sets, sizes, seeds = [*wanted[:4], "covariance alone"], SETS[:1], (50,), 4
    found = summary(measure(sets, sizes, seeds, wanted))
    print(found.round(3).to_string(index=False))
    judge(found)
    if arguments.out:
        found.round(4).to_csv(arguments.out / "membership.csv", index=False)


if __name__ == "__main__":
    main()
