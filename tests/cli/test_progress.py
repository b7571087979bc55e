"""A command that takes long says on standard error what it is doing."""

import logging
import time

import pytest

from gan_augment.cli import progress as shown_by_commands
from gan_augment.cli.progress import progress
from gan_augment.process.progress import LOGGER, Work


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(shown_by_commands, "FIRST_LINE", 0.02)
    monkeypatch.setattr(shown_by_commands, "NEXT_LINES", 0.02)


def test_where_there_is_no_terminal_a_line_comes_now_and_then(quick, capsys):
    with progress(False), Work("Learning [5] rows\x1b[31m"):
        time.sleep(0.3)
    captured = capsys.readouterr()
    assert captured.out == ""
    first, second, *_ = captured.err.splitlines()
    assert first == second == r"Learning [5] rows\x1b[31m (1 s)"


def test_quick_work_and_quiet_commands_say_nothing(quick, capsys):
    with progress(True), Work("Learning"):
        time.sleep(0.1)
    assert capsys.readouterr().err == ""


def test_a_terminal_has_one_line_that_is_gone_in_the_end(quick, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress(False), Work("Learning", 3, "rows") as work:
        work.advance(2)
        time.sleep(1.2)
    said = capsys.readouterr().err
    assert "Learning: 0 of 3 rows" in said
    assert said.rstrip().endswith("\x1b[2K")  # the line is erased


def test_logging_is_left_as_it_was():
    before = LOGGER.level, list(LOGGER.handlers)
    with pytest.raises(KeyboardInterrupt), progress(False):
        assert LOGGER.isEnabledFor(logging.INFO)
        raise KeyboardInterrupt
    assert (LOGGER.level, list(LOGGER.handlers)) == before
