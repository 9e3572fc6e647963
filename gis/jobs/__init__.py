"""Long work: a queue in the store, and processes that do what waits in it.

A kind of work is a function ``run(store, arguments, report) -> dict``; `store` is open, `arguments` are
plain values, ``report(fraction, code, **arguments)`` tells how far it is and ends the work by `Cancelled`
when somebody asked for that. A mapping of kind to function is named by where it stands, ``module:NAME``.
What the function raises as a `GisError` is shown to people; anything else is for the log.
"""

from gis.jobs.queueing import ACTIVE, AGAIN, Cancelled, cancel, enqueue, get, listed, load_kinds, retry
from gis.jobs.workers import Workers

__all__ = [
    "ACTIVE",
    "AGAIN",
    "Cancelled",
    "Workers",
    "cancel",
    "enqueue",
    "get",
    "listed",
    "load_kinds",
    "retry",
]
