"""The planner's own needs list: works that people ask for or have decided, and their word on what was generated."""

from gis.plan.needs.effects import own_options
from gis.plan.needs.rows import Needs, needs_from_rows
from gis.plan.needs.table import COLUMNS, needs_to_rows

__all__ = ["COLUMNS", "Needs", "needs_from_rows", "needs_to_rows", "own_options"]
