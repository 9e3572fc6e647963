"""What people do with long work: ask for it, look at it, stop it, have it done again."""

import importlib

from gis.errors import Problem, StoreError
from gis.intake.reports import problem_as_json
from gis.store import now, queue

ACTIVE = ("queued", "running")
AGAIN = ("failed", "interrupted", "cancelled")
"""States from which a job can be run again."""

MOST_TRIES = 2
"""A job whose worker died as often as this is not begun again: it may be what kills them."""


class Cancelled(BaseException):
    """Raised in the work by `report` when the job was cancelled; no fault, so no `except Exception` takes it."""


def enqueue(store, kind, arguments, *, who, study_id=None):
    """Have a piece of work done by the next worker that is free.

    Parameters
    ----------
    store : Store
    kind : str
    arguments : Mapping
        Plain values with text keys.
    who : str
        The person who asks for it.
    study_id : str, optional
        The study it belongs to.

    Returns
    -------
    int
        The number of the job.
    """
    with store.writing(who) as change:
        number = queue.add(change, kind, arguments, study_id)
        change.note("job-queued", subject=number, after={"kind": kind, "study": study_id})
    return number


def get(store, number):
    """A job as a dict: the columns of the table `jobs`.

    Raises
    ------
    MissingError
        If there is none of that number.
    """
    with store.reading() as connection:
        return queue.get(connection, number)


def listed(store, *, study_id=None, states=None, limit=200):
    """Jobs as dicts, the latest first; of one study, or in some states only."""
    with store.reading() as connection:
        return queue.listed(connection, study_id=study_id, states=states, limit=limit)


def cancel(store, number, who):
    """Stop a job: at once where it waits, soon where it runs.

    Raises
    ------
    MissingError
        If there is none of that number.
    StoreError
        If it has ended already.
    """
    with store.writing(who) as change:
        job = queue.get(change.connection, number)
        if job["state"] == "running":
            queue.move(change, job, cancel=True)
        elif job["state"] in ("queued", "interrupted"):
            queue.move(change, job, state="cancelled", ended_at=now())
        else:
            raise StoreError("jobs-over", job=str(number))
        change.note("job-cancelled", subject=number, before={"state": job["state"]})


def retry(store, number, who):
    """Put a job that failed, was interrupted or cancelled into the queue again.

    Raises
    ------
    MissingError
        If there is none of that number.
    StoreError
        If it waits or runs, or was done.
    """
    with store.writing(who) as change:
        job = queue.get(change.connection, number)
        if job["state"] not in AGAIN:
            raise StoreError("jobs-not-again", job=str(number))
        # A job that was interrupted keeps its count: begun again for ever, it would kill worker after worker.
        tries = job["tries"] if job["state"] == "interrupted" else 0
        queue.move(change, job, tries=tries, **AFRESH)
        change.note("job-again", subject=number, before={"state": job["state"]})


AFRESH = {
    "state": "queued",
    "fraction": 0.0,
    "saying": None,
    "problems": None,
    "result": None,
    "cancel": False,
    "worker": None,
    "ended_at": None,
}


def take(store, worker):
    """The job that waits longest, now running at `worker`; None when none waits."""
    with store.reading() as connection:
        if queue.oldest(connection) is None:
            return None
    with store.writing(worker) as change:
        job = queue.oldest(change.connection)
        if job is None:
            return None
        values = {"state": "running", "worker": worker, "tries": job["tries"] + 1, "beat": 0.0}
        queue.move(change, job, **values, started_at=change.at, ended_at=None)
        return job | values


def lose(store, job, *, repeatable, to_blame=True):
    """Settle a job whose worker is gone.

    Parameters
    ----------
    job : dict
        As it was when last seen; nothing happens where it has moved on since.
    repeatable : bool
        Whether it may be begun again without asking.
    to_blame : bool
        Whether the job may have been the reason; not so when the server was stopped.
    """
    tries = job["tries"] if to_blame else max(job["tries"] - 1, 0)
    with store.writing(job["worker"]) as change:
        if job["cancel"]:
            queue.move(change, job, state="cancelled", ended_at=change.at)
        elif tries >= MOST_TRIES:
            problem = Problem("jobs-died", {"tries": tries}, "error")
            fail(change, job, [problem])
        elif repeatable:
            queue.move(change, job, tries=tries, **AFRESH)
        else:
            queue.move(change, job, state="interrupted", tries=tries, ended_at=change.at)


def fail(change, job, problems):
    """Record why a job did not come to its end; False where it has moved on since."""
    told = [problem_as_json(problem) for problem in problems]
    return queue.move(change, job, state="failed", problems=told, ended_at=change.at)


def load_kinds(place):
    """The mapping of kind to function that stands at ``module:NAME``."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)
