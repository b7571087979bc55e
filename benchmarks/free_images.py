"""Images that a network paints from noise, of many real ones: seconds, and how far off they are.

    GAN_AUGMENT_DATA=... python benchmarks/free_images.py SET --out FILE.csv
    python benchmarks/free_images.py --quick    # scikit-learn's digits

The networks learn from as many images of each class as ``--per-class`` says; 2,000 new ones are
compared with 2,000 other real ones. *Real images* are those learnt from, in their place. KID and
FID are of features of random convolutions, and of a classifier that was trained on yet other
images (*learnt*). TSTR is the accuracy of a forest that is trained on new images and tested on
real ones. Seconds are of CPU.
"""

import argparse
import time
from pathlib import Path

import images as protocol
import numpy as np
import pandas as pd
import torch
from sklearn.ensemble import RandomForestClassifier

from gan_augment import ImageGAN
from gan_augment.metrics.image import (
    common_space,
    features_of,
    fid,
    kid_beside,
    learnt_features,
    random_features,
)

#: New images that are compared, and real ones that they are compared with.
COMPARED = 2000
#: Parameters of `ImageGAN` for each way to make images.
WAYS = {"from noise": {"locality": 0.0}, "default": {}}


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


def made_by(parameters, X, y, labels):
    """New images of a fitted network, and seconds of fit and of drawing."""
    gan, fit = timed(lambda: ImageGAN(random_state=0, **parameters).fit(X, y))
    made, draw = timed(lambda: gan.sample(y=labels)[0])
    return made, {"fit s": fit, "draw s": draw}


def rows_of(name, options):
    """Figures of one set, a row for each way."""
    X, y, X_test, y_test = protocol.load(name, options.per_class, options.seed)
    order = np.random.default_rng(options.seed).permutation(len(X_test))
    compared, others = order[:COMPARED], order[COMPARED:]
    if not len(others):  # a small set: the classifier is trained on half of what is compared
        compared, others = np.array_split(order, 2)
    real, y_real = X_test[compared], y_test[compared]
    extract = extractors(channels_first(X_test[others]), y_test[others])
    labels, rows = np.resize(np.unique(y), len(real)), {}
    fresh = np.random.default_rng(options.seed).permutation(len(X))[: len(real)]
    for way in options.ways:
        steps = {} if options.steps is None else {"n_steps": options.steps, "mixture": {"gan": 1}}
        made, seconds = made_by(WAYS[way] | steps, X, y, labels)
        rows[way] = distances(extract, real, made.astype(np.float32), X[fresh])
        rows[way] |= {"TSTR": utility(made, labels, real, y_real), **seconds}
    rows["real images"] = distances(extract, real, X[fresh], X[fresh])
    rows["real images"]["TSTR"] = utility(X[fresh], y[fresh], real, y_real)
    keys = {"set": name, "per class": options.per_class, "seed": options.seed}
    found = pd.DataFrame(rows).T.rename_axis("images").reset_index()
    return found.assign(**keys).set_index([*keys, "images"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", help="half of each is learnt from, at most")
    parser.add_argument("--per-class", type=int, default=1000)
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    parser.add_argument("--steps", type=int, help="of training, in place of the default")
    parser.add_argument("--seed", type=int, default=0, help="of the parts, not of the networks")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", help="CSV file, to which rows are added")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.quick:
        options.sets, options.per_class, options.steps = ["digits"], 50, 20
    for name in options.sets:
        rows = rows_of(name, options)
        print(rows.round(3).to_string(), flush=True)
        if options.out:
            rows.round(4).to_csv(options.out, mode="a", header=not Path(options.out).exists())


if __name__ == "__main__":
    main()
