"""Results in a notebook: one card, whose styles and ids touch nothing else on the page."""

import re
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pandas as pd

from gan_augment.report import figures
from gan_augment.report.notebook import card
from gan_augment.report.page import Figure, Table, Text, Tile

NASTY = '</td><script>alert("1")</script> & \u202e'


class Tags(HTMLParser):
    """The tags of a page, those that are open at its end, and its texts."""

    VOID = ("img", "br")

    def __init__(self, html):
        super().__init__()
        self.seen, self.open, self.texts, self.ids = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def chart(name="GAN"):
    frame = pd.DataFrame([{"name": name, "value": 0.5, "low": 0.4, "high": 0.6}])
    return figures.metric_bars(
        frame.assign(reference=0.7, by=None, higher_is_better=True, verdict="poor")
    )


def test_every_rule_names_the_card():
    css = (files("gan_augment.report") / "templates" / "notebook.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    selectors = [part for rule in css.split("}")[:-1] for part in rule.split("{")[0].split(",")]
    assert len(selectors) > 15
    assert all(re.match(r"\.gan-augment( |$)", part.strip()) for part in selectors)
    assert "@" not in css and "url(" not in css


def test_texts_are_texts_and_all_is_closed():
    table = pd.DataFrame({NASTY: [NASTY, "b"], "n": [1.5, np.nan]})
    items = (
        Figure(chart(NASTY), NASTY),
        Table(table, NASTY, NASTY, max_rows=1, max_columns=1),
        Text(NASTY),
        Tile(np.zeros((2, 2), "uint8"), NASTY, NASTY),
    )
    tags = Tags(card(NASTY, items, details=NASTY, tone="poor"))
    assert "script" not in tags.seen and tags.open == []
    assert not any("\u202e" in text for text in tags.texts)
    assert {"svg", "table", "img", "style"} <= set(tags.seen)
    assert "1 more rows and 1 more columns are not shown." in " ".join(tags.texts)


def test_ids_are_those_of_one_result():
    first, again, other = (
        Tags(card(name, [Figure(chart(), "chart")])).ids for name in ("one", "one", "other")
    )
    assert first and first == again
    assert not set(first) & set(other)


def test_numbers_are_set_to_the_right_and_controls_in_grey():
    table = pd.DataFrame({"way": ["GAN", "SMOTE"], "gain": [0.02, 0.01]})
    html = card("a", [Table(table, grey=(1,))])
    assert html.count('class="number"') == 3
    assert '<tr class="grey"><td>SMOTE</td>' in html
