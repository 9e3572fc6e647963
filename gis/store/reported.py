"""Values that people enter over the sheets: self-assessed or re-checked, each with its history."""

import math

import sqlalchemy as sa

from gis.errors import ConflictError, StoreError
from gis.store.schema import reported
from gis.store.studies import get_study

KINDS = ("self", "recheck")
CELL = ("study_id", "year", "village_id", "field", "kind")


def enter(change, study_id, year, village_id, field, value, *, kind="self", reason=None, seen=None, by=None):
    """Enter one value of one village; None takes an entered value back.

    Parameters
    ----------
    value : float, str or None
    kind : str
        ``"self"`` or ``"recheck"``; a re-checked value counts before a self-assessed one.
    seen : int, optional
        The id of the entry that was current when the person decided, 0 for none.
    by : Mapping, optional
        ``who`` and ``at`` of the entry, where another store has recorded it.

    Returns
    -------
    int
        The id of the entry.

    Raises
    ------
    MissingError
        If there is no such study.
    ConflictError
        If somebody entered another value since `seen`; says who and when.
    """
    if kind not in KINDS or not (value is None or isinstance(value, str) or math.isfinite(value)):
        raise StoreError("store-value", value=str(value)[:60], field=field)
    get_study(change.connection, study_id)
    cell = dict(zip(CELL, (study_id, int(year), village_id, field, kind), strict=True))
    now = history(change.connection, limit=1, **cell)
    now = now[0] if now else None
    if seen is not None and (now["id"] if now else 0) != seen:
        raise ConflictError(
            "store-value-moved", field=field, village=village_id, who=now["who"], at=now["at"]
        )
    row = {**cell, "value": value, "reason": reason, **(by or change.by)}
    (number,) = change.connection.execute(reported.insert().values(**row)).inserted_primary_key
    change.note(
        "value-entered",
        study=study_id,
        subject=f"{year}/{village_id}/{field}/{kind}",
        before=None if now is None else {"value": now["value"]},
        after={"value": value, "reason": reason, **(by or {})},
    )
    return number


def enter_all(change, study_id, year, cells, *, reason):
    """Enter many values at once, as `enter` does each.

    Parameters
    ----------
    cells : list of Mapping
        ``village_id``, ``field``, ``kind``, ``value`` and ``seen``; each cell once.
    reason : str

    Raises
    ------
    ConflictError
        If somebody entered another value of one of them since it was `seen`.

    Notes
    -----
    Whether a village may be changed at all is looked at by `enter`, by which the caller enters the first value
    of each village.
    """
    cell_columns = [reported.c[name] for name in CELL]
    latest = (
        sa.select(sa.func.max(reported.c.id))
        .where(reported.c.study_id == study_id, reported.c.year == int(year))
        .group_by(*cell_columns)
    )
    asked = sa.select(reported).where(reported.c.id.in_(latest))
    now = {
        (row["village_id"], row["field"], row["kind"]): row
        for row in change.connection.execute(asked).mappings()
    }
    rows, lines = [], []
    for cell in cells:
        place = cell["village_id"], cell["field"], cell["kind"]
        there, value = now.get(place), cell["value"]
        if place[2] not in KINDS or not (isinstance(value, str) or math.isfinite(value)):
            raise StoreError("store-value", value=str(value)[:60], field=place[1])
        if (there["id"] if there else 0) != cell["seen"]:
            told = {"who": there["who"], "at": there["at"]} if there else {"who": "–", "at": "–"}
            raise ConflictError("store-value-moved", field=place[1], village=place[0], **told)
        told = dict(zip(CELL, (study_id, int(year), *place), strict=True))
        rows.append({**told, "value": value, "reason": reason, **change.by})
        before = None if there is None else {"value": there["value"]}
        after = {"value": value, "reason": reason}
        lines.append({"subject": f"{year}/{'/'.join(place)}", "before": before, "after": after})
    if rows:
        change.connection.execute(reported.insert(), rows)
        change.note_all("value-entered", lines, study=study_id)


def history(connection, *, limit=200, **cell):
    """Entries of a cell, or of all cells that the named columns leave, the latest first."""
    asked = sa.select(reported).order_by(reported.c.id.desc()).limit(limit)
    for name, value in cell.items():
        asked = asked.where(reported.c[name] == value)
    return [dict(row) for row in connection.execute(asked).mappings()]


def entered(connection, study_id):
    """The entries that count now, one a cell.

    Returns
    -------
    DataFrame
        Columns year, village_id, field, kind, value, who, at, id; sorted by them. Cells whose value was taken
        back are not in it.
    """
    import pandas as pd

    latest = (
        sa.select(sa.func.max(reported.c.id))
        .where(reported.c.study_id == study_id)
        .group_by(*(reported.c[n] for n in CELL))
    )
    columns = ("year", "village_id", "field", "kind", "value", "who", "at", "id")
    asked = sa.select(*(reported.c[name] for name in columns)).where(reported.c.id.in_(latest))
    rows = connection.execute(asked).all()
    kept = [tuple(row) for row in rows if row.value is not None]
    return pd.DataFrame(sorted(kept, key=lambda row: row[:4]), columns=list(columns))
