"""A report finds what holds between columns of real rows, and which rows break it."""

import io

import numpy as np
import pandas as pd
import pytest

from gan_augment import quality_report
from gan_augment.evaluation.impossible import RealRelations, relation_note
from gan_augment.metrics.features import Feature


def people(seed, n=400):
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 10**6, n), "s")
    paid = rng.choice(["cash", "card"], n)
    tip = np.where(paid == "card", rng.gamma(2, 2, n).round(2) + 0.01, 0)
    fare = rng.gamma(5, 3, n).round(2)
    frame = pd.DataFrame({"paid": paid, "tip": tip, "fare": fare, "total": (tip + fare).round(2)})
    return frame.assign(start=start, end=start + pd.to_timedelta(rng.integers(60, 3600, n), "s"))


STORED = {"paid": "category", "start": "datetime", "end": "datetime"}


def relations():
    frame = people(0)
    return RealRelations(frame, [Feature(n, "number", STORED.get(n, "number")) for n in frame])


def mixed(frame):
    """Each column shuffled."""
    rng = np.random.default_rng(3)
    return frame.apply(lambda column: column.iloc[rng.permutation(len(frame))].array)


def test_the_relation_that_synthetic_rows_break_is_named_beside_the_real_share():
    made = people(1)
    made.loc[:99, "tip"] = made.loc[:99, "tip"].to_numpy()[::-1]
    made["total"] = (made["tip"] + made["fare"]).round(2)
    wrong = ((made["paid"] == "cash") != (made["tip"] == 0)).mean()
    report = quality_report(people(0), made, privacy=False, random_state=0)
    assert report.metric("violations").value >= wrong > 0.1
    worst = report.tables["relations"].iloc[0]
    assert "'tip' is not 0 where 'paid' is 'card', 0 where it is 'cash'" in worst["relation"]
    assert worst["synthetic_share"] == pytest.approx(wrong) and worst["real_share"] == 0
    (note,) = [note for note in report.notes if worst["relation"] in note]
    assert f"{wrong:.1%} of the synthetic rows" in note and "0.0% break" in note


def test_the_page_leads_with_the_rules_that_are_broken_and_the_columns_that_tell():
    made = mixed(people(1))
    pages = []
    for rows in (made, people(2)):
        report = quality_report(people(0), rows, privacy=False, random_state=0)
        pages.append(report.to_html())
    fidelity = pages[0].index(">Fidelity</h2>")
    lead = pages[0].index("rules of the real rows that synthetic ones break")
    telling = pages[0].index("Columns that give the synthetic rows away")
    assert fidelity < lead < telling < pages[0].index("told apart by a model", telling)
    assert "&#39;end&#39; is never before &#39;start&#39;" in pages[0][lead:telling]
    assert "rules of the real rows that" not in pages[1]


def test_a_note_names_three_rules_and_counts_the_others():
    made = mixed(people(1))
    table = relations().table(people(0), made)
    (note,) = relation_note(table)
    assert all(words in note for words in table["relation"]) and "break another rule" in note
    (note,) = relation_note(pd.concat([table, table]))
    assert note.endswith("3 more are broken.")


def test_fresh_real_rows_break_nothing_and_nothing_is_said():
    found = relations()
    assert len(found.relations) == 3 and not found.broken(people(1)).any()
    assert relation_note(found.table(people(0), people(1))) == []


def test_rows_of_other_tools_are_read_as_the_real_ones():
    """Through a CSV file: dates as text, numbers among words, whole numbers with fractions."""
    found, made = relations(), people(1)
    made.loc[0, "total"] += 1
    made.loc[1, "end"] = made.loc[1, "start"] - pd.Timedelta("1D")
    read = pd.read_csv(io.StringIO(made.to_csv(index=False)))
    read["fare"] = read["fare"].astype(object)
    read.loc[2, "fare"] = "unknown"
    read.loc[3, "paid"] = "cheque"
    assert np.flatnonzero(found.broken(read)).tolist() == [0, 1]


def test_what_real_rows_break_often_makes_no_row_impossible():
    frame = people(0)
    frame.loc[::5, "total"] += 0.5
    features = [Feature(n, "number", STORED.get(n, "number")) for n in frame]
    found = RealRelations(frame, features)
    table = found.table(frame, frame).set_index("relation")
    assert table.loc["'total' is 'tip' + 'fare'", "real_share"] == 0.2
    assert not found.broken(frame).any()
