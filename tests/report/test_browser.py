"""The page in a real browser: headless Chromium, driven through selenium.

Marked ``browser`` and deselected where Chromium, its driver or selenium is missing, so that the
count at the end of a run says so.
"""

import base64
import re
import shutil

import pandas as pd
import pytest

from gan_augment.report import page

pytestmark = pytest.mark.browser

PORTRAIT = 703  # CSS pixels of A4 between margins of 12 mm

OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking "
    "--disable-component-update --disable-sync --no-first-run --disable-dev-shm-usage"
).split()


@pytest.fixture(scope="module")
def browser():
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for option in OPTIONS:
        options.add_argument(option)
    options.binary_location = shutil.which("chromium")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def open_page(browser, tmp_path):
    """Return ``open_page(html, width, dark, media)``; afterwards the console must be empty."""

    def open_(html, width=1200, dark=False, media=""):
        path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8")
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"media": media, "features": [scheme]}
        )
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        browser.get(path.as_uri())
        return browser

    yield open_
    assert browser.get_log("browser") == []


def find(browser, selector):
    return browser.find_elements("css selector", selector)


def texts(browser, selector):
    return [element.text for element in find(browser, selector)]


KINDS = ("page", "quality", "images", "comparison")


@pytest.mark.parametrize("kind", KINDS)
def test_no_payload_runs(open_page, hostile_pages, kind):
    browser = open_page(hostile_pages[kind])
    for element in find(browser, "summary, [role=tab], th .sort")[:60]:
        browser.execute_script("arguments[0].click()", element)
    browser.execute_script(
        "for (const e of document.querySelectorAll('*'))"
        " for (const kind of ['mouseover', 'focus', 'click']) e.dispatchEvent(new Event(kind))"
    )
    assert browser.execute_script("return window.pwned") is None
    assert len(find(browser, "script")) == 1
    assert not find(browser, "iframe, math, a[href^='javascript']")


@pytest.mark.parametrize("kind", KINDS)
def test_no_payload_runs_without_the_security_policy_either(open_page, hostile_pages, kind):
    html = hostile_pages[kind]
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    assert bare != html
    browser = open_page(bare)
    assert browser.execute_script("return window.pwned") is None
    assert browser.execute_script("return document.documentElement.className") == "scripted"


def test_columns_sort_up_and_down_and_missing_ones_stay_below(open_page, plain_page):
    browser = open_page(plain_page.to_html())
    heads = find(browser, "table.sortable:not(.metrics) .sort")
    cities = "table.sortable:not(.metrics) tbody td:first-child"

    def order():
        return texts(browser, cities)[:3]

    assert order() == ["Bonn", "Oslo", "Gent"]
    heads[1].click()
    assert order() == ["Gent", "Bonn", "Oslo"]
    heads[1].click()
    assert order() == ["Bonn", "Gent", "Oslo"]
    heads[0].click()
    assert order() == ["Bonn", "Gent", "Oslo"]
    heads[0].click()
    assert order() == ["Oslo", "Gent", "Bonn"]
    sorted_by = find(browser, "table.sortable:not(.metrics) th[aria-sort]")
    assert [head.get_attribute("aria-sort") for head in sorted_by] == ["descending"]


def test_tabs_answer_to_the_mouse_and_the_keyboard(open_page, plain_page):
    from selenium.webdriver.common.keys import Keys

    browser = open_page(plain_page.to_html())
    one, two = find(browser, "[role=tab]")
    panels = find(browser, "[role=tabpanel]")

    def shown():
        return [panel.is_displayed() for panel in panels]

    assert shown() == [True, False]
    two.click()
    assert shown() == [False, True]
    two.send_keys(Keys.ARROW_RIGHT)
    assert shown() == [True, False]
    assert browser.switch_to.active_element == one
    one.send_keys(Keys.END)
    assert shown() == [False, True]
    assert [tab.get_attribute("aria-selected") for tab in (one, two)] == ["false", "true"]


def test_all_that_can_be_pressed_is_reached_by_tab(open_page, plain_page):
    from selenium.webdriver.common.keys import Keys

    browser = open_page(plain_page.to_html())
    wanted = {e.id for e in find(browser, "a[href], button:not([tabindex='-1']), summary")}
    wanted -= {e.id for e in find(browser, "details:not([open]) button")}
    reached = set()
    for _ in range(len(wanted) + 20):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        reached.add(browser.switch_to.active_element.id)
    assert wanted <= reached


@pytest.mark.parametrize("width", [360, 390, 1280])
def test_the_page_fits_its_screen(open_page, plain_page, width):
    browser = open_page(plain_page.to_html(), width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1200])
