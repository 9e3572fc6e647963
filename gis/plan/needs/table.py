"""The needs list as rows under headings: what could be built, to be locked, banned, priced and added to."""

import pandas as pd

from gis.interventions import cost_word, unit_word
from gis.messages import say
from gis.plan.cheapest import cheapest_fixes

MILLION = 1e6
PREFIX = "needs-column-"
COLUMNS = (
    "id", "commune_id", "commune", "village_id", "village", "kind", "name", "place", "quantity", "unit", "cost", "by",
    "committed", "wanted", "year", "closes", "cheapest", "need", "estimate", "note",
)  # fmt: skip
WIDTHS = (26, 10, 18, 11, 20, 34, 26, 18, 10, 11, 14, 16, 12, 12, 8, 46, 12, 28, 14, 28)
WRITTEN = ("name", "place", "quantity", "cost", "committed", "wanted", "year", "note")
"""Columns that a planner may change for what was generated, or fill for what is the planner's own."""
WANTED = {"in": "needs-word-in", "out": "needs-word-out"}


def needs_to_rows(options, review, interventions, language, *, notes=None):
    """Options as a needs list, a row an option under a row of headings; money in million VND.

    Parameters
    ----------
    options : Options
    review : Review
    interventions : Mapping of str to Intervention
    language : str
    notes : DataFrame, optional
        As of `Needs.notes`.

    Returns
    -------
    list of list
        By commune and village. Beside each stands what the sheet of the village itself says of needs and their cost.
    """
    study = review.study
    criteria = {one.id: one.label.pick(language) for one in study.criteria.criteria}
    first = (
        {fixed for row in cheapest_fixes(options)["options"] for fixed in row} if len(options.ways) else set()
    )
    closes = {}
    for option_id, village, criterion in options.ways[["option_id", "village_id", "criterion"]].itertuples(
        index=False
    ):
        closes.setdefault(option_id, {}).setdefault(criterion, {})[village] = None
    names, communes, sheet = (
        study.villages["name"].to_dict(),
        study.communes["name"].to_dict(),
        study.reported,
    )
    said = {field: sheet[field].to_dict() if field in sheet else {} for field in ("need", "cost_estimate")}
    rows = []
    for option_id, row in zip(options.table.index, options.table.to_dict("records"), strict=True):
        village, work = row["village_id"], interventions.get(row["intervention"])
        told = {} if notes is None or option_id not in notes.index else notes.loc[option_id].to_dict()
        cells = {
            "id": option_id,
            "commune_id": row["commune_id"],
            "commune": communes.get(row["commune_id"]),
            "village_id": village,
            "village": names.get(village),
            "kind": work.label.pick(language) if work else row["intervention"],
            "name": row["name"],
            "place": row["place"],
            "quantity": row["quantity"],
            "unit": unit_word(row["unit"], language),
            "cost": row["cost"] / MILLION,
            "by": cost_word(row["cost_by"], language),
            "committed": say("export-word-yes", language) if row["source"] == "committed" else None,
            "wanted": say(WANTED[row["wanted"]], language) if row["wanted"] in WANTED else None,
            "year": told.get("year"),
            "closes": _closes(closes.get(option_id), criteria, names, village),
            "cheapest": say("export-word-yes", language) if option_id in first else None,
            "need": said["need"].get(village),
            "estimate": said["cost_estimate"].get(village),
            "note": told.get("note"),
        }
        rows.append([_plain(cells[name]) for name in COLUMNS])
    rows.sort(key=lambda row: [str(row[at] or "") for at in (1, 3, 5, 0)])
    return [[say(PREFIX + name, language) for name in COLUMNS], *rows]


def _closes(found, criteria, names, home):
    """What an option helps to close, by criterion; other villages than its own are named."""
    texts = []
    for criterion, villages in (found or {}).items():
        others = [str(names.get(village, village)) for village in villages if village != home]
        text = criteria.get(criterion, criterion)
        texts.append(f"{text} ({', '.join(others)})" if others else text)
    return "; ".join(texts) or None


def _plain(value):
    return None if value is None or (not isinstance(value, str) and pd.isna(value)) else value
