"""What a quality report of images has of its own: how sets are read, and its groups of figures.

Everything else is shared with tables: `gan_augment.evaluation.samples` and
`gan_augment.evaluation.metric_groups`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gan_augment.containers import flat_rows, is_images
from gan_augment.encoding.image import ImageCodec
from gan_augment.evaluation import metric_groups
from gan_augment.evaluation.catalog import IMAGES, RANKED, Reading, metric
from gan_augment.evaluation.samples import (
    Samples,
    checked_targets,
    random_orders,
    refuse_few,
    refuse_one_value,
)
from gan_augment.exceptions import InputError
from gan_augment.metrics import privacy
from gan_augment.metrics.copies import image_keys
from gan_augment.metrics.diversity import nearest_rows
from gan_augment.metrics.features import Feature
from gan_augment.metrics.image import (
    LEAST_TRAINED,
    common_space,
    features_of,
    fid_beside,
    kid_beside,
    learnt_features,
    random_features,
    together,
)
from gan_augment.metrics.uncertainty import Estimate, mean_of_independent

if TYPE_CHECKING:
    from gan_augment.report.page import Page

#: Images of each set that are compared, where there are more.
MAX_IMAGES = 2_000
#: Directions of the pixels that the model which tells images apart is given beside the features.
PIXEL_DIRECTIONS = 30
#: Images of each set in the search for copies.
SEARCHED_IMAGES = 5_000
#: Share of fresh images that are nearer to a training image than what counts as near.
NEAR = 0.01
#: Synthetic images that the page shows beside the real one nearest to each.
SHOWN = 24
#: The panel, in the order of its figures.
LEARNERS = ("linear model", "nearest neighbours", "random forest")

_TREES = 100


@dataclass(frozen=True)
class ImageSamples(Samples):
    """Images to compare, coded as float32 of shape (n, channels, height, width) in 0 to 1.

    Parameters
    ----------
    codes : dict of {str: ndarray of int} or None
        The class of each image.
    classes : tuple
        Labels at their codes.
    files : dict of {str: list of str}, default={}
        What the file of each image is called, where there are files.
    """

    unit: ClassVar[str] = "images"
    whole: ClassVar[str] = "set"
    measured_on_all: ClassVar[str] = "exact copies"
    catalog: ClassVar[dict[str, Reading]] = IMAGES

    codes: dict[str, np.ndarray] | None = None
    classes: tuple[Any, ...] = ()
    files: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def pixels(self) -> list[np.ndarray]:
        """The real, synthetic and fresh images compared, as rows of pixels."""
        return [flat_rows(side) for side in self.sides]

    def keys(self, name: str) -> np.ndarray:
        """Return one key an image, equal for images that are copies of each other."""
        return image_keys(self.coded[name])

    def class_codes(self, name: str) -> np.ndarray | None:
        """Return the class code of every image of one set, or None without labels."""
        return None if self.codes is None else self.codes[name]

    def class_name(self, code: float) -> Any:
        """Return the class of a code."""
        return self.classes[int(code)]

    def class_names(self, name: str, at: Any = slice(None)) -> np.ndarray:
        """Return the classes of images of one set; of all without positions."""
        codes = (self.codes or {})[name][at]
        return pd.Series(self.classes, dtype=object).to_numpy()[codes]

    def ranked(
        self, name: str, positions: np.ndarray, score: np.ndarray, title: str
    ) -> pd.DataFrame:
        """Return the positions of largest score, and their classes."""
        order = np.argsort(-score, kind="stable")[:RANKED]
        found = pd.DataFrame({"row": positions[order], title: score[order]})
        if self.codes is not None:
            found["class"] = self.class_names(name, found["row"]).tolist()
        return found.set_index("row")

    def nearest(self, at: np.ndarray, k: int = 1) -> pd.DataFrame:
        """Return the real images nearest to some synthetic ones.

        Parameters
        ----------
        at : ndarray of int, shape (m,)
            Positions among the synthetic images.
        k : int, default=1

        Returns
        -------
        pandas.DataFrame
            Columns synthetic_row and real_row, both positions, and distance, the root mean
            squared difference of the pixels as a share of their range; k lines an image.
        """
        real = flat_rows(self.coded["real"])
        far, near = nearest_rows(flat_rows(self.coded["synthetic"][at]), real, k)
        return pd.DataFrame(
            {
                "synthetic_row": np.repeat(at, near.shape[1]),
                "real_row": near.ravel(),
                "distance": far.ravel() / np.sqrt(real.shape[1]),
            }
        )

    def closest(self, at: np.ndarray) -> pd.DataFrame:
        """Return which of these synthetic images are nearest to a real one, and to which."""
        found = self.nearest(at).sort_values("distance", kind="stable").head(RANKED)
        for name in ("synthetic", "real") if self.codes is not None else ():
            found[f"{name}_class"] = self.class_names(name, found[f"{name}_row"]).tolist()
        return found.reset_index(drop=True)

    def beside(self, row: int, k: int) -> pd.DataFrame:
        """Return the real images nearest to a synthetic one."""
        found = self.nearest(np.array([row]), k).drop(columns="synthetic_row")
        if self.codes is not None:
            found["class"] = self.class_names("real", found["real_row"]).tolist()
        return found

    def settings(self) -> dict[str, Any]:
        """Return what was compared, as the report's settings have it."""
        channels, height, width = self.coded["real"].shape[1:]
        colours = "grey" if channels == 1 else f"{channels} channels"
        own = {"size": f"{height} x {width}, {colours}", "classes": len(self.classes) or None}
        return super().settings() | own

    def own_notes(self) -> list[str]:
        """Return what is missing for want of labels or of classes."""
        if self.codes is None:
            return [
                "There are no labels: spread is measured over all images instead of within "
                "classes, and neither what classes differ by nor what models learn is measured."
            ]
        made, real = (len(np.unique(self.codes[name])) for name in ("synthetic", "real"))
        return [f"Only {made} of {real} classes were made."] if made < real else []

    def page(self, report: Any) -> Page:
        """Return the page of a report on these images."""
        from gan_augment.report.images import image_page

        sets = ("real", "synthetic")
        labels = None if self.codes is None else {name: self.class_names(name) for name in sets}
        return image_page(
            report,
            images={name: self.coded[name] for name in sets},
            shown={"real": self.train_at, "synthetic": self.orders["synthetic"]},
            nearest=self.nearest(self.synthetic_at[:SHOWN]),
            labels=labels,
            classes=self.classes,
            files=self.files,
        )


