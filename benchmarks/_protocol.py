"""The small-data protocol: splits, features, learners and scores that all methods share.

After TabEBM (Margeloiu et al. 2024): n training rows, stratified; up to 500 test rows; features
standardised on the training rows; classes of fewer than ten rows dropped.
"""

from functools import cache

import _datasets as datasets
import numpy as np
import pandas as pd
from _scores import label_scores, probability_scores
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

from gan_augment.augmentation.resampled import learner_and_rows
from gan_augment.augmentation.shares import corrected, share_factors
from gan_augment.selection.adjustments import adjusted, tuned_around

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
#: Metrics of probabilities that are also scored as the learner gives them.
RAW = ("roc_auc", "log_loss", "calibration_error")


def classifiers(seed):
    """Five kinds of learners: linear, neighbours, a network, bagged and boosted trees.

    scikit-learn's boosting is left out: with 20 rows a leaf it learns nothing of 20 to 40 rows,
    so that whatever adds rows would be praised for it.
    """
    models = {
        "LR": LogisticRegression(max_iter=1000),
        "kNN": KNeighborsClassifier(),
        "RF": RandomForestClassifier(100, random_state=seed),
        "MLP": MLPClassifier(random_state=seed),
    }
    return models | _boosting("XGBClassifier", seed)


def regressors(seed):
    models = {
        "ridge": Ridge(),
        "kNN": KNeighborsRegressor(),
        "RF": RandomForestRegressor(100, random_state=seed),
    }
    return models | _boosting("XGBRegressor", seed)


def _boosting(name, seed):
    """XGBoost, where it is installed."""
    try:
        import xgboost
    except ImportError:
        return {}
    return {"XGB": getattr(xgboost, name)(n_estimators=100, n_jobs=1, random_state=seed)}


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


@cache
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


def scored(models, X, y, X_test, y_test, rarest=None, *, n_real=None, adjustment="", data=None):
    """Scores by learner and metric; see `_scores`, and R2 of numbers.

    The first `n_real` training rows are real ones. Probabilities are scored twice: corrected for
    the class shares that added rows or weights changed, and "raw". An adjustment changes the
    learners; one that cannot be adjusted stays as it is. `data` are the same rows with soft
    labels, which each learner gets in the form that it can learn.
    """
    found = {}
    for name, learner in models.items():
        weights = None
        if data is not None:
            learner, form = learner_and_rows(learner, data)
            X, y, weights = form.X, form.y, form.sample_weight
        given = {} if weights is None else {"sample_weight": weights}
        if not is_classes(y):
            found[name] = {"r2": learner.fit(X, y, **given).score(X_test, y_test)}
            continue
        model, applies = _fitted(learner, adjustment, X, y, **given)
        raw = model.predict_proba(X_test)
        if applies and adjustment == "class weights":
            weights = compute_sample_weight("balanced", y)
        factors = share_factors(y[:n_real], y, None, weights, model.classes_)
        at = model.classes_, rarest
        plain = probability_scores(y_test, raw, *at)
        found[name] = (
            label_scores(y_test, model.predict(X_test), rarest)
            | probability_scores(y_test, corrected(raw, factors), *at)
            | {f"raw_{metric}": plain[metric] for metric in RAW}
        )
    return found


def is_classes(y):
    return np.asarray(y).dtype.kind in "iu"


def _fitted(learner, adjustment, X, y, **given):
    """A fitted learner, and whether it is adjusted."""
    try:
        model = adjusted(learner, adjustment, len(np.unique(y))).fit(X, y, **given)
        if adjustment == "tuned threshold":
            model = tuned_around(model, learner, X, y, **given)
        return model, True
    except (ValueError, IndexError):  # no weights, or a class has too few rows for inner folds
        if not adjustment:
            raise
        return clone(learner).fit(X, y), False
