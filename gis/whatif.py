"""What a page needs to judge anew by itself when a figure is moved: exact, and as short as that allows.

A figure moves on a grid of powers of ten. A value is sent as the place where it lies among the points of the
grid, ``2 k`` on point ``k`` and ``2 k + 1`` between ``k`` and ``k + 1``: whichever point the figure is moved to,
each comparison comes out as it would with the value itself.
"""

import math

import numpy as np

from gis.conditions import holds
from gis.criteria.points import most_of
from gis.scoring import points_of
from gis.trivalent import NO, codes_of

COMPARES = ("ge", "gt", "le", "lt")
MOST_DECIMALS = 6
FAR = 2**52
"""The place of what lies beyond every figure that may be tried, and of infinity."""


def what_if(review):
    """A review as plain data for the browser's own judging.

    Parameters
    ----------
    review : Review

    Returns
    -------
    dict
        ``groups``: ids in use, in the order of the set; ``group``: for each village the position of its group,
        -1 where it has none, or one number for all; ``movable``: criteria whose figure is a number, see
        `_movable`; ``counted``, ``works``: positions of the criteria that count, and of those that works can
        fix; ``rule``: how criteria combine or what points they give, by position; ``trigger``: whether a set of disadvantage;
        ``target_pct``. Villages are in the order of `Review.villages_table`, criteria in that of the set.
    """
    criteria = review.criteria
    place = {one.id: number for number, one in enumerate(criteria.criteria)}
    groups = review.study.groups.reindex(review.villages_table.index)
    used = [group for group in criteria.groups if (groups == group).any()]
    codes = [used.index(group) if group in used else -1 for group in groups]
    counted = [place[one.id] for one in review.counted]
    rule = {"all": [one.id for one in review.counted]} if isinstance(criteria.logic, str) else criteria.logic
    return {
        "groups": used,
        "group": codes[0] if len(set(codes)) == 1 else codes,
        "movable": [_movable(review, one, place[one.id], used) for one in criteria.criteria if one.compare in COMPARES],
        "counted": counted,
        "works": [place[one.id] for one in review.counted if one.fixable_by == "works"],
        "rule": _points(review, place) if "points" in rule else _by_place(rule, place, review.study.villages),
        "trigger": criteria.polarity == "trigger",
        "target_pct": review.study.target.get("share_pct"),
    }  # fmt: skip


def places(values, scale):
    """Where values lie among the multiples of ``1 / scale``.

    Parameters
    ----------
    values : array of float
    scale : int
        A power of ten.

    Returns
    -------
    list of int or None
        ``2 k`` for a value that is ``k / scale``, ``2 k + 1`` for one between that and the next; `FAR` and
        -`FAR` for what lies beyond; None for NaN.

    Examples
    --------
    >>> places(np.array([0.3, 0.31, 2.0, np.inf, np.nan]), 10)
    [6, 7, 40, 4503599627370496, None]
    """
    values = np.asarray(values, dtype=float)
    near = np.abs(values) * scale < FAR / 4
    some = np.where(near, values, 0.0)
    below = np.floor(some * scale)
    # the product is rounded; the quotient is the very figure that is tried
    below = np.where(below / scale > some, below - 1, below)
    below = np.where((below + 1) / scale <= some, below + 1, below)
    found = 2 * below + (below / scale != some)
    found = np.where(near, found, np.sign(values) * FAR)
    return [None if place != place else int(place) for place in found]


