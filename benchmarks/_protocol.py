"""The small-data protocol: splits, features, learners and scores that all methods share.

After TabEBM (Margeloiu et al. 2024): n training rows, stratified; up to 500 test rows; features
standardised on the training rows; classes of fewer than ten rows dropped.
"""

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
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    log_loss,
    r2_score,
    recall_score,
)
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

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
    """Training rows and target, test rows and target, the rarest class; None if rows are few."""
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
    known = np.isin(y_test, y_train) if classes else np.ones(len(y_test), dtype=bool)
    rarest = int(np.bincount(y).argmin()) if classes else None
    return train.reset_index(drop=True), y_train, test[known], y_test[known], rarest


def class_scores(model, X, y, X_test, y_test, rarest):
    """Percent scores of a classifier; labels may have gaps, which boosting libraries refuse."""
    labels, codes = np.unique(y, return_inverse=True)
    model.fit(X, codes)
    guess = labels[model.predict(X_test)]
    found = {
        "balanced_accuracy": balanced_accuracy_score(y_test, guess),
        "accuracy": accuracy_score(y_test, guess),
        "minority_recall": np.nan,
        "minority_precision": np.nan,
        "log_loss": np.nan,
    }
    chances = model.predict_proba(X_test)
    at = np.flatnonzero(labels == rarest)
    if len(at) and (y_test == rarest).any():
        found["minority_recall"] = recall_score(y_test == rarest, guess == rarest)
        found["minority_precision"] = average_precision_score(y_test == rarest, chances[:, at[0]])
    if set(np.unique(y_test)) <= set(labels):
        found["log_loss"] = log_loss(y_test, np.clip(chances, 1e-6, 1), labels=labels) / 100
    return {name: 100 * value for name, value in found.items()}


def number_scores(model, X, y, X_test, y_test):
    return {"r2": r2_score(y_test, model.fit(X, y).predict(X_test))}
