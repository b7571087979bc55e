"""TabularGAN: what comes out is valid, as asked, reproducible, and better than noise."""

import time

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from gan_augment import TabularGAN
from gan_augment.exceptions import InputError, TrainingDivergedError
from gan_augment.generators.tabular.gan import automatic_locality, automatic_mixture
from gan_augment.nn.losses import (
    DualCriticsLoss,
    RelativisticLoss,
    WassersteinLoss,
)
from gan_augment.training.config import TrainingConfig


def mixed(n=300, seed=0):
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 90, n).astype("int16")
    frame = pd.DataFrame(
        {
            "age": age,
            "income": np.round(np.exp(rng.normal(8 + age / 60, 0.5)), 2),
            "savings": np.where(rng.random(n) < 0.6, 0.0, rng.exponential(1000, n).round(1)),
            "city": pd.Categorical(rng.choice(["A", "B", "C"], n, p=[0.6, 0.3, 0.1])),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
            "score": pd.array(rng.integers(0, 5, n), dtype="Int64"),
        }
    )
    frame.loc[rng.random(n) < 0.2, "score"] = pd.NA
    y = np.where(age + rng.normal(0, 10, n) > 50, "old", "young")
    return frame, pd.Series(y, name="label")


@pytest.mark.parametrize("locality", ["auto", 0.5, 0.0])
def test_rows_are_valid_by_construction(locality):
    X, y = mixed()
    gan = TabularGAN(locality=locality, n_steps=30, random_state=0).fit(X, y)
    new, labels = gan.sample(400, random_state=1)
    assert (new.dtypes == X.dtypes).all()
    for name in ("age", "income", "savings", "since", "score"):
        seen, made = X[name].dropna(), new[name].dropna()
        assert seen.min() <= made.min() and made.max() <= seen.max(), name
    assert set(new["city"]) <= set(X["city"])
    assert (new["income"] == new["income"].round(2)).all()
    assert not new.drop(columns="score").isna().any().any()
    assert abs(new["score"].isna().mean() - 0.2) < 0.1
    assert abs((new["savings"] == 0).mean() - (X["savings"] == 0).mean()) < 0.12
    shares = labels.value_counts(normalize=True)
    assert (shares - y.value_counts(normalize=True)).abs().max() < 0.01


def test_classes_come_exactly_as_asked():
    X, y = load_iris(return_X_y=True)
    gan = TabularGAN(n_steps=10, random_state=0).fit(X, y)
    wanted = np.array([2] * 7 + [0] * 3 + [1])
    rows, labels = gan.sample(y=wanted)
    assert rows.shape == (11, 4)
    assert np.array_equal(labels, wanted)


def test_made_rows_carry_the_class():
    X, y = load_iris(return_X_y=True)
    for locality in (1.0, 0.3):
        gan = TabularGAN(locality=locality, n_steps=200, random_state=0).fit(X, y)
        rows, labels = gan.sample(300)
        model = RandomForestClassifier(random_state=0).fit(rows, labels)
        assert model.score(X, y) > 0.85, locality


