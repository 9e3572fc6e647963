"""Campaigns of a study: what was asked of whom until when, the workbooks that came back, and the answers."""

import datetime
import secrets

import sqlalchemy as sa

from gis.errors import MissingError
from gis.store.schema import answers, campaigns, reported, submissions
from gis.store.studies import get_study

TOLD = ("key", "name", "year", "half", "deadline", "criteria", "communes", "fields", "contact", "closed_at")
"""Columns of a campaign that mean the same in every store."""

FAULT = ("village_id", "field", "kind", "code", "cell", "written")
"""What is said of a cell that could not be taken."""


def add(change, study_id, *, by=None, key=None, closed_at=None, **told):
    """Open a campaign; its row.

    Parameters
    ----------
    key : str, optional
        Where another store has opened it, as are `by` and `closed_at`.
    **told
        ``name``, ``year``, ``half`` (1, 2 or None), ``deadline`` (ISO date), ``criteria``, ``communes``, ``fields`` and
        ``contact``; checked by the caller.
    """
    get_study(change.connection, study_id)
    since = change.connection.execute(sa.select(sa.func.max(reported.c.id))).scalar() or 0
    row = {"study_id": study_id, "key": key or secrets.token_hex(4), "since": since, "closed_at": closed_at,
           **told, **(by or change.by)}  # fmt: skip
    (number,) = change.connection.execute(campaigns.insert().values(**row)).inserted_primary_key
    shown = {name: told[name] for name in ("name", "year", "half", "deadline", "criteria")}
    change.note("campaign-opened", study=study_id, subject=row["key"], after=shown, moves=False)
    return row | {"id": number}


def close(change, study_id, number, *, undo=False):
    """Close a campaign, after which nothing more is received for it; or open it again."""
    found = get(change.connection, study_id, number)
    if bool(found["closed_at"]) != undo:
        return
    values = {"closed_at": None if undo else change.at}
    change.connection.execute(campaigns.update().where(campaigns.c.id == found["id"]).values(**values))
    action = "campaign-reopened" if undo else "campaign-closed"
    change.note(action, study=study_id, subject=found["key"], moves=False)


def get(connection, study_id, number):
    """One campaign as a dict, by its number or its key.

    Raises
    ------
    MissingError
    """
    column = campaigns.c.id if str(number).isdigit() and len(str(number)) < 8 else campaigns.c.key
    where = (
        campaigns.c.study_id == study_id,
        column == (int(number) if column is campaigns.c.id else number),
    )
    row = connection.execute(sa.select(campaigns).where(*where)).mappings().first()
    if row is None:
        raise MissingError("campaign-none", study=study_id, number=str(number)[:40])
    return dict(row)


def listed(connection, study_id):
    """Campaigns of a study, the latest first."""
    asked = sa.select(campaigns).where(campaigns.c.study_id == study_id).order_by(campaigns.c.id.desc())
    return [dict(row) for row in connection.execute(asked).mappings()]


def receive(change, campaign, *, commune, kinds, content, file, size, found, by=None):
    """Keep what was read from a workbook whose bytes are in the store already; its number."""
    row = {"campaign_id": campaign["id"], "commune": commune, "kinds": list(kinds), "content": content,
           "file": file, "size": size, "found": found, **(by or change.by)}  # fmt: skip
    (number,) = change.connection.execute(submissions.insert().values(**row)).inserted_primary_key
    change.note(
        "campaign-received",
        study=campaign["study_id"],
        subject=f"{campaign['key']}/{commune}",
        after={"file": file, "kinds": ", ".join(kinds), **(by or {})},
        moves=False,
    )
    return number


def received(connection, campaign):
    """Workbooks of a campaign in the order they came."""
    where = submissions.c.campaign_id == campaign["id"]
    rows = connection.execute(sa.select(submissions).where(where).order_by(submissions.c.id)).mappings()
    return [dict(row) for row in rows]


def answer(change, campaign, submission, *, key, village_id, field, kind, answer, value, reason, by=None):
    """Keep what somebody said about one figure of a submission."""
    row = {"campaign_id": campaign["id"], "submission_id": submission, "key": key, "village_id": village_id,
           "field": field, "kind": kind, "answer": answer, "value": value, "reason": reason}  # fmt: skip
    change.connection.execute(answers.insert().values(**row, **(by or change.by)))
    change.note(
        "campaign-answered",
        study=campaign["study_id"],
        subject=f"{campaign['key']}/{village_id}/{field}/{kind}",
        after={"answer": answer, "value": value, "reason": reason, **(by or {})},
        moves=False,
    )


