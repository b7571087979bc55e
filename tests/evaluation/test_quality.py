"""The report as a whole: each defect is caught by the group that is there for it."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from gan_augment.evaluation.quality import quality_report
from gan_augment.evaluation.requirements import Requirement
from gan_augment.exceptions import InputError


def customers(n, seed):
    """Columns that hang together, with a rare category, missing cells and a class."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, n)
    city = np.where(rng.random(n) < age / 100, "Oslo", rng.choice(["Bonn", "Graz"], n))
    city = np.where(rng.random(n) < 0.04, "Rome", city)
    income = np.round(900 * age * rng.lognormal(0, 0.2, n), 2)
    income[rng.random(n) < 0.1] = np.nan
    score = age + 15 * (city == "Oslo") + 8 * rng.normal(size=n)
    frame = pd.DataFrame({"age": age, "income": income, "city": city})
    frame["member"] = rng.random(n) < 0.2 + 0.6 * (city == "Oslo")
    return frame.assign(churn=np.where(score > 62, "yes", "no"))


@pytest.fixture(scope="module")
def tables():
    return customers(600, 1), customers(600, 2), customers(600, 3)


def report(tables, synthetic, **options):
    real, _, holdout = tables
    options = {"holdout": holdout, "target": "churn", "random_state": 0} | options
    return quality_report(real, synthetic, **options)


@pytest.fixture(scope="module")
def good(tables):
    return report(tables, tables[1])


@pytest.fixture(scope="module")
def copied(tables):
    return report(tables, tables[0], target=None)


def test_fresh_rows_pass_every_group(good):
    assert good.verdicts == dict.fromkeys(["fidelity", "diversity", "utility", "privacy"], "good")
    assert good.verdict.startswith("Good: none of ") and good.tone == "good"
    assert good.verdict.endswith(" Fidelity, diversity, utility and privacy are good.")
    assert good.metric("c2st").value == pytest.approx(0.5, abs=0.06)


def test_every_figure_has_an_interval_a_reference_and_a_sentence(good):
    frame = good.to_frame()
    assert frame["reference"].notna().all() and frame["label"].str.len().min() > 3
    measured = ~frame["name"].isin(["dcr_share", "nndr_share", "membership"])
    kinds = np.where(measured, "holdout", "chance")
    assert (frame["reference_kind"] == kinds).all()
    assert (frame["reference_error"].notna() == measured).all()
    assert (frame["low"] <= frame["value"] + 1e-9).all()
    assert (frame["value"] <= frame["high"] + 1e-9).all()
    assert frame["how_to_read"].str.len().min() > 30 and (frame["n"] > 0).all()
    heads = set(frame.loc[frame["by"].isna(), "name"])
    assert heads >= {"c2st", "ks", "tv", "missing", "pairs", "violations", "precision", "recall"}
    assert heads >= {"density", "coverage", "rare_categories", "within_class_variance", "tstr"}
    assert heads >= {"trts", "importance_agreement", "exact_copies", "dcr_share", "membership"}


def test_columns_shuffled_independently_are_caught_by_c2st_and_pairs(tables):
    rng = np.random.default_rng(0)
    shuffled = tables[1].apply(lambda column: rng.permutation(column.to_numpy()))
    found = report(tables, shuffled, privacy=False)
    assert found.metric("c2st").value > 0.8 and found.metric("c2st").verdict == "poor"
    assert found.metric("pairs").verdict == "poor"
    assert found.metric("ks").verdict == found.metric("tv").verdict == "good"
    assert found.verdicts["utility"] == "poor"
    assert {"age", "income"} == set(found.tables["pairs"].iloc[0][["column", "other"]])


def test_a_copy_of_the_training_rows_is_caught_by_privacy_and_too_low_a_c2st(copied):
    assert copied.verdicts == {"fidelity": "fair", "diversity": "good", "privacy": "poor"}
    assert copied.metric("c2st").high < 0.4
    assert "a sign of copied rows" in copied.metric("c2st").remark
    assert copied.verdict.startswith("Not good yet: some synthetic rows are copies of ")
    heads = copied.to_frame().query("group == 'fidelity' and by.isna() and name != 'c2st'")
    assert (heads["verdict"] == "good").all()
    assert copied.metric("exact_copies").value == 1
    assert copied.metric("dcr_share").value > 0.95
    assert copied.metric("membership").value > 0.95
    assert any("copies" in note for note in copied.notes)
    assert copied.tables["nearest_neighbours"]["distance"].max() < 1e-6


