"""Values that people entered over the sheets: laid over them, the re-checked ones last."""

import hashlib

import numpy as np
import pandas as pd

from gis.values import to_text

INPUT = "entered-values"
"""How the entered values are called among a study's inputs."""


def overlay(assessments, entered, villages, gathering):
    """The yearly tables with entered values in the place of the sheets'.

    Parameters
    ----------
    assessments : dict of int to DataFrame
        Year to one row a village, with ``record``.
    entered : DataFrame or None
        Columns year, village_id, field, kind (self | recheck), value, who, at; one row a cell.
    villages : DataFrame
        Index village id.
    gathering : Gathering
        Takes what there is to say, and the fingerprint of the values.

    Returns
    -------
    dict of int to DataFrame
        A year that only has entered values gets a table of its own.
    """
    if entered is None or entered.empty:
        return assessments
    known = entered["village_id"].isin(villages.index)
    if not known.all():
        lost = [f"{row.village_id} ({row.year}, {row.field})" for row in entered[~known].itertuples()]
        gathering.warn("entered-without-village", count=len(lost), values=lost)
    gathering.counts[INPUT] = {
        "rows_in": len(entered),
        "rows_used": int(known.sum()),
        "rows_reported": int((~known).sum()),
    }
    gathering.inputs[INPUT] = _fingerprint(entered)
    tables = dict(assessments)
    # "recheck" comes before "self" in the alphabet, and must come after it here
    for (year, _), cells in sorted(
        entered[known].groupby(["year", "kind"]), key=lambda g: (g[0][0], g[0][1] != "self")
    ):
        tables[year] = _laid_over(tables.get(year, _empty(villages)), cells)
    return dict(sorted(tables.items()))


def _empty(villages):
    return pd.DataFrame({"record": pd.Series(None, index=villages.index, dtype=object)}, index=villages.index)


def _laid_over(table, cells):
    table = table.copy()
    for field, column in cells.groupby("field"):
        values = column.set_index("village_id")["value"]
        is_text = values.map(lambda value: isinstance(value, str)).any()
        if field not in table:
            table[field] = None if is_text else np.nan
        if is_text and table[field].dtype != object:
            table[field] = table[field].astype(object)
        table.loc[values.index, field] = values.map(to_text) if is_text else values.astype(float)
    for village_id, rows in cells.groupby("village_id"):
        said = "; ".join(sorted({f"{row.who}, {row.at[:10]}" for row in rows.itertuples()}))
        before = table.at[village_id, "record"]
        table.at[village_id, "record"] = said if before is None or before != before else f"{before}; {said}"
    return table


def _fingerprint(entered):
    columns = ["year", "village_id", "field", "kind", "value", "who", "at"]
    lines = entered[columns].astype(str).agg("\t".join, axis=1)
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
