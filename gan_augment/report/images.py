"""The story of a quality report of images: the answer, the figures, then the images themselves."""

import numpy as np

from gan_augment.report.page import Section, Tabs, Text, Tile, Tiles
from gan_augment.report.png import strip
from gan_augment.report.tables import Words, page_of

#: Images of a strip, and strips where there are no classes; classes shown at most.
IN_A_STRIP, STRIPS, MAX_CLASSES = 8, 6, 20
#: Synthetic images shown beside their nearest real one; images of a ranking.
PAIRS, RANKED = 24, 20
#: Of images of more numbers than these, half as many are shown, to keep the page small.
LARGE = 2 * 32 * 32 * 3
#: A picture is about so wide on the screen, and enlarged so often at most.
TARGET_WIDTH, STRIP_WIDTH, MOST_ENLARGED = 64, 480, 4

WORDS = Words(
    title="Are these synthetic images any good?",
    lead="Each figure with its 95 % interval, beside what real images reach against real images.",
    how_metrics=(
        "No figure means much alone. “real against real” is the same metric between real images "
        "and other real images: the best that a perfect generator could show with so many of "
        "them; for some figures it is what chance would give. A figure is good where it falls "
        "short of that mark by no more than 5 % of its scale once the uncertainty of both is "
        "allowed for, fair up to 20 %, and poor beyond. The tables below say what 5 % of each "
        "scale is."
    ),
    no_promise=(
        "These figures can show a leak; none can show that there is none. Read “Before you rely "
        "on it” at the end of the page before images leave your hands."
    ),
    where="Which images are behind the figures, by their position. Press a heading to sort.",
    groups={
        "fidelity": (
            "Fidelity",
            "Do synthetic images look like real ones: in their features, and to a model that "
            "tries to tell them apart?",
        ),
        "diversity": (
            "Diversity",
            "Do they cover all that real images show, or only the middle?",
        ),
        "utility": (
            "Utility",
            "Does a model that is trained on synthetic images work on real ones?",
        ),
        "privacy": (
            "Privacy",
            "Are synthetic images suspiciously close to the images they were learnt from?",
        ),
    },
    tables={
        "implausible_rows": (
            "Implausible images",
            "The synthetic images that are easiest to recognise as such, worst first. row counts "
            "from 0; P(synthetic) is how sure the model is that tells them apart.",
        ),
        "uncovered_rows": (
            "Real images not covered",
            "Real images that have no synthetic image nearby. The distance is that to the "
            "nearest synthetic image, over that to the fifth nearest real one.",
        ),
        "utility": (
            "Models",
            "Learners on the pixels, trained and tested on real and on synthetic images: trtr "
            "trains and tests on real images, tstr trains on synthetic and tests on real ones, "
            "trts the other way round. Mean over classes of the share classified rightly.",
        ),
        "nearest_neighbours": (
            "Nearest real images",
            "Synthetic images that are closest to a real one. The distance is the root mean "
            "squared difference of their pixels, as a share of the range.",
        ),
    },
    unit="images",
    whole="set",
)
HOW_SIDE = (
    "Images drawn at random. Do the synthetic ones show their class, vary as "
    "much, and look as sharp?"
)
HOW_PAIRS = (
    "Synthetic images drawn at random, each with the real image nearest to it in pixels to its "
    "right. A pair that shows the same thing twice is a copy, or nearly one. Below: the positions "
    "of both, counted from 0, and their distance, as a share of the range."
)
HOW_CLOSEST = (
    "The pairs that are nearest to each other of all: the synthetic image on the left, its "
    "nearest real one on the right. If these are no copies, no pixel by pixel copies were found."
)
HOW_IMPLAUSIBLE = (
    "The synthetic images that the model recognises most surely. What do they share that real "
    "images do not? Below: class, position counted from 0, and how sure the model is."
)
HOW_MISSED = (
    "Real images without a synthetic one nearby: what the generator leaves out. Below: class, "
    "position counted from 0, and how far the nearest synthetic image is, over the distance to "
    "the fifth nearest real one."
)


def image_page(report):
    """Return the page of a quality report of images.

    Parameters
    ----------
    report : object
        With ``verdict, few_rows_, to_frame(), tables, samples, notes`` and ``settings``, such
        as `quality_report` returns for images.

    Returns
    -------
    gan_augment.report.page.Page
    """
    return page_of(report, [_seen(report)], WORDS)


