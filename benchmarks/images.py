r"""Does it help on images? Learners with and without added images, beside classic controls.

For each set, images per class and seed, every method adds three times the real images, or as
many as ``--times`` says, the same number of each class; the same learners are fitted and scored
on the same real test images.

    GAN_AUGMENT_DATA=... python benchmarks/images.py --store DIR  # hours; goes on where it was
    GAN_AUGMENT_DATA=... python benchmarks/images.py --half --times 6 --learners "CNN, classic" \
        --methods none ImageGAN "mixed pixels" "between classes"  # a small network, slow
    GAN_AUGMENT_DATA=... python benchmarks/images.py --cost       # seconds of fit and sample
    GAN_AUGMENT_DATA=... python benchmarks/images.py --nearness  # spread, and copies
    python benchmarks/images.py --quick                           # scikit-learn's digits

Choices were made on the first two sets, and confirmed on the others.
"""

import argparse
import os
import tempfile
import time
import warnings
from dataclasses import replace
from pathlib import Path

# before numpy is loaded: processes, not threads, share the cores
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import _datasets as datasets  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import torch  # noqa: E402
from _store import stored  # noqa: E402
from joblib import Parallel, delayed  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors  # noqa: E402
from sklearn.svm import SVC  # noqa: E402
from torch.nn import functional  # noqa: E402

from gan_augment import (  # noqa: E402
    AugmentedClassifier,
    AugmentedData,
    BootstrapGenerator,
    CommitteeClassifier,
    GANAugmenter,
    ImageFlattener,
    ImageGAN,
    ImageTransformGenerator,
    SMOTEGenerator,
    make_pipeline,
)
from gan_augment.augmentation.labels import relabelled  # noqa: E402
from gan_augment.augmentation.resampled import learner_and_rows  # noqa: E402
from gan_augment.encoding.training_table import TrainingTable  # noqa: E402

DEVELOPMENT, CONFIRMATION = ("mnist_2k", "cifar10_500"), ("fashion_2k", "bccd_cells_dev")
PER_CLASS, SEEDS, TIMES = (10, 20, 50), 5, 3
CNN_STEPS = 400
#: The small network is trained without or with classic augmentation of its batches.
LEARNERS = "LR", "RF", "SVC", "kNN", "CNN", "CNN, classic"


