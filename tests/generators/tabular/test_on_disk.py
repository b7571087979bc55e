"""TabularGAN on tables larger than what it holds of them."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pandas as pd
import pytest

from gan_augment import Inequality, TabularGAN, load
from gan_augment.encoding.rows import EncodedRows
from gan_augment.encoding.schema import Schema
from gan_augment.exceptions import InputError
from gan_augment.generators.tabular import adversarial, on_disk
from gan_augment.io.parquet import ParquetRows
from gan_augment.training.checkpoint import Checkpoint

N = 9000


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    zone = rng.choice(list("abcde"), N)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=N),
            "price": rng.lognormal(3, 1, N).round(2),
            "visits": rng.poisson(5, N),
            "gap": np.where(rng.random(N) < 0.1, np.nan, rng.normal(size=N).round(1)),
            "n": pd.array(np.where(rng.random(N) < 0.1, None, rng.integers(0, 9, N)), "Int16"),
            "zone": pd.Categorical(zone),
            "borough": pd.Series(zone).map({"a": "u", "b": "u", "c": "v", "d": "v", "e": "w"}),
            "when": pd.date_range("2024", periods=N, freq="h", tz="Europe/Berlin"),
            "flag": rng.random(N) < 0.3,
        }
    )
    rare = np.where(frame["x"] > 2.5, "rare", "neg")
    return frame.assign(y=np.where((frame["x"] > 0) & (rare != "rare"), "pos", rare))


@pytest.fixture
def small_hold(monkeypatch):
    monkeypatch.setattr(on_disk, "HELD_ROWS", 2000)


@pytest.fixture(scope="module")
def path(table, tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    table.to_parquet(path, row_group_size=800)
    return path


def same(first, second):
    """Whether two fitted generators are the same but for the time they took."""
    (header, arrays), (other, others) = first.as_data(), second.as_data()
    arrays.pop("history/seconds", None), others.pop("history/seconds", None)
    equal = (np.array_equal(arrays[k], others[k], equal_nan=arrays[k].dtype.kind == "f")
             for k in arrays)  # fmt: skip
    return header == other and set(arrays) == set(others) and all(equal)


@pytest.mark.parametrize("target", [None, "y", "x"])
def test_a_table_that_can_be_held_is_learnt_as_in_memory(path, target):
    frame = pd.read_parquet(path)
    gan = TabularGAN(n_steps=5, random_state=0)
    y = None if target is None else frame.pop(target)
    assert same(gan.fit(path, target), TabularGAN(n_steps=5, random_state=0).fit(frame, y))


def test_a_larger_table_gives_a_fitted_generator_like_any_other(table, path, small_hold, tmp_path):
    gan = TabularGAN(n_steps=120, random_state=0).fit(path, "y")
    X = table.drop(columns="y")
    assert gan.codec_.schema_ == Schema.infer(X)
    assert gan.row_check_ == TabularGAN(n_steps=0).fit(X, table["y"]).row_check_
    assert gan.class_counts_ == table["y"].value_counts().to_dict()
    assert gan.n_rows_ == N and len(gan.history_["step"]) == 3
    X_new, y_new = gan.sample({"rare": 5, "pos": 3})
    assert X_new.dtypes.equals(X.dtypes) and y_new.dtype == table["y"].dtype
    assert y_new.value_counts().to_dict() == {"rare": 5, "pos": 3}
    shares = gan.sample(1000)[1].value_counts()
    assert abs(shares["pos"] - 1000 * (table["y"] == "pos").mean()) < 1
    assert set(gan.examples()[1]) == {"neg", "pos", "rare"}
    gan.save(tmp_path / "model")
    pd.testing.assert_frame_equal(load(tmp_path / "model").sample(50)[0], gan.sample(50)[0])
    again = TabularGAN(n_steps=120, random_state=0).fit(str(path), "y")
    assert same(gan, again)
    other = TabularGAN(n_steps=120, random_state=1).fit(path, "y")
    assert not same(gan, other)


@pytest.mark.sdv
def test_metadata_of_sdv_says_what_columns_are(table, path, small_hold):
    from sdv.metadata import Metadata

    sdtypes = {key: {"sdtype": "unknown"} for key in table.columns}
    sdtypes["visits"] = {"sdtype": "categorical"}
    described = {"tables": {"t": {"columns": sdtypes}}, "relationships": []}
    metadata = Metadata.load_from_dict(described)
    found = [
        TabularGAN(n_steps=0, columns=columns, random_state=0).fit(path, "y").codec_.schema_
        for columns in (metadata, {"visits": "category"})
    ]
    assert found[0] == found[1] and found[0]["visits"].kind == "category"


@pytest.mark.parametrize("target", [None, "price"])
def test_without_classes(table, path, small_hold, target):
    gan = TabularGAN(n_steps=60, random_state=0).fit(path, target)
    X, y = gan.sample(500)
    if target is None:
        assert y is None and X.dtypes.equals(table.dtypes)
    else:
        assert y.name == "price" and y.between(table["price"].min(), table["price"].max()).all()
        assert abs(np.median(y) / table["price"].median() - 1) < 0.2


def test_what_other_columns_decide_is_decided_by_all_rows(table, path, small_hold, tmp_path):
    look_up = table[["zone", "borough"]].astype(str).drop_duplicates()
    gan = TabularGAN(n_steps=0, random_state=0).fit(path, "y")
    assert list(map(str, gan.relations_)) == ["'zone' decides 'borough'"]
    made = gan.sample(300)[0][["zone", "borough"]].astype(str).drop_duplicates()
    assert set(map(tuple, made.to_numpy())) <= set(map(tuple, look_up.to_numpy()))
    # a level that no sampled row has, and a single row that contradicts
    odd = table.assign(zone=table["zone"].astype(str))
    odd.loc[N - 1, ["zone", "borough"]] = "z", "w"
    odd.to_parquet(tmp_path / "rows.parquet", row_group_size=800)
    gan = TabularGAN(n_steps=0, random_state=0).fit(tmp_path / "rows.parquet", "y")
    (relation,) = gan.relations_
    zones = {"zone": pd.Series(["z", "a"])}
    assert relation.decode(zones, [], 2)["borough"].tolist() == ["w", "u"]
    odd.loc[N - 2, ["zone", "borough"]] = "a", "w"
    odd.to_parquet(tmp_path / "rows.parquet", row_group_size=800)
    gan = TabularGAN(n_steps=0, random_state=0).fit(tmp_path / "rows.parquet", "y")
    assert [relation.exceptions for relation in gan.relations_] == [1 / N]
    odd.loc[: N // 50, "borough"] = "w"
    odd.to_parquet(tmp_path / "rows.parquet", row_group_size=800)
    gan = TabularGAN(n_steps=0, random_state=0).fit(tmp_path / "rows.parquet", "y")
    assert "look-up" not in {relation.kind for relation in gan.relations_}


def test_a_declared_rule_is_checked_on_all_rows(small_hold, tmp_path):
    rng, path = np.random.default_rng(0), tmp_path / "rows.parquet"
    frame = pd.DataFrame({"low": rng.normal(size=6000)})
    frame["high"] = frame["low"] + rng.random(6000)
    frame.to_parquet(path)
    rules = [Inequality("low", "high", allow_exceptions=True)]
    gan = TabularGAN(n_steps=0, constraints=rules, random_state=0).fit(path)
    made = gan.sample(300)[0]
    assert (made["low"] <= made["high"]).all()
    frame.loc[::50, "high"] = -9
    frame.to_parquet(path)
    with pytest.raises(InputError, match=r"2\.00% of the real rows break") as caught:
        TabularGAN(n_steps=0, constraints=rules, random_state=0).fit(path)
    assert caught.value.argument == "constraints"


def test_what_the_sample_missed_is_no_trouble(small_hold, tmp_path):
    n = 6000
    cells = np.full(n, np.nan)
    cells[[77, 78]] = 1.5, 9.25
    frame = pd.DataFrame({"x": np.random.default_rng(0).random(n), "few": cells})
    frame["spike"] = np.where(np.arange(n) == 5999, 10**6, 0)
    frame["y"] = np.where(np.arange(n) == 3000, "once", "often")
    frame.to_parquet(tmp_path / "rows.parquet", row_group_size=500)
    gan = TabularGAN(n_steps=60, random_state=0).fit(tmp_path / "rows.parquet", "y")
    assert (gan.codec_.schema_["few"].minimum, gan.codec_.schema_["few"].maximum) == (1.5, 9.25)
    assert gan.class_counts_ == {"often": n - 1, "once": 1}
    X, _y = gan.sample(y=["once", "often"] * 50)
    assert X["spike"].between(0, 10**6).all() and len(X) == 100


def test_training_goes_on_from_a_checkpoint_to_the_same_bytes(
    path, small_hold, tmp_path, monkeypatch
):
    whole = TabularGAN(n_steps=160, random_state=0).fit(path, "y")
    options = {"n_steps": 160, "random_state": 0, "checkpoint": tmp_path / "state"}
    keep, kept = Checkpoint.keep, []

    def keep_twice(self, *arguments):
        keep(self, *arguments)
        kept.append(1)
        if len(kept) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Checkpoint, "keep", keep_twice)
        TabularGAN(**options).fit(path, "y")
    again = TabularGAN(**options).fit(path, "y")
    assert same(whole, again)


@pytest.mark.parametrize("order", ["as it comes", "sorted by class"])
def test_the_pool_is_refilled_with_rows_of_the_same_classes(
    table, small_hold, tmp_path, monkeypatch, order
):
    if order == "sorted by class":
        table = table.sort_values("y", ignore_index=True)
    table.to_parquet(tmp_path / "rows.parquet", row_group_size=800)
    tasks = []

    class Watched(adversarial.StreamedRowTask):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.first = self.layout.widen(self.real.numbers, self.real.codes)
            tasks.append(self)

    monkeypatch.setattr("gan_augment.generators.tabular.adversarial.StreamedRowTask", Watched)
    gan = TabularGAN(n_steps=201, random_state=0, mixture={"gan": 1})
    gan.fit(tmp_path / "rows.parquet", "y")
    (task,) = tasks
    shares = table["y"].value_counts(normalize=True).sort_index().to_numpy()
    wanted = 0.5 * shares + 0.5 / 3
    np.testing.assert_allclose(task.class_shares.numpy(), wanted, rtol=1e-5)
    now = task.layout.widen(task.real.numbers, task.real.codes)
    changed = (now != task.first).any(1).numpy()
    by_class = [changed[task.classes.numpy() == code].mean() for code in range(3)]
    assert by_class[2] == 0  # all 50-odd rare rows are there, and stay
    if order == "as it comes":  # four refills of an eighth
        np.testing.assert_allclose(by_class[:2], 1 - (7 / 8) ** 4, atol=0.1)
    real = EncodedRows(task.real.numbers.numpy(), task.real.codes.numpy())
    rows = gan.codec_.decode(real)[0]
    kept = adversarial.as_tensors(gan.prior_.rows_)  # a refill of the pool is none of the prior
    assert (task.layout.widen(kept.numbers, kept.codes) == task.first).all()
    signs = np.where(rows["x"] > 2.5, 2, np.where(rows["x"] > 0, 1, 0))
    assert (signs == task.classes.numpy()).mean() > 0.999
    real = set(map(tuple, table[["x", "price"]].round(6).to_numpy().tolist()))
    made = rows.loc[changed, ["x", "price"]].round(6).to_numpy().tolist()
    near = sum(tuple(row) in real for row in made) / len(made)
    assert near > 0.2  # values of the sample come back exactly, others between its knots


def test_rows_are_drawn_from_all_row_groups_before_any_is_read_again(path):
    rows = ParquetRows(path)

    class Codec:
        def encode(self, frame, number, rng):
            return frame["when"]

    class Target:
        kind_ = "none"

    stream = on_disk.RowStream(
        rows, Codec(), Target(), None, np.ones(1, bool), np.random.default_rng(0)
    )
    start = pd.Timestamp("2024-01-01", tz="Europe/Berlin")
    groups = []
    for _ in range(6):
        drawn, codes = stream.draw(100)
        places = ((drawn - start) / pd.Timedelta("1h")).astype(int)
        assert len(set(places)) == 100 and not codes.any()
        groups += sorted(set(places // 800))
    assert len(rows.groups) == 12 and sorted(groups) == list(range(12))


def test_mistakes_are_refused_before_training(path, small_hold):
    def refused(message, *arguments, **options):
        with pytest.raises(InputError, match=message):
            TabularGAN(n_steps=5, **options).fit(*arguments)

    refused("y='z' is not a column", path, "z")
    refused("name of its target column", path, [0, 1])
    refused("y is None, but target='class'", path, None, target="class")
    refused("columns names 'z'", path, "y", columns={"z": "category"})
    refused("unknown kind", path, "y", columns={"x": "word"})
    refused("'price'.*does not fit", path, "y", columns={"price": "boolean"})
    refused("more than 500", path, "y", columns={"price": "category"})
    refused("does not exist", "nowhere.parquet", "y")
    refused("is a single value", pd.DataFrame({"a": [1, 2]}), "a")


def test_kinds_chosen_by_hand(path, small_hold):
    columns = {"visits": "category", "price": "ignore", "flag": "ignore", "n": "regenerate"}
    gan = TabularGAN(n_steps=0, columns=columns, random_state=0).fit(path, "y")
    X = gan.sample(20)[0]
    assert X["price"].isna().all() and X["flag"].isna().all()
    assert (
        X["n"].tolist() == list(range(9, 29)) and gan.codec_.schema_["visits"].kind == "category"
    )


MEMORY = """
    import resource, sys
    import pandas as pd
    from gan_augment import TabularGAN
    from gan_augment.generators.tabular import on_disk

    def gan():
        return TabularGAN(n_steps=60, random_state=0)

    on_disk.HELD_ROWS = 5_000
    gan().fit(sys.argv[2], "y").sample(9)  # imports, and what they take for themselves
    on_disk.HELD_ROWS = 20_000
    status = open("/proc/self/status").read()
    used = int(status.split("VmData:")[1].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + int(sys.argv[3]),) * 2)
    print(len(gan().fit(sys.argv[1], "y").sample(9)[0]))
    try:
        pd.read_parquet(sys.argv[1])
    except MemoryError:
        print("too large")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")
def test_memory_is_bounded(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = pd.DataFrame(np.random.default_rng(0).random((50_000, 20))).add_prefix("x")
    table = pa.Table.from_pandas(frame.assign(y=np.arange(50_000) % 2), preserve_index=False)
    pq.write_table(table.slice(0, 6000), tmp_path / "small.parquet")
    with pq.ParquetWriter(tmp_path / "rows.parquet", table.schema, use_dictionary=False) as file:
        for _ in range(50):
            file.write_table(table)
    allowed = 200 * 10**6
    assert 50 * frame.memory_usage(index=False).sum() == 2 * allowed
    files = tmp_path / "rows.parquet", tmp_path / "small.parquet"
    words = [sys.executable, "-c", textwrap.dedent(MEMORY), *files, allowed]
    # pyarrow's own allocator reserves a gigabyte at once, which would count as used from the start
    env = os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system"}
    found = subprocess.run(list(map(str, words)), capture_output=True, text=True, env=env)
    learnt, *control = found.stdout.split()
    assert learnt == "9", found.stderr
    # read as a whole, the table is too large; at times glibc ends the process before Python can
    assert control == ["too", "large"] or "cannot allocate memory" in found.stderr, found.stderr
