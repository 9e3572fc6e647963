"""Figures that a commune is asked about: against last year, against each other, and cells that cannot be read."""

import hashlib
import json
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from gis.assessments import broken, figure
from gis.campaigns.layout import KINDS
from gis.errors import Problem
from gis.values import COUNTED

RULES = MappingProxyType(
    {"share_points": 20.0, "count_pct": 30.0, "count_least": 5.0, "shrink_pct": 2.0, "other_pct": 50.0}
)
"""What is asked about beside a yes that became a no: a share that moved by more than so many points; a count by
more than so many percent and things; a length or area that shrank by more than so many percent; another figure that
moved by more than so many percent."""

SIZES = ("km", "ha", "m2")
"""Units of what is built or lies there, and seldom shrinks."""

FACTS = ("campaign-unreadable", "campaign-out-of-range")
"""Reasons that nobody can confirm: the cell has no value before it is corrected."""


@dataclass(frozen=True)
class Question:
    """One figure of one village that the commune is asked about.

    Attributes
    ----------
    key : str
        Holds the figures asked about, so that an answer holds as long as they do.
    village_id, field, kind : str
    before, now : float, str or None
        Last year's value and the one sent; of a cell that cannot be read, `now` is what stands in it.
    reasons : tuple of Problem
    submission : int
        Number of the workbook.
    answer : str
        ``open``, ``right`` or ``changed``.
    reason : str
        What the commune explained.
    """

    key: str
    village_id: str
    field: str
    kind: str
    before: object
    now: object
    reasons: tuple
    submission: int
    answer: str = "open"
    reason: str = ""

    @property
    def can_be_right(self):
        """Whether the figure may be confirmed as it is."""
        return not any(reason.code in FACTS for reason in self.reasons)


def questions(values, faults, before, answers, *, form, layer, villages):
    """What is odd in the values that were sent, one question a cell, in order of village and form.

    Parameters
    ----------
    values, faults
        As `sent_values` gives them.
    before : DataFrame
        Last year's values, index village id; columns that it lacks are not compared.
    answers : list of Mapping
        In the order they were given.
    form : tuple of Asked
    layer : Layer
        Its `checks` are looked at.
    villages : DataFrame
        Of the campaign, index village id.

    Returns
    -------
    list of Question
    """
    found, earlier = {}, _by_cell(before, form)
    for fault in faults:
        reason = Problem(f"campaign-{fault['code']}", {"cell": fault["cell"], "written": fault["written"]})
        place = fault["village_id"], fault["field"], fault["kind"]
        found[place] = fault["written"], fault["submission"], [reason], ()
    tables = _tables(values, form, villages)
    for kind, table in tables.items():
        for village, field, reason, beside in [
            *_jumps(table, before, form, layer),
            *_contradictions(table, form, layer),
        ]:
            if (village, field, kind) not in values:
                continue
            value, submission = values[village, field, kind]
            known = found.setdefault((village, field, kind), (value, submission, [], ()))
            found[village, field, kind] = (value, submission, [*known[2], reason], (*known[3], *beside))
    order = {asked.name: at for at, asked in enumerate(form)}
    rows = sorted(found.items(), key=lambda item: (item[0][0], order[item[0][1]], KINDS.index(item[0][2])))
    said = {row["key"]: row for row in answers if row["answer"] == "right"}
    mended = {
        (row["village_id"], row["field"], row["kind"]): row for row in answers if row["answer"] == "changed"
    }
    return [_question(place, *facts, earlier, said, mended) for place, facts in rows]


def _question(place, now, submission, reasons, beside, earlier, said, mended):
    village, field, kind = place
    told = [village, field, kind, now, sorted(reason.code for reason in reasons), sorted(map(str, beside))]
    key = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:16]
    asked = Question(
        key, village, field, kind, earlier.get((village, field)), now, tuple(reasons), submission
    )
    given = said.get(key)
    word = "right"
    if given is None and place in mended and asked.can_be_right:
        # Who corrected a figure and said why has answered for the new one as well.
        given, word = mended[place], "changed"
        if given["value"] != now or not given["reason"] or given["submission_id"] != submission:
            given = None
    if given is None:
        return asked
    return replace(asked, answer=word, reason=given["reason"])


