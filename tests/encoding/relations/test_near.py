"""Rules that too many rows break to be kept: they are said, and nothing is where there is none."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment import TabularGAN, load
from gan_augment.encoding.relations.evidence import KEPT, NEAR, TrainingRows
from gan_augment.encoding.relations.find import near_relations, relations_of
from gan_augment.encoding.schema import Schema
from gan_augment.evaluation.impossible import RealRelations, relation_note
from gan_augment.exceptions import AugmentationWarning
from gan_augment.metrics.features import Feature

N = 1500


def rides(seed):
    """Columns with rules of each kind, all of which hold."""
    rng = np.random.default_rng(seed)
    zone = rng.integers(1, 40, N)
    start = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 10**7, N), "s")
    end = start + pd.to_timedelta(rng.integers(60, 3600, N), "s")
    cells = {"zone": zone, "borough": pd.Series(zone // 9).astype(str), "start": start, "end": end}
    frame = pd.DataFrame(cells)
    frame["low"], frame["high"] = np.sort(rng.normal(50, 5, (2, N)), axis=0).round(2)
    frame["size"], frame["weight"] = (
        rng.normal(1.7, 0.1, N).round(2),
        rng.normal(70, 9, N).round(1),
    )
    frame["index"] = (frame["weight"] / frame["size"] ** 2).round(1)
    return frame


def spoil(frame, what, share, rng):
    """Break one rule in some rows; return which."""
    rows = rng.random(N) < share
    if what == "borough":
        frame.loc[rows, "borough"] = frame.loc[rows, "borough"].map(lambda b: str(9 - int(b)))
    elif what == "index":
        frame.loc[rows, "index"] += 3
    else:
        a, b = what
        frame.loc[rows, [a, b]] = frame.loc[rows, [b, a]].to_numpy()
    return rows


@pytest.mark.parametrize("what", ["borough", "index", ("start", "end"), ("low", "high")])
@pytest.mark.parametrize("share", [0.008, 0.015])
def test_a_rule_that_some_rows_break_is_said_with_their_share_and_rows(what, share):
    frame = rides(0)
    rows = spoil(frame, what, share, np.random.default_rng(1))
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", AugmentationWarning)
        gan = TabularGAN(n_steps=0, random_state=0).fit(frame)
    (relation,) = gan.near_relations_
    assert set(relation.columns) >= ({what} if isinstance(what, str) else set(what))
    np.testing.assert_array_equal(relation.broken(frame), rows)
    assert relation.exceptions == pytest.approx(rows.mean())
    said = [str(warning.message) for warning in heard]
    if what == ("low", "high"):  # numbers are often nearly in order
        assert said == []
    else:
        assert len(said) == 1 and f"break it: {relation.words()} (" in said[0]
    kept = [r for r in gan.relations_ if r.kind != "combinations"]  # empty cells say less
    assert not any(relation.columns == other.columns for other in kept)


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 1000))
def test_nothing_is_near_where_all_rules_hold_or_none_does(seed):
    frame = rides(seed)
    rng = np.random.default_rng(seed)
    mixed = frame.apply(lambda column: column.iloc[rng.permutation(N)].array)
    for table in (frame, mixed):
        rows = TrainingRows(table, Schema.infer(table))
        assert near_relations(rows, relations_of(rows)) == []
        assert rows.limits is KEPT


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_equations_of_floats_that_follow_from_kept_ones_are_not_near(seed):
    """Sums of two columns with factors of all digits: rounding breaks some, and says nothing."""
    rng = np.random.default_rng(seed)
    two = rng.normal(size=(200, 2))
    table = pd.DataFrame(np.hstack([two, two @ rng.normal(size=(2, 3))]), columns=[*"abcde"])
    rows = TrainingRows(table, Schema.infer(table))
    kept = relations_of(rows)
    assert sum(r.kind == "formula" for r in kept) >= 2
    assert near_relations(rows, kept) == []


def test_near_relations_are_in_the_model_file_and_the_report(tmp_path, capsys):
    frame = rides(0)
    rows = spoil(frame, "borough", 0.02, np.random.default_rng(1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AugmentationWarning)
        gan = TabularGAN(n_steps=0, random_state=0, verbose=1).fit(frame)
    assert f"too many rows break it: 'zone' decides 'borough' (but in {rows.mean():.2%}" in (
        capsys.readouterr().out
    )
    gan.save(tmp_path / "a.model")
    (again,) = load(tmp_path / "a.model").near_relations_
    assert str(again) == str(gan.near_relations_[0])
    np.testing.assert_array_equal(again.broken(frame), rows)

    mixed = frame.assign(borough=frame["borough"].sample(frac=1, random_state=0).to_numpy())
    found = RealRelations(frame, [Feature(c, "category", frame[c].dtype.kind) for c in frame])
    table = found.table(frame, mixed)
    alone = table[table["relation"] == "'zone' decides 'borough'"]
    line = alone.iloc[0]
    assert line["real_share"] == pytest.approx(rows.mean()) and line["synthetic_share"] > 0.5
    assert "'zone' decides 'borough' in the real rows, of which 1.7%" in relation_note(alone)[0]
    assert not found.broken(frame).any()  # only rules that next to all real rows keep


def test_many_are_named_in_one_warning():
    frame, rng = rides(0), np.random.default_rng(1)
    for what in ("borough", "index", ("start", "end"), ("low", "high")):
        spoil(frame, what, 0.01, rng)
    with pytest.warns(AugmentationWarning, match="; and 1 more. If") as heard:
        gan = TabularGAN(n_steps=0, random_state=0).fit(frame)
    assert len(heard) == 1 and len(gan.near_relations_) == 4
    assert all(0.005 < relation.exceptions <= NEAR.most for relation in gan.near_relations_)
