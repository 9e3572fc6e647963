"""From a judged study to a plan that is kept: its options, the plan with all that is asked beside it, and the store."""

from dataclasses import dataclass, replace

from gis.errors import PlanError, Problem, StoreError
from gis.interventions import load_interventions
from gis.labels import LANGUAGES, Label
from gis.messages import say
from gis.plan import assumptions, find_options, plan, settled
from gis.plan.confirming import confirm
from gis.plan.curve import THREE, curve
from gis.plan.fairness import equity, fairness
from gis.plan.rankings import compared, rankings
from gis.plan.reasons import reasons
from gis.plan.record import problems_plain, to_record
from gis.plan.roadmap import roadmap, villages_wanted
from gis.plan.robustness import FIGURE_PCT, SPREAD_PCT, robustness
from gis.plan.scenario_record import to_scenario_record
from gis.store import plans, studies
from gis.workflows.costs import costs_from_excel
from gis.workflows.needs import read_needs
from gis.workflows.stored import keep_run

SOLVING = 0.5
"""Share of the progress that finding the plan takes, where something is asked beside it."""
SHARE = 0.25
"""What is asked beside a plan draws it again and again, and has so much of its time for each."""
FIGURES = (
    "judged", "before", "by_assumption", "passing", "after", "bound", "gap_pct", "cost", "assumed_cost", "works",
    "stopped", "target",
)  # fmt: skip
"""What a list of saved plans shows."""


@dataclass(frozen=True)
class Planned:
    """A plan with the options that it chose from and its record."""

    plan: object
    options: object
    record: dict


@dataclass(frozen=True)
class Saved:
    """A plan or scenario of the store.

    Attributes
    ----------
    row : dict
        Of the store: key, name, note, who, at, withdrawn …
    record : dict
    changed : bool or None
        Whether the study has changed since; None where nothing tells.
    """

    row: dict
    record: dict
    changed: bool | None


def options_with(review, *, needs=None, costs=None, settings=None, report=None):
    """What could be built, with the planner's own unit costs and needs list.

    Parameters
    ----------
    review : Review
    needs, costs : path-like, optional
        Tables as `gis.workflows.needs` and `gis.workflows.costs` read them.
    settings : Settings, optional
    report : callable, optional

    Returns
    -------
    options : Options
    interventions : Mapping of str to Intervention
    problems : tuple of Problem
        What there is to say of the needs list.

    Raises
    ------
    IntakeError, TableError
        If a table cannot be read, or rows of it are wrong.
    """
    works = load_interventions() if costs is None else costs_from_excel(costs, settings=settings)
    options = find_options(review, works, report=report)
    if needs is None:
        return options, works, ()
    found = read_needs(needs, review, options, interventions=works, settings=settings)
    return found.applied(options), works, tuple(found.problems)


