from matplotlib.figure import Figure

from gan_augment.report.display import Display


def test_a_display_shows_itself_as_png():
    figure = Figure()
    assert Display(figure, figure.subplots())._repr_png_().startswith(b"\x89PNG")
