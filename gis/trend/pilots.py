"""Pilot villages, one for each unit, by weights that everybody can read and change."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gis.verdicts import counted_criteria

PARTS = ("closeness", "population", "spread", "willingness")
WEIGHTS = {"closeness": 0.4, "population": 0.2, "spread": 0.2, "willingness": 0.2}
LEVELS = ("commune", "upper", "all")


@dataclass(frozen=True)
class Pilots:
    """Proposed pilot villages of one level.

    Attributes
    ----------
    level : str
    weights : Mapping of str to float
        As used; they add up to 1.
    chosen : DataFrame
        One row a proposal in the order in which they were chosen, index ``unit``: ``village_id``,
        ``name``, ``commune``, ``status``, ``missed``, ``unknown``, the `PARTS` (0 to 1, NaN where the village has
        no such figure), ``score``, ``away_km`` (to the nearest pilot chosen before; NaN for the first),
        ``candidates`` (how many the unit has) and ``tied`` (ids of those of the unit with the same score).
    without : DataFrame
        Units without a candidate, index ``unit``: how many ``villages``, and how many of them ``met`` and
        ``exempt``.
    """

    level: str
    weights: dict
    chosen: pd.DataFrame
    without: pd.DataFrame


def propose_pilots(review, units, *, level="commune", weights=None, willingness=None):
    """One pilot village for each unit.

    Parameters
    ----------
    review : Review
    units : Series of str
        Village to its unit at the level; villages without one are left aside.
    level : str
        How the proposals are called.
    weights : Mapping of str to float, optional
        By part, at least 0, not all 0; `WEIGHTS` where it is left out. They are made to add up to 1.
    willingness : Series of float, optional
        Village to how willing it is, at least 0; the largest makes 1. Without it the part is not counted.

    Returns
    -------
    Pilots

    Raises
    ------
    ValueError
        If a weight has no part of its name, is negative, or all are 0.

    Notes
    -----
    A candidate is a village whose verdict is unmet or unknown. Its parts: *closeness*, the share of the
    criteria that count and apply which it meets, where unknown is not met; *population*, its people
    divided by those of the largest candidate; *spread*, its straight distance to the nearest pilot chosen
    so far, divided by that of the farthest candidate; *willingness*, its figure divided by the largest. The
    score is the weighted mean of the parts that are known: a missing figure neither helps nor harms. It is
    rounded to twelve decimals.

    Pilots are chosen one after another: each time, of all units that have none yet, the candidate with the
    highest score. The first has no spread. Equal scores within a unit are told; of all equal ones the
    lowest village id is taken.
    """
    weights = usable_weights(weights, willingness is not None)
    candidates = _candidates(review, units, willingness)
    units = units.reindex(review.results.index)
    points = review.study.villages["point"].reindex(candidates.index).to_numpy(dtype=object)
    where = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    away = np.full(len(candidates), np.nan)
    waiting = np.ones(len(candidates), dtype=bool)
    rows = []
    while waiting.any():
        reached = waiting & ~np.isnan(away)
        longest = away[reached].max(initial=0.0)
        candidates["spread"] = away / longest if longest > 0 else np.nan
        score = _score(candidates, weights)
        # the first of the best, in order of id
        best = np.flatnonzero(waiting)[np.argmax(score[waiting])]
        own = waiting & (candidates["unit"] == candidates["unit"].iloc[best]).to_numpy()
        tied = own & (score == score[best])
        tied[best] = False
        rows.append(
            {
                **candidates.iloc[best].to_dict(),
                "village_id": candidates.index[best],
                "score": float(score[best]),
                "away_km": float(away[best]) / 1000,
                "candidates": int(own.sum()),
                "tied": tuple(candidates.index[tied]),
            }
        )
        waiting &= ~own
        away = np.fmin(away, np.hypot(*(where - where[best]).T))
    columns = ["unit", "village_id", "name", "commune", "status", "missed", "unknown", *PARTS, "score"]
    chosen = pd.DataFrame(rows, columns=[*columns, "away_km", "candidates", "tied"]).set_index("unit")
    return Pilots(level, weights, chosen, _without(review, units, chosen.index))


def usable_weights(weights, has_willingness):
    """Weights by part that add up to 1, without that of willingness where nobody asked the villages."""
    given = WEIGHTS if weights is None else weights
    if set(given) - set(PARTS) or any(not 0 <= value < np.inf for value in given.values()):
        raise ValueError("weights")
    used = {part: float(given.get(part, 0)) for part in PARTS if part != "willingness" or has_willingness}
    total = sum(used.values())
    if total <= 0:
        raise ValueError("weights")
    return {part: value / total for part, value in used.items()}


def _candidates(review, units, willingness):
    """Villages that may be chosen, by id, with the parts that do not depend on the others chosen."""
    results = review.results
    able = results["status"].isin(["unmet", "unknown"]) & units.reindex(results.index).notna()
    ids = results.index[able].sort_values()
    villages, results = review.study.villages.loc[ids], results.loc[ids]
    order = [one.id for one in counted_criteria(review.criteria)]
    findings = review.findings[review.findings["criterion"].isin(order)]
    counts = pd.crosstab(findings["village_id"], findings["status"]).reindex(ids, fill_value=0)
    met = counts.get("met", 0)
    applies = len(order) - counts.get("exempt", 0)
    table = pd.DataFrame(
        {
            "unit": units.loc[ids],
            "name": villages["name"],
            "commune": villages["commune"],
            "status": results["status"],
            "missed": results["missed"],
            "unknown": results["unknown"],
            "closeness": met / applies,
            "population": _of_largest(villages["population"]),
            "spread": np.nan,
            "willingness": np.nan if willingness is None else _of_largest(willingness.reindex(ids)),
        },
        index=ids,
    )
    return table


def _of_largest(column):
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    numbers = numbers.where(numbers >= 0)
    largest = numbers.max()
    return numbers / largest if largest > 0 else numbers


def _score(candidates, weights):
    parts = candidates[list(weights)].to_numpy(dtype=float)
    weight = np.where(np.isnan(parts), 0.0, np.array(list(weights.values())))
    total = weight.sum(axis=1)
    summed = (np.nan_to_num(parts) * weight).sum(axis=1)
    # rounded, so that sums of the same parts in another order are the same score
    return np.round(np.divide(summed, total, out=np.zeros(len(parts)), where=total > 0), 12)


def _without(review, units, chosen):
    left = units[units.notna() & ~units.isin(chosen)]
    status = review.results["status"].reindex(left.index)
    counts = pd.crosstab(left, status).reindex(columns=["met", "exempt"], fill_value=0)
    counts.insert(0, "villages", left.value_counts().reindex(counts.index))
    return counts.rename_axis(index="unit", columns=None)