def draw_images(real, synthetic, holdout=None, *, target=None, max_rows, rng):
    """Return what the quality report of images compares.

    Parameters
    ----------
    real, synthetic, holdout : ndarray of images
        Each in any layout, range and dtype; `holdout` may be None.
    target : tuple of arrays or None
        Class labels of each set.
    max_rows : int
    rng : numpy.random.Generator

    Raises
    ------
    InputError
        If these are no images of one size, too few of them, or the labels do not fit.
    """
    arrays = {"real": real, "synthetic": synthetic}
    if holdout is not None:
        arrays["holdout"] = holdout
    images = _read(arrays)
    codes, classes = _coded(images, target)
    orders = random_orders(images, rng)
    most = min(max_rows, MAX_IMAGES)
    return ImageSamples(arrays, images, orders, most, codes=codes, classes=classes)


def _read(arrays):
    """Return all sets encoded. An array of the dtype of the real one has its range, too."""
    found, first = {}, None
    for name, array in arrays.items():
        if not is_images(array):
            shape = getattr(array, "shape", None)
            what = type(array).__name__ if shape is None else f"an array of shape {shape}"
            raise InputError(
                f"is {what}, but the other data are images",
                argument=name,
                remedy="pass an array of shape (n, h, w), (n, h, w, c) or (n, c, h, w), all of "
                "them images or none",
            )
        try:
            codec = ImageCodec().fit(array)
        except InputError as error:
            raise error.about(name) from None
        first = first or codec
        if codec.shape_ != first.shape_:
            raise InputError(
                f"has images of {_size(codec.shape_)}, but those of real have "
                f"{_size(first.shape_)}",
                argument=name,
                remedy="pass images of one size",
            )
        if codec.dtype_ == first.dtype_:
            codec.value_range_ = first.value_range_
        refuse_few(name, array, "images")
        found[name] = codec.encode(array)
    return found


def _size(shape):
    return f"{shape[1]} x {shape[2]} pixels and {shape[0]} channel{'s' * (shape[0] > 1)}"


