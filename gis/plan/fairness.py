"""Who gains by a plan: villages by minority share, poverty, remoteness and zone; and what fairness costs."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import shapely

from gis.errors import PlanError
from gis.plan.making import plan as make_plan
from gis.plan.reasons import could_pass
from gis.values import to_text

MINORITY_PCT = (25.0, 50.0, 75.0)
POOR_PCT = (10.0, 20.0, 40.0)
"""Ends of the classes of poverty; 20 % is the mark of QĐ 33/2020 for specially disadvantaged villages."""

CENTRE_KM = (2.0, 5.0, 10.0)
"""Ends of the classes of distance: the bands that household surveys use."""

MOSTLY_PCT = 50.0
"""From this share on a village is called one of minorities here."""

WEIGHTS = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0)


def fairness(plan, review):
    """Villages that pass before and after a plan, people and money, by what villages are like.

    Parameters
    ----------
    plan : Plan
    review : Review

    Returns
    -------
    DataFrame
        The first row is all villages, then by view and class: ``view`` (all | minority | poverty | poverty-class |
        remoteness | zone), ``group`` (a class such as ``25-50``, a word of the study, or None where nobody knows),
        ``villages``, ``judged`` (villages to which the asked part applies), ``before``, ``after`` (of the judged, those
        that pass), ``share_before_pct``, ``share_after_pct`` (NaN where none is judged), ``people`` (that newly live where
        all is met), ``vnd`` (what the plan spends there; a work is shared equally by the villages it serves),
        ``vnd_per_person``.
    """
    villages, problem = review.study.villages, plan.problem
    applies = np.array([rule is not None for rule in problem.rules])
    # who passes by what is assumed alone passes after, and not before; no money gains it
    before, new = problem.alone < 0, plan.villages["passes"].to_numpy() > 0
    after = np.array([rule is True for rule in problem.rules]) | new
    facts = pd.DataFrame(
        {
            "villages": 1,
            "judged": applies.astype(int),
            "before": before.astype(int),
            "after": (after & applies).astype(int),
            "people": np.where(new, problem.people, 0.0),
            "vnd": spent_by_village(plan).to_numpy(),
            "_all": problem.people,
        },
        index=villages.index,
    )
    rows = [{"view": "all", "group": "all", **facts.sum()}]
    for view, (classes, order) in classes_of(review).items():
        for group in order:
            here = facts[classes.isna() if group is None else classes == group]
            if len(here):
                rows.append({"view": view, "group": group, **here.sum()})
    table = pd.DataFrame(rows)
    table["group"] = pd.Series([row["group"] for row in rows], dtype=object)
    with np.errstate(invalid="ignore", divide="ignore"):
        judged = table["judged"].where(table["judged"] > 0)
        table.insert(6, "share_before_pct", 100 * table["before"] / judged)
        table.insert(7, "share_after_pct", 100 * table["after"] / judged)
        table["vnd_per_person"] = table["vnd"] / table["_all"].where(table["_all"] > 0)
    counts = ["villages", "judged", "before", "after"]
    return table.drop(columns="_all").astype(dict.fromkeys(counts, int))


def spent_by_village(plan):
    """VND that a plan spends for each village; a work is shared equally by the villages it serves.

    Works that close nothing by themselves belong to the village they lie in; what lies nowhere belongs to none.
    """
    spent = pd.Series(0.0, index=plan.problem.villages)
    for work in plan.works.itertuples():
        served = work.serves or ((work.village_id,) if work.village_id in spent.index else ())
        for village in served:
            spent[village] += work.cost / len(served)
    return spent


def classes_of(review):
    """By view the class of each village and the order of the classes, None last for those of which nobody knows.

    Returns
    -------
    dict of str to (Series of object, list)
        Views for which the study says nothing at all are left out.
    """
    villages, found = review.study.villages, {}
    for view, values, ends in (
        ("minority", minority_pct(review), MINORITY_PCT),
        ("poverty", _of_households(review, ("poor_households", "near_poor_households")), POOR_PCT),
        ("remoteness", _centre_km(review), CENTRE_KM),
    ):
        if values.notna().any():
            found[view] = _cut(values, ends)
    for view, column in (("poverty-class", "poverty_class"), ("zone", "zone")):
        if column in villages and villages[column].notna().any():
            words = villages[column].map(to_text)
            found[view] = words, [*sorted(words.dropna().unique()), None]
    return found


def minority_pct(review):
    """Percent of each village's households that are of minorities; NaN where nobody knows."""
    villages = review.study.villages
    known = (
        villages["minority_share_pct"]
        if "minority_share_pct" in villages
        else pd.Series(np.nan, villages.index)
    )
    return pd.to_numeric(known, errors="coerce").fillna(_of_households(review, ("minority_households",)))


