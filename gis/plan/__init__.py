"""From gaps to a plan: what could be built, which of it for the money, and how far from the best that may be."""

from gis.plan.edits import Edit, edited
from gis.plan.making import Plan, plan
from gis.plan.options import Options, cheapest_fixes, find_options
from gis.plan.request import Fund, Request
from gis.plan.solving import optimise

__all__ = [
    "Edit",
    "Fund",
    "Options",
    "Plan",
    "Request",
    "cheapest_fixes",
    "edited",
    "find_options",
    "optimise",
    "plan",
]
