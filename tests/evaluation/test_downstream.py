"""Comparisons: the same folds for all, one fit a fold, nothing leaks, nothing is lost."""

import json
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from joblib import parallel_config
from scipy import stats
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import recall_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from gan_augment.estimators.transformer import GANAugmenter
from gan_augment.evaluation.comparison import AugmentationComparison
from gan_augment.evaluation.downstream import compare_augmentations
from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator
from gan_augment.selection.controls import CONTROLS
from gan_augment.selection.splits import make_folds
from gan_augment.selection.statistics import holm

FITS = []
SECONDS = ["augment_seconds", "fit_seconds", "score_seconds"]
TREE = DecisionTreeClassifier(max_depth=3)


class Spy(BootstrapGenerator):
    """Remembers which rows it was fitted on; the first column says which they are."""

    def fit(self, X, y=None):
        FITS.append(np.asarray(X)[:, 0].astype(int))
        return super().fit(X, y)


class Failing(BootstrapGenerator):
    """Fails in folds without row 0, or everywhere."""

    def __init__(self, *, always=True, target="auto", random_state=None):
        super().__init__(target=target, random_state=random_state)
        self.always = always

    def fit(self, X, y=None):
        if self.always or 0.0 not in np.asarray(X)[:, 0]:
            raise RuntimeError("out of luck")
        return super().fit(X, y)


class Informed(BootstrapGenerator):
    """Makes rows from the true distribution, which no generator can know."""

    extrapolates = True

    def _sample(self, n, codes, rng):
        frame, numbers = super()._sample(n, codes, rng)
        draws = rng.normal(size=frame.shape) + 0.5 * codes[:, None]
        return pd.DataFrame(draws, columns=frame.columns), numbers


class NeedsSynthetic(ClassifierMixin, BaseEstimator):
    """Knows nothing unless it gets more than `rows` rows."""

    def __init__(self, rows=0):
        self.rows = rows

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.enough_ = len(X) > self.rows
        return self

    def predict(self, X):
        truth = (np.asarray(X)[:, 1] > 0).astype(int)
        return truth if self.enough_ else np.zeros_like(truth)


@pytest.fixture
def numbered(rng):
    """100 rows whose first column is their number and whose second decides the class."""
    signal = rng.normal(size=100)
    return np.column_stack([np.arange(100.0), signal]), (signal > 0).astype(int)


def test_one_fit_a_fold_shared_by_learners_and_amounts_and_no_test_row_in_it(numbered):
    X, y = numbered
    FITS.clear()
    result = compare_augmentations(
        {"tree": TREE, "knn": KNeighborsClassifier()},
        X,
        y,
        {"spy": Spy()},
        n_samples=[0.5, 1.0, 2.0],
        scoring="accuracy",
        random_state=0,
    )
    assert len(FITS) == 10
    seed = int(np.random.default_rng(0).integers(2**31 - 1))
    folds = make_folds(y, seed=seed)
    for fold, rows in zip(folds, FITS, strict=True):
        np.testing.assert_array_equal(rows, fold.train)
        assert not np.intersect1d(rows, fold.test).size
    frame = result.to_frame()
    spy = frame[(frame["augmenter"] == "spy") & (frame["estimator"] == "knn")]
    counts = spy.groupby("n_samples")["n_synthetic"].unique().map(list)
    assert counts.to_dict() == {0.5: [40], 1.0: [80], 2.0: [160]}
    cells = frame.groupby(["estimator", "augmenter", "n_samples", "scorer"])["fold"].count()
    assert (cells == 10).all() and len(cells) == 2 * (3 + 3 * 4)


def test_the_baseline_is_scikit_learns_own_score(numbered):
    X, y = numbered
    cv = StratifiedKFold(4, shuffle=True, random_state=1)
    result = compare_augmentations(
        LogisticRegression(),
        X,
        y,
        {},
        cv=cv,
        scoring=["accuracy", "roc_auc", "recall_per_class"],
        random_state=0,
    )
    frame = result.to_frame().query("augmenter == 'none'")
    for name in ("accuracy", "roc_auc"):
        expected = cross_val_score(LogisticRegression(), X, y, cv=cv, scoring=name)
        np.testing.assert_allclose(frame.query("scorer == @name")["score"], expected)
    for label in (0, 1):
        expected = []
        for train, test in cv.split(X, y):
            found = LogisticRegression().fit(X[train], y[train]).predict(X[test])
            expected.append(recall_score(y[test], found, pos_label=label))
        scores = frame[frame["scorer"] == f"recall[{label}]"]["score"]
        np.testing.assert_allclose(scores, expected)
    assert result.scorers_ == ["accuracy", "roc_auc", "recall[0]", "recall[1]"]
    assert result.augmenters_ == ["none", *CONTROLS]


