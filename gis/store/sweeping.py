"""Which files the records name, and taking away what nothing names any more."""

import contextlib
import json
import os
import re
import secrets
import time
from dataclasses import dataclass

import sqlalchemy as sa

from gis.store.schema import evidence, jobs, meetings, plans, states, submissions, uploads, versions

A_DAY_S = 86_400
CONTENT = re.compile(r"\b[0-9a-f]{64}\b")
SETTLED = ("accepted", "discarded")
ASIDE = "records-before-"
"""How records begin that `restore` has kept aside; in PostgreSQL a schema, with underscores."""
FRESH = (".new-", ".mark-", ".restoring-", ".gone-")
"""How files begin that are only being made."""


@dataclass(frozen=True)
class Swept:
    """How many files were taken away and their bytes; `held` when records kept aside may still name some."""

    files: int
    octets: int
    held: bool


def named(connection):
    """Every stored file that a record names: set of (content, kind)."""
    found = {tuple(row) for row in connection.execute(sa.select(versions.c.content, versions.c.kind))}
    for column in (evidence.c.content, evidence.c.preview, states.c.content, submissions.c.content):
        found |= {(name, "evidence") for name in connection.execute(sa.select(column)).scalars() if name}
    for kind, table in (("meeting", meetings), ("plan", plans)):
        found |= {(name, kind) for name in connection.execute(sa.select(table.c.content)).scalars()}
    return found


def named_on_the_way(connection):
    """Names of stored files that only an upload or a job speaks of."""
    open_uploads = sa.select(uploads.c.options, uploads.c.found).where(uploads.c.state.not_in(SETTLED))
    rows = [
        *connection.execute(open_uploads),
        *connection.execute(sa.select(jobs.c.arguments, jobs.c.result)),
    ]
    return {name for row in rows for name in CONTENT.findall(json.dumps(list(row)))}


def waiting(connection):
    """Ids of uploads whose bytes are still needed."""
    return set(connection.execute(sa.select(uploads.c.id).where(uploads.c.state.not_in(SETTLED))).scalars())


def sweep(store, *, who, older_than_s=A_DAY_S):
    """Take away files that no row names, bytes of settled uploads, and what a killed program left half made.

    Only what nobody has used for `older_than_s` seconds, so that a file which is there before its row is
    safe. No other writer gets in meanwhile.

    Returns
    -------
    Swept
    """
    before = time.time() - older_than_s
    with store.writing(who) as change:
        held = bool(kept_aside(store, change.connection))
        needed = {content for content, _ in named(change.connection)} | named_on_the_way(change.connection)
        needed_uploads = waiting(change.connection)
        gone = [path for _, _, path in store.files.all() if not held and path.stem not in needed]
        gone += [path for path in _inside(store.folder / "uploads") if path.name not in needed_uploads]
        places = (store.folder, store.files.folder)
        gone += [path for place in places for path in _inside(place) if path.name.startswith(FRESH)]
        sizes = [size for path in gone if (size := _take(path, before)) is not None]
        if sizes:
            change.note("files-swept", after={"files": len(sizes), "octets": sum(sizes)})
    return Swept(len(sizes), sum(sizes), held)


def kept_aside(store, connection):
    """Names of the records that `restore` has kept aside, the oldest first."""
    if connection.dialect.name == "sqlite":
        return sorted(path.name for path in store.folder.glob(f"{ASIDE}*.sqlite"))
    start = ASIDE.replace("-", "_")
    return sorted(name for name in sa.inspect(connection).get_schema_names() if name.startswith(start))


def _inside(folder):
    return [path for path in sorted(folder.glob("*")) if path.is_file()] if folder.is_dir() else []


def _take(path, before):
    """Remove a file unless it was used since; its size, or None where it stays."""
    if _last_used(path) is None or _last_used(path) > before:
        return None
    aside = path.with_name(f".gone-{secrets.token_hex(8)}")
    with contextlib.suppress(OSError):
        os.rename(path, aside)
        # Somebody may have come to use it between the look and the move.
        if _last_used(aside) > before:
            os.rename(aside, path)
            return None
        size = aside.stat().st_size
        aside.unlink()
        return size
    return None


def _last_used(path):
    try:
        state = path.stat()
    except OSError:
        return None
    return max(state.st_atime, state.st_mtime)
