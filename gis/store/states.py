"""How far the verdict on a village is: a draft, verified, or recognised by a decision and so locked."""

import re

import sqlalchemy as sa

from gis.errors import MissingError, StoreError
from gis.store.schema import states
from gis.store.studies import get_study

STATES = ("draft", "verified", "recognised")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
TOLD = (
    "year", "village_id", "state", "status", "basis", "run", "decision", "decided_on", "content", "file", "reason",
)  # fmt: skip
"""Columns that say what a row is, beside who and when."""


def verify(change, study_id, year, verdicts, *, run):
    """Say that the figures of villages were checked.

    Parameters
    ----------
    verdicts : Mapping of str to (str, str)
        Village to its verdict now and the hash of the findings behind it.
    run : str
        The run that gave them.

    Returns
    -------
    list of str
        Villages left as they are, because they are recognised.
    """
    now = standing(change.connection, study_id, year)
    left = [village for village in verdicts if _state(now, village) == "recognised"]
    rows = [
        {"village_id": village, "state": "verified", "status": status, "basis": basis, "run": run}
        for village, (status, basis) in verdicts.items()
        if village not in left
    ]
    _record(change, study_id, year, rows, "villages-verified")
    return left


def recognise(change, study_id, year, verdicts, *, run, decision, decided_on, content=None, file=None):
    """Record that villages were recognised by a decision; their figures of the year are locked from now on.

    Parameters
    ----------
    verdicts, run
        As for `verify`.
    decision, decided_on : str
        Number and date (``2025-12-31``) of the decision.
    content, file : str, optional
        The stored document and its name.

    Returns
    -------
    dict of str to str
        Villages left as they are and why: ``draft``, ``recognised``, or ``moved`` where the findings are not
        those that were verified.

    Raises
    ------
    StoreError
        If the decision has no number or no date.
    """
    decision, decided_on = " ".join(str(decision or "").split())[:120], str(decided_on or "").strip()
    if not decision or not DATE.match(decided_on):
        raise StoreError("states-decision-needed")
    now = standing(change.connection, study_id, year)
    left = {}
    for village, (_, basis) in verdicts.items():
        if _state(now, village) != "verified":
            left[village] = _state(now, village)
        elif now[village]["basis"] != basis:
            left[village] = "moved"
    told = {"run": run, "decision": decision, "decided_on": decided_on, "content": content, "file": file}
    rows = [
        {"village_id": village, "state": "recognised", "status": status, "basis": basis, **told}
        for village, (status, basis) in verdicts.items()
        if village not in left
    ]
    _record(change, study_id, year, rows, "villages-recognised", decision=decision, decided_on=decided_on)
    return left


def reopen(change, study_id, year, villages, *, reason):
    """Make drafts of villages that were verified or recognised; the reason is kept and in the diary.

    Returns
    -------
    list of str
        Villages that were drafts already.

    Raises
    ------
    StoreError
        Without a reason.
    """
    reason = " ".join(str(reason or "").split())[:500]
    if not reason:
        raise StoreError("states-reason-needed")
    now = standing(change.connection, study_id, year)
    left = [village for village in villages if _state(now, village) == "draft"]
    rows = [
        {"village_id": village, "state": "draft", "reason": reason}
        for village in villages
        if village not in left
    ]
    before = sorted({now[row["village_id"]]["decision"] or "" for row in rows} - {""})
    _record(change, study_id, year, rows, "villages-reopened", reason=reason, decisions=before)
    return left


def take(change, study_id, rows):
    """Add rows that another store has recorded, in their order."""
    get_study(change.connection, study_id)
    for row in rows:
        if row["state"] not in STATES:
            raise StoreError("store-value", value=str(row["state"])[:60], field="state")
        told = {name: row[name] for name in TOLD}
        change.connection.execute(
            states.insert().values(study_id=study_id, **told, who=str(row["who"]), at=str(row["at"]))
        )
    kept = ("year", "village_id", "state", "decision", "who", "at")
    told = [{name: row[name] for name in kept} for row in rows]
    change.note("states-taken", study=study_id, after={"count": len(rows), "rows": told}, moves=False)


def standing(connection, study_id, year):
    """The row that counts of every village that has one in a year: village to dict."""
    where = (states.c.study_id == study_id, states.c.year == int(year))
    rows = connection.execute(sa.select(states).where(*where).order_by(states.c.id)).mappings()
    return {row["village_id"]: dict(row) for row in rows}


def history(connection, study_id, village_id):
    """Every step of a village in every year, the latest first."""
    where = (states.c.study_id == study_id, states.c.village_id == village_id)
    rows = connection.execute(sa.select(states).where(*where).order_by(states.c.id.desc())).mappings()
    return [dict(row) for row in rows]


def latest(connection, study_id):
    """A number that grows with every step in a study; 0 before the first."""
    asked = sa.select(sa.func.max(states.c.id)).where(states.c.study_id == study_id)
    return connection.execute(asked).scalar() or 0


def document(connection, study_id, content):
    """Name of the document of a decision of this study.

    Raises
    ------
    MissingError
    """
    where = (states.c.study_id == study_id, states.c.content == content)
    name = connection.execute(sa.select(states.c.file).where(*where).limit(1)).scalar()
    if name is None:
        raise MissingError("store-file-missing", content=content[:12])
    return name


def _state(now, village):
    return now[village]["state"] if village in now else "draft"


def _record(change, study_id, year, rows, action, **told):
    get_study(change.connection, study_id)
    if not rows:
        return
    rows = [dict.fromkeys(TOLD) | {"year": int(year)} | row | change.by for row in rows]
    change.connection.execute(states.insert(), [{"study_id": study_id, **row} for row in rows])
    villages = [row["village_id"] for row in rows]
    after = {**told, "count": len(villages), "villages": villages}
    change.note(action, study=study_id, subject=str(year), after=after, moves=False)
