"""A scenario as plain data, whole, and any two records of plans or scenarios side by side."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.errors import PlanError
from gis.plan.differences import compare
from gis.plan.record import FORMAT, check_record, edits_of, origin_of, plain
from gis.plan.rules import PARTS
from gis.plan.scenario import Scenario

SIDES = ("a", "b")


def to_scenario_record(scenario, *, plan=None):
    """A scenario as plain data that JSON holds: what it changes, and what comes of it.

    Parameters
    ----------
    scenario : Scenario
    plan : str, optional
        Key of the plan that it began with.

    Returns
    -------
    dict
        ``format``, ``kind`` ("scenario"), ``study``, ``run``, ``criteria`` and ``inputs`` of the base, ``plan``, ``name``,
        ``edits``, ``works`` (name of a work to VND), ``figures`` (as `Changes.headline`), ``findings`` (those that differ
        from the base) and ``villages`` (all, with verdicts before and after).
    """
    found = compare(scenario.base, scenario)
    return {
        "format": FORMAT,
        "kind": "scenario",
        **origin_of(scenario.base),
        "plan": plan,
        **plain(scenario.to_plain()),
        "figures": plain(found.headline),
        "findings": plain(found.findings),
        "villages": plain(found.villages),
    }


def _as_of_plan(record, infra):
    """The figures of a scenario under the names that a plan has for them, by the part that the plan asks for."""
    figures, part = record["figures"], "infra_" if infra else ""
    before, after = ({name: figures[f"{side}_{part}{name}"] for name in ("met", "people")} for side in ENDS)
    return {
        "passing": after["met"] - before["met"],
        "before": before["met"],
        "after": after["met"],
        "people": after["people"] - before["people"],
        "works": len(record["works"]),
        "cost": float(sum(record["works"].values())),
    }


ENDS = ("before", "after")


def scenario_of(record, review):
    """A saved scenario, or the works of a saved plan, over a judged study.

    Raises
    ------
    PlanError
        If it is no record, or names what the study does not have.
    """
    if check_record(record)["kind"] == "scenario":
        return Scenario.from_plain(review, {name: record.get(name) for name in ("name", "edits", "works")})
    costs = {row["option_id"]: row["cost"] for row in record["works"]}
    return Scenario(review, edits_of(record), str(record.get("name", "")), costs)


@dataclass(frozen=True)
class Beside:
    """Two records side by side.

    Attributes
    ----------
    figures : DataFrame
        Index the name of a figure that both have: ``a``, ``b``. A scenario beside a plan is told in the plan's figures:
        ``passing``, ``after``, ``people``, ``works`` and ``cost``.
    works : DataFrame
        Index the id of a work of either: ``label`` (by language), ``village_id``, ``commune``, ``year_a``, ``year_b`` (NaN
        where it is not built, or where a scenario says no year), ``cost_a``, ``cost_b`` (VND; NaN where it is not built).
    villages : DataFrame
        Index the id of each village whose outcome differs: ``name``, ``commune``, ``a``, ``b`` (at the end: ``passes``,
        ``exempt``, or ``open``: it does not pass, or nobody knows; None where it is not there), ``year_a``, ``year_b`` (in
        which it passes, for plans). Scenarios are taken by the part that a plan beside them asks for, else by the whole
        set.
    """

    figures: pd.DataFrame
    works: pd.DataFrame
    villages: pd.DataFrame

    @property
    def only_a(self):
        """Works that only the first has."""
        return self.works[self.works["cost_b"].isna()]

    @property
    def only_b(self):
        """Works that only the second has."""
        return self.works[self.works["cost_a"].isna()]


def beside(a, b):
    """Two records of plans or scenarios side by side; nothing is judged.

    Parameters
    ----------
    a, b : Mapping
        Records of studies with a village in common.

    Returns
    -------
    Beside

    Raises
    ------
    PlanError
        If one is no record, or they have no village in common.
    """
    records = [check_record(one) for one in (a, b)]
    parts = [one["request"].get("part", PARTS[0]) for one in records if one["kind"] == "plan"]
    column = "infra_after" if parts and parts[0] == PARTS[0] else "after"
    sides = [_villages(one, column) for one in records]
    if not sides[0].index.isin(sides[1].index).any():
        names = [one["study"]["id"] for one in records]
        raise PlanError("scenario-other-villages", one=names[0], other=names[1])
    villages = sides[0].add_suffix("_a").join(sides[1].add_suffix("_b"), how="outer").sort_index()
    facts = {name: villages[f"{name}_a"].fillna(villages[f"{name}_b"]) for name in ("name", "commune")}
    passes = {side: villages[f"passes_{side}"].astype(object) for side in SIDES}
    passes = {side: one.where(one.notna(), None) for side, one in passes.items()}
    years = {f"year_{side}": pd.to_numeric(villages[f"year_{side}"]) for side in SIDES}
    table = pd.DataFrame({**facts, **passes, **years}, index=villages.index)
    same = [one == two for one, two in zip(table["a"], table["b"], strict=True)]
    later = (table["year_a"] != table["year_b"]) & table["year_a"].gt(0) & table["year_b"].gt(0)
    told = [one["figures"] for one in records]
    if len({one["kind"] for one in records}) > 1:
        told = [
            one["figures"] if one["kind"] == "plan" else _as_of_plan(one, column == "infra_after")
            for one in records
        ]
    figures = {
        name: [one.get(name) for one in told]
        for name in told[0]
        if all(isinstance(one.get(name), (int, float)) for one in told)
    }
    return Beside(
        pd.DataFrame.from_dict(figures, orient="index", columns=list(SIDES)).rename_axis("figure"),
        _works(records),
        table[~np.array(same, dtype=bool) | later.to_numpy()],
    )


def _villages(record, column):
    """What becomes of each village, and in a plan in which year."""
    rows = pd.DataFrame(record["villages"]).set_index("village_id")
    if record["kind"] == "plan":
        rows["year"] = pd.to_numeric(rows["passes"], errors="coerce")
        rows["passes"] = [one if one in ("exempt", "open") else "passes" for one in rows["state"]]
    else:
        words = {"met": "passes", "exempt": "exempt"}
        rows["passes"] = [words.get(status, "open") for status in rows[column]]
        rows["year"] = np.nan
    return rows[["name", "commune", "passes", "year"]]


def _works(records):
    tables = []
    for side, record in zip(SIDES, records, strict=True):
        rows = record["works"]
        if record["kind"] == "scenario":
            rows = [{"option_id": name, "cost": cost} for name, cost in rows.items()]
        known = ("option_id", "label", "village_id", "commune", "year", "cost")
        table = pd.DataFrame(
            [{name: row.get(name) for name in known} for row in rows], columns=known, dtype=object
        )
        tables.append(table.set_index("option_id").add_suffix(f"_{side}"))
    both = tables[0].join(tables[1], how="outer").sort_index()
    for name in ("label", "village_id", "commune"):
        both[name] = both[f"{name}_a"].where(both[f"{name}_a"].notna(), both[f"{name}_b"])
    numbers = [f"{name}_{side}" for name in ("year", "cost") for side in SIDES]
    both[numbers] = both[numbers].apply(pd.to_numeric, errors="coerce").astype(float)
    return both[["label", "village_id", "commune", *numbers]]
