"""Papers to hand in (workbook, document, PDF) and one-page sheets of villages and communes to send (PDF, picture)."""

from gis.sheets.annexes import OF_ONE_COMMUNE, PAPERS, annex
from gis.sheets.bundle import FORMATS, KINDS, SHEETS, File, formats_of, make, make_each, parts_of, zipped
from gis.sheets.commune import commune_sheet
from gis.sheets.model import Heading, Paper
from gis.sheets.picture import to_png
from gis.sheets.village import village_sheet

__all__ = [
    "FORMATS",
    "KINDS",
    "OF_ONE_COMMUNE",
    "PAPERS",
    "SHEETS",
    "File",
    "Heading",
    "Paper",
    "annex",
    "commune_sheet",
    "formats_of",
    "make",
    "make_each",
    "parts_of",
    "to_png",
    "village_sheet",
    "zipped",
]
