"""A plan in words and small tables, from its record: what a command, a notebook and a page tell alike."""

import pandas as pd

from gis.labels import Label, format_number, format_value
from gis.messages import say
from gis.plan.record import check_record, fund_labels, problems_of
from gis.sentences import unit_label

MILLION = 1e6


def sentences(record, language):
    """What a planner wants to know first: who passes, how far from the best that may be, and for how much.

    Parameters
    ----------
    record : Mapping
        As `gis.plan.record.to_record` gives it.
    language : str

    Returns
    -------
    list of str
    """
    figures = check_record(record, ("plan",))["figures"]
    counts = {name: figures[name] for name in ("before", "judged", "passing", "after")}
    part = say(f"plan-tell-part-{record['request'].get('part', 'infrastructure')}", language)
    found = [say("plan-tell-passing", language, part=part, **counts)]
    if figures["by_assumption"]:
        found.append(say("plan-tell-assumed", language, count=figures["by_assumption"]))
    if figures["target"] is not None:
        short = figures["target"] - figures["after"]
        code = "plan-tell-target-missed" if short > 0 else "plan-tell-target-reached"
        found.append(say(code, language, target=figures["target"], short=max(short, 0)))
    found += [_gap(figures, language), _cost(figures, language)]
    if figures["assumed_works"]:
        share = {"count": figures["assumed_works"], "million": million(figures["assumed_cost"], language)}
        found.append(say("plan-tell-cost-assumed", language, **share))
    return [*found, *_checked(record, language)]


def binds(record, language):
    """What stands in the way of more, as sentences, the strongest first."""
    return [each.say(language) for each in problems_of(record["binds"])]


def assumptions(record, language):
    """What the plan rests on and nobody has proved, as sentences."""
    return [each.say(language) for each in problems_of(record.get("assumptions"))]


def funds_table(record, language):
    """What each fund pays and has, by year, in million VND, with readers' headings; the people's part is the last row.

    Returns
    -------
    DataFrame
        Texts; a row a fund, a column a year and one for all years, each as ``paid / has``.
    """
    figures, rows = record["figures"], []
    years = [str(year) for year in record["request"]["years"]]
    names = fund_labels(record)
    columns = [say("plan-tell-fund", language), *years, say("plan-tell-in-all", language)]
    for fund, paid in figures["paid"].items():
        pairs = [(paid[year], figures["money"][fund][year]) for year in years]
        pairs.append((sum(one for one, _ in pairs), sum(two for _, two in pairs)))
        cells = [f"{million(one, language)} / {million(two, language)}" for one, two in pairs]
        rows.append([names.get(fund, fund), *cells])
    if figures["people_paid"]:
        total = million(figures["people_paid"], language)
        rows.append([say("plan-tell-people", language), *[""] * len(years), total])
    return pd.DataFrame(rows, columns=columns)


def works_table(record, language):
    """The works of a plan by year, with readers' headings.

    Returns
    -------
    DataFrame
        Index option_id; texts and numbers: year, work, village, commune, cost in million VND (with a mark where nobody
        stands for it), villages served, criteria closed, and in how many draws it is chosen, where they were asked for.
    """
    names = {row["village_id"]: row["name"] for row in record["villages"]}
    often = {row["option_id"]: row for row in (record.get("robustness") or {}).get("works", ())}
    rows = [
        [
            row["year"],
            work_name(row, language),
            names.get(row["village_id"]) or row["village_id"] or "–",
            row.get("commune") or row["commune_id"] or "–",
            million(row["cost"], language) + (" *" if row["cost_by"] == "assumption" else ""),
            len(row["serves"]),
            len(row["closes"]),
            *([_often(often.get(row["option_id"]), language)] if often else []),
        ]
        for row in record["works"]
    ]
    heads = ["year", "work", "village", "commune", "million", "serves", "closes"]
    heads += ["often"] * bool(often)
    index = pd.Index([row["option_id"] for row in record["works"]], name="option_id", dtype=object)
    return pd.DataFrame(rows, index, [say(f"plan-tell-{head}", language) for head in heads], dtype=object)


def _often(drawn, language):
    if drawn is None:
        return "–"
    return say("plan-tell-chosen", language, chosen=drawn["chosen"], draws=drawn["draws"])


