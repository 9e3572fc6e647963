"""How a loop is compiled."""

from numba import njit


def kept(function):
    """The function compiled, and kept compiled beside its file or in the user's cache where one can be written."""
    try:
        return njit(cache=True)(function)
    except RuntimeError:
        return njit(function)