def load(name, per_class, seed):
    """Training and test images in 0 to 1 and their codes; None where a class is too small."""
    images, labels, groups = datasets.images(name)
    labels = np.unique(labels, return_inverse=True)[1]
    rng = np.random.default_rng(seed)
    trains = np.zeros(len(labels), dtype=bool)
    if groups is not None:  # pictures of one slide are not independent
        slides = rng.permutation(np.unique(groups))
        trains = np.isin(groups, slides[: len(slides) // 2])
    else:
        for label in np.unique(labels):
            rows = rng.permutation(np.flatnonzero(labels == label))
            trains[rows[: len(rows) // 2]] = True
    train = []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(trains & (labels == label)))
        if len(rows) < per_class:
            return None
        train.append(rows[:per_class])
    train, test = np.concatenate(train), np.flatnonzero(~trains)
    images = images.astype(np.float32) / np.float32(images.max())
    return images[train], labels[train], images[test], labels[test]


class SmallCNN(torch.nn.Module):
    """Two convolutions and two dense layers."""

    def __init__(self, channels, side, n_classes):
        super().__init__()
        nn, inner = torch.nn, 64 * (side // 4) ** 2
        self.layers = nn.Sequential(
            nn.Conv2d(channels, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Dropout(0.3), nn.Linear(inner, 128), nn.ReLU(), nn.Dropout(0.3),
            nn.Linear(128, n_classes),
        )  # fmt: skip

    def forward(self, images):
        return self.layers(images)


def channels_first(X):
    X = X[:, None] if X.ndim == 3 else X.transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(X))


def cnn_accuracy(images, X_test, y_test, seed, *, classic, half):
    """A small network, with or without classic augmentation of every batch.

    Batches are drawn from all images alike, or `half` of real and half of added ones.
    """
    with torch.random.fork_rng():  # dropout draws from the global generator alone
        torch.manual_seed(seed)
        return _cnn_accuracy(images, X_test, y_test, classic, half)


def _cnn_accuracy(images, X_test, y_test, classic, half):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    X, X_test = channels_first(images.X).to(device), channels_first(X_test).to(device)
    y = torch.from_numpy(images.label_proba).float().to(device)
    n_real = len(X) - images.n_synthetic
    parts = ((0, n_real, 32), (n_real, len(X), 32)) if half and n_real < len(X) else ()
    model = SmallCNN(X.shape[1], X.shape[2], y.shape[1]).to(device)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    most = max(1, round(X.shape[2] / 14))
    for _ in range(CNN_STEPS):
        drawn = [torch.randint(*part[:2], part[2:]) for part in parts or ((0, len(X), 64),)]
        rows = torch.cat(drawn).to(device)
        batch = X[rows]
        if classic:
            batch = functional.pad(batch, (most,) * 4, mode="replicate")
            down, right = torch.randint(2 * most + 1, (2,)).tolist()
            batch = batch[:, :, down : down + X.shape[2], right : right + X.shape[3]]
        loss = functional.cross_entropy(model(batch), y[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        guess = model.eval()(X_test).argmax(1).cpu().numpy()
    return float((guess == y_test).mean())


def learners(seed):
    return {
        "LR": LogisticRegression(C=0.1, max_iter=200),
        "RF": RandomForestClassifier(100, random_state=seed),
        "SVC": SVC(C=10),
        "kNN": KNeighborsClassifier(3),
    }


def flat_rows(images):
    return images.reshape(len(images), -1)


def scores(data, X_test, y_test, seed, asked, half):
    """Percent accuracy of every learner that is asked for."""
    models, found = learners(seed), {}
    flat = replace(data, X=flat_rows(data.X))
    for name in asked:
        if name in models:
            model, form = learner_and_rows(models[name], flat)
            given = {} if form.sample_weight is None else {"sample_weight": form.sample_weight}
            found[name] = model.fit(form.X, form.y, **given).score(flat_rows(X_test), y_test)
            continue
        soft = data if data.label_proba is not None else replace(data, label_proba=one_hot(data.y))
        classic = name == "CNN, classic"
        found[name] = cnn_accuracy(soft, X_test, y_test, seed, classic=classic, half=half)
    return {name: 100 * value for name, value in found.items()}


def one_hot(y):
    """Labels, numbered without gaps, as the probabilities of their classes."""
    return np.eye(y.max() + 1)[y]


def gan(**parameters):
    return lambda X, y, labels, seed: (
        ImageGAN(random_state=seed, **parameters).fit(X, y).sample(y=labels)[0]
    )


def classic(**parameters):
    return lambda X, y, labels, seed: (
        ImageTransformGenerator(random_state=seed, **parameters).fit(X, y).sample(y=labels)[0]
    )


def flat(generator):
    def make(X, y, labels, seed):
        fitted = generator(random_state=seed).fit(X.reshape(len(X), -1), y)
        return fitted.sample(y=labels)[0].reshape(-1, *X.shape[1:])

    return make


def shifted_smote(X, y, labels, seed):
    """SMOTE, then a shift by at most one pixel: the control to beat."""
    blends = flat(SMOTEGenerator)(X, y, labels, seed)
    side = X.shape[1]
    return classic(shift=1 / side, rotation=0, brightness=0)(blends, labels, labels, seed)


def mixed_pixels(X, y, n, seed):
    """Blends of any two images, with their shares as labels: the control of soft labels."""
    rng = np.random.default_rng(seed)
    first, second, share = *rng.integers(len(X), size=(2, n)), rng.random(n)
    across = share.reshape(-1, *[1] * (X.ndim - 1))
    images, labels = (1 - across) * X[first] + across * X[second], one_hot(y)
    return images, (1 - share[:, None]) * labels[first] + share[:, None] * labels[second]


def between_classes(X, y, n, seed):
    return ImageGAN(random_state=seed).fit(X, y).sample_between(n)


METHODS = {
    "none": None,
    "duplicates": flat(BootstrapGenerator),
    "shift": classic(rotation=0, brightness=0),
    "classic": classic(),
    "SMOTE": flat(SMOTEGenerator),
    "SMOTE, shifted": shifted_smote,
    "ImageGAN": gan(),  # with so few images no network is trained: its prior alone
    "gan": gan(mixture={"gan": 1}),
    "free": gan(locality=0),
}
#: Images of two classes each, which say how much of each they are.
MIXED = {"mixed pixels": mixed_pixels, "between classes": between_classes}
#: The same images with the soft labels of a committee in place of the classes asked for.
LABELED = {f"{name}, soft labels": name for name in ("ImageGAN", "SMOTE, shifted", "classic")}
COMMITTEE, WEIGHT = "committee", 20.0
# "auto" is the closed loop, which is measured with the learner it serves
USUAL = [name for name in METHODS if name not in ("gan", "free")]


def auto_scores(X, y, X_test, y_test, seed, asked):
    """Percent accuracy of learners for each of which inner folds choose how images are added."""
    found, models = {}, learners(seed)
    for name, learner in ((name, models[name]) for name in asked if name in models):
        model = AugmentedClassifier(
            make_pipeline(ImageFlattener(), learner), GANAugmenter(), cv=3, random_state=seed
        )
        found[name] = 100 * model.fit(X, y).score(X_test, y_test)
    return found


def run_cell(name, per_class, seed, method, asked, times, half):
    split = load(name, per_class, seed)
    if split is None:
        return None
    X, y, X_test, y_test = split
    started = time.perf_counter()
    if method == "auto":
        found = auto_scores(*split, seed, asked)
        return {"seconds": time.perf_counter() - started, "scores": found}
    if method == COMMITTEE:  # in the place of each learner
        labeler = CommitteeClassifier(random_state=seed).fit(X, y)
        found = dict.fromkeys(asked, 100 * labeler.score(X_test, y_test))
        return {"seconds": time.perf_counter() - started, "scores": found}
    data = images_of(method, X, y, times, seed)
    seconds = time.perf_counter() - started
    if method in LABELED:
        labeler = CommitteeClassifier(random_state=seed).fit(X, y)
        data = relabelled(data, labeler, TrainingTable.of(X, y, "class"), WEIGHT)
    return {"seconds": seconds, "scores": scores(data, X_test, y_test, seed, asked, half)}


def images_of(method, X, y, times, seed):
    """The real images and those that a method adds, so many for each real one."""
    n = times * len(y)
    if method in MIXED:
        new, told = MIXED[method](X, y, n, seed)
        labels, proba = told.argmax(axis=1), np.concatenate([one_hot(y), told])
    else:
        source, proba = METHODS[LABELED.get(method, method)], None
        if source is None:
            return AugmentedData(X, y, np.zeros(len(y), dtype=bool))
        labels = np.resize(np.unique(y), n)
        new = source(X, y, labels, seed)
    X, y = np.concatenate([X, new.astype(np.float32)]), np.concatenate([y, labels])
    made = np.arange(len(y)) >= len(y) - n
    return AugmentedData(X, y, made, label_proba=proba, classes=np.unique(y))


def cell(store, name, per_class, seed, method, asked, times, half):
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    key = (name, per_class, seed, "-".join(asked), times, *["half"] * half, method)
    found = stored(store, key, lambda: run_cell(*key[:3], method, asked, times, half))
    row = {"set": name, "per class": per_class, "seed": seed, "method": method}
    return row | (found or {"error": "too few images"})


def report(rows, out):
    failed = [row for row in rows if "error" in row]
    for row in failed[:5]:
        print("failed:", row)
    frame = pd.DataFrame(
        {**{k: row[k] for k in ("set", "per class", "seed", "method", "seconds")},
         "learner": learner, "score": score}
        for row in rows if "scores" in row for learner, score in row["scores"].items()
    )  # fmt: skip
    if frame.empty:
        return
    keys = ["set", "per class", "seed", "learner"]
    wide = frame.pivot_table(index=keys, columns="method", values="score", sort=False)
    for reference in ("none", "SMOTE, shifted"):
        if reference in wide:
            print(f"\nless {reference} (points)")
            print(differences(wide, reference).round(2).to_string())
    seconds = frame.groupby("method")["seconds"].median().round(2).to_dict()
    print("\nseconds to fit and sample:", seconds)
    if out:
        means = frame.groupby(["set", "per class", "method", "learner"], sort=False).agg(
            score=("score", "mean"), seeds=("score", "size"), seconds=("seconds", "median")
        )
        out.parent.mkdir(parents=True, exist_ok=True)
        means.round(2).reset_index().to_csv(out, index=False)


def differences(wide, reference):
    gain = wide.sub(wide[reference], axis=0).drop(columns=reference)
    names = gain.index.get_level_values("set")
    found = pd.DataFrame({"mean": gain.mean()})
    found["SE"] = gain.groupby(["set", "per class", "seed"]).mean().sem()
    found["development"] = gain[names.isin(DEVELOPMENT)].mean()
    found["confirmation"] = gain[names.isin(CONFIRMATION)].mean()
    for level in ("set", "per class", "learner"):
        found = found.join(gain.groupby(level, sort=False).mean().T)
    return found


def cost():
    """Seconds that fits and draws take, as a frame."""
    digits = datasets.images("digits")
    sets = {"1,797 digits of 8x8": digits[:2]}
    if "GAN_AUGMENT_DATA" in os.environ:
        images, labels, _ = datasets.images("mnist_2k")
        rows = np.concatenate([np.flatnonzero(labels == c)[:50] for c in np.unique(labels)])
        sets["500 images of 28x28"] = images[rows], labels[rows]
    rows = []
    for name, (X, y) in sets.items():
        for mixture in ("auto", {"gan": 1}):
            started = time.perf_counter()
            fitted = ImageGAN(mixture=mixture, random_state=0).fit(X, y)
            seconds = time.perf_counter() - started
            fitted.sample(500)
            started = time.perf_counter()
            fitted.sample(4000)
            rate = 4000 / (time.perf_counter() - started)
            kind = "default" if mixture == "auto" else "GAN alone"
            rows.append({"images": name, "made by": kind, "fit, s": seconds, "images/s": rate})
    return pd.DataFrame(rows)


def nearness():
    """How much new images of a class vary, and how near they are to real ones, as a frame."""
    rows = []
    for name in (*DEVELOPMENT, *CONFIRMATION):
        split = load(name, 50, 0) or load(name, 20, 0)
        X, y, X_test, _ = split
        labels = np.resize(np.unique(y), TIMES * len(y))
        near = NearestNeighbors(n_neighbors=1).fit(X.reshape(len(X), -1))

        def distances(images, near=near):
            return near.kneighbors(images.reshape(len(images), -1))[0][:, 0]

        limit = np.quantile(distances(X_test), 0.01)
        for method in ("SMOTE", "SMOTE, shifted", "classic", "ImageGAN", "gan"):
            new = METHODS[method](X, y, labels, 0)
            ratio = _spread(new, labels) / _spread(X, y)
            share = (distances(new) < limit).mean()
            rows.append({"set": name, "images from": method, "spread": ratio, "near": share})
    print("spread: variance within a class, beside that of real images")
    print("near: nearer to a training image than all but 1 % of fresh real ones are")
    return pd.DataFrame(rows)


def _spread(images, labels):
    return np.mean([images[labels == c].var(0).sum() for c in np.unique(labels)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--cost", action="store_true")
    parser.add_argument("--nearness", action="store_true")
    parser.add_argument(
        "--learners",
        nargs="+",
        choices=LEARNERS,
        default=LEARNERS[:4],
        help="without the small network unless it is named, as it is slow",
    )
    parser.add_argument("--sets", nargs="+", default=[*DEVELOPMENT, *CONFIRMATION])
    parser.add_argument("--sizes", nargs="+", type=int, default=PER_CLASS)
    parser.add_argument("--methods", nargs="+", default=USUAL)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--times", type=int, default=TIMES, help="images added for each real one")
    parser.add_argument("--half", action="store_true", help="of each batch of the small network")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.cost or options.nearness:
        found = cost() if options.cost else nearness()
        print(found.round(3).to_string(index=False))
        if options.out:
            found.to_csv(options.out, index=False, float_format="%.4g")
        return
    if options.quick:
        options.sets, options.sizes, options.seeds = ["digits"], [10], 1
        options.methods = [
            "none", "SMOTE, shifted", "ImageGAN", "ImageGAN, soft labels", "between classes"
        ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        store = options.store or Path(folder)
        rows = Parallel(options.jobs)(
            delayed(cell)(
                store, name, size, seed, method, options.learners, options.times, options.half
            )
            for seed in range(options.seeds) for name in options.sets
            for size in options.sizes for method in options.methods
        )  # fmt: skip
    report(rows, options.out)


if __name__ == "__main__":
    main()