def test_the_scores_depend_on_the_seed_and_not_on_jobs_backend_or_company(numbered):
    X, y = numbered
    twin = {"twin": BootstrapGenerator()}
    shared = {"cv": 2, "scoring": "accuracy", "random_state": 5}
    once = compare_augmentations(TREE, X, y, twin, **shared).to_frame()
    again = compare_augmentations(TREE, X, y, twin, n_jobs=2, **shared).to_frame()
    with parallel_config(backend="threading"):
        threads = compare_augmentations(TREE, X, y, twin, n_jobs=2, verbose=1, **shared)
    for other in (again, threads.to_frame()):
        pd.testing.assert_frame_equal(once.drop(columns=SECONDS), other.drop(columns=SECONDS))
    company = {"first": BootstrapGenerator(), **twin}
    more = compare_augmentations(TREE, X, y, company, **shared).to_frame()
    mine, theirs = (f.query("augmenter == 'twin'")["score"].tolist() for f in (once, more))
    assert mine == theirs
    other = compare_augmentations(TREE, X, y, twin, **{**shared, "random_state": 6}).to_frame()
    assert other["score"].tolist() != once["score"].tolist()


def test_the_summary_is_scipys_arithmetic_and_holm_counts_the_table(numbered):
    X, y = numbered
    models = {"tree": TREE, "knn": KNeighborsClassifier()}
    result = compare_augmentations(models, X, y, {}, scoring="accuracy", random_state=0)
    table = result.summary(detail=True)
    frame = result.to_frame().query("estimator == 'knn'")
    scores = frame.pivot(index="fold", columns="augmenter", values="score")
    difference = (scores["SMOTE"] - scores["none"]).to_numpy()
    row = table.query("estimator == 'knn' and augmenter == 'SMOTE'").iloc[0]
    error = difference.std(ddof=1) * math.sqrt(1 / 10 + 1 / 4)
    assert row["difference"] == pytest.approx(difference.mean())
    assert row["high"] == pytest.approx(difference.mean() + stats.t.ppf(0.975, 9) * error)
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(difference.mean()) / error, 9))
    assert row["wins"] + row["ties"] + row["losses"] == row["n_folds"] == 10
    tested = table[table["augmenter"] != "none"]
    np.testing.assert_allclose(tested["p_holm"], holm(tested["p_value"]))
    assert (table.query("augmenter == 'none'")["decision"] == "reference").all()
    short = result.summary()
    asked = "estimator augmenter n_samples scorer score baseline difference low high decision"
    pd.testing.assert_frame_equal(short, table[asked.split()])
    html = result._repr_html_()
    assert "<svg" in html and "roc_auc" not in html
    assert html.count("<tr") == 1 + 2 * 5 and html.count('class="grey"') == 2 * 5
    turned = result.summary(against="SMOTE").query("estimator == 'knn'")
    assert turned.query("augmenter == 'duplicates'")["difference"].iloc[0] == pytest.approx(
        (scores["duplicates"] - scores["SMOTE"]).mean()
    )
    with pytest.raises(InputError, match="against='GAN'"):
        result.summary(against="GAN")


def test_rows_that_a_control_makes_as_well_are_not_praised(numbered):
    X, y = numbered
    result = compare_augmentations(
        NeedsSynthetic(80), X, y, {"copies": BootstrapGenerator()}, random_state=0
    )
    assert result.advice == "use a control"
    assert result.verdict.startswith("Repeating real rows does as well as copies: use Bootstrap")
    assert "balanced accuracy rises by 0.500" in result.verdict
    ranks = result.ranking().set_index("augmenter")["rank"]
    assert ranks["copies"] == ranks["duplicates"] == 1 < ranks["none"]
    assert result.verdict in repr(result)


