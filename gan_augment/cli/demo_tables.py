"""The demonstration: whether augmentation helps on a small table, and beats the cheap ways.

One table that ships with scikit-learn, one classifier, the same folds for four training sets:
the real rows, and the real rows with as many synthetic ones from a generator, from SMOTE and
from plain duplication. Synthetic rows are drawn from training folds only.
"""

from dataclasses import dataclass

import pandas as pd

from gan_augment.selection.statistics import corrected_interval

REAL = "real rows only"
SMOTE = "SMOTE"
DUPLICATES = "duplicated rows"


@dataclass(frozen=True)
class Verdict:
    """A paired difference and what follows from it.

    Attributes
    ----------
    difference : float
        Mean over the folds of the score with the generator's rows less the score without.
    low, high : float
        95 % interval of the difference.
    helped : bool
    sentence : str
    """

    difference: float
    low: float
    high: float
    helped: bool
    sentence: str


def small_table(n_rows, random_state):
    """A stratified sample of scikit-learn's breast cancer table.

    Parameters
    ----------
    n_rows : int
    random_state : int

    Returns
    -------
    X : DataFrame of shape (n_rows, 30)
    y : Series of shape (n_rows,)
    """
    from sklearn.datasets import load_breast_cancer
    from sklearn.model_selection import train_test_split

    data = load_breast_cancer(as_frame=True)
    names = data.target.map(dict(enumerate(data.target_names))).rename("diagnosis")
    X, _, y, _ = train_test_split(
        data.data, names, train_size=n_rows, stratify=names, random_state=random_state
    )
    return X, y


def compare(generator, X, y, *, name, n_splits=5, n_repeats=2, random_state=0):
    """Score one classifier on the same folds with four training sets.

    Parameters
    ----------
    generator : generator
        Unfitted; a clone is fitted on each training fold.
    X : DataFrame
    y : Series
    name : str
        What to call the generator in the result.
    n_splits, n_repeats : int
        Of the repeated stratified folds.
    random_state : int

    Returns
    -------
    DataFrame of shape (n_splits * n_repeats, 3 or 4)
        Balanced accuracy on the held-out fold, one column a training set.
    """
    from sklearn.base import clone
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import RepeatedStratifiedKFold

    from gan_augment.estimators.transformer import GANAugmenter
    from gan_augment.generators.controls import BootstrapGenerator, SMOTEGenerator

    controls = {SMOTE: SMOTEGenerator(impute=True), DUPLICATES: BootstrapGenerator()}
    makers = {REAL: None, name: generator} | controls
    folds = RepeatedStratifiedKFold(
        n_splits=n_splits, n_repeats=n_repeats, random_state=random_state
    )
    scores = []
    for fold, (train, test) in enumerate(folds.split(X, y)):
        scores.append({})
        for maker_name, maker in makers.items():
            X_train, y_train = X.iloc[train], y.iloc[train]
            if maker is not None:
                augmenter = GANAugmenter(clone(maker), random_state=random_state + fold)
                augmented = augmenter.augment(X_train, y_train)
                X_train, y_train = augmented.X, augmented.y
            model = RandomForestClassifier(random_state=random_state)
            predicted = model.fit(X_train, y_train).predict(X.iloc[test])
            scores[-1][maker_name] = balanced_accuracy_score(y.iloc[test], predicted)
    return pd.DataFrame(scores)


def verdict(scores, name, n_splits=5, *, test_share=None, what="rows", real=REAL):
    """Say in words whether the generator's rows or images helped.

    Parameters
    ----------
    scores : DataFrame
        As `compare` returns it.
    name : str
        The generator's column.
    n_splits : int
        Of the folds, where they share training rows.
    test_share : float, optional
        Test rows for each training row, see `corrected_interval`; 0 for folds that share
        nothing.
    what : {"rows", "images"}, default="rows"
    real : str
        The column without augmentation.

    Returns
    -------
    Verdict
    """
    gained = scores[name] - scores[real]
    share = 1 / (n_splits - 1) if test_share is None else test_share
    found = corrected_interval(gained, share)
    mean, low, high = (round(value, 3) for value in (found.mean, found.low, found.high))
    them = "this table" if what == "rows" else "these images"
    controls = scores.drop(columns=[real, name]).mean()
    cheap, cheap_score = controls.idxmax(), controls.max()
    helped = bool(low > 0 and scores[name].mean() > cheap_score)
    if high < 0:
        sentence = f"Do not augment {them}: the {what} made the classifier worse ({mean:+.3f})."
    elif low <= 0:
        sentence = (
            f"Do not augment {them}: the difference of {mean:+.3f} is within what the folds "
            "vary by chance."
        )
    elif not helped:
        sentence = (
            f"The {what} helped ({mean:+.3f}), but {cheap} did as well: prefer the cheaper way."
        )
    else:
        sentence = f"The {what} helped ({mean:+.3f}), more than {cheap} did: augment {them}."
    return Verdict(mean, low, high, helped, sentence)
