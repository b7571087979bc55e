"""The small-data protocol: splits, features, learners and scores that all methods share.

After TabEBM (Margeloiu et al. 2024): n training rows, stratified; up to 500 test rows; features
standardised on the training rows; classes of fewer than ten rows dropped.
"""

from functools import partial

import _datasets as datasets
import numpy as np
import pandas as pd
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import average_precision_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from gan_augment.evaluation.arguments import recall_of
from gan_augment.selection.candidates import NONE
from gan_augment.selection.experiment import Experiment
from gan_augment.selection.splits import Fold

#: Choices were made on the first half of the sets, and confirmed on the second.
DEVELOPMENT = (
    "biodeg", "vehicle", "diabetes_pima", "titanic", "hepatitis", "soybean", "page_blocks",
    "telco_churn",
)  # fmt: skip
CONFIRMATION = (
    "steel_plates", "stock_binary", "credit_g", "adult", "car", "glass", "mammography",
)  # fmt: skip
REGRESSION_DEVELOPMENT = ("auto_mpg", "concrete", "california_housing")
REGRESSION_CONFIRMATION = ("insurance", "energy_heating", "taxis")
MAX_TEST = 500


def classifiers(seed):
    models = {
        "LR": LogisticRegression(max_iter=1000),
        "kNN": KNeighborsClassifier(),
        "RF": RandomForestClassifier(100, random_state=seed),
        "MLP": MLPClassifier(max_iter=200, random_state=seed),
        "HGB": HistGradientBoostingClassifier(random_state=seed),
    }
    try:
        from xgboost import XGBClassifier

        models["XGB"] = XGBClassifier(n_estimators=100, n_jobs=1, random_state=seed)
    except ImportError:
        pass  # an optional peer
    return models


def regressors(seed):
    return {
        "ridge": Ridge(),
        "kNN": KNeighborsRegressor(),
        "RF": RandomForestRegressor(100, random_state=seed),
        "HGB": HistGradientBoostingRegressor(random_state=seed),
    }


class Features:
    """Standardised numbers and one-hot categories, learnt from the training rows."""

    def __init__(self, frame):
        frame = dates_as_days(frame)
        self.numbers = list(frame.select_dtypes("number"))
        self.levels = {
            name: sorted(frame[name].dropna().unique())
            for name in frame.columns.difference(self.numbers, sort=False)
        }
        self.median = frame[self.numbers].median()
        self.scaler = StandardScaler().fit(self._raw(frame))

    def _raw(self, frame):
        parts = [frame[self.numbers].fillna(self.median).to_numpy(float)]
        for name, levels in self.levels.items():
            parts.append(frame[name].to_numpy(object)[:, None] == np.array(levels, object))
        return np.hstack(parts).astype(float)

    def __call__(self, frame):
        """Features of a frame, (n, width)."""
        return self.scaler.transform(self._raw(dates_as_days(frame)))


def dates_as_days(frame):
    days = {
        name: (frame[name] - pd.Timestamp(0)).dt.total_seconds() / 86_400
        for name in frame.select_dtypes("datetime")
    }
    return frame.assign(**days)


def load(name):
    """Features, target and whether it has classes; classes of fewer than ten rows are dropped."""
    frame, y = datasets.load(name)
    for column in frame.select_dtypes(object):
        if frame[column].astype(str).str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d").all():
            frame[column] = pd.to_datetime(frame[column])
    if name in (*REGRESSION_DEVELOPMENT, *REGRESSION_CONFIRMATION, "diabetes"):
        return frame.reset_index(drop=True), y.to_numpy(float), False
    keep = y.isin(y.value_counts().loc[lambda counts: counts >= 10].index).to_numpy()
    return frame[keep].reset_index(drop=True), pd.factorize(y[keep], sort=True)[0], True


def split(name, n, seed):
    """Training rows and target, test rows and target, the rarest class; None if rows are few.

    Classes are numbered without gaps; the rarest is None where the training rows have none of it.
    """
    frame, y, classes = load(name)
    labels = y if classes else None
    n_test = min(len(frame) // 2, MAX_TEST)
    n_classes = len(np.unique(y)) if classes else 1  # a stratified cut needs a row of each
    if n < n_classes or len(frame) - n_test - n < n_classes:
        return None
    train, test, y_train, y_test = train_test_split(
        frame, y, test_size=n_test, stratify=labels, random_state=seed
    )
    train, _, y_train, _ = train_test_split(
        train, y_train, train_size=n, stratify=y_train if classes else None, random_state=seed
    )
    if classes and len(np.unique(y_train)) < 2:
        return None  # the rare class is so rare that a stratified cut has none of it
    train = train.reset_index(drop=True)
    if not classes:
        return train, y_train, test, y_test, None
    known = np.isin(y_test, y_train)
    labels, codes = np.unique(y_train, return_inverse=True)  # boosting libraries refuse gaps
    rarest = np.flatnonzero(labels == np.bincount(y).argmin())
    return (
        train, codes, test[known], np.searchsorted(labels, y_test[known]),
        int(rarest[0]) if len(rarest) else None,
    )  # fmt: skip


def scored(models, X, y, X_test, y_test, rarest=None):
    """Scores by learner and metric: percent of classes (whose rarest is told), R2 of numbers.

    ``X`` are the features of the training rows, synthetic ones among them.
    """
    n, scorers, scale = len(X), {"r2": "r2"}, 1
    if np.asarray(y).dtype.kind in "iu":
        scorers, scale = class_scorers(rarest), 100
    fold = Fold(0, np.arange(n), np.arange(n, n + len(X_test)), 0, len(X_test) / n)
    rows, target = np.vstack([X, X_test]), np.concatenate([y, y_test])
    found = {name: {} for name in models}
    for cell in Experiment(models, rows, target, {}, scorers).run({"": NONE}, [fold]):
        if cell.reason == "failed":
            raise RuntimeError(cell.error)
        unit = 1 if cell.scorer == "log_loss" else scale
        found[cell.estimator][cell.scorer] = unit * cell.score
    return found


def class_scorers(rarest):
    return {
        "balanced_accuracy": "balanced_accuracy",
        "accuracy": "accuracy",
        "minority_recall": partial(minority_recall, label=rarest),
        "minority_precision": partial(minority_precision, label=rarest),
        "log_loss": clipped_log_loss,
    }


def minority_recall(model, X, y, label):
    return recall_of(y, model.predict(X), label) if label in model.classes_ else np.nan


def minority_precision(model, X, y, label):
    at = np.flatnonzero(model.classes_ == label)
    if not len(at) or not (y == label).any():
        return np.nan
    return average_precision_score(y == label, model.predict_proba(X)[:, at[0]])


def clipped_log_loss(model, X, y):
    return log_loss(y, np.clip(model.predict_proba(X), 1e-6, 1), labels=model.classes_)