def test_a_generator_that_knows_the_truth_helps_a_learning_curve_at_its_left(rng):
    y = np.repeat([0, 1], 300)
    X = rng.normal(size=(600, 40)) + 0.5 * y[:, None]
    result = compare_augmentations(
        LogisticRegression(),
        X,
        y,
        {"truth": Informed()},
        n_samples=300,
        train_sizes=[6, 0.5],
        cv=10,
        scoring="accuracy",
        random_state=0,
    )
    assert result.summary()["train_size"].unique().tolist() == [6.0, 0.5]
    table = result.summary(detail=True).query("augmenter == 'truth'").set_index("train_size")
    assert table.loc[6.0, "decision"] == "better"
    assert table.loc[6.0, "difference"] > table.loc[0.5, "difference"]
    assert table["n_train"].tolist() == [6.0, 270.0]
    assert result.verdict.startswith("Augment") and "6 training rows" in result.verdict


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (LogisticRegression(), "TabularGAN, soft labels"),
        (LinearRegression(), "TabularGAN, labels of a committee"),
    ],
)
def test_by_default_the_same_generator_is_compared_with_both_kinds_of_labels(
    rng, model, name, short_training
):
    X = rng.normal(size=(60, 3))
    y = X[:, 0] + rng.normal(size=60)
    y = np.where(y > 0, "yes", "no") if isinstance(model, LogisticRegression) else y
    found = compare_augmentations(model, X, y, cv=2, random_state=0)
    assert found.augmenters_[-2:] == ["TabularGAN", name]
    assert found.settings["labeled"] == [name]
    rows = found.to_frame().groupby("augmenter")["n_synthetic"].first()
    assert (rows["TabularGAN"], rows[name]) == (30, 1000)
    alone = {"TabularGAN": GANAugmenter()}
    own = compare_augmentations(model, X, y, alone, cv=2, random_state=0).to_frame()
    both = found.to_frame()
    scores = [f.loc[f["augmenter"] == "TabularGAN", "score"].tolist() for f in (own, both)]
    assert scores[0] == scores[1]


def test_it_says_do_not_augment(numbered):
    X, y = numbered
    constant = compare_augmentations(
        DummyClassifier(), X, y, {"c": Spy()}, scoring="balanced_accuracy", random_state=0
    )
    assert constant.verdict.startswith("Do not augment: balanced accuracy stays within 0.01")
    table = constant.summary()
    assert set(table.query("augmenter == 'c'")["decision"]) == {"equal"}
    assert set(table.query("augmenter == 'tuned threshold'")["decision"]) == {"does not apply"}


def test_failures_are_rows_with_their_text_and_the_rest_goes_on(numbered):
    X, y = numbered
    makers = {"never": Failing(), "sometimes": Failing(always=False)}
    result = compare_augmentations(TREE, X, y, makers, scoring="accuracy", random_state=0)
    frame = result.to_frame()
    assert len(frame) == 10 * 8
    assert set(frame.query("augmenter == 'never'")["error"]) == {"RuntimeError: out of luck"}
    table = result.summary(detail=True).set_index("augmenter")
    assert table.loc["never", "decision"] == "failed" and table.loc["never", "n_failed"] == 10
    assert table.loc["sometimes", ["n_failed", "n_folds"]].tolist() == [2, 8]
    assert table.loc["sometimes", "error"] == "RuntimeError: out of luck"
    assert "12 of 80 runs failed (never, sometimes)" in result.verdict
    assert np.isnan(table.loc["never", "score"]) and table.loc["none", "n_failed"] == 0
    only = compare_augmentations(TREE, X, y, Failing(), scoring="accuracy", random_state=0)
    assert only.verdict.startswith("Nothing could be compared")
    assert "out of luck" in only.verdict


def test_smote_says_why_it_does_not_apply(sloped):
    result = compare_augmentations(
        LinearRegression(), *sloped, BootstrapGenerator(), scoring=["r2", "neg_max_error"], cv=3
    )
    assert result.scorers_ == ["r2", "neg_max_error"]
    assert "SMOTE does not apply here: SMOTE needs class labels" in result.verdict
    table = result.summary(detail=True).query("scorer == 'r2'").set_index("augmenter")
    assert table.loc["BootstrapGenerator", "n_synthetic"] == 40
    assert table.loc["SMOTE", "decision"] == "does not apply"
    assert table.loc["SMOTE", "n_failed"] == 0
    refused = result.to_frame().query("augmenter == 'SMOTE'")
    assert set(refused["reason"]) == {"does not apply"}
    assert refused["error"].iloc[0].startswith("SMOTE needs class labels")
    assert "What failed" not in result.to_html()


