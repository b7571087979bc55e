"""The page of a quality report of images: the answer, the figures, then the images themselves."""

from dataclasses import dataclass, field

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
#: Transparent, in the place of a strip without images.
NO_PICTURE = np.zeros((1, 1, 2), dtype=np.uint8)

WORDS = Words(
    unit="images",
    whole="set",
    title="Are these synthetic images any good?",
    fidelity="in their features",
    rare="",
    where="Which images are behind the figures. Press a heading to sort.",
    tables={
        "implausible_rows": (
            "Implausible images",
            "The synthetic images that are easiest to recognise as such, worst first; “surely "
            "synthetic” is how sure the model is that tells them apart.",
        ),
        "uncovered_rows": (
            "Real images not covered",
            "Real images that have no synthetic image nearby. The distance is that to the "
            "nearest synthetic image, over that to the fifth nearest real one.",
        ),
        "utility": (
            "Models",
            "Learners on the pixels: what each was trained on, and what it was tested on. Mean "
            "over classes of the share classified rightly.",
        ),
        "nearest_neighbours": (
            "Nearest real images",
            "Synthetic images that are closest to a real one. The distance is the root mean "
            "squared difference of their pixels, as a share of the range.",
        ),
    },
)
HOW_SIDE = (
    "Images drawn at random. Do the synthetic ones show their class, vary as "
    "much, and look as sharp?"
)
HOW_PAIRS = (
    "Synthetic images drawn at random, each with the real image nearest to it in pixels to its "
    "right. A pair that shows the same thing twice is a copy, or nearly one. Below: their "
    "files, or positions counted from 0, and their distance, as a share of the range."
)
HOW_CLOSEST = (
    "The pairs that are nearest to each other of all: the synthetic image on the left, its "
    "nearest real one on the right. If these are no copies, no pixel by pixel copies were found."
)
HOW_IMPLAUSIBLE = (
    "The synthetic images that the model recognises most surely. What do they share that real "
    "images do not? Below: the file, or class and position counted from 0, and how sure the model "
    "is."
)
HOW_MISSED = (
    "Real images without a synthetic one nearby: what the generator leaves out. Below: the file, "
    "or class and position counted from 0, and how far the nearest synthetic image is, "
    "over the distance to the fifth nearest real one."
)


