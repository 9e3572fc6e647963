"""What the store keeps beside a judged study and a sheet of a village shows: the evidence, one line each."""

from gis.messages import say
from gis.store import evidence


def evidence_of(store, study_id, review, language, *, village=None):
    """Village id to the lines of its evidence, of a stored study or of one village of it."""
    labels = {one.id: one.label.pick(language) for one in review.criteria.criteria}
    with store.reading() as connection:
        rows = evidence.listed(connection, study_id, village)
    lines = {}
    for row in rows:
        lines.setdefault(row["village_id"], []).append(_line(row, labels, language))
    return lines


def _line(row, labels, language):
    about = labels.get(row["criterion"], row["criterion"])
    added = say("sheets-evidence-added", language, who=row["who"], date=str(row["at"])[:10])
    parts = (row["file"], about, row["year"] and str(row["year"]), row["note"], added)
    return " · ".join(part for part in parts if part)
