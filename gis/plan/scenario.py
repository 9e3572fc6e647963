"""A scenario: edits on a judged study, judged again without measuring what they do not touch."""

import time
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from gis.confidence import rate
from gis.errors import PlanError
from gis.findings import evaluate
from gis.measure import measure_checked
from gis.plan.edits import edited, scenario_edits
from gis.plan.touched import rows_differing, touched_by, with_known_ways
from gis.review import Review
from gis.tolerance import with_tolerance
from gis.verdicts import judge_set

LONGEST_NAME = 120


@dataclass(frozen=True)
class Scenario:
    """Edits on a judged study.

    Attributes
    ----------
    base : Review
    edits : tuple of Edit
    name : str
    works : Mapping of str to float
        What of it costs money: name of a work to VND; empty where nothing is known of that.
    """

    base: Review
    edits: tuple = ()
    name: str = ""
    works: dict = field(default_factory=dict)

    @classmethod
    def from_plain(cls, base, plain):
        """From plain data, as `to_plain` gives it.

        Raises
        ------
        PlanError
            If it is no scenario, or an edit is none; see `gis.plan.edits.scenario_edits`.
        """
        if not isinstance(plain, dict) or not isinstance(plain.get("name", ""), str):
            raise PlanError("scenario-no-scenario", found=str(plain)[:60])
        works = plain.get("works", {})
        if not isinstance(works, dict) or not all(isinstance(cost, (int, float)) for cost in works.values()):
            raise PlanError("scenario-no-scenario", found=str(works)[:60])
        edits = scenario_edits(plain.get("edits", []))
        return cls(base, edits, plain.get("name", "").strip()[:LONGEST_NAME], dict(works))

    def to_plain(self):
        """As plain data that JSON holds, without the base."""
        edits = [edit.to_plain() for edit in self.edits]
        return {"name": self.name, "edits": edits, "works": dict(self.works)}

    @cached_property
    def after(self):
        """The study with the edits made, judged."""
        return rejudge(self.base, self.edits)


def rejudge(review, edits):
    """A review of the study with edits made; what they do not touch is not measured again.

    Parameters
    ----------
    review : Review
    edits : iterable of Edit

    Returns
    -------
    Review
        As `gis.workflows.judge` of `edited` gives it, without the sets beside it.

    Raises
    ------
    PlanError
        As `edited`.
    """
    started = time.perf_counter()
    study = edited(review.study, edits)
    if study is review.study:
        return replace(review, beside={})
    study = with_known_ways(review.study, study)
    measurements, changed = _measured(review, study)
    for travel in study.travels.values():
        travel.forget()
    if study.criteria is not review.criteria:
        changed[:] = True
    at = np.flatnonzero(changed)
    findings, results = review.findings, review.results
    if len(at):
        part = replace(study, villages=study.villages.iloc[at])
        known = measurements[np.isin(measurements["village_id"].to_numpy(), part.villages.index)]
        found = evaluate(known, study.criteria, part.villages, study.groups)
        found = rate(with_tolerance(found, known, part), part)
        criteria = len(study.criteria.criteria)
        rows = (at[:, None] * criteria + np.arange(criteria)).ravel()
        findings = _spliced(findings, rows, found)
        results = _spliced(results, at, judge_set(found, study.criteria, part.villages))
    seconds = time.perf_counter() - started
    run = replace(review.run, criteria_hash=study.criteria.hash, seconds=seconds)
    return Review(study, measurements, findings, results, run)


def _measured(review, study):
    """The measurements of an edited study, and which villages have others than before."""
    before, changed = review.study, np.zeros(len(study.villages), dtype=bool)
    table, ids = review.measurements, study.villages.index
    names, sources = (table[name].to_numpy() for name in ("measure", "source"))
    done = set()
    for criterion in study.criteria.criteria:
        for source in ("measured", "reported"):
            binding = getattr(criterion, source)
            if binding is None or (binding.measure, source) in done:
                continue
            done.add((binding.measure, source))
            at = touched_by(before, study, binding)
            if not len(at):
                continue
            part = study if len(at) == len(ids) else replace(study, villages=study.villages.iloc[at])
            one = replace(criterion, **{"measured": None, "reported": None, source: binding})
            found = measure_checked(part, replace(study.criteria, criteria=(one,)))
            rows = np.flatnonzero((names == binding.measure) & (sources == source))[at]
            other = rows_differing(table.iloc[rows], found)
            changed[at[other]] = True
            table = _spliced(table, rows, found)
    return table, changed


def _spliced(table, rows, found):
    """A table with some rows replaced."""
    columns = {}
    for name in table:
        column = table[name].to_numpy().copy()
        column[rows] = found[name].to_numpy()
        columns[name] = pd.Series(column, table.index, column.dtype, copy=False)
    return pd.DataFrame(columns, index=table.index)
