"""Memory that was freed, returned to the system."""

import ctypes
import sys


def give_back() -> None:
    """Return what was freed to the system, where glibc keeps it; nothing on other systems.

    glibc keeps freed blocks of up to 32 MB between those in use, for later ones of that size or
    less. Columns that grow do not fit into them.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)
