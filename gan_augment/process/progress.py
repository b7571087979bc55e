"""How far long work is, told through `logging` under the name ``gan_augment``.

Work says what it is and how many parts it has, and the library logs now and then how many are
done and how long the rest will take. What is shown is up to who listens: `shown` does it for
``verbose``, the command line for a terminal, and any program with a handler of its own.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar, Token

LOGGER = logging.getLogger("gan_augment")
LOGGER.addHandler(logging.NullHandler())
#: Between two messages: seconds at least, and this share of the time that the work has taken.
SECONDS_BETWEEN, SHARE_BETWEEN = 2.0, 0.05
#: Below this share of the work, how long the rest will take is anybody's guess.
ENOUGH_TO_TELL = 0.02

_running: ContextVar[Work | None] = ContextVar("running", default=None)


class Work:
    """Something that may take long. Within other work its messages tell of both.

    Parameters
    ----------
    what : str
        Such as "Learning 500 rows".
    total : int, optional
        Its parts, where they are known.
    unit : str, default="parts"
        What a part is called, in the plural.

    Examples
    --------
    >>> with Work("Comparing", 4, "folds") as work:
    ...     work.advance()
    ...     print(work)
    Comparing: 1 of 4 folds
    """

    def __init__(self, what: str, total: int | None = None, unit: str = "parts") -> None:
        self.what, self.total, self.unit = what, total, unit
        self.done = 0
        self.inner: Work | None = None
        self.outer: Work | None = None
        self._token: Token | None = None

    def __enter__(self) -> Work:
        self.outer = _running.get()
        self._token = _running.set(self)
        self.started = self.told = time.monotonic()
        if self.outer is None:
            LOGGER.info("%s", str(self))
        else:
            self.outer.inner = self
            self._outermost()._tell()
        return self

    def __exit__(self, error: type[BaseException] | None, *rest: object) -> None:
        if self._token is not None:
            _running.reset(self._token)
        if self.outer is not None:
            self.outer.inner = None
        elif error is None and (seconds := time.monotonic() - self.started) >= SECONDS_BETWEEN:
            LOGGER.info("%s: done in %s", self.what, in_words(seconds))

    def advance(self, parts: int = 1) -> None:
        """Note that so many more parts are done."""
        self.done += parts
        self._outermost()._tell()

    def share(self) -> float | None:
        """Return how much is done, from 0 to 1; None where nobody knows."""
        if not self.total:
            return None
        within = (self.inner.share() or 0.0) if self.inner is not None else 0.0
        return min((self.done + within) / self.total, 1.0)

    def __str__(self) -> str:
        texts, left, work = [], "", self
        while work is not None:
            known = f": {work.done:,} of {work.total:,} {work.unit}" if work.total else ""
            own = "" if left else work._left()  # of the outermost work that can tell
            texts.append(work.what + known + own)
            left, work = left or own, work.inner
        return "; ".join(texts)

    def _left(self) -> str:
        share, seconds = self.share(), time.monotonic() - self.started
        if share is None or share < ENOUGH_TO_TELL or seconds < SECONDS_BETWEEN:
            return ""
        return f", about {in_words(seconds * (1 - share) / share)} left"

    def _outermost(self) -> Work:
        work = self
        while work.outer is not None:
            work = work.outer
        return work

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self.told >= max(SECONDS_BETWEEN, SHARE_BETWEEN * (now - self.started)):
            self.told = now
            LOGGER.info("%s", str(self))


def in_words(seconds: float) -> str:
    """Return a time as people say it.

    Examples
    --------
    >>> in_words(0.4), in_words(48), in_words(200), in_words(7300)
    ('1 s', '48 s', '3 min', '2 h 2 min')
    """
    if seconds < 100:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


class _Shown:
    """How many calls want messages shown, and what was set before the first of them."""

    def __init__(self) -> None:
        self.lock, self.calls = threading.Lock(), 0
        self.handler: logging.Handler | None = None
        self.before: tuple[int, bool] = (logging.NOTSET, True)


_shown = _Shown()


@contextlib.contextmanager
def shown(verbose: object) -> Iterator[None]:
    """Print messages to standard output while a call with ``verbose`` runs.

    Where the program shows messages of this level already, it is left to that.
    """
    if not verbose or (LOGGER.isEnabledFor(logging.INFO) and _someone_listens()):
        yield
        return
    with _shown.lock:
        _shown.calls += 1
        if _shown.calls == 1:
            _shown.before = LOGGER.level, LOGGER.propagate
            _shown.handler = logging.StreamHandler(sys.stdout)
            _shown.handler.setFormatter(logging.Formatter("[gan_augment] %(message)s"))
            LOGGER.addHandler(_shown.handler)
            LOGGER.setLevel(logging.INFO)
            LOGGER.propagate = False  # handlers above might print each line once more
    try:
        yield
    finally:
        with _shown.lock:
            _shown.calls -= 1
            if not _shown.calls and _shown.handler is not None:
                LOGGER.removeHandler(_shown.handler)
                LOGGER.setLevel(_shown.before[0])
                LOGGER.propagate = _shown.before[1]


def _someone_listens() -> bool:
    handlers = [*LOGGER.handlers, *(logging.getLogger().handlers if LOGGER.propagate else ())]
    return any(not isinstance(handler, logging.NullHandler) for handler in handlers)
