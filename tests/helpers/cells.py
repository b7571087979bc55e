"""Cells that columns of tests are made of."""

import numpy as np
import pandas as pd

DAYS = pd.to_datetime(["2024-03-30", "2024-03-31", "2024-04-05", "1969-07-20"])
IDS = pd.Series([f"id-{i}" for i in range(30)])


def objects(*cells):
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return pd.Series(array, dtype=object)
