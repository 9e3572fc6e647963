"""Studies and their sources: what is known, in which version, and how it got there."""

import re

import sqlalchemy as sa

from gis.errors import ConflictError, MissingError, StoreError
from gis.store import locking
from gis.store.locking import check_source
from gis.store.points import reached
from gis.store.schema import sources, studies, versions

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
SHEETS = "assessments"
"""How the source of a sheet begins; the others are named like their layer."""

HISTORIES = locking.HISTORIES
"""The source that is the table of merged, split and renamed units."""


def add_study(change, study_id, recipe, *, criteria=None):
    """A new, empty study.

    Parameters
    ----------
    change : Change
    study_id : str
        Small letters, digits and hyphens.
    recipe : Mapping
        The keys of a study file but for `layers` and `assessments`; checked by the caller.
    criteria : Mapping, optional
        A criteria set of the study's own, as plain data.

    Raises
    ------
    StoreError
        If the id is not of that form or was given before, also to a study that is deleted now.
    """
    if not ID.match(study_id):
        raise StoreError("store-study-id", study=study_id[:80])
    if change.connection.execute(sa.select(studies.c.id).where(studies.c.id == study_id)).first():
        raise StoreError("store-study-exists", study=study_id)
    row = {"id": study_id, "recipe": dict(recipe), "criteria": criteria, "revision": 0, **change.by}
    change.connection.execute(studies.insert().values(**row))
    change.note("study-added", study=study_id, after={"recipe": dict(recipe)})


def set_recipe(change, study_id, recipe, *, seen=None, criteria=None):
    """Replace what a study says beside its sources.

    Raises
    ------
    MissingError
    ConflictError
        If the study is not at the revision `seen` any more.
    """
    before = get_study(change.connection, study_id)
    check_revision(before, seen)
    values = {"recipe": dict(recipe)} | ({} if criteria is None else {"criteria": criteria})
    change.connection.execute(studies.update().where(studies.c.id == study_id).values(**values))
    change.note(
        "study-changed", study=study_id, before={"recipe": before["recipe"]}, after={"recipe": dict(recipe)}
    )


def remove_study(change, study_id, *, undo=False):
    """Take a study out of sight, or bring it back; nothing of it is lost."""
    found = get_study(change.connection, study_id, deleted=undo)
    if undo and found["deleted_at"] is None:
        return
    deleted = None if undo else change.at
    change.connection.execute(studies.update().where(studies.c.id == study_id).values(deleted_at=deleted))
    change.note("study-restored" if undo else "study-removed", study=study_id)


def get_study(connection, study_id, *, deleted=False):
    """The row of a study as a dict.

    Raises
    ------
    MissingError
        If there is none; a deleted one counts only with `deleted`.
    """
    row = connection.execute(sa.select(studies).where(studies.c.id == study_id)).mappings().first()
    if row is None or (row["deleted_at"] and not deleted):
        raise MissingError("store-no-study", study=str(study_id)[:80])
    return dict(row)


def list_studies(connection, *, deleted=False):
    """Rows of all studies as dicts, in order of id; those deleted only when asked for."""
    asked = sa.select(studies).order_by(studies.c.id)
    asked = asked.where(studies.c.deleted_at.is_not(None) if deleted else studies.c.deleted_at.is_(None))
    return [dict(row) for row in connection.execute(asked).mappings()]


def check_revision(study, seen):
    """Raise `ConflictError` when a study is not at the revision that somebody saw."""
    if seen is not None and study["revision"] != seen:
        raise ConflictError("store-study-moved", study=study["id"], seen=seen, now=study["revision"])


def add_version(change, study_id, source, *, content, kind, file, entry, report, by=None, keeps=()):
    """A new version of a source, which becomes the current one.

    The same content bound in the same way as the current version is that version, not a new one.

    Parameters
    ----------
    source : str
        A layer's id, or ``assessments-<year>`` and what tells two sheets of a year apart.
    content, kind : str
        Name and kind of a file that is in the store already.
    file : str
        How its owner calls it.
    entry : Mapping
        As in a study file, without ``file``.
    report : Mapping
        What the reader said, as plain data.
    by : Mapping, optional
        ``who`` and ``at`` of the import, where another store has made it.
    keeps : iterable of (int, str)
        Year and village of recognised figures that are known to stay; see `locking.check_source`.

    Returns
    -------
    row : dict
        The version.
    is_new : bool

    Raises
    ------
    StoreError
        If it may change figures that are recognised.
    """
    get_study(change.connection, study_id)
    now = current_version(change.connection, study_id, source)
    if now and (now["content"], now["entry"]) == (content, dict(entry)):
        return now, False
    check_source(change.connection, study_id, source, now, {"entry": entry}, keeps=keeps)
    last = change.connection.execute(
        sa.select(sa.func.max(versions.c.number)).where(
            versions.c.study_id == study_id, versions.c.source == source
        )
    ).scalar()
    row = {
        "study_id": study_id,
        "source": source,
        "number": (last or 0) + 1,
        "content": content,
        "kind": kind,
        "file": file,
        "entry": dict(entry),
        "report": dict(report),
        **(by or change.by),
    }
    (number,) = change.connection.execute(versions.insert().values(**row)).inserted_primary_key
    reached("version-added")
    _point_to(change, study_id, source, number)
    reached("version-published")
    after = told(row) | dict(by or {})
    change.note("version-added", study=study_id, subject=source, before=told(now), after=after)
    return row | {"id": number}, True


