"""Does it help my model? The same folds with and without synthetic rows, beside cheap controls."""

import math
import numbers
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

import numpy as np
from sklearn.utils.parallel import Parallel, delayed

from gan_augment.augmentation.augment import AugmentedData
from gan_augment.augmentation.plan import resolve_plan
from gan_augment.containers import n_rows, take_rows
from gan_augment.encoding.target import TargetCodec
from gan_augment.encoding.training_table import as_native, as_target
from gan_augment.evaluation.comparison import AugmentationComparison, as_frame
from gan_augment.evaluation.question import (
    check_rope,
    named_amounts,
    named_estimators,
    named_makers,
    named_scorers,
    named_sizes,
    target_kind,
)
from gan_augment.evaluation.resume import CellStore
from gan_augment.evaluation.verdict import INAPPLICABLE
from gan_augment.exceptions import InputError, error_text
from gan_augment.process.randomness import small_seed
from gan_augment.selection.scoring import augmented_folds, nested, score_fold
from gan_augment.selection.splits import Fold, draw_splits, make_folds, stable_seed


def compare_augmentations(
    estimators,
    X,
    y,
    augmenters=None,
    *,
    n_samples=1.0,
    class_balance="equal",
    train_sizes=None,
    cv=None,
    scoring=None,
    n_jobs=None,
    random_state=None,
    cache=None,
    rope=0.01,
    verbose=0,
):
    """Compare models fitted with and without synthetic rows, on the same folds.

    Synthetic rows are made from the training rows of a fold and score on its real test rows.
    Beside the augmenters stand three controls under the same amounts and class balance: "none",
    "duplicates" (real rows repeated) and "SMOTE"; where SMOTE does not apply, its rows say why.
    Each generator is fitted once a fold, and its rows are shared by all estimators and amounts.

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
        Of a GANAugmenter the generator and its filters are used; amount and balance are those
        given here. Default, for tables: the generator `GANAugmenter` uses. ``{}`` compares the
        controls.
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
        scikit-learn scorers. "recall_per_class" stands for one scorer a class. The verdict is
        about the first. Default: balanced accuracy and the recall of each class, or R2.
    n_jobs : int, optional
        Parallel folds, through joblib and the backend it is set to.
    random_state : None, int, Generator or RandomState
        Seed of folds, generators and of estimators without one. Scores depend on it, not on
        `n_jobs`.
    cache : str or Path, optional
        Folder for finished cells (JSON); the same call goes on where it stopped. Failed cells
        are tried again. It needs a `random_state`. Functions are known by their names only.
    rope : float or dict of str to float, default=0.01
        The difference that makes none in practice, in the unit of the scores.
    verbose : int, default=0
        If positive, show a progress bar.

    Returns
    -------
    AugmentationComparison

    Raises
    ------
    InputError
        If an argument cannot be used; raised before training. What fails later is a row of the
        result with its error text.

    Examples
    --------
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
    ['none', 'duplicates', 'SMOTE', 'copies']
    >>> result.verdict.startswith("Do not augment")
    True
    """
    started = time.perf_counter()
    X, y = as_native(X), as_target(y)
    models = named_estimators(estimators)
    target = TargetCodec(kind=target_kind(models)).fit(y, X)
    codes, classes = target.encode(y), target.kind_ == "class"
    if codes is None:
        raise InputError("y is None: pass the target the estimators are to learn.")
    labels = target.classes_[codes] if classes else None
    amounts = named_amounts(n_samples, class_balance, labels, n_rows(X))
    scorers = named_scorers(scoring, target.classes_)
    check_rope(rope)
    if n_jobs == 0:
        raise InputError("n_jobs=0 runs nothing: pass 1, or -1 for all cores.")
    makers = named_makers(augmenters, X, target.kind_)
    if cache is not None and random_state is None:
        raise InputError("cache needs random_state: without a seed no two runs are the same.")
    seed = small_seed(random_state)
    splits = draw_splits(codes, cv, classes=classes, seed=seed)
    folds = {
        size: make_folds(codes, cv=splits, classes=classes, train_size=size, seed=seed)
        for size in named_sizes(train_sizes)
    }
    store = CellStore.open(cache, X, y, target, scorers=scorers, balance=class_balance)
    question = _Question(X, y, labels, models, amounts, class_balance, scorers, store)
    jobs = [
        _Job(name, maker, 1.0 if size is None else float(size), fold)
        for size, drawn in folds.items()
        for fold in drawn
        for name, maker in makers.items()
    ]
    cells = _run(jobs, question, n_jobs, verbose)
    settings = {
        "n_rows": n_rows(X),
        "n_columns": None if len(X.shape) > 2 else X.shape[1],
        "target": target.kind_,
        "random_state": random_state if isinstance(random_state, numbers.Integral) else None,
        "n_folds": len(splits),
        "class_balance": class_balance,
        "seconds": time.perf_counter() - started,
    }
    return AugmentationComparison(as_frame(list(chain.from_iterable(cells))), rope, settings)


