import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from gan_augment import GANAugmenter, SDVGenerator, compare_augmentations, make_pipeline
from gan_augment.exceptions import AugmentationWarning, GeneratorError, InputError, LicenseWarning
from gan_augment.generators.sdv import SDVModel
from gan_augment.testing import CHECKS, check_generator

pytestmark = [
    pytest.mark.sdv,
    pytest.mark.filterwarnings("ignore::gan_augment.exceptions.LicenseWarning"),
]
#: Enough to run the code; how well they learn is measured in benchmarks.
QUICK = {"CTGAN": {"epochs": 1}, "TVAE": {"epochs": 30}, "CopulaGAN": {"epochs": 1}}


@pytest.fixture
def awkward():
    """Columns that SDV gets wrong, or refuses, when it is given them as they are."""
    rng, n = np.random.default_rng(0), 60
    X = pd.DataFrame(
        {
            "half": rng.normal(size=n).astype("float16"),
            "huge": rng.integers(2**60, 2**60 + 1000, n),
            "when": pd.date_range("1600-01-01", periods=n, freq="3D", unit="s").tz_localize("UTC"),
            "lasts": pd.to_timedelta(rng.integers(0, 500, n), unit="min"),
            "kind": pd.Categorical(rng.choice(["a", "b"], n), categories=["b", "unused", "a"]),
            "same": 7,
            "who": [f"u{i}" for i in range(n)],
            "gaps": np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n).round(2)),
            "flag": rng.random(n) < 0.5,
            "small": pd.array([None, *rng.integers(0, 9, n - 1)], dtype="Int8"),
        }
    )
    return X, pd.Series(np.where(np.arange(n) < 50, "usual", "rare"), name="label")


@pytest.mark.parametrize("name", ["GaussianCopula", *QUICK])
def test_the_contract(name):
    generator = SDVGenerator(name, parameters=QUICK.get(name))
    assert len(check_generator(generator)) == len(CHECKS)


@pytest.mark.parametrize("by_class", [True, False])
@pytest.mark.parametrize("name", ["GaussianCopula", "CTGAN"])
def test_dtypes_come_back_and_rows_stay_in_range(awkward, name, by_class):
    X, y = awkward
    generator = SDVGenerator(
        name,
        parameters=QUICK.get(name),
        metadata={"who": "regenerate"},
        by_class=by_class,
        random_state=0,
    ).fit(X, y)
    X_new, y_new = generator.sample({"usual": 30, "rare": 20})
    assert X_new.dtypes.equals(X.dtypes)
    assert y_new.value_counts().to_dict() == {"usual": 30, "rare": 20} and y_new.name == "label"
    for column in ("half", "huge", "when", "lasts", "gaps", "small"):
        seen = X_new[column].dropna()
        assert seen.between(X[column].min(), X[column].max()).all()
    assert not X_new["half"].isna().any() and X_new["half"].nunique() > 3
    assert X_new["huge"].nunique() > 3 and set(X_new["kind"]) <= {"a", "b"}
    assert not set(X_new["who"]) & set(X["who"]) and X_new["who"].is_unique
    gaps = X_new["gaps"].dropna()
    np.testing.assert_array_equal(gaps, gaps.round(2))


def test_numbers_are_learnt_as_a_column_and_their_relation_with_them():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    y = X @ [1.0, 2.0] + 0.1 * rng.normal(size=400)
    X_new, y_new = SDVGenerator("GaussianCopula", random_state=0).fit(X, y).sample(2000)
    assert np.corrcoef(X_new @ [1.0, 2.0], y_new)[0, 1] > 0.95
    assert y_new.min() >= y.min() and y_new.max() <= y.max()


def test_without_a_target_and_without_a_column_that_varies():
    X = pd.DataFrame({"a": [1.0, 2, 3, 4] * 5, "b": ["u", "v"] * 10})
    rows, labels = SDVGenerator("GaussianCopula", random_state=0).fit(X).sample(6)
    assert labels is None and len(rows) == 6
    same = pd.DataFrame({"a": [1] * 8})
    for y in (None, ["u", "v"] * 4):
        rows, _ = SDVGenerator("GaussianCopula").fit(same, y).sample(3)
        assert rows["a"].tolist() == [1, 1, 1]


