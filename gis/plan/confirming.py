"""What a plan promises, held against the study judged anew with its works in it."""

from dataclasses import dataclass

import pandas as pd

from gis.plan.edits import Edit
from gis.plan.scenario import rejudge


@dataclass(frozen=True)
class Confirmed:
    """Promised and judged anew.

    Attributes
    ----------
    table : DataFrame
        ``village_id``, ``criterion`` (None for the village as a whole), ``before``, ``after`` (statuses), ``promised``
        (whether the plan says that it becomes met), ``kept`` (whether it did; False for what nobody promised and that
        was met before), ``kind``: kept | broken | more (met, though nobody promised) | worse |
        other (it changed between unmet, not known and not asked). Sorted by village and the order of the set.
    promised, kept, more, worse : int
        Criteria.
    villages_promised, villages_kept, villages_more : int
        Villages that newly pass the asked part.
    after : Review
    edits : tuple of Edit
    """

    table: pd.DataFrame
    promised: int
    kept: int
    more: int
    worse: int
    villages_promised: int
    villages_kept: int
    villages_more: int
    after: object
    edits: tuple

    @property
    def holds(self):
        """Whether everything that was promised came true."""
        return self.kept == self.promised and self.villages_kept == self.villages_promised


def edits_of(plan, review):
    """All that a plan changes in the study.

    Parameters
    ----------
    plan : Plan
    review : Review

    Returns
    -------
    tuple of Edit
        The edits of its works by id, then what villages will say of themselves: where a sheet decides whether something
        is there, that it is there now, by whichever work it came.
    """
    edits, said = [], set()
    for own in plan.works.sort_index()["edits"]:
        for edit in own or ():
            # two works may add as much of the same to one village
            if edit not in edits or "add" in edit.what:
                edits.append(edit)
            if edit.does == "report":
                said.add((edit.what["village"], edit.what["field"]))
    rules = {one.id: one for one in review.criteria.criteria}
    for village, criteria in plan.villages["closes"].items():
        for name in criteria:
            rule = rules[name]
            if (
                rule.decides == "measured"
                or rule.reported is None
                or rule.compare not in ("present", "absent")
            ):
                continue
            field = dict(rule.reported.arguments).get("field")
            if rule.reported.indicator == "reported_value" and (village, field) not in said:
                # what a disadvantage says is absent must be there
                value = float((rule.compare == "present") != (rule.kind == "trigger"))
                edits.append(Edit("report", {"village": village, "field": field, "set": value}))
    return tuple(edits)


def confirm(plan, review, *, judge=rejudge):
    """Make a plan's works in the study, judge it anew, and compare with what the plan promises.

    Parameters
    ----------
    plan : Plan
    review : Review
        What the plan was made from.
    judge : callable
        As `gis.plan.scenario.rejudge`.

    Returns
    -------
    Confirmed

    Raises
    ------
    PlanError
        If a work changes what the study does not have.

    Notes
    -----
    What is assumed through a programme is no work and is not judged anew: a village that passes only with it is promised
    by the plan, but not counted here.
    """
    edits = edits_of(plan, review)
    after = judge(review, edits)
    index = review.study.villages.index
    order = {one.id: at for at, one in enumerate(review.criteria.criteria)}
    promised = {(village, name) for village, closes in plan.villages["closes"].items() for name in closes}
    pair = ["village_id", "criterion"]
    both = review.findings[[*pair, "status"]].merge(
        after.findings[[*pair, "status"]], on=pair, suffixes=("_before", "_after")
    )
    changed = both["status_before"] != both["status_after"]
    said = pd.Series(
        [key in promised for key in zip(both["village_id"], both["criterion"], strict=True)],
        both.index,
        dtype=bool,
    )
    rows = [
        _row(one.village_id, one.criterion, one.status_before, one.status_after, told)
        for one, told in zip(both[changed | said].itertuples(), said[changed | said], strict=True)
    ]
    column = "status" if plan.request.part == "all" else "infra_status"
    needs = _needing(plan, review)
    whole = []
    for village in index:
        before, now = review.results.at[village, column], after.results.at[village, column]
        told = plan.villages.at[village, "passes"] > 0 and village not in needs
        if told or before != now:
            whole.append(_row(village, None, before, now, told))
    table = pd.DataFrame(
        rows + whole, columns=["village_id", "criterion", "before", "after", "promised", "kept", "kind"]
    )
    place = table["criterion"].map(order).fillna(-1)
    table = table.assign(_at=place).sort_values(["village_id", "_at"], ignore_index=True).drop(columns="_at")
    single, kinds = table["criterion"].notna(), table["kind"]
    return Confirmed(
        table=table,
        promised=int((single & table["promised"]).sum()),
        kept=int((single & (kinds == "kept")).sum()),
        more=int((single & (kinds == "more")).sum()),
        worse=int((single & (kinds == "worse")).sum()),
        villages_promised=int((~single & table["promised"]).sum()),
        villages_kept=int((~single & (kinds == "kept")).sum()),
        villages_more=int((~single & (kinds == "more")).sum()),
        after=after,
        edits=edits,
    )


def _row(village, criterion, before, after, told):
    if after == "met":
        kind = "kept" if told else "more"
    elif told:
        kind = "broken"
    else:
        kind = "worse" if before in ("met", "exempt") else "other"
    return {
        "village_id": village,
        "criterion": criterion,
        "before": before,
        "after": after,
        "promised": bool(told),
        "kept": kind in ("kept", "more", "other"),
        "kind": kind,
    }


def _needing(plan, review):
    """Villages that pass in the plan only because something is assumed through a programme."""
    names = {each["criterion"] for each in plan.request.assumed}
    if not names:
        return set()
    rows = review.findings[
        review.findings["criterion"].isin(names) & ~review.findings["status"].isin(["met", "exempt"])
    ]
    return set(rows["village_id"])