@dataclass(frozen=True)
class _Question:
    """What all jobs of a comparison share."""

    X: object = field(repr=False)
    y: object = field(repr=False)
    labels: np.ndarray | None
    models: dict
    amounts: dict
    class_balance: str
    scorers: dict
    store: CellStore

    def plans(self, train):
        """Return for each amount the rows to add to these training rows."""
        labels = None if self.labels is None else self.labels[train]
        return {
            name: resolve_plan(amount, self.class_balance, labels, len(train))
            for name, amount in self.amounts.items()
        }


@dataclass(frozen=True)
class _Job:
    """One augmenter in one fold: its generator is fitted once."""

    augmenter: str
    maker: object
    train_size: float
    fold: Fold


def _run(jobs, question, n_jobs, verbose):
    tasks = [delayed(_run_job)(job, question) for job in jobs]
    if not verbose:
        return Parallel(n_jobs=n_jobs)(tasks)
    from rich.progress import track

    try:
        finished = Parallel(n_jobs=n_jobs, return_as="generator")(tasks)
    except ValueError:  # a backend that hands over all results at the end
        finished = Parallel(n_jobs=n_jobs)(tasks)
    return list(track(finished, description="Comparing", total=len(tasks)))


def _run_job(job, question):
    """Return the rows of one augmenter in one fold: one for each model, amount and scorer."""
    plain = job.augmenter == "none"
    plans, failure = {0: 0}, None
    if not plain:
        try:
            plans = question.plans(job.fold.train)
        except InputError as error:  # such as a class that this fold has no rows of
            plans, failure = dict.fromkeys(question.amounts, 0), error_text(error)
    whole = _largest(plans.values())
    cells, missing = {}, []
    for amount, plan in plans.items():
        for name, model in question.models.items():
            key = question.store.key(
                model=(name, model),
                augmenter=(job.augmenter, job.maker),
                plan=(amount, plan, whole),
                fold=(job.train_size, job.fold),
            )
            cells[amount, name] = question.store.load(key)
            if cells[amount, name] is None:
                missing.append((amount, name, key))
    if missing and failure is None:
        pool, seconds, failure = _pool(job, question, whole)
    for amount, name, key in missing:
        if failure is not None:
            cells[amount, name] = _failed(job, question, amount, name, failure)
            continue
        rows = _score(job, question, pool, seconds, amount, plans[amount], name)
        cells[amount, name] = rows
        if not any(row["error"] for row in rows):
            question.store.save(key, rows)
    return [row for rows in cells.values() for row in rows]


def _largest(plans):
    """Return the smallest plan that has every other one in it."""
    plans = list(plans)
    if not isinstance(plans[0], Mapping):
        return max(plans)
    return {label: max(plan[label] for plan in plans) for label in plans[0]}


def _pool(job, question, plan):
    """Return the training rows with the largest amount of synthetic ones, or what failed."""
    make = _unchanged if job.maker is None else partial(job.maker, plan=plan)
    start = time.perf_counter()

    def seeded_for_augmenter(X, y, rng):
        own = np.random.default_rng(stable_seed(job.fold.seed, job.augmenter))
        return make(X, y, own)

    try:
        folds = augmented_folds(seeded_for_augmenter, question.X, question.y, [job.fold])
        _, data, seconds = next(iter(folds))
    except Exception as error:
        # What the control refuses, as missing cells or a target of numbers, is no failure of it.
        unfit = job.augmenter == "SMOTE" and isinstance(error, InputError)
        text = INAPPLICABLE * unfit + error_text(error)
        return None, time.perf_counter() - start, text
    return data, seconds, None


def _unchanged(X, y, rng):
    return AugmentedData(X, y, np.zeros(n_rows(X), dtype=bool))


def _score(job, question, pool, seconds, amount, plan, name):
    try:
        data = pool if job.maker is None else nested(pool, plan)
    except Exception as error:
        return _failed(job, question, amount, name, error_text(error))
    score = score_fold(
        question.models[name],
        data,
        take_rows(question.X, job.fold.test),
        take_rows(question.y, job.fold.test),
        question.scorers,
        # The same seed for every augmenter and amount: the learner's luck cancels out.
        seed=stable_seed(job.fold.seed, "estimator", name),
    )
    seconds = {
        "augment_seconds": seconds,
        "fit_seconds": score.fit_seconds,
        "score_seconds": score.score_seconds,
    }
    return [
        _row(
            *(job, amount, name, scorer),
            n_synthetic=data.n_synthetic,
            score=score.scores[scorer],
            error=score.errors.get(scorer, ""),
            **seconds,
        )
        for scorer in question.scorers
    ]


def _failed(job, question, amount, name, text):
    return [_row(job, amount, name, scorer, error=text) for scorer in question.scorers]


def _row(job, amount, name, scorer, **figures):
    return {
        "estimator": name,
        "augmenter": job.augmenter,
        "n_samples": amount,
        "n_synthetic": 0,
        "train_size": job.train_size,
        "n_train": len(job.fold.train),
        "fold": job.fold.number,
        "scorer": scorer,
        "score": math.nan,
        "augment_seconds": math.nan,
        "fit_seconds": math.nan,
        "score_seconds": math.nan,
        "test_to_train": job.fold.test_to_train,
        "error": "",
        **figures,
    }
