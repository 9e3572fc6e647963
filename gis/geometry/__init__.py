"""Repairing geometry, what is wrong with a coverage of villages, and the shapes made from them."""

from gis.geometry.coverage import CoverageReport, check_coverage
from gis.geometry.duplicates import find_duplicates
from gis.geometry.leaves import leaves
from gis.geometry.placing import containing, misplaced, outside
from gis.geometry.repairing import REASONS, repair
from gis.geometry.shaping import in_metres, merge, misfits, outline, point_inside, simplify_shared

__all__ = [
    "REASONS",
    "CoverageReport",
    "check_coverage",
    "containing",
    "find_duplicates",
    "in_metres",
    "leaves",
    "merge",
    "misfits",
    "misplaced",
    "outline",
    "outside",
    "point_inside",
    "repair",
    "simplify_shared",
]
