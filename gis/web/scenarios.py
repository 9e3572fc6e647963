"""Changes tried on a study: what they flip, at once; kept, shared, and compared with each other and with plans."""

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for

from gis.errors import GisError
from gis.plan import Edit
from gis.plan import compare as compare_judged
from gis.plan.scenario_record import beside, scenario_of, to_scenario_record
from gis.web import asked, doing, drafts, facts, flips, sessions, works
from gis.web.buildable import options_of, works_drawn
from gis.web.guard import Refused
from gis.web.home import ready_all
from gis.web.payload import pack, send
from gis.web.plans import kept_of, rows_of
from gis.web.shapes import GEOJSON
from gis.web.texts import pick, t
from gis.web.years import patient
from gis.workflows.planning import save_plan, saved_plan

pages = Blueprint("scenarios", __name__)

FOUND = 12
"""Works and places that a search offers."""
SHOWN = 200


@pages.get("/studies/<study_id>/scenario")
def edit(study_id):
    """What a list of changes comes to, and the forms that add to it."""
    standing, draft = ready_all(study_id), drafts.asked()
    if plan := request.args.get("plan"):
        return redirect(drafts.Draft(base=plan[:40]).address("scenarios.edit", study_id))
    if (longer := _longer(draft)) is not None:
        return redirect(longer.address("scenarios.edit", study_id))
    review, made = standing.review, drafts.made_of(study_id, standing, draft)
    record = flips.as_record(made.changes) if made else None
    return render_template(
        "plans/scenario.html",
        review=review,
        study=review.study,
        study_id=study_id,
        draft=draft,
        lists=drafts.LISTS,
        items=_items(study_id, standing, draft),
        base=drafts.base_of(study_id, draft)[0] if draft.base else None,
        told=flips.told(review, record, made.words) if made else None,
        cost=made.cost if made else 0.0,
        by=made.by if made else "",
        find=request.args.get("find", "").strip()[:100],
        found=_search(study_id, standing, draft),
        figures=_figures(review),
        speeds=_speeds(review.study),
        starts=_starts(study_id),
        can_save=bool(made) and _may_change(),
        villages=flips.on_map(record) if made else None,
        part=flips.part(),
        parts_there=flips.PARTS,
        works_address=draft.address("scenarios.drawn", study_id),
        symbols=facts.SYMBOLS,
        shown=SHOWN,
    )


@pages.post("/studies/<study_id>/scenario")
def save(study_id):
    """Keep a scenario under a name; its changes stand in the address."""
    sessions.allow("amend")
    who = sessions.who()
    standing, draft = ready_all(study_id), drafts.asked()
    made = drafts.made_of(study_id, standing, draft)
    if made is None:
        raise Refused(422, "plan-page-scenario-empty")
    name = " ".join(request.form.get("name", "").split())[:120]
    record = to_scenario_record(replace(made.scenario, name=name), plan=draft.base or None)
    told = {"words": made.words, "draft": draft.to_plain(), "by": made.by}
    row = save_plan(
        sessions.store(), study_id, record | told, name=name, note=request.form.get("note"), who=who
    )
    return redirect(url_for("scenarios.one", study_id=study_id, key=row["key"]), 303)


@pages.get("/studies/<study_id>/scenario/works.geojson")
def drawn(study_id):
    """Where the works and changes of a scenario are."""
    standing, draft = ready_all(study_id), drafts.asked()
    return send(pack(drafts.drawn_of(study_id, standing, draft), GEOJSON), cache="no-store")


@pages.get("/studies/<study_id>/scenarios/<key>")
def one(study_id, key):
    """A kept scenario as it was judged when it was kept."""
    standing = ready_all(study_id)
    row, record = kept_of(study_id, key, "scenario")
    draft = drafts.Draft.from_plain(record.get("draft") or {})
    return render_template(
        "plans/kept_scenario.html",
        review=standing.review,
        study=standing.review.study,
        study_id=study_id,
        row=row,
        record=record,
        told=flips.told(standing.review, record, record.get("words") or []),
        words=list(dict.fromkeys(record.get("words") or [])),
        cost=sum(record["works"].values()),
        by=record.get("by") or "",
        villages=flips.on_map(record),
        part=flips.part(),
        parts_there=flips.PARTS,
        works_address=draft.address("scenarios.drawn", study_id),
        again=draft.address("scenarios.edit", study_id),
        may_change=_may_change(),
        symbols=facts.SYMBOLS,
        shown=SHOWN,
    )


