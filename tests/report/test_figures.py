"""Figures: what is drawn, from which rows, and for columns of every kind."""

import warnings
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from gan_augment import quality_report
from gan_augment.exceptions import InputError
from gan_augment.report import figures
from gan_augment.report.figures import as_floats, is_number
from gan_augment.report.style import MUTED, SERIES, label


def summary(amounts=(1.0,), sizes=(1.0,), scorers=("accuracy",), learners=("forest",)):
    found = []
    for learner in learners:
        for scorer in scorers:
            for size in sizes:
                for name in ("none", "duplicates", "SMOTE", "GAN"):
                    for amount in (0.0,) if name == "none" else amounts:
                        lift = {"GAN": 0.03, "SMOTE": 0.01}.get(name, 0.0) * amount
                        found.append(
                            {
                                "estimator": learner,
                                "augmenter": name,
                                "n_samples": amount,
                                "n_synthetic": 100 * size * amount,
                                "train_size": size,
                                "n_train": 100 * size,
                                "scorer": scorer,
                                "score": 0.8 + lift,
                                "difference": lift,
                                "low": lift - 0.01,
                                "high": lift + 0.01,
                                "better": 0.7,
                                "equal": 0.2,
                                "worse": 0.1,
                            }
                        )
    return pd.DataFrame(found)


def names_of(ax):
    return [tick.get_text() for tick in ax.get_yticklabels()]


def test_lifts_have_a_heading_a_learner_and_the_controls_last():
    ax = figures.lift_plot(summary(learners=("forest", "logistic"))).axes[0]
    lines = ["GAN", "duplicates", "SMOTE"]
    assert names_of(ax) == ["forest", *lines, "logistic", *lines]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots[:3]] == [0.0, 0.01, 0.03]
    assert {dot.get_color() for dot in dots} == {SERIES[0], MUTED}
    (legend,) = ax.figure.legends
    assert [text.get_text() for text in legend.texts] == ["GAN", "free controls"]


def test_lifts_name_amounts_and_sizes_only_where_they_differ():
    ax = figures.lift_plot(summary(amounts=(0.5, 2.0), sizes=(0.2, 1.0))).axes[0]
    assert names_of(ax)[1:5] == [
        "GAN, ×0.5, 20 rows",
        "GAN, ×2, 20 rows",
        "GAN, ×0.5, all rows",
        "GAN, ×2, all rows",
    ]


def test_every_scorer_has_its_axes():
    figure = figures.lift_plot(summary(scorers=("accuracy", "roc_auc")), rope=0.01)
    assert len(figure.axes) == 2
    assert "ROC AUC" in figure.axes[1].get_xlabel()


def test_chances_fill_the_row():
    ax = figures.chances_plot(summary()).axes[0]
    ends = [bar.get_x() + bar.get_width() for bar in ax.patches if bar.get_width()]
    assert max(ends) == pytest.approx(1.0)
    assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(3.0)


def test_amounts_are_drawn_over_rows_added_beside_the_baseline():
    ax = figures.amount_plot(summary(amounts=(0.5, 1.0, 2.0))).axes[0]
    lines = {line.get_label(): line for line in ax.lines}
    assert lines["GAN"].get_xdata().tolist() == [50.0, 100.0, 200.0]
    assert lines["no augmentation"].get_ydata()[0] == 0.8


def test_learning_curves_are_drawn_over_real_rows():
    figure = figures.learning_curve_plot(summary(sizes=(0.2, 1.0), learners=("a", "b")))
    assert [ax.get_title() for ax in figure.axes] == ["a", "b"]
    (line,) = (line for line in figure.axes[0].lines if line.get_label() == "GAN")
    assert line.get_xdata().tolist() == [20.0, 100.0]


def mixed_sizes():
    """All rows (coded 1.0) and thirty; the score rises with both, and so does the baseline."""
    table = summary(amounts=(0.5, 2.0), sizes=(1.0, 30.0))
    table["n_train"] = np.where(table["train_size"] == 1, 80.0, 30.0)
    table["n_synthetic"] = table["n_samples"] * table["n_train"]
    return table.assign(score=table["score"] + table["n_train"] / 1000)


def test_amounts_are_drawn_for_one_training_size_the_largest():
    ax = figures.amount_plot(mixed_sizes()).axes[0]
    lines = {line.get_label(): line for line in ax.lines}
    assert lines["no augmentation"].get_ydata()[0] == pytest.approx(0.88)
    assert lines["GAN"].get_xdata().tolist() == [40.0, 160.0]
    assert lines["GAN"].get_ydata().tolist() == pytest.approx([0.895, 0.94])
    assert "80 real rows" in ax.get_xlabel()


