"""Does it help my model? The same folds with and without synthetic rows, beside cheap controls."""

from __future__ import annotations

import itertools
import numbers
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gan_augment.augmentation.plan import keeps_labels, split_amount
from gan_augment.containers import is_images, n_rows
from gan_augment.encoding.target import TargetCodec
from gan_augment.encoding.training_table import as_native, as_target
from gan_augment.evaluation.arguments import (
    check_run,
    known_rope,
    named_amounts,
    named_estimators,
    named_makers,
    named_sizes,
    target_kind,
)
from gan_augment.evaluation.comparison import (
    CALIBRATION,
    SUBGROUPS,
    AugmentationComparison,
    as_frame,
)
from gan_augment.evaluation.subgroups import named_subgroups
from gan_augment.exceptions import InputError
from gan_augment.process.progress import shown
from gan_augment.process.randomness import small_seed
from gan_augment.selection.candidates import ENOUGH_LABELED_ROWS, NONE, Candidate
from gan_augment.selection.controls import ADJUSTMENTS, CONTROLS
from gan_augment.selection.experiment import Experiment
from gan_augment.selection.scorers import left_out_scores, primary_names, resolve_scorers
from gan_augment.selection.splits import draw_splits, group_codes, make_folds
from gan_augment.selection.store import CellStore


def compare_augmentations(
    estimators: Any,
    X: Any,
    y: Any,
    augmenters: Any = None,
    *,
    n_samples: Any = 1.0,
    class_balance: str = "equal",
    train_sizes: Any = None,
    cv: Any = None,
    scoring: Any = None,
    pos_label: Any = None,
    groups: Any = None,
    subgroups: Any = None,
    correct_class_shares: bool = True,
    n_jobs: int | None = None,
    random_state: Any = None,
    cache: str | Path | None = None,
    rope: float | Mapping[str, float] | None = None,
    verbose: int = 0,
) -> AugmentationComparison:
    """Compare models fitted with and without synthetic rows, on the same folds.

    Synthetic rows are made from the training rows of a fold and score on its real test rows.
    Beside the augmenters stand what costs nothing and what is cheap: "none", "class weights" and
    "tuned threshold" (the real rows, and an estimator that weighs classes or moves its threshold),
    and under the same amounts and class balance "duplicates" (real rows repeated), "SMOTE" and
    "jitter" (real rows plus noise). Where one does not apply, its rows say why. Each generator is
    fitted once a fold, and its rows are shared by all estimators and amounts.

    Parameters
    ----------
    estimators : estimator or dict of str to estimator
        Any scikit-learn classifiers, or regressors; cloned. They get the columns as they are:
        what they cannot take (text, missing values) needs a Pipeline that encodes it.
    X : table of shape (n, d) or array of images
        Any container the generators take.
    y : array-like of shape (n,)
        Class labels or numbers.
    augmenters : generator, GANAugmenter or dict of these, optional
        Of a GANAugmenter the generator, its filters and its labeler are used; amount and balance
        are those given here. Default: the generator `GANAugmenter` uses, for tables with the
        labels that rows were made with and with :doc:`soft labels </labels>`, as
        `AugmentedClassifier` adds them. ``{}`` compares the controls.
    n_samples : float, int, dict, "fill" or list of these, default=1.0
        How many rows to add, see `GANAugmenter`; a list compares amounts.
    class_balance : {"equal", "proportional"}, default="equal"
        How a float or int is shared among the classes.
    train_sizes : list of int or float, optional
        Thin the training set of each fold to so many rows, or that share: a learning curve.
    cv : None, int, splitter or iterable, optional
        See `make_folds`. Default: five folds, twice, stratified for classes. A splitter without
        a seed gets one from `random_state`.
    scoring : str, callable, list or dict, optional
        scikit-learn scorers. "recall_per_class" stands for one scorer a class. The verdict
        stands on the first. Default: area under the ROC curve and log loss, on which it stands
        together, and balanced accuracy; for numbers R2. A score that an estimator cannot give
        is left out of the default.
    pos_label : object, optional
        The class that scores of one class, such as "f1", are about. Default: the rarer of two.
    groups : array-like of shape (n,), optional
        The group of each row, such as a patient. All rows of a group are in training or all in
        test, as they are with new groups.
    subgroups : str, list of str or dict of str to int, optional
        Where it helps: scores on parts of the test rows too, see `by_subgroup` of the result.
        Names of columns, and "class" for the target's classes; numbers are cut into four
        quantile bins, or as many as a dict says.
    correct_class_shares : bool, default=True
        Whether probabilities are taken back to the class shares of the real training rows, where
        added rows or class weights changed these. What an estimator predicts stays its own.
    n_jobs : int, optional
        Parallel folds, through joblib and the backend it is set to.
    random_state : None, int, Generator or RandomState
        Seed of folds, generators and of estimators without one. Scores depend on it, not on
        `n_jobs`.
    cache : str or Path, optional
        Folder for finished cells (JSON); the same call goes on where it stopped. Failed cells
        are tried again. It needs a `random_state`. Functions are known by their names only.
    rope : float or dict of str to float, optional
        The difference that makes none in practice, in the unit of the scores. Default: 0.02 for
        log loss, 0.01 for others.
    verbose : int, default=0
        If positive, print how far it is, see :doc:`/logging`.

    Returns
    -------
    AugmentationComparison

    Raises
    ------
    InputError
        If an argument cannot be used; raised before training. What fails later is a row of the
        result with its reason and error text.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn.compose import make_column_transformer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import OneHotEncoder, StandardScaler
    >>> from gan_augment import BootstrapGenerator
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"size": rng.normal(size=60), "colour": rng.choice(["red", "blue"], 60)})
    >>> y = np.where(X["size"] + rng.normal(size=60) > 0.5, "yes", "no")
    >>> model = make_pipeline(
    ...     make_column_transformer(
    ...         (OneHotEncoder(handle_unknown="ignore"), ["colour"]), remainder=StandardScaler()
    ...     ),
    ...     LogisticRegression(),
    ... )
    >>> result = compare_augmentations(
    ...     {"LR": model}, X, y, {"copies": BootstrapGenerator()}, cv=3, random_state=0
    ... )
    >>> result.augmenters_
    ['none', 'duplicates', 'SMOTE', 'jitter', 'class weights', 'tuned threshold', 'copies']
    >>> result.verdict.startswith("Do not augment")
    True
    """
    started = time.perf_counter()
    X, y = as_native(X), as_target(y)
    models = named_estimators(estimators)
    target = TargetCodec(kind=target_kind(models)).fit(y, X)
    codes, classes = target.encode(y), target.kind_ == "class"
    if codes is None:
        raise InputError(
            "is None", argument="y", remedy="pass the target the estimators are to learn"
        )
    labels = target.classes_[codes] if classes else None
    amounts = named_amounts(n_samples, class_balance, labels, n_rows(X))
    scorers = resolve_scorers(scoring, models, labels, pos_label)
    rope = known_rope(rope)
    check_run(n_jobs, cache, random_state)
    makers = named_makers(augmenters, X, target.kind_)
    seed = small_seed(random_state)
    parts = named_subgroups(subgroups, X, labels)
    splits = draw_splits(codes, cv, classes=classes, groups=groups, seed=seed)
    folds = [
        fold
        for size in named_sizes(train_sizes)
        for fold in make_folds(codes, cv=splits, classes=classes, train_size=size, seed=seed)
    ]
    store = CellStore.open(cache, X, y, target, scorers=scorers)
    experiment = Experiment(
        models,
        X,
        y,
        makers,
        scorers,
        labels=labels,
        store=store,
        correct_shares=correct_class_shares,
        subgroups=parts,
        calibration=True,
        groups=None if groups is None else group_codes(groups, n_rows(X)),
    )
    candidates = _candidates(makers, amounts, class_balance)
    soft = _with_labels(candidates, target.kind_, X) if augmenters is None else {}
    candidates |= soft
    with shown(verbose):
        cells = experiment.run(candidates, folds, n_jobs=n_jobs)
    settings = {
        "n_rows": n_rows(X),
        "n_columns": None if len(X.shape) > 2 else X.shape[1],
        "target": target.kind_,
        "random_state": random_state if isinstance(random_state, numbers.Integral) else None,
        "n_folds": len(splits),
        "class_balance": class_balance,
        "primary": list(primary_names(scoring, scorers)),
        "left_out_scores": left_out_scores(models, labels) if scoring is None else {},
        "correct_class_shares": bool(correct_class_shares),
        "grouped": groups is not None,
        "labeled": sorted({name for name, _ in soft}),
        "seconds": time.perf_counter() - started,
    }
    return _comparison(cells, rope, settings)


