"""The grid that numbers lie on is found again: decimals of floats, steps of integers."""

import numpy as np
import pandas as pd
import pytest

from gan_augment.encoding.inference import infer_column
from gan_augment.encoding.numeric import float_resolution, integer_step

RESOLUTIONS = {
    "whole": ([1.0, 5, -3], "float64", 1.0),
    "cents": ([0.1, 0.25, 19.99], "float64", 0.01),
    "float32": ([0.1, 0.25, 19.99], "float32", 0.01),
    "float16": ([0.1, 0.5, 1.5], "float16", 0.1),
    "continuous": (np.random.default_rng(0).normal(size=50), "float64", 0.0),
    "continuous32": (np.random.default_rng(0).normal(size=200), "float32", 0.0),
    "continuous16": (np.random.default_rng(0).normal(size=200), "float16", 0.0),
    "huge": (np.random.default_rng(0).normal(size=50) * 1e300, "float64", 0.0),
    "narrow": (1 + 1e-12 * np.random.default_rng(0).normal(size=50), "float64", 0.0),
    "twelve": ([1e-12, 3e-12], "float64", 1e-12),
}


@pytest.mark.parametrize("case", RESOLUTIONS)
def test_decimals_are_those_of_the_data(case):
    values, dtype, expected = RESOLUTIONS[case]
    stored = np.array(values, dtype=dtype)
    assert float_resolution(stored.astype("float64"), stored.dtype) == expected


@pytest.mark.parametrize("decimals", range(7))
def test_rounding_is_found_again(decimals):
    values = np.random.default_rng(decimals).normal(0, 50, 300).round(decimals)
    assert infer_column(pd.Series(values)).resolution == pytest.approx(10.0**-decimals, rel=1e-15)


@pytest.mark.parametrize("step", [1, 7, 2**40, 2**61 - 1])
@pytest.mark.parametrize("start", [-(2**63), -5, 0, 2**62])
def test_the_step_of_integers_is_exact(step, start):
    multiples = [start + i * step for i in (0, 2, 3) if start + i * step < 2**63]
    expected = step if len(multiples) == 3 else 1
    if len(multiples) == 2:
        expected = 2 * step
    assert integer_step(np.array(multiples, dtype=np.int64)) == expected