def switch_version(change, study_id, source, number, *, keeps=()):
    """Make an earlier or later version of a source the current one.

    Raises
    ------
    MissingError
        If the source has no version of that number.
    StoreError
        If it may change figures that are recognised; `keeps` as in `add_version`.
    """
    now = current_version(change.connection, study_id, source)
    wanted = get_version(change.connection, study_id, source, number)
    if now and now["id"] == wanted["id"]:
        return wanted
    check_source(change.connection, study_id, source, now, wanted, keeps=keeps)
    _point_to(change, study_id, source, wanted["id"])
    change.note("version-switched", study=study_id, subject=source, before=told(now), after=told(wanted))
    return wanted


def remove_source(change, study_id, source, *, undo=False, keeps=()):
    """Take a source out of a study, or bring it back in the version it had; `keeps` as in `add_version`."""
    row = change.connection.execute(_source(study_id, source)).mappings().first()
    if row is None or bool(row["deleted_at"]) != undo:
        raise MissingError("store-no-source", study=study_id, source=source[:80])
    version = change.connection.execute(sa.select(versions).where(versions.c.id == row["version_id"]))
    check_source(change.connection, study_id, source, version.mappings().first(), keeps=keeps)
    deleted = None if undo else change.at
    where = (sources.c.study_id == study_id, sources.c.source == source)
    change.connection.execute(sources.update().where(*where).values(deleted_at=deleted, **change.by))
    change.note("source-restored" if undo else "source-removed", study=study_id, subject=source)


def current_version(connection, study_id, source):
    """The version of a source that counts now, as a dict; None without one."""
    asked = sa.select(versions).join(sources, sources.c.version_id == versions.c.id)
    where = (sources.c.study_id == study_id, sources.c.source == source, sources.c.deleted_at.is_(None))
    row = connection.execute(asked.where(*where)).mappings().first()
    return dict(row) if row else None


def current_versions(connection, study_id):
    """Source to its current version, in order of source."""
    asked = sa.select(versions).join(sources, sources.c.version_id == versions.c.id)
    where = (sources.c.study_id == study_id, sources.c.deleted_at.is_(None))
    rows = connection.execute(asked.where(*where).order_by(versions.c.source)).mappings()
    return {row["source"]: dict(row) for row in rows}


def get_version(connection, study_id, source, number):
    """One version of a source as a dict.

    Raises
    ------
    MissingError
    """
    where = (versions.c.study_id == study_id, versions.c.source == source, versions.c.number == number)
    row = connection.execute(sa.select(versions).where(*where)).mappings().first()
    if row is None:
        raise MissingError("store-no-version", study=study_id, source=source[:80], number=number)
    return dict(row)


def list_versions(connection, study_id, source=None):
    """Versions of a source, or of all sources of a study, the latest first."""
    asked = sa.select(versions).where(versions.c.study_id == study_id).order_by(versions.c.id.desc())
    if source is not None:
        asked = asked.where(versions.c.source == source)
    return [dict(row) for row in connection.execute(asked).mappings()]


def removed_sources(connection, study_id):
    """Sources that were taken out of a study, with when and by whom."""
    asked = sa.select(sources).where(sources.c.study_id == study_id, sources.c.deleted_at.is_not(None))
    return [dict(row) for row in connection.execute(asked.order_by(sources.c.source)).mappings()]


def told(version):
    """What the diary says of a version."""
    return version and {"number": version["number"], "content": version["content"], "file": version["file"]}


def _source(study_id, source):
    return sa.select(sources).where(sources.c.study_id == study_id, sources.c.source == source)


def _point_to(change, study_id, source, version_id):
    values = {"version_id": version_id, "deleted_at": None, **change.by}
    where = (sources.c.study_id == study_id, sources.c.source == source)
    if not change.connection.execute(sources.update().where(*where).values(**values)).rowcount:
        change.connection.execute(sources.insert().values(study_id=study_id, source=source, **values))