def rankings_table(record, language):
    """What the same money comes to when works are taken from the top of a list; the plan is the first row."""
    rows = [
        [
            say(f"plan-tell-rule-{row['rule']}", language),
            row["passing"],
            row["closed"],
            row["works"],
            million(row["cost"], language),
        ]
        for row in record.get("rankings") or ()
    ]
    return _table(rows, ("rule", "newly", "closed", "works", "million"), language)


def curve_table(record, language):
    """Villages that pass for parts and multiples of the money; empty where the curve was not asked for."""
    rows = [
        [
            million(row["money"], language),
            row["passing"],
            format_number(row["bound"], language),
            row["works"],
            million(row["cost"], language),
        ]
        for row in (record.get("curve") or {}).get("rows", ())
    ]
    return _table(rows, ("money", "newly", "at-most", "works", "million"), language)


def work_name(row, language):
    """What a work is called, with how much of it there is; `row` is one of the works of a record."""
    name = row.get("name") or Label(row.get("label") or {}).pick(language) or row["option_id"]
    quantity, unit = row.get("quantity"), row.get("unit")
    if quantity is None or (unit == "piece" and quantity == 1):
        return name
    return f"{name}, {format_value(quantity, unit_label(unit, language), language)}"


def roadmap_table(record, language):
    """The way to a target year by year; empty where it was not asked for."""
    rows = [
        [str(row["year"]), row["works"], million(row["cost"], language), row["new"], row["passing"]]
        for row in (record.get("roadmap") or {}).get("by_year", ())
    ]
    return _table(rows, ("year", "works", "million", "newly", "passing-by"), language)


def fairness_table(record, language):
    """What an equal share costs, rule by rule; empty where it was not asked for."""
    rows = [
        [
            say(f"plan-tell-equity-{row['rule']}", language),
            row["passing"],
            row["lost"],
            row["communes_empty"],
            "–" if row["minority_pct"] is None else format_value(round(row["minority_pct"]), "%", language),
        ]
        for row in (record.get("fairness") or {}).get("equity", ())
    ]
    return _table(rows, ("rule", "newly", "lost", "empty", "minority"), language)


def _table(rows, heads, language):
    return pd.DataFrame(rows, columns=[say(f"plan-tell-{head}", language) for head in heads])


def _checked(record, language):
    """What judging anew and drawing again said, and how soon the target is reached."""
    confirmed, robust, road = (record.get(name) for name in ("confirmed", "robustness", "roadmap"))
    if confirmed:
        names = ("promised", "kept", "villages_promised", "villages_kept", "worse")
        code = "plan-tell-confirmed" if confirmed["holds"] else "plan-tell-confirmed-not"
        yield say(code, language, **{name: confirmed[name] for name in names})
    low = min(robust["quantiles"], key=lambda row: row["quantile"]) if robust else {"passing": None}
    # in no draw can a plan be made where what is locked in costs more than the money
    if low["passing"] is not None:
        told = {"drawn": int(low["passing"]), "kept": int(low["kept"]), "draws": robust["done"]}
        yield say("plan-tell-robust", language, spread=f"{robust['spread_pct']:g}", **told)
    if road:
        code = f"plan-tell-road-{'reached' if road['reached'] else 'missed'}"
        names = ("target", "years")
        yield say(
            code, language, million=million(road["cost"], language), **{name: road[name] for name in names}
        )
        for each in problems_of(road["stops"][:1]):
            yield each.say(language)


def _gap(figures, language):
    best = {"bound": format_number(figures["bound"], language)}
    if figures["gap_pct"] < 0.005:
        return say("plan-tell-best", language)
    code = "plan-tell-gap" if figures["stopped"] != "cancelled" else "plan-tell-gap-stopped"
    return say(code, language, gap=format_value(figures["gap_pct"], "%", language), **best)


def _cost(figures, language):
    ends = {name: million(figures[name], language) for name in ("cost", "cost_low", "cost_high")}
    return say("plan-tell-cost", language, works=figures["works"], **ends)


def million(vnd, language):
    """VND as a text in million, with a decimal where it is little."""
    value = vnd / MILLION
    return format_number(round(value, 0 if abs(value) >= 10 else 1), language)
