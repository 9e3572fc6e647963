"""What changes flip, as plain values ready to be printed: of a scenario, of a kept one, and of two side by side."""

import geopandas as gpd
from shapely.geometry import shape

from gis.catalogue import load_catalogue
from gis.interventions import load_interventions
from gis.labels import Label
from gis.plan.record import plain
from gis.web import asked, basis, facts, planfacts, works
from gis.web.texts import language, number, pick, quantity, t

PARTS = ("infrastructure", "all")
COLUMNS = {"infrastructure": ("infra_before", "infra_after"), "all": ("before", "after")}
CAUSES = 2
"""So many works that a change can come from are named."""
CLASSES = ("met", "now", "worse", "unmet", "unknown", "exempt")


def part():
    """The part that verdicts are told of: what works fix, unless the address asks for all criteria."""
    return asked.one_of("part", {each: t(f"web-part-{each}") for each in PARTS}) or PARTS[0]


def as_record(found):
    """Changes that were just found, as the parts of a record that pages read."""
    return {
        "findings": plain(found.findings),
        "villages": plain(found.villages),
        "figures": plain(found.headline),
    }


def told(review, record, words):
    """What a scenario comes to.

    Parameters
    ----------
    review : Review
        For the words.
    record : Mapping
        As `as_record` or a kept scenario.
    words : list of str
        What each edit is called; empty where causes are not told.

    Returns
    -------
    dict
        ``figures``; ``rows``: villages in which a criterion or the verdict flips, those first whose verdict does;
        ``worse``: of these, who lost something; ``shifts``: findings whose value alone changed.
    """
    labels = {one.id: one for one in review.criteria.criteria}
    before, after = COLUMNS[part()]
    changes, shifts = {}, 0
    for row in record["findings"]:
        if row["before"] == row["after"]:
            shifts += 1
            continue
        one = labels.get(row["criterion"])
        causes = list(dict.fromkeys(words[at] for at in row.get("cause") or () if at < len(words)))
        changes.setdefault(row["village_id"], []).append(
            {
                "label": pick(one.label) if one else row["criterion"],
                "turn": row["turn"],
                "then": _status(review, row["criterion"], row["before"]),
                "now": _status(review, row["criterion"], row["after"]),
                "value_then": quantity(row["value_before"], row["unit"]),
                "value_now": quantity(row["value_after"], row["unit"]),
                "cause": "; ".join(causes)
                if len(causes) <= CAUSES
                else t("plan-page-causes", count=len(causes)),
            }
        )
    rows = [
        {
            "id": row["village_id"],
            "name": row["name"] or row["village_id"],
            "commune": row["commune"] or "",
            "people": row["population"],
            "then": row[before],
            "now": row[after],
            "then_text": _verdict(review, row[before]),
            "now_text": _verdict(review, row[after]),
            "worse": row["worse_off"],
            "changes": changes.get(row["village_id"], []),
        }
        for row in record["villages"]
        if row["village_id"] in changes or row[before] != row[after]
    ]
    rows.sort(key=lambda row: (row["then"] == row["now"], not row["worse"], row["commune"], row["name"]))
    return {
        "figures": _figures(record["figures"]),
        "rows": rows,
        "worse": [row for row in rows if row["worse"]],
        "shifts": shifts,
    }


def _figures(figures):
    """Villages and people that pass before and after, by the part that is asked for."""
    infra = "infra_" if part() == "infrastructure" else ""
    return {
        **{name: figures[name] for name in ("gained", "lost", "better_off", "worse_off", "worse_off_people")},
        "before": figures[f"before_{infra}met"],
        "after": figures[f"after_{infra}met"],
        "people_before": figures[f"before_{infra}people"],
        "people_after": figures[f"after_{infra}people"],
    }


def on_map(record):
    """Villages as `static/planmap.js` paints them, before and after a scenario."""
    before, after = COLUMNS[part()]
    found = {
        row["village_id"]: {
            "name": row["name"] or row["village_id"],
            "before": row[before] or "exempt",
            "after": _turned(row[before], row[after]),
        }
        for row in record["villages"]
    }
    sides = [{"id": side, "words": t(f"plan-page-side-{side}-changes")} for side in ("before", "after")]
    return {"of": found, "sides": sides, "classes": _classes()}


def _turned(before, after):
    if after == "met" and before != "met":
        return "now"
    return "worse" if before == "met" and after != "met" else after or "exempt"


