"""Utility: whether a model of synthetic rows does on real rows what a model of real rows does.

TSTR trains on synthetic rows and tests on real ones, TRTR trains and tests on real ones, TRTS
trains on real rows and tests on synthetic ones; always the same number of training rows.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge

from gan_augment.metrics.features import Scaler, tree_matrices
from gan_augment.metrics.fidelity import boosted_tree
from gan_augment.metrics.permutation import permuted_predictions, rows_a_column
from gan_augment.metrics.uncertainty import Estimate, auc, mean_of

#: The panel, in the order of its figures: linear, bagged trees, boosted trees.
LEARNERS = ("linear model", "random forest", "boosted trees")

_TREES = 100
_IMPORTANCE_ROWS = 500
_REPEATS = 3
_PARTS = 3

#: Rows of each table from which importances are compared: models of fewer choose columns by luck.
LEAST_ROWS = 50 * _PARTS


@dataclass(frozen=True)
class Task:
    """A table split into what a model sees and what it predicts, "class" or "number".

    `target` is its position among the features of all columns; the coded real rows scale the
    columns.

    Examples
    --------
    >>> from gan_augment.metrics.features import Feature
    >>> features = (Feature("a", "number", "number"), Feature("y", "number", "number"))
    >>> task = Task(features, 1, "number", np.arange(40.0).reshape(20, 2))
    >>> task.split(task.real)[1][:3].tolist()
    [1.0, 3.0, 5.0]
    """

    features: tuple
    target: int
    kind: str
    real: np.ndarray

    @property
    def inputs(self):
        """The features a model sees."""
        return tuple(f for j, f in enumerate(self.features) if j != self.target)

    def split(self, values):
        """Return inputs and target of the coded rows that have a target."""
        rows = values[~np.isnan(values[:, self.target])]
        return np.delete(rows, self.target, axis=1), rows[:, self.target]


def _models(task, n_rows, is_category, rng):
    seed = int(rng.integers(2**31))
    forest = {"n_estimators": _TREES, "random_state": seed}
    if task.kind == "class":
        linear = LogisticRegression(max_iter=2000, tol=1e-3)
        boosting = HistGradientBoostingClassifier
        trees = RandomForestClassifier(**forest)
    else:
        linear, trees = Ridge(), RandomForestRegressor(max_features=1 / 3, **forest)
        boosting = HistGradientBoostingRegressor
    return linear, trees, boosted_tree(is_category, n_rows, rng, boosting)


def fit_panel(task, train, others, rng):
    """Fit the three learners on one table, and return their scores on others by name.

    All are coded rows. The score is an `Estimate`: for classes the area under the ROC curve, one
    against the rest and averaged, for numbers R squared.
    """
    X, y = task.split(train)
    pairs = {name: task.split(values) for name, values in others.items()}
    scaler = Scaler(task.inputs, task.split(task.real)[0])
    (trees_X, *trees_others), is_category = tree_matrices(
        task.inputs, X, *(inputs for inputs, _ in pairs.values())
    )
    points = scaler.points(X)
    point_others = [scaler.points(inputs) for inputs, _ in pairs.values()]
    scores = {}
    panel = zip(LEARNERS, _models(task, len(X), is_category, rng), strict=True)
    for name, model in panel:
        linear = name == LEARNERS[0]
        if len(y) == 0:
            scores[name] = dict.fromkeys(others, Estimate(np.nan, np.nan))
            continue
        one_class = task.kind == "class" and len(np.unique(y)) == 1
        model = DummyClassifier() if one_class else model  # other learners refuse one class
        model.fit(points if linear else trees_X, y)
        matrices = point_others if linear else trees_others
        scores[name] = {
            other: score(task.kind, model, matrix, truth)
            for other, matrix, (_, truth) in zip(others, matrices, pairs.values(), strict=True)
        }
    return scores


def score(kind, model, X, y):
    """Return the score of a fitted model, and its standard error.

    The mean over classes of the area under the ROC curve, or R squared. A class the model never
    met has probability 0.

    Examples
    --------
    >>> model = Ridge(alpha=1e-9).fit([[0.0], [1.0], [3.0]], [0.0, 1.0, 3.0])
    >>> round(score("number", model, np.array([[2.0], [4.0]]), np.array([2.0, 4.0])).value, 6)
    1.0
    """
    if len(y) == 0:
        return Estimate(np.nan, np.nan)
    if kind == "number":
        return _r_squared(y, model.predict(X))
    probability = model.predict_proba(X)
    labels = np.unique(y)
    areas = []
    for label in labels[1:] if len(labels) == 2 else labels:
        at = np.flatnonzero(model.classes_ == label)
        column = probability[:, at[0]] if len(at) else np.zeros(len(y))
        areas.append(auc(column[y != label], column[y == label]))
    return mean_of(areas)


def _r_squared(y, guess):
    squared, spread = (y - guess) ** 2, (y - y.mean()) ** 2
    if spread.mean() == 0:
        return Estimate(np.nan, np.nan)
    lost = squared.mean() / spread.mean()
    # Delta method: how much one row moves the quotient of the two means.
    influence = (squared - lost * spread) / spread.mean()
    return Estimate(float(1 - lost), float(influence.std() / np.sqrt(len(y))))


def panel_scores(task, train_real, train_synthetic, test_real, rng):
    """Return TRTR, TSTR and TRTS of the panel, as ``{"trtr": {learner: Estimate}}`` and so on.

    There are as many real as synthetic rows to train on; neither the models nor, if it is a
    holdout, the generator saw the rows of the test. Whether real rows plus synthetic ones beat
    real rows alone is another question, which `compare_augmentations` answers.
    """
    real = fit_panel(task, train_real, {"trtr": test_real, "trts": train_synthetic}, rng)
    made = fit_panel(task, train_synthetic, {"tstr": test_real}, rng)
    return {
        "trtr": {name: figures["trtr"] for name, figures in real.items()},
        "tstr": {name: figures["tstr"] for name, figures in made.items()},
        "trts": {name: figures["trts"] for name, figures in real.items()},
    }


def beside_real(scores):
    """Yield TSTR and TRTS, each beside TRTR: of the whole panel, then of each learner.

    Each is (name, learner, value, reference); learner None is the mean of the panel.
    """
    for name in ("tstr", "trts"):
        yield name, None, mean_of(scores[name].values()), mean_of(scores["trtr"].values())
        for who, value in scores[name].items():
            yield name, who, value, scores["trtr"][who]


def panel_table(scores):
    """Return the values of a panel as a table, a row a learner."""
    panel = pd.DataFrame(
        {name: {who: e.value for who, e in found.items()} for name, found in scores.items()}
    )
    return panel.rename_axis("learner").reset_index()


def importances(task, train, test, seed):
    """Return how much a model of some rows leans on each column, None where it learns nothing.

    Boosted trees are fitted, and a column's importance is how much the loss on the test rows grows
    when the column is permuted (log loss for classes, squared error for numbers), 0 where it does
    not. At most 500 rows are permuted, three times; the more columns beyond 50, the fewer. The
    same seed permutes the same way, so that only the rows differ.
    """
    rng = np.random.default_rng(seed)
    predictions = rows_a_column(len(task.inputs), _IMPORTANCE_ROWS * _REPEATS)
    rows = min(len(test), _IMPORTANCE_ROWS, predictions)
    (X, y), (X_test, y_test) = task.split(train), task.split(test[:rows])
    if len(y) < 2 or (task.kind == "class" and len(np.unique(y)) == 1):
        return None
    (X, X_test), is_category = tree_matrices(task.inputs, X, X_test)
    boosting = HistGradientBoostingRegressor
    if task.kind == "class":
        boosting = HistGradientBoostingClassifier
    model = boosted_tree(is_category, len(X), rng, boosting).fit(X, y)
    if len(y_test) == 0:
        return None
    repeats = int(np.clip(predictions // rows, 1, _REPEATS))
    orders = [rng.permutation(len(X_test)) for _ in range(repeats)]
    predict = model.predict if task.kind == "number" else model.predict_proba
    before, truth = _loss(model, predict(X_test), y_test), np.tile(y_test, repeats)
    grown = [
        _loss(model, found, truth) - before
        for found in permuted_predictions(predict, X_test, orders)
    ]
    return np.maximum(grown, 0.0)


def _loss(model, predicted, y):
    if predicted.ndim == 1:
        return ((y - predicted) ** 2).mean()
    at = np.searchsorted(model.classes_, y).clip(max=len(model.classes_) - 1)
    right = np.where(model.classes_[at] == y, predicted[np.arange(len(y)), at], 0.0)
    return -np.log(np.maximum(right, 1e-6)).mean()


def importance_agreement(task, real, synthetic, test, rng):
    """Return whether models of two tables lean on the same columns.

    Each table is cut in three, and each part gives a vector of `importances` (Breiman 2001). The
    agreement is the mean cosine between a real and a synthetic part, 1 for proportional
    importances and 0 where a model found nothing to lean on; the reference that between two real
    parts, all of the same number of rows. The error of both is the spread of the cosines of all
    pairs of parts around their means, not divided by a number of pairs: they share their models,
    and so few average out little. The third answer is the mean importances of real and of
    synthetic rows.
    """
    seed, third = int(rng.integers(2**31)), len(real) // _PARTS
    vectors = [
        [importances(task, rows[p * third : (p + 1) * third], test, seed) for p in range(_PARTS)]
        for rows in (real, synthetic)
    ]
    both = [_cosine(a, b) for a in vectors[0] for b in vectors[1]]
    among_real = [_cosine(a, b) for a, b in combinations(vectors[0], 2)]
    apart = [*(both - np.mean(both)), *(among_real - np.mean(among_real))]
    error = float(np.sqrt(np.sum(np.square(apart)) / (len(apart) - 2)))
    nothing = np.zeros(len(task.inputs))
    means = [np.mean([nothing if v is None else v for v in side], axis=0) for side in vectors]
    agreement, reference = (Estimate(float(np.mean(found)), error) for found in (both, among_real))
    return agreement, reference, np.array(means)


def _cosine(a, b):
    if a is None or b is None:
        return 0.0
    length = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / length) if length > 0 else 0.0