def test_pictures_are_loaded_have_a_text_and_fit_their_screen(open_page, hostile_pages, width):
    browser = open_page(hostile_pages["images"], width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    pictures = browser.execute_script(
        "document.documentElement.classList.remove('scripted');"  # shows all panels
        "return [...document.querySelectorAll('img.tile')].map((e) =>"
        "  [e.complete && e.naturalWidth > 0, e.alt.length, e.getBoundingClientRect().right])"
    )
    assert len(pictures) > 60
    assert all(loaded and text > 10 and right <= width for loaded, text, right in pictures)


@pytest.mark.parametrize("kind", ["quality", "comparison"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_results_fit_their_screen_with_legible_drawings(
    open_page, hostile_pages, kind, width
):
    browser = open_page(hostile_pages[kind], width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    sizes = browser.execute_script(
        "document.documentElement.classList.remove('scripted');"  # shows all panels
        "const shown = (e) => e.getClientRects().length;"  # each is drawn for two widths
        "return [...document.querySelectorAll('svg.drawing text')].filter(shown).map((text) => {"
        "  const svg = text.closest('svg');"
        "  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;"
        "  return parseFloat(getComputedStyle(text).fontSize) * scale; })"
    )
    assert len(sizes) > 50 and min(sizes) > 9.9
    cut = browser.execute_script(
        "return [...document.querySelectorAll('svg.drawing')]"
        "  .filter((e) => e.getClientRects().length)"
        "  .map((e) => e.getBoundingClientRect().width - e.closest('.scroll').clientWidth)"
    )
    assert cut and max(cut) <= 1


def wide_page():
    """Tables as wide as those of rows get, which is wider than any paper."""
    frames = {
        n: pd.DataFrame({f"a_long_name_{i}": ["some words"] * 3 for i in range(n)})
        for n in (14, 40)
    }
    items = tuple(page.Table(frame, f"{n} columns") for n, frame in frames.items())
    return page.Page("t", "a", (page.Section("s", "", items),)).to_html()


@pytest.mark.parametrize("kind", ["wide", "quality", "comparison"])
def test_nothing_is_cut_off_on_paper(open_page, hostile_pages, kind):
    html = wide_page() if kind == "wide" else hostile_pages[kind]
    browser = open_page(html, PORTRAIT, media="print")
    ends = browser.execute_script(
        "return [...document.querySelectorAll('.scroll :is(td, th, svg)')].map("
        "  (e) => Math.max(e.getBoundingClientRect().right,"
        "    e.getBoundingClientRect().left + e.scrollWidth))"
    )
    assert ends and max(ends) <= PORTRAIT + 1  # scrollWidth is rounded


@pytest.mark.parametrize(("kind", "most"), [("quality", 8), ("images", 8), ("comparison", 4)])
def test_a_page_takes_few_sheets_of_paper(open_page, plain_results, kind, most):
    browser = open_page(plain_results[kind])
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    sheets = re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed["data"]))
    assert 1 <= len(sheets) <= most


def test_dark_and_light_differ_and_are_legible(open_page, plain_page):
    seen = {}
    for dark in (False, True):
        browser = open_page(plain_page.to_html(), dark=dark)
        seen[dark] = browser.execute_script(
            "const all = ['.answer', 'td', '.reading', 'figcaption', '.badge.poor', 'h1'];"
            "const colour = (e, name) => getComputedStyle(e)[name];"
            "const ground = (e) => {"
            "  const none = 'rgba(0, 0, 0, 0)';"
            "  while (e && colour(e, 'backgroundColor') === none) e = e.parentElement;"
            "  return colour(e || document.body, 'backgroundColor'); };"
            "return all.map((s) => document.querySelector(s))"
            "  .map((e) => [colour(e, 'color'), ground(e)]);"
        )
        for ink, ground in seen[dark]:
            assert contrast(ink, ground) >= 4.5
    assert seen[False] != seen[True]


def contrast(one, other):
    """Contrast ratio of two CSS colours, as WCAG 2 defines it."""

    def luminance(colour):
        parts = [float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_on_paper_every_panel_is_open_and_folds_say_where_to_look(open_page, plain_page):
    browser = open_page(plain_page.to_html(), media="print", dark=True)
    assert all(panel.is_displayed() for panel in find(browser, "[role=tabpanel]"))
    told = browser.execute_script(
        "return [...document.querySelectorAll('details summary')].map("
        "  (e) => getComputedStyle(e, '::after').content)"
    )
    assert told and all("on a screen" in words for words in told)
    assert not any(e.is_displayed() for e in find(browser, "nav, [role=tablist]"))
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"


def test_without_scripts_everything_is_shown(open_page, plain_page):
    html = re.sub(r"<script>.*?</script>", "", plain_page.to_html(), flags=re.DOTALL)
    browser = open_page(html)
    assert all(panel.is_displayed() for panel in find(browser, "[role=tabpanel]"))


def test_a_screenshot_shows_more_than_paper(open_page, plain_page):
    browser = open_page(plain_page.to_html())
    taken = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    assert len(base64.b64decode(taken["data"])) > 20_000
