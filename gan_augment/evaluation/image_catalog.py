"""How to read the figures of images, and what those on privacy do not promise."""

from gan_augment.evaluation.catalog import metric

#: name -> (name in plain words, group, whether higher is better, sentence)
IMAGE_READING = {
    "fid": (
        "feature gap (FID)",
        "fidelity",
        False,
        "How far the means and covariances of image features lie apart; 1 is what the average "
        "real image in place of all would score. Random features, so it is not to be compared "
        "with FIDs from papers.",
    ),
    "kid": (
        "feature gap (KID)",
        "fidelity",
        False,
        "As FID, with a kernel in place of a normal distribution and without its bias: around 0, "
        "and as often below, for images that cannot be told apart.",
    ),
    "fid_learnt": (
        "class feature gap (FID)",
        "fidelity",
        False,
        "FID of the last hidden layer of a small classifier, trained on real images that are "
        "not among those compared: it sees what makes classes differ and forgives the rest.",
    ),
    "kid_learnt": (
        "class feature gap (KID)",
        "fidelity",
        False,
        "KID of the same layer: around 0 for images that cannot be told apart.",
    ),
    "c2st": (
        "told apart by a model",
        "fidelity",
        False,
        "How often a boosted tree ranks a synthetic image above a real one when asked which is "
        "synthetic: 0.5 is a guess, 1 is always; a texture that nobody sees is enough for a high "
        "figure, and one clearly below 0.5 is a sign of copies.",
    ),
    "precision": (
        "images where real ones are",
        "diversity",
        True,
        "The share of synthetic images that lie among real ones; outliers among the real images "
        "make it generous.",
    ),
    "recall": (
        "real images within reach",
        "diversity",
        True,
        "The share of real images that lie among synthetic ones: low where kinds of images are "
        "missing.",
    ),
    "density": (
        "density around real images",
        "diversity",
        True,
        "How many real neighbourhoods a synthetic image lies in, as a share of the five expected: "
        "above 1 where synthetic images crowd where real ones are dense.",
    ),
    "coverage": (
        "real images covered",
        "diversity",
        True,
        "The share of real images with a synthetic one as near as their fifth real neighbour: "
        "low under mode collapse.",
    ),
    "within_class_variance": (
        "spread within classes",
        "diversity",
        True,
        "How alike the spread of the pixels inside a class is (mean over classes): 1 is alike, "
        "less is too little variation (or too much). Blurred images count as too little.",
    ),
    "tstr": (
        "model of synthetic images",
        "utility",
        True,
        "Train on synthetic, test on real images: the mean over classes of the share classified "
        "rightly, beside training on as many real images (the reference).",
    ),
    "trts": (
        "test on synthetic images",
        "utility",
        True,
        "Train on real, test on synthetic images: low where they do not show their class; a "
        "figure above the reference means images too clean to be true.",
    ),
    "exact_copies": (
        "exact copies",
        "privacy",
        False,
        "The share of synthetic images equal to a real one, pixel by pixel; the reference is the "
        "share of holdout images that equal one (without a holdout: of real images that equal "
        "another). Zero copies is not privacy.",
    ),
    "near_copies": (
        "nearly copies",
        "privacy",
        False,
        "The share of synthetic images closer to a training image than all but 1 % of fresh real "
        "images are. A copy that is shifted by a pixel is far in pixels and passes; blurred "
        "images are near to everything and may fail.",
    ),
    "data_copying": (
        "nearer than fresh images",
        "privacy",
        False,
        "How often a synthetic image is nearer to the training images than a fresh real one is: "
        "0.5 is no copying, 1 is always. Blurred images, near to everything, raise it.",
    ),
    "dcr_share": (
        "near to training images",
        "privacy",
        False,
        "How often a synthetic image is nearer to the training images than to images not trained "
        "on: 0.5 knows nothing of them. Passing promises nothing.",
    ),
    "membership": (
        "membership attack",
        "privacy",
        False,
        "How well the best of three attacks tells training images from images not trained on: "
        "0.5 is a guess, 1 is always; stronger attacks exist.",
    ),
}

#: What must be passed to `quality_report` for a metric of images to be measured.
IMAGE_NEEDS = {
    **dict.fromkeys(("fid_learnt", "kid_learnt", "tstr", "trts"), ("target",)),
    **dict.fromkeys(("exact_copies", "near_copies", "data_copying"), ("privacy",)),
    **dict.fromkeys(("dcr_share", "membership"), ("privacy", "holdout")),
}

#: What it means if a figure is clearly better than its reference, where that is a fault.
IMAGE_TOO_GOOD = {
    "c2st": "less than a guess: a sign of copied images, which a model meets under both labels",
    "trts": "more than on real images: synthetic images are too clean to be true",
}

#: What the figures do not promise, in plain words.
IMAGE_PROMISES = (
    "No figure here proves privacy: a set of images can pass every one and still show a person.",
    "Zero copies is not privacy: an image blended from two others, or shifted by one pixel, "
    "copies none and still gives its sources away.",
    "Distances between pixels are blind to many leaks; the membership attack is the stronger "
    "test, needs a holdout, and stronger attacks than these three exist.",
    "The figures are averages: an unusual image can be exposed while the average looks safe. "
    "Look at the pictures of synthetic images beside their nearest real ones.",
    "Only training with differential privacy gives a guarantee that holds for every image.",
)


def image_metric(samples, name, estimate, reference, **facts):
    """Return a metric of images, see `metric`."""
    too_good = IMAGE_TOO_GOOD.get(name, "")
    return metric(
        samples, name, estimate, reference, readings=IMAGE_READING, too_good=too_good, **facts
    )