def test_a_copy_is_caught_without_a_holdout_too(tables):
    found = quality_report(tables[0], tables[0], random_state=0)
    assert found.metric("exact_copies").value == 1
    assert found.metric("dcr_share").low > 0.6
    assert found.settings["reference"] == "split halves"
    assert set(found.to_frame()["reference_kind"]) == {"split halves", "chance"}
    assert found.metric("c2st").verdict == "fair" and found.metric("c2st").value < 0.4
    assert any("no holdout" in note for note in found.notes)
    with pytest.raises(InputError, match="'membership' is not in this report"):
        found.meets("membership<=0.6")


def test_mode_collapse_is_caught_by_recall_and_coverage(tables):
    centre = tables[1][tables[1]["age"].between(40, 45) & (tables[1]["city"] == "Oslo")]
    collapsed = centre.sample(600, replace=True, random_state=0)
    found = report(tables, collapsed, target=None, privacy=False)
    assert found.metric("recall").verdict == found.metric("coverage").verdict == "poor"
    assert found.metric("within_class_variance").verdict == "poor"
    assert found.metric("rare_categories").value == 0
    assert found.metric("rare_categories").verdict == "poor"
    missed = found.tables["uncovered_rows"]
    assert not missed["age"].between(40, 45).any()
    assert missed.index.name == "row"


def test_broken_cells_are_caught_by_violations(tables):
    broken = tables[1].copy()
    broken["city"] = broken["city"].replace({"Oslo": "oslo"})
    broken["age"] = broken["age"].astype(object)
    broken.loc[3, "age"] = "old"
    broken.loc[4, "income"] = 1e9
    found = report(tables, broken, privacy=False, target=None)
    assert found.metric("violations").verdict == "poor"
    assert found.metric("violations", "city").value == (tables[1]["city"] == "Oslo").mean()
    table = found.tables["violations"].set_index(["column", "what"])
    assert table.loc[("city", "unknown category"), "example"] == "oslo"
    assert table.loc[("age", "unreadable"), "rows"] == 1
    assert ("income", "out of range") in table.index
    assert found.tables["columns"]["column"].iloc[0] == "city"
    assert found.tables["telling_columns"]["column"].iloc[0] == "city"


def test_requirements_name_what_fails(good, copied):
    assert good.meets(["c2st<=0.8", "ks>=0.9", "ks[age] > 0.8", "tstr >= .8"]) == []
    failures = copied.meets(["dcr_share<0.6", "ks>=0.9", "exact_copies<=1e-3"])
    assert len(failures) == 2
    assert failures[1].startswith("exact_copies is 1.000 (real against real 0.0")
    assert failures[1].endswith("required <= 0.001")


@pytest.mark.parametrize(
    ("requirement", "says"),
    [
        ("cst<=0.8", "'cst' is not in this report: use one of c2st, ks"),
        ("ks[wage]>=0.9", "no figure for 'wage'"),
        ("c2st=0.8", "'c2st=0.8' cannot be read"),
        ("c2st<=high", "cannot be read"),
        ("c2st<=nan", "cannot be read"),
    ],
)
def test_a_requirement_that_means_nothing_is_refused(good, requirement, says):
    with pytest.raises(InputError) as caught:
        good.meets([requirement])
    assert says in str(caught.value)


def test_a_figure_that_could_not_be_computed_meets_no_requirement(good):
    class Unknown:
        name, by, value, reference, reason = "ks", None, float("nan"), None, "no rows"

    assert (
        Requirement.parse("ks>=0").failure([Unknown]) == "ks is unknown (no rows), required >= 0"
    )


