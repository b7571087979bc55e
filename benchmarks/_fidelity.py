"""How good synthetic rows are, in the four figures that stand beside every time."""

import importlib.util
import warnings

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict


def as_categories(frames):
    """Text columns as one categorical dtype, so that a boosted tree reads them."""
    frames = [frame.copy() for frame in frames]
    for name in frames[0].select_dtypes(object):
        texts = [frame[name].fillna("missing").astype(str) for frame in frames]
        levels = sorted(set().union(*texts))
        for frame, text in zip(frames, texts, strict=True):
            frame[name] = pd.Categorical(text, levels)
    return frames


def tree():
    return HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0)


def quality(real, y_real, made, y_made, test, y_test):
    """Means over columns of KS and TV complements, TSTR and C2ST areas under the curve."""
    copies = pd.concat([real, made]).duplicated().iloc[len(real) :].mean()
    real, made, test = as_categories([real, made, test])
    ks, tv = [], []
    for name in real:
        if isinstance(real[name].dtype, pd.CategoricalDtype):
            shares = [
                frame[name].value_counts(normalize=True, sort=False) for frame in (real, made)
            ]
            tv.append(1 - (shares[0] - shares[1]).abs().sum() / 2)
        else:
            ks.append(1 - ks_2samp(real[name].dropna(), made[name].dropna()).statistic)
    tstr = roc_auc_score(y_test, tree().fit(made, y_made).predict_proba(test)[:, 1])
    both = pd.concat([real.assign(target=y_real), made.assign(target=y_made)], ignore_index=True)
    origin = np.repeat([0, 1], [len(real), len(made)])
    guess = cross_val_predict(tree(), both, origin, cv=3, method="predict_proba")[:, 1]
    c2st = roc_auc_score(origin, guess)
    found = {"KS": np.mean(ks), "TV": np.mean(tv), "TSTR": tstr, "C2ST": c2st, "copies": copies}
    return found | sdmetrics_scores(real.assign(target=y_real), made.assign(target=y_made))


def sdmetrics_scores(real, made):
    """SDMetrics' quality and diagnostic scores, where it is installed; 1 is best."""
    if importlib.util.find_spec("sdmetrics") is None:
        return {}
    from sdmetrics.reports import DiagnosticReport, QualityReport

    numbers = set(real.select_dtypes("number"))
    kinds = {n: {"sdtype": "numerical" if n in numbers else "categorical"} for n in real}
    metadata = {"tables": {"t": {"columns": kinds}}, "relationships": []}
    texts = {name: object for name in kinds if name not in numbers}
    tables, found = [{"t": frame.astype(texts)} for frame in (real, made)], {}
    for name, kind in {"quality": QualityReport, "diagnostic": DiagnosticReport}.items():
        report = kind()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report.generate(*tables, metadata, verbose=False)
        found[name] = report.get_score()
    return found
