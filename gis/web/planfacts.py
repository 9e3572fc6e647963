"""What the pages say of a kept plan, as plain values ready to be printed; all of it read from its record alone."""

from gis.labels import Label, format_number
from gis.plan.record import fund_labels, problems_of
from gis.web import works
from gis.web.texts import language, t

GROUPS = ("year", "commune", "sector", "fund")
CLASSES = {
    "before": {"before": "met", "assumed": "unmet", "passes": "unmet", "open": "unmet", "exempt": "exempt"},
    "after": {"before": "met", "assumed": "met", "passes": "now", "open": "unmet", "exempt": "exempt"},
}
"""State of a village in a plan to how the map paints it, before and after the works."""


def said(problems):
    """Sentences of codes and arguments as a record keeps them."""
    return [problem.say(language()) for problem in problems_of(problems)]


def headline(record):
    """The figures at the top of a plan.

    Returns
    -------
    dict
        ``passing``, ``bound`` (whole villages where weights are all one), ``gap`` (text), ``before``, ``after``,
        ``judged``, ``cost``, ``years``, ``part`` and marks.
    """
    figures, request = record["figures"], record["request"]
    years = request.get("years") or []
    weighted = bool(request.get("weights"))
    bound = figures["bound"]
    target = figures.get("target")
    return {
        **{
            name: figures[name]
            for name in ("passing", "before", "after", "judged", "by_assumption", "people", "closed")
        },
        **{
            name: figures[name]
            for name in ("cost", "cost_low", "cost_high", "people_paid", "assumed_works", "works")
        },
        "assumed_cost": figures["assumed_cost"],
        "bound": None if bound is None else bound if weighted else int(bound + 1e-6),
        "gap_pct": figures["gap_pct"],
        "gap": _gap(figures, weighted),
        "stopped": figures["stopped"],
        "seconds": figures["seconds"],
        "share_after": 100 * figures["after"] / figures["judged"] if figures["judged"] else None,
        "target": target,
        "short": None if target is None else max(0, target - figures["after"]),
        "years": f"{years[0]}–{years[-1]}" if len(years) > 1 else "".join(map(str, years)),
        "part": request.get("part", "infrastructure"),
        "by": "assumption" if figures["assumed_works"] else "",
    }


def _gap(figures, weighted):
    """How far from the best it may be, in words."""
    if figures["bound"] is None:
        return t("plan-page-gap-unknown")
    if figures["gap_pct"] is not None and figures["gap_pct"] < 1e-6:
        return t("plan-page-gap-none")
    if weighted:
        return t("plan-page-gap-pct", gap=format_number(figures["gap_pct"], language(), digits=1))
    most = int(figures["bound"] + 1e-6)
    if most <= figures["passing"]:
        return t("plan-page-gap-none")
    return t("plan-page-gap-most", bound=most, more=most - figures["passing"])


def funds(record):
    """One row a fund: name, and for each year what it has and what is paid; the last entry is all years."""
    figures, names = record["figures"], fund_labels(record)
    rows = []
    for id_, money in figures["money"].items():
        paid = figures["paid"].get(id_, {})
        cells = [{"year": year, "money": money[year], "paid": paid.get(year, 0.0)} for year in money]
        total = {"money": sum(money.values()), "paid": sum(paid.values())}
        share = 100 * total["paid"] / total["money"] if total["money"] else None
        rows.append({"id": id_, "name": names.get(id_, id_), "cells": cells, **total, "share": share})
    return rows


def work_rows(record):
    """The works of a record, in its order (year, id), as pages print them."""
    villages = {row["village_id"]: row for row in record["villages"]}
    names, criteria = fund_labels(record), criteria_of(record)
    often = _often(record)
    rows = []
    for row in record["works"]:
        about = villages.get(row["village_id"], {})
        told = [(village, (villages.get(village) or {}).get("name") or village) for village in row["serves"]]
        rows.append(
            {
                "id": row["option_id"],
                "work": works.work_name(row),
                "sector_id": row["sector"],
                "sector": works.sector_word(row["sector"]),
                "village_id": row["village_id"],
                "village": about.get("name") or "",
                "commune_id": row["commune_id"],
                "commune": row.get("commune") or about.get("commune") or "",
                "year": row["year"],
                "cost": row["cost"],
                "cost_text": works.amount(row["cost"]),
                "by": row["cost_by"],
                "people_paid": row["people_paid"],
                "paid": [(names.get(fund, fund), vnd) for fund, vnd in row["paid"].items()],
                "fund_ids": list(row["paid"]),
                "villages": told,
                "closes": len(row["closes"]),
                "criteria": sorted({criteria.get(name, name) for _, name in row["closes"]}),
                "locked": row["wanted"] == "in"
                or row["option_id"] in (record["request"].get("locked") or ()),
                "often": often.get(row["option_id"]),
                "draws": (record.get("robustness") or {}).get("done"),
                "maintenance": row["maintenance"],
            }
        )
    return rows


