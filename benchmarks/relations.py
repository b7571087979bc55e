"""Relations between columns: kept in new rows, found where there are none; time and fidelity.

    GAN_AUGMENT_DATA=... python benchmarks/relations.py --trips taxis.csv --out benchmarks/results
    python benchmarks/relations.py --quick    # made tables

Of each table the share of rows that break a rule, in real rows, in as many new ones, and in new
ones of the same generator with relations switched off. Of a product it is how far half of the
rows are from it. Rules are written down here, whatever is found. ``--trips`` names seaborn-data's
``raw/taxis.csv``, whose fares have all parts. Of real sets each column is shuffled: what is found
then is a false discovery. ``--only`` runs some of: kept, shuffled, seconds, fidelity.
``--locality .5`` lets rows told apart keep half of a real row, as they did before rows were made
from nothing. ``--against-training`` tells them from the rows they were learnt from, as a quality
report without rows that were held out does.
"""

import argparse
import json
import time
from pathlib import Path
from unittest import mock

import _datasets
import _fidelity
import _protocol
import free_rows
import numpy as np
import pandas as pd

from gan_augment import TabularGAN
from gan_augment.encoding.relations import find
from gan_augment.encoding.relations.evidence import TrainingRows
from gan_augment.encoding.schema import Schema
from gan_augment.exceptions import InputError

PARTS = ("fare_amount", "extra", "mta_tax", "tip_amount", "tolls_amount")
PARTS += ("improvement_surcharge", "congestion_surcharge")
#: Training rows of the sets that are told apart from their synthetic rows.
TOLD_APART = {"adult": 10_000, "telco_churn": 3000, "taxis": 3200}
#: The file of rides whose fares have all parts, if any.
TRIPS: list[str] = []
#: Training steps where rules are counted, which hardly depend on it.
STEPS = 300


# Tables, each with its rules: what holds, and which rows break it --------------------------------


def table(name, rows=None):
    frame, target = _datasets.load(name)
    frame = frame.assign(**{str(target.name): target.to_numpy()})
    return frame if rows is None else frame.iloc[:rows].reset_index(drop=True)


def one_hot(frame, names):
    """Columns of text as blocks, and the rows in which any block has not exactly one 1."""
    hot = pd.get_dummies(frame, columns=names, dtype=int)
    new = [c for c in hot if c not in frame]
    blocks = [[c for c in new if c.startswith(f"{name}_")] for name in names]
    return hot, lambda rows: np.logical_or.reduce([rows[b].sum(axis=1) != 1 for b in blocks])


def titanic_one_hot():
    frame = table("titanic")[["pclass", "sex", "embarked", "age", "fare", "survived"]]
    frame = frame.dropna().reset_index(drop=True)
    hot, broken = one_hot(frame, ["pclass", "sex", "embarked"])
    return hot, {"each of 3 one-hot blocks has one 1": broken}


def adult_one_hot():
    frame = table("adult", 5000)
    texts = [name for name in frame if frame[name].dtype == object and name != "income"]
    frame[texts] = frame[texts].fillna("none")
    hot, broken = one_hot(frame, texts)
    return hot, {f"each of {len(texts)} one-hot blocks has one 1": broken}


def adult():
    wed = "Married-civ-spouse", "Married-AF-spouse"
    male = {"Husband": "Male", "Wife": "Female"}
    rules = {
        "a husband or wife is married": lambda rows: (
            rows["relationship"].isin(male) & ~rows["marital_status"].isin(wed)
        ),
        "a husband is male, a wife female": lambda rows: (
            rows["relationship"].isin(male) & (rows["relationship"].map(male) != rows["sex"])
        ),
        "education decides its number": _not_seen(table("adult"), "education", "education_num"),
    }
    return table("adult", 10_000), rules


def telco():
    names = ("OnlineSecurity", "OnlineBackup", "DeviceProtection", "TechSupport")
    names += ("StreamingTV", "StreamingMovies")

    def none(rows):
        return (rows[[*names]] == "No internet service").sum(axis=1)

    rules = {
        "no internet, no internet service": lambda rows: (
            none(rows) != np.where(rows["InternetService"] == "No", len(names), 0)
        ),
        "no phone, no lines": lambda rows: (
            (rows["PhoneService"] == "No") != (rows["MultipleLines"] == "No phone service")
        ),
        "charges are about months x rate (error)": charge_error,
    }
    return table("telco_churn"), rules


def charge_error(rows):
    """How far half of the rows are from the product."""
    total = pd.to_numeric(rows["TotalCharges"], errors="coerce")
    off = (total / (rows["tenure"] * rows["MonthlyCharges"])).replace([0, np.inf], np.nan)
    return float((off.dropna() - 1).abs().median())


