"""Giving memory back: what a judgement or a workbook needed for a moment would else stay with the server for ever."""

import ctypes
import sys
import threading
import time
from functools import cache

M_ARENA_MAX, MOST_ARENAS = -8, 2
"""The first as in malloc.h. Each thread that answers would else take memory from a heap of its own and leave it there."""

EVERY_S = 20
"""Between two times; each takes some milliseconds, during which who wants memory waits."""


def share_heaps():
    """Let all threads of a server take memory from few heaps, where its C library can; before they begin."""
    library = _glibc()
    if library is not None:
        library.mallopt(M_ARENA_MAX, MOST_ARENAS)


def give_back_again(every_s=EVERY_S):
    """Give memory back now and then as long as the process lives: after a crowd it is as small as before."""

    def go_on():
        while True:
            time.sleep(every_s)
            give_back()

    if _glibc() is not None:
        threading.Thread(target=go_on, name="give-back", daemon=True).start()


def give_back():
    """Return freed memory to the system where its C library can; a few milliseconds."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


@cache
def _glibc():
    # glibc keeps what was freed below anything still in use; other libraries and systems return it themselves.
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL(None)
        return library if library.malloc_trim and library.mallopt else None
    except (OSError, AttributeError):
        return None
