"""The verdict of a whole set on every village, from its findings and the set's own logic."""

import numpy as np
import pandas as pd

from gis.conditions import holds
from gis.scoring import score
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
        Table `FINDINGS`, in any order.
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
    turned = _Turned(findings, criteria, villages.index)
    counted = counted_criteria(criteria)
    codes, logic = turned.codes("status"), criteria.logic
    columns = {}
    if not isinstance(logic, str) and "points" in logic:
        found = score(logic, codes, turned.codes("nearly_status", NO), turned.texts("grade"))
        verdict = found.verdict
        columns = {"points_low": found.low, "points_high": found.high}
        columns["grade"] = np.where(found.nearly, "nearly", None)
    else:
        rule = {"all": [criterion.id for criterion in counted]} if isinstance(logic, str) else logic
        if criteria.polarity == "trigger":
            verdict = negate(_apply(rule, {name: negate(code) for name, code in codes.items()}, villages))
        else:
            verdict = _apply(rule, codes, villages)
    works = [codes[criterion.id] for criterion in counted if criterion.fixable_by == "works"]
    works = works or [np.full(len(villages), EXEMPT)]
    every = np.column_stack([codes[criterion.id] for criterion in counted])
    decided = (every == YES).sum(1) + (every == NO).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(decided > 0, 100 * (every == YES).sum(1) / decided, np.nan)
    results = pd.DataFrame(
        {
            "status": WORDS[verdict],
            "infra_status": WORDS[all_of(works)],
            "missed": (every == NO).sum(1),
            "infra_missed": (np.column_stack(works) == NO).sum(1),
            "unknown": (every == UNKNOWN).sum(1),
            "score": share,
            **columns,
        },
        index=villages.index,
    )
    return conform(results, RESULTS)


class _Turned:
    """Findings with a row a criterion and a column a village; a finding that is not there is unknown."""

    def __init__(self, findings, criteria, index):
        self.findings, self.shape = findings, (len(criteria.criteria), len(index))
        self.ids = [criterion.id for criterion in criteria.criteria]
        row = pd.Index(self.ids).get_indexer(findings["criterion"])
        column = index.get_indexer(findings["village_id"])
        self.kept = (row >= 0) & (column >= 0)
        self.at = row[self.kept], column[self.kept]

    def codes(self, name, missing=UNKNOWN):
        """Codes of a column of status words by criterion id; `missing` where it says nothing."""
        table = np.full(self.shape, missing)
        if name in self.findings:
            words = self.findings[name]
            table[self.at] = np.where(words.isna(), missing, codes_of(words))[self.kept]
        return dict(zip(self.ids, table, strict=True))

    def texts(self, name):
        """A column of texts by criterion id."""
        table = np.full(self.shape, None, dtype=object)
        if name in self.findings:
            table[self.at] = self.findings[name].to_numpy(dtype=object)[self.kept]
        return dict(zip(self.ids, table, strict=True))


def _apply(rule, codes, villages):
    """A nested rule over codes by criterion id."""
    if isinstance(rule, str):
        return codes[rule]
    parts = [_apply(part, codes, villages) for part in rule.get("all", rule.get("of", ()))]
    if "all" in rule:
        return all_of(parts)
    usual = at_least(np.full(len(villages), int(rule["any_n"])), parts)
    if "or_n" not in rule:
        return usual
    other = at_least(np.full(len(villages), int(rule["or_n"]["n"])), parts)
    special = holds(rule["or_n"]["when"], villages)
    return np.where(special == YES, other, np.where(special == NO, usual, either(usual, other)))