def small(**changes):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"a": rng.normal(size=60), "k": rng.choice(["u", "v"], 60)})
    return frame.assign(**changes)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((small(), small()[["a"]]), "synthetic lacks ['k']"),
        ((small(), small(z=1)), "synthetic has ['z'] besides"),
        ((small(), small().rename(columns={"a": "A"})), "lacks ['a'] and has ['A'] besides"),
        ((small(), small()[:9]), "synthetic has 9 rows: pass at least 10"),
        ((small(), None), "synthetic is None"),
        ((small(), small().to_numpy()[:, 0]), "Expected 2D array"),
    ],
)
def test_tables_that_do_not_belong_together_are_refused_in_a_sentence(arguments, says):
    with pytest.raises(InputError) as caught:
        quality_report(*arguments)
    assert says in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"target": "y"}, "target='y' is not a column of real"),
        ({"target": ([0], [1], [2])}, "target has 3 entries for 2 tables"),
        ({"target": ([0, 1], [1] * 60)}, "target has 2 values for the 60 rows of real"),
        (
            {"target": (["x"] * 60, ["x"] * 60)},
            "has one value, 'x', so there is nothing",
        ),
        ({"max_rows": 5}, "max_rows=5"),
        ({"columns": {"b": "category"}}, "columns names 'b'"),
        ({"random_state": -1}, "random_state=-1"),
    ],
)
def test_options_that_make_no_sense_are_refused_in_a_sentence(options, says):
    with pytest.raises(InputError) as caught:
        quality_report(small(), small(), **options)
    assert says in str(caught.value)


def test_containers_column_order_and_a_separate_target_make_no_difference():
    polars = pytest.importorskip("polars")
    rng = np.random.default_rng(2)
    real, made = (pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc")) for _ in range(2))
    y = [rng.integers(0, 2, 40) for _ in range(2)]
    options = {"random_state": 0, "privacy": False}
    one = quality_report(real, made, target=tuple(y), **options).to_frame()
    others = [
        quality_report(real, made[["c", "a", "b"]], target=tuple(map(list, y)), **options),
        quality_report(polars.from_pandas(real), made.to_numpy(), target=tuple(y), **options),
        quality_report(
            real.assign(target=y[0]), made.assign(target=y[1]), target="target", **options
        ),
    ]
    for other in others:
        pd.testing.assert_frame_equal(one, other.to_frame())


def test_the_same_seed_gives_the_same_report_and_leaves_global_state_alone(tables):
    np.random.seed(3)
    before = np.random.get_state()[1].tolist(), np.random.get_state()[2]
    frames = [
        report([table[:60] for table in tables], tables[1][:60]).to_frame() for _ in range(2)
    ]
    assert (np.random.get_state()[1].tolist(), np.random.get_state()[2]) == before
    pd.testing.assert_frame_equal(*frames)
    other = report([table[:60] for table in tables], tables[1][:60], random_state=1).to_frame()
    assert not frames[0].equals(other)


def test_the_callers_tables_are_not_touched(tables):
    copies = [table.copy() for table in tables]
    quality_report(*tables[:2], holdout=tables[2], privacy=False, max_rows=50)
    for table, copy in zip(tables, copies, strict=True):
        pd.testing.assert_frame_equal(table, copy)


def test_a_number_as_target_and_one_column_alone():
    rng = np.random.default_rng(4)
    real, made = (pd.DataFrame({"a": rng.normal(size=90)}) for _ in range(2))
    alone = quality_report(real, made, privacy=False, random_state=0)
    assert "pairs" not in set(alone.to_frame()["name"])
    for frame in (real, made):
        frame["y"] = 2 * frame["a"] + 0.1 * rng.normal(size=90)
    found = quality_report(real, made, target="y", random_state=0)
    assert found.metric("tstr").value > 0.8 and found.metric("tstr").verdict == "good"


def test_odd_columns_are_no_obstacle():
    """Constants, all-missing columns, dates, free text, and a class that was not made."""
    frames = []
    for seed in (0, 1):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"one": 1, "none": [None] * 80, "x": rng.normal(size=80)})
        frame["when"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 99, 80), "D")
        frame["id"] = [f"id-{i}" for i in range(80)]
        frame["y"] = rng.choice(["a", "b", "c"], 80)
        frames.append(frame)
    frames[1]["y"] = "a"
    found = quality_report(*frames, target="y", random_state=0)
    assert any("'id' is not compared" in note for note in found.notes)
    assert np.isnan(found.metric("tstr").value) and "“a”" in found.metric("tstr").reason
    json.loads(found.to_json())


