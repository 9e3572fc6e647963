"""Maps to print and hang up: A4 or A3 across, at a round scale, with all that a printed map must say."""

from gis.sheets.mapsheets.overlays import offered
from gis.sheets.mapsheets.page import SIZES
from gis.sheets.mapsheets.sheet import PARTS, SHOWN, Ask, atlas, map_sheet

__all__ = ["PARTS", "SHOWN", "SIZES", "Ask", "atlas", "map_sheet", "offered"]
