"""
Is this synthetic data any good?
================================

Three tables pretend to be wines: one from a GAN, one with each column shuffled by itself, and
one that copies the rows it learnt from. Every figure stands beside what other real rows reach.
"""

# %%
# Real rows, and rows set aside
# -----------------------------
# The generator sees half of the rows; the other half is the holdout.
import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

from gan_augment import TabularGAN, quality_report

wines = load_wine(as_frame=True).frame.rename(columns={"target": "grower"})
wines["grower"] = wines["grower"].map({0: "A", 1: "B", 2: "C"})
real, holdout = train_test_split(wines, train_size=0.5, stratify=wines["grower"], random_state=0)

X, y = TabularGAN(random_state=0).fit(real.drop(columns="grower"), real["grower"]).sample(200)
rng = np.random.default_rng(0)
tables = {
    "GAN": X.assign(grower=y),
    "shuffled columns": real.apply(lambda c: rng.permutation(c.to_numpy())),
    "copied rows": real.sample(200, replace=True, random_state=0),
}

# %%
# The answers
# -----------
reports = {
    name: quality_report(real, table, holdout=holdout, target="grower", random_state=0)
    for name, table in tables.items()
}
for name, report in reports.items():
    print(f"{name}: {report.verdict}")

# %%
# Shuffled columns are each perfect, and no relation is left. Copies look perfect and give away
# whoever is in them.
import pandas as pd

names = ["ks", "pairs", "c2st", "coverage", "tstr", "exact_copies", "membership"]
pd.DataFrame(
    {name: {n: report.metric(n).value for n in names} for name, report in reports.items()}
    | {"real against real": {n: reports["GAN"].metric(n).reference for n in names}}
).round(2)

# %%
# Beside the reference
# --------------------
# Dots are the figures with their intervals, black marks the same between real rows.
reports["GAN"].plot().figure_

# %%
# The columns, real and synthetic
# -------------------------------
from gan_augment.report.figures import column_distributions

column_distributions(real, tables["GAN"], columns=["alcohol", "proline", "hue", "grower"])

# %%
# Where it goes wrong
# -------------------
# The synthetic rows that are easiest to recognise, worst first.
columns = ["P(synthetic)", "alcohol", "malic_acid", "flavanoids", "proline"]
reports["GAN"].tables["implausible_rows"][columns].head().round(2)

# %%
# A requirement can guard a pipeline; ``gan-augment check --require`` exits with status 1.
reports["copied rows"].meets(["c2st<=0.8", "exact_copies<=0.01"])
