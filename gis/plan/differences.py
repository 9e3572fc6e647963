"""Two judgements of one study beside each other: what flips by village and criterion, for whom, and who is worse off."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gis.errors import PlanError
from gis.measure import PLAIN_THINGS
from gis.plan.scenario import Scenario
from gis.plan.touched import differing, rows_differing
from gis.registry import INDICATORS
from gis.review import Review

TURNS = ("gained", "lost", "opened", "settled", "better", "worse", "other")
"""What became of a finding: met now; met no more; unknown now; was unknown, now unmet; the same status by a larger or a
smaller margin; anything else."""
LAYER_OF = {"improve": "roads", "road": "roads", "bridge": "crossings", "speed": "roads"}


@dataclass(frozen=True)
class Changes:
    """What differs between two judgements.

    Attributes
    ----------
    findings : DataFrame
        A row a village and criterion whose status or value differs, in order of both: ``village_id``, ``criterion``,
        ``turn`` (of `TURNS`), ``before``, ``after`` (statuses; None where a set has no such criterion), ``value_before``,
        ``value_after``, ``margin_before``, ``margin_after``, ``unit``, ``counts`` (whether the criterion is a flag or
        trigger) and ``cause``, a tuple of positions of edits that it can come from.
    villages : DataFrame
        Every village, index village_id: ``name``, ``commune_id``, ``commune``, ``population``, ``before``, ``after``,
        ``infra_before``, ``infra_after`` (verdicts), ``gained``, ``lost`` (criteria that count), ``worse_off`` (it lost a
        criterion, or the verdict that is sought).
    works : DataFrame
        Index: works of either side; ``before`` and ``after`` are what they cost there in VND, NaN where they are none.
    """

    findings: pd.DataFrame
    villages: pd.DataFrame
    works: pd.DataFrame

    @cached_property
    def flips(self):
        """The rows of `findings` in which the status differs."""
        return self.findings[self.findings["before"] != self.findings["after"]]

    @cached_property
    def worse_off(self):
        """The rows of `villages` of those who lost something."""
        return self.villages[self.villages["worse_off"]]

    @cached_property
    def headline(self):
        """Counts, as a dict: villages and people that pass before and after by both parts, criteria gained and lost."""
        villages, told = self.villages, {}
        people = villages["population"].fillna(0.0)
        for side in ("before", "after"):
            met, infra = villages[side] == "met", villages[f"infra_{side}"] == "met"
            told |= {
                f"{side}_met": int(met.sum()),
                f"{side}_people": float(people[met].sum()),
                f"{side}_infra_met": int(infra.sum()),
                f"{side}_infra_people": float(people[infra].sum()),
            }
        return told | {
            "villages": len(villages),
            "gained": int(villages["gained"].sum()),
            "lost": int(villages["lost"].sum()),
            "better_off": int(((villages["gained"] > 0) & ~villages["worse_off"]).sum()),
            "worse_off": int(villages["worse_off"].sum()),
            "worse_off_people": float(people[villages["worse_off"]].sum()),
            "people_unknown": int(villages["population"].isna().sum()),
            "cost_before": float(self.works["before"].sum()),
            "cost_after": float(self.works["after"].sum()),
        }


def changes(before, after, *, edits=()):
    """What edits change.

    Parameters
    ----------
    before, after : Review
        Of the same villages.
    edits : sequence of Edit, optional
        What led from one to the other; for the causes.

    Returns
    -------
    Changes
    """
    return _beside(before, after, {}, {}, tuple(edits))


def compare(a, b):
    """Any two judgements of the same villages side by side.

    Parameters
    ----------
    a, b : Review or Scenario
        Such as two scenarios, a scenario and its base, or a study in two years. Sets may differ: a criterion that only
        one of them has is told with None on the other side.

    Returns
    -------
    Changes
        "before" is `a`, "after" is `b`. Causes are told where one is the base of the other.

    Raises
    ------
    PlanError
        If they have no village in common.
    """
    one, two = (side.after if isinstance(side, Scenario) else side for side in (a, b))
    for side in (one, two):
        if not isinstance(side, Review):
            raise PlanError("scenario-not-judged", found=type(side).__name__)
    if not one.study.villages.index.isin(two.study.villages.index).any():
        raise PlanError("scenario-other-villages", one=one.study.id, other=two.study.id)
    works = [dict(side.works) if isinstance(side, Scenario) else {} for side in (a, b)]
    edits = b.edits if isinstance(b, Scenario) and b.base is one else ()
    return _beside(one, two, *works, edits)


def _beside(before, after, works_before, works_after, edits):
    keys = ["village_id", "criterion"]
    wanted = [*keys, "status", "value", "margin", "unit", "facility_id"]
    one, two = (side.findings[wanted].set_index(keys) for side in (before, after))
    if one.index.equals(two.index):
        told = ["status", "value", "margin"]
        other = rows_differing(one[told], two[told])
        one, two = one[other], two[other]
    sides = [
        side.rename(columns={name: f"{name}_{word}" for name in side}).rename(
            columns={f"status_{word}": word}
        )
        for side, word in ((one, "before"), (two, "after"))
    ]
    both = sides[0].join(sides[1], how="outer", sort=True)
    for name in ("before", "after"):
        both[name] = both[name].astype(object).where(both[name].notna(), None)
    both["unit"] = both["unit_after"].where(both["after"].notna(), both["unit_before"])
    differs = (both["before"] != both["after"]) | differing(both["value_before"], both["value_after"])
    both = both[differs | differing(both["margin_before"], both["margin_after"])].reset_index()
    known = {one.id: one for one in (*before.criteria.criteria, *after.criteria.criteria)}
    order = {name: at for at, name in enumerate(known)}
    both["_order"] = both["criterion"].map(order)
    both = both.sort_values(["village_id", "_order"], ignore_index=True)
    both["turn"] = _turns(both)
    both["counts"] = np.array([known[name].kind != "context" for name in both["criterion"]], dtype=bool)
    both["cause"] = _causes(both, known, edits)
    columns = ("village_id", "criterion", "turn", "before", "after", "value_before", "value_after")
    more = ("margin_before", "margin_after", "unit", "counts", "cause")
    findings = both[[*columns, *more]]
    names = sorted({*works_before, *works_after})
    works = pd.DataFrame(
        {
            side: [float(costs.get(name, np.nan)) for name in names]
            for side, costs in (("before", works_before), ("after", works_after))
        },
        index=pd.Index(names, name="work", dtype=object),
    )
    return Changes(findings, _villages(before, after, findings), works)


def _villages(before, after, findings):
    """Every village of either with its verdicts, and what it gained and lost."""
    one, two = before.villages_table, after.villages_table
    table = two[["name", "commune_id", "commune", "population"]]
    table = pd.concat([table, one.loc[~one.index.isin(two.index), list(table)]]).sort_index()
    for side, known in (("before", one), ("after", two)):
        for name, column in ((side, "status"), (f"infra_{side}", "infra_status")):
            status = known[column].reindex(table.index).astype(object)
            table[name] = status.where(status.notna(), None)
    counted = findings[findings["counts"]]
    for turn in ("gained", "lost"):
        count = counted.loc[counted["turn"] == turn, "village_id"].value_counts()
        table[turn] = count.reindex(table.index).fillna(0).astype(int)
    fell = (table["before"] == "met") & table["after"].notna() & (table["after"] != "met")
    table["worse_off"] = (table["lost"] > 0) | fell
    return table


def _turns(both):
    before, after = both["before"], both["after"]
    farther, nearer = (
        both["margin_after"] > both["margin_before"],
        both["margin_after"] < both["margin_before"],
    )
    same = before == after
    chosen = [
        same & farther,
        same & nearer,
        (after == "met") & ~same,
        (before == "met") & (after == "unmet"),
        (after == "unknown") & ~same,
        (before == "unknown") & (after == "unmet"),
    ]
    words = ("better", "worse", "gained", "lost", "opened", "settled")
    return np.select([one.to_numpy() for one in chosen], words, "other")


def _causes(both, known, edits):
    """For each row the edits that its change can come from."""
    if not edits:
        return [()] * len(both)
    reports, figures, layers, built, closed = {}, {}, {}, {}, {}
    for at, edit in enumerate(edits):
        what = edit.what
        if edit.does == "report":
            reports.setdefault((what["village"], what["field"]), []).append(at)
        elif edit.does == "figure":
            figures.setdefault(what["criterion"], []).append(at)
        else:
            layers.setdefault(LAYER_OF.get(edit.does, what.get("layer")), []).append(at)
            if edit.does in ("build", "enlarge"):
                built.setdefault((what["layer"], what["id"]), []).append(at)
            if edit.does == "close":
                closed.setdefault((what["layer"], what["id"]), []).append(at)
    found = []
    rows = zip(
        both["village_id"],
        both["criterion"],
        both["facility_id_before"],
        both["facility_id_after"],
        strict=True,
    )
    used = {name: _used(one) for name, one in known.items()}
    for village, name, place_before, place_after in rows:
        fields, things, facilities = used[name]
        causes = list(figures.get(name, ()))
        causes += [at for each in fields for at in reports.get((village, each), ())]
        certain = built.get((facilities, place_after), []) + closed.get((facilities, place_before), [])
        causes += certain or [at for each in things for at in layers.get(each, ())]
        found.append(tuple(sorted(set(causes))))
    return found


def _used(criterion):
    """The reported fields, the layers, and the layer of places that a criterion is judged from."""
    fields, things, facilities = [], [], None
    for binding in filter(None, (criterion.measured, criterion.reported)):
        declared, arguments = INDICATORS[binding.indicator], dict(binding.arguments)
        things += [arguments.get(thing, thing) for thing in declared.things if thing not in PLAIN_THINGS]
        if "facilities" in declared.things:
            facilities = arguments.get("facilities", "facilities")
        if "reported" in declared.things:
            for value in arguments.values():
                fields += [value] if isinstance(value, str) else list(value)
    return fields, things, facilities
