"""The rows of long work. A job is moved on only by who knows its state: what has changed meanwhile stays."""

import sqlalchemy as sa

from gis.errors import MissingError
from gis.store.schema import jobs

KNOWN = ("state", "worker", "tries")
"""What must still be as it was seen for a job to be moved on."""


def add(change, kind, arguments, study_id=None):
    """A new job at the end of the queue; its number."""
    row = {"kind": kind, "arguments": dict(arguments), "study_id": study_id, "state": "queued", **change.by}
    fresh = {"fraction": 0.0, "cancel": False, "tries": 0}
    (number,) = change.connection.execute(jobs.insert().values(**row, **fresh)).inserted_primary_key
    return number


def get(connection, number):
    """A job as a dict.

    Raises
    ------
    MissingError
    """
    row = connection.execute(sa.select(jobs).where(jobs.c.id == number)).mappings().first()
    if row is None:
        raise MissingError("jobs-none", job=str(number))
    return dict(row)


def listed(connection, *, study_id=None, states=None, limit=200):
    """Jobs as dicts, the latest first; of one study, or in some states only."""
    asked = sa.select(jobs).order_by(jobs.c.id.desc()).limit(limit)
    if study_id is not None:
        asked = asked.where(jobs.c.study_id == study_id)
    if states is not None:
        asked = asked.where(jobs.c.state.in_(states))
    return [dict(row) for row in connection.execute(asked).mappings()]


def oldest(connection):
    """The job that waits longest, as a dict; None when none waits."""
    asked = sa.select(jobs).where(jobs.c.state == "queued").order_by(jobs.c.id).limit(1)
    row = connection.execute(asked).mappings().first()
    return dict(row) if row else None


def move(change, job, **values):
    """Write values into a job that is still as `job` says.

    Returns
    -------
    bool
        False where another has moved it on; nothing is written then.
    """
    seen = [jobs.c[name].is_not_distinct_from(job[name]) for name in KNOWN]
    written = jobs.update().where(jobs.c.id == job["id"], *seen).values(**values)
    return bool(change.connection.execute(written).rowcount)
