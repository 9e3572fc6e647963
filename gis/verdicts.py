"""The verdict of a whole set on every village, from its findings and the set's own logic."""

import numpy as np
import pandas as pd

from gis.tables import RESULTS, conform
from gis.trivalent import EXEMPT, NO, UNKNOWN, WORDS, YES, all_of, at_least, codes_of, either, negate


def counted_criteria(criteria):
    """Criteria that a village can miss: flags and triggers, or all of a set that has only context."""
    return tuple(one for one in criteria.criteria if one.kind != "context") or criteria.criteria


def judge_set(findings, criteria, villages):
    """The verdict of the whole set on every village.

    Parameters
    ----------
    findings : DataFrame
        Table `FINDINGS`.
    criteria : CriteriaSet
    villages : DataFrame
        For rules whose count depends on an attribute.

    Returns
    -------
    DataFrame
        Table `RESULTS`, index village id. In a set of disadvantage (polarity trigger) ``unmet`` means
        that the village is disadvantaged. A set of independent norms has no rule of its own: its verdict
        is that all that count are met.
    """
    status = findings.pivot(index="village_id", columns="criterion", values="status").reindex(villages.index)
    counted = counted_criteria(criteria)
    codes = {criterion.id: codes_of(status[criterion.id]) for criterion in criteria.criteria}
    logic = criteria.logic
    rule = {"all": [criterion.id for criterion in counted]} if isinstance(logic, str) else logic
    if criteria.polarity == "trigger":
        holds = {name: negate(code) for name, code in codes.items()}
        verdict = negate(_apply(rule, holds, villages))
    else:
        verdict = _apply(rule, codes, villages)
    works = [codes[criterion.id] for criterion in counted if criterion.fixable_by == "works"]
    works = works or [np.full(len(villages), EXEMPT)]
    every = np.column_stack([codes[criterion.id] for criterion in counted])
    decided = (every == YES).sum(1) + (every == NO).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = np.where(decided > 0, 100 * (every == YES).sum(1) / decided, np.nan)
    results = pd.DataFrame(
        {
            "status": WORDS[verdict],
            "infra_status": WORDS[all_of(works)],
            "missed": (every == NO).sum(1),
            "infra_missed": (np.column_stack(works) == NO).sum(1),
            "unknown": (every == UNKNOWN).sum(1),
            "score": score,
        },
        index=villages.index,
    )
    return conform(results, RESULTS)


def _apply(rule, holds, villages):
    """A nested rule over codes by criterion id."""
    if isinstance(rule, str):
        return holds[rule]
    parts = [_apply(part, holds, villages) for part in rule.get("all", rule.get("of", ()))]
    if "all" in rule:
        return all_of(parts)
    usual = at_least(np.full(len(villages), int(rule["any_n"])), parts)
    if "or_n" not in rule:
        return usual
    other = at_least(np.full(len(villages), int(rule["or_n"]["n"])), parts)
    special = condition_holds(rule["or_n"]["when"], villages)
    return np.where(special == YES, other, np.where(special == NO, usual, either(usual, other)))


def condition_holds(condition, villages):
    """Whether an attribute of each village fulfils a condition; unknown where it is blank."""
    name, limit = condition["attribute"], float(condition["value"])
    column = villages[name] if name in villages else pd.Series(np.nan, index=villages.index)
    value = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        compared = {"ge": value >= limit, "gt": value > limit, "le": value <= limit, "lt": value < limit}
    return np.where(np.isnan(value), UNKNOWN, np.where(compared[condition["compare"]], YES, NO))