def _may_change():
    return doing.may("amend") and bool(sessions.person().name)


@pages.get("/studies/<study_id>/compare")
def compare(study_id):
    """Two plans or scenarios side by side: figures, works that only one has, villages that come out otherwise."""
    standing = ready_all(study_id)
    rows = {row["key"]: row for row in rows_of(study_id)}
    keys = [asked.one_of(side, {key: row["name"] for key, row in rows.items()}) for side in ("a", "b")]
    shown = {
        "review": standing.review,
        "study": standing.review.study,
        "study_id": study_id,
        "rows": list(rows.values()),
        "symbols": facts.SYMBOLS,
        "shown": SHOWN,
    }
    if None in keys:
        return render_template("plans/compare.html", **shown, sides=None)
    saved = [saved_plan(sessions.store(), study_id, key, run=standing.review.run.id) for key in keys]
    records = [each.record for each in saved]
    pair, names = beside(*records), standing.review.study.villages["name"]
    return render_template(
        "plans/compare.html",
        **shown,
        sides=[rows[key] | {"changed": each.changed} for key, each in zip(keys, saved, strict=True)],
        figures=flips.figure_rows(pair),
        works=flips.work_rows(pair, names),
        outcomes=flips.outcome_rows(pair),
        findings=_findings_beside(standing, keys, saved),
        taken=flips.plan_that_assumes(records, [rows[key]["name"] for key in keys]),
        villages=flips.pair_on_map(*records),
        works_address=url_for("scenarios.compared", study_id=study_id, a=keys[0], b=keys[1]),
    )


@pages.get("/studies/<study_id>/compare/works.geojson")
def compared(study_id):
    """The works of two plans, each told whether only one has it."""
    ready_all(study_id)
    keys = [request.args.get(side, "")[:40] for side in ("a", "b")]
    records = [saved_plan(sessions.store(), study_id, key).record for key in keys]
    rows, shapes = flips.compared_works(records)
    return send(pack(works_drawn(shapes, rows, shapes.crs), GEOJSON))


def _findings_beside(standing, keys, saved):
    """Criteria that flip between the two, judged anew; None where the study has changed since one was made."""
    if any(each.changed for each in saved):
        return None

    def work():
        return compare_judged(*(scenario_of(each.record, standing.review) for each in saved))

    try:
        found = patient(standing, ("plan-compare", *keys), work)
    except GisError:
        return None
    return flips.finding_rows(standing.review, found)


def _longer(draft):
    """The draft with what a form has added to it; None where none has."""
    args = request.args
    if args.get("new-figure"):
        criterion, _, group = args.get("new-criterion", "").partition("/")
        value = _number("new-figure", "plan-page-scenario-figure", 1e12)
        kept_ = tuple(one for one in draft.figure if not one.startswith(f"{criterion}/{group}/"))
        return replace(draft, figure=(*kept_, f"{criterion}/{group}/{value:g}"))
    if args.get("new-kmh"):
        value = _number("new-kmh", "plan-page-scenario-kmh", 200)
        where = args.get("new-speed", "")
        kept_ = tuple(one for one in draft.speed if not one.startswith(f"{where}/"))
        return replace(draft, speed=(*kept_, f"{where}/{value:g}"))
    return None


def _number(name, code, most):
    """A number that a form adds; blanks alone are none."""
    value = works.number_of(request.args[name], t(code), most)
    if value is None:
        raise Refused(422, "plan-page-bad-number", field=t(code), value="")
    return value


