"""Does a generator teach more if it is trained for the labeler? Rows with soft labels.

The committee is distilled into a small network that can be differentiated: a student of the whole
and of two members of different kinds. A further term of the generator's loss rewards rows of which
the committee is unsure and about which the two members disagree. Learners get 1,000 rows of the
prior, of the generator without the term and of generators with it, labelled by the same committee.

    GAN_AUGMENT_DATA=... python benchmarks/generator_for_labels.py --store DIR
    GAN_AUGMENT_DATA=... python benchmarks/generator_for_labels.py --sizes 2000 --store DIR
    python benchmarks/generator_for_labels.py --quick            # scikit-learn's wine

Choices are made on these sets, half of those of `benchmarks/utility.py`.
"""

import argparse
import os
import warnings
from functools import partial
from pathlib import Path
from unittest import mock

# before numpy is loaded: one thread
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import _protocol as protocol  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import torch  # noqa: E402
from _methods import equal_labels  # noqa: E402
from _store import stored  # noqa: E402
from torch import nn  # noqa: E402

from gan_augment import AugmentedData, CommitteeClassifier, TabularGAN  # noqa: E402
from gan_augment.augmentation.labels import relabelled  # noqa: E402
from gan_augment.containers import to_pandas  # noqa: E402
from gan_augment.encoding.training_table import TrainingTable  # noqa: E402
from gan_augment.generators.tabular import adversarial  # noqa: E402
from gan_augment.nn.table import RowLayout  # noqa: E402

ROWS, WEIGHT = 1000, 20.0
#: Two members of different kinds.
MEMBERS = "forest", "network"
#: Rows that the student learns from, its steps, and steps of which one is against the critic.
STUDENT_ROWS, STUDENT_STEPS, CRITIC_EVERY = 3000, 400, 3
#: Weight of the term, and whether it grows from nothing in the course of training.
METHODS = {
    "prior": None,
    "GAN": (0.0, False),
    "weight .5": (0.5, False),
    "weight 8": (8.0, False),
    "weight 8, annealed": (8.0, True),
}


def answers(committee, features):
    """What the committee and the two members say, as an array (n, 3, classes)."""
    prepared = committee.features_.transform(to_pandas(features)[0])
    members = [
        np.mean([model.predict_proba(prepared) for model in committee.members_[name]], axis=0)
        for name in MEMBERS
    ]
    return np.stack([committee.predict_proba(features), *members], axis=1)