def test_learning_curves_are_drawn_for_one_amount_the_largest():
    ax = figures.learning_curve_plot(mixed_sizes()).axes[0]
    (line,) = (line for line in ax.lines if line.get_label() == "GAN")
    assert line.get_xdata().tolist() == [30.0, 80.0]
    assert line.get_ydata().tolist() == pytest.approx([0.06, 0.06])
    assert "×2 added" in ax.get_xlabel()


def test_lifts_of_several_sizes_are_those_of_the_most_rows():
    chosen = figures.of_largest_size(mixed_sizes())
    assert set(chosen["train_size"]) == {1.0} and figures.rows_trained_on(chosen) == "80 real rows"


@pytest.mark.parametrize("learners", [("forest",), ("a", "b", "c")])
def test_a_legend_stays_inside_its_figure(learners):
    figure = figures.amount_plot(summary(amounts=(0.5, 2.0), learners=learners))
    figure.canvas.draw()
    box, (legend,) = figure.bbox, figure.legends
    inside = legend.get_window_extent()
    assert box.x0 <= inside.x0 and inside.x1 <= box.x1 and inside.y1 <= box.y1


def test_metrics_of_the_whole_table_are_drawn_with_their_reference():
    frame = pd.DataFrame({"name": ["c2st", "ks", "ks"], "by": [None, None, "age"]})
    frame = frame.assign(value=[0.9, np.nan, 0.5], low=0.4, high=0.6, reference=[0.5, 0.9, 0.9])
    ax = figures.metric_bars(frame.assign(verdict="poor", higher_is_better=False)).axes[0]
    assert names_of(ax) == ["c2st ↓"]
    marks = [line for line in ax.lines if line.get_marker() == "|" and len(line.get_xdata())]
    assert [float(mark.get_xdata()[0]) for mark in marks] == [0.5]


def test_columns_of_every_kind_are_drawn(mixed_frame, rng):
    mixed = mixed_frame.assign(
        zone=pd.date_range("2024-01-01", periods=len(mixed_frame), tz="Europe/Berlin"),
        wait=pd.to_timedelta(rng.integers(0, 900, len(mixed_frame)), unit="min"),
        gone=np.full(len(mixed_frame), np.nan),
        sole=1.0,
        big=2.0**60 + rng.integers(0, 9, len(mixed_frame)),
        endless=np.where(rng.random(len(mixed_frame)) < 0.1, np.inf, 1.5),
    )
    shuffled = mixed.sample(frac=1, random_state=0)
    figure = figures.column_distributions(mixed, shuffled, limit=50)
    assert [ax.get_title() for ax in figure.axes] == [label(name) for name in mixed.columns]
    figure.savefig(BytesIO(), format="svg")


def test_a_histogram_is_of_shares_and_tells_what_is_missing():
    real = pd.Series([1.5, 2.5, 3.5, 4.5] * 10)
    synthetic = pd.Series([1.5, 2.5, np.nan, np.nan] * 10)
    ax = figures.column_distribution(real, synthetic).axes[0]
    assert "missing: real 0%, synthetic 50%" in ax.get_xlabel()
    filled = [patch.get_data().values.sum() for patch in ax.patches]
    assert filled == pytest.approx([1.0] * 4)
    short, long = pd.Series([*real[:9], 900.0, np.nan]), pd.Series(np.linspace(1, 4, 990))
    notes = figures.column_distribution(short, long).axes[0].get_xlabel().split("\n")
    assert [note.split(":")[0] for note in notes] == ["outside", "missing"]  # a line each


def test_the_first_augmenters_are_not_grey_as_the_free_controls():
    for colour in SERIES[:-1]:
        red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
        assert max(red, green, blue) - min(red, green, blue) > 60


def test_counts_have_a_bar_a_value():
    ax = figures.column_distribution(pd.Series([0, 1, 2, 2]), pd.Series([0, 0, 2, 2])).axes[0]
    assert ax.patches[0].get_data().edges.tolist() == [-0.5, 0.5, 1.5, 2.5]
    assert ax.patches[2].get_data().values.tolist() == [0.5, 0.0, 0.5]


def test_rare_categories_are_summed_but_not_those_that_differ_most():
    real = pd.Series([f"common {i}" for i in range(15) for _ in range(5)])
    synthetic = pd.Series(["invented"] * 30 + ["common 0"] * 30)
    names = names_of(figures.column_distribution(real, synthetic).axes[0])
    assert "invented" in names and names[-1] == "(others)" and len(names) == figures.MAX_BARS


def test_a_missing_category_has_a_bar():
    real, synthetic = pd.Series(["a", None]), pd.Series(["a", "a"])
    assert "(missing)" in names_of(figures.column_distribution(real, synthetic).axes[0])


