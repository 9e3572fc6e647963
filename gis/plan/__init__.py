"""From gaps to a plan: what could be built, which of it for the money, and how far from the best that may be."""

from gis.plan.asking import read_request
from gis.plan.differences import Changes, changes, compare
from gis.plan.edits import Edit, edited, scenario_edits
from gis.plan.fundsheet import funds_from_excel
from gis.plan.fundtext import fund_from_text
from gis.plan.making import Plan, plan
from gis.plan.options import Options, changed, cheapest_fixes, find_options, without_option
from gis.plan.request import Fund, Request
from gis.plan.scenario import Scenario, rejudge
from gis.plan.settling import assumptions, settled
from gis.plan.solving import optimise

__all__ = [
    "Changes",
    "Edit",
    "Fund",
    "Options",
    "Plan",
    "Request",
    "Scenario",
    "assumptions",
    "changed",
    "changes",
    "cheapest_fixes",
    "compare",
    "edited",
    "find_options",
    "fund_from_text",
    "funds_from_excel",
    "optimise",
    "plan",
    "read_request",
    "rejudge",
    "scenario_edits",
    "settled",
    "without_option",
]
