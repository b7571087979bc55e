"""Intervals of a number decide; relations that others leave no room for are looked at."""

import numpy as np
import pandas as pd
import pytest

from gan_augment import TabularGAN, load
from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.relations.intervals import Intervals
from gan_augment.encoding.schema import Schema


def group_of(age):
    return pd.cut(age, [0, 18, 40, 65, 120], labels=["minor", "young", "middle", "old"])


@pytest.mark.parametrize("dtype", ["int64", "float64", "Int64"])
@pytest.mark.parametrize("n", [80, 400])
def test_ages_decide_their_groups(n, dtype, tmp_path):
    rng = np.random.default_rng(0)
    age = pd.Series(rng.permutation(np.resize(np.arange(1, 70), n))).astype(dtype)
    if dtype == "float64":
        age = age + pd.Series(rng.random(n).round(3) / 2)
    frame = pd.DataFrame({"age": age, "group": group_of(age).astype(str), "x": rng.normal(size=n)})
    gan = TabularGAN(n_steps=0, random_state=0).fit(frame)
    gan.save(tmp_path / "model")
    new = load(tmp_path / "model").sample(500)[0]
    assert (new["group"] == group_of(new["age"]).astype(str)).mean() > 0.98
    mixed = frame.assign(group=rng.permutation(frame["group"]))
    assert find_relations(mixed, Schema.infer(mixed)) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_few_rare_rows_side_by_side_are_no_interval(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(500, 20)), columns=list("abcdefghijklmnopqrst"))
    for name in "abcdefghij":
        frame[name] = np.where(rng.random(500) < 0.006, rng.integers(1, 3, 500), 0)
    assert find_relations(frame, Schema.infer(frame), [Intervals]) == []


@pytest.mark.parametrize("seed", range(3))
def test_fresh_rows_break_no_interval_though_edges_are_unknown(seed):
    frames = []
    for n in (300, 5000):
        rng = np.random.default_rng([seed, n])
        age = pd.Series(rng.uniform(1, 100, n).round(2))
        frames.append(pd.DataFrame({"age": age, "group": group_of(age).astype(str)}))
    real, fresh = frames
    (relation,) = find_relations(real, Schema.infer(real), [Intervals])
    assert not relation.broken(real).any() and not relation.broken(fresh).any()
    wrong = fresh.assign(group=np.roll(fresh["group"], 1))
    changed = (wrong["group"] != fresh["group"]).mean()
    assert relation.broken(wrong).mean() == pytest.approx(changed, abs=0.03)


def test_one_number_is_no_interval():
    rng = np.random.default_rng(0)
    paid = rng.choice(["cash", "card"], 400)
    frame = pd.DataFrame({"tip": rng.gamma(2, 2, 400).round(2) + 0.01, "paid": paid})
    frame.loc[paid == "cash", "tip"] = 0
    assert find_relations(frame, Schema.infer(frame), [Intervals]) == []
    (relation,) = find_relations(frame, Schema.infer(frame))
    assert relation.kind == "combinations"


def test_an_order_of_columns_that_others_settle_is_kept_and_said(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.gamma(3, 5, 300).round(2), "b": rng.gamma(3, 5, 300).round(2)})
    frame["low"] = (frame["a"] * 2).round(2)
    frame["high"] = (frame["low"] + frame["b"] * 0.5).round(2)
    frame["other"] = (frame["b"] * frame["a"] + 70).round(2)
    gan = TabularGAN(n_steps=0, random_state=0).fit(frame)
    gan.save(tmp_path / "model")
    again = load(tmp_path / "model")
    new = again.sample(500)[0]
    assert (new["low"] <= new["high"]).all()
    assert [str(r) for r in again.relations_] == [str(r) for r in gan.relations_]
    assert not any(relation.broken(new).any() for relation in again.relations_)


def test_a_flag_that_says_the_class_goes_with_it():
    rng = np.random.default_rng(0)
    y = rng.choice(["no", "yes"], 400, p=[0.8, 0.2])
    frame = pd.DataFrame({"flag": (y == "yes") * 1, "x": rng.normal(size=400)})
    new, labels = TabularGAN(n_steps=0, random_state=0).fit(frame, y).sample(500)
    assert ((new["flag"] == 1) == (labels == "yes")).mean() > 0.995
    new, labels = TabularGAN(n_steps=0, random_state=0).fit(frame, rng.permutation(y)).sample(500)
    assert ((new["flag"] == 1) == (labels == "yes")).mean() < 0.9


@pytest.mark.parametrize("words", [("no", "yes"), ("N", "Y"), (0, 1)])
def test_blocks_of_words_and_blocks_with_rare_exceptions_are_found(words):
    rng = np.random.default_rng(0)
    hot = pd.get_dummies(pd.Series(rng.choice(list("abcd"), 500)), prefix="k", dtype=int)
    hot.loc[3], hot.loc[4] = 0, 1
    frame = hot.replace(dict(enumerate(words))).assign(x=rng.normal(size=500))
    gan = TabularGAN(n_steps=0, random_state=0).fit(frame)
    (block,) = gan.relations_
    assert block.kind == "one-hot" and block.exceptions == 2 / 500
    new = gan.sample(500)[0]
    assert ((new.drop(columns="x") == words[1]).sum(axis=1) == 1).all()
