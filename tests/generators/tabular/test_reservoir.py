"""The sample of a stream is uniform, and rare classes are in it."""

import numpy as np
import pyarrow as pa

from gan_augment.generators.tabular.on_disk import Reservoir


def sampled(n, size, classes, seed=0, by_class=True, piece=700):
    kept = Reservoir(size, np.random.default_rng(seed))
    for start in range(0, n, piece):
        stop = min(start + piece, n)
        batch = pa.record_batch({"row": np.arange(start, stop)})
        kept.add(batch, classes[start:stop])
        assert len(kept.keys) <= 1.5 * size + piece
    table, n_uniform = kept.rows(by_class)
    return table["row"].to_numpy(), n_uniform


def test_every_row_is_as_likely_as_any_other():
    n, size, draws = 2000, 100, 300
    seen = np.zeros(n)
    for seed in range(draws):
        rows, n_uniform = sampled(n, size, np.zeros(n, dtype=np.int64), seed)
        assert n_uniform == len(rows) == len(set(rows.tolist())) == size
        seen[rows] += 1
    # by the place in the stream: 20 parts, each expecting 1,500 draws
    parts = seen.reshape(20, -1).sum(1)
    expected = draws * size / 20
    chi2 = ((parts - expected) ** 2 / expected).sum()
    assert chi2 < 43.8  # 0.999 of 19 degrees of freedom


def test_rare_classes_are_there_and_do_not_shift_the_uniform_part():
    n, size = 20_000, 400
    classes = np.zeros(n, dtype=np.int64)
    classes[[5, 12_345, 19_999]] = 1
    classes[10_000:10_500] = 2
    rows, n_uniform = sampled(n, size, classes)
    plain, _ = sampled(n, size, classes, by_class=False)
    assert n_uniform == size
    assert set(rows[:size].tolist()) == set(plain.tolist())
    assert {5, 12_345, 19_999} <= set(rows.tolist())
    assert (classes[rows] == 2).sum() == 33  # a quarter of the sample, shared by three classes
    assert len(set(rows.tolist())) == len(rows)


def test_dictionaries_of_pieces_are_joined():
    kept = Reservoir(50, np.random.default_rng(0))
    for word in "abc":
        batch = pa.record_batch({"k": pa.array([word] * 100).dictionary_encode()})
        kept.add(batch, np.zeros(100, dtype=np.int64))
    assert set(kept.rows()[0]["k"].to_pylist()) == set("abc")
