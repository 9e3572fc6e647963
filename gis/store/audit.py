"""The diary of the store: one row a change, never altered, each holding the hash of the one before."""

import hashlib
import json

import sqlalchemy as sa

from gis.store.schema import audit

BEGINNING = "0" * 64


def append(connection, *, who, at, action, study_id=None, subject="", before=None, after=None):
    """Add one row; the caller holds the lock of the only writer."""
    last = connection.execute(
        sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).first()
    row = {
        "seq": last.seq + 1 if last else 1,
        "at": at,
        "who": who,
        "action": action,
        "study_id": study_id,
        "subject": str(subject),
        "before": before,
        "after": after,
        "previous": last.hash if last else BEGINNING,
    }
    connection.execute(audit.insert().values(**row, hash=hash_of(row)))


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


def history(connection, *, study_id=None, action=None, subject=None, limit=500):
    """Rows as dicts, the latest first."""
    asked = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
    for column, value in (("study_id", study_id), ("action", action), ("subject", subject)):
        if value is not None:
            asked = asked.where(audit.c[column] == value)
    return [dict(row) for row in connection.execute(asked).mappings()]