def make_plan(
    review,
    request,
    *,
    options=None,
    interventions=None,
    parts=("confirmed",),
    draws=100,
    target=None,
    report=None,
    cancelled=None,
):
    """The plan for a request, with what is asked beside it.

    Parameters
    ----------
    review : Review
    request : Request
    options : Options, optional
        Found anew where left out.
    interventions : Mapping of str to Intervention, optional
        Kinds of work and their costs, where they are not those of the house.
    parts : iterable of str
        Of `ASKED`: what is drawn beside the plan; but for ``confirmed`` each takes as long again as a few plans do.
    draws : int
        Of ``robustness``.
    target : int, str or None
        Of ``roadmap``, as `gis.plan.roadmap.villages_wanted` takes it.
    report : callable, optional
        Called as ``report(fraction, code, **arguments)``.
    cancelled : callable, optional
        Asked now and then; the best plan so far is returned once it says True, without parts that are not done.

    Returns
    -------
    Planned

    Raises
    ------
    PlanError
        If the plan cannot be made as asked.
    """
    if options is None:
        options = find_options(review, interventions)
    strange = sorted(set(parts) - set(ASKED))
    if strange:
        raise PlanError("plan-no-part-asked", part=strange[0][:40], known=list(ASKED))
    asked = settled(request, review, options.table)
    if "roadmap" in parts:
        villages_wanted(review, asked, target)  # says what is wrong with it before the long work
    solving = SOLVING if set(parts) - {"confirmed"} else 0.95
    made = plan(review, options, asked, report=part_of(report, 0.0, solving), cancelled=cancelled)
    found, beside = {}, [one for one in ASKED if one in parts]
    around = _Around(
        made,
        review,
        options,
        replace(asked, seconds=max(1.0, asked.seconds * SHARE)),
        interventions,
        draws,
        target,
    )
    for number, name in enumerate(beside):
        if cancelled is not None and cancelled():
            break
        ends = (solving + (1 - solving) * (number + at) / len(beside) for at in (0, 1))
        found[name] = ASKED[name](around, report=part_of(report, *ends), cancelled=cancelled)
    left = [each for each in beside if each not in found]
    why = found.pop("reasons", None) or reasons(made, review, options, try_money=False)
    passing = made.villages["passes"].notna()
    record = to_record(
        made,
        review,
        request=request,
        told=(*assumptions(request, review, made.works), *_left_out(left)),
        binds=(*made.answer.binds, *why.binds),
        why={village: why.of(village) for village in made.villages.index[~passing]},
        interventions=interventions,
        reasons={"money": why.money},
        rankings=compared(made, rankings(made)),
        **found,
    )
    return Planned(made, options, record)


@dataclass(frozen=True)
class _Around:
    """A plan and all that is needed to draw it again; `quick` is its request with less time."""

    plan: object
    review: object
    options: object
    quick: object
    interventions: object
    draws: int
    target: object


def _left_out(names):
    """What was asked for and not worked out before the plan was stopped, as a problem to be told beside it."""
    labels = [Label({each: say(f"plan-asked-{name}", each) for each in LANGUAGES}) for name in names]
    return [Problem("plan-left-out", {"parts": labels}, "note")] if labels else []


def _confirmed(one, **_):
    found = confirm(one.plan, one.review)
    names = (
        "promised",
        "kept",
        "more",
        "worse",
        "villages_promised",
        "villages_kept",
        "villages_more",
        "holds",
    )
    differing = found.table[found.table["kind"] != "kept"]
    return {**{name: getattr(found, name) for name in names}, "rows": differing}


def _reasons(one, **more):
    return reasons(one.plan, one.review, one.options, **more)


def _curve(one, **more):
    drawn = curve(one.review, one.options, one.quick, made=one.plan, **more)
    works = drawn.side_by_side()
    return {"rows": drawn.table, "works": works[[each for each in THREE if each in works]].dropna(how="all")}


def _robustness(one, **more):
    told = {"draws": one.draws, "seed": one.plan.request.seed, "interventions": one.interventions}
    found = robustness(one.plan, one.review, one.options, **told, **more)
    if not len(found.draws):  # none was asked for, or it was stopped in the first: nothing can be told of it
        return None
    quantiles = found.quantiles().rename_axis("quantile")
    return {"works": found.works, "quantiles": quantiles, "done": len(found.draws), "asked": found.asked,
            "figures": found.figures, "rows": found.draws, "spread_pct": SPREAD_PCT, "figure_pct": FIGURE_PCT}  # fmt: skip


def _fairness(one, **more):
    fair = equity(one.review, one.options, one.quick, **more)
    rows = fairness(one.plan, one.review)
    return {"rows": rows, "equity": fair.table, "wanted_pct": fair.wanted_pct}


def _roadmap(one, **more):
    found = roadmap(one.review, one.options, one.quick, one.target, **more)
    names = ("target", "passing_before", "judged", "reached", "years", "sure")
    works = found.plan.works[["year", "cost", "commune_id", "sector"]].rename_axis("option_id")
    return {**{name: getattr(found, name) for name in names}, "by_year": found.by_year, "works": works,
            "cost": found.plan.cost, "stops": problems_plain(found.stops)}  # fmt: skip


