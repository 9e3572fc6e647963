"""What a recognition locks: the figures of a village in a year, and whatever would change them."""

import re

import sqlalchemy as sa

from gis.errors import StoreError
from gis.store.schema import states

SHEET = re.compile(r"assessments-(\d{4})(-|\Z)")
HISTORIES = "histories"
JOINED_BY = (HISTORIES, "villages", "communes")
"""Sources that decide which village a row of a sheet belongs to, in any year."""

RECOGNISED = "recognised"


def recognised(connection, study_id):
    """Every recognition that counts: (year, village) to the row of `states`."""
    latest = (
        sa.select(sa.func.max(states.c.id))
        .where(states.c.study_id == study_id)
        .group_by(states.c.year, states.c.village_id)
    )
    asked = sa.select(states).where(states.c.id.in_(latest), states.c.state == RECOGNISED)
    rows = connection.execute(asked.order_by(states.c.year, states.c.village_id)).mappings()
    return {(row["year"], row["village_id"]): dict(row) for row in rows}


def years_of(source, found, *versions):
    """The years whose figures a source holds or joins in these versions; empty for other layers.

    Parameters
    ----------
    source : str
    found : iterable of (int, str)
        Year and village of the recognitions there are.
    *versions : Mapping or None
        Each with the ``entry`` that says of which year a sheet is.
    """
    sheet = SHEET.match(source)
    if sheet:
        return {int(sheet[1])} | {one["entry"]["year"] for one in versions if one and "year" in one["entry"]}
    return {year for year, _ in found} if source.partition("+")[0] in JOINED_BY else set()


def check_value(connection, study_id, year, village_id):
    """Refuse to change a figure of a village in a year that is recognised.

    Raises
    ------
    StoreError
        Naming the decision.
    """
    where = (states.c.study_id == study_id, states.c.year == int(year), states.c.village_id == village_id)
    # asked for every value of a sheet, so for one village only
    asked = sa.select(states).where(*where).order_by(states.c.id.desc()).limit(1)
    row = connection.execute(asked).mappings().first()
    if row is not None and row["state"] == RECOGNISED:
        key = (row["year"], row["village_id"])
        _refuse({key: row}, [key])


def check_values(connection, study_id, year, villages):
    """The same for many villages at once."""
    found = recognised(connection, study_id)
    _refuse(found, [key for key in found if key[0] == int(year) and key[1] in villages])


def check_source(connection, study_id, source, *versions, keeps=()):
    """Refuse another version of a sheet where it may change figures that are recognised.

    Parameters
    ----------
    *versions
        As for `years_of`: the version that counts and the one that would.
    keeps : iterable of (int, str)
        Year and village of recognised figures that are known to stay what they are.

    Raises
    ------
    StoreError
        Naming the villages; see `gis.workflows.states` for who may say that they stay.
    """
    found = recognised(connection, study_id)
    years = years_of(source, found, *versions)
    _refuse(found, [key for key in found if key[0] in years and key not in set(keeps)])


def check_decision(found, subject, villages, keeps=()):
    """Refuse a decision about recognised figures: which name means a village, or what else it is about.

    Parameters
    ----------
    found : Mapping
        What `recognised` gives.
    subject : Mapping
        Its ``village`` and ``year`` say what it is about; without a year every year counts.
    villages : iterable of str
        Further villages that it touches.
    """
    touched = {*villages, subject.get("village"), subject.get("village_id")} - {None}
    year = str(subject.get("year") or "")
    keys = [key for key in found if key[1] in touched and year in ("", str(key[0])) and key not in set(keeps)]
    _refuse(found, keys)


def check_evidence(connection, study_id, village_id, year):
    """Refuse to take away what stands behind a recognition; a piece without a year stands behind any."""
    found = recognised(connection, study_id)
    _refuse(found, [key for key in found if key[1] == village_id and year in (None, key[0])])


def _refuse(found, keys):
    if not keys:
        return
    row = found[keys[0]]
    told = {"decision": row["decision"], "decided_on": row["decided_on"], "year": row["year"]}
    villages = list(dict.fromkeys(village for _, village in keys))
    raise StoreError("store-recognised", villages=villages, count=len(villages), **told)
