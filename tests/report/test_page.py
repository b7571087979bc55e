"""The page: one file, everything escaped, everything labelled."""

import base64
import hashlib
import re
import warnings
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from gan_augment.report import cells, figures, page, style
from gan_augment.report.page import Figure, Page, Section, Table, Text

VOID = {"meta", "link", "br", "img", "hr", "input"}
ADDRESSES = re.compile(r"(?:https?:)?//[a-z]", re.IGNORECASE)


class Reader(HTMLParser):
    """Collects tags, attributes and text, and checks that tags are closed in order."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.texts, self.open = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("script", "style"):
            self.texts.append(data)

    def named(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def test_the_answer_comes_first_and_its_details_after_it(plain_page):
    html = plain_page.to_html()
    body = html[html.index("<body>") :]
    assert body.index("An answer of 0.5 to 1.5.") < body.index("<h2")
    assert '<p class="answer good">An answer of 0.5 to 1.5.</p>' in body
    assert '<p class="lead">And more.</p>' in body


def test_all_tags_are_closed_and_ids_are_unique_and_found(plain_page):
    reader = Reader(plain_page.to_html())
    assert not reader.open
    ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in reader.tags:
        wanted = [attrs.get("aria-controls"), attrs.get("aria-labelledby")]
        href = attrs.get("href") or ""
        wanted.append(href[1:] if href.startswith("#") else None)
        assert {name for name in wanted if name} <= set(ids)


def test_nothing_is_loaded_from_anywhere(plain_page):
    html = plain_page.to_html()
    reader = Reader(html)
    for tag, attrs in reader.tags:
        assert tag not in {"iframe", "object", "embed", "base", "form"}
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            assert (attrs.get(name) or "#").startswith(("#", "data:"))
    assert not ADDRESSES.search(html)
    assert "@import" not in html


def test_the_security_policy_names_the_only_script_by_its_hash(plain_page):
    html = plain_page.to_html()
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(a for a in Reader(html).named("meta") if "http-equiv" in a)["content"]
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_payloads_stay_text(hostile_html, payloads):
    reader = Reader(hostile_html)
    assert not reader.open
    assert len(reader.named("script")) == 1
    expected = {"html", "head", "meta", "title", "link", "style", "body", "script", "svg", "g"}
    expected |= {"path", "defs", "clippath", "rect", "use", "text", "tspan", "image"}
    expected |= set("a header p h1 dl div dt dd nav ul li main section h2 h3 figure".split())
    expected |= set("code figcaption table thead tbody tr th td button span i b small".split())
    expected |= {"footer", "img"}
    assert {tag for tag, _ in reader.tags} <= expected
    for _, attrs in reader.tags:
        assert not [name for name in attrs if name.startswith("on") or name == "srcdoc"]
        assert not [v for v in attrs.values() if (v or "").strip().startswith("javascript:")]
    seen = "".join(reader.texts)
    for payload in payloads:
        assert cells.printable(payload).encode("utf-8", "replace").decode() in seen


def test_characters_that_reorder_or_end_text_are_replaced(hostile_html):
    assert not set("\x00\x1b\x0c\u202e") & set(hostile_html)
    hostile_html.encode("utf-8")


def test_a_template_in_the_data_is_not_run():
    html = Page("{{ 7 * 7 }}", "{% include 'page.css' %}", (Section("{{ page }}"),)).to_html()
    assert "{{ 7 * 7 }}" in html and ">49<" not in html


def test_names_that_matplotlib_takes_for_formulas_are_drawn():
    frame = pd.DataFrame({"name": ["$\\frac{$", "$a$"], "group": "fidelity", "value": [0.1, 0.2]})
    frame = frame.assign(
        low=0.0, high=0.3, reference=np.nan, by=None, verdict="good", higher_is_better=True
    )
    html = Page("t", "a", (Section("s", "", (Figure(figures.metric_bars(frame)),)),)).to_html()
    assert "$\\frac{$" in html and "$a$" in html


def test_drawings_follow_the_theme_and_share_no_ids(hostile_html, plain_page):
    for html in (hostile_html, plain_page.to_html()):
        reader = Reader(html)
        assert reader.named("svg")
        assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in reader.named("svg"))
        ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
        assert len(ids) == len(set(ids))
    assert "var(--ink)" in plain_page.to_html()


def test_a_drawing_that_is_too_large_becomes_a_picture():
    figure, ax = figures.blank(4, 3)
    ax.plot(np.random.default_rng(0).normal(size=40_000), "o")
    html = Page("t", "a", (Section("s", "", (Figure(figure, "dots"),)),)).to_html()
    (picture,) = Reader(html).named("img")
    assert picture["src"].startswith("data:image/png;base64,") and picture["alt"] == "dots"
    assert len(html) < 300_000


def test_a_long_table_is_cut_and_says_so():
    frame = pd.DataFrame({"a": range(150)})
    html = Page("t", "a", (Section("s", "", (Table(frame, max_rows=20),)),)).to_html()
    assert html.count("<tr>") == 21
    assert "130 more" in html


def test_a_named_index_is_a_column():
    frame = pd.DataFrame({"a": [1.0]}, index=pd.Index([7], name="row"))
    found = cells.table_cells(frame)
    assert found.header == ["row", "a"] and found.rows[0][0].text == "7"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.500"),
        (12, "12"),
        (1234567, "1,234,567"),
        (1234.5, "1,234"),
        (-0.00001, "-1.0e-05"),
        (0.00034, "0.0003"),
        (0.0, "0.000"),
        (55.55, "55.5"),
        (float("nan"), "–"),
        (float("inf"), "inf"),
        (None, "–"),
        (pd.NA, "–"),
    ],
)
def test_numbers_are_short(value, text):
    assert cells.number(value) == text


def test_cells_of_any_kind_are_printed():
    frame = pd.DataFrame(
        {
            "b": [True, False],
            "o": [[1, 2], None],
            "t": pd.to_datetime(["2024-01-01", None]),
            "n": pd.array([1, None], dtype="Int64"),
        }
    )
    texts = [[cell.text for cell in row] for row in cells.table_cells(frame).rows]
    assert texts[0] == ["yes", "[1, 2]", "2024-01-01 00:00:00", "1"]
    assert texts[1] == ["no", "–", "–", "–"]


def test_a_gauge_shows_what_lies_outside_at_its_end():
    row = {"value": -1.0, "low": None, "high": None, "reference": 3.0}
    assert cells.gauge(row) == {"value": 0.0, "reference": 100.0}
    assert cells.gauge({**row, "value": np.nan}) is None


def test_the_same_page_is_written_twice_byte_for_byte(tmp_path, plain_page):
    texts = [plain_page.to_html(tmp_path / name) for name in ("a.html", "b.html")]
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert texts[0] == texts[1] == (tmp_path / "a.html").read_text(encoding="utf-8")


def test_writing_a_page_leaves_matplotlib_and_warnings_alone(plain_page):
    import matplotlib

    before, filters = dict(matplotlib.rcParams), list(warnings.filters)
    plain_page.to_html()
    assert dict(matplotlib.rcParams) == before
    assert warnings.filters == filters


def test_an_empty_page_is_a_page():
    html = Page("t", "").to_html()
    assert not Reader(html).open and "<nav" not in html


def test_text_is_split_at_blank_lines():
    assert Text("a\n\n\nb\nc\n\n").paragraphs == ["a", "b\nc"]


def test_the_styles_serve_dark_screens_phones_and_paper():
    style = page.part("page.css")
    for query in ("prefers-color-scheme: dark", "max-width: 44rem", "@media print"):
        assert query in style


def test_generators_have_the_colours_of_the_drawings_on_a_light_page():
    light = dict(re.findall(r"--([\w-]+): (#\w+);", page.part("page.css").split("@media")[0]))
    drawn = {colour: light[style.VARIABLES[colour]] for colour in style.SERIES}
    assert drawn == {colour: colour for colour in style.SERIES}


def test_a_page_that_is_written_is_rendered_once(plain_page, tmp_path, monkeypatch):
    rendered = []
    draw = page.drawing
    monkeypatch.setattr(page, "drawing", lambda *given: rendered.append(1) or draw(*given))
    plain_page.to_html()
    once = len(rendered)
    plain_page.to_html(tmp_path / "page.html")
    assert once > 0 and len(rendered) == 2 * once