def test_tables_with_text_and_gaps_work_through_the_callers_pipeline(mixed_frame, mixed_labels):
    frame = mixed_frame[["income", "age", "city"]]
    model = make_pipeline(
        make_column_transformer(
            (make_pipeline(OneHotEncoder(handle_unknown="ignore")), ["city"]),
            remainder=SimpleImputer(),
        ),
        TREE,
    )
    result = compare_augmentations(
        model, frame, mixed_labels, GANAugmenter(BootstrapGenerator()), cv=2, random_state=0
    )
    assert result.augmenters_[-1] == "BootstrapGenerator"
    assert result.scorers_ == ["roc_auc", "neg_log_loss", "balanced_accuracy"]
    assert (result.to_frame()["error"] == "").all()  # SMOTE fills the gaps in
    assert result.to_frame()["estimator"].unique().tolist() == ["DecisionTreeClassifier"]


def test_other_containers_give_the_same_scores(numbered):
    X, y = numbered
    names = ["a", "b"]
    forms = [(X, y), (pd.DataFrame(X, columns=names), pd.Series(y)), (X.tolist(), y.tolist())]
    forms.append((pl.DataFrame(X, schema=names), pl.Series("y", y)))
    results = [
        compare_augmentations(TREE, *form, {}, cv=2, random_state=0).to_frame() for form in forms
    ]
    for other in results[1:]:
        assert (other["error"] == "").all()
        assert other["score"].tolist() == results[0]["score"].tolist()


class FlatTree(DecisionTreeClassifier):
    def fit(self, X, y):
        return super().fit(X.reshape(len(X), -1), y)

    def predict_proba(self, X):
        return super().predict_proba(X.reshape(len(X), -1))

    def predict(self, X):
        return super().predict(X.reshape(len(X), -1))


def test_arrays_of_images_have_their_controls(rng):
    y = np.repeat([0, 1], 20)
    X = (rng.integers(0, 100, (40, 4, 4, 1)) + 100 * y[:, None, None, None]).astype(np.uint8)
    result = compare_augmentations(
        FlatTree(), X, y, {}, scoring="balanced_accuracy", cv=2, random_state=0
    )
    frame = result.to_frame()
    assert (frame["error"] == "").all() and (frame["score"] >= 0.9).all()
    assert frame.query("augmenter == 'SMOTE'")["n_synthetic"].unique().tolist() == [20]


def test_an_interrupted_comparison_goes_on_where_it_stopped(numbered, tmp_path):
    X, y = numbered
    folder = tmp_path / "cells"
    shared = {"cv": 3, "scoring": "accuracy", "random_state": 0, "cache": folder}
    FITS.clear()
    first = compare_augmentations(TREE, X, y, {"spy": Spy()}, **shared).to_frame()
    assert len(FITS) == 3
    files = sorted(folder.iterdir())
    assert len(files) == 3 * 7 and all(file.suffix == ".json" for file in files)
    assert all("rows" in json.loads(file.read_text()) for file in files)
    second = compare_augmentations(TREE, X, y, {"spy": Spy()}, **shared).to_frame()
    assert len(FITS) == 3
    pd.testing.assert_frame_equal(first, second)  # the seconds too: nothing ran again
    for file in files:
        file.write_text(file.read_text()[:-20])  # damaged: made again
    third = compare_augmentations(TREE, X, y, {"spy": Spy()}, **shared).to_frame()
    assert len(FITS) == 6
    pd.testing.assert_frame_equal(first.drop(columns=SECONDS), third.drop(columns=SECONDS))
    models = {"DecisionTreeClassifier": TREE, "knn": KNeighborsClassifier()}
    compare_augmentations(models, X, y, {"spy": Spy()}, **shared)
    # only the new learner's cells were made; class weights do not apply to it
    assert len(list(folder.glob("*.json"))) == 3 * (7 + 6)
    before = len(FITS)
    compare_augmentations(TREE, X + 0.5, y, {"spy": Spy()}, **shared)
    compare_augmentations(TREE, X, y, {"spy": Spy()}, **{**shared, "random_state": 1})
    compare_augmentations(TREE, X, y, {"spy": Spy()}, class_balance="proportional", **shared)
    assert len(FITS) == before + 9  # other data, another seed, another plan