def _coded(images, target):
    """Return the class of each image as a code, and the labels."""
    if target is None:
        return None, ()
    if not isinstance(target, (tuple, list)):
        raise InputError(
            f"has to be one y for each of {', '.join(images)}, in this order",
            argument="target",
            remedy=f"pass a tuple of {len(images)} arrays of class labels",
        )
    sizes = {name: len(some) for name, some in images.items()}
    columns = checked_targets(target, sizes, "images")
    for name, series in zip(images, columns, strict=True):
        if series.isna().any():
            raise InputError(
                f"has no label for image {int(np.argmax(series.isna()))} of {name}",
                argument="target",
                remedy="leave out the images without a label",
            )
    first = columns[0]
    fractions = first.dtype.kind == "f" and bool((first % 1 != 0).any())
    if fractions or first.nunique() > len(first) // 2:
        raise InputError(
            f"has {first.nunique()} values for {len(first)} real images, so they are no classes",
            argument="target",
            remedy="pass class labels, or leave it out",
        )
    refuse_one_value(first, argument="target")
    every = pd.concat([series.astype(object).reset_index(drop=True) for series in columns])
    codes, classes = pd.factorize(every)
    order = sorted(range(len(classes)), key=lambda i: _sortable(classes[i]))
    codes = np.argsort(order)[codes]
    ends = np.cumsum([len(series) for series in columns])[:-1]
    parts = dict(zip(images, np.split(codes, ends), strict=True))
    return parts, tuple(classes[i] for i in order)


def _sortable(label):
    is_number = isinstance(label, (int, float, np.integer, np.floating))
    return (not is_number, label if is_number else str(label))


@dataclass(frozen=True)
class Views:
    """The images compared as points, three sides each: real, synthetic and fresh.

    Parameters
    ----------
    features, pixels : list of ndarray of shape (n, d)
        See `common_space`.
    learnt : list of lists of ndarray
        Points of two classifiers, each of the half of the images it was not trained on.
    """

    features: list
    pixels: list
    learnt: list


def views_of(samples, features, rng):
    """Return the images compared as points.

    Parameters
    ----------
    samples : ImageSamples
    features : callable or None
        Images to features; None for random convolutions.
    rng : numpy.random.Generator
    """
    images, (_, _, labels) = samples.sides, samples.labels()
    weights, training = rng.spawn(2)
    if features is None:
        features = random_features(images[0].shape[1:], weights)
    elif not callable(features):
        raise InputError.of(
            "features",
            features,
            "cannot be called",
            "pass a function from float32 images of shape (n, channels, height, width) in "
            "0 to 1 to an array of shape (n, w)",
        )
    features_of(features, images[0][:2])  # refused before work starts
    points = common_space([features_of(features, side) for side in images])
    pixels = common_space(samples.pixels, scaled=False, most=PIXEL_DIRECTIONS)
    learnt = []
    if labels is not None and samples.n >= 2 * LEAST_TRAINED:
        for half in (0, 1):
            trained = np.arange(samples.n) % 2 == half
            if len(np.unique(labels[trained])) > 1:
                net = learnt_features(images[2][trained], labels[trained], training)
                sides = [features_of(net, side[~trained]) for side in images]
                learnt.append(common_space(sides))
    return Views(points, pixels, learnt)


def learning_note(samples, views):
    """Return what to know of the classifier behind the learnt features, as a list."""
    if samples.codes is None:
        return []
    if not views.learnt:
        return [
            f"Features of a classifier are not compared: it takes {2 * LEAST_TRAINED} images of "
            "each set."
        ]
    return [
        "The classifier behind fid_learnt and kid_learnt is small and trained on "
        f"{samples.n // 2:,} images: the fewer, the less it has learnt and the more its figures "
        "waver."
    ]


def fidelity(samples, views, rng):
    """Return FID, KID and the C2ST, and the most implausible images."""
    metrics = []
    for suffix, spaces in (("", [views.features]), ("_learnt", views.learnt)):
        for name, beside, low in (("fid", fid_beside, 0.0), ("kid", kid_beside, -np.inf)):
            if spaces:
                found = together([beside(*points) for points in spaces])
                facts = {"scale": found.scale, "low": low, "high": np.inf}
                metrics.append(metric(samples, name + suffix, *found[:2], **facts))
    sides = [np.hstack(pair) for pair in zip(views.features, views.pixels, strict=True)]
    names = tuple(Feature(j, "number", "number") for j in range(sides[0].shape[1]))
    whole, _, worst = metric_groups.told_apart(samples, names, sides, rng)
    return [*metrics, whole], {"implausible_rows": worst}


