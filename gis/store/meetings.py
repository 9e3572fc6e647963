"""Judged studies frozen for a meeting: which there are, and which were withdrawn; none is ever changed."""

import sqlalchemy as sa

from gis.errors import MissingError, StoreError
from gis.store.schema import meetings
from gis.store.studies import get_study

KEY_LENGTH = 10
LONGEST_NAME = 160


def add(change, study_id, *, name, as_of, content, run, headline, by=None):
    """Record a frozen study whose file is in the store already; its row. The same content again changes nothing."""
    get_study(change.connection, study_id)
    name = " ".join(str(name or "").split())[:LONGEST_NAME]
    if not name:
        raise StoreError("meetings-name-needed")
    key = content[:KEY_LENGTH]
    for row in listed(change.connection, study_id):
        if row["key"] == key:
            return row
    row = {
        "key": key,
        "name": name,
        "as_of": as_of,
        "content": content,
        "run": run,
        "headline": dict(headline),
    }
    change.connection.execute(
        meetings.insert().values(study_id=study_id, withdrawn=None, **row, **(by or change.by))
    )
    after = {"name": name, "as_of": as_of, "content": content, "run": run, **(by or {})}
    change.note("meeting-frozen", study=study_id, subject=key, after=after, moves=False)
    return get(change.connection, study_id, key)


def withdraw(change, study_id, key, *, reason, by=None):
    """Say that a frozen version does not hold any more, and why; it can still be read.

    Raises
    ------
    MissingError
        If there is none of that key.
    StoreError
        Without a reason, or if it was withdrawn before.
    """
    row = get(change.connection, study_id, key)
    reason = " ".join(str(reason or "").split())[:500]
    if not reason:
        raise StoreError("states-reason-needed")
    if row["withdrawn"]:
        raise StoreError("meetings-withdrawn-before", name=row["name"])
    told = {**(by or change.by), "reason": reason}
    change.connection.execute(meetings.update().where(meetings.c.id == row["id"]).values(withdrawn=told))
    change.note(
        "meeting-withdrawn", study=study_id, subject=key, after={"name": row["name"], **told}, moves=False
    )


def get(connection, study_id, key):
    """One frozen version as a dict.

    Raises
    ------
    MissingError
    """
    where = (meetings.c.study_id == study_id, meetings.c.key == key)
    row = connection.execute(sa.select(meetings).where(*where)).mappings().first()
    if row is None:
        raise MissingError("meetings-none", study=study_id, key=str(key)[:40])
    return dict(row)


def listed(connection, study_id):
    """The frozen versions of a study, the latest first."""
    asked = sa.select(meetings).where(meetings.c.study_id == study_id).order_by(meetings.c.id.desc())
    return [dict(row) for row in connection.execute(asked).mappings()]
