"""`gan-augment sample`, and the models that `augment` saves for it."""

import numpy as np
import pandas as pd
import pytest
from commands import run

from gan_augment import TabularGAN


class FakeModel:
    """What load returns: enough of a generator for ``sample``."""

    classes_ = np.array([0, 1])
    target = "y"

    def sample_iter(self, wanted, random_state=None):
        ((label, n),) = wanted.items() if isinstance(wanted, dict) else [(0, wanted)]
        yield self.rows([label] * n)

    def examples(self):
        return self.rows([0, 1])

    def rows(self, labels):
        frame = pd.DataFrame({"x": np.full(len(labels), 0.5), "t": ["=1+1"] * len(labels)})
        return frame, pd.Series(labels, name=self.target)


def test_the_model_is_no_place_for_the_rows(tmp_path):
    (tmp_path / "m.csv").write_bytes(b"a model")
    words = ("sample", tmp_path / "m.csv", "-n", 3, "--out", tmp_path / "m.csv", "--overwrite")
    assert "is also MODEL: choose another name." in run(*words, status=2).stderr
    assert (tmp_path / "m.csv").read_bytes() == b"a model"


def test_sample_draws_from_a_saved_model(tmp_path, monkeypatch):
    monkeypatch.setattr("gan_augment.estimators.loading.load", lambda path: FakeModel())
    out = tmp_path / "rows.csv"
    said = run("sample", "m.model", "-n", 3, "--label", "1", "--out", out).output
    assert out.read_text() == "x,t,y\n" + "0.5,'=1+1,1\n" * 3
    assert "3 rows are in" in said
    run("sample", "m.model", "-n", 2, "--out", tmp_path / "rows.parquet", "--quiet")
    assert pd.read_parquet(tmp_path / "rows.parquet")["y"].tolist() == [0, 0]
    wrong = run(
        "sample", "m.model", "-n", 3, "--label", "2", "--out", out, "--overwrite", status=2
    )
    assert "--label '2' is not a class of this model: it has 0, 1." in wrong.stderr


@pytest.mark.parametrize(
    ("name", "header"), [("x", "x,t,x_2"), (None, "x,t,target"), (7, "x,t,7")]
)
def test_a_sampled_target_takes_no_columns_place(tmp_path, monkeypatch, name, header):
    monkeypatch.setattr("gan_augment.estimators.loading.load", lambda path: FakeModel())
    monkeypatch.setattr(FakeModel, "target", name)
    run("sample", "m.model", "-n", 1, "--out", tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text() == f"{header}\n0.5,'=1+1,0\n"


@pytest.mark.parametrize(
    ("name", "message"),
    [("in.csv", "is not a gan_augment model file"), ("absent", "No such file")],
)
def test_files_that_are_no_models_are_reported(table, tmp_path, name, message):
    words = ("sample", tmp_path / name, "-n", 3, "--out", tmp_path / "rows.csv")
    assert message in run(*words, status=2).stderr


def test_a_model_saved_by_augment_can_be_sampled(tmp_path, blobs, monkeypatch):
    X, y = blobs
    frame = pd.DataFrame(X.round(2), columns=["a", "b", "c"]).assign(y=y)
    frame.to_csv(tmp_path / "in.csv", index=False)
    files = ("--out", tmp_path / "out.csv", "--model", tmp_path / "gan.model")
    run("augment", tmp_path / "in.csv", "--target", "y", "--rows", 10, *files)
    out = pd.read_csv(tmp_path / "out.csv")
    assert len(out) == 70
    assert np.array_equal(out["a"], out["a"].round(2))
    monkeypatch.undo()
    rows = tmp_path / "rows.csv"
    run("sample", tmp_path / "gan.model", "-n", 4, "--label", "1", "--out", rows)
    assert pd.read_csv(rows)["y"].tolist() == [1, 1, 1, 1]


def test_conditions_are_met_and_refused_in_the_words_of_the_command(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.integers(18, 80, 90), "k": rng.choice(list("abc"), 90)})
    TabularGAN(n_steps=2, random_state=0).fit(frame).save(tmp_path / "m.gan")
    words = ("sample", tmp_path / "m.gan", "-n", 40, "--out", tmp_path / "rows.csv", "--overwrite")
    run(*words, "--where", "age=30..60", "--where", "k=a", "--where", "k=b")
    rows = pd.read_csv(tmp_path / "rows.csv")
    assert len(rows) == 40 and rows["age"].between(30, 60).all() and set(rows["k"]) == {"a", "b"}
    assert "--where 'k' is no condition" in run(*words, "--where", "k", status=2).stderr
    for wrong in ("k=d", "size=3", "age=200.."):
        assert run(*words, "--where", wrong, status=2).stderr.count("\n") <= 4


def test_augment_spends_rows_on_those_that_meet_conditions(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.integers(18, 80, 60), "k": rng.choice(list("abc"), 60)})
    frame["size"], frame["y"] = rng.normal(size=60), rng.choice(["u", "v"], 60)
    frame.to_csv(tmp_path / "in.csv", index=False)
    words = ("augment", tmp_path / "in.csv", "--target", "y", "--rows", 20, "--overwrite")
    words += ("--out", tmp_path / "out.csv")
    run(*words, "--where", "age=30..60", "--where", "k=a", "--where", "k=b")
    new = pd.read_csv(tmp_path / "out.csv").iloc[60:]
    assert new["age"].between(30, 60).all() and set(new["k"]) == {"a", "b"}
    assert new["y"].value_counts().to_dict() == {"u": 10, "v": 10}

    def trained(self, *args):
        raise AssertionError("nothing is trained")

    monkeypatch.setattr(TabularGAN, "_train", trained)
    for wrong, said in {
        "k=d": "'d'",
        "tall=3": "'tall', which is no column",
        "age=200..": "beyond 18 to 79",
    }.items():
        assert said in run(*words, "--where", wrong, status=2).stderr
    smote = run(*words, "--where", "k=a", "--generator", "smote", status=2).stderr
    assert "--where 'k=a' needs a generator that completes rows" in smote