@pytest.mark.parametrize("arrow", [False, True])
def test_dates_beyond_those_of_nanoseconds_are_compared_and_drawn(arrow):
    frames = []
    for seed in (0, 1):
        days = np.random.default_rng(seed).integers(-700_000, 2_900_000, 60)  # years 53 to 9909
        when = pd.Series(days.astype("timedelta64[D]") + np.datetime64("1970-01-01", "s"))
        when[3] = pd.NaT
        if arrow:
            when = when.astype("timestamp[s][pyarrow]")
        frames.append(pd.DataFrame({"when": when, "x": days + 0.5}))
    found = quality_report(*frames, privacy=False, random_state=0)
    assert found.metric("ks", "when").value == pytest.approx(
        found.metric("ks", "x").value, abs=0.1
    )
    assert "Distribution of when" in found.to_html()


def test_a_report_that_is_written_is_rendered_once(copied, tmp_path, monkeypatch):
    from gan_augment.report.page import Page

    rendered, render = [], Page.to_html
    monkeypatch.setattr(Page, "to_html", lambda *given: rendered.append(1) or render(*given))
    path = tmp_path / "report.html"
    assert copied.to_html(path) == path.read_text(encoding="utf-8")
    assert len(rendered) == 1


def test_explain_puts_a_row_beside_its_nearest_real_rows(copied, tables):
    found = copied.explain(7, k=2)
    assert list(found.columns)[:2] == ["synthetic 7", "real 7"] and len(found.columns) == 4
    assert found.index.tolist() == tables[0].columns.tolist() and (found["gap"] == 0).all()
    with pytest.raises(InputError, match="row=600 is not in the synthetic table"):
        copied.explain(600)


def test_json_holds_data_only_and_the_schema(good, tmp_path):
    path = tmp_path / "report.json"
    assert json.loads(good.to_json(path)) == json.loads(path.read_text(encoding="utf-8"))
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["schema"] == "gan_augment.quality/1"
    assert content["metrics"][0]["name"] == "c2st" and content["verdicts"] == good.verdicts
    assert content["tables"]["implausible_rows"]["columns"][:2] == ["row", "P(synthetic)"]


def test_a_score_column_never_hides_one_of_the_callers():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 1)), columns=["P(synthetic)"])
    found = quality_report(frame, frame, privacy=False).tables["implausible_rows"]
    assert list(found.columns) == ["P(synthetic)_2", "P(synthetic)"]


@pytest.mark.sdv
def test_sdmetrics_score_stands_beside_ours(tables):
    before = np.random.get_state()[2]
    found = report(tables, tables[1], target=None, privacy=False, sdmetrics=True)
    assert found.metric("sdmetrics_score").value > 0.9
    assert np.random.get_state()[2] == before


@pytest.mark.filterwarnings("ignore")
@pytest.mark.sdv
def test_tables_that_sdv_made_are_read_as_they_are(tables):
    from sdv.metadata import Metadata
    from sdv.single_table import GaussianCopulaSynthesizer

    real = tables[0].rename(columns={"city": "town"})  # sdv would invent names of cities
    since = pd.Timestamp("2020-01-01") + pd.to_timedelta(tables[0]["age"] * 9, "D")
    real = real.assign(since=since, plan=real["town"].str[0].astype("category"))
    synthesizer = GaussianCopulaSynthesizer(Metadata.detect_from_dataframes({"people": real}))
    synthesizer.fit({"people": real})
    made = synthesizer.sample(num_rows=600)
    made = made["people"] if isinstance(made, dict) else made
    assert {str(dtype) for dtype in made.dtypes} >= {"object", "category", "float64"}
    found = quality_report(real, made, target="churn", random_state=0)
    # A Gaussian copula keeps every column and rank correlations, and knows no other relations.
    assert min(found.metric(name).value for name in ("ks", "tv", "correlation")) > 0.88
    assert found.metric("violations").value > 0.05  # it breaks what ties plan and since to others
    assert found.tables["violations"]["rows"].sum() < 30  # of 600: no cell is impossible by itself
    assert found.metric("exact_copies").value == 0
    assert found.metric("c2st").verdict == "poor"
    assert "unreadable" not in set(found.tables["violations"]["what"])


