"""TabularGAN: a generative adversarial network for tables, small ones first."""

import math
import numbers

import numpy as np
from sklearn.utils.validation import check_is_fitted

from gan_augment.callbacks import CallbackSupportMixin, progress_bar, with_callbacks
from gan_augment.codecs.table import TableCodec
from gan_augment.containers import to_pandas
from gan_augment.exceptions import InputError
from gan_augment.generators.base import BaseGenerator, largest_remainder
from gan_augment.generators.prior import StructuredPrior
from gan_augment.training.config import TrainingConfig

LOCAL_ROWS = 500
MAX_STEPS, MIN_STEPS = 1000, 300
TARGET_BINS = 10
SAMPLE_CHUNK = 20_000


class TabularGAN(CallbackSupportMixin, BaseGenerator):
    """Generative adversarial network for a table, conditional on the class.

    A generated row starts from a row of its class, made from real rows by a structured prior
    (interpolated neighbours, class means with pooled covariance, variation borrowed across
    classes), and is moved by a network which learns, against a critic, to make it look real. With
    few rows everything is kept and moved a little; with many, part of each row is generated
    afresh. See :doc:`/how_it_works`.

    Parameters
    ----------
    locality : "auto" or float in [0, 1], default="auto"
        Share of a starting row's columns that is kept. 1 stays closest to real rows and serves
        small data best; 0 generates whole rows from noise. "auto" is 1 up to 500 rows and falls
        with the fourth root of the row count after that. Locality is also a matter of privacy:
        rows made with high locality are close to real ones.
    columns : dict of {name: kind}, optional
        Kinds chosen by hand, for instance ``{"customer_id": "regenerate", "zip": "category"}``;
        see :class:`gan_augment.codecs.schema.Schema`.
    target : {"auto", "class", "number"}, default="auto"
        Whether ``y`` holds classes, which rows are generated for, or numbers, which are generated
        with the row.
    loss : object, optional
        Adversarial loss, see :mod:`gan_augment.nn.losses`. Default: ``RelativisticLoss()``, and
        ``DualCriticsLoss()`` for two critics.
    n_critics : {1, 2}, default=1
        2 plays the dual-discriminator game.
    n_steps : "auto" or int, default="auto"
        Training steps; "auto" is 15 times the square root of the row count, from 300 to 1,000.
        0 trains nothing and samples the prior alone, the control for everything the game adds.
    time_budget : float, optional
        Seconds of training after which it stops with what it has.
    config : TrainingConfig, optional
        Network sizes, learning rate and the like.
    device : {"auto", "cpu", "cuda"}, default="auto"
        "auto" takes a GPU when torch sees one.
    random_state : None, int, Generator or RandomState
        Same seed, data and versions on the same kind of machine give the same bytes.
    verbose : int, default=0
        1 shows a progress bar, through scikit-learn's callbacks.

    Attributes
    ----------
    codec_ : TableCodec
        Its ``schema_`` tells what was inferred of each column.
    history_ : dict of lists
        Losses and monitors at every check: ``step``, ``critic_loss``, ``generator_loss``,
        ``score_gap``, ``learning_rate``, ``seconds``.
    locality_, n_steps_, n_restarts_ : float, int, int
        What was used and done.

    Raises
    ------
    InputError
        By ``fit``, before training, if the table, target or a parameter cannot be used.
    TrainingDivergedError
        By ``fit``, if training collapses and three restarts do not help.

    Notes
    -----
    A class with a single row is jittered: its rows are made from the pooled within-class
    variation of the other classes, inside the bounds of the whole column.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> gan = TabularGAN(n_steps=20, random_state=0).fit(X, y)
    >>> X_new, y_new = gan.sample(y=[0, 2, 2])
    >>> X_new.shape, y_new.tolist()
    ((3, 4), [0, 2, 2])
    """

    def __init__(
        self,
        *,
        locality="auto",
        columns=None,
        target="auto",
        loss=None,
        n_critics=1,
        n_steps="auto",
        time_budget=None,
        config=None,
        device="auto",
        random_state=None,
        verbose=0,
    ):
        self.locality = locality
        self.columns = columns
        self.target = target
        self.loss = loss
        self.n_critics = n_critics
        self.n_steps = n_steps
        self.time_budget = time_budget
        self.config = config
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @with_callbacks
    def fit(self, X, y=None):
        """Learn the table's columns, then train.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Training rows, at least two.
        y : array-like of shape (n,), optional
            Class labels or numbers.

        Returns
        -------
        self
        """
        self._check_parameters()
        with progress_bar(self, self.verbose):
            return super().fit(X, y)

    def save(self, path):
        """Write the fitted generator to one file of data, to be read by ``gan_augment.load``.

        Parameters
        ----------
        path : str or Path
            Replaced as a whole once the new file is complete.

        Notes
        -----
        The file holds encoded training rows (at most 50,000): share it as you would the data.
        """
        from gan_augment.generators.saved import save_gan

        check_is_fitted(self)
        save_gan(self, path)

    def _fit(self, frame, target_values, rng):
        from gan_augment.generators.table_training import train_rows

        n, kind = len(frame), self.target_.kind_
        local, steps = self.locality, self.n_steps
        self.locality_ = _automatic_locality(n) if local == "auto" else float(local)
        self.n_steps_ = _automatic_steps(n) if steps == "auto" else int(steps)
        number = target_values if kind == "number" else None
        self.codec_ = TableCodec(self.columns).fit(frame, number)
        groups = _groups(target_values, kind, n)
        self.group_counts_ = np.bincount(groups)
        if self.group_counts_.max() < 2:
            raise InputError(
                f"y has {n} classes in {n} rows, so there is no variation within a class to learn "
                "from: pass at least two rows of one class."
            )
        matrix = self.codec_.encode(frame, number, rng)
        self.prior_ = StructuredPrior(self.codec_.blocks_).fit(matrix, groups, rng)
        self.module_, history = train_rows(self, matrix, groups, rng)
        self.history_ = history.records
        self.n_restarts_ = history.restarts

    def _sample(self, n, codes, rng):
        from gan_augment.generators.table_training import draw_rows

        groups = codes
        if groups is None:
            counts = largest_remainder(n, self.group_counts_)
            groups = rng.permutation(np.repeat(np.arange(len(counts)), counts))
        parts = [
            draw_rows(self, groups[start : start + SAMPLE_CHUNK], rng)
            for start in range(0, n, SAMPLE_CHUNK)
        ]
        return self.codec_.decode(np.concatenate(parts))

    @property
    def unlearnt_(self):
        """Columns that are ignored or regenerated."""
        columns = self.codec_.schema_.columns
        return tuple(c.name for c in columns if c.kind in ("ignore", "regenerate"))

    def renumber(self, X):
        """Return rows of several draws as if drawn at once; new identifiers start anew in each.

        Parameters
        ----------
        X : table
            Rows that `sample` returned.

        Returns
        -------
        table
        """
        columns = [c for c in self.codec_.schema_.columns if c.kind == "regenerate"]
        if not columns:
            return X
        frame = to_pandas(X)[0].copy(deep=False)
        for column in columns:
            frame[column.name] = column.new_identifiers(len(frame)).set_axis(frame.index)
        return self.container_.restore(frame)

    def _check_parameters(self):
        auto = isinstance(self.locality, str) and self.locality == "auto"
        if not auto and not (_is_number(self.locality) and 0 <= self.locality <= 1):
            _refuse("locality", self.locality, '"auto" or a number from 0 to 1')
        auto = isinstance(self.n_steps, str) and self.n_steps == "auto"
        if not auto and not (isinstance(self.n_steps, numbers.Integral) and self.n_steps >= 0):
            _refuse("n_steps", self.n_steps, '"auto" or a whole number of steps, 0 or more')
        if self.time_budget is not None and not (
            _is_number(self.time_budget) and self.time_budget > 0
        ):
            _refuse("time_budget", self.time_budget, "None or a positive number of seconds")
        if not isinstance(self.n_critics, numbers.Integral) or self.n_critics not in (1, 2):
            _refuse("n_critics", self.n_critics, "1 or 2")
        if self.device not in ("auto", "cpu", "cuda"):
            _refuse("device", self.device, '"auto", "cpu" or "cuda"')
        if self.target not in ("auto", "class", "number"):
            _refuse("target", self.target, '"auto", "class" or "number"')
        if self.columns is not None and not isinstance(self.columns, dict):
            _refuse("columns", self.columns, "None or a dict of {column name: kind}")
        if not isinstance(self.config, (TrainingConfig, type(None))):
            _refuse("config", self.config, "None or a TrainingConfig")
        for name in ("critic", "generator", "penalty"):
            if self.loss is not None and not callable(getattr(self.loss, name, None)):
                _refuse("loss", self.loss, f"None or an object with a method {name!r}")
        every = 1 if self.loss is None else getattr(self.loss, "every", None)
        if not isinstance(every, numbers.Integral) or every < 1:
            _refuse("loss", self.loss, "an object whose every is a whole number of steps")
        if getattr(self.loss, "n_critics", self.n_critics) != self.n_critics:
            _refuse("n_critics", self.n_critics, f"n_critics={self.loss.n_critics} with this loss")


def _automatic_locality(n):
    """1 up to LOCAL_ROWS rows, then falling with the fourth root of n."""
    return min(1.0, (LOCAL_ROWS / n) ** 0.25)


def _automatic_steps(n):
    return int(min(max(15 * math.sqrt(n), MIN_STEPS), MAX_STEPS))


def _groups(target_values, kind, n):
    """What rows are made for: classes, quantile bins of a numeric target, or one group."""
    if kind == "class":
        return target_values
    if kind == "none":
        return np.zeros(n, dtype=np.int64)
    n_bins = min(TARGET_BINS, max(n // 10, 1))
    edges = np.unique(np.quantile(target_values, np.linspace(0, 1, n_bins + 1)[1:-1]))
    bins = np.searchsorted(edges, target_values, side="right")
    return np.unique(bins, return_inverse=True)[1].astype(np.int64)


def _is_number(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def _refuse(name, value, wanted):
    raise InputError(f"{name}={value!r} cannot be used: pass {wanted}.")
