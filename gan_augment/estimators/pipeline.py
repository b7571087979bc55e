"""scikit-learn's Pipeline, in which y grows together with X.

Fitting is one loop over the steps, written with public methods only: a transformer transforms
X, a row-adding step replaces X and y. Once fitted, the steps are written back and everything
scikit-learn's Pipeline can do with fitted steps is inherited, because row-adding steps leave
the rows they predict on alone.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from copy import copy
from functools import wraps
from typing import Any, Self

import numpy as np
from sklearn import get_config
from sklearn.base import clone
from sklearn.pipeline import Pipeline as StockPipeline
from sklearn.pipeline import make_pipeline as make_stock_pipeline
from sklearn.utils import Tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_memory

from gan_augment.augmentation.data import follow_rows, row_source
from gan_augment.containers import n_rows, take_rows
from gan_augment.containers.weights import takes_weights, weight_name
from gan_augment.estimators.transformer import GANAugmenter, target_of
from gan_augment.estimators.validation import refuse_mid_step
from gan_augment.exceptions import InputError
from gan_augment.generators.parameters import check_flag
from gan_augment.process.callbacks import end_tasks, fit_tasks, running, subtask, with_callbacks


def _is_passthrough(step):
    return step is None or (isinstance(step, str) and step == "passthrough")


def _adds_rows(step):
    """Whether a step hands on another X and y: an augmenter, or an imbalanced-learn sampler."""
    grows = hasattr(step, "augment") or hasattr(step, "fit_resample") or _is_foreign(step)
    return grows and not _is_passthrough(step)


def _is_foreign(step):
    """Whether a step is another library's Pipeline with an augmenter, which it cannot run."""
    stock = isinstance(step, StockPipeline) and not isinstance(step, Pipeline)
    if not stock or not hasattr(step, "fit_transform"):
        return False
    return any(
        hasattr(inner, "augment")
        or (isinstance(inner, Pipeline) and hasattr(inner, "fit_resample"))
        or _is_foreign(inner)
        for _, inner in step.steps
    )


def _without_samplers(step):
    """Return what a fitted step does to rows to predict on, of which samplers add none."""
    if not _adds_rows(step) or hasattr(step, "transform"):
        return step
    if isinstance(step, StockPipeline):  # imbalanced-learn's, with a sampler at its end
        return StockPipeline([(name, _without_samplers(inner)) for name, inner in step.steps])
    return "passthrough"


def _transformed(step, X, y, params, owner, task):
    """Fit a transformer and return (rows, fitted step)."""
    with running(task, owner, step, X, y):
        if hasattr(step, "fit_transform"):
            Xt = step.fit_transform(X, y, **params.get("fit_transform", {}))
        else:
            Xt = step.fit(X, y, **params.get("fit", {})).transform(
                X, **params.get("transform", {})
            )
    return Xt, step


def _grown(step, X, y, target, weighs, params, owner, task):
    """Fit a row-adding step and return (X, y, row origins, row weights or None, fitted step).

    Soft labels become weights where the last step `weighs` rows, else rows with labels drawn.
    """
    weights = None
    with running(task, owner, step, X, y):
        if hasattr(step, "augment"):
            told = {"target": target} if isinstance(step, GANAugmenter) else {}
            data = step.augment(X, y, **told)
            data = data.weighted() if weighs else data.drawn()
            weights = data.sample_weight if weighs else None
            # Rows to predict on pass through transform; so do these, to meet in one container.
            same = getattr(step, "transform", lambda rows: rows)
            grown = same(data.X), data.y
            source = data.source
        else:
            told = {"target": target} if isinstance(step, Pipeline) else {}
            runs = step
            if _is_foreign(step):
                runs = Pipeline(
                    step.steps, memory=step.memory, verbose=step.verbose, keep_generator=True
                )
                told = {"target": target}
            grown = runs.fit_resample(X, y, **told, **params)
            if runs is not step:
                step.set_params(steps=runs.steps)
            # Of GANOverSampler; samplers of imbalanced-learn may have sample_indices_ instead.
            is_synthetic = getattr(runs, "is_synthetic_", None)
            source = getattr(runs, "sample_indices_", None)
            source = source if is_synthetic is None else row_source(is_synthetic)
    return *grown, source, weights, step


def _without_generators(step):
    """Return a fitted step, or one that is another library's Pipeline, without its generators."""
    if hasattr(step, "without_generator"):
        return step.without_generator()
    if _is_foreign(step):
        inside = [(name, _without_generators(inner)) for name, inner in step.steps]
        return copy(step).set_params(steps=inside)
    return step