def criteria_of(record):
    """Criterion id to its label in the reader's language."""
    return {id_: Label(label).pick(language()) for id_, label in record["criteria"]["labels"].items()}


def grouped(rows, by):
    """Works in groups of one kind: name, works, count, cost; those of several funds stand under each with its part.

    Parameters
    ----------
    by : str
        Of `GROUPS`.
    """
    if by == "fund":
        found = {}
        for row in rows:
            for fund, vnd in row["paid"] or [(t("plan-page-fund-people"), row["people_paid"])]:
                found.setdefault(fund, []).append({**row, "part": vnd})
        return [_group(name, inside, "part") for name, inside in found.items()]
    found = {}
    for row in rows:
        found.setdefault(str(row[by] or "–"), []).append(row)
    return [_group(name, found[name], "cost") for name in sorted(found)]


def _group(name, rows, sums):
    return {
        "name": name,
        "works": rows,
        "count": len(rows),
        "cost": sum(row[sums] for row in rows),
        "by": "assumption" if any(row["by"] == "assumption" for row in rows) else "",
        "serves": len({village for row in rows for village, _ in row["villages"]}),
    }


def years(record):
    """Villages that pass each year, how many stand in all, and money paid in it."""
    figures, standing = record["figures"], record["figures"]["before"] + record["figures"]["by_assumption"]
    rows = []
    for year, count in figures["by_year"].items():
        standing += count
        paid = sum(each.get(year, 0.0) for each in figures["paid"].values())
        rows.append({"year": year, "passing": count, "standing": standing, "paid": paid})
    return rows


def open_villages(record):
    """Villages that still do not pass: name, what stays open, and why."""
    criteria = criteria_of(record)
    rows = [
        {
            "id": row["village_id"],
            "name": row["name"] or row["village_id"],
            "commune": row["commune"] or "",
            "open": [criteria.get(name, name) for name in row["open"]],
            "why": "".join(said([row["why"]] if row["why"] else [])),
        }
        for row in record["villages"]
        if row["state"] == "open"
    ]
    return sorted(rows, key=lambda row: (len(row["open"]), row["commune"], row["name"]))


def new_villages(record):
    """Villages that pass through the plan, by year."""
    rows = [
        {
            "id": row["village_id"],
            "name": row["name"] or row["village_id"],
            "commune": row["commune"] or "",
            "year": int(row["passes"]),
        }
        for row in record["villages"]
        if row["state"] == "passes"
    ]
    return sorted(rows, key=lambda row: (row["year"], row["commune"], row["name"]))


def class_of(row, side):
    """How the map paints a village of a record; who is held up by what nobody knows does not count as failing."""
    if row["state"] == "open" and row["why"] and row["why"][0] == "plan-why-data":
        return "unknown"
    return CLASSES[side][row["state"]]


def on_map(record):
    """Villages as `static/planmap.js` paints them: sides, classes, and each village's class on each side."""
    told = {
        row["village_id"]: {
            "name": row["name"] or row["village_id"],
            **{side: class_of(row, side) for side in CLASSES},
        }
        for row in record["villages"]
    }
    words = [
        ("met", "plan-page-class-met"),
        ("now", "plan-page-class-now"),
        ("unmet", "plan-page-class-open"),
        ("unknown", "plan-page-class-data"),
        ("exempt", "plan-page-class-exempt"),
    ]
    return {
        "of": told,
        "sides": [{"id": side, "words": t(f"plan-page-side-{side}")} for side in CLASSES],
        "classes": [{"name": name, "words": t(code)} for name, code in words],
    }


def _often(record):
    """Option id to in how many draws it is chosen; empty where nobody drew."""
    drawn = record.get("robustness") or {}
    return {row["option_id"]: times(row, drawn["done"]) for row in drawn.get("works") or ()}


def times(row, draws):
    """In how many of the draws a work is chosen."""
    return round(row["share_pct"] * draws / 100)
