"""Write ``docs/tables`` from ``benchmarks/results``: run it again when these change.

python docs/make_tables.py
"""

from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
RESULTS = HERE.parent / "benchmarks" / "results"


def rst(frame, name):
    """Write a frame as a reStructuredText list table."""
    rows = [[frame.index.name or "", *map(str, frame.columns)]]
    rows += [[str(index), *frame.loc[index].astype(str)] for index in frame.index]
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        lines += [f"   {'*' if i == 0 else ' '} - {cell}" for i, cell in enumerate(row)]
    (HERE / "tables").mkdir(exist_ok=True)
    (HERE / "tables" / f"{name}.rst").write_text("\n".join(lines) + "\n")


def small_tables():
    scores = pd.read_csv(RESULTS / "small_tables.csv")
    by_size = scores.pivot_table(index="method", columns="n", values="mean_score", sort=False)
    by_size.columns = [f"n = {n}" for n in by_size]
    by_learner = scores.pivot_table(index="method", columns="learner", values="mean_score")
    by_size.insert(0, "all", scores.groupby("method").mean_score.mean())
    rst(by_size.join(by_learner).round(2).map("{:.2f}".format), "small_tables")


def large_table():
    found = pd.read_csv(RESULTS / "large_table.csv", index_col=0)
    found.index.name = "rows from"
    text = found.map(lambda value: "" if pd.isna(value) else f"{value:.3g}")
    rst(text, "large_table")


def small_speed():
    found = pd.read_csv(RESULTS / "small_speed.csv", index_col=0)
    rst(found.map(lambda value: f"{value:.2f}"), "small_speed")


def null_calibration():
    found = pd.read_csv(RESULTS / "null_calibration.csv", index_col=0)
    shown = found[["comparisons", "corrected %", "paired t %"]]
    rst(shown.map("{:g}".format), "null_calibration")


def fresh_rows():
    found = pd.read_csv(RESULTS / "fresh_rows.csv", index_col=0).fillna("")
    rst(found, "fresh_rows")


def quality_cost():
    found = pd.read_csv(RESULTS / "quality_cost.csv", index_col=0)
    rst(found[["columns", "seconds", "peak MB"]].map("{:.0f}".format), "quality_cost")


def report_cost():
    found = pd.read_csv(RESULTS / "report_cost.csv", index_col=0)
    rst(found.assign(seconds=found["seconds"].map("{:.0f}".format)), "report_cost")


if __name__ == "__main__":
    tables = (small_tables, large_table, small_speed)
    tables += (null_calibration, fresh_rows, quality_cost, report_cost)
    for table in tables:
        if (RESULTS / f"{table.__name__}.csv").exists():
            table()
