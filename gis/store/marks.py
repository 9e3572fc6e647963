"""The last line of the diary, noted in a file beside the records: records that lost their end are found out.

A database whose log was lost, or that was put back by hand, is whole and only too old; nothing in it tells.
The note is written after the change is kept, so it is never ahead of the records it belongs to.
"""

import contextlib
import os
import re
import secrets
import time

import sqlalchemy as sa

from gis.errors import Problem
from gis.store.schema import audit

NAME = "diary.mark"
FORM = re.compile(r"([0-9]{1,15}) ([0-9a-f]{64})\n")


def write(folder, *lines):
    """Note a line of the diary, as number and hash; not being able to must not undo a change that is kept.

    Several lines are noted while records are exchanged: they are whole when they hold any one of them.
    """
    fresh = folder / f".mark-{secrets.token_hex(8)}"
    with contextlib.suppress(OSError):
        try:
            fresh.write_text("".join(f"{seq} {digest}\n" for seq, digest in lines), encoding="ascii")
            os.replace(fresh, folder / NAME)
        finally:
            fresh.unlink(missing_ok=True)


def last(connection):
    """The last line that the records hold, as number and hash; None in a new store."""
    asked = sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    row = connection.execute(asked).first()
    return tuple(row) if row else None


def read(folder):
    """The noted lines; none where nothing was noted, or a lost current left half a note."""
    try:
        text = (folder / NAME).read_text(encoding="ascii")
    except (OSError, ValueError):
        return []
    found = FORM.findall(text)
    return [(int(seq), digest) for seq, digest in found] if FORM.sub("", text) == "" else []


def lost(noted, connection):
    """A `Problem` where the records hold none of the lines noted before they were read; None where they do."""
    for seq, digest in noted:
        if connection.execute(sa.select(audit.c.hash).where(audit.c.seq == seq)).scalar() == digest:
            return None
    if not noted:
        return None
    there = last(connection)
    arguments = {"noted": max(seq for seq, _ in noted), "last": there[0] if there else 0}
    return Problem("store-diary-lost", arguments, "error")


FRESH_S = 1.0
"""A note that could not be written, or lies in another folder, is made up for after so long."""


class Watch:
    """What the records were at, asked by every page: they are read only when the note beside them moved.

    Parameters
    ----------
    store : Store
    clock : callable
        Seconds that never go back.
    """

    def __init__(self, store, clock=time.monotonic):
        self._store, self._clock = store, clock
        self._seen = None

    def last(self):
        """The last line of the diary, as `last` gives it; who recorded something sees it move at once."""
        noted, moment = _stamp(self._store.folder / NAME), self._clock()
        seen = self._seen
        if seen is None or seen[0] != noted or moment - seen[1] >= FRESH_S:
            with self._store.reading() as connection:
                # The note was looked at before the records: what came between is looked at again.
                seen = self._seen = (noted, moment, last(connection))
        return seen[2]


def _stamp(path):
    try:
        status = path.stat()
    except OSError:
        return None
    # Every note is a new file.
    return status.st_ino, status.st_mtime_ns
