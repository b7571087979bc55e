import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from gan_augment.report.display import Display


def test_a_display_shows_itself_as_png():
    figure = Figure()
    assert Display(figure, figure.subplots())._repr_png_().startswith(b"\x89PNG")


def test_a_figure_that_pyplot_knows_is_left_to_pyplot():
    mpl.use("agg")
    from matplotlib import pyplot

    figure, ax = pyplot.subplots()
    try:
        assert Display.of(figure, ax)._repr_png_() is None
    finally:
        pyplot.close(figure)


@pytest.mark.parametrize(
    ("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_the_ending_says_the_format(kind, start, tmp_path):
    figure = Figure()
    display = Display.of(figure, figure.subplots())
    display.savefig(tmp_path / f"chart.{kind}")
    assert (tmp_path / f"chart.{kind}").read_bytes().startswith(start)


def test_what_was_drawn_on():
    figure = Figure()
    axes = figure.subplots(1, 2)
    assert Display.of(figure).ax_.tolist() == axes.tolist()
    assert Display.of(figure, axes[1]).ax_ is axes[1]
