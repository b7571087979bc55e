"""Names that try to leave the text they are in, and pages that are full of them."""

import importlib.util
import shutil

import measures
import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier

from gan_augment.evaluation.downstream import compare_augmentations
from gan_augment.evaluation.quality import quality_report
from gan_augment.generators.controls import BootstrapGenerator
from gan_augment.report import figures, page


def pytest_collection_modifyitems(config, items):
    """Deselect tests that need a browser where there is none."""
    programs = all(shutil.which(name) for name in ("chromium", "chromedriver"))
    if programs and importlib.util.find_spec("selenium"):
        return
    browsers = [item for item in items if item.get_closest_marker("browser")]
    if browsers:
        config.hook.pytest_deselected(items=browsers)
        items[:] = [item for item in items if item not in browsers]


PAYLOADS = [
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "</style><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    '" onmouseover="window.pwned=1" autofocus onfocus="window.pwned=1',
    "' onclick='window.pwned=1",
    '"><iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
    "<a href=javascript:window.pwned=1>press</a>",
    "<details open ontoggle=window.pwned=1>",
    "<body onload=window.pwned=1>",
    "<math><mtext></mtext><script>window.pwned=1</script></math>",
    "{{ ''.__class__.__mro__ }}{% raw %}",
    "${window.pwned=1}`+window.pwned+`",
    "<!--><script>window.pwned=1</script>-->",
    "]]><script>window.pwned=1</script><![CDATA[",
    "$\\frac{\\undefined $ $x^",
    "\u202e\x00\x1b[31m&lt;script&gt;\ud800<script\x0c>window.pwned=1</script>",
]
#: As names of columns: the lone surrogate fits into an index of dtype object only.
NAMES = pd.Index(PAYLOADS, dtype=object)


def hostile_frame(n=40):
    """A table whose column names and categories are payloads."""
    rng = np.random.default_rng(0)
    columns = {}
    for i in range(len(PAYLOADS)):
        if i % 2:
            columns[i] = rng.normal(size=n)
        else:
            columns[i] = pd.Series(rng.choice(PAYLOADS, n), dtype=object)
    return pd.DataFrame(columns).set_axis(NAMES, axis=1)


def hostile_metrics():
    """Metrics whose every text is a payload."""
    return pd.DataFrame(
        [
            {
                "name": payload,
                "group": "fidelity",
                "value": 0.5,
                "low": 0.4,
                "high": 0.6,
                "reference": 0.9,
                "reference_kind": "holdout",
                "higher_is_better": True,
                "by": payload,
                "n": 10,
                "how_to_read": payload,
                "verdict": "poor",
                "scale": 1.0,
            }
            for payload in PAYLOADS
        ],
        dtype=object,
    ).astype(dict.fromkeys(("value", "low", "high", "reference", "scale"), float))


def hostile_page():
    """A page with payloads in every place that takes a text."""
    real, synthetic = hostile_frame(), hostile_frame(30)
    metrics = hostile_metrics()
    rng = np.random.default_rng(1)
    points = rng.normal(size=(2, 40, 3))
    strengths = pd.DataFrame(rng.uniform(size=(20, 20)), index=NAMES, columns=NAMES)
    drawings = [
        figures.metric_bars(metrics),
        figures.column_distributions(real, synthetic, limit=20),
        figures.pair_heatmaps(strengths, -strengths),
        figures.embedding(points[0], points[1]),
    ]
    all_in_one = " ".join(PAYLOADS)
    items = [page.Text(payload, "note") for payload in PAYLOADS]
    items += [page.Figure(figure, all_in_one, all_in_one, all_in_one) for figure in drawings]
    items += [
        page.Metrics(metrics, all_in_one),
        page.Table(real, all_in_one, all_in_one),
        page.Cards(tuple((payload, "good", payload) for payload in PAYLOADS)),
        page.Tabs({payload: [page.Text(payload)] for payload in PAYLOADS}, all_in_one),
    ]
    sections = [page.Section(payload, payload, (page.Text(payload),)) for payload in PAYLOADS]
    sections.append(page.Section("Everything", "", tuple(items)))
    facts = {payload: payload for payload in PAYLOADS}
    return page.Page(all_in_one, all_in_one, tuple(sections), "poor", facts, all_in_one)


