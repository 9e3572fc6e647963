"""What people decided once and are not asked again: which village a name means, which field a column holds,
which of two contradicting figures is right."""

import json

import sqlalchemy as sa

from gis.errors import StoreError
from gis.store.locking import check_decision, recognised
from gis.store.schema import decisions
from gis.store.studies import get_study

KINDS = ("match", "mapping", "disagreement")
ANSWERS = ("report", "map", "visit", "open")
"""What a person decides on a village and criterion of which map and report contradict each other."""


def decide(change, study_id, kind, subject, answer, *, reason=None, by=None, keeps=()):
    """Record a decision; a later one about the same subject counts instead.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    subject : Mapping of str to str
        What was asked, such as a name and a commune as a sheet writes them.
    answer : str or None
        None means none of what was offered.
    by : Mapping, optional
        ``who`` and ``at`` of the decision, where another store has recorded it.
    keeps : iterable of (int, str)
        Year and village of recognised figures that are known to stay what they are.

    Raises
    ------
    StoreError
        If it may change figures that are recognised.
    """
    _record(change, study_id, kind, subject, answer, False, reason, by, keeps)


def withdraw(change, study_id, kind, subject, *, by=None, keeps=()):
    """Forget a decision, so that the question is open again; `keeps` as in `decide`."""
    _record(change, study_id, kind, subject, None, True, None, by, keeps)


def standing(connection, study_id, kind):
    """The decisions that count, as dicts in the order they were made."""
    where = (decisions.c.study_id == study_id, decisions.c.kind == kind)
    latest = {}
    for row in connection.execute(sa.select(decisions).where(*where).order_by(decisions.c.id)).mappings():
        key = key_of(row["subject"])
        latest.pop(key, None)
        latest[key] = dict(row)
    return [row for row in latest.values() if not row["withdrawn"]]


def matches(connection, study_id):
    """What people decided about names in sheets, as a study file writes it under ``matches``."""
    return [
        {**row["subject"], "by": row["who"], "on": row["at"][:10]}
        | ({"village": row["answer"]} if row["answer"] else {})
        for row in standing(connection, study_id, "match")
    ]


def on_disagreements(connection, study_id, year):
    """What people decided on the disagreements of a year: (village, criterion) to answer, reason, who and at.

    Neither figure is changed by it, and no judgement hangs on it.
    """
    names = ("answer", "reason", "who", "at")
    return {
        (row["subject"]["village"], row["subject"]["criterion"]): {name: row[name] for name in names}
        for row in standing(connection, study_id, "disagreement")
        if row["subject"]["year"] == str(year)
    }


def settled(made):
    """Of what `on_disagreements` gives, the villages and criteria of which a person says which side is right."""
    return frozenset(key for key, row in made.items() if row["answer"] in ("report", "map"))


def disagreement_subject(village_id, criterion, year):
    """The subject of a decision on a disagreement."""
    return {"village": village_id, "criterion": criterion, "year": str(year)}


def _record(change, study_id, kind, subject, answer, withdrawn, reason, by, keeps):
    get_study(change.connection, study_id)
    if kind == "disagreement" and not withdrawn and answer not in ANSWERS:
        raise StoreError("store-value", value=str(answer)[:60], field="answer")
    found = recognised(change.connection, study_id)
    if found:
        touched = touched_villages(standing(change.connection, study_id, kind), kind, subject, answer)
        check_decision(found, subject, touched, keeps)
    row = {"kind": kind, "subject": dict(subject), "answer": answer, "withdrawn": withdrawn, "reason": reason}
    change.connection.execute(decisions.insert().values(study_id=study_id, **row, **(by or change.by)))
    change.note(
        f"{kind}-{'withdrawn' if withdrawn else 'decided'}",
        study=study_id,
        subject=key_of(subject),
        after={"answer": answer, "reason": reason, **(by or {})},
        moves=kind != "disagreement",
    )


def touched_villages(decided, kind, subject, answer):
    """The villages that another answer about a name touches: that one, and the one it meant before."""
    if kind != "match":
        return set()
    before = next((row["answer"] for row in decided if key_of(row["subject"]) == key_of(subject)), None)
    return {answer, before} - {None}


def key_of(subject):
    """One text for a subject, whatever the order of its parts."""
    return json.dumps(dict(subject), sort_keys=True, ensure_ascii=False)