@pytest.mark.parametrize(
    ("loss", "n_critics"),
    [
        (None, 1),
        (None, 2),
        (WassersteinLoss(), 1),
        (DualCriticsLoss(), 2),
    ],
)
def test_free_generation_learns_with_losses_of_every_form(loss, n_critics):
    """Rows made from noise alone keep correlations that shuffled columns would lose."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=600)
    X = np.column_stack([a, a + 0.3 * rng.normal(size=600), rng.normal(size=600)])
    gan = TabularGAN(locality=0, loss=loss, n_critics=n_critics, n_steps=200, random_state=0)
    rows, labels = gan.fit(X).sample(1000)
    assert labels is None
    correlation = np.corrcoef(rows.T)
    assert correlation[0, 1] > 0.85
    assert abs(correlation[0, 2]) < 0.2
    assert np.abs(rows.std(0) / X.std(0) - 1).max() < 0.2


def test_training_makes_free_rows_harder_to_tell_from_real_ones():
    X, y = load_breast_cancer(return_X_y=True)
    X = X[:, :8]

    def detectability(n_steps):
        gan = TabularGAN(locality=0.2, n_steps=n_steps, random_state=0).fit(X, y)
        rows, _ = gan.sample(y=y)
        both, origin = np.vstack([X, rows]), np.repeat([0, 1], len(X))
        forest = RandomForestClassifier(50, random_state=0)
        guess = cross_val_predict(forest, both, origin, cv=3, method="predict_proba")[:, 1]
        return roc_auc_score(origin, guess)

    assert detectability(400) < detectability(5) - 0.05


def test_regression_target_is_generated_with_the_row():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    y = np.round(3 * X[:, 0] + rng.normal(0, 0.3, 300), 3)
    rows, values = TabularGAN(n_steps=50, random_state=0).fit(X, y).sample(500)
    assert np.corrcoef(rows[:, 0], values)[0, 1] > 0.8
    assert y.min() <= values.min() and values.max() <= y.max()
    assert np.array_equal(values, np.round(values, 3))


def test_same_seed_same_bytes_and_global_state_untouched():
    X, y = mixed()
    numpy_before, torch_before = np.random.get_state()[1].copy(), torch.get_rng_state()
    threads = torch.get_num_threads()

    def rows(seed):
        gan = TabularGAN(n_steps=20, locality=0.5, random_state=seed).fit(X, y)
        return gan.sample(50)[0]

    pd.testing.assert_frame_equal(rows(3), rows(3))
    assert not rows(3).equals(rows(4))
    assert np.array_equal(np.random.get_state()[1], numpy_before)
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert torch.get_num_threads() == threads


def test_a_class_of_one_row_is_jittered_inside_the_bounds():
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal(size=(40, 3)), [[0.5, -0.5, 0.1]]])
    y = np.array([0] * 20 + [1] * 20 + [2])
    rows, _ = TabularGAN(n_steps=20, random_state=0).fit(X, y).sample(y=[2] * 60)
    assert (rows >= X.min(0)).all() and (rows <= X.max(0)).all()
    assert rows.std(0).min() > 0
    assert len(np.unique(rows, axis=0)) > 30


def test_two_rows_a_class_are_enough():
    X, y = np.array([[0.0], [1.0], [5.0], [6.0]]), np.array([0, 0, 1, 1])
    rows, labels = TabularGAN(n_steps=5, random_state=0).fit(X, y).sample(10)
    assert rows.shape == (10, 1) and np.isfinite(rows).all()
    assert sorted(np.bincount(labels)) == [5, 5]


def test_constant_columns_and_nothing_but_constants():
    X = pd.DataFrame({"a": [1.5] * 6, "b": ["x"] * 6, "c": [None] * 6})
    made, _ = TabularGAN(n_steps=5).fit(X).sample(4)
    pd.testing.assert_frame_equal(made, X.iloc[:4])


def test_prior_alone_trains_nothing():
    X, y = load_iris(return_X_y=True)
    gan = TabularGAN(n_steps=0, random_state=0).fit(X, y)
    assert gan.history_ == {}
    assert gan.sample(5)[0].shape == (5, 4)


def test_time_budget_and_history():
    X, y = load_iris(return_X_y=True)
    gan = TabularGAN(n_steps=100_000, time_budget=0.5, random_state=0).fit(X, y)
    assert gan.history_["step"][-1] < 100_000
    assert gan.history_["seconds"][-1] < 5
    assert set(gan.history_) >= {"step", "critic_loss", "generator_loss", "score_gap"}
    assert len({len(values) for values in gan.history_.values()}) == 1


@pytest.mark.parametrize("rate", [1.0, 1e6, 1e30])
def test_absurd_learning_rates_recover_or_raise(rate):
    X, y = load_iris(return_X_y=True)
    config = TrainingConfig(learning_rate=rate)
    gan = TabularGAN(locality=0, n_steps=150, config=config, random_state=0)
    try:
        rows, _ = gan.fit(X, y).sample(200)
    except TrainingDivergedError as error:
        assert "learning_rate" in str(error)  # noqa: PT017 (it may also recover)
        assert not hasattr(gan, "module_")
    else:
        assert np.isfinite(rows).all()
        assert (rows.std(0) > 0.01 * X.std(0)).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("locality", 1.5),
        ("locality", "near"),
        ("n_steps", -1),
        ("n_steps", 2.5),
        ("time_budget", 0),
        ("n_critics", 3),
        ("device", "tpu"),
        ("target", "label"),
        ("columns", ["a"]),
        ("config", {"batch_size": 3}),
        ("loss", "wasserstein"),
        ("random_state", "abc"),
    ],
)
def test_bad_parameters_are_named_before_training(name, value):
    X, y = load_iris(return_X_y=True)
    with pytest.raises(InputError, match=f"{name}=.*(pass|use|choose)"):
        TabularGAN(**{name: value}).fit(X, y)


def test_no_gpu_is_said_plainly():
    if torch.cuda.is_available():
        gan = TabularGAN(device="cuda", n_steps=5).fit(*load_iris(return_X_y=True))
        assert gan.sample(3)[0].shape == (3, 4)
    else:
        with pytest.raises(InputError, match="no GPU"):
            TabularGAN(device="cuda").fit(*load_iris(return_X_y=True))


def test_verbose_shows_a_bar_and_silence_is_silent(capfd):
    X, y = load_iris(return_X_y=True)
    TabularGAN(n_steps=100, random_state=0).fit(X, y)
    quiet = capfd.readouterr()
    assert quiet.out == "" and quiet.err == ""
    TabularGAN(n_steps=100, random_state=0, verbose=1).fit(X, y)
    assert "TabularGAN" in capfd.readouterr().out


def test_interrupted_fit_leaves_it_unfitted():
    class Stop:
        """A loss that is interrupted as by Ctrl-C in its third step."""

        every, calls = 4, 0

        def critic(self, real, fake):
            self.calls += 1
            if self.calls == 3:
                raise KeyboardInterrupt
            return (real - fake).mean()

        def generator(self, real, fake):
            return fake.mean()

        def penalty(self, critic, real, fake, condition):
            return real.sum() * 0

    gan = TabularGAN(loss=Stop(), n_steps=50)
    with pytest.raises(KeyboardInterrupt):
        gan.fit(*load_iris(return_X_y=True))
    assert not [name for name in vars(gan) if name.endswith("_")]


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_critics": 1.0},
        {"n_critics": 1, "loss": DualCriticsLoss()},
        {"loss": RelativisticLoss(every=0)},
    ],
)
def test_parts_that_do_not_fit_are_refused_before_training(parameters):
    with pytest.raises(InputError, match="cannot be used: pass"):
        TabularGAN(**parameters).fit(np.arange(20.0).reshape(10, 2))


def test_classes_of_one_row_each_are_refused():
    with pytest.raises(InputError, match="6 classes in 6 rows"):
        TabularGAN().fit(np.arange(12.0).reshape(6, 2), list("abcdef"))


def test_wide_tables_are_trained_in_bounded_time_and_space():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"c{i}": rng.integers(400, size=2000).astype(str) for i in range(10)})
    started = time.process_time()
    TabularGAN(n_steps=5, locality=0.5, random_state=0).fit(frame)
    assert time.process_time() - started < 60  # a decomposition of 4,000 places took minutes


def test_the_share_of_gan_rows_grows_with_the_smallest_class():
    shares = [automatic_mixture([n, 10**6])[0, 3] for n in (1, 10, 50, 300, 999, 1000, 10**5)]
    assert shares == sorted(shares) and 0 < shares[0] < 1e-5 and shares[-2:] == [1, 1]
    assert shares[3] == pytest.approx(0.09)
    weights = automatic_mixture([300, 10, 5000])
    np.testing.assert_allclose(weights.sum(1), 1)
    assert (weights == weights[0]).all()  # how a row was made does not tell its class
    assert (weights[:, [0]] == weights[:, :3]).all()
    localities = [automatic_locality(n) for n in (20, 1999, 2000, 8000, 10**6)]
    assert localities == pytest.approx([0.3, 0.3, 0, 0, 0])


def test_a_mixture_chooses_where_rows_come_from_also_after_fitting():
    X, y = load_iris(return_X_y=True)
    gan = TabularGAN(n_steps=10, random_state=0).fit(X, y)
    means = np.stack([X[y == c].mean(0) for c in range(3)])

    def distance_to_mean(**mixture):
        rows, labels = gan.set_params(mixture=mixture).sample(3000)
        return np.linalg.norm(rows - means[labels], axis=1).mean()

    assert gan.shares() == pytest.approx(np.array([[0.9975 / 3] * 3 + [0.0025]] * 3))
    near, wide = distance_to_mean(interpolate=1), distance_to_mean(borrow=2, interpolate=0)
    assert near < wide
    assert gan.shares().tolist() == [[0, 0, 1, 0]] * 3
    rows = [gan.set_params(mixture=m).sample(50)[0] for m in ("auto", {"gan": 1}, "auto")]
    assert (rows[0] == rows[2]).all() and (rows[0] != rows[1]).any()


def test_without_a_share_of_gan_rows_nothing_is_trained():
    X, y = load_iris(return_X_y=True)
    gan = TabularGAN(mixture={"covariance": 1}, random_state=0).fit(X, y)
    assert gan.n_steps_ == 0 and gan.history_ == {} and gan.shares().tolist() == [[0, 1, 0, 0]] * 3
    with pytest.raises(InputError, match="mixture=.*n_steps > 0"):
        gan.set_params(mixture={"gan": 1}).sample(3)


def test_with_a_chosen_locality_the_network_makes_all_rows():
    X, y = load_iris(return_X_y=True)
    gan = TabularGAN(locality=0.7, n_steps=5, random_state=0).fit(X, y)
    assert gan.shares().tolist() == [[0, 0, 0, 1]] * 3


@pytest.mark.parametrize(
    "mixture", ["mixed", {"blend": 1}, {"gan": -1}, {"gan": "a"}, {"gan": 0}, {}, 0.5]
)
def test_mixtures_that_mean_nothing_are_refused(mixture):
    with pytest.raises(InputError, match="mixture="):
        TabularGAN(mixture=mixture).fit(*load_iris(return_X_y=True))


@pytest.mark.parametrize("kind", [np.asarray, pd.DataFrame])
def test_half_precision_has_no_gap_beside_a_column_that_is_left_out(rng, kind):
    X = kind(rng.uniform(-65504, 65504, size=(60, 3)).astype("float16"))
    gan = TabularGAN(n_steps=0, columns={1: "ignore"}, random_state=0).fit(X)
    made = np.asarray(gan.sample(200)[0])
    assert made.dtype == "float16" and np.isfinite(made[:, [0, 2]]).all()
    assert np.isnan(made[:, 1]).all()


@pytest.mark.parametrize("options", [{"n_steps": 0}, {"mixture": {"gan": 1}, "n_steps": 20}])
def test_a_column_that_a_class_never_has_stays_empty_in_it(options):
    frame, y = mixed(200)
    frame["savings"] = frame["savings"].mask(y == "young").astype("float16")
    X, labels = TabularGAN(random_state=0, **options).fit(frame, y).sample(300)
    assert X["savings"].dtype == "float16"
    assert (X["savings"].isna() == (labels == "young")).all()
