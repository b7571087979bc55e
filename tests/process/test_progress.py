"""Long work is told through logging, and shown to those who ask for it."""

import logging
import re

import pytest

from gan_augment.process import progress
from gan_augment.process.progress import LOGGER, Work, in_words, shown


class Clock:
    """Time that passes when it is told to."""

    now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.INFO, "gan_augment")
    return lambda: [record.getMessage() for record in caplog.records]


def test_the_time_left_is_what_the_parts_done_say(clock, told):
    with Work("Comparing", 10, "folds") as work:
        for _ in range(5):
            clock.now += 3
            work.advance()
    assert told() == [
        "Comparing: 0 of 10 folds",
        "Comparing: 1 of 10 folds, about 27 s left",
        "Comparing: 2 of 10 folds, about 24 s left",
        "Comparing: 3 of 10 folds, about 21 s left",
        "Comparing: 4 of 10 folds, about 18 s left",
        "Comparing: 5 of 10 folds, about 15 s left",
        "Comparing: done in 15 s",
    ]


def test_work_within_work_is_told_together_and_counts_in_part(clock):
    with Work("Closed loop", 4, "folds") as outer:
        clock.now += 10
        outer.advance()
        with Work("Learning 50 rows"), Work("Training", 100, "steps") as inner:
            inner.advance(50)
            assert str(outer) == (
                "Closed loop: 1 of 4 folds, about 30 s left; Learning 50 rows; "
                "Training: 50 of 100 steps"
            )
        with Work("Training", 100, "steps") as inner:
            inner.advance(50)
            assert outer.share() == 0.375
    assert outer.share() == 0.25


def test_messages_are_seldom_and_seldomer_the_longer_it_takes(clock, told):
    with Work("Long", 10_000) as work:
        for _ in range(10_000):
            clock.now += 1
            work.advance()
    assert 50 < len(told()) < 150


def test_quick_work_says_nothing_at_its_end(clock, told):
    with Work("Quick"):
        clock.now += 0.1
    assert told() == ["Quick"]


def test_an_error_is_no_end_that_is_told(clock, told):
    with pytest.raises(ZeroDivisionError), Work("Broken"):
        clock.now += 60
        raise ZeroDivisionError
    assert told() == ["Broken"] and progress._running.get() is None


def test_verbose_prints_for_as_long_as_the_call_and_leaves_logging_as_it_was(capsys, monkeypatch):
    monkeypatch.setattr(progress, "_someone_listens", lambda: False)
    before = LOGGER.level, LOGGER.propagate, list(LOGGER.handlers)
    with shown(1), shown(1), Work("Fitting"):
        pass
    with shown(0), Work("Silent"):
        pass
    assert capsys.readouterr().out == "[gan_augment] Fitting\n"
    assert (LOGGER.level, LOGGER.propagate, list(LOGGER.handlers)) == before


def test_verbose_adds_nothing_where_the_program_listens_already(capsys, told):
    with shown(1), Work("Fitting"):
        pass
    assert capsys.readouterr().out == "" and told() == ["Fitting"]


@pytest.mark.parametrize("seconds", [0, 1, 59, 99.9, 100, 3600, 5999, 6001, 360_000])
def test_times_are_close_to_what_they_stand_for(seconds):
    units = {"s": 1, "min": 60, "h": 3600}
    told = re.findall(r"(\d+) (s|min|h)", in_words(seconds))
    total = sum(int(number) * units[unit] for number, unit in told)
    assert abs(total - seconds) <= max(1, 0.3 * seconds)
