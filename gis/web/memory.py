"""Giving memory back: what a judgement or a workbook needed for a moment would else stay with the server for ever."""

import ctypes
import sys
from functools import cache


def give_back():
    """Return freed memory to the system where its C library can; a few milliseconds."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim():
    # glibc keeps what was freed below anything still in use; other libraries and systems return it themselves.
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
