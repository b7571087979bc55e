"""Images that stand on no real one, learnt from many: seconds, and how far off they are.

    GAN_AUGMENT_DATA=... python benchmarks/free_images.py SET --out FILE.csv
    python benchmarks/free_images.py --quick    # scikit-learn's digits

*Patches* are completed from nothing, in as many rounds as the row says; *a critic* teaches a
network to paint from noise. They learn from as many images of each class as ``--per-class``
says; 2,000 new ones are compared with 2,000 other real ones. *Real images* are those learnt
from, in their place. KID and FID are of features of random convolutions, and of a classifier that
was trained on yet other images (*learnt*). TSTR is the accuracy of a forest that is trained on
new images and tested on real ones. *near* is the share of images that are nearer to one learnt
from than all but 1 % of other real ones are. Seconds are of CPU.
"""

import argparse
import time
from pathlib import Path

import images as protocol
import numpy as np
import pandas as pd
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.neighbors import NearestNeighbors

from gan_augment import ImageGAN
from gan_augment.generators.image import gan as image_gan
from gan_augment.generators.image.adversarial import GAMMA
from gan_augment.metrics.image import (
    common_space,
    features_of,
    fid,
    kid_beside,
    learnt_features,
    random_features,
)
from gan_augment.nn.losses import RelativisticLoss

#: New images that are compared, and real ones that they are compared with.
COMPARED = 2000
#: Parameters of `ImageGAN` for each way to make images.
WAYS = {
    "patches": {"locality": 0.0},
    "a critic": {"locality": 0.0, "loss": RelativisticLoss(gamma=GAMMA)},
}
#: Rounds in which patches are completed.
ROUNDS = (1, 4, 16, 49)


def extractors(images, codes):
    """Features by name, those of a classifier trained on these images among them."""
    return {
        "": random_features(images.shape[1:], np.random.default_rng(0)),
        " learnt": learnt_features(images, codes, np.random.default_rng(0)),
    }


def distances(extract, real, made, fresh):
    """KID and FID by name, and how much of each is chance: that of real images."""
    found, side = {}, [channels_first(part) for part in (real, made, fresh)]
    for name, features in extract.items():
        points = common_space([features_of(features, part) for part in side])
        beside = kid_beside(*points)
        found |= {f"KID{name}": float(beside.value.value), f"FID{name}": fid(*points[:2])}
    return found


def channels_first(images):
    return protocol.channels_first(images).numpy()


def utility(X, y, X_test, y_test):
    forest = RandomForestClassifier(100, random_state=0).fit(protocol.flat_rows(X), y)
    return 100 * forest.score(protocol.flat_rows(X_test), y_test)


def timed(call):
    started = time.process_time()
    found = call()
    return found, time.process_time() - started


def nearness(X, others):
    """A function from images to the share that is nearer to these than all but 1 % of others."""
    near = NearestNeighbors(n_neighbors=1).fit(protocol.flat_rows(X))

    def apart(images):
        return near.kneighbors(protocol.flat_rows(images))[0][:, 0]

    limit = np.quantile(apart(others), 0.01)
    return lambda images: (apart(images) < limit).mean()


def made_by(way, X, y, labels, options):
    """Names of new images, these, and seconds: for each number of rounds where there are some."""
    steps = {} if options.steps is None else {"n_steps": options.steps, "mixture": {"gan": 1}}
    gan, fit = timed(lambda: ImageGAN(random_state=0, **WAYS[way] | steps).fit(X, y))
    for rounds in options.rounds if way == "patches" else ("auto",):
        made, draw = timed(lambda: gan.set_params(rounds=rounds).sample(y=labels)[0])  # noqa: B023
        name = way if rounds == "auto" else f"{way}, {rounds} rounds"
        yield name, made.astype(np.float32), {"fit s": fit, "draw s": draw}


def rows_of(name, options):
    """Figures of one set, a row for each way."""
    X, y, X_test, y_test = protocol.load(name, options.per_class, options.seed)
    order = np.random.default_rng(options.seed).permutation(len(X_test))
    compared, others = order[:COMPARED], order[COMPARED:]
    if not len(others):  # a small set: the classifier is trained on half of what is compared
        compared, others = np.array_split(order, 2)
    real, y_real = X_test[compared], y_test[compared]
    extract = extractors(channels_first(X_test[others]), y_test[others])
    near = nearness(X, X_test[others[:COMPARED]])
    labels, rows = np.resize(np.unique(y), len(real)), {}
    fresh = np.random.default_rng(options.seed).permutation(len(X))[: len(real)]

    def judged(images, codes):
        found = distances(extract, real, images, X[fresh])
        return found | {"TSTR": utility(images, codes, real, y_real)}

    for way in options.ways:
        for row, made, seconds in made_by(way, X, y, labels, options):
            rows[row] = judged(made, labels) | {"near": near(made), **seconds}
    rows["real images"] = judged(X[fresh], y[fresh]) | {"near": near(real)}
    keys = {"set": name, "per class": options.per_class, "seed": options.seed}
    found = pd.DataFrame(rows).T.rename_axis("images").reset_index()
    return found.assign(**keys).set_index([*keys, "images"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", help="half of each is learnt from, at most")
    parser.add_argument("--per-class", type=int, default=1000)
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    parser.add_argument("--rounds", nargs="+", type=int, default=ROUNDS)
    parser.add_argument("--steps", type=int, help="of training, in place of the default")
    parser.add_argument("--seed", type=int, default=0, help="of the parts, not of the networks")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", help="CSV file, to which rows are added")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.quick:
        options.sets, options.per_class, options.steps = ["digits"], 50, 20
        options.rounds = [4]
        image_gan.ALONE_IMAGES = options.per_class  # the ways of many images, with few
    for name in options.sets:
        rows = rows_of(name, options)
        print(rows.round(3).to_string(), flush=True)
        if options.out:
            rows.round(4).to_csv(options.out, mode="a", header=not Path(options.out).exists())


if __name__ == "__main__":
    main()
