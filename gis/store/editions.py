"""Editions of criteria sets: what people corrected and checked, whole, each made from the one before it.

An edition belongs to the installation: what one study has checked against the signed text, all may use.
"""

import hashlib
import json

import sqlalchemy as sa

from gis.criteria import build_set, set_to_plain
from gis.errors import StoreError
from gis.store.schema import editions


def add(change, study_id, criteria, *, previous, reason, by=None):
    """Keep a set as a new edition.

    Parameters
    ----------
    change : Change
    study_id : str
        The study on whose page it was made, for the diary.
    criteria : CriteriaSet
        Its `edition` is the name that `next_name` gave.
    previous : str
        Hash of the set that it was made from.
    reason : str
    by : Mapping, optional
        ``who`` and ``at``, where another store has recorded them.

    Raises
    ------
    StoreError
        If there is an edition of that name.
    """
    if get(change.connection, criteria.id, criteria.edition):
        raise StoreError("edition-exists", criteria=criteria.id, edition=criteria.edition)
    content = set_to_plain(criteria)
    row = {
        "set_id": criteria.id,
        "edition": criteria.edition,
        "content": content,
        "hash": digest(content),
        "previous": previous,
        "reason": reason,
        **(by or change.by),
    }
    change.connection.execute(editions.insert().values(**row))
    after = {name: row[name] for name in ("hash", "reason", "who", "at")}
    change.note(
        "edition-added",
        study=study_id,
        subject=name_of(criteria),
        before={"hash": previous},
        after=after,
    )


def digest(content):
    """SHA-256 of a set as plain data; on the day it is made that of the set itself."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def name_of(criteria):
    """How a study names a set in this edition: ``sdg-access@2026-11-23-2``."""
    return f"{criteria.id}@{criteria.edition}"


def next_name(connection, set_id, day):
    """The name of the next edition of a day: ``2026-11-23-1``, then ``2026-11-23-2``."""
    taken = {row["edition"] for row in listed(connection, set_id)}
    return next(name for number in range(1, len(taken) + 2) if (name := f"{day}-{number}") not in taken)


def get(connection, set_id, edition):
    """The row of an edition as a dict; None where the store has none of that name."""
    where = (editions.c.set_id == set_id, editions.c.edition == edition)
    row = connection.execute(sa.select(editions).where(*where)).mappings().first()
    return dict(row) if row else None


def listed(connection, set_id):
    """The rows of all editions of a set, the latest first."""
    asked = sa.select(editions).where(editions.c.set_id == set_id).order_by(editions.c.id.desc())
    return [dict(row) for row in connection.execute(asked).mappings()]


def as_set(row):
    """The set of an edition.

    Raises
    ------
    StoreError
        If the row is not as it was written.
    """
    named = (row["content"].get("id"), row["content"].get("edition"))
    if digest(row["content"]) != row["hash"] or named != (row["set_id"], row["edition"]):
        raise StoreError("edition-altered", criteria=row["set_id"], edition=row["edition"])
    return build_set(row["content"], file=f"{row['set_id']}@{row['edition']}")


def named_in(connection, recipe):
    """The rows of the editions that a study names, and of all from which they were made, oldest first."""
    wanted = {name.partition("@")[0] for name in names_in(recipe) if "@" in name}
    return [row for set_id in sorted(wanted) for row in reversed(listed(connection, set_id))]


def names_in(recipe):
    """The names of the sets that a study is judged by, its own first."""
    return [recipe["criteria"], *recipe.get("also", ())]


def welcome(connection, rows):
    """Editions of another store, under names that are free in this one.

    Returns
    -------
    new : list of (CriteriaSet, row)
        Those that this store does not have, in the order given.
    names : dict of str to str
        How the other store names an edition to how this one does, where the two differ.
    """
    new, names, taken = [], {}, set()
    for row in rows:
        criteria = as_set(row)
        here = listed(connection, criteria.id)
        same = next((one for one in here if _apart_from_name(one) == _apart_from_name(row)), None)
        edition = same["edition"] if same else criteria.edition
        names_taken = {one["edition"] for one in here} | taken
        if same is None and edition in names_taken:
            day = edition[:10]
            edition = next(
                name
                for number in range(1, len(names_taken) + 2)
                if (name := f"{day}-{number}") not in names_taken
            )
        if edition != criteria.edition:
            names[name_of(criteria)] = f"{criteria.id}@{edition}"
        if same is None:
            taken.add(edition)
            new.append((build_set({**row["content"], "edition": edition}), row))
    return new, names


def renamed(recipe, names):
    """A recipe with the names that editions have in this store."""
    changed = {"criteria": names.get(recipe["criteria"], recipe["criteria"])}
    if "also" in recipe:
        changed["also"] = [names.get(name, name) for name in recipe["also"]]
    return {**recipe, **changed}


def _apart_from_name(row):
    content = {key: value for key, value in row["content"].items() if key != "edition"}
    return content, row["reason"], row["who"], row["at"]
