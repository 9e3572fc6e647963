"""What the page of a plan says beside the plan itself, where it was asked for: curve, draws, fairness, what holds."""

from gis.interventions import load_interventions
from gis.labels import Label
from gis.plan.curve import THREE
from gis.web.charts import money_curve
from gis.web.planfacts import criteria_of, said, times, work_rows
from gis.web.texts import language, pick, t


def curve(record):
    """Villages that pass for more and less money: rows, the drawing, and three budgets with the works that differ."""
    drawn = record["curve"]
    villages = {row["village_id"]: row["name"] for row in record["villages"]}
    rows = [
        {
            **row,
            "asked": abs(row["factor"] - 1) < 1e-9,
            "words": t("plan-page-factor", share=round(100 * row["factor"])),
        }
        for row in drawn["rows"]
    ]
    three = [row for row in rows if any(abs(row["factor"] - each) < 1e-9 for each in THREE)]
    names = {
        row["option_id"]: Label(row.get("label") or "").pick(language()) or row["option_id"]
        for row in record["works"]
    }
    works_ = []
    for row in drawn.get("works") or ():
        years_ = [row.get(str(each["factor"])) for each in three]
        if len({year is None for year in years_}) > 1:
            option = row["option_id"]
            kind, _, place = option.partition("@")
            name = names.get(option) or _kind_words(kind)
            works_.append({"work": name, "village": villages.get(place, ""), "years": years_})
    return {"rows": rows, "drawing": money_curve(rows), "three": three, "works": works_}


def _kind_words(kind):
    known = load_interventions().get(kind)
    return pick(known.label) if known else kind


def rankings(record):
    """What the same money comes to by a plan and by lists worked through from the top."""
    return [{**row, "words": t(f"plan-page-rule-{row['rule']}")} for row in record["rankings"]]


def fairness(record):
    """Groups of villages by view, and what rules of fairness cost."""
    told = record["fairness"]
    views = {}
    for row in told["rows"]:
        group = row["group"]
        views.setdefault(row["view"], []).append({**row, "words": _group_words(row["view"], group)})
    equity = [{**row, "words": t(f"plan-page-equity-{row['rule']}")} for row in told.get("equity") or ()]
    return {
        "views": [
            {"words": "" if view == "all" else t(f"plan-page-group-{view}"), "rows": rows}
            for view, rows in views.items()
        ],
        "equity": equity,
        "wanted_pct": told.get("wanted_pct"),
    }


def _group_words(view, group):
    """What a group is called; ends such as 25-50 and 75- with their unit."""
    if group is None:
        return t("plan-page-group-unknown")
    unit = UNITS.get(view)
    if unit is None:
        return t("plan-page-group-all") if group == "all" else str(group)
    low, _, high = str(group).partition("-")
    return f"{low}–{high} {unit}" if high else f"≥ {low} {unit}"


UNITS = {"minority": "%", "poverty": "%", "remoteness": "km"}


def robustness(record):
    """How often each work is chosen, and how many villages pass over the draws."""
    told, of = record["robustness"], {row["id"]: row for row in work_rows(record)}
    spread = {name: [row[name] for row in told["quantiles"]] for name in ("passing", "kept")}
    rows = []
    for row in told.get("works") or ():
        kind, _, place = row["option_id"].partition("@")
        known = of.get(row["option_id"]) or {
            "work": _kind_words(kind),
            "village": _village_name(record, place),
        }
        rows.append({**row, "work": known["work"], "village": known["village"], "times": times(row, told["done"])})
    return {
        "draws": told["done"],
        "asked": told["asked"],
        "cost_pct": told["spread_pct"],
        "figure_pct": told["figure_pct"],
        "spread": spread,
        "sure": [row for row in rows if row["in_plan"]],
        "others": [row for row in rows if not row["in_plan"]],
    }


def _village_name(record, place):
    return next((row["name"] for row in record["villages"] if row["village_id"] == place), place) or place


def confirmed(record):
    """What the plan promises, held against judging the study anew with its works; differences by name."""
    told, criteria = record["confirmed"], criteria_of(record)
    names = {row["village_id"]: row["name"] or row["village_id"] for row in record["villages"]}
    rows = [
        {
            "id": row["village_id"],
            "name": names.get(row["village_id"], row["village_id"]),
            "criterion": criteria.get(row["criterion"], row["criterion"]) or t("plan-page-whole-village"),
            "kind": row["kind"],
            "words": t(f"plan-page-confirmed-{row['kind']}"),
        }
        for row in told.get("rows") or ()
    ]
    order = {"broken": 0, "worse": 1, "more": 2, "other": 3}
    rows.sort(key=lambda row: (order.get(row["kind"], 3), row["name"]))
    return {**told, "rows": rows}


def roadmap(record):
    """The way to a target; what stands against it as sentences."""
    told = record["roadmap"]
    return {**told, "said": said(told.get("stops") or ())}


TELL = {
    "roadmap": roadmap,
    "curve": curve,
    "rankings": rankings,
    "robustness": robustness,
    "fairness": fairness,
    "confirmed": confirmed,
}