def _of_households(review, parts):
    table, index = review.study.reported, review.study.villages.index
    if not {*parts, "households"} <= set(table.columns):
        return pd.Series(np.nan, index)
    numbers = table[[*parts, "households"]].apply(pd.to_numeric, errors="coerce").reindex(index)
    return (
        100
        * numbers[list(parts)].sum(axis=1, skipna=False)
        / numbers["households"].where(numbers["households"] > 0)
    )


def _centre_km(review):
    """Straight kilometres from each village to the nearest commune centre; NaN where one of the two is not known."""
    villages, data = review.study.villages, review.study.layers.get("commune_centres")
    if data is None or data.frame is None or not len(data.frame):
        return pd.Series(np.nan, villages.index)
    points = villages["point"].to_numpy(dtype=object)
    known = ~shapely.is_missing(points)
    away = np.full(len(points), np.nan)
    tree = shapely.STRtree(data.frame.geometry.to_numpy())
    away[known] = tree.query_nearest(points[known], return_distance=True, all_matches=False)[1] / 1000
    return pd.Series(away, villages.index)


def _cut(values, ends):
    names = [
        f"0-{ends[0]:g}",
        *(f"{low:g}-{high:g}" for low, high in zip(ends, ends[1:], strict=False)),
        f"{ends[-1]:g}-",
    ]
    at = np.searchsorted(ends, values.fillna(0), side="right")
    words = pd.Series(np.array(names, dtype=object)[at], values.index)
    return words.where(values.notna(), None), [*names, None]


@dataclass(frozen=True)
class Equity:
    """What it costs to be fair.

    Attributes
    ----------
    table : DataFrame
        A row a rule (index ``rule``: free | commune-floor | minority-share): ``passing`` (villages that newly pass),
        ``lost`` (how many fewer than under no rule), ``bound``, ``communes_empty`` (communes without any work),
        ``minority_passing``, ``minority_pct`` (of those that newly pass), ``weight`` (how often a minority village had to
        be counted), ``reached`` (whether the rule could be kept).
    wanted_pct : float
        The share of minority villages among all that could pass but do not; NaN where nobody knows any share.
    refused : dict of str to tuple of Problem
        Rules that cannot be kept with this money, and why; they have no row.
    """

    table: pd.DataFrame
    wanted_pct: float
    refused: dict = field(default_factory=dict)


def equity(review, options, request, *, free=None, report=None, cancelled=None):
    """Villages lost by leaving no commune without a work, and by an equal share for minority villages.

    Parameters
    ----------
    review : Review
    options : Options
    request : Request
    free : Plan, optional
        The plan of the request, where it is there already.
    report, cancelled : callable, optional

    Returns
    -------
    Equity

    Notes
    -----
    The share is equal when minority villages are at least the part of those that newly pass that they are of all villages
    that do not pass and that options could make pass. It is reached by counting a minority village `WEIGHTS` times, the
    least that does. Villages are counted once each in all figures.
    """
    free = free or make_plan(review, options, request, report=report, cancelled=cancelled)
    minority = minority_pct(review)
    mostly = (minority >= MOSTLY_PCT).to_numpy()
    able = could_pass(free.problem)
    wanted = 100 * float(mostly[able].mean()) if able.any() and minority.notna().any() else float("nan")
    refused, rows = {}, {"free": _facts(free, mostly, 1.0, True)}
    if cancelled is None or not cancelled():
        try:
            floor = {**request.floor, "works": max(1, request.floor.get("works", 0))}
            asked = replace(request, floor=floor)
            kept = make_plan(review, options, asked, report=report, cancelled=cancelled)
            rows["commune-floor"] = _facts(kept, mostly, 1.0, True)
        except PlanError as error:
            refused["commune-floor"] = error.problems
    if wanted == wanted:
        best = None
        for weight in (1.0, *WEIGHTS):
            if cancelled is not None and cancelled():
                break
            heavy = {
                name: request.weights.get(name, 1.0) * weight for name in review.study.villages.index[mostly]
            }
            made = free
            if weight != 1.0:
                asked = replace(request, weights={**request.weights, **heavy})
                made = make_plan(review, options, asked, report=report, cancelled=cancelled)
            best = _facts(made, mostly, weight, False)
            if made.passing == 0 or best["minority_pct"] >= wanted - 1e-6:
                best["reached"] = made.passing > 0
                break
        rows["minority-share"] = best
    table = pd.DataFrame(rows).T.infer_objects()
    table.insert(1, "lost", free.passing - table["passing"].astype(int))
    table.index.name = "rule"
    return Equity(table, wanted, refused)


def _facts(made, mostly, weight, reached):
    new = made.villages["passes"].to_numpy() > 0
    built = set(made.works["commune_id"].dropna())
    return {
        "passing": made.passing,
        "bound": made.bound,
        "communes_empty": len(set(made.problem.commune_ids) - built),
        "minority_passing": int((new & mostly).sum()),
        "minority_pct": 100 * float((new & mostly).sum()) / made.passing if made.passing else float("nan"),
        "weight": weight,
        "reached": reached,
    }