def answered(connection, campaign):
    """Answers of a campaign in the order they were given."""
    asked = sa.select(answers).where(answers.c.campaign_id == campaign["id"]).order_by(answers.c.id)
    return [dict(row) for row in connection.execute(asked).mappings()]


def mark(connection, campaign):
    """What changes with every workbook, answer and entered value: three numbers."""
    latest = (
        sa.select(sa.func.max(submissions.c.id)).where(submissions.c.campaign_id == campaign["id"]),
        sa.select(sa.func.max(answers.c.id)).where(answers.c.campaign_id == campaign["id"]),
        sa.select(sa.func.max(reported.c.id)).where(reported.c.study_id == campaign["study_id"]),
    )
    return tuple(connection.execute(asked).scalar() or 0 for asked in latest)


def carried(connection, study_id):
    """Campaigns of a study with all that belongs to them, as `take` takes it into another store."""
    found = []
    for row in reversed(listed(connection, study_id)):
        told = {name: row[name] for name in (*TOLD, "who", "at")}
        files, said = received(connection, row), answered(connection, row)
        place = {one["id"]: at for at, one in enumerate(files)}
        told["submissions"] = [_without(one, "id", "campaign_id") for one in files]
        told["answers"] = [
            {**_without(one, "id", "campaign_id"), "submission_id": place[one["submission_id"]]}
            for one in said
        ]
        found.append(told)
    return found


def take(change, study_id, given):
    """Take in what `carried` gave and is not here; how many campaigns, workbooks and answers were new.

    Workbooks and answers are never changed, so there is nothing to decide; a campaign that is closed on either
    side is closed.
    """
    for one in given:
        _check_shape(one)
    count = 0
    here = {row["key"]: row for row in listed(change.connection, study_id)}
    for theirs in given:
        told = {name: theirs[name] for name in TOLD}
        ours = here.get(told["key"])
        if ours is None:
            ours = add(change, study_id, by=_by(theirs), **told)
            count += 1
        elif told["closed_at"] and not ours["closed_at"]:
            close(change, study_id, ours["id"])
        known = {_mark(row): row["id"] for row in received(change.connection, ours)}
        numbers = []
        for row in theirs["submissions"]:
            if _mark(row) not in known:
                names = ("commune", "kinds", "content", "file", "size", "found")
                told = {name: row[name] for name in names}
                known[_mark(row)] = receive(change, ours, by=_by(row), **told)
                count += 1
            numbers.append(known[_mark(row)])
        said = {
            (row["key"], row["answer"], row["at"], row["who"]) for row in answered(change.connection, ours)
        }
        for row in theirs["answers"]:
            if (row["key"], row["answer"], row["at"], row["who"]) not in said:
                names = ("key", "village_id", "field", "kind", "answer", "value", "reason")
                told = {name: row[name] for name in names}
                answer(change, ours, numbers[row["submission_id"]], by=_by(row), **told)
                count += 1
    return count


def _check_shape(given):
    """Raise ValueError or TypeError where what another store calls a campaign could not be shown or merged."""
    datetime.date.fromisoformat(given["deadline"])
    texts = [given["key"], given["name"], given["criteria"], given["contact"], *given["communes"]]
    texts += [text for pair in given["fields"] for text in pair]
    for row in given["submissions"]:
        datetime.datetime.fromisoformat(row["at"])
        found = row["found"]
        texts += [row["commune"], row["file"], *row["kinds"]]
        texts += [text for name in found["contact"] for text in (name, found["contact"][name])]
        texts += [fault[name] for fault in found["faults"] for name in FAULT]
        for code, arguments, severity in found["problems"]:
            texts += [code, severity, *arguments]
        values = [
            v for fields in found["values"].values() for kinds in fields.values() for v in kinds.values()
        ]
        if not all(isinstance(value, (str, float, int)) for value in values):
            raise ValueError("values")
        if not isinstance(found["blanks"], int) or not isinstance(found["asked"], int):
            raise ValueError("counts")
    if not all(isinstance(text, str) for text in texts) or not isinstance(given["year"], int):
        raise ValueError("texts")
    if given["half"] not in (None, 1, 2) or any(len(pair) != 2 for pair in given["fields"]):
        raise ValueError("fields")


def contents(given):
    """The stored files that carried campaigns name: set of (content, kind)."""
    return {(row["content"], "evidence") for one in given for row in one["submissions"]}


def _without(row, *names):
    return {name: value for name, value in row.items() if name not in names}


def _mark(row):
    return row["commune"], row["content"], row["who"], row["at"]


def _by(row):
    return {"who": str(row["who"]), "at": str(row["at"])}