def taxis():
    """Rides, 5 % of the dates and 2 % of the zones and boroughs missing."""
    whole, rng = table("taxis"), np.random.default_rng(0)
    frame = whole.copy()
    for names, share in ((["pickup", "dropoff"], 0.05), (list(frame.filter(like="_")), 0.02)):
        for name in names:
            cells = pd.to_datetime(frame[name]) if share == 0.05 else frame[name]
            frame[name] = cells.mask(rng.random(len(frame)) < share)
    rules = {
        "no drop-off before its pick-up": lambda rows: rows["pickup"] > rows["dropoff"],
        "no tip in cash": lambda rows: (rows["payment"] == "cash") & (rows["tip"] > 0),
    }
    for end in ("pickup", "dropoff"):
        pair = f"{end}_zone", f"{end}_borough"
        rules[f"the {end} zone lies in its borough"] = _not_seen(whole, *pair)
    return frame, rules


def _not_seen(frame, first, second):
    """A rule: the known cells of two columns are together in some real row."""
    seen = set(zip(frame[first], frame[second], strict=True))

    def broken(rows):
        known = (rows[first].notna() & rows[second].notna()).to_numpy()
        both = zip(rows[first], rows[second], strict=True)
        return known & ~np.array([pair in seen for pair in both])

    return broken


def fares():
    names = [*PARTS, "total_amount", "payment_type"]
    frame = pd.read_csv(TRIPS[0])[names].dropna().iloc[:4000].reset_index(drop=True)
    rules = {
        "a fare's parts add up": lambda rows: (
            (rows[[*PARTS]].sum(axis=1) - rows["total_amount"]).abs() > 0.006
        ),
        "no tip in cash, a number": lambda rows: (
            (rows["payment_type"] == 2) & (rows["tip_amount"] > 0)
        ),
    }
    return frame, rules


def shares():
    rng = np.random.default_rng(0)
    cents = np.floor(rng.dirichlet([6, 2, 1, 1, 1], 600) * 100)
    cents[:, 0] += 100 - cents.sum(axis=1)
    frame = pd.DataFrame(cents / 100, columns=list("abcde"))
    return frame, {"shares sum to 1": lambda rows: (rows.sum(axis=1) - 1).abs() > 1e-6}


def bars():
    rng = np.random.default_rng(0)
    price = 50 + rng.normal(0, 0.5, 1500).cumsum().round(2)
    close = price + rng.normal(0, 0.8, 1500).round(2)
    ends = np.stack([price, close]).round(2)
    frame = pd.DataFrame({"open": ends[0], "close": ends[1]})
    frame["high"] = (ends.max(axis=0) + rng.exponential(0.4, 1500)).round(2)
    frame["low"] = (ends.min(axis=0) - rng.exponential(0.4, 1500)).round(2)
    frame["volume"] = rng.lognormal(10, 1, 1500).round()
    inside = ["open", "close"]
    return frame, {
        "prices lie between low and high": lambda rows: (
            (rows[inside].max(axis=1) > rows["high"]) | (rows[inside].min(axis=1) < rows["low"])
        )
    }


def dates_as_numbers():
    rng = np.random.default_rng(0)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, 1000), "D")
    frame = pd.DataFrame({"day": days.strftime("%Y%m%d").astype(int), "month": days.month})
    frame["x"] = rng.normal(size=1000)

    def broken(rows):
        dates = pd.to_datetime(rows["day"].astype(str), format="%Y%m%d", errors="coerce")
        return dates.dt.month != rows["month"]

    return frame, {"yyyymmdd is a date of its month": broken}


def ages():
    rng = np.random.default_rng(0)
    age = rng.integers(16, 90, 1500)
    frame = pd.DataFrame({"age": age, "born": 2026 - age - rng.integers(0, 2, 1500)})
    frame["senior"] = (age >= 65).astype(int)
    is_retired = (age >= 60) & (rng.random(1500) < 0.7)
    frame["work"] = np.where(is_retired, "retired", rng.choice(["yes", "no"], 1500))
    return frame, {
        "who is 65 is a senior": lambda rows: (rows["age"] >= 65) != (rows["senior"] == 1),
        "nobody retires before 60": lambda rows: (rows["work"] == "retired") & (rows["age"] < 60),
        "age and year of birth agree": lambda rows: (
            ~(rows["age"] + rows["born"]).isin([2025, 2026])
        ),
    }


MADE = (shares, bars, dates_as_numbers, ages)
REAL = (titanic_one_hot, adult_one_hot, adult, telco, taxis)


# Figures -----------------------------------------------------------------------------------------


def rows_of(frame, steps, related=True, locality="auto"):
    """As many new rows as real ones, with or without relations."""
    gan = TabularGAN(n_steps=steps, locality=locality, random_state=0)
    if related:
        return gan.fit(frame).sample(len(frame))[0]
    searches = dict.fromkeys(("relations_of", "near_relations", "find_forms"), mock.DEFAULT)
    with mock.patch.multiple(find, **searches) as found:
        for search in found.values():
            search.return_value = []
        return gan.fit(frame).sample(len(frame))[0]


def figure(rule, rows):
    found = rule(rows)
    return found if isinstance(found, float) else float(np.mean(found))


def kept(make, steps):
    """Each rule of a table with its shares."""
    frame, rules = make()
    tables = {"real": frame, "new": rows_of(frame, steps)}
    tables["relations off"] = rows_of(frame, steps, related=False)
    for words, rule in rules.items():
        shares = {title: figure(rule, rows) for title, rows in tables.items()}
        yield {"table": make.__name__, "rows": len(frame), "rule": words, **shares}


