"""What villages lack by one criterion and what the cheapest change for each would cost: the list behind a gap."""

from dataclasses import dataclass

import pandas as pd
from flask import Blueprint

from gis.errors import GisError
from gis.sentences import margin_text
from gis.web import asked, buildable, choosing, facts, works
from gis.web.guard import Refused
from gis.web.home import ready
from gis.web.origins import FrozenOrigin
from gis.web.payload import pack_json, send
from gis.web.texts import language, pick, quantity, t

pages = Blueprint("gapcosts", __name__)


@dataclass(frozen=True)
class GapCosts:
    """The gaps of some villages by one criterion.

    Attributes
    ----------
    state : str
        ``ready``; ``computing`` while what could be built is worked out; ``failed`` where it cannot be; ``none``
        where works are not looked for: in a frozen version, and under a set beside the study's own.
    rows : dict of str to dict
        Village to ``value``, ``asked``, ``gap`` (texts), ``fix`` (names of works), ``cost`` (VND or None),
        ``assumed`` and ``why`` nothing closes it.
    total : dict
        ``villages`` with a fix, ``without`` one, ``works`` and ``cost`` (VND) of them, each work once however many
        villages it serves, and ``assumed``: whether any cost is an assumption.
    why : str
        The sentence where it failed.
    """

    state: str
    rows: dict
    total: dict
    why: str = ""


def wanted(filters):
    """Whether a list of these filters is one of gaps by one criterion."""
    return bool(filters.get("criterion")) and filters.get("criterion_status") == "unmet"


def gap_costs(standing, criterion_id, villages):
    """`GapCosts` of villages; never waits longer than a reader would.

    Parameters
    ----------
    standing : Standing
    criterion_id : str
    villages : list of str
        All of them unmet by the criterion.
    """
    review = standing.review
    criterion = review.study.criteria.criterion(criterion_id)
    told = _findings(review, criterion, villages)
    if choosing.asked() or isinstance(standing.origin, FrozenOrigin):
        return GapCosts("none", told, {})
    try:
        # What a gap costs is the same for who sees a part of the study.
        fixes, why = buildable.fixes_of(standing.whole), buildable.reasons_of(standing.whole)
    except Refused as wait:
        if wait.code != 503:
            raise
        return GapCosts("computing", told, {})
    except GisError as fault:
        return GapCosts("failed", told, {}, fault.say(language()))
    once = {}
    for village, row in told.items():
        fix = fixes.get((village, criterion_id))
        row |= {
            "fix": [works.work_name(each) for each in fix["works"]] if fix else [],
            "cost": fix["cost"] if fix else None,
            "assumed": bool(fix and fix["assumed"]),
            "why": "" if fix else buildable.why_not(criterion, why.get((village, criterion_id))),
        }
        once |= {each["option_id"]: each["cost"] for each in fix["works"]} if fix else {}
    fixed = sum(row["cost"] is not None for row in told.values())
    total = {
        "villages": fixed,
        "without": len(told) - fixed,
        "works": len(once),
        "cost": sum(once.values()) if once else None,
        "assumed": any(row["assumed"] for row in told.values()),
    }
    return GapCosts("ready", told, total)


def _findings(review, criterion, villages):
    """Village to its value by a criterion, what is asked and by how much it falls short, in words."""
    rows = review.findings[review.findings["criterion"] == criterion.id].set_index("village_id")
    rows = rows.loc[rows.index.intersection(villages)]
    reader, found = language(), {}
    for village, row in zip(rows.index, rows.to_dict("records"), strict=True):
        figure = row | {"limit": ""}
        found[village] = {
            "value": quantity(row["value"], facts.text_of(row["unit"]), reader),
            "asked": "" if row["compare"] == "band" else facts.threshold(figure, reader),
            "gap": margin_text(row, criterion.kind, reader),
            "fix": [], "cost": None, "assumed": False, "why": "",
        }  # fmt: skip
    return {village: found[village] for village in villages if village in found}


HEADINGS = {
    "id": "web-column-id",
    "name": "web-column-name",
    "commune": "web-commune",
    "households": "web-column-households",
    "value": "web-value",
    "asked": "gapcosts-asked",
    "gap": "gapcosts-gap",
    "fix": "gapcosts-fix",
    "cost": "plan-page-column-cost",
    "by": "plan-page-column-by",
}
"""Column of the file to the message that heads it."""


def gap_table(costs, rows):
    """The list as a table for files, costs in million VND, with a last row that sums it up.

    Raises
    ------
    Refused
        503 while what could be built is worked out, 422 where it cannot be.
    """
    if costs.state == "computing":
        raise Refused(503, "web-working-out", retry_s=2)
    if costs.state == "failed":
        raise Refused(422, "gapcosts-failed", why=costs.why)
    listed = []
    for row in rows:
        one = costs.rows[row["id"]]
        by = t("plan-page-cost-by-assumption") if one["assumed"] else ""
        fix = "; ".join(one["fix"]) or one["why"]
        listed.append({**row, **one, "fix": fix, "cost": _million(one["cost"]), "by": by})
    if costs.total:
        words = {"name": t("gapcosts-sum"), "fix": t("gapcosts-sum-of", **_counts(costs.total))}
        listed.append(words | {"cost": _million(costs.total["cost"])})
    table = pd.DataFrame(listed, columns=list(HEADINGS), dtype=object)
    table[["cost", "households"]] = table[["cost", "households"]].apply(pd.to_numeric)
    return table, {name: t(code) for name, code in HEADINGS.items()}


def _million(vnd):
    return None if vnd is None else round(vnd / works.MILLION, 3)


def _counts(total):
    return {name: total[name] for name in ("villages", "works", "without")}


def lacking(review, ids):
    """By what some villages fall short: a row a criterion, with how many of them, the most first."""
    table, rows = review.villages_table.loc[ids], []
    for criterion in review.study.criteria.criteria:
        counts = table[criterion.id].value_counts()
        counts = {status: int(counts.get(status, 0)) for status in facts.STATUSES}
        if counts["unmet"] or counts["unknown"]:
            told = {"code": criterion.code or "", "label": pick(criterion.label), "kind": criterion.kind}
            rows.append({"id": criterion.id, **told, "bar": facts.bar(counts), **counts})
    return sorted(rows, key=lambda row: (row["kind"] == "context", -row["unmet"], -row["unknown"]))


@pages.get("/studies/<study_id>/costs.json")
def state(study_id):
    """Whether the costs of a list are there, for the page that waits for them."""
    standing = ready(study_id)
    known = {one.id: pick(one.label) for one in standing.review.study.criteria.criteria}
    criterion = asked.one_of("criterion", known)
    if criterion is None:
        raise Refused(400, "web-criterion-missing")
    told = {"state": gap_costs(standing, criterion, []).state}
    return send(pack_json(told), cache="no-store")
