"""A target in pieces is what the whole target is."""

import numpy as np
import pandas as pd
import pytest

from gan_augment.encoding.streaming import MOST_LABELS, TargetStream
from gan_augment.encoding.target import TargetCodec
from gan_augment.exceptions import InputError

RNG = np.random.default_rng(0)
TARGETS = {
    "text": pd.Series(RNG.choice(["no", "yes", "ä"], 300)),
    "flags": pd.Series(RNG.random(300) < 0.3),
    "few integers": pd.Series(RNG.integers(0, 5, 300)),
    "many integers": pd.Series(RNG.integers(0, 200, 300)),
    "twenty": pd.Series(np.arange(300) % 20),
    "twenty-one": pd.Series(np.arange(300) % 21),
    "few of many": pd.Series(np.arange(900) % 30),
    "whole floats": pd.Series(RNG.integers(0, 3, 300).astype(float)),
    "decimals": pd.Series(RNG.normal(size=300).round(2)),
    "a late fraction": pd.Series([*np.zeros(290), 1, 0.5, *np.zeros(8)]),
    "large": pd.Series(RNG.integers(2**60, 2**62, 300)),
    "category": pd.Series(pd.Categorical(RNG.choice(["b", "a"], 300), ["c", "b", "a"])),
    "nullable": pd.Series(RNG.integers(0, 4, 300), dtype="Int8"),
}


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("kind", ["auto", "class", "number"])
def test_pieces_tell_what_the_whole_target_tells(name, kind):
    series = TARGETS[name].rename("y")

    def whole():
        codec = TargetCodec(kind).fit(series)
        counts = np.bincount(codec.encode(series)).tolist() if codec.kind_ == "class" else None
        return codec.to_json(), counts

    def pieces():
        stream = TargetStream(kind)
        for start in range(0, len(series), 70):
            stream.add(series.iloc[start : start + 70])
        codec, counts = stream.fitted()
        return codec.to_json(), None if counts is None else counts.tolist()

    found = []
    for ask in (whole, pieces):
        try:
            found.append(ask())
        except InputError as error:
            found.append((error.argument, error.remedy))  # the example may be another
    assert found[0] == found[1]


def test_a_missing_target_is_named_by_its_row_in_the_table():
    stream = TargetStream("auto")
    stream.add(pd.Series(["a", "b"], name="y"))
    with pytest.raises(InputError, match="y, row 3 .*NaN"):
        stream.add(pd.Series(["a", None], name="y"))


def test_very_many_labels_are_refused_and_very_many_numbers_are_a_number():
    stream = TargetStream("auto")
    with pytest.raises(InputError, match="more than 10,000 labels"):
        stream.add(pd.Series([f"k{i}" for i in range(MOST_LABELS + 1)], name="y"))
    with pytest.raises(InputError, match="more than 10,000 labels"):
        TargetStream("class").add(pd.Series(np.arange(MOST_LABELS + 1), name="y"))
    stream = TargetStream("auto")
    assert not stream.add(pd.Series(np.arange(MOST_LABELS + 1), name="y")).any()
    for _ in range(30):
        stream.add(pd.Series(np.zeros(MOST_LABELS, dtype=np.int64), name="y"))
    assert stream.fitted()[0].kind_ == "number"