def _at_prediction(name):
    """Return scikit-learn's method of this name, run with samplers left out."""

    def check(self):
        try:
            getattr(self._for_prediction(), name)
        except AttributeError as error:
            if error.__cause__ is None:
                return False
            raise error.__cause__ from None  # the step's own reason
        return True

    @available_if(check)
    @wraps(getattr(StockPipeline, name))
    def method(self, *args, **kwargs):
        return getattr(self._for_prediction(), name)(*args, **kwargs)

    return method


def _can_fit_transform(self):
    last = self.steps[-1][1]
    has_one = any(hasattr(last, name) for name in ("transform", "fit_transform"))
    return has_one or _is_passthrough(last) or _adds_rows(last)


def _can_fit_predict(self):
    getattr(self.steps[-1][1], "fit_predict")  # noqa: B009, its AttributeError is the reason
    return True


def _can_fit_resample(self):
    return any(_adds_rows(step) for _, step in self.steps) and _can_fit_transform(self)


class Pipeline(StockPipeline):
    """scikit-learn's Pipeline with steps that add rows.

    A step with an ``augment`` method, such as `GANAugmenter`, or with ``fit_resample``, such as
    `GANOverSampler` and the samplers of imbalanced-learn, may stand anywhere before the last
    step. In `fit` it hands on more rows, X and y together; when the fitted pipeline predicts,
    scores or transforms, it leaves the rows as they are. Another `Pipeline` with such a step is a
    row-adding step, too.

    Parameters
    ----------
    steps : list of (name, estimator) tuples
        As for scikit-learn's Pipeline; "passthrough" and None are skipped.
    transform_input : list of str, optional
        As for scikit-learn's Pipeline; refused together with row-adding steps.
    memory : str or object with the joblib.Memory interface, optional
        Where to cache fitted steps, row-adding ones too: a grid over the last step's
        parameters trains the generator once per fold.
    verbose : bool, default=False
        Print the time each step took.
    keep_generator : bool, default=False
        Whether a fitted pipeline keeps the generators of its `GANAugmenter` steps before the last.
        Without them it holds no training rows but those that its other steps keep, and predicts
        without torch: :doc:`/saving`. These steps are then copies; the augmenters passed in keep
        what they learnt.

    Attributes
    ----------
    named_steps : Bunch
        The steps by name.
    classes_ : ndarray
        The labels, if the last step is a classifier.

    Notes
    -----
    - ``fit_transform(X, y)`` returns the synthetic rows too and ``fit(X, y).transform(X)`` does
      not; ``fit_predict`` returns predictions for the rows passed in.
    - Soft labels of a `GANAugmenter` with a labeler reach the last step as its ``sample_weight``;
      where its fit takes none, each synthetic row is there five times, with labels in proportion.
    - ``step__sample_weight`` (or a routed ``sample_weight``) behind a row-adding step is
      extended: each synthetic row gets the mean weight of the rows that have one, as in
      `AugmentedClassifier`. Other parameters with one value per row cannot be extended and are
      refused.
    - Callbacks set on the pipeline reach its steps as in scikit-learn.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.preprocessing import StandardScaler
    >>> from gan_augment import BootstrapGenerator, GANAugmenter, make_pipeline
    >>> X, y = load_iris(return_X_y=True)
    >>> augmenter = GANAugmenter(BootstrapGenerator(), random_state=0)
    >>> model = make_pipeline(StandardScaler(), augmenter, LogisticRegression())
    >>> model.fit(X, y).predict(X).shape
    (150,)
    """

    def __init__(
        self,
        steps: list,
        *,
        transform_input: list[str] | None = None,
        memory: Any = None,
        verbose: bool = False,
        keep_generator: bool = False,
    ) -> None:
        super().__init__(steps, transform_input=transform_input, memory=memory, verbose=verbose)
        self.keep_generator = keep_generator

    def _growing(self):
        """Whether a step before the last adds rows."""
        return any(_adds_rows(step) for _, step in self.steps[:-1])

    @with_callbacks
    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Fit the steps one after the other; X and y grow together.

        Parameters
        ----------
        X : table
            Training rows.
        y : array-like, optional
            Their target.
        **params : dict
            ``step__parameter``, or metadata requested by the steps if metadata routing is
            enabled.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If a parameter cannot follow the rows that are added.
        """
        if not self._growing():
            return super().fit(X, y, **params)
        with self._fitted_to_last("fit", X, y, params) as (last, Xt, yt, routed, _):
            if last is not None:
                last.fit(Xt, yt, **routed.get("fit", {}))
        return self

    @available_if(_can_fit_transform)
    @with_callbacks
    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit the steps and return the transformed training rows, synthetic ones included.

        Parameters
        ----------
        X, y, **params
            As for `fit`.

        Returns
        -------
        table
            The real rows first.
        """
        if any(_adds_rows(step) for _, step in self.steps):
            refuse_mid_step(self, y, "This inner Pipeline")
        if not self._growing() and not hasattr(self.steps[-1][1], "fit_resample"):
            return super().fit_transform(X, y, **params)
        with self._fitted_to_last("fit_transform", X, y, params) as (last, Xt, yt, routed, _):
            if hasattr(last, "fit_resample"):
                Xt, *_ = _grown(last, Xt, yt, "auto", False, {}, self, None)
            elif last is not None:
                Xt, _ = _transformed(last, Xt, yt, routed, self, None)
        return Xt

    @available_if(_can_fit_resample)
    @with_callbacks
    def fit_resample(self, X: Any, y: Any = None, *, target: str = "auto") -> tuple[Any, Any]:
        """Fit the steps and return the transformed training rows and their target.

        Available where a step adds rows and the last one transforms or adds rows.

        Parameters
        ----------
        X, y
            As for `fit`.
        target : {"auto", "class", "number"}, default="auto"
            What `y` holds, where a generator leaves it open.

        Returns
        -------
        X, y
            The real rows first, where no step removes any; ``sample_indices_`` has the position
            of each row in `X`, -1 for a synthetic one, or is None where a step does not tell.
        """
        fitted = self._fitted_to_last("fit_transform", X, y, {}, target)
        with fitted as (last, Xt, yt, routed, origin):
            if _adds_rows(last):
                Xt, yt, source, *_ = _grown(last, Xt, yt, target, False, {}, self, None)
                origin = _origin(origin, source)
                self.steps[-1] = (self.steps[-1][0], self._kept(last))
            elif last is not None:
                Xt, _ = _transformed(last, Xt, yt, routed, self, None)
        self.sample_indices_ = origin
        return Xt, yt

    @available_if(_can_fit_predict)
    @with_callbacks
    def fit_predict(self, X: Any, y: Any = None, **params: Any) -> np.ndarray:
        """Fit the steps and return the last step's predictions for the rows passed in.

        Parameters
        ----------
        X, y, **params
            As for `fit`.

        Returns
        -------
        ndarray of shape (n,)
            One prediction for each row of `X`, none for synthetic rows.
        """
        if not self._growing():
            return super().fit_predict(X, y, **params)
        with self._fitted_to_last("fit_predict", X, y, params) as (last, Xt, yt, routed, origin):
            predicted = last.fit_predict(Xt, yt, **routed.get("fit_predict", {}))
        place = np.full(n_rows(X), -1)
        if origin is not None:
            kept = np.flatnonzero(origin >= 0)
            place[origin[kept]] = kept
        if (place < 0).any():
            raise InputError(
                "fit_predict cannot tell which of the resampled rows is which of X",
                remedy="use fit and then predict",
            )
        return take_rows(predicted, place)

    @contextmanager
    def _fitted_to_last(self, method, X, y, params, target=None):
        """Fit all steps but the last; yield that one with its rows, parameters and row origins."""
        self._check_steps()
        routed = self._routed(method, params)
        given = {name: routed[name].pop("fit_resample", {}) for name in routed}
        for name, step in self.steps[:-1]:
            if _adds_rows(step) and any(routed[name].values()):
                raise InputError(
                    f"Step {name!r} adds rows and takes no fit parameters",
                    remedy=f"leave out the parameters of {name}",
                )
        self.steps = list(self.steps)  # fitted steps are written back, as scikit-learn does
        memory = check_memory(self.memory)
        transformed = memory.cache(_transformed, ignore=["owner", "task"])
        grown = memory.cache(_grown, ignore=["owner", "task"])
        # Without a cache steps are fitted in place, also as scikit-learn does.
        caches = getattr(memory, "location", memory) is not None
        origin, soft = np.arange(n_rows(X)), None
        weighs = method in ("fit", "fit_predict") and takes_weights(self.steps[-1][1])
        target = target or target_of(self.steps[-1][1])
        tasks = fit_tasks(self, len(self.steps), X, y, method.replace("_", "-"))
        X_first = X
        for index, (name, step) in enumerate(self.steps[:-1]):
            task = subtask(tasks, f"fit-transform-{name}")
            before = n_rows(X)
            with self._timed(index):
                if _is_passthrough(step):
                    with running(task, self, None, X, y):
                        continue
                step = clone(step) if caches else step
                if _adds_rows(step):
                    X, y, source, weights, step = grown(
                        step, X, y, target, weighs, given[name], owner=self, task=task
                    )
                    step = self._kept(step)
                    soft = _all_weights(soft, source, weights, name)
                    for behind, _ in self.steps[index + 1 :]:
                        routed[behind] = _follow(routed[behind], source, before, behind, name)
                    origin = _origin(origin, source)
                else:
                    X, step = transformed(step, X, y, routed[name], owner=self, task=task)
                    _check_length(name, before, X, y)
                self.steps[index] = (name, step)
        name, last = self.steps[-1]
        last = None if _is_passthrough(last) else last
        if soft is not None:
            routed[name] = _with_weights(routed[name], method, weight_name(last), soft)
        task = subtask(tasks, f"{method.replace('_', '-')}-final-estimator")
        with self._timed(len(self.steps) - 1), running(task, self, last, X, y):
            yield last, X, y, routed[name], origin
        end_tasks(tasks, self, X_first, y)

    def _kept(self, step):
        """Return a fitted step as the pipeline keeps it."""
        return step if self.keep_generator else _without_generators(step)

    def _check_steps(self):
        check_flag("keep_generator", self.keep_generator)
        names = [name for name, _ in self.steps]
        taken = {*self.get_params(deep=False)}
        wrong = [n for n in names if names.count(n) > 1 or "__" in n or n in taken]
        if wrong:
            raise InputError(
                f"has the name {wrong[0]!r}, which is not unique, contains '__' or is a "
                "parameter of Pipeline",
                argument="steps",
                remedy="rename the step",
            )
        for name, step in self.steps:
            if isinstance(step, type):
                raise TypeError(
                    f"Expected an estimator instance ({step.__name__}()), got estimator class "
                    f"instead ({step.__name__}). It is step {name!r}."
                )
            needed = {"fit"} if name == names[-1] or _adds_rows(step) else {"fit", "transform"}
            if not _is_passthrough(step) and not all(hasattr(step, method) for method in needed):
                raise TypeError(
                    "All intermediate steps should be transformers and implement fit and "
                    "transform, or add rows (augment or fit_resample), and the last step should "
                    f"implement fit; step {name!r} ({type(step).__name__}) doesn't."
                )
        if self.transform_input is not None:
            raise InputError.of(
                "transform_input",
                self.transform_input,
                "cannot be combined with a step that adds rows",
                "wrap a scikit-learn Pipeline that has it in AugmentedClassifier",
            )

    def _routed(self, method, params):
        """Return {step name: {method: parameters}}."""
        names = [name for name, _ in self.steps]
        if get_config()["enable_metadata_routing"]:
            routed = process_routing(self, method, **params)
            real = [name for name, step in self.steps if not _is_passthrough(step)]
            found = {name: {m: dict(p) for m, p in routed[name].items()} for name in real}
            return {name: found.get(name, {}) for name in names}
        given = {name: {} for name in names}
        for key, value in params.items():
            name, separator, parameter = key.partition("__")
            if not separator or name not in given:
                raise InputError(
                    f"Pipeline.{method} does not accept the {key} parameter",
                    remedy="pass it to a step as stepname__parameter, e.g. "
                    f"logisticregression__sample_weight; the steps are {names!r}",
                )
            given[name][parameter] = value
        methods = ("fit", "fit_transform", "fit_predict")
        return {name: {m: dict(values) for m in methods} for name, values in given.items()}

    @contextmanager
    def _timed(self, index):
        start = time.perf_counter()
        yield
        if self.verbose:
            message = f" (step {index + 1} of {len(self.steps)}) Processing {self.steps[index][0]}"
            seconds = f", total={time.perf_counter() - start:6.1f}s"
            print(f"[Pipeline] {message:.>{59 - len(seconds)}}{seconds}")

    def _for_prediction(self):
        """Return the steps as a scikit-learn Pipeline in which pure samplers do nothing."""
        return StockPipeline([(name, _without_samplers(step)) for name, step in self.steps])

    def get_metadata_routing(self) -> MetadataRouter:
        """Return which metadata the steps request; of a sampler, those of ``fit_resample``.

        Returns
        -------
        MetadataRouter
        """
        router = super().get_metadata_routing()
        for name, step in self.steps[:-1]:
            if _adds_rows(step) and hasattr(step, "set_fit_resample_request"):
                mapping = MethodMapping()
                for method in ("fit", "fit_transform", "fit_predict"):
                    mapping.add(caller=method, callee="fit_resample")
                router.add(method_mapping=mapping, **{name: step})
        return router

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        if self.steps and self._growing():
            tags.target_tags.multi_output = False  # no generator learns several targets
        return tags

    predict = _at_prediction("predict")
    predict_proba = _at_prediction("predict_proba")
    predict_log_proba = _at_prediction("predict_log_proba")
    decision_function = _at_prediction("decision_function")
    score_samples = _at_prediction("score_samples")
    score = _at_prediction("score")
    transform = _at_prediction("transform")
    inverse_transform = _at_prediction("inverse_transform")
    get_feature_names_out = _at_prediction("get_feature_names_out")


