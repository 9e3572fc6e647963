"""From gaps to a plan: what could be built, which of it for the money, and how far from the best that may be."""

from gis.plan.asking import read_request
from gis.plan.confirming import Confirmed, confirm
from gis.plan.curve import Curve, curve, three_budgets
from gis.plan.differences import Changes, changes, compare
from gis.plan.edits import Edit, edited, scenario_edits
from gis.plan.fairness import Equity, equity, fairness
from gis.plan.fundsheet import funds_from_excel
from gis.plan.fundtext import fund_from_text
from gis.plan.making import Plan, plan
from gis.plan.options import Options, changed, cheapest_fixes, find_options, without_option
from gis.plan.rankings import rankings
from gis.plan.reasons import Reasons, reasons
from gis.plan.request import Fund, Request
from gis.plan.roadmap import Roadmap, roadmap
from gis.plan.robustness import Robustness, robustness
from gis.plan.scenario import Scenario, rejudge
from gis.plan.settling import assumptions, settled
from gis.plan.solving import optimise

__all__ = [
    "Changes",
    "Confirmed",
    "Curve",
    "Edit",
    "Equity",
    "Fund",
    "Options",
    "Plan",
    "Reasons",
    "Request",
    "Roadmap",
    "Robustness",
    "Scenario",
    "assumptions",
    "changed",
    "changes",
    "cheapest_fixes",
    "compare",
    "confirm",
    "curve",
    "edited",
    "equity",
    "fairness",
    "find_options",
    "fund_from_text",
    "funds_from_excel",
    "optimise",
    "plan",
    "rankings",
    "read_request",
    "reasons",
    "rejudge",
    "roadmap",
    "robustness",
    "scenario_edits",
    "settled",
    "three_budgets",
    "without_option",
]