ASKED = {
    "confirmed": _confirmed,
    "reasons": _reasons,
    "curve": _curve,
    "robustness": _robustness,
    "fairness": _fairness,
    "roadmap": _roadmap,
}
"""What can be asked beside a plan: its works judged anew, what more money of each fund would bring, the curve with three
budgets, how often each work is chosen, fairness, and the way to a target."""


def save_plan(store, study_id, record, *, name, note=None, who, review=None, revision=None):
    """Keep a plan or scenario in the store; its row. The same record again changes nothing.

    Parameters
    ----------
    store : Store
    study_id : str
    record : Mapping
        As `to_record` or `to_scenario_record` gives it.
    name, note : str
    review : Review, optional
        What it was made from; its run is kept too, for a study of the store.
    revision : int, optional
        Of the study of the store when it was read.

    Raises
    ------
    StoreError
        Without a name, or if its file cannot be written.
    """
    if not str(name or "").strip():
        raise StoreError("plans-name-needed")
    if review is not None and revision is not None:
        keep_run(store, review, study_id, revision)
    content = plans.put_record(store.files, record)
    kind = "scenario" if record["kind"] == "scenario" else "plan"
    told = {"name": name, "note": note, "content": content, "run": record["run"], "revision": revision}
    figures = record["figures"]
    headline = {one: figures[one] for one in FIGURES if one in figures} if kind == "plan" else dict(figures)
    headline |= {"by": record["by"]} if record.get("by") else {}
    headline["years"] = list(record.get("request", {}).get("years", ()))
    with store.writing(who) as change:
        return plans.add(change, study_id, kind=kind, headline=headline, **told)


def save_scenario(store, study_id, scenario, *, plan=None, note=None, who, revision=None):
    """Keep a scenario with what comes of it, under its own name; its row.

    Parameters
    ----------
    scenario : Scenario
    plan : str, optional
        Key of the plan that it began with.

    Raises
    ------
    StoreError
        If it has no name, or its file cannot be written.
    """
    record = to_scenario_record(scenario, plan=plan)
    told = {"name": scenario.name, "note": note, "who": who, "review": scenario.base, "revision": revision}
    return save_plan(store, study_id, record, **told)


def saved_plans(store, study_id, kind=None):
    """Rows of the plans and scenarios of a study, the latest first, each with ``changed`` as in `Saved`."""
    with store.reading() as connection:
        now = _revision(connection, study_id)
        return [
            row | {"changed": _changed(row, now, None)} for row in plans.listed(connection, study_id, kind)
        ]


def saved_plan(store, study_id, key, *, run=None):
    """A plan or scenario with its record.

    Parameters
    ----------
    run : str, optional
        Id of the run that the study gives now, where it is judged: tells for sure whether it has changed.

    Raises
    ------
    MissingError
        If there is none of that key.
    StoreError
        If its file is missing or damaged.
    """
    with store.reading() as connection:
        row = plans.get(connection, study_id, key)
        now = _revision(connection, study_id)
    return Saved(row, plans.get_record(store.files, row["content"]), _changed(row, now, run))


def _revision(connection, study_id):
    rows = {row["id"]: row["revision"] for row in studies.list_studies(connection)}
    return rows.get(study_id)


def _changed(row, revision, run):
    if run is not None:
        return row["run"] != run
    return None if row["revision"] is None or revision is None else row["revision"] != revision


def part_of(report, start, end):
    """A report that fills one part of another; None where there is none."""
    if report is None:
        return None
    return lambda fraction, code, **arguments: report(start + fraction * (end - start), code, **arguments)


__all__ = [
    "ASKED",
    "Planned",
    "Saved",
    "make_plan",
    "options_with",
    "save_plan",
    "save_scenario",
    "saved_plan",
    "saved_plans",
]