def _classes():
    return [{"name": name, "words": t(f"plan-page-turn-{name}")} for name in CLASSES]


def _verdict(review, status):
    if status is None:
        return "–"
    said = facts.part_outcome if part() == "infrastructure" else facts.outcome
    return said(review, status, language())


def _status(review, criterion, status):
    known = any(one.id == criterion for one in review.criteria.criteria)
    return facts.criterion_word(review, criterion if known else "", status, language()) if status else "–"


def figure_words(criterion, figure):
    """A figure of a criterion in words."""
    return basis.figure_words(criterion, figure, language())


def edit_words(review, edit):
    """What a change does, in words."""
    if edit.does == "figure":
        one = next((one for one in review.criteria.criteria if one.id == edit.what["criterion"]), None)
        if one is not None:
            return t(
                "plan-page-edit-figure",
                criterion=pick(one.label),
                figure=figure_words(one, edit.what["figure"]),
            )
    return edit_words_of(review.study, edit)


def edit_words_of(study, edit):
    """What a change of a study does, in words."""
    what = edit.what
    if edit.does == "report":
        names = study.villages["name"]
        field = load_catalogue()["assessments"].fields.get(what["field"])
        value = what["set"] if what.get("set") is not None else what["add"]
        return t(
            "plan-page-edit-report-set" if what.get("set") is not None else "plan-page-edit-report",
            village=facts.text_of(names.get(what["village"])) or what["village"],
            field=pick(field.label) if field else what["field"],
            value=number(value),
        )
    if edit.does == "speed":
        roads = study.layers.get("roads")
        told_ = {name: _road_word(roads, name, what[name]) for name in ("class", "surface")}
        return t(
            "plan-page-edit-speed",
            road=told_["class"],
            surface=told_["surface"],
            season=t(f"reach-season-{what['season']}")
            if what["season"] in ("dry", "wet")
            else what["season"],
            mode=t(f"reach-mode-{what['mode']}")
            if what["mode"] in ("walk", "bicycle", "motorbike")
            else what["mode"],
            kmh=number(what["kmh"]),
        )
    if edit.does == "figure":
        return t("plan-page-edit-figure", criterion=what["criterion"], figure=number(what["figure"]))
    return t(f"plan-page-edit-{edit.does}", layer=_layer(what.get("layer")), place=_place(study, what))


def _layer(name):
    known = load_catalogue().get(name)
    return pick(known.label) if known else str(name or "")


def _place(study, what):
    data = study.layers.get(what.get("layer") or "roads")
    if (
        data is not None
        and data.frame is not None
        and "name" in data.frame
        and what.get("id") in data.frame.index
    ):
        return facts.text_of(data.frame["name"][what["id"]]) or what["id"]
    return str(what.get("id", ""))


def _road_word(roads, field, value):
    known = roads.layer.vocabularies.get(field, {}).get(value) if roads is not None else None
    return pick(known[0]) if known else value


def figure_rows(pair):
    """The figures that two records share: words, a, b."""
    rows = []
    for name, code in FIGURES.items():
        if name in pair.figures.index:
            row = pair.figures.loc[name]
            rows.append(
                {
                    "words": t(code),
                    "money": name in MONEY,
                    **{side: _figure(name, row[side]) for side in ("a", "b")},
                    "differs": row["a"] != row["b"],
                }
            )
    return rows


def _figure(name, value):
    if name in MONEY:
        return works.millions(value)
    return quantity(value, "%") if name == "gap_pct" else number(value)


MONEY = ("cost", "cost_after", "people_paid", "assumed_cost")
FIGURES = {
    "passing": "plan-page-column-passing",
    "bound": "plan-page-column-bound",
    "gap_pct": "plan-page-column-gap",
    "after": "plan-page-figure-after",
    "closed": "plan-page-compare-closed",
    "people": "plan-page-compare-people",
    "works": "plan-page-works",
    "cost": "plan-page-column-cost",
    "cost_after": "plan-page-column-cost",
    "assumed_cost": "plan-page-compare-assumed",
    "people_paid": "plan-page-column-people",
    "before_infra_met": "plan-page-compare-infra-before",
    "after_infra_met": "plan-page-compare-infra-after",
    "after_met": "plan-page-compare-all-after",
    "gained": "plan-page-compare-gained",
    "lost": "plan-page-compare-lost",
    "worse_off": "plan-page-compare-worse",
}


