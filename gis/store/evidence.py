"""Documents and photos that stand behind what was reported of a village."""

import sqlalchemy as sa

from gis.errors import MissingError
from gis.store.locking import check_evidence
from gis.store.schema import evidence
from gis.store.studies import get_study


def attach(
    change, study_id, village_id, *, content, file, size, criterion=None, year=None, note=None, kind=None,
    preview=None, about=None, by=None,
):  # fmt: skip
    """Attach a file that is in the store already; the number of the piece of evidence.

    Parameters
    ----------
    kind : str, optional
        What the content is, such as ``"jpg"``.
    preview : str, optional
        Stored small picture of a photo.
    about : Mapping, optional
        What a photo says of itself; see `gis.intake.attachments`.
    by : Mapping, optional
        ``who`` and ``at`` where another store has recorded it.
    """
    get_study(change.connection, study_id)
    told = {"village_id": village_id, "criterion": criterion, "year": year, "content": content, "file": file,
            "size": size, "note": note, "kind": kind}  # fmt: skip
    row = {**told, "preview": preview, "about": about, **(by or change.by)}
    added = change.connection.execute(evidence.insert().values(study_id=study_id, **row))
    (number,) = added.inserted_primary_key
    after = {**told, **(by or {})}
    change.note("evidence-added", study=study_id, subject=f"{village_id}/{number}", after=after, moves=False)
    return number


def remove(change, study_id, number, *, undo=False):
    """Take a piece of evidence out of sight, or bring it back.

    Raises
    ------
    MissingError
        If there is none, or it was removed (brought back) before.
    StoreError
        If a recognition rests on it.
    """
    found = get(change.connection, study_id, number, deleted=True)
    if bool(found["deleted_at"]) != undo:
        raise MissingError("store-no-evidence", study=study_id, number=number)
    if not undo:
        check_evidence(change.connection, study_id, found["village_id"], found["year"])
    _mark(change, study_id, found, None if undo else change.at)


def take_removed(change, study_id, number):
    """Mark a piece that another store has removed already."""
    _mark(change, study_id, get(change.connection, study_id, number), change.at)


def _mark(change, study_id, found, deleted):
    where = evidence.c.id == found["id"]
    change.connection.execute(evidence.update().where(where).values(deleted_at=deleted))
    action = "evidence-removed" if deleted else "evidence-restored"
    subject = f"{found['village_id']}/{found['id']}"
    change.note(action, study=study_id, subject=subject, before={"file": found["file"]}, moves=False)


def get(connection, study_id, number, *, deleted=False):
    """One piece of evidence as a dict.

    Raises
    ------
    MissingError
    """
    where = (evidence.c.study_id == study_id, evidence.c.id == number)
    row = connection.execute(sa.select(evidence).where(*where)).mappings().first()
    if row is None or (row["deleted_at"] and not deleted):
        raise MissingError("store-no-evidence", study=study_id, number=number)
    return dict(row)


def listed(connection, study_id, village_id=None, *, deleted=False):
    """Evidence of a study or of one village, in the order it was added; what was removed only with `deleted`."""
    asked = sa.select(evidence).where(evidence.c.study_id == study_id)
    if not deleted:
        asked = asked.where(evidence.c.deleted_at.is_(None))
    if village_id is not None:
        asked = asked.where(evidence.c.village_id == village_id)
    return [dict(row) for row in connection.execute(asked.order_by(evidence.c.id)).mappings()]


def alike(connection, study_id, content):
    """Pieces of evidence with the very same content that are in sight."""
    where = (evidence.c.study_id == study_id, evidence.c.content == content, evidence.c.deleted_at.is_(None))
    rows = connection.execute(sa.select(evidence).where(*where).order_by(evidence.c.id)).mappings()
    return [dict(row) for row in rows]
