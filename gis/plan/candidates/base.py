"""What makers of options are given, and what they give back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gis.registry import discover

MAKERS = {}


@dataclass(frozen=True)
class Gaps:
    """The gaps of a review that works may close.

    Attributes
    ----------
    review : Review
    interventions : Mapping of str to Intervention
    """

    review: object
    interventions: Mapping

    @cached_property
    def table(self):
        """Rows of `FINDINGS` that are unmet by criteria that count or are context, and that works can fix."""
        fixable = [one.id for one in self.review.criteria.criteria if one.fixable_by == "works"]
        findings = self.review.findings
        return findings[(findings["status"] == "unmet") & findings["criterion"].isin(fixable)]

    def of(self, *indicators, side="measured"):
        """Pairs of criterion and its gaps (rows of `table`) whose binding on that side is of one of some indicators."""
        for criterion in self.review.criteria.criteria:
            binding = getattr(criterion, side)
            if binding is not None and binding.indicator in indicators:
                rows = self.table[self.table["criterion"] == criterion.id]
                if len(rows):
                    yield criterion, rows


@dataclass(frozen=True)
class Made:
    """What one maker made.

    Attributes
    ----------
    options : list of dict
        Rows of `OPTIONS` with ``option_id``.
    ways : list of dict
        Rows of `WAYS`; ``way`` numbers the ways of this maker within village and criterion.
    """

    options: list = field(default_factory=list)
    ways: list = field(default_factory=list)


def maker(function):
    """Register a function of a `Gaps` that returns a `Made`."""
    MAKERS[f"{function.__module__}.{function.__name__}"] = function
    return function


def discover_makers():
    """Every maker of the folder, in order of name."""
    discover("gis.plan.candidates")
    return [MAKERS[name] for name in sorted(MAKERS)]
