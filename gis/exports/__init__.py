"""Files to hand over: one module a format; putting a module here is the whole registration."""

from gis.errors import ExportError
from gis.exports._doubts import disagreement_list, list_title, repair_list
from gis.exports._reach import (
    doubt_text,
    reach_layers,
    reach_list,
    reach_suffix,
    write_reach,
)
from gis.exports._report import ExportReport
from gis.exports._study import write_study_files
from gis.exports._tables import write_tables
from gis.exports._text import plain
from gis.exports._wide import findings_table, wide_table
from gis.exports.works import WORKS_FORMATS, works_table, write_works
from gis.exports.xlsx import lists_to_xlsx, to_xlsx
from gis.registry import EXPORTERS, discover

__all__ = [
    "WORKS_FORMATS",
    "ExportReport",
    "disagreement_list",
    "doubt_text",
    "export",
    "findings_table",
    "formats",
    "list_title",
    "lists_to_xlsx",
    "plain",
    "reach_layers",
    "reach_list",
    "reach_suffix",
    "repair_list",
    "to_xlsx",
    "wide_table",
    "works_table",
    "write_reach",
    "write_study_files",
    "write_tables",
    "write_works",
]


def formats():
    """Every export format: name to `Exporter` (label, suffix, mimetype)."""
    discover(__name__)
    return dict(sorted(EXPORTERS.items()))


def export(review, path, format, *, language="vi", encoding=None, select=None, fixes=None):
    """Write a review as one file and say what was written.

    Parameters
    ----------
    review : Review
    path : path-like
        Replaced only when the new file is whole and has been read back.
    format : str
        One of `formats`, such as ``"shapefile"``.
    language : str
        ``"vi"`` or ``"en"``: of headings, sentences and notes.
    encoding : str, optional
        Of the shapefile's table: ``"UTF-8"`` (default) or ``"cp1258"``.
    select : iterable of str, optional
        Village ids; only these rows are written.
    fixes : Mapping, optional
        Of the workbook: the cheapest change for each gap, as `gis.plan.fixes` gives them, beside the findings.

    Returns
    -------
    ExportReport
        Its `cut` lists every text that the format could not hold whole.

    Raises
    ------
    ExportError
        If the format is not known, or the file could not be written whole; the old one then stays.
    """
    known = formats()
    if format not in known:
        raise ExportError("export-no-format", format=format, known=" | ".join(sorted(known)))
    options = {} if encoding is None else {"encoding": encoding}
    if options and format != "shapefile":
        raise ExportError("export-no-encoding", format=format)
    if fixes is not None and format == "xlsx":
        options["fixes"] = fixes
    return known[format].function(review, path, language=language, select=select, **options)
