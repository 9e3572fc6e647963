"""Documents and photos that stand behind what was reported of a village."""

import sqlalchemy as sa

from gis.errors import MissingError
from gis.store.schema import evidence
from gis.store.studies import get_study


def attach(
    change, study_id, village_id, *, content, file, size, criterion=None, year=None, note=None, by=None
):
    """Attach a file that is in the store already; the number of the piece of evidence.

    `by` holds ``who`` and ``at`` where another store has recorded it.
    """
    get_study(change.connection, study_id)
    row = {"village_id": village_id, "criterion": criterion, "year": year, "content": content, "file": file,
           "size": size, "note": note}  # fmt: skip
    added = change.connection.execute(evidence.insert().values(study_id=study_id, **row, **(by or change.by)))
    (number,) = added.inserted_primary_key
    change.note(
        "evidence-added", study=study_id, subject=f"{village_id}/{number}", after={**row, **(by or {})}
    )
    return number


def remove(change, study_id, number, *, undo=False):
    """Take a piece of evidence out of sight, or bring it back."""
    found = get(change.connection, study_id, number, deleted=True)
    if bool(found["deleted_at"]) != undo:
        raise MissingError("store-no-evidence", study=study_id, number=number)
    deleted = None if undo else change.at
    change.connection.execute(evidence.update().where(evidence.c.id == number).values(deleted_at=deleted))
    action = "evidence-restored" if undo else "evidence-removed"
    change.note(action, study=study_id, subject=f"{found['village_id']}/{number}")


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
