"""Named points in a write at which the program may be killed; what they are for is testing just that."""

_watcher = None


def watch(watcher):
    """Have `watcher(name)` called at every point from now on; None for nobody."""
    global _watcher
    _watcher = watcher


def reached(name):
    """Say that a write has come to the point of this name."""
    if _watcher is not None:
        _watcher(name)