def test_one_model_of_all_rows_meets_quotas_by_bounded_draws(monkeypatch):
    y = np.repeat(["a", "b", "c"], [900, 80, 20])
    X = np.repeat([[0.0], [1.0], [2.0]], [900, 80, 20], axis=0)
    made, rng = [], np.random.default_rng(0)

    def drawn(model, synthesizer, n, rng_of_draw, never=None):
        made.append(n)
        codes = rng.choice(3, size=n, p=[0.9, 0.08, 0.02])
        codes = np.where(codes == never, 0, codes)
        return pd.DataFrame({"0": codes.astype(float), "target": codes.astype(str)})

    monkeypatch.setattr(SDVModel, "drawn", drawn)
    generator = SDVGenerator("GaussianCopula", by_class=False, random_state=0).fit(X, y)
    assert list(generator.synthesizers_) == [None]
    assert generator.class_shares_ == pytest.approx([0.9, 0.08, 0.02], abs=0.01)
    wanted = np.array(["c", "a", "c", "b"] * 50)
    X_new, y_new = generator.sample(y=wanted)
    assert (y_new == wanted).all()
    assert X_new[:, 0].tolist() == ["abc".index(label) for label in wanted]

    made.clear()
    monkeypatch.setattr(SDVModel, "drawn", lambda *args: drawn(*args, never=2))
    with pytest.raises(GeneratorError, match="did not make the 5 rows of class 'c'"):
        generator.sample({"c": 5})
    assert sum(made) < 20_000


@pytest.mark.parametrize("made", [1.0, None])
def test_a_column_that_collapses_is_told(made, monkeypatch, recwarn):
    X = pd.DataFrame({"u": np.linspace(0, 1, 200), "v": np.r_[np.zeros(190), np.ones(10)]})
    drawn = X.assign(u=made or X["u"], v=0.0)  # of v, 200 equal values are no wonder
    monkeypatch.setattr(SDVModel, "drawn", lambda *args: drawn)
    SDVGenerator("GaussianCopula", parameters={}, random_state=0).fit(X)
    told = [str(w.message) for w in recwarn if issubclass(w.category, AugmentationWarning)]
    assert len(told) == (made is not None)
    assert all("GaussianCopula has collapsed in column 'u'" in text for text in told)


def test_a_class_that_never_comes_gets_a_synthesizer_of_its_own():
    y = np.repeat(["usual", "rare"], [4995, 5])
    X = np.random.default_rng(0).normal(size=(5000, 2)) + 100 * (y == "rare")[:, None]
    generator = SDVGenerator("GaussianCopula", by_class=False, random_state=0).fit(X, y)
    assert list(generator.synthesizers_) == [None, 0]
    X_new, _ = generator.sample({"rare": 20})
    assert X_new.min() > 90


def test_same_seed_same_rows_whatever_the_global_state():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)), rng.integers(0, 2, 50)
    found = []
    for state in (0, 1):
        np.random.seed(state)
        generator = SDVGenerator("CTGAN", parameters={"epochs": 1}, random_state=4).fit(X, y)
        np.random.rand(7)
        first = generator.sample(9)[0]
        generator.sample(5, random_state=1)
        np.testing.assert_array_equal(generator.sample(9)[0], first)
        found.append(first)
    np.testing.assert_array_equal(*found)


def test_two_fits_with_other_seeds_differ():
    X = np.random.default_rng(0).normal(size=(50, 2))
    rows = [SDVGenerator("GaussianCopula", random_state=s).fit(X).sample(9)[0] for s in (0, 1)]
    assert not np.array_equal(*rows)


def test_metadata_of_sdv_says_what_columns_are():
    from sdv.metadata import Metadata

    X = pd.DataFrame({"zip": [101, 803, 101, 803] * 5, "size": np.linspace(0, 1, 20)})
    metadata = Metadata.detect_from_dataframes({"houses": X})
    metadata.update_column(column_name="zip", sdtype="categorical")
    rows, _ = SDVGenerator("GaussianCopula", metadata=metadata, random_state=0).fit(X).sample(30)
    assert set(rows["zip"]) <= {101, 803}