def _check_length(name, before, X, y):
    if y is not None and n_rows(X) != before:
        raise InputError(
            f"Step {name!r} turned {before} rows into {n_rows(X)} without changing y",
            remedy="a step that adds rows needs augment or fit_resample and must be a step of "
            "this Pipeline itself",
        )


def _origin(origin, source):
    """Return the position of each row in the first table, -1 for synthetic ones, None unknown."""
    if origin is None or source is None:
        return None
    return follow_rows(origin, np.asarray(source), -1)


def _follow(given, source, before, name, adder):
    """Return the parameters of a step behind a row-adding one, grown as the rows were."""
    grown = {method: dict(values) for method, values in given.items()}
    for values, (key, value) in [(v, item) for v in grown.values() for item in v.items()]:
        if not hasattr(value, "__len__") or len(value) != before:
            if key == "sample_weight" and np.ndim(value) == 1:
                raise InputError(
                    f"of step {name!r} has {len(value)} values for {before} rows",
                    argument=key,
                    remedy="pass one for each row",
                )
            continue  # not one value per row
        if key != "sample_weight" or source is None:
            raise InputError(
                f"Fit parameter {key!r} of step {name!r} cannot follow the rows that step "
                f"{adder!r} adds",
                remedy="leave it out; only sample_weight can, behind steps that tell real rows "
                "from synthetic ones",
            )
        weights = np.asarray(value)
        usual = weights[weights > 0].mean() if (weights > 0).any() else 0.0
        values[key] = follow_rows(weights, np.asarray(source), usual)
    return grown


