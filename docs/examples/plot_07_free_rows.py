"""
A row made from nothing
=======================

With ``locality=0`` the network starts from no real row. It draws one column, then another given
the first, then a third given both, until the row is whole. Here a row is a curve, so that one can
watch.
"""

# %%
# A table of curves
# -----------------
# A row is a day at the coast: the water level at twelve hours, the columns. High tide comes at any
# time and is of any height from one to two, so that an hour by itself may have any level.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from gan_augment import TabularGAN

rng = np.random.default_rng(0)
hours = np.arange(6, 18)
high_tide, height = rng.uniform(0, 12, 400), rng.uniform(1.0, 2.0, 400)
level = height[:, None] * np.cos((hours - high_tide[:, None]) * 2 * np.pi / 12)
level += rng.normal(scale=0.05, size=level.shape)
X = pd.DataFrame(level, columns=[f"{hour}:00" for hour in hours])
gan = TabularGAN(locality=0, n_steps=400, random_state=0).fit(X)

# %%
# One row, cell by cell
# ---------------------
# ``complete`` fills missing cells, so the walk can be made by hand: begin with a row of which
# nothing is known, let the network fill it, keep one cell of that, and ask again, in a random
# order of the columns. ``rounds=1`` fills all that is missing at once, 200 times, which shows what
# the network takes for possible in each cell at this stage.
order = rng.permutation(len(hours))
row = pd.DataFrame(np.nan, index=range(200), columns=X.columns)
stages = []
for place in [*order, None]:
    filled = gan.set_params(rounds=1).complete(row, random_state=len(stages))
    stages.append((row.iloc[0].copy(), filled))
    if place is not None:
        row.iloc[:, place] = filled.iloc[0, place]

# %%
# Above is the walk of this row. Black dots are the cells it has by now; the bands hold 50 and 90 %
# of what may still come in the others. With nothing known, an hour may have any level that it ever
# had. One cell rules out many tides, three leave little more than one, and the row closes.
#
# Below are 15 whole rows each, drawn by ``sample`` in one, three and twelve ``rounds``, and real
# ones. In one round no cell knows of another: every level is possible, and the rows are noise.
# In three rounds, four cells at a time still do not know of each other.
figure, axes = plt.subplots(
    2, 4, figsize=(11, 5.2), sharex=True, sharey=True, layout="constrained"
)
for ax, known in zip(axes[0], [0, 1, 3, 12], strict=True):
    cells, filled = stages[known]
    for outer, shade in [(5, 0.25), (25, 0.45)]:
        low, high = np.percentile(filled, [outer, 100 - outer], axis=0)
        part = f"{100 - 2 * outer} % of what may come"
        ax.fill_between(hours, low, high, color="#d6604d", alpha=shade, linewidth=0, label=part)
    ax.plot(hours, cells, "o-", color="black", markersize=5, label="drawn")
    ax.set_title(f"{known} of 12 cells drawn")
axes[0, 2].legend(loc="lower center", fontsize=7, frameon=False)
tables = {f"rounds={k}": gan.set_params(rounds=k).sample(400)[0] for k in (1, 3, 12)}
tables["real rows"] = X
for ax, (name, rows) in zip(axes[1], tables.items(), strict=True):
    ax.plot(hours, rows[:15].T, color="#2166ac", linewidth=1, alpha=0.7)
    ax.set(title=name, xlabel="hour", xticks=hours[::3], ylim=(-2.9, 2.4))
axes[0, 0].set_ylabel("one row: water level")
axes[1, 0].set_ylabel("15 rows: water level")
plt.show()

# %%
# How far from a tide?
# --------------------
# The distance of each row from the tide that fits it best, root mean square over its hours, and
# the median over 400 rows. A cell at a time is far nearer than all at once. After 400 steps on 400
# rows it is not as near as real rows, and the curves above show it: they have corners.
angle = hours * 2 * np.pi / 12
basis = np.column_stack([np.cos(angle), np.sin(angle)])
for name, rows in tables.items():
    fitted = basis @ np.linalg.lstsq(basis, rows.T.to_numpy(), rcond=None)[0]
    distance = np.sqrt(((rows.T.to_numpy() - fitted) ** 2).mean(axis=0))
    print(f"{name}: {np.median(distance):.2f}")
