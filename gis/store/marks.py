"""The last line of the diary, noted in a file beside the records: records that lost their end are found out.

A database whose log was lost, or that was put back by hand, is whole and only too old; nothing in it tells.
The note is written after the change is kept, so it is never ahead of the records it belongs to.
"""

import contextlib
import os
import re
import secrets

import sqlalchemy as sa

from gis.errors import Problem
from gis.store.schema import audit

NAME = "diary.mark"
FORM = re.compile(r"([0-9]{1,15}) ([0-9a-f]{64})\n\Z")


def write(folder, seq, digest):
    """Note a line; not being able to must not undo a change that is kept."""
    fresh = folder / f".mark-{secrets.token_hex(8)}"
    with contextlib.suppress(OSError):
        try:
            fresh.write_text(f"{seq} {digest}\n", encoding="ascii")
            os.replace(fresh, folder / NAME)
        finally:
            fresh.unlink(missing_ok=True)


def write_last(folder, connection):
    """Note the last line that the records hold now, whatever was noted before."""
    last = connection.execute(
        sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).first()
    if last:
        write(folder, *last)
    else:
        (folder / NAME).unlink(missing_ok=True)


def read(folder):
    """The noted line as (number, hash); None where none was noted, or a lost current left half a note."""
    try:
        found = FORM.match((folder / NAME).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return (int(found[1]), found[2]) if found else None


def lost(folder, connection):
    """A `Problem` where the records do not hold the noted line; None where they do."""
    noted = read(folder)
    if noted is None:
        return None
    digest = connection.execute(sa.select(audit.c.hash).where(audit.c.seq == noted[0])).scalar()
    if digest == noted[1]:
        return None
    last = connection.execute(sa.select(sa.func.max(audit.c.seq))).scalar() or 0
    return Problem("store-diary-lost", {"noted": noted[0], "last": last}, "error")
