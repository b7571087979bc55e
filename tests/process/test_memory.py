"""Memory that was freed goes back to the system."""

import platform
from pathlib import Path

import numpy as np
import pytest

from gan_augment.process.memory import give_back


def resident():
    """Bytes of this process in memory, as Linux counts them."""
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(text.split("VmRSS:")[1].split()[0]) * 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators keep less")
def test_freed_blocks_below_one_in_use_are_given_back():
    blocks = [np.ones(10_000) for _ in range(1000)]  # 80 MB in blocks of 80 kB
    last = blocks[-1]
    del blocks
    kept = resident()
    give_back()
    assert kept - resident() > 40e6
    assert last.sum() == 10_000


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("ctypes.CDLL", None)  # which would fail there
    assert give_back() is None