def _tables(values, form, villages):
    """Kind to the figures to look at: the commune's own, and with those of the re-check in their place."""
    names = [asked.name for asked in form if asked.kind in ("number", "yesno")]
    column = {name: at for at, name in enumerate(names)}
    row = {village: at for at, village in enumerate(villages.index)}
    figures = {kind: np.full((len(row), len(names)), np.nan) for kind in KINDS}
    for (village, field, kind), (value, _) in values.items():
        if field in column and village in row:
            figures[kind][row[village], column[field]] = value
    figures["recheck"] = np.where(np.isnan(figures["recheck"]), figures["self"], figures["recheck"])
    return {kind: pd.DataFrame(table, index=villages.index, columns=names) for kind, table in figures.items()}


def _jumps(now, before, form, layer):
    """(village, field, reason, other figures) of what moved further than `RULES` allow."""
    for asked in form:
        if asked.name not in before or asked.name not in now:
            continue
        old, new = before[asked.name].reindex(now.index).astype(float), now[asked.name]
        if asked.kind == "yesno":
            yield from _told("campaign-jump-no", (old == 1) & (new == 0), asked, old, new)
        elif asked.unit == "%":
            wrong = (new - old).abs() > RULES["share_points"]
            yield from _told("campaign-jump-share", wrong, asked, old, new, limit=RULES["share_points"])
        elif asked.unit in SIZES:
            wrong = new < old * (1 - RULES["shrink_pct"] / 100) - 1e-9
            yield from _told("campaign-jump-shrink", wrong, asked, old, new, limit=RULES["shrink_pct"])
        else:
            counted = asked.unit in COUNTED
            limit = RULES["count_pct" if counted else "other_pct"]
            moved = (new - old).abs()
            wrong = (moved > limit / 100 * old.abs() + 1e-9) & (
                moved > (RULES["count_least"] if counted else 0)
            )
            yield from _told("campaign-jump-count", wrong, asked, old, new, limit=limit)
    for check in layer.checks:
        if len(check.get("parts", ())) == 1:
            yield from _share_jumps(check["parts"][0], check["whole"], now, before, form)


def _share_jumps(part, whole, now, before, form):
    if not {part, whole} <= set(now) or not {part, whole} <= set(before):
        return
    asked = next(one for one in form if one.name == part)
    old = 100 * before[part] / before[whole].where(before[whole] > 0)
    old, new = old.reindex(now.index).astype(float), 100 * now[part] / now[whole].where(now[whole] > 0)
    wrong = (new - old).abs() > RULES["share_points"]
    for village, field, reason, _ in _told(
        "campaign-jump-part", wrong, asked, old, new, limit=RULES["share_points"]
    ):
        yield village, field, reason, (now.at[village, whole],)


def _told(code, wrong, asked, old, new, **more):
    for village in wrong.index[wrong]:
        told = {"before": _figure(old[village], asked), "now": _figure(new[village], asked), **more}
        yield village, asked.name, Problem(code, told), ()


def _figure(value, asked):
    return float(round(value, 2)) if asked.kind == "number" else value


def _contradictions(now, form, layer):
    known = {asked.name for asked in form}
    for check in layer.checks:
        found = broken(check, now, layer)
        if found is None or not found.wrong.any():
            continue
        rows = now.loc[found.wrong, list(found.fields)]
        sides = zip(found.left[found.wrong], found.right[found.wrong], strict=True)
        for (village, *beside), (left, right) in zip(rows.itertuples(), sides, strict=True):
            said = {"left": figure(left), "right": figure(right), **found.said}
            for field in known.intersection(found.fields):
                yield village, field, Problem(f"campaign-{found.code}", said), beside


def _by_cell(table, form):
    """(village id, field) to what a table of figures holds, blanks left out."""
    found = {}
    for asked in form:
        if asked.name in table:
            column = table[asked.name].dropna()
            found |= {(village, asked.name): value for village, value in column.items()}
    return found
