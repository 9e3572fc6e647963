"""What a commune sent laid over what the study has: what was there before, what was sent, what is there now."""

from dataclasses import dataclass, replace

from gis.campaigns.layout import KINDS
from gis.messages import say

SETTLED = ("same", "kept")
"""States in which nothing is to be done."""


@dataclass(frozen=True)
class Cell:
    """One value that was sent, and what stands in its place.

    Attributes
    ----------
    village_id, field, kind : str
    was : float, str or None
        What counted when the campaign was opened.
    sent : float or str
    now : float, str or None
        What counts now; with `now_who`, `now_at` and `now_id` of the entry, empty and 0 where it is of a sheet.
    state : str
        ``new`` (nothing stands there), ``change`` (what stood there before the campaign, or what the campaign itself
        brought), ``same``, ``conflict`` (somebody entered another value meanwhile, or two senders differ),
        ``kept`` (of such a conflict a person chose to keep what is there).
    other : float, str or None
        What an earlier workbook of somebody else says, or one whose figure is blank in the later.
    other_who, other_file : str
    submission : int
    """

    village_id: str
    field: str
    kind: str
    was: object
    sent: object
    now: object
    now_who: str
    now_at: str
    now_id: int
    state: str
    other: object = None
    other_who: str = ""
    other_file: str = ""
    submission: int = 0

    @property
    def key(self):
        """Names the conflict with its values, so that a choice holds as long as they do."""
        # One database gives 50.0 back as 50.
        values = (self.sent, self.now, self.other)
        return "|".join(f"{v:.12g}" if isinstance(v, (int, float)) else repr(v) for v in values)


def title_of(campaign, language):
    """A campaign as it is spoken of: its name, and the half of the year it is of."""
    if not campaign["half"]:
        return campaign["name"]
    return say("campaign-title-half", language, **{name: campaign[name] for name in ("name", "half", "year")})


def reason_of(campaign):
    """The reason that merged values carry, by which they are known again: the campaign's title and key."""
    return f"{title_of(campaign, 'vi')} (#{campaign['key']})"


def three_way(campaign, values, submissions, entries, sheet, answers):
    """Every value that was sent beside what was there and what is there.

    Parameters
    ----------
    campaign : Mapping
    values : Mapping
        As `sent_values` gives them.
    submissions : list of Mapping
        In the order they came.
    entries : list of Mapping
        All entries of the study of the campaign's year, the latest first.
    sheet : DataFrame or None
        What the study reports for that year, index village id; of a cell that nobody entered it is a sheet's.
    answers : list of Mapping
        In the order they were given; those that kept a value are looked at.

    Returns
    -------
    list of Cell
        In order of village, field and kind. Blanks are not in it: a blank takes nothing away.
    """
    by_cell = {}
    for row in entries:
        by_cell.setdefault((row["village_id"], row["field"], row["kind"]), []).append(row)
    touched = {(village, field) for village, field, _ in by_cell}
    others = _others(values, submissions)
    kept = {
        (row["village_id"], row["field"], row["kind"]): row["key"]
        for row in answers
        if row["answer"] == "kept"
    }
    cells = []
    for place in sorted({*values, *others}):
        village, field, kind = place
        sent, number = values.get(place, (None, 0))
        past = by_cell.get(place, [])
        on_sheet = None
        if kind == "self" and (village, field) not in touched:
            on_sheet = _on_sheet(sheet, village, field)
        now = past[0] if past and past[0]["value"] is not None else None
        was = next((row["value"] for row in past if row["id"] <= campaign["since"]), on_sheet)
        other = others.get(place)
        cells.append(
            _settled(
                Cell(
                    *place,
                    was=was,
                    sent=sent,
                    now=now["value"] if now else on_sheet,
                    now_who=now["who"] if now else "",
                    now_at=now["at"] if now else "",
                    now_id=past[0]["id"] if past else 0,
                    state=_state(campaign, sent, now, on_sheet, other),
                    other=other["value"] if other else None,
                    other_who=other["who"] if other else "",
                    other_file=other["file"] if other else "",
                    submission=number or other["submission"],
                ),
                kept.get(place),
            )
        )
    return cells


def _settled(cell, kept):
    return replace(cell, state="kept") if cell.state == "conflict" and kept == cell.key else cell


def _state(campaign, sent, now, on_sheet, other):
    there = now["value"] if now else on_sheet
    if sent is None:
        return "same" if _same(there, other["value"]) else "conflict"
    if _same(sent, there):
        return "same"
    if other is not None:
        return "conflict"
    if there is None:
        return "new"
    if now is None:
        # A sheet of the same year says otherwise.
        return "conflict"
    known = now["id"] <= campaign["since"] or f"(#{campaign['key']})" in (now["reason"] or "")
    return "change" if known else "conflict"


def _same(one, other):
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-9
    return one == other


def _others(values, submissions):
    """What earlier workbooks say otherwise than the one that counts: of somebody else, or where it is blank now."""
    latest = {}
    for row in submissions:
        latest |= {(row["commune"], kind): row for kind in row["kinds"]}
    found = {}
    for row in submissions:
        for kind in [kind for kind in KINDS if kind in row["kinds"]]:
            last = latest[row["commune"], kind]
            if last["id"] == row["id"]:
                continue
            for village, fields in row["found"]["values"].items():
                for field, kinds in fields.items():
                    place = village, field, kind
                    sent = values.get(place)
                    by_another = row["who"] != last["who"]
                    if kind in kinds and (sent is None or (by_another and not _same(sent[0], kinds[kind]))):
                        found[place] = {
                            "value": kinds[kind],
                            "who": row["who"],
                            "file": row["file"],
                            "submission": last["id"],
                        }
    return found


def _on_sheet(sheet, village, field):
    if sheet is None or field not in sheet or village not in sheet.index:
        return None
    value = sheet.at[village, field]
    if value is None or value != value:
        return None
    return value if isinstance(value, str) else float(value)
