"""Whether a store is whole: its records, its diary, and the files that the records name."""

import sqlalchemy as sa

from gis.errors import Problem, StoreError
from gis.store import audit, marks
from gis.store.files import digest
from gis.store.schema import campaigns, evidence, meetings, plans, sources, states, submissions, versions

BARRING = ("store-damaged", "store-diary-broken", "store-diary-lost", "store-diary-differs")
"""Problems of the records: nothing more is written into a store that has one. A missing file is mended by
importing it again, so it does not bar."""


def check(store, *, deep=False):
    """Everything that is wrong with a store.

    Parameters
    ----------
    store : Store
    deep : bool
        Also read every file and compare its content with its name, look at every index of the records, and
        compare the records with what the diary says of them.

    Returns
    -------
    tuple of Problem
        Severity ``error``, or ``warning`` for files that only an earlier version or a removed piece of
        evidence needs. Empty where all is well. Damage is never raised.
    """
    problems, named, noted = [], [], marks.read(store.folder)
    try:
        with store.reading() as connection:
            problems += _pages(connection, deep)
            if not problems:
                problems += _diary(noted, connection, deep)
                named = list(_named(connection))
    except StoreError as error:
        problems += error.problems
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # A cell that holds something else than was written into it.
        problems.append(Problem("store-damaged", {"reason": str(error)[:120]}, "error"))
    problems += _files(store, named, deep)
    return tuple(problems)


def barring(problems):
    """Those of some problems for which nothing may be written any more."""
    return tuple(problem for problem in problems if problem.code in BARRING)


def _pages(connection, deep):
    if connection.dialect.name != "sqlite":
        return
    asked = "integrity_check(3)" if deep else "quick_check(3)"
    for (said,) in connection.exec_driver_sql(f"PRAGMA {asked}"):
        if said != "ok":
            yield Problem("store-damaged", {"reason": " ".join(said.split())[:160]}, "error")
    if deep:
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield Problem("store-damaged", {"reason": f"{row[0]} {row[1]} -> {row[2]}"}, "error")


def _diary(noted, connection, deep):
    broken = audit.broken_at(connection)
    if broken is not None:
        yield Problem("store-diary-broken", {"line": broken}, "error")
        return
    lost = marks.lost(noted, connection)
    if lost:
        yield lost
    if deep:
        yield from audit.differences(connection)


def _named(connection):
    """Every file that a row names: (content, kind, severity, the sentence's code and arguments)."""
    current = {row.version_id for row in connection.execute(sa.select(sources)) if row.deleted_at is None}
    for row in connection.execute(sa.select(versions).order_by(versions.c.id)):
        where = {"study": row.study_id, "source": row.source, "number": row.number, "file": row.file}
        severity = "error" if row.id in current else "warning"
        yield row.content, row.kind, severity, "store-source-file", where
    for row in connection.execute(sa.select(evidence).order_by(evidence.c.id)):
        where = {"study": row.study_id, "village": row.village_id, "number": row.id, "file": row.file}
        severity = "error" if row.deleted_at is None else "warning"
        yield row.content, "evidence", severity, "store-evidence-file", where
        if row.preview:
            yield row.preview, "evidence", "warning", "store-evidence-file", where
    for row in connection.execute(
        sa.select(states).where(states.c.content.is_not(None)).order_by(states.c.id)
    ):
        where = {"study": row.study_id, "decision": row.decision, "file": row.file}
        yield row.content, "evidence", "error", "store-decision-file", where
    for row in connection.execute(sa.select(meetings).order_by(meetings.c.id)):
        where = {"study": row.study_id, "name": row.name}
        yield row.content, "meeting", "error", "store-meeting-file", where
    for row in connection.execute(sa.select(plans).order_by(plans.c.id)):
        where = {"study": row.study_id, "name": row.name}
        yield row.content, "plan", "warning", "store-plan-file", where
    sent = sa.select(submissions, campaigns.c.study_id).join(campaigns).order_by(submissions.c.id)
    for row in connection.execute(sent):
        where = {"study": row.study_id, "commune": row.commune, "number": row.id, "file": row.file}
        yield row.content, "evidence", "warning", "store-submission-file", where


def _files(store, named, deep):
    known = {}
    for content, kind, severity, code, where in named:
        if (content, kind) not in known:
            known[content, kind] = _state(store, content, kind, deep)
        if known[content, kind]:
            yield Problem(f"{code}-{known[content, kind]}", where, severity)


def _state(store, content, kind, deep):
    try:
        path = store.files.path(content, kind)
        return "altered" if deep and digest(path) != content else None
    except (StoreError, LookupError):
        return "missing"
    except OSError:
        return "altered"
