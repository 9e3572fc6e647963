"""The reading door: foreign files become clean frames, tables and rasters, each with a report.

A foreign file is opened only in a child process that knows an allow list of drivers, has no network and
limited memory and time; what comes back is Arrow, numpy and JSON. The whole door is `Reader`; everything
else here runs in the child.
"""

__all__ = ["Reader"]


def __getattr__(name):
    # The child is a module of this folder and must not load the frames that the reader needs.
    if name in __all__:
        from gis.intake.reader import Reader

        return Reader
    raise AttributeError(name)
