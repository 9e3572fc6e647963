"""Assessment sheets: from a grid of cells to one row a village, with every row accounted for."""

from gis.assessments.checks import impossible_figures, needed_fields
from gis.assessments.joining import check_unique, decisions_from, join_sheet, village_key, villages_from
from gis.assessments.reading import Sheet, read_sheet

__all__ = [
    "Sheet",
    "check_unique",
    "decisions_from",
    "impossible_figures",
    "join_sheet",
    "needed_fields",
    "read_sheet",
    "village_key",
    "villages_from",
]
