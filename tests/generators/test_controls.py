"""The controls: bootstrap rows are real rows, SMOTE rows lie between real rows."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE

from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator, JitterGenerator, SMOTEGenerator


def test_bootstrap_rows_are_real_rows_of_the_class_asked_for(mixed_frame, mixed_labels):
    frame = mixed_frame.reset_index(names="row")
    generator = BootstrapGenerator(random_state=0).fit(frame, mixed_labels)
    wanted = np.tile(["churn", "stay"], 30)
    X_new, y_new = generator.sample(y=wanted)
    real = frame.iloc[X_new["row"]].set_axis(X_new.index)
    pd.testing.assert_frame_equal(X_new, real)
    assert (mixed_labels.to_numpy()[X_new["row"]] == wanted).all()
    assert y_new.tolist() == wanted.tolist()


def test_bootstrap_draws_with_replacement_and_keeps_numbers_with_their_row(sloped):
    X, y = sloped
    X_new, y_new = BootstrapGenerator(random_state=0).fit(X, y).sample(300)
    rows = [int(np.flatnonzero((row == X).all(axis=1))[0]) for row in X_new]
    assert len(set(rows)) > 50
    assert max(np.bincount(rows)) > 1
    np.testing.assert_array_equal(y[rows], y_new)


def test_bootstrap_does_not_hold_on_to_the_callers_frame(blobs):
    X, y = blobs
    frame = pd.DataFrame(X.copy(), columns=list("abc"))
    generator = BootstrapGenerator(random_state=0).fit(frame, y)
    frame.loc[:, "a"] = 1e9
    assert generator.sample(20)[0]["a"].max() < 1e6


def test_jitter_moves_numbers_by_so_much_of_their_spread_and_nothing_else(rng):
    frame = pd.DataFrame(
        {
            "size": np.append(rng.normal(50, 10, 198), [-1e3, 1e3]),
            "steps": np.arange(200) // 2,
            "kind": np.repeat(["u", "v"], 100),
            "when": pd.date_range("2020", periods=200),
        }
    )
    frame.loc[3, "size"] = np.nan
    generator = JitterGenerator(scale=0.1, random_state=0).fit(frame, frame["kind"])
    X_new, y_new = generator.sample(y=["v"] * 4000)
    row = pd.Index(frame["when"]).get_indexer(X_new["when"])
    assert set(row) == set(range(100, 200)) and (X_new["kind"] == "v").all()
    assert set(y_new) == {"v"} and (X_new.dtypes == frame.dtypes).all()
    shift = (X_new["steps"] - row // 2)[(row // 2 > 60) & (row // 2 < 90)]  # ends are clipped
    assert abs(shift.std() / (0.1 * frame["steps"].std()) - 1) < 0.1 and abs(shift.mean()) < 0.5
    moved = X_new["size"] - frame["size"].to_numpy()[row]
    inside = frame["size"].abs().to_numpy()[row] < 900
    assert abs(moved[inside].std() / (0.1 * frame["size"].std()) - 1) < 0.1
    assert X_new["size"].max() <= 1e3 and X_new["steps"].between(0, 99).all()


def test_jitter_keeps_gaps_and_the_number_that_is_the_target(sloped):
    X, y = sloped
    X = (
        pd.DataFrame(X)
        .add_prefix("x")
        .assign(gap=pd.array([None, *(i // 2 for i in range(len(y) - 1))], dtype="Int64"))
    )
    X_new, y_new = JitterGenerator(random_state=0).fit(X, y).sample(300)
    assert set(y_new) <= set(y)
    rows = [int(np.flatnonzero(y == value)[0]) for value in y_new]
    np.testing.assert_array_equal(X_new["gap"].isna(), X["gap"].isna()[rows])
    assert (X_new["x0"].to_numpy() != X["x0"].to_numpy()[rows]).mean() > 0.8


def test_jitter_without_noise_repeats_rows(blobs):
    X, y = blobs
    still = JitterGenerator(scale=0, random_state=0).fit(X, y).sample(50)[0]
    np.testing.assert_array_equal(
        still, BootstrapGenerator(random_state=0).fit(X, y).sample(50)[0]
    )


def test_jitter_of_extreme_numbers_stays_in_their_range():
    base = 2**60 + 1
    X = pd.DataFrame({"id": [base, base + 10, base + 1000] * 2, "big": [-1.7e308, 0, 1.7e308] * 2})
    X_new, _ = JitterGenerator(random_state=0).fit(X).sample(200)
    assert X_new["id"].between(base, base + 1000).all() and X_new["id"].nunique() > 20
    assert np.isfinite(X_new["big"]).all() and X_new["big"].nunique() > 20


@pytest.mark.parametrize(
    ("scale", "X", "message"),
    [
        (-0.1, [[1.0], [2.0]], "scale=-0.1 cannot be used: pass a number >= 0"),
        ("0.3", [[1.0], [2.0]], "scale='0.3' cannot be used"),
        (0.3, pd.DataFrame({"kind": list("uv")}), "no column holds numbers"),
    ],
)
def test_jitter_refuses_what_it_cannot_move(scale, X, message):
    with pytest.raises(InputError, match=message):
        JitterGenerator(scale=scale).fit(X)


def test_smote_agrees_with_imbalanced_learn(blobs):
    X, y = blobs
    generator = SMOTEGenerator(random_state=0).fit(X, y)
    X_new, y_new = generator.sample(y=[1] * 30, random_state=9)
    seed = int(np.random.default_rng(9).integers(2**63 - 1)) % 2**31
    oracle, _ = SMOTE(random_state=seed).fit_resample(X, y)
    np.testing.assert_allclose(X_new, oracle[60:])
    assert (y_new == 1).all()


def test_smote_keeps_quota_and_order(blobs):
    X, y = blobs
    X = X + 1000.0 * y[:, None]
    wanted = np.tile([1, 0, 0], 20)
    X_new, y_new = SMOTEGenerator(random_state=0).fit(X, y).sample(y=wanted)
    assert ((X_new[:, 0] > 500).astype(int) == wanted).all()
    np.testing.assert_array_equal(y_new, wanted)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int64", "uint64", "Int32"])
def test_smote_integers_do_not_wrap(rng, dtype):
    info = np.iinfo(dtype.lower())
    low, high = max(int(info.min), -(2**62)), min(int(info.max), 2**62)
    values = [low + (high - low) * int(step) // 100 for step in rng.integers(0, 101, 60)]
    X = pd.DataFrame({"a": pd.array(values, dtype=dtype), "b": rng.normal(size=60)})
    y = np.repeat([0, 1], 30)
    X_new, _ = SMOTEGenerator(random_state=0).fit(X, y).sample(y=[1] * 200)
    members = [int(value) for value in X["a"][y == 1]]
    assert X_new["a"].dtype == X["a"].dtype
    new = [int(value) for value in X_new["a"]]
    span = max(members) - min(members)
    assert min(new) >= min(members) - span // 2**50
    assert max(new) <= max(members) + span // 2**50
    assert len(set(new)) > 50


def test_smote_huge_integers_keep_their_last_digits():
    base = 2**60 + 1
    X = pd.DataFrame({"id": np.array([base, base + 10, base + 20, base + 30])})
    X_new, _ = SMOTEGenerator(random_state=0).fit(X, [0, 0, 1, 1]).sample(y=[1] * 50)
    assert set(X_new["id"]) <= set(range(base + 20, base + 31))
    assert len(set(X_new["id"])) > 3


def test_smote_mixed_table_keeps_dtypes_and_levels(mixed_frame, mixed_labels):
    frame = mixed_frame.drop(columns=["joined"]).dropna().reset_index(drop=True)
    labels = mixed_labels[mixed_frame.drop(columns=["joined"]).notna().all(axis=1)]
    labels = labels.reset_index(drop=True)
    generator = SMOTEGenerator(random_state=0).fit(frame, labels)
    X_new, y_new = generator.sample(60)
    assert (X_new.dtypes == frame.dtypes).all()
    assert list(X_new.columns) == list(frame.columns)
    for name in ("city", "size", "member", "country"):
        assert set(X_new[name]) <= set(frame[name])
    assert X_new["income"].between(frame["income"].min(), frame["income"].max()).all()
    assert (X_new["country"] == "NO").all()
    assert y_new.name == "status"


def test_smote_of_categories_only(rng):
    X = pd.DataFrame({"a": rng.choice(list("uv"), 40), "b": rng.random(40) < 0.3})
    y = np.repeat([0, 1], 20)
    X_new, _ = SMOTEGenerator(random_state=0).fit(X, y).sample(y=[0, 1, 1])
    assert (X_new.dtypes == X.dtypes).all()
    assert set(X_new["a"]) <= {"u", "v"}


def test_smote_booleans_are_not_all_turned_true(rng):
    X = pd.DataFrame({"flag": rng.random(300) < 0.3, "x": rng.normal(size=300)})
    y = np.repeat([0, 1], 150)
    X_new, _ = SMOTEGenerator(random_state=0).fit(X, y).sample(y=[1] * 1000)
    assert abs(X_new["flag"].mean() - X["flag"][y == 1].mean()) < 0.12


def test_smote_small_class_uses_all_its_other_rows():
    X = np.array([[0.0], [1.0], [2.0], [50.0], [60.0]])
    X_new, _ = (
        SMOTEGenerator(k_neighbors=5, random_state=0).fit(X, [0, 0, 0, 1, 1]).sample(y=[1] * 40)
    )
    assert X_new.min() >= 50 and X_new.max() <= 60
    assert X_new.std() > 1


def test_smote_constant_table():
    X_new, _ = SMOTEGenerator().fit(np.full((6, 2), 7.5), [0, 0, 0, 1, 1, 1]).sample(4)
    assert (X_new == 7.5).all()


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[1.0], [2.0]], [0.5, 1.7], "needs class labels"),
        ([[1.0], [2.0]], None, "requires y"),
        ([[1.0], [2.0]], ["a", "a"], "two classes.*1 class"),
        ([[1.0], [np.nan], [2.0]], ["a", "a", "b"], "Column 0 has missing values"),
        ([[1e200], [2e200], [0.5]], ["a", "a", "b"], "Column 0.*1e150"),
        (
            pd.DataFrame({"t": pd.date_range("2020", periods=4)}),
            list("aabb"),
            "Column 't' is a datetime",
        ),
    ],
)
def test_smote_refuses_in_fit(X, y, message):
    with pytest.raises(InputError, match=message):
        SMOTEGenerator().fit(X, y)


@pytest.mark.parametrize("k", [0, -1, 2.5])
def test_smote_refuses_impossible_neighbours(blobs, k):
    with pytest.raises(InputError, match="k_neighbors"):
        SMOTEGenerator(k_neighbors=k).fit(*blobs)


def test_smote_refuses_a_class_of_one_row_only_when_asked_for_it():
    X, y = [[0.0], [1.0], [2.0], [9.0]], ["a", "a", "a", "b"]
    generator = SMOTEGenerator(random_state=0).fit(X, y)
    assert len(generator.sample(y=["a"] * 5)[0]) == 5
    with pytest.raises(InputError, match="class 'b' has 1 sample"):
        generator.sample(y=["b"])


def test_smote_with_target_class_takes_many_integer_labels(rng):
    X, y = rng.normal(size=(120, 2)), np.repeat(np.arange(30), 4)
    _X_new, y_new = SMOTEGenerator(target="class", random_state=0).fit(X, y).sample(y=[29, 0])
    assert y_new.tolist() == [29, 0]


def test_smote_fills_gaps_where_it_is_asked_to(mixed_frame, mixed_labels):
    frame = pd.DataFrame(
        {"x": [0.0, np.nan, 2.0, 10.0, 11.0, 30.0], "k": ["u", "v", None, "v", "v", "u"]}
    )
    frame["whole"] = pd.array([1, None, 3, 7, 8, 9], dtype="Int64")
    y = np.repeat([0, 1], 3)
    with pytest.raises(InputError, match=r"missing values .*SMOTEGenerator\(impute=True\)"):
        SMOTEGenerator().fit(frame, y)
    with pytest.raises(InputError, match="impute='yes' cannot be used: pass True or False"):
        SMOTEGenerator(impute="yes").fit(frame, y)
    fitted = SMOTEGenerator(impute=True, random_state=0).fit(frame, y)
    X_new, _ = fitted.sample(y=np.repeat([0, 1], 200))
    assert not X_new.isna().any(axis=None) and X_new.dtypes.equals(frame.dtypes)
    # the median of what is known, 10, and the commonest category
    assert X_new["x"][:200].max() <= 10 and X_new["x"][:200].max() > 9
    assert fitted.matrix_[:, 1].tolist() == [0, 1, 1, 1, 1, 0]