def test_a_class_of_sdv_is_taken_with_its_parameters():
    from sdv.single_table import GaussianCopulaSynthesizer

    generator = SDVGenerator(
        GaussianCopulaSynthesizer, parameters={"default_distribution": "norm"}, random_state=0
    )
    X = np.random.default_rng(0).normal(size=(40, 2))
    fitted = generator.fit(X).synthesizers_[None]
    assert fitted.get_parameters()["default_distribution"] == "norm"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"synthesizer": "GAN"}, "synthesizer='GAN' cannot be used: pass one of CTGAN, TVAE"),
        ({"synthesizer": LogisticRegression}, "is no single-table synthesizer of SDV"),
        ({"parameters": {"epoch": 3}}, "parameters has 'epoch', which CTGAN does not take"),
        ({"parameters": {"metadata": None}}, "pass it as metadata="),
        ({"parameters": {"batch_size": 25, "pac": 5}}, "an even batch that pac divides"),
        ({"parameters": {"batch_size": 502}}, "batch_size=502 and pac=10"),
        ({"parameters": 3}, "parameters=3"),
        ({"metadata": "x"}, "metadata='x'"),
        ({"metadata": {"zip": "category"}}, "'zip', which is not a column"),
        ({"by_class": "yes"}, "by_class='yes'"),
        ({"target": "label"}, "target='label'"),
    ],
)
def test_what_cannot_be_is_refused_before_training(parameters, message, monkeypatch):
    monkeypatch.setattr("gan_augment.generators.sdv.SDVModel.fitted", None)
    with pytest.raises(InputError, match=message):
        SDVGenerator(**parameters).fit(np.eye(4), [0, 0, 1, 1])


def test_a_class_too_small_to_be_learnt_is_named():
    X, y = np.arange(20.0).reshape(10, 2), ["a"] * 9 + ["b"]
    with pytest.raises(InputError, match="CTGAN cannot learn class 'b' from its 1 row"):
        SDVGenerator("CTGAN", parameters={"epochs": 1}).fit(X, y)


def test_cells_that_cannot_be_are_the_generators_fault(monkeypatch):
    X = pd.DataFrame({"a": np.linspace(0, 1, 20), "k": ["u", "v"] * 10})
    generator = SDVGenerator("GaussianCopula", random_state=0).fit(X)
    for column, cell, message in [
        ("a", np.nan, "made nan in column 'a'"),
        ("k", "9", "never shown"),
    ]:
        rows = pd.DataFrame({"a": [0.5, 0.5], "k": ["0", "1"]}).assign(**{column: cell})
        monkeypatch.setattr(SDVModel, "drawn", lambda *args, rows=rows: rows)
        with pytest.raises(GeneratorError, match=message):
            generator.sample(2)


def test_it_works_in_a_pipeline_and_in_a_comparison():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 80)
    X = rng.normal(size=(80, 3)) + y[:, None]
    copula = SDVGenerator("GaussianCopula", random_state=0)
    pipeline = make_pipeline(GANAugmenter(copula, random_state=0), LogisticRegression())
    assert cross_val_score(pipeline, X, y, cv=2).mean() > 0.7
    result = compare_augmentations(
        LogisticRegression(), X, y, {"copula": GANAugmenter(copula)}, cv=2, random_state=0
    )
    assert "copula" in set(result.to_frame()["augmenter"])


def test_the_license_is_told_once_and_nothing_is_loaded_before_it_is_needed():
    code = (
        "import sys, warnings\n"
        "import numpy as np\n"
        "from gan_augment import SDVGenerator\n"
        "SDVGenerator('CTGAN')\n"
        "assert not {'torch', 'sdv'} & set(sys.modules)\n"
        "with warnings.catch_warnings(record=True) as seen:\n"
        "    warnings.simplefilter('always')\n"
        "    for seed in (0, 1):\n"
        "        SDVGenerator('GaussianCopula', random_state=seed).fit(np.eye(9)).sample(3)\n"
        "notices = [str(w.message) for w in seen if w.category.__name__ == 'LicenseWarning']\n"
        "assert len(notices) == 1 and 'Business Source' in notices[0], notices\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_notice_is_a_warning_that_can_be_silenced():
    assert issubclass(LicenseWarning, UserWarning)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", LicenseWarning)
        SDVGenerator("GaussianCopula", random_state=0).fit(
            np.random.default_rng(0).normal(size=(30, 2))
        )