def _movable(review, criterion, number, groups):
    """One criterion whose figure is a number.

    ``id`` and ``at``: its id and position; ``figures``: by group, None where not known or where it does not apply; ``scale``: the
    figure moves by ``1 / scale``; ``most``: how far it is sensible to move it; ``measured`` and ``reported``:
    ``low``, a place a village, and ``high`` where it is another, by the village's number; ``open``: villages of
    which nobody knows whether it applies; ``nearly``: the easier figures, where points hang on them.
    """
    figures = {group: _number(criterion.thresholds.get(group)) for group in groups}
    known = [figure for figure in figures.values() if figure is not None]
    easier = [figure for figure in map(_number, criterion.nearly.values()) if figure is not None]
    scale = 10 ** max([1, *map(_decimals, [*known, *easier])])
    sides = {side: _side(review, getattr(criterion, side), side, scale) for side in ("measured", "reported")}
    findings = review.findings[review.findings["criterion"] == criterion.id].set_index("village_id")
    reasons = findings["reason"].reindex(review.villages_table.index)
    values = findings[["measured", "reported"]].to_numpy(dtype=float)
    return {
        "id": criterion.id,
        "at": number,
        "compare": criterion.compare,
        "trigger": criterion.kind == "trigger",
        "decides": criterion.decides,
        "unit": criterion.unit,
        "figures": figures,
        "scale": scale,
        "most": 100 if criterion.unit == "%" else _most(values[np.isfinite(values)], known),
        **sides,
        "nearly": {group: _number(criterion.nearly.get(group)) for group in groups},
        "open": np.flatnonzero(reasons == "unknown-group").tolist(),
    }


def _number(figure):
    return figure if isinstance(figure, (int, float)) and not isinstance(figure, bool) else None


def _decimals(figure):
    text = repr(float(figure))
    return MOST_DECIMALS if "e" in text else min(len(text.partition(".")[2].rstrip("0")), MOST_DECIMALS)


def _most(values, known):
    """A round number that lies above the figures, and above nearly all values."""
    wanted = max(
        [1.0, *(1.5 * figure for figure in known), *([np.quantile(values, 0.98)] if len(values) else [])]
    )
    step = 10 ** math.floor(math.log10(wanted))
    return int(step * math.ceil(wanted / step))


def _side(review, binding, source, scale):
    if binding is None:
        return None
    table = review.measurements
    rows = table[(table["measure"] == binding.measure) & (table["source"] == source)].set_index("village_id")
    rows = rows.reindex(review.villages_table.index)
    low, high = (places(rows[end].to_numpy(dtype=float), scale) for end in ("low", "high"))
    return {
        "low": low,
        "high": {
            str(at): most for at, (least, most) in enumerate(zip(low, high, strict=True)) if least != most
        },
    }


def _points(review, place):
    """Points by position: of a criterion that moves what it gives, of all others what they give each village."""
    logic, criteria = review.criteria.logic, review.criteria
    entries = []
    for name, given in logic["points"].items():
        entry, found = {"at": place[name], "most": most_of(given)}, _stored(review, name)
        if criteria.criterion(name).compare in COMPARES:
            entry |= {
                "met": given["met"],
                "nearly": given.get("nearly", 0),
                "reached": "".join(map(str, found["nearly"])),
            }
        else:
            low, high = points_of(given, found["status"], found["nearly"], found["grade"])
            entry |= {"low": low.tolist(), "high": high.tolist()}
        entries.append(entry)
    return {"points": entries, "pass": logic["pass"], "required": [place[name] for name in logic["required"]]}


def _stored(review, name):
    """The findings by one criterion in the order of the villages: codes, and the grade."""
    rows = review.findings[review.findings["criterion"] == name].set_index("village_id")
    rows = rows.reindex(review.villages_table.index)
    nearly = rows["nearly_status"]
    return {
        "status": codes_of(rows["status"]),
        "nearly": np.where(nearly.isna(), NO, codes_of(nearly)),
        "grade": rows["grade"].to_numpy(dtype=object),
    }


def _by_place(rule, place, villages):
    if isinstance(rule, str):
        return place[rule]
    if "all" in rule:
        return {"all": [_by_place(part, place, villages) for part in rule["all"]]}
    found = {"n": int(rule["any_n"]), "of": [_by_place(part, place, villages) for part in rule["of"]]}
    if "or_n" in rule:
        held = holds(rule["or_n"]["when"], villages)
        found |= {"or": int(rule["or_n"]["n"]), "when": "".join(map(str, held.tolist()))}
    return found
