"""When a village passes, as a rule over the criteria that works could still close.

A rule is True or False where nothing that is built changes it; a criterion's id for "when this one is met"; a number
for "from this year on" (positions in the years of the plan); ``(n, (rules, ...))`` for "when at least n of these hold";
``Points`` for a sum of points. What is unknown holds for nobody, unless it is assumed.
"""

from dataclasses import dataclass

import numpy as np

from gis.conditions import holds
from gis.criteria.points import most_of
from gis.scoring import points_of
from gis.trivalent import EXEMPT, NO, UNKNOWN, YES, codes_of
from gis.verdicts import counted_criteria

PARTS = ("infrastructure", "all")


@dataclass(frozen=True)
class Points:
    """At least `wanted` points: `base` and for each ``(points, rule)`` whose rule holds its points."""

    wanted: float
    base: float
    parts: tuple


def passing_rules(review, part, *, assumed=()):
    """For each village the rule by which it passes.

    Parameters
    ----------
    review : Review
    part : str
        Of `PARTS`: all that counts and works can fix, or the whole set by its own logic.
    assumed : iterable of (str, int)
        Criterion and the year of the plan from which on it is taken as met where it is not, also where it is unknown.

    Returns
    -------
    list
        In the order of the study's villages.

    Notes
    -----
    The rule is monotone: no criterion that gets met makes a village fail. A set of disadvantage is turned round: a
    village passes when its condition of disadvantage does not hold.
    """
    criteria, index = review.criteria, review.study.villages.index
    table = review.findings.pivot(index="village_id", columns="criterion", values="status").reindex(index)
    codes = {one.id: codes_of(table[one.id]) for one in criteria.criteria}
    since = dict(assumed)
    leaves = {name: [_leaf(name, code, since) for code in column] for name, column in codes.items()}
    counted = counted_criteria(criteria)
    if part == "infrastructure":
        names = [one.id for one in counted if one.fixable_by == "works"]
        return [at_least(None, [leaves[name][at] for name in names]) for at in range(len(index))]
    logic = {"all": [one.id for one in counted]} if isinstance(criteria.logic, str) else criteria.logic
    if "points" in logic:
        return _by_points(review, logic, leaves)
    return _Nested(leaves, criteria.polarity == "trigger", review.study.villages).rules(logic)


def at_least(wanted, rules):
    """At least so many of some rules, None for all of them; rules that are None do not apply and are left out."""
    rules = [rule for rule in rules if rule is not None]
    if not rules:
        return None
    wanted = len(rules) if wanted is None else min(wanted, len(rules))
    sure = sum(rule is True for rule in rules)
    left = tuple(rule for rule in rules if rule is not True and rule is not False)
    if sure >= wanted:
        return True
    if sure + len(left) < wanted:
        return False
    return left[0] if len(left) == 1 else (wanted - sure, left)


def _leaf(name, code, since):
    """True, None (does not apply), the criterion, the year from which it is assumed, or False."""
    if code in (YES, EXEMPT):
        return True if code == YES else None
    if name in since:
        return int(since[name]) or True
    return name if code == NO else False


class _Nested:
    """The rules of nested logic; in a set of disadvantage what must *not* hold, turned into what must."""

    def __init__(self, leaves, turned, villages):
        self.leaves, self.turned, self.villages = leaves, turned, villages

    def rules(self, rule):
        if isinstance(rule, str):
            return self.leaves[rule]
        parts = [self.rules(part) for part in rule.get("all", rule.get("of", ()))]
        rows = list(zip(*parts, strict=True))
        if "all" in rule:
            return [self._of(None, row) for row in rows]
        usual = [self._of(int(rule["any_n"]), row) for row in rows]
        if "or_n" not in rule:
            return usual
        other = [self._of(int(rule["or_n"]["n"]), row) for row in rows]
        special = holds(rule["or_n"]["when"], self.villages)
        # where nobody knows which of the two is asked, both must hold
        both = [at_least(None, pair) for pair in zip(usual, other, strict=True)]
        return [
            {YES: b, NO: a, UNKNOWN: c}[code]
            for code, a, b, c in zip(special, usual, other, both, strict=True)
        ]

    def _of(self, wanted, row):
        if not self.turned:
            return at_least(wanted, row)
        # that fewer than `wanted` disadvantages hold is that enough of them do not
        applies = sum(one is not None for one in row)
        wanted = applies if wanted is None else min(wanted, applies)
        return at_least(applies - wanted + 1, row)


def _by_points(review, logic, leaves):
    findings, index = review.findings, review.study.villages.index
    given = {
        name: findings[findings["criterion"] == name].set_index("village_id").reindex(index)
        for name in logic["points"]
    }
    total = sum(map(most_of, logic["points"].values()))
    low = {}
    for name, entry in logic["points"].items():
        table = given[name]
        nearly = np.where(table["nearly_status"].isna(), NO, codes_of(table["nearly_status"]))
        low[name] = points_of(
            entry, codes_of(table["status"]), nearly, table["grade"].to_numpy(dtype=object)
        )[0]
    rules = []
    for at in range(len(index)):
        rows = {name: leaves[name][at] for name in logic["points"]}
        applicable = sum(most_of(logic["points"][name]) for name, rule in rows.items() if rule is not None)
        if not applicable:
            rules.append(None)
            continue
        wanted = np.inf if logic["pass"] is None else logic["pass"] * applicable / total
        base = sum(float(low[name][at]) for name, rule in rows.items() if rule is not None)
        parts = tuple(
            (float(logic["points"][name]["met"]) - float(low[name][at]), rule)
            for name, rule in rows.items()
            # by identity: the second year of the plan, 1, is not True
            if not (rule is None or rule is True or rule is False) and "met" in logic["points"][name]
        )
        required = [leaves[name][at] for name in logic["required"]]
        enough = base >= wanted - 1e-9
        could = base + sum(points for points, _ in parts) >= wanted - 1e-9
        score = True if enough else Points(float(wanted), base, parts) if could else False
        rules.append(at_least(None, [score, *required]))
    return rules