def distilled(wide, told):
    """A network that answers as these do of rows in their wide form."""
    n, heads, classes = told.shape
    student = nn.Sequential(
        nn.Linear(wide.shape[1], 64), nn.LeakyReLU(), nn.Linear(64, 64), nn.LeakyReLU(),
        nn.Linear(64, heads * classes), nn.Unflatten(1, (heads, classes)), nn.LogSoftmax(2),
    )  # fmt: skip
    optimiser = torch.optim.Adam(student.parameters(), lr=3e-3)
    for _ in range(STUDENT_STEPS):
        rows = torch.randint(n, (256,))
        loss = -(told[rows] * student(wide[rows])).sum(2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return student.requires_grad_(False)


def dispute(told):
    """How unsure the first and how unlike the two others are, each from 0 to 1: (n,), (n,)."""
    unsure = -(told[:, 0].exp() * told[:, 0]).sum(1) / np.log(told.shape[2])
    first, second = told[:, 1], told[:, 2]
    middle = ((first.exp() + second.exp()) / 2).log()
    apart = [(one.exp() * (one - middle)).sum(1) for one in (first, second)]
    return unsure, sum(apart) / 2 / np.log(2)


class DisputeTask(adversarial.RowTask):
    """Training with the further term; the generator meets the critic in `n_updates` steps."""

    def __init__(self, *args, student, weight, annealed, n_updates, **kwargs):
        super().__init__(*args, **kwargs)
        self.student, self.weight, self.annealed = student, weight, annealed
        self.critic_every, self.n_updates, self.done = CRITIC_EVERY, n_updates, 0

    def generate(self, generator, batch):
        rows, further = super().generate(generator, batch)
        self.done += 1
        share = self.done / self.n_updates if self.annealed else 1.0
        unsure, apart = dispute(self.student(rows))
        return rows, further - share * self.weight * (unsure + apart).mean()


class GANForLabels(TabularGAN):
    """A TabularGAN whose rows are to be disputed among a committee, its `labeler`."""

    def prepare(self, labeler, features, weight, annealed):
        self.labeler, self.features, self.term = labeler, features, (weight, annealed)
        return self

    def _train(self, rows, groups, rng, stream=None):
        starts = rng.choice(len(self.group_counts_), size=STUDENT_ROWS)
        made = self.prior_.sample(starts, rng)
        told = answers(self.labeler, self.features(self.codec_.decode(made)[0]))
        made = adversarial.as_tensors(made)
        wide = RowLayout(self.codec_.encoding_.blocks).widen(made.numbers, made.codes)
        told = torch.from_numpy(told).float()
        with torch.random.fork_rng():  # the student draws from the global generator alone
            torch.manual_seed(int(rng.integers(2**31)))
            student = distilled(wide[300:], told[300:])
        self.student_error_ = float((student(wide[:300]).exp() - told[:300]).abs().mean())
        task = partial(
            DisputeTask,
            student=student,
            weight=self.term[0],
            annealed=self.term[1],
            n_updates=self.n_steps_ / CRITIC_EVERY,
        )
        with mock.patch.object(adversarial, "RowTask", task):
            return super()._train(rows, groups, rng, stream)


def rows_of(term, labeler, features, train, y, seed, steps):
    """A fitted generator of rows with such a term; None is the prior."""
    if term is None:
        return TabularGAN(n_steps=0, target="class", random_state=seed).fit(train, y)
    gan = GANForLabels(
        mixture={"gan": 1}, n_steps=steps, target="class", device="cpu", random_state=seed
    )
    return gan.prepare(labeler, features, *term).fit(train, y)


def run_cell(name, n, seed, steps):
    """Scores, and what the rows are like, by method; None if the set is too small."""
    split = protocol.split(name, n, seed)
    if split is None:
        return None
    train, y, test, y_test, rarest = split
    features = protocol.Features(train)
    X, X_test = features(train), features(test)
    labeler = CommitteeClassifier(random_state=seed).fit(X, y)
    table, found = TrainingTable.of(X, y, "class"), {}
    for method, term in METHODS.items():
        made = rows_of(term, labeler, features, train, y, seed, steps)
        new, labels = made.sample(y=equal_labels(y, ROWS))
        all_rows, target = np.vstack([X, features(new)]), np.concatenate([y, labels])
        data = AugmentedData(all_rows, target, np.arange(len(target)) >= n)
        data = relabelled(data, labeler, table, WEIGHT)
        scores = protocol.scored(
            protocol.classifiers(seed), X, y, X_test, y_test, rarest, n_real=n, data=data
        )
        told = np.log(np.maximum(answers(labeler, features(new)), 1e-9))
        unsure, apart = (float(v.mean()) for v in dispute(torch.from_numpy(told)))
        found[method] = {
            "scores": {learner: [s["roc_auc"], s["log_loss"]] for learner, s in scores.items()},
            "rows": [unsure, apart, getattr(made, "student_error_", np.nan)],
        }
    return found


def report(cells, out):
    """Differences to the prior's rows and to the GAN's without the term, by size."""
    scores = pd.DataFrame(
        (*key, method, learner, *values)
        for key, found in cells for method, one in found.items()
        for learner, values in one["scores"].items()
    )  # fmt: skip
    scores.columns = ["set", "n", "split", "method", "learner", "ROC AUC", "log loss"]
    shown = []
    for metric in ("ROC AUC", "log loss"):
        keys = ["set", "n", "split", "learner"]
        wide = scores.pivot_table(index=keys, columns="method", values=metric)
        for less in ("prior", "GAN"):
            by_set = wide.sub(wide[less], axis=0).groupby(["n", "set"]).mean().groupby("n")
            mean, error = by_set.mean().T.stack(), by_set.sem().T.stack()
            columns = {"metric": metric, "less": less, "difference": mean, "SE": error}
            shown.append(pd.DataFrame(columns).rename_axis(["method", "n"]).reset_index())
    found = pd.concat(shown)
    found = found[(found["method"] != found["less"]) & (found["method"] != "prior")]
    print(found.round(3).to_string(index=False))
    rows = pd.DataFrame((key[1], m, *one["rows"]) for key, f in cells for m, one in f.items())
    rows.columns = ["n", "method", "unsure", "members apart", "error of the student"]
    print(rows.groupby(["n", "method"], sort=False).mean().round(3).to_string())
    if out:
        found.to_csv(out, index=False, float_format="%.4g")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    sets = [name for name in protocol.DEVELOPMENT if name != "soybean"]  # 19 classes take long
    parser.add_argument("--sets", nargs="+", default=sets)
    parser.add_argument("--sizes", nargs="+", type=int, default=[200, 500])
    parser.add_argument("--splits", type=int, default=1)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    steps = "auto"
    if options.quick:
        options.sets, options.sizes, options.splits, steps = ["wine"], [50], 1, 30
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # convergence of the learners
    cells = []
    for seed in range(options.splits):
        for name in options.sets:
            for n in options.sizes:
                run = partial(run_cell, name, n, seed, steps)
                found = stored(options.store, (name, n, seed, "for labels"), run)
                if found and "error" in found:
                    print("failed:", name, n, found["error"])
                elif found:
                    cells.append(((name, n, seed), found))
    report(cells, options.out)


if __name__ == "__main__":
    main()