def diversity(samples, views):
    """Return precision, recall, density, coverage and the spread, and images not covered."""
    metrics, tables = metric_groups.neighbours(samples, views.features)
    return [*metrics, *metric_groups.spread(samples, samples.pixels)], tables


def utility(samples, rng):
    """Return TSTR and TRTS of three learners on the pixels, beside TRTR.

    Parameters
    ----------
    samples : ImageSamples
        With labels.
    rng : numpy.random.Generator

    References
    ----------
    S. Ravuri and O. Vinyals (2019), Classification accuracy score for conditional generative
    models; there with one large network.
    """
    (real, made, fresh), y = samples.pixels, samples.labels()
    why = metric_groups.why_unlearnable(samples, y)
    if why:
        return metric_groups.unmeasured(samples, ("tstr", "trts"), why), {}
    scores = {"trtr": {}, "tstr": {}, "trts": {}}
    panel = _panel(int(rng.integers(2**31)), samples.n)
    for name, model in zip(LEARNERS, panel, strict=True):
        model.fit(real, y[0])
        scores["trtr"][name] = _balanced(model.predict(fresh), y[2])
        scores["trts"][name] = _balanced(model.predict(made), y[1])
        scores["tstr"][name] = _balanced(model.fit(made, y[1]).predict(fresh), y[2])
    return metric_groups.learners(samples, scores, worst=1 / len(np.unique(y[2])), low=0.0)


def _panel(seed, n):
    linear = LogisticRegression(C=0.1, max_iter=300, tol=1e-3)
    return (
        # Pixels share a unit already; one that hardly ever moves must not become the largest.
        make_pipeline(StandardScaler(with_std=False), linear),
        KNeighborsClassifier(min(5, n)),
        RandomForestClassifier(_TREES, random_state=seed),
    )


def _balanced(guess, y):
    """Return the mean over classes of the share predicted rightly."""
    return mean_of_independent([share_of(guess[y == code] == code) for code in np.unique(y)])


def share_of(hits):
    """Return a share, with an error that is not 0 where all or none are hit."""
    n, share = len(hits), float(np.mean(hits))
    middle = (hits.sum() + 1) / (n + 2)
    return Estimate(share, float(np.sqrt(middle * (1 - middle) / n)))


def privacy_group(samples, views, rng):
    """Return copies, distances to training images and the membership attack."""
    train, fresh = (
        flat_rows(side[:SEARCHED_IMAGES]) for side in (samples.train, samples.all_fresh)
    )
    at = rng.permutation(len(samples.coded["synthetic"]))[:SEARCHED_IMAGES]
    made = flat_rows(samples.coded["synthetic"][at])
    metrics = [metric_groups.copies(samples)]
    # How near images come to others differs between classes.
    alike = samples.within_classes is not None
    near_made = flat_rows(samples.synthetic) if alike else made
    near_fresh = flat_rows(samples.fresh) if alike else fresh
    to_train, fresh_to_train = (
        nearest_rows(side, train, 1)[0][:, 0] for side in (near_made, near_fresh)
    )
    # Up to rounding: distances of copies are not exactly 0.
    limit = np.quantile(fresh_to_train, NEAR) + 1e-6
    near = to_train <= limit
    metrics.append(metric_groups.bad_share(samples, "near_copies", near, fresh_to_train <= limit))
    facts = {"n": len(near), "scale": 0.5}
    copying = privacy.closeness_without_holdout(train, near_fresh, near_made)["dcr_share"]
    metrics.append(metric(samples, "data_copying", copying, 0.5, **facts))
    if samples.has_holdout:
        n = min(len(train), len(fresh))
        share = privacy.closeness_shares(train[:n], fresh[:n], made)["dcr_share"]
        metrics.append(metric(samples, "dcr_share", share, 0.5, **facts))
        members, synthetic, others = views.pixels
        metrics += metric_groups.attacks(samples, members, others, synthetic, rng)
    return metrics, {"nearest_neighbours": samples.closest(at)}