def work_rows(pair, names):
    """Works of two records, those first that only one has: name, commune, year and cost on each side."""
    rows = []
    for option, row in pair.works.iterrows():
        label = Label(row["label"] or "").pick(language()) if row["label"] else _kind_of(option)
        village = facts.text_of(row["village_id"])
        rows.append(
            {
                "id": option,
                "work": f"{label} – {names[village]}" if village in names else label,
                "commune": facts.text_of(row["commune"]) or "",
                **{
                    f"{name}_{side}": row[f"{name}_{side}"]
                    for name in ("year", "cost")
                    for side in ("a", "b")
                },
                "only": "a"
                if row["cost_b"] != row["cost_b"]
                else "b"
                if row["cost_a"] != row["cost_a"]
                else "",
            }
        )
    return sorted(
        rows, key=lambda row: (row["only"] == "", row["only"], row["commune"], row["work"], row["id"])
    )


def _kind_of(option):
    """What a work is called of which only the id is kept."""
    kind, _, rest = option.partition("@")
    known = load_interventions().get(kind)
    return f"{pick(known.label)} ({rest})" if known else option


def outcome_rows(pair):
    """Villages that come out otherwise: name, commune, whether they pass on each side, and when."""
    rows = []
    for village, row in pair.villages.iterrows():
        rows.append(
            {
                "id": village,
                "name": facts.text_of(row["name"]) or village,
                "commune": facts.text_of(row["commune"]) or "",
                **{side: _outcome(row[side], row[f"year_{side}"]) for side in ("a", "b")},
                "gains": row["b"] == "passes" and row["a"] != "passes",
            }
        )
    return sorted(rows, key=lambda row: (not row["gains"], row["commune"], row["name"]))


def _outcome(outcome, year):
    if outcome == "passes" and year > 0:
        return t("plan-page-outcome-year", year=f"{year:.0f}")
    return t(OUTCOMES.get(outcome, "plan-page-outcome-unknown"))


OUTCOMES = {"passes": "plan-page-outcome-yes", "open": "plan-page-outcome-no"}


def finding_rows(review, found):
    """Criteria that flip between two judgements."""
    return told(review, as_record(found), [])["rows"]


def pair_on_map(one, other):
    """Villages as the map paints them, on either side of two records; a scenario by the part that a plan beside it asks."""
    asked_ = {record["request"].get("part", PARTS[0]) for record in (one, other) if record["kind"] == "plan"}
    columns = COLUMNS[asked_.pop() if len(asked_) == 1 else PARTS[0]]
    found = {}
    for side, record in (("a", one), ("b", other)):
        for row in record["villages"]:
            known = found.setdefault(
                row["village_id"], {"name": row["name"] or row["village_id"], "a": "exempt", "b": "exempt"}
            )
            if record["kind"] == "plan":
                known[side] = planfacts.class_of(row, "after")
            else:
                known[side] = _turned(*(row[name] for name in columns))
    sides = [{"id": side, "words": side.upper()} for side in ("a", "b")]
    return {"of": found, "sides": sides, "classes": _classes()}


def plan_that_assumes(records, names):
    """The name of the plan that takes criteria as met by programmes while what it is held against does not, or None."""
    if {record["kind"] for record in records} != {"plan", "scenario"}:
        return None
    for record, name in zip(records, names, strict=True):
        if record["kind"] == "plan" and record["request"].get("assumed"):
            return name
    return None


def drawn_works(record, *, left_out=()):
    """Rows and geometries (in degrees) of the works of a plan, for its map."""
    shapes = {row["option_id"]: row["geometry"] for row in record["works"]}
    rows = [row for row in planfacts.work_rows(record) if row["id"] not in left_out]
    return rows, [shape(shapes[row["id"]]) if shapes[row["id"]] else None for row in rows]


def compared_works(records):
    """Rows and geometries of the works of two plans: each told whether only one has it."""
    found = {}
    for side, record in zip("ab", records, strict=True):
        if record["kind"] != "plan":
            continue
        rows, shapes = drawn_works(record)
        for row, there in zip(rows, shapes, strict=True):
            known = found.setdefault(row["id"], (row, there, []))
            known[2].append(side.upper())
    rows = [
        {**row, "work": f"{'+'.join(sides)}: {row['work']}", "year": None} for row, _, sides in found.values()
    ]
    return rows, gpd.GeoSeries([there for _, there, _ in found.values()], crs=4326)
