"""The four groups of figures of images: each takes samples and returns metrics and tables."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gan_augment.containers import flat_rows
from gan_augment.evaluation.catalog import RANKED, WORST_SHARE
from gan_augment.evaluation.fidelity_group import GUESS
from gan_augment.evaluation.image_catalog import image_metric
from gan_augment.evaluation.image_samples import rms
from gan_augment.metrics import privacy
from gan_augment.metrics.copies import GREYS
from gan_augment.metrics.diversity import nearest_rows, prdc, spread_beside
from gan_augment.metrics.features import Feature
from gan_augment.metrics.fidelity import c2st
from gan_augment.metrics.image import (
    LEAST_TRAINED,
    common_space,
    features_of,
    fid_beside,
    kid_beside,
    learnt_features,
    together,
)
from gan_augment.metrics.uncertainty import (
    Estimate,
    mean_estimate,
    mean_of_independent,
    share_estimate,
    wilson,
)
from gan_augment.metrics.utility import beside_real, panel_table

#: Directions of the pixels that the model which tells images apart is given beside the features.
PIXEL_DIRECTIONS = 30
#: Images of each set in the search for copies.
SEARCHED_IMAGES = 5_000
#: Share of fresh images that are nearer to a training image than what counts as near.
NEAR = 0.01
#: The panel, in the order of its figures.
LEARNERS = ("linear model", "nearest neighbours", "random forest")

_TREES = 100


@dataclass(frozen=True)
class Views:
    """The images compared, three sides each: real, synthetic and fresh.

    Parameters
    ----------
    features, pixels : list of ndarray of shape (n, d)
        Points, see `common_space`.
    learnt : list of lists of ndarray
        Points of two classifiers, each of the half of the images it was not trained on.
    """

    features: list
    pixels: list
    learnt: list


def views_of(samples, extract, rng):
    """Return the images compared as points.

    Parameters
    ----------
    samples : ImageSamples
    extract : callable
        Images to features.
    rng : numpy.random.Generator
        Trains the classifiers.

    Returns
    -------
    Views
    """
    images, (_, _, labels) = samples.compared(), samples.labels()
    features = common_space([features_of(extract, side) for side in images])
    pixels = [flat_rows(side) for side in images]
    pixels = common_space(pixels, scaled=False, most=PIXEL_DIRECTIONS)
    learnt = []
    if labels is not None and samples.n >= 2 * LEAST_TRAINED:
        for half in (0, 1):
            trained = np.arange(samples.n) % 2 == half
            if len(np.unique(labels[trained])) > 1:
                net = learnt_features(images[2][trained], labels[trained], rng)
                sides = [features_of(net, side[~trained]) for side in images]
                learnt.append(common_space(sides))
    return Views(features, pixels, learnt)


def fidelity(samples, views, rng):
    """Return FID, KID and the C2ST, and the most implausible images.

    Parameters
    ----------
    samples : ImageSamples
    views : Views
    rng : numpy.random.Generator

    Returns
    -------
    metrics : list of Metric
    tables : dict of {str: pandas.DataFrame}
    """
    metrics = []
    for suffix, spaces in (("", [views.features]), ("_learnt", views.learnt)):
        for name, beside, low in (("fid", fid_beside, 0.0), ("kid", kid_beside, -np.inf)):
            if spaces:
                found = together([beside(*points) for points in spaces])
                facts = {"scale": found.scale, "low": low, "high": np.inf}
                metrics.append(image_metric(samples, name + suffix, *found[:2], **facts))
    sides = [np.hstack(pair) for pair in zip(views.features, views.pixels, strict=True)]
    names = tuple(Feature(j, "number", "number") for j in range(sides[0].shape[1]))
    test, fresh = (
        c2st(names, sides[0], side, rng=rng, telling=False) for side in (sides[1], sides[2])
    )
    floored = Estimate(max(fresh.auc.value, GUESS), fresh.auc.error)
    facts = {"scale": 1 - GUESS, "best": GUESS}
    metrics.append(image_metric(samples, "c2st", test.auc, floored, **facts))
    worst = _ranked(samples, "synthetic", samples.synthetic_at, test.probability, "P(synthetic)")
    return metrics, {"implausible_rows": worst}


def _ranked(samples, name, positions, score, title):
    order = np.argsort(-score, kind="stable")[:RANKED]
    found = pd.DataFrame({"row": positions[order], title: score[order]})
    if samples.codes is not None:
        found["class"] = [samples.label(name, at) for at in found["row"]]
    return found.set_index("row")


def diversity(samples, views):
    """Return precision, recall, density, coverage and the spread, and real images not covered.

    Parameters
    ----------
    samples : ImageSamples
    views : Views

    Returns
    -------
    metrics : list of Metric
    tables : dict of {str: pandas.DataFrame}
    """
    real, other, fresh = views.features
    made, covered, reach = prdc(real, other)
    beside, _, _ = prdc(real, fresh)
    metrics = [
        image_metric(
            samples, name, made[name], beside[name], high=np.inf if name == "density" else 1
        )
        for name in made
    ]
    metrics += _spread(samples)
    missed = np.flatnonzero(~covered)
    table = _ranked(samples, "real", samples.real_at[missed], reach[missed], "distance in radii")
    return metrics, {"uncovered_rows": table}


def _spread(samples):
    pixels = [flat_rows(side) for side in samples.compared()]
    labels = [None if side is None else side.astype(float) for side in samples.labels()]
    overall, by_class = spread_beside(pixels, labels)
    metrics = [image_metric(samples, "within_class_variance", *overall)]
    if samples.codes is not None:
        for code, sides in by_class.items():
            label = str(samples.classes[int(code)])
            metrics.append(image_metric(samples, "within_class_variance", *sides, by=label))
    return metrics


def utility(samples, rng):
    """Return TSTR and TRTS of three learners on the pixels, beside TRTR.

    Parameters
    ----------
    samples : ImageSamples
        With labels.
    rng : numpy.random.Generator

    Returns
    -------
    metrics : list of Metric
    tables : dict of {str: pandas.DataFrame}

    References
    ----------
    S. Ravuri and O. Vinyals (2019), Classification accuracy score for conditional generative
    models; there with one large network.
    """
    X = [flat_rows(side) for side in samples.compared()]
    y, seed = samples.labels(), int(rng.integers(2**31))
    scores = {"trtr": {}, "tstr": {}, "trts": {}}
    for name, model in zip(LEARNERS, _panel(seed, samples.n), strict=True):
        guess = _fitted(model, X[0], y[0])
        scores["trtr"][name] = _balanced(guess(X[2]), y[2])
        scores["trts"][name] = _balanced(guess(X[1]), y[1])
        scores["tstr"][name] = _balanced(_fitted(model, X[1], y[1])(X[2]), y[2])
    metrics, chance = [], 1 / len(np.unique(y[2]))
    for name, who, value, reference in beside_real(scores):
        scale = float(max(reference.value - chance, 0.1))
        metrics.append(image_metric(samples, name, value, reference, by=who, scale=scale))
    return metrics, {"utility": panel_table(scores)}


def _panel(seed, n):
    linear = LogisticRegression(C=0.1, max_iter=300, tol=1e-3)
    return (
        # Pixels share a unit already; one that hardly ever moves must not become the largest.
        make_pipeline(StandardScaler(with_std=False), linear),
        KNeighborsClassifier(min(5, n)),
        RandomForestClassifier(_TREES, random_state=seed),
    )


def _fitted(model, X, y):
    """Return a function that predicts; of one class there is nothing to learn."""
    if len(np.unique(y)) == 1:
        return lambda others: np.full(len(others), y[0])
    return model.fit(X, y).predict


def _balanced(guess, y):
    """Return the mean over classes of the share predicted rightly."""
    return mean_of_independent([share_of(guess[y == code] == code) for code in np.unique(y)])


def share_of(hits):
    """Return a share, with an error that is not 0 where all or none are hit."""
    n, share = len(hits), float(np.mean(hits))
    middle = (hits.sum() + 1) / (n + 2)
    return Estimate(share, float(np.sqrt(middle * (1 - middle) / n)))


def privacy_group(samples, views, rng):
    """Return copies, distances to training images and the membership attack.

    Parameters
    ----------
    samples : ImageSamples
    views : Views
    rng : numpy.random.Generator

    Returns
    -------
    metrics : list of Metric
    tables : dict of {str: pandas.DataFrame}
    """
    train, fresh = (flat_rows(side) for side in samples.trained_and_fresh(SEARCHED_IMAGES))
    made = flat_rows(samples.images["synthetic"])
    at = rng.permutation(len(made))[:SEARCHED_IMAGES]
    some = made[at]
    metrics = [_copies(samples, made)]
    to_train, fresh_to_train = (nearest_rows(side, train, 1)[0][:, 0] for side in (some, fresh))
    # Up to rounding: distances of copies are not exactly 0.
    limit = np.quantile(fresh_to_train, NEAR) + 1e-6
    near = to_train <= limit
    metrics.append(
        image_metric(
            samples,
            "near_copies",
            mean_estimate(near),
            share_estimate(fresh_to_train <= limit),
            interval=wilson(int(near.sum()), len(near)),
            n=len(near),
            scale=WORST_SHARE,
        )
    )
    facts = {"n": len(near), "scale": 0.5}
    copying = privacy.closeness_without_holdout(train, fresh, some)["dcr_share"]
    metrics.append(image_metric(samples, "data_copying", copying, 0.5, **facts))
    if samples.has_holdout:
        n = min(len(train), len(fresh))
        share = privacy.closeness_shares(train[:n], fresh[:n], some)["dcr_share"]
        metrics.append(image_metric(samples, "dcr_share", share, 0.5, **facts))
        members, synthetic, others = (views.pixels[i] for i in (0, 1, 2))
        metrics += _attacks(samples, members, others, synthetic, rng)
    return metrics, {"nearest_neighbours": _closest(samples, at, some)}


def _keys(images):
    """Return bytes for each image, equal for those that are one file, as `RealRows` has it."""
    cells = np.rint(flat_rows(images) * GREYS).astype(np.int32)
    return np.ascontiguousarray(cells).view(np.dtype((np.void, 4 * cells.shape[1]))).ravel()


def _copies(samples, made):
    real, own = _keys(samples.images["real"]), _keys(made)
    copied = np.isin(own, real)
    if samples.has_holdout:
        fresh = np.isin(_keys(samples.images["holdout"]), real)
    else:
        _, at, counts = np.unique(real, return_inverse=True, return_counts=True)
        fresh = counts[at] > 1
    interval = wilson(int(copied.sum()), len(copied))
    facts = {"n": len(copied), "interval": interval, "scale": WORST_SHARE}
    return image_metric(
        samples, "exact_copies", mean_estimate(copied), share_estimate(fresh), **facts
    )


def _attacks(samples, members, others, synthetic, rng):
    worst, interval, chance, attacks = privacy.membership_attack(members, others, synthetic, rng)
    facts = {"n": len(members), "scale": 0.5}
    metrics = [image_metric(samples, "membership", worst, chance, interval=interval, **facts)]
    for name, estimate in attacks.items():
        metrics.append(image_metric(samples, "membership", estimate, 0.5, by=name, **facts))
    return metrics


def _closest(samples, at, some):
    """Return the synthetic images nearest to a real one, with the real ones they are near to."""
    real = flat_rows(samples.images["real"])
    far, near = nearest_rows(some, real, 1)
    order = np.argsort(far[:, 0], kind="stable")[:RANKED]
    found = pd.DataFrame(
        {
            "synthetic_row": at[order],
            "real_row": near[order, 0],
            "distance": rms(far[order, 0], real),
        }
    )
    if samples.codes is not None:
        for name in ("synthetic", "real"):
            found[f"{name}_class"] = [samples.label(name, i) for i in found[f"{name}_row"]]
    return found