def _seen(report):
    samples, tables = report.samples, report.tables
    views = {
        "Side by side": _side_by_side(samples),
        "Nearest real image": [_nearest(samples)],
    }
    if "nearest_neighbours" in tables:
        views["Closest pairs"] = [_closest(samples, tables["nearest_neighbours"])]
    views["Most implausible"] = [
        _ranked(samples, "synthetic", tables["implausible_rows"], HOW_IMPLAUSIBLE)
    ]
    missed = tables["uncovered_rows"]
    views["Not covered"] = [
        _ranked(samples, "real", missed, HOW_MISSED)
        if len(missed)
        else Text("Every real image that was compared has a synthetic one nearby.")
    ]
    lead = "Figures can agree while pictures do not: look."
    return Section("The images", lead, (Tabs(views, "Pictures"),))


def _side_by_side(samples):
    """Strips of real and synthetic images, class by class."""
    at = {"real": samples.real_at, "synthetic": samples.synthetic_at}
    tiles = []
    for word, name, some in _strips(samples, at):
        if len(some) == 0:
            continue
        of = f" of class {word}" if word else ""
        picture = strip(_pictures(samples.images[name][some]))
        wide = _few(IN_A_STRIP, samples) * (samples.images[name].shape[3] + 1)
        scale = min(MOST_ENLARGED, STRIP_WIDTH / wide)
        tiles.append(
            Tile(picture, f"{len(some)} {name} images{of}", f"{word} {name}".strip(), scale)
        )
    items = [Tiles(tuple(tiles), "", HOW_SIDE)]
    most = _few(MAX_CLASSES, samples)
    if len(samples.classes) > most:
        items.append(Text(f"{most} of {len(samples.classes)} classes are shown."))
    return items


def _few(number, samples):
    return number // 2 if samples.images["real"][0].size > LARGE else number


def _strips(samples, at):
    n = _few(IN_A_STRIP, samples)
    if samples.codes is None:
        for i in range(STRIPS):
            for name, some in at.items():
                yield "", name, some[i * n : (i + 1) * n]
        return
    for code, word in enumerate(samples.classes[: _few(MAX_CLASSES, samples)]):
        for name, some in at.items():
            yield str(word), name, some[samples.codes[name][some] == code][:n]


def _nearest(samples):
    tiles = []
    for position in samples.synthetic_at[: _few(PAIRS, samples)]:
        near = samples.beside(int(position), 1).iloc[0]
        tiles.append(_pair(samples, position, int(near["real_row"]), near["distance"]))
    return Tiles(tuple(tiles), "", HOW_PAIRS)


def _closest(samples, table):
    rows = table.head(_few(PAIRS, samples)).itertuples()
    tiles = (_pair(samples, row.synthetic_row, row.real_row, row.distance) for row in rows)
    return Tiles(tuple(tiles), "", HOW_CLOSEST)


def _pair(samples, made, real, distance):
    both = np.stack([samples.images["synthetic"][made], samples.images["real"][real]])
    labels = [samples.label("synthetic", made), samples.label("real", real)]
    classes = "" if labels[0] is None else f", classes {labels[0]} and {labels[1]}"
    alt = f"Synthetic image {made} beside real image {real}{classes}"
    return Tile(strip(_pictures(both)), alt, f"#{made} | #{real}: {distance:.3f}", _scale(samples))


def _ranked(samples, name, table, how):
    tiles = []
    for position, score in table[table.columns[0]].head(_few(RANKED, samples)).items():
        label = samples.label(name, position)
        words = "" if label is None else f"{label}, "
        alt = f"{name.capitalize()} image {position}, {words}{table.columns[0]} {score:.2f}"
        picture = strip(_pictures(samples.images[name][position][None]))
        tiles.append(Tile(picture, alt, f"{words}#{position}: {score:.2f}", _scale(samples)))
    return Tiles(tuple(tiles), "", how)


def _pictures(images):
    """Return images as grey or RGB, uint8 with the channels last."""
    channels = images.shape[1]
    if channels in (2, 4):  # grey and alpha, or colour and a fourth
        images = images[:, : channels - 1]
    pixels = np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8)
    return pixels.transpose(0, 2, 3, 1)


def _scale(samples):
    side = samples.images["real"].shape[3]
    return min(MOST_ENLARGED, max(1, TARGET_WIDTH // side))
