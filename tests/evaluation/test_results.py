"""Results: what a figure says beside its reference, and that JSON holds data only."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gan_augment.evaluation.results import Metric, from_json, metrics_frame, plain, to_json
from gan_augment.exceptions import InputError


def metric(value, **fields):
    shared = {"name": "m", "group": "fidelity", "reference": 0.5, "reference_kind": "holdout"}
    return Metric(**{**shared, "value": value, "higher_is_better": False, **fields})


@pytest.mark.parametrize(
    ("figure", "word"),
    [
        (metric(0.5), "good"),
        (metric(0.1), "good"),  # better than the reference
        (metric(0.55), "good"),
        (metric(0.56), "fair"),
        (metric(0.70), "fair"),
        (metric(0.71), "poor"),
        (metric(0.71, low=0.6, high=0.8), "fair"),  # the better end of the interval counts
        (metric(0.71, low=0.5, high=0.9), "unknown"),  # poor by itself, good within its doubt
        (metric(0.70, low=0.5, high=0.9), "good"),
        (metric(0.71, low=0.6, high=0.8, scale=0.5), "fair"),
        (metric(0.71, low=0.65, high=0.8, scale=0.5), "poor"),
        (metric(0.3, higher_is_better=True), "fair"),
        (metric(0.2, higher_is_better=True), "poor"),
        (metric(0.2, low=0.1, high=0.3, higher_is_better=True), "fair"),
        (metric(0.71, reference_error=0.04), "fair"),  # the reference wavers too
        (metric(0.71, reference_error=0.07), "unknown"),
        (metric(0.69, reference_error=0.07), "good"),
        (metric(0.1, low=-0.5, high=0.9), "good"),
        (metric(0.71, low=0.65, high=0.8, reference_error=0.05, scale=0.5), "fair"),
        (metric(0.0, reference=None, reference_kind="none"), "good"),
        (metric(0.3, reference=None, reference_kind="none"), "poor"),
        (metric(0.9, reference=None, higher_is_better=True), "fair"),
        (metric(math.nan), "unknown"),
        (metric(0.5, reference=math.nan), "poor"),
    ],
)
def test_the_verdict_is_the_distance_to_the_reference(figure, word):
    assert figure.verdict == word


def test_the_shortfall_leaves_the_doubt_of_both_sides_at_99_percent():
    found = metric(0.9, low=0.8, high=0.95, reference_error=0.03)
    half, error = 0.1 / stats.norm.ppf(0.975), 0.03
    doubt = stats.norm.ppf(0.995) * math.hypot(half, error)
    assert found.shortfall == pytest.approx(0.4 - doubt, abs=1e-6)
    assert found.excess == 0 and math.isnan(metric(math.nan).excess)


@pytest.mark.parametrize(
    ("figure", "suspect"),
    [
        (metric(0.3, low=0.25, high=0.35, too_good="copies"), True),
        (metric(0.3, low=0.25, high=0.35), False),
        (metric(0.3, low=0.1, high=0.6, too_good="copies"), False),  # the interval reaches 0.5
        (metric(0.47, too_good="copies"), False),  # too little to matter
        (metric(0.3, low=0.25, high=0.35, too_good="copies", reference_error=0.2), False),
        (metric(0.55, reference=0.7, too_good="copies", best=0.5), False),
        (metric(0.3, reference=0.7, too_good="copies", best=0.5, reference_error=0.2), True),
        (metric(0.8, low=0.7, high=0.9, higher_is_better=True, too_good="too clean"), True),
    ],
)
def test_a_figure_clearly_better_than_it_can_be_is_at_most_fair(figure, suspect):
    assert figure.verdict == ("fair" if suspect else "good")
    assert figure.remark == (figure.too_good if suspect else "")
    assert metrics_frame([figure]).loc[0, "remark"] == figure.remark
    assert plain(figure)["remark"] == figure.remark


def test_half_a_surrogate_pair_is_written_and_read(tmp_path):
    content = {"name": "a \\ \ud800 b"}
    path = tmp_path / "r.json"
    assert from_json("quality/1", to_json("quality/1", content, path)) == content
    assert from_json("quality/1", path) == content


@pytest.mark.parametrize("fields", [{"group": "beauty"}, {"reference_kind": "guess"}])
def test_unknown_words_are_refused(fields):
    with pytest.raises(InputError, match="is unknown"):
        metric(0.5, **fields)


def test_the_frame_has_one_row_a_metric_and_numbers_as_numbers():
    frame = metrics_frame([metric(0.5), metric(0.9, by="age", reference=None)])
    assert frame["verdict"].tolist() == ["good", "poor"]
    assert frame["by"].tolist() == [None, "age"]
    assert frame["reference"].dtype == np.float64 and np.isnan(frame.loc[1, "reference"])
    assert list(metrics_frame([]).columns) == list(frame.columns)


def test_json_goes_there_and_back(tmp_path):
    content = {
        "metrics": [metric(math.nan)],
        "table": pd.DataFrame({"a": [1, 2], "b": [math.inf, "</script>"]}),
        "when": pd.Timestamp("2020-01-02"),
        "cells": [np.int64(3), np.bool_(True), pd.NA, pd.NaT, {"ü"}, object],
    }
    path = tmp_path / "result.json"
    text = to_json("quality/1", content, path)
    found = from_json("quality/1", path)
    assert found == from_json("quality/1", text)
    assert found["metrics"][0]["value"] is None
    assert found["metrics"][0]["verdict"] == "unknown"
    assert found["table"] == {"columns": ["a", "b"], "rows": [[1, None], [2, "</script>"]]}
    assert found["when"] == "2020-01-02T00:00:00"
    assert found["cells"] == [3, True, None, None, ["ü"], "<class 'object'>"]
    assert json.loads(text)["schema"] == "gan_augment.quality/1"


@pytest.mark.parametrize("text", ['{"schema": "gan_augment.quality/2"}', "{broken", '{"a": 1}'])
def test_other_schemas_and_damaged_files_are_refused(text):
    with pytest.raises(InputError):
        from_json("quality/1", text)


def test_plain_leaves_plain_things_alone():
    value = {"a": [1, 2.5, None, True, "x"]}
    assert plain(value) == value