def _all_weights(soft, source, weights, adder):
    """Return the weights of soft labels, those of earlier steps too; None where there are none."""
    if soft is None:
        return weights
    if source is None:
        raise InputError(
            f"Step {adder!r} does not tell real rows from synthetic ones, so that soft labels of "
            "an earlier step cannot follow",
            remedy="set labeler of that step to None",
        )
    soft = follow_rows(soft, np.asarray(source), 1.0)
    return soft if weights is None else soft * weights


def _with_weights(given, method, name, soft):
    """Return the parameters of the last step with the weights of soft labels among them."""
    values = dict(given.get(method, {}))
    values[name] = soft * values.get(name, 1.0)
    return {**given, method: values}


def make_pipeline(
    *steps: Any,
    memory: Any = None,
    transform_input: list[str] | None = None,
    verbose: bool = False,
    keep_generator: bool = False,
) -> Pipeline:
    """Return a `Pipeline` of these steps, named after their types.

    Parameters
    ----------
    *steps : estimators
        Transformers, row-adding steps and, last, any estimator.
    memory : str or object with the joblib.Memory interface, optional
        Where to cache fitted steps.
    transform_input : list of str, optional
        As for scikit-learn's Pipeline; refused together with row-adding steps.
    verbose : bool, default=False
        Print the time each step took.
    keep_generator : bool, default=False
        Whether a fitted pipeline keeps the generators of its steps, see `Pipeline`.

    Returns
    -------
    Pipeline

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from gan_augment import GANAugmenter, make_pipeline
    >>> [name for name, _ in make_pipeline(GANAugmenter(), LogisticRegression()).steps]
    ['ganaugmenter', 'logisticregression']
    """
    named = make_stock_pipeline(*steps).steps
    return Pipeline(
        named,
        transform_input=transform_input,
        memory=memory,
        verbose=verbose,
        keep_generator=keep_generator,
    )
