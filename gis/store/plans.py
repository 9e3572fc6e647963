"""Plans and scenarios of a study: their names and figures, and their records in files that never change."""

import gzip
import json
import unicodedata
from collections.abc import Mapping

import sqlalchemy as sa

from gis.errors import MissingError, StoreError
from gis.store.schema import plans

KINDS = ("plan", "scenario")
KEY_LENGTH = 10
LONGEST_NAME, LONGEST_NOTE = 160, 2000
UNSEEN = ("Cc", "Cs", "Cf")
"""Categories of letters that nobody sees: control, halves, and those that turn the direction of what follows."""
MOST_BYTES = 200_000_000
"""A record that unpacks to more is none of ours."""


def put_record(files, record):
    """Keep a record, plain data, as a file of the store; its name. The same record gives the same name."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True)
    return files.put_octets([gzip.compress(text.encode(), mtime=0)], "plan")[0]


def get_record(files, content):
    """The record of a name.

    Raises
    ------
    StoreError
        If its file is missing or damaged.
    """
    with files.opened(content, "plan") as path, gzip.open(path) as source:
        text = source.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise ValueError("size")
        found = json.loads(text)
        if not isinstance(found, Mapping):
            raise TypeError("record")
        return found


def add(change, study_id, *, kind, name, content, run, revision, headline, note=None, by=None):
    """Record a plan or scenario whose file is in the store already; its row. The same content again changes nothing.

    Parameters
    ----------
    kind : str
        Of `KINDS`.
    revision : int or None
        Of the study that it was made from.
    by : Mapping, optional
        ``who`` and ``at``, where another store has recorded them.

    Raises
    ------
    StoreError
        Without a name.
    """
    if kind not in KINDS:
        raise StoreError("store-value", value=str(kind)[:60], field="kind")
    name, key = _named(name), content[:KEY_LENGTH]
    for row in listed(change.connection, study_id):
        if row["key"] == key:
            return row
    row = {
        "key": key,
        "kind": kind,
        "name": name,
        "note": _noted(note),
        "content": content,
        "run": run,
        "revision": revision,
        "headline": dict(headline),
    }
    change.connection.execute(
        plans.insert().values(study_id=study_id, withdrawn=None, **row, **(by or change.by))
    )
    after = {"name": name, "content": content, "run": run, **(by or {})}
    change.note(f"{kind}-saved", study=study_id, subject=key, after=after, moves=False)
    return get(change.connection, study_id, key)


def rename(change, study_id, key, *, name, note=None):
    """Call a plan or scenario something else; its row.

    Raises
    ------
    MissingError
        If there is none of that key.
    StoreError
        Without a name.
    """
    row, told = get(change.connection, study_id, key), {"name": _named(name), "note": _noted(note)}
    before = {one: row[one] for one in told}
    if told != before:
        change.connection.execute(plans.update().where(plans.c.id == row["id"]).values(**told))
        change.note(
            f"{row['kind']}-renamed", study=study_id, subject=key, before=before, after=told, moves=False
        )
    return row | told


def withdraw(change, study_id, key, *, reason, by=None):
    """Say that a plan or scenario does not hold any more, and why; it can still be read.

    Raises
    ------
    MissingError
        If there is none of that key.
    StoreError
        Without a reason, or if it was withdrawn before.
    """
    row = get(change.connection, study_id, key)
    reason = " ".join(_seen(reason).split())[:500]
    if not reason:
        raise StoreError("states-reason-needed")
    if row["withdrawn"]:
        raise StoreError("plans-withdrawn-before", name=row["name"])
    told = {**(by or change.by), "reason": reason}
    change.connection.execute(plans.update().where(plans.c.id == row["id"]).values(withdrawn=told))
    after = {"name": row["name"], **told}
    change.note(f"{row['kind']}-withdrawn", study=study_id, subject=key, after=after, moves=False)


def get(connection, study_id, key):
    """One plan or scenario as a dict.

    Raises
    ------
    MissingError
    """
    where = (plans.c.study_id == study_id, plans.c.key == str(key))
    row = connection.execute(sa.select(plans).where(*where)).mappings().first()
    if row is None:
        raise MissingError("plans-none", study=str(study_id)[:80], key=str(key)[:40])
    return dict(row)


def listed(connection, study_id, kind=None):
    """Plans and scenarios of a study, or those of one kind, the latest first."""
    asked = sa.select(plans).where(plans.c.study_id == study_id).order_by(plans.c.id.desc())
    asked = asked.where(plans.c.kind == kind) if kind else asked
    return [dict(row) for row in connection.execute(asked).mappings()]


def take(change, study_id, rows):
    """Take in what another store has and this one does not, and withdrawals; how many were new."""
    here, count = {row["key"]: row for row in listed(change.connection, study_id)}, 0
    for row in rows:
        mine = here.get(row["content"][:KEY_LENGTH])
        if mine is None:
            names = ("kind", "name", "note", "content", "run", "headline")
            # revisions are counted in each store by itself
            told = {name: row[name] for name in names} | {"revision": None}
            by = {"who": str(row["who"]), "at": str(row["at"])}
            mine = add(change, study_id, **told, by=by)
            count += 1
        if row["withdrawn"] and not mine["withdrawn"]:
            gone = row["withdrawn"]
            by = {"who": str(gone["who"]), "at": str(gone["at"])}
            withdraw(change, study_id, mine["key"], reason=gone["reason"], by=by)
    return count


def named(name):
    """A name as it is kept: on one line, nothing in it that cannot be seen; empty where nothing is left."""
    return " ".join(_seen(name).split())[:LONGEST_NAME]


def _named(name):
    name = named(name)
    if not name:
        raise StoreError("plans-name-needed")
    return name


def _noted(note):
    return _seen(note).strip()[:LONGEST_NOTE] or None


def _seen(text):
    """A text without what no database, sheet or terminal should get: control characters and halves of letters."""
    kept = (one for one in str(text or "") if one in "\n\t" or unicodedata.category(one) not in UNSEEN)
    return unicodedata.normalize("NFC", "".join(kept))