def shuffled(frame, rng):
    return frame.apply(lambda column: column.iloc[rng.permutation(len(column))].array)


def false_discoveries(n_sets, n_shuffles):
    """How many relations are found in shuffled sets, and in how many tables they were sought."""
    names = list(_datasets.BUILT_IN)
    if _datasets.folder() is not None:
        manifest = json.loads((_datasets.folder() / "manifest.json").read_text())
        names += [entry["name"] for entry in manifest if entry["file"].endswith(".csv")]
    for name in names[:n_sets]:
        frame, found, tables = _datasets.load(name)[0], [], 0
        dates = [c for c in ("pickup", "dropoff") if c in frame]
        frame[dates] = frame[dates].apply(pd.to_datetime)
        for seed in range(n_shuffles):
            mixed = shuffled(frame, np.random.default_rng(seed))
            try:
                schema = Schema.infer(mixed)
            except InputError:  # a set that has to be converted first
                continue
            tables += 1
            rows = TrainingRows(mixed, schema)
            kept = find.relations_of(rows)
            found += map(str, kept + find.near_relations(rows, kept))
        yield {"set": name, "tables": tables, "found": len(found), "which": "; ".join(found)}


def seconds(n_rows, n_columns):
    """CPU seconds to look for relations in a table of all sorts of columns."""
    rng = np.random.default_rng(0)
    columns = {}
    for i in range(n_columns):
        levels = rng.integers(0, [2, 40, 300, 10**6][i % 4], n_rows)
        columns[f"c{i}"] = levels if i % 8 < 4 else levels.astype(float) / 7
        if i % 4 == 1:
            columns[f"c{i}"] = pd.Series(levels).astype(str)
    frame = pd.DataFrame(columns)
    schema = Schema.infer(frame)
    started = time.process_time()
    rows = TrainingRows(frame, schema)
    find.near_relations(rows, find.relations_of(rows))
    return {"rows": n_rows, "columns": n_columns, "seconds": time.process_time() - started}


def fidelity(name, n, steps, locality="auto", against_training=False):
    """C2ST of as many new rows as training rows against other real rows, and of real ones."""
    frame, _ = free_rows.table(name, quick=False)
    real, test = (part.iloc[:n] for part in free_rows.parts(frame, n, 0)[:2])
    tables = {"real": real, "new": rows_of(real, steps, locality=locality)}
    tables["relations off"] = rows_of(real, steps, related=False, locality=locality)
    if against_training:
        test, tables["real"] = real, test
    as_read = [_protocol.dates_as_days(rows) for rows in (test, *tables.values())]
    as_read = _fidelity.as_categories(as_read)
    found = {
        title: free_rows.told_apart(as_read[0], rows)
        for title, rows in zip(tables, as_read[1:], strict=True)
    }
    return {"set": name, "rows": len(real), **found}


def show(found, name, out):
    """Print lines, and write them in the place of those of the same tables."""
    frame = pd.DataFrame(found)
    print(frame.round(4).to_string(index=False), flush=True)
    if out:
        path, key = Path(out) / f"{name}.csv", frame.columns[0]
        if path.exists():
            old = pd.read_csv(path)
            frame = pd.concat([old[~old[key].isin(frame[key])], frame])
        frame.round(5).to_csv(path, index=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", help="default: all")
    parser.add_argument("--quick", action="store_true", help="made tables and little training")
    parser.add_argument("--trips", help="a CSV file of rides whose fares have all parts")
    parser.add_argument("--only", nargs="+", default=["kept", "shuffled", "seconds", "fidelity"])
    parser.add_argument("--locality", type=float, help="of the rows that are told apart")
    parser.add_argument("--against-training", action="store_true", help="not other real rows")
    parser.add_argument("--out", help="folder of CSV files to which lines are written")
    options = parser.parse_args()
    quick, has_sets = options.quick, _datasets.folder() is not None
    TRIPS[:] = [options.trips] if options.trips else []
    if "kept" in options.only:
        makes = [*MADE, *(REAL if has_sets and not quick else ()), *([fares] if TRIPS else ())]
        for make in makes:
            if not options.tables or make.__name__ in options.tables:
                show(kept(make, 5 if quick else STEPS), "relations", options.out)
    if "shuffled" in options.only:
        found = false_discoveries(*((4, 2) if quick else (None, 10)))
        show(found, "relations_shuffled", options.out)
    if "seconds" in options.only:
        sizes = [(1000, 50)] if quick else [(10_000, 50), (1_000_000, 20)]
        show([seconds(*size) for size in sizes], "relations_cost", options.out)
    if "fidelity" in options.only and has_sets and not quick:
        for name, n in TOLD_APART.items():
            if not options.tables or name in options.tables:
                local = "auto" if options.locality is None else options.locality
                title = "relations_fidelity" + ("" if local == "auto" else f"_{local:g}")
                title += "_training" * options.against_training
                found = fidelity(name, n, "auto", local, options.against_training)
                show([found], title, options.out)


if __name__ == "__main__":
    main()