def _items(study_id, standing, draft):
    """The changes of a draft, each with the address of the draft without it."""
    study, table, rows = standing.review.study, None, []
    if draft.work:
        table = options_of(standing).table
    for option in draft.work:
        name = drafts.named(study, table.loc[option]) if option in table.index else option
        rows.append((name, "work", option))
    rows += [
        (t("plan-page-scenario-left-out", work=_left_out(study_id, standing, draft, one)), "without", one)
        for one in draft.without
    ]
    for name in ("close", "figure", "speed"):
        alone = [drafts.Draft(**{name: (one,)}) for one in getattr(draft, name)]
        for one, each in zip(getattr(draft, name), alone, strict=True):
            told = Edit.from_plain(next(iter(drafts.plain_edits(each))))
            rows.append((flips.edit_words(standing.review, told), name, one))
    return [
        {"words": words, "address": draft.without_one(name, value).address("scenarios.edit", study_id)}
        for words, name, value in rows
    ]


def _left_out(study_id, standing, draft, option):
    for row in drafts.base_of(study_id, draft)[1].get("works", ()) if draft.base else ():
        if isinstance(row, dict) and row["option_id"] == option:
            return drafts.named(standing.review.study, row)
    return option


def _search(study_id, standing, draft):
    """Works and places that answer to what is looked for, each with the address that adds it."""
    text = request.args.get("find", "").strip()[:100]
    if not text:
        return None
    study = standing.review.study
    names = works.village_words(study)
    found = {"works": [], "places": []}
    for option, row in options_of(standing).table.drop(columns=["geometry"]).iterrows():
        village, commune = names.get(row["village_id"], ("", ""))
        told = {"name": f"{works.work_name(row)} {village}", "commune": commune, "id": option}
        if option not in draft.work and facts.matches(text, told):
            found["works"].append(
                {
                    "name": drafts.named(study, row),
                    "cost": row["cost"],
                    "by": row["cost_by"],
                    "address": draft.with_one("work", option).address("scenarios.edit", study_id),
                }
            )
    for layer, data in sorted(study.layers.items()):
        if data.frame is None or data.layer.role != "facility":
            continue
        known = data.frame.get("name")
        for id_ in data.frame.index:
            name = facts.text_of(known[id_]) if known is not None else None
            told = {"name": name or str(id_), "commune": pick(data.layer.label), "id": str(id_)}
            value = f"{layer}/{id_}"
            if value not in draft.close and facts.matches(text, told):
                address = draft.with_one("close", value).address("scenarios.edit", study_id)
                found["places"].append({"name": told["name"], "layer": told["commune"], "address": address})
    return {kind: {"rows": rows[:FOUND], "more": max(0, len(rows) - FOUND)} for kind, rows in found.items()}


def _figures(review):
    """Criteria whose figure can be changed: value of the form, label with the figure now."""
    rows = []
    for one in review.criteria.criteria:
        for group, figure in one.thresholds.items():
            if (
                isinstance(figure, (int, float))
                and not isinstance(figure, bool)
                and one.compare in ("ge", "gt", "le", "lt")
            ):
                several = len(one.thresholds) > 1
                label = pick(one.label) + (f" ({pick(review.criteria.groups.get(group))})" if several else "")
                rows.append(
                    (f"{one.id}/{group if several else ''}", f"{label}: {flips.figure_words(one, figure)}")
                )
    return rows


def _speeds(study):
    """Speeds of the roads that can be changed: value of the form, and words with the speed now."""
    data = study.layers.get("roads")
    if data is None or not getattr(data.layer, "speeds", None):
        return []
    rows = []
    for kind, surfaces in data.layer.speeds.items():
        for surface, seasons in surfaces.items():
            for season, modes in seasons.items():
                for mode, kmh in modes.items():
                    edit_ = Edit.from_plain(
                        {
                            "does": "speed",
                            "class": kind,
                            "surface": surface,
                            "season": season,
                            "mode": mode,
                            "kmh": float(kmh),
                        }
                    )
                    rows.append((f"{kind}/{surface}/{season}/{mode}", flips.edit_words_of(study, edit_)))
    return rows


def _starts(study_id):
    """Plans and scenarios that one can begin with."""
    if sessions.found_store() is None:
        return []
    return [
        {**row, "begin": drafts.Draft(base=row["key"]).address("scenarios.edit", study_id)}
        for row in rows_of(study_id)
        if not row["withdrawn"]
    ]
