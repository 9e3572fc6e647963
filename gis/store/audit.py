"""The diary of the store: one row a change, never altered, each holding the hash of the one before."""

import hashlib
import json

import sqlalchemy as sa

from gis.errors import Problem
from gis.store.schema import audit, editions, reported, states, versions

BEGINNING = "0" * 64


def append(connection, *, who, at, action, study_id=None, subject="", before=None, after=None):
    """Add one row and give its number and hash; the caller holds the lock of the only writer."""
    row = {"subject": subject, "before": before, "after": after}
    return append_all(connection, [row], who=who, at=at, action=action, study_id=study_id)[0]


def append_all(connection, rows, **shared):
    """Add rows of ``subject``, ``before`` and ``after`` that share the rest; the number and hash of each."""
    last = connection.execute(
        sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).first()
    seq, previous, whole = last.seq if last else 0, last.hash if last else BEGINNING, []
    for row in rows:
        seq += 1
        told = {**shared, **row, "subject": str(row["subject"]), "seq": seq, "previous": previous}
        previous = hash_of(told)
        whole.append({**told, "hash": previous})
    if whole:
        connection.execute(audit.insert(), whole)
    return [(row["seq"], row["hash"]) for row in whole]


def hash_of(row):
    """SHA-256 of everything in a row but its own hash."""
    named = {column.name: row[column.name] for column in audit.c if column.name != "hash"}
    canonical = json.dumps(named, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def broken_at(connection):
    """The number of the first row that was changed, or before which one is missing; None when whole."""
    previous, expected = BEGINNING, 1
    for row in connection.execute(sa.select(audit).order_by(audit.c.seq)).mappings():
        if row["seq"] != expected or row["previous"] != previous or row["hash"] != hash_of(row):
            return expected
        previous, expected = row["hash"], expected + 1
    return None


def differences(connection):
    """Records that are not as the diary says they were made; a `Problem` for each study and table.

    The database keeps no sum over its pages, the diary does over its lines: a value that was changed on the
    disk, or by hand, shows here.
    """
    told = {}
    asked = sa.select(audit).where(audit.c.action.in_(("value-entered", "version-added", "edition-added")))
    for row in connection.execute(asked.order_by(audit.c.seq)).mappings():
        # What another store has recorded says itself who did it and when.
        after = {"who": row["who"], "at": row["at"], **row["after"]}
        if row["action"] == "value-entered":
            line = ("reported", row["subject"], after["value"], after["reason"], after["who"], after["at"])
        elif row["action"] == "edition-added":
            line = ("editions", row["subject"], after["hash"], after["reason"], after["who"], after["at"])
            # editions belong to all studies
            told.setdefault(("–", "editions"), []).append(line)
            continue
        else:
            line = ("versions", row["subject"], after["number"], after["content"], after["file"], after["at"])
        told.setdefault((row["study_id"], line[0]), []).append(line)
    for row in connection.execute(
        sa.select(audit).where(audit.c.action.in_(STEPS)).order_by(audit.c.seq)
    ).mappings():
        told.setdefault((row["study_id"], "states"), []).extend(_steps(row))
    found = {}
    for row in connection.execute(sa.select(states).order_by(states.c.id)).mappings():
        line = _step(row["year"], row["village_id"], row)
        found.setdefault((row["study_id"], "states"), []).append(line)
    for row in connection.execute(sa.select(reported).order_by(reported.c.id)).mappings():
        subject = f"{row['year']}/{row['village_id']}/{row['field']}/{row['kind']}"
        line = ("reported", subject, row["value"], row["reason"], row["who"], row["at"])
        found.setdefault((row["study_id"], "reported"), []).append(line)
    for row in connection.execute(sa.select(versions).order_by(versions.c.id)).mappings():
        line = ("versions", row["source"], row["number"], row["content"], row["file"], row["at"])
        found.setdefault((row["study_id"], "versions"), []).append(line)
    for row in connection.execute(sa.select(editions).order_by(editions.c.id)).mappings():
        subject = f"{row['set_id']}@{row['edition']}"
        line = ("editions", subject, row["hash"], row["reason"], row["who"], row["at"])
        found.setdefault(("–", "editions"), []).append(line)
    for study, table in sorted(told.keys() | found.keys()):
        one, other = told.get((study, table), []), found.get((study, table), [])
        if one != other:
            first = next((old for old, new in zip(one, other, strict=False) if old != new), ("", "–"))
            arguments = {"study": study, "table": table, "subject": first[1]}
            yield Problem("store-diary-differs", arguments, "error")


STEPS = {
    "villages-verified": "verified",
    "villages-recognised": "recognised",
    "villages-reopened": "draft",
    "states-taken": None,
}
"""What the diary calls the steps of villages, and the state that each leads to."""


def _steps(row):
    """The rows of `states` that a line of the diary tells."""
    after = row["after"]
    if row["action"] == "states-taken":
        return [_step(one["year"], one["village_id"], one) for one in after["rows"]]
    told = {"state": STEPS[row["action"]], "who": row["who"], "at": row["at"]}
    told["decision"] = after.get("decision")
    return [_step(row["subject"], village, told) for village in after["villages"]]


def _step(year, village, told):
    return ("states", f"{year}/{village}", *(told[name] for name in ("state", "decision", "who", "at")))


READS = ("downloaded", "refused")
"""Actions that stand in the diary and change nothing."""


def latest(connection, study_id):
    """Number of the last line about a study that changed something; 0 before the first."""
    changes = (audit.c.study_id == study_id, audit.c.action.not_in(READS))
    return connection.execute(sa.select(sa.func.max(audit.c.seq)).where(*changes)).scalar() or 0


def history(
    connection,
    *,
    study_id=None,
    action=None,
    subject=None,
    who=None,
    since=None,
    before=None,
    reads=True,
    limit=500,
):
    """Rows as dicts, the latest first.

    Parameters
    ----------
    study_id, action, subject, who : str, optional
    since, before : str, optional
        The first moment of the lines, and the first that is too late, as ISO text in UTC.
    reads : bool
        With the lines of what only was read or refused.
    limit : int
    """
    asked = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
    given = (("study_id", study_id), ("action", action), ("subject", subject), ("who", who))
    for column, value in given:
        if value is not None:
            asked = asked.where(audit.c[column] == value)
    if since is not None:
        asked = asked.where(audit.c.at >= since)
    if before is not None:
        asked = asked.where(audit.c.at < before)
    if not reads:
        asked = asked.where(audit.c.action.not_in(READS))
    return [dict(row) for row in connection.execute(asked).mappings()]


def known(connection, column):
    """Every value of ``who``, ``action`` or ``study_id`` in the diary, in order."""
    asked = sa.select(audit.c[column]).distinct().order_by(audit.c[column])
    return [value for (value,) in connection.execute(asked) if value]