@pytest.fixture(scope="session")
def payloads():
    return PAYLOADS


@pytest.fixture(scope="session")
def hostile_html():
    return hostile_page().to_html()


def hostile_quality_page():
    """The page of a report on tables whose names and categories are payloads."""
    tables = hostile_frame(120), hostile_frame(90)
    with pytest.MonkeyPatch.context() as patch:
        measures.shrink(patch)
        patch.setattr("gan_augment.report.tables.MAX_COLUMNS_DRAWN", 8)  # `hostile_page` has all
        return quality_report(*tables, target=PAYLOADS[0], random_state=0).to_html()


def hostile_comparison_page():
    """The page of a comparison whose names and labels are payloads, of amounts and sizes."""
    labels = np.array(PAYLOADS[:3])[np.random.default_rng(0).integers(0, 3, 90)]
    return compare_augmentations(
        {name: DummyClassifier() for name in PAYLOADS[:2]},
        hostile_frame(90),
        labels,
        {name: BootstrapGenerator() for name in PAYLOADS[4:6]},
        scoring=dict.fromkeys(PAYLOADS[8:10], "accuracy"),
        n_samples=[0.5, 1.0],
        train_sizes=[30, 1.0],
        cv=2,
        random_state=0,
    ).to_html()


def hostile_images_page():
    """The page of a report on images whose classes are payloads."""
    rng = np.random.default_rng(0)
    sets = rng.integers(0, 256, (3, 120, 8, 8)).astype(np.uint8)
    sets[1] //= 2  # so that there is something to rank
    labels = [np.array(PAYLOADS[:6])[rng.integers(0, 6, 120)] for _ in sets]
    return quality_report(
        *sets[:2], holdout=sets[2], target=tuple(labels), random_state=0
    ).to_html()


@pytest.fixture(scope="session")
def hostile_pages(hostile_html):
    """Pages full of payloads: one made by hand, and those of all results."""
    return {
        "page": hostile_html,
        "quality": hostile_quality_page(),
        "images": hostile_images_page(),
        "comparison": hostile_comparison_page(),
    }


@pytest.fixture
def plain_page():
    """A page with one of each, and nothing hostile."""
    table = pd.DataFrame({"city": ["Bonn", "Oslo", "Gent"], "people": [3.0, np.nan, 21.5]})
    table["grade"] = ["good", "poor", "fair"]
    metrics = hostile_metrics().head(3).assign(name=["c2st", "ks", "tv"], by=None, how_to_read="x")
    tabs = page.Tabs({"one": [page.Text("first panel")], "two": [page.Text("second panel")]})
    items = (
        page.Text("Two\n\nparagraphs"),
        page.Table(table, "Cities", "As it stands."),
        page.Table(table, "Folded cities", folded=True),
        page.Metrics(metrics),
        page.Figure(figures.metric_bars(metrics), "A figure", "Look."),
        page.Cards((("Fidelity", "good", "fine"),)),
        tabs,
    )
    sections = (page.Section("First", "The lead.", items), page.Section("Second"))
    return page.Page(
        "A question?", "An answer of 0.5 to 1.5.", sections, "good", {"n": 3}, "And more."
    )


@pytest.fixture(scope="session")
def plain_results():
    """Pages of results on a table of twenty columns, on images, and of a comparison."""
    rng = np.random.default_rng(0)
    halves = rng.normal(size=(2, 120, 20)).round(2)
    tables = [
        pd.DataFrame(half).add_prefix("column_").assign(kind=list("ab") * 60) for half in halves
    ]
    images = rng.integers(0, 256, (2, 80, 8, 8)).astype(np.uint8)
    labels = np.array(list("abcd") * 20)
    comparison = compare_augmentations(
        {name: DummyClassifier() for name in ("linear model", "forest", "boosting")},
        tables[0],
        tables[0].pop("kind").rename("kind"),
        {"bootstrap": BootstrapGenerator()},
        cv=2,
        random_state=0,
    )
    report = quality_report(tables[0], tables[1].drop(columns="kind"), random_state=0)
    pictures = quality_report(*images, target=(labels, labels), random_state=0)
    return {
        "quality": report.to_html(),
        "images": pictures.to_html(),
        "comparison": comparison.to_html(),
    }
