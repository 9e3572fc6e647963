"""Years, rules and targets: what changed and by which cause, how fast, what is nearest, and where to begin."""

from gis.trend.closest import closest_to_passing
from gis.trend.counting import counts_by
from gis.trend.history import History, compare_years
from gis.trend.pilots import PARTS, Pilots, propose_pilots
from gis.trend.rescoring import Rescoring, split_change, split_changes
from gis.trend.target import Progress, progress

__all__ = [
    "PARTS",
    "History",
    "Pilots",
    "Progress",
    "Rescoring",
    "closest_to_passing",
    "compare_years",
    "counts_by",
    "progress",
    "propose_pilots",
    "split_change",
    "split_changes",
]
