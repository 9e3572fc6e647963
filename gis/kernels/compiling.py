"""How a loop is compiled."""

from pathlib import Path

from numba import njit

STAMP = tuple(
    (each.name, each.stat().st_mtime_ns, each.stat().st_size)
    for each in sorted(Path(__file__).parent.glob("*.py"))
)
"""Of all files of the folder: what one function calls is compiled into it, be it of another file."""


def kept(function):
    """The function compiled, and kept compiled beside its file or in the user's cache where one can be written."""
    try:
        compiled = njit(cache=True)(function)
    except RuntimeError:
        return njit(function)
    # numba looks for changes in the file of the function alone
    compiled._cache._cache_file._source_stamp = STAMP
    return compiled