@dataclass(frozen=True)
class Album:
    """Images to show, and what to say of them.

    Parameters
    ----------
    images : dict of {"real" | "synthetic": ndarray}
        Of shape (n, channels, height, width), in 0 to 1.
    labels : dict of {"real" | "synthetic": ndarray} or None
        The class of each image.
    files : dict of {"real" | "synthetic": list of str}, default={}
        What the file of each image is called, where there are files.
    """

    images: dict
    labels: dict | None = None
    files: dict = field(default_factory=dict)

    def few(self, number):
        """Return how many images to show: half as many of large ones."""
        return number // 2 if self.images["real"][0].size > LARGE else number

    @property
    def scale(self):
        """Screen pixels of one of a picture's own."""
        return min(MOST_ENLARGED, max(1, TARGET_WIDTH // self.images["real"].shape[3]))

    def pixels(self, name, at):
        """Return images as grey or RGB, uint8 with the channels last."""
        return pictures(self.images[name][at])

    def label(self, name, position):
        """Return the class of one image, or None."""
        return None if self.labels is None else self.labels[name][position]

    def called(self, name, position):
        """Return the name of one image's file; its position where it has none."""
        return self.files[name][position] if name in self.files else f"#{position}"


def image_page(report, *, images, shown, nearest, labels=None, classes=(), files=None):
    """Return the page of a quality report of images.

    Parameters
    ----------
    report : object
        With ``answer, details, tone, to_frame(), tables, notes`` and ``settings``, such as
        `quality_report` returns.
    images : dict of {"real" | "synthetic": ndarray}
        Of shape (n, channels, height, width), in 0 to 1.
    shown : dict of {"real" | "synthetic": ndarray of int}
        Positions of the images that may be shown, in random order.
    nearest : DataFrame
        Columns ``synthetic_row, real_row`` and ``distance``: synthetic images drawn at random,
        each with the real one nearest to it.
    labels : dict of {"real" | "synthetic": ndarray}, optional
        The class of each image.
    classes : sequence, optional
        The classes in the order to show them.
    files : dict of {"real" | "synthetic": list of str}, optional
        What the file of each image is called.
    """
    album, tables = Album(images, labels, files or {}), report.tables
    views = {
        "Side by side": _side_by_side(album, shown, classes),
        "Nearest real image": [_beside(album, nearest, HOW_PAIRS)],
    }
    if "nearest_neighbours" in tables:
        views["Closest pairs"] = [_beside(album, tables["nearest_neighbours"], HOW_CLOSEST)]
    views["Most implausible"] = [
        _ranked(album, "synthetic", tables["implausible_rows"], HOW_IMPLAUSIBLE)
    ]
    missed = tables["uncovered_rows"]
    views["Not covered"] = [
        _ranked(album, "real", missed, HOW_MISSED)
        if len(missed)
        else Text("Every real image that was compared has a synthetic one nearby.")
    ]
    lead = "Figures can agree while pictures do not: look."
    seen = Section("The images", lead, (Tabs(views, "Pictures"),))
    return page_of(report, seen, WORDS, _with_files(tables, album))


def _with_files(tables, album):
    """Return tables in which files stand in the place of positions."""
    named = dict(tables)
    for table, name in (("implausible_rows", "synthetic"), ("uncovered_rows", "real")):
        if name in album.files and table in named:
            found = named[table].reset_index()
            found["image"] = [album.called(name, row) for row in found.pop("row")]
            named[table] = found[["image", *found.columns.drop("image")]]
    if "nearest_neighbours" in named:
        found = named["nearest_neighbours"].copy()
        for name in album.files.keys() & {"real", "synthetic"}:
            found[f"{name}_row"] = [album.called(name, row) for row in found[f"{name}_row"]]
        words = {f"{name}_row": f"{name} image" for name in ("real", "synthetic")}
        named["nearest_neighbours"] = found.rename(columns=words)
    return named


def _side_by_side(album, shown, classes):
    """Return strips of real and synthetic images, class by class."""
    most, tiles = album.few(MAX_CLASSES), []
    wide = album.few(IN_A_STRIP) * (album.images["real"].shape[3] + 1)
    scale = min(MOST_ENLARGED, STRIP_WIDTH / wide)
    for word, name, some in _strips(album, shown, classes[:most]):
        of = f" of class {word}" if word else ""
        caption = f"{word} {name}".strip() + ("" if len(some) else ": none")
        picture = strip(album.pixels(name, some)) if len(some) else NO_PICTURE
        tiles.append(Tile(picture, f"{len(some)} {name} images{of}", caption, scale))
    items = [Tiles(tuple(tiles), "", HOW_SIDE, pairs=True)]
    if len(classes) > most:
        items.append(Text(f"{most} of {len(classes)} classes are shown."))
    return items


def _strips(album, shown, classes):
    n = album.few(IN_A_STRIP)
    if album.labels is None:
        for i in range(min(STRIPS, -(-len(shown["real"]) // n))):
            for name, some in shown.items():
                yield "", name, some[i * n : (i + 1) * n]
        return
    for word in classes:
        for name, some in shown.items():
            yield str(word), name, some[album.labels[name][some] == word][:n]


def _beside(album, pairs, how):
    """Return synthetic images, each beside its nearest real one."""
    rows = pairs.head(album.few(PAIRS)).itertuples()
    tiles = (_pair(album, row.synthetic_row, row.real_row, row.distance) for row in rows)
    return Tiles(tuple(tiles), "", how)


def _pair(album, made, real, distance):
    both = np.concatenate([album.pixels("synthetic", [made]), album.pixels("real", [real])])
    labels = [album.label("synthetic", made), album.label("real", real)]
    classes = "" if album.labels is None else f", classes {labels[0]} and {labels[1]}"
    alt = f"Synthetic image {made} beside real image {real}{classes}"
    names = album.called("synthetic", made), album.called("real", real)
    return Tile(strip(both), alt, f"{' | '.join(names)}: {distance:.3f}", album.scale)


def _ranked(album, name, table, how):
    """Return the images of a ranking, whose first column is a score."""
    tiles, title = [], table.columns[0]
    for position, score in table[title].head(album.few(RANKED)).items():
        label = album.label(name, position)
        words = "" if label is None or name in album.files else f"{label}, "
        alt = f"{name.capitalize()} image {position}, {words}{title} {score:.2f}"
        picture = strip(album.pixels(name, [position]))
        caption = f"{words}{album.called(name, position)}: {score:.2f}"
        tiles.append(Tile(picture, alt, caption, album.scale))
    return Tiles(tuple(tiles), "", how)


def pictures(images):
    """Return images as grey or RGB, uint8 with the channels last."""
    channels = images.shape[1]
    if channels in (2, 4):  # grey and alpha, or colour and a fourth
        images = images[:, : channels - 1]
    pixels = np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8)
    return pixels.transpose(0, 2, 3, 1)