def test_columns_only_one_table_has_are_left_out(mixed_frame):
    figure = figures.column_distributions(mixed_frame, mixed_frame.drop(columns="city"), limit=50)
    assert "city" not in [ax.get_title() for ax in figure.axes]


def test_maps_of_pairs_show_both_tables_and_the_gap():
    names = ["a", "b"]
    real, made = (pd.DataFrame([[1.0, r], [r, 1.0]], names, names) for r in (0.75, -0.25))
    figure = figures.pair_heatmaps(real, made)
    assert names_of(figure.axes[0]) == names
    drawn = [ax.images[0].get_array() for ax in figure.axes[:3]]
    assert [side[0, 1] for side in drawn] == [0.75, -0.25, -1.0]
    assert all(np.isnan(np.ma.filled(side[0, 0], np.nan)) for side in drawn)
    figure.savefig(BytesIO(), format="svg")


def test_the_maps_of_pairs_show_the_figures_of_the_table_of_pairs(mixed_frame, monkeypatch):
    """One measure of association a page; there were two."""
    drawn = []
    draw = figures.pair_heatmaps

    def drawing(*two, width):
        drawn.append(two)
        return draw(*two, width=width)

    monkeypatch.setattr(figures, "pair_heatmaps", drawing)
    report = quality_report(mixed_frame, mixed_frame[::-1], privacy=False, random_state=0)
    report.to_html()
    sides, narrow = drawn
    assert all(one is other or one.equals(other) for one, other in zip(sides, narrow, strict=True))
    for row in report.tables["pairs"].to_dict("records"):
        found = [side.loc[row["column"], row["other"]] for side in sides]
        assert found == [row["real"], row["synthetic"]]


def test_dates_and_durations_are_seconds():
    dates = pd.Series(pd.to_datetime(["1970-01-02", None]))
    assert as_floats(dates)[0] == 86400.0 and np.isnan(as_floats(dates)[1])
    assert as_floats(pd.Series(pd.to_timedelta(["1min"]))).tolist() == [60.0]
    early = pd.Series(np.array(["0001-01-01", "9999-12-31", "NaT"], dtype="datetime64[s]"))
    assert as_floats(early)[:2].tolist() == [-62135596800.0, 253402214400.0]
    for kind in ("timestamp[s][pyarrow]", "timestamp[ns, tz=UTC][pyarrow]", "date32[pyarrow]"):
        found = as_floats(dates.astype(kind))
        assert found[0] == 86400.0 and np.isnan(found[1])
    assert is_number(dates) and not is_number(pd.Series([True]))


def test_figures_are_unknown_to_pyplot_and_draw_the_same_twice(mixed_frame):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    points = mixed_frame.select_dtypes("number").to_numpy(float)
    points = points[~np.isnan(points).any(axis=1)]
    one, two = (figures.embedding(points, points[:60]) for _ in range(2))
    assert plt.get_fignums() == before
    for a, b in zip(one.axes[0].lines, two.axes[0].lines, strict=True):
        assert (a.get_xdata() == b.get_xdata()).all()


def test_single_columns_and_rows_are_drawn():
    frame = pd.DataFrame({"a": [1.0, 2.0, 4.0]})
    figures.embedding(frame.to_numpy(), frame.head(1).to_numpy())
    figures.pair_heatmaps(frame.T @ frame, frame.T @ frame)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.column_distribution(frame["a"], frame["a"].head(0))


# on the caller's axes --------------------------------------------------------------------------


def test_figures_are_drawn_on_the_callers_axes():
    outer = Figure()
    own, left, right = outer.subplots(1, 3)
    table = summary(amounts=(0.5, 1.0), learners=("a", "b"))
    for draw in (figures.lift_plot, lambda t, ax: figures.metric_bars(metrics(), ax=ax)):
        assert draw(table, ax=left) is outer
        assert left.lines and not own.lines and not right.lines
        left.clear()
    for draw in (figures.amount_plot, figures.learning_curve_plot):
        assert draw(table, ax=[left, right]) is outer
        assert left.lines and right.lines and not own.lines
        assert left.get_legend() is not None and not outer.legends
        left.clear()
        right.clear()


@pytest.mark.parametrize(("ax", "why"), [("here", "is no Axes"), (None, "is 1 Axes, .* takes 2")])
def test_axes_that_do_not_do_are_refused(ax, why):
    ax = Figure().subplots() if ax is None else ax
    with pytest.raises(InputError, match=why):
        figures.amount_plot(summary(amounts=(0.5, 1.0), learners=("a", "b")), ax=ax)


def metrics():
    row = {"name": "c2st", "value": 0.8, "low": 0.7, "high": 0.9, "reference": 0.5, "by": None}
    return pd.DataFrame([{**row, "higher_is_better": False, "verdict": "poor"}])