def test_reports_need_neither_torch_nor_sdv():
    code = (
        "import sys, numpy as np\n"
        "from gan_augment.evaluation.quality import quality_report\n"
        "quality_report(np.eye(20), np.eye(20), privacy=False)\n"
        "assert not {'torch', 'sdv', 'sdmetrics', 'matplotlib'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.real_data
def test_on_adult_a_fresh_half_passes_and_shuffled_columns_do_not(load_real):
    X, y, _ = load_real("adult")
    frame = X.assign(income=y).sample(2000, random_state=0).reset_index(drop=True)
    half, fresh = frame[:1000], frame[1000:]
    good = quality_report(half, fresh, target="income", random_state=0)
    assert good.metric("c2st").value == pytest.approx(0.5, abs=0.04)
    assert set(good.verdicts.values()) == {"good"}
    rng = np.random.default_rng(0)
    shuffled = fresh.apply(lambda column: rng.permutation(column.to_numpy()))
    bad = quality_report(half, shuffled, privacy=False, random_state=0)
    assert bad.metric("c2st").value > 0.9 and bad.metric("pairs").verdict == "poor"
    assert max(len(report.to_html()) for report in (good, bad)) < 3_000_000


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["credit_g", "vehicle", "titanic", "insurance"])
def test_fresh_real_halves_pass_and_defects_do_not(load_real, whole_measures, name):
    X, y, _ = load_real(name)
    frame = X.assign(the_target=y)
    drawn = frame.sample(frac=1, random_state=2).reset_index(drop=True)
    half, fresh = np.split(np.arange(len(drawn) // 2 * 2), 2)
    half, fresh = drawn.iloc[half], drawn.iloc[fresh]
    good = quality_report(half, fresh, target="the_target", random_state=2)
    assert set(good.verdicts.values()) == {"good"}, good.verdict
    rng = np.random.default_rng(0)
    shuffled = fresh.apply(lambda column: rng.permutation(column.to_numpy()))
    bad = quality_report(half, shuffled, privacy=False, random_state=0)
    assert bad.metric("c2st").verdict == "poor"
    copied = quality_report(half, half, random_state=0)
    assert copied.verdicts["privacy"] == "poor" and copied.metric("c2st").verdict == "fair"


def test_one_target_for_two_tables_is_refused(tables):
    real = tables[0]
    X = real.drop(columns="churn")
    for target in (real["churn"], real["churn"].to_numpy(), real[["churn"]]):
        with pytest.raises(InputError, match="there are 2 tables: pass the name of a column, or"):
            quality_report(X, X, target=target)


def test_a_figure_of_a_column_is_found_as_requirements_spell_it(tables):
    found = report(tables, tables[1], privacy=False)
    assert found.metric("ks[age]") == found.metric("ks", by="age") != found.metric("ks")
    for name in ("kss[age]", "ks[aged]"):
        with pytest.raises(InputError, match="There is no metric"):
            found.metric(name)


def test_a_notebook_shows_the_answer_and_the_figures(good):
    summary = good.summary()
    assert summary.columns.tolist() == [
        "group", "figure", "name", "value", "low", "high", "real against real", "verdict",
        "remark",
    ]  # fmt: skip
    whole = [metric for metric in good.metrics if metric.by is None]
    assert summary["name"].tolist() == [metric.name for metric in whole]
    assert summary["value"].tolist() == pytest.approx([metric.value for metric in whole])
    pd.testing.assert_frame_equal(good.summary(detail=True), good.to_frame())
    html = good._repr_html_()
    assert good.answer in html and "<svg" in html
    assert all(f"<td>{metric.label}</td>" in html for metric in whole)


def test_a_chart_on_axes_of_the_caller(good):
    from matplotlib.figure import Figure

    figure = Figure()
    display = good.plot(ax=figure.subplots())
    assert display.ax_ is figure.axes[0] and len(figure.axes) == 1 and figure.axes[0].lines