def test_failed_cells_are_tried_again(numbered, tmp_path):
    X, y = numbered
    shared = {"cv": 5, "scoring": "accuracy", "random_state": 0, "cache": tmp_path}
    compare_augmentations(TREE, X, y, {"f": Failing(always=False)}, **shared)
    assert len(list(tmp_path.glob("*.json"))) == 5 * 7 - 1


def test_results_survive_json_and_draw_themselves(numbered, tmp_path):
    X, y = numbered
    result = compare_augmentations(
        TREE, X, y, {"c": Failing()}, n_samples=[1.0, 30], train_sizes=[20, 0.5], cv=2,
        random_state=0, rope={"balanced_accuracy": 0.02},
    )  # fmt: skip
    back = AugmentationComparison.from_json(result.to_json(tmp_path / "r.json"))
    pd.testing.assert_frame_equal(back.to_frame(), result.to_frame())
    pd.testing.assert_frame_equal(back.summary(detail=True), result.summary(detail=True))
    assert back.verdict == result.verdict and back.settings == result.settings
    amounts = result.summary()["n_samples"].unique().tolist()
    assert [repr(amount) for amount in amounts] == ["0", "1.0", "30"]
    assert result.rope_of("balanced_accuracy") == 0.02 and result.rope_of("roc_auc") == 0.01
    for kind in ("lift", "learning_curve", "amount"):
        display = result.plot(kind)
        assert display.figure_.axes and display.ax_ is not None
    for wrong in ({"kind": "pie"}, {"scorer": "f1"}):
        with pytest.raises(InputError):
            result.plot(**wrong)
    page = result.to_html(tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == page
    assert "out of luck" in page


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"estimators": {}}, "estimators is empty"),
        ({"estimators": DecisionTreeClassifier}, "not an estimator"),
        ({"estimators": {"a": TREE, "b": LinearRegression()}}, "mixes classifiers"),
        ({"augmenters": {"none": Spy()}}, "is a control"),
        ({"augmenters": {"x": Spy}}, "no augmenter"),
        ({"augmenters": {"x": object()}}, "no augmenter"),
        ({"n_samples": []}, "empty list"),
        ({"n_samples": [1, 1.0]}, "twice"),
        ({"n_samples": -1.0}, "negative"),
        ({"n_samples": {7: 5}}, "not in y"),
        ({"class_balance": "fair"}, "class_balance"),
        ({"scoring": "beauty"}, "scoring='beauty'"),
        ({"scoring": []}, "scoring is empty"),
        ({"train_sizes": [81]}, "80 training rows"),
        ({"cv": 1}, "cv=1"),
        ({"rope": -1}, "rope=-1"),
        ({"rope": {"accuracy": "wide"}}, "rope="),
        ({"random_state": "x"}, "random_state"),
        ({"cache": "somewhere"}, "cache needs random_state"),
        ({"y": None}, "y is None"),
        ({"y": np.arange(3)}, "inconsistent"),
    ],
)
def test_impossible_questions_are_refused_before_any_training(numbered, changes, text):
    X, y = numbered
    FITS.clear()
    question = {"estimators": TREE, "X": X, "y": y, "augmenters": Spy(), **changes}
    with pytest.raises(InputError, match=text):
        compare_augmentations(**question)
    assert not FITS


@pytest.fixture(scope="module")
def uneven():
    """300 rows with a rare class, an age and a colour; the rare class shows in the old only."""
    rng = np.random.default_rng(3)
    age = rng.integers(20, 80, 300)
    X = pd.DataFrame(
        {"age": age, "colour": rng.choice(["red", "blue"], 300), "x": rng.normal(size=300)}
    )
    y = np.where((age > 50) & (X["x"] > 0.5) | (rng.random(300) < 0.05), "yes", "no")
    return X[["age", "x"]], X["colour"], pd.Series(y)