def _comparison(cells, rope, settings):
    return AugmentationComparison(
        as_frame(_row(cell) for cell in cells if not cell.group),
        rope,
        settings,
        as_frame(itertools.chain.from_iterable(map(_bins, cells)), CALIBRATION),
        as_frame((_row(cell) for cell in cells if cell.group), SUBGROUPS),
    )


def _candidates(makers, amounts, class_balance):
    """What is compared, by the names of the augmenter and of the amount: no rows first."""
    found = {("none", 0): NONE}
    found |= {(name, 0): replace(NONE, adjustment=name) for name in ADJUSTMENTS}
    for augmenter, (name, amount) in itertools.product(makers, amounts.items()):
        facts = {"augmenter": augmenter, "control": augmenter in CONTROLS}
        found[augmenter, name] = Candidate(amount, class_balance, setting=None, **facts)
    return found


def _with_labels(candidates, kind, X):
    """Return candidates whose rows are labelled, and let the others keep labels of their own.

    Soft labels are worth the more the more rows have them, so there are `ENOUGH_LABELED_ROWS`.
    Images have none.
    """
    what, soft = {"class": "soft labels", "number": "labels of a committee"}[kind], {}
    if is_images(X):
        return soft
    for (name, amount), candidate in candidates.items():
        if candidate.control or not candidate.augmenter:
            continue
        candidates[name, amount] = replace(candidate, labels="own")
        if keeps_labels(candidate.n_samples) or split_amount(candidate.n_samples)[1] is not None:
            continue
        rows = amount * n_rows(X) if isinstance(amount, float) else amount
        enough = amount if rows >= ENOUGH_LABELED_ROWS else ENOUGH_LABELED_ROWS
        key = f"{name}, {what}", enough
        soft[key] = replace(candidate, n_samples=enough, labels="labeler")
    return soft


def _row(cell):
    augmenter, amount = cell.candidate
    return {**vars(cell), "augmenter": augmenter, "n_samples": amount}


def _bins(cell):
    names = ("bin", "n", "predicted", "observed")
    return [_row(cell) | dict(zip(names, found, strict=True)) for found in cell.calibration]
