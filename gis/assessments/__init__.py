"""Assessment sheets: from a grid of cells to one row a village, with every row accounted for."""

from gis.assessments.checks import broken, figure, impossible_figures, jumps, needed_fields
from gis.assessments.codes import restore_codes
from gis.assessments.joining import check_unique, decisions_from, join_sheet, village_key, villages_from
from gis.assessments.mapping import ColumnMatch, propose_mapping
from gis.assessments.reading import Sheet, SheetView, inspect_sheet, read_sheet

__all__ = [
    "ColumnMatch",
    "Sheet",
    "SheetView",
    "broken",
    "check_unique",
    "decisions_from",
    "figure",
    "impossible_figures",
    "inspect_sheet",
    "join_sheet",
    "jumps",
    "needed_fields",
    "propose_mapping",
    "read_sheet",
    "restore_codes",
    "village_key",
    "villages_from",
]