def test_calibration_is_told_before_and_after_and_added_shares_are_taken_back(uneven):
    X, _, y = uneven
    shared = {"cv": 4, "scoring": ["neg_log_loss"], "random_state": 0}
    model, twin = LogisticRegression(max_iter=1000), {"twin": BootstrapGenerator()}
    true = compare_augmentations(model, X, y, twin, n_samples=2.0, **shared)
    raw = compare_augmentations(
        model, X, y, twin, n_samples=2.0, correct_class_shares=False, **shared
    )
    told = {name: r.calibration_error().set_index("augmenter") for name, r in
            {"true": true, "raw": raw}.items()}  # fmt: skip
    for table in told.values():
        assert table.index.tolist() == [*true.calibration["augmenter"].unique()]
        assert (table["n"] == 300).all() and (
            table["baseline"] == table.loc["none", "error"]
        ).all()
    for name in ("twin", "class weights"):
        assert told["raw"].loc[name, "error"] > told["true"].loc[name, "error"] + 0.05
    bins = true.calibration.query("augmenter == 'none'")
    assert np.average(bins["observed"], weights=bins["n"]) == pytest.approx((y == "yes").mean())
    scores = [r.summary().set_index("augmenter")["score"] for r in (true, raw)]
    assert scores[0]["twin"] > scores[1]["twin"] + 0.02 and scores[0]["none"] == scores[1]["none"]


def test_lift_by_subgroup_is_that_of_its_rows_and_allows_for_how_many_there_are(uneven):
    X, colour, y = uneven
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["colour"]), remainder="passthrough"),
        KNeighborsClassifier(),
    )
    whole = {"cv": 4, "scoring": "balanced_accuracy", "random_state": 0}
    result = compare_augmentations(
        model, X.assign(colour=colour), y, {}, subgroups=["age", "colour", "class"], **whole
    )
    table = result.by_subgroup()
    names = table["subgroup"].unique().tolist()
    assert {repr(n) for n in table["n_samples"]} == {
        "0",
        "1.0",
    }  # no rows are not 0 times the rows
    assert names[4:] == ["colour = blue", "colour = red", "class = no", "class = yes"]
    assert [name.split()[0] for name in names[:4]] == ["age"] * 4
    row = table.query("subgroup == 'colour = red' and augmenter == 'jitter'").iloc[0]
    cells = result.subgroups.query("group == 'colour = red'")
    scores = cells.pivot(index="fold", columns="augmenter", values="score")
    difference = scores["jitter"] - scores["none"]
    error = difference.std(ddof=1) * math.sqrt(1 / 4 + 1 / 3)
    assert row["difference"] == pytest.approx(difference.mean())
    half = stats.t.ppf(1 - 0.05 / 8 / 2, 3) * error
    assert row["high"] == pytest.approx(difference.mean() + half)
    np.testing.assert_allclose(table["p_holm"], holm(table["p_value"]))
    recalls = result.subgroups.query("group == 'class = yes' and augmenter == 'none'")["score"]
    assert 0 < recalls.mean() < 1
    alone = compare_augmentations(model, X.assign(colour=colour), y, {}, **whole)
    pd.testing.assert_series_equal(alone.to_frame()["score"], result.to_frame()["score"])
    with pytest.raises(InputError, match="No subgroups were compared"):
        alone.by_subgroup()
    back = AugmentationComparison.from_json(result.to_json())
    pd.testing.assert_frame_equal(back.by_subgroup(), table)
    pd.testing.assert_frame_equal(back.calibration_error(), result.calibration_error())


def test_rows_of_a_group_are_never_on_both_sides(rng):
    """Copies of a few patients: a model that has seen a patient knows the label by heart."""
    patient = np.repeat(np.arange(20), 10)
    X = rng.normal(size=(20, 3))[patient] + 0.01 * rng.normal(size=(200, 3))
    y = rng.integers(0, 2, 20)[patient]
    asked = {"cv": 4, "scoring": "accuracy", "random_state": 0}
    model = KNeighborsClassifier(1)
    blind, known = (
        compare_augmentations(model, X, y, {}, **asked, **more)
        .summary()
        .query("augmenter=='none'")
        for more in ({}, {"groups": patient})
    )
    assert blind["score"].iloc[0] > 0.95 and known["score"].iloc[0] < 0.75
