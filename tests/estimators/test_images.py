"""Images through every estimator: added in training folds, seen by no test fold, in kind."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline as sklearn_pipeline

from gan_augment import (
    AugmentedClassifier,
    GANAugmenter,
    GANOverSampler,
    ImageFlattener,
    ImageGAN,
    ImageTransformGenerator,
    SMOTEGenerator,
    compare_augmentations,
    make_pipeline,
)
from gan_augment.exceptions import InputError
from gan_augment.selection.controls import CONTROLS


def images(n=90):
    X, y = load_digits(return_X_y=True)
    keep = np.flatnonzero(y < 3)[:n]
    return X[keep].reshape(-1, 8, 8).astype("uint8"), y[keep]


def flat(estimator):
    return sklearn_pipeline(ImageFlattener(), estimator)


QUICK = ImageGAN(n_steps=3)


def test_an_augmenter_without_a_generator_takes_the_one_for_images():
    X, y = images(30)
    augmenter = GANAugmenter(n_samples=0.5, random_state=0)
    augmenter.set_params(generator=None)
    assert isinstance(clone(augmenter).set_params(n_samples=0).fit(X, y).generator_, ImageGAN)


def test_fit_transform_appends_and_transform_leaves_alone():
    X, y = images(40)
    augmenter = GANAugmenter(QUICK, n_samples={0: 3, 1: 0, 2: 5}, random_state=0)
    out = augmenter.fit_transform(X, y)
    assert out.shape == (48, 8, 8) and out.dtype == X.dtype
    np.testing.assert_array_equal(out[:40], X)
    assert np.bincount(augmenter.y_augmented_[40:]).tolist() == [3, 0, 5]
    np.testing.assert_array_equal(augmenter.transform(X[:7]), X[:7])
    with pytest.raises(InputError, match="fitted on images of shape"):
        augmenter.transform(np.zeros((3, 9, 9)))
    with pytest.raises(InputError, match="make_pipeline"):
        flat_step = sklearn_pipeline(augmenter, ImageFlattener(), KNeighborsClassifier())
        flat_step.fit(X, y)


def test_pipelines_cross_validate_and_search():
    X, y = images()
    model = make_pipeline(
        GANAugmenter(QUICK, random_state=0), ImageFlattener(), KNeighborsClassifier()
    )
    found = cross_validate(model, X, y, cv=2, error_score="raise")
    assert found["test_score"].mean() > 0.9
    grid = {"ganaugmenter__n_samples": [0, 1.0], "kneighborsclassifier__n_neighbors": [3]}
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X, y)
    assert search.best_score_ > 0.9
    again = pickle.loads(pickle.dumps(search.best_estimator_))
    np.testing.assert_array_equal(again.predict(X), search.predict(X))


def test_the_closed_loop_takes_images():
    X, y = images(45)
    model = AugmentedClassifier(
        flat(KNeighborsClassifier()), GANAugmenter(QUICK), cv=2, random_state=0
    ).fit(X, y)
    tried = model.search_results_.set_index("candidate")
    assert {"none", "duplicates", "SMOTE"} <= set(tried.index[tried["score"].notna()])
    assert model.predict(X[:4]).shape == (4,) and model.image_shape_ == (8, 8)
    panel = GANAugmenter(ImageTransformGenerator(), n_samples="auto", random_state=0)
    assert panel.fit_transform(X, y).shape[0] >= 45 and panel.decision_


def test_over_sampling_balances_classes():
    X, y = images()
    X, y = X[(y != 2) | (np.arange(len(y)) % 3 == 0)], y[(y != 2) | (np.arange(len(y)) % 3 == 0)]
    X_new, y_new = GANOverSampler(QUICK, random_state=0).fit_resample(X, y)
    assert len(set(np.bincount(y_new))) == 1 and X_new.shape[1:] == (8, 8)


def test_a_comparison_stands_beside_controls():
    X, y = images(45)
    found = compare_augmentations(
        {"kNN": flat(KNeighborsClassifier(3))}, X, y, QUICK, cv=2, random_state=0
    )
    assert found.augmenters_ == ["none", *CONTROLS, "ImageGAN"]
    assert "failed" not in set(found.frame["reason"]) and found.verdict


def test_no_synthetic_image_is_ever_scored():
    X, y = images(45)
    seen = []

    class Spy(KNeighborsClassifier):
        def predict(self, X):
            seen.append({row.tobytes() for row in np.asarray(X)})
            return super().predict(X)

    model = make_pipeline(GANAugmenter(QUICK, random_state=0), ImageFlattener(), Spy())
    cross_validate(model, X, y, cv=3, error_score="raise")
    real = {row.tobytes() for row in X.reshape(len(X), -1)}
    assert seen and all(rows <= real for rows in seen)


def test_a_torch_data_set_holds_images_and_codes():
    import torch
    from torch.utils.data import DataLoader

    X, y = images(30)
    names = np.array(["nought", "one", "two"])[y]
    data = GANAugmenter(QUICK, n_samples=6, random_state=0).augment(X, names)
    dataset = data.as_dataset(transform=lambda image: image.float() / 16)
    assert len(dataset) == 36 and dataset.is_synthetic.sum() == 6
    batch, labels = next(iter(DataLoader(dataset, batch_size=36)))
    assert batch.shape == (36, 8, 8) and batch.dtype == torch.float32 and batch.max() <= 1
    assert dataset.classes[labels].tolist() == data.y.tolist()
    with pytest.raises(InputError, match="encode text"):
        type(data)(np.array([["a"], ["b"]]), None, np.zeros(2, bool)).as_dataset()


def test_controls_for_tables_say_so_about_images():
    X, y = images(30)
    with pytest.raises(InputError, match="image"):
        GANAugmenter(SMOTEGenerator(), n_samples=5).fit_transform(X, y)
    with pytest.raises(ValueError, match="dim 3"):
        LogisticRegression().fit(X, y)


def test_a_torch_module_learns_from_augmented_arrays():
    skorch = pytest.importorskip("skorch")
    import torch

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.nn.Sequential(
                torch.nn.Conv2d(1, 8, 3), torch.nn.ReLU(), torch.nn.Flatten(),
                torch.nn.Linear(8 * 36, 3),
            )  # fmt: skip

        def forward(self, X):
            return self.layers(X[:, None].float() / 16)

    X, y = images()
    torch.manual_seed(0)
    net = skorch.NeuralNetClassifier(
        Net, criterion=torch.nn.CrossEntropyLoss, lr=0.01, max_epochs=30, train_split=None,
        optimizer=torch.optim.Adam, verbose=0, device="cpu",
    )  # fmt: skip
    model = make_pipeline(GANAugmenter(QUICK, random_state=0), net)
    assert model.fit(X, y.astype("int64")).score(X, y) > 0.95
