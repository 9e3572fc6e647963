"""CSV: UTF-8 with a byte-order mark, which is what makes a spreadsheet show the accents."""

import csv as writer
import json
from pathlib import Path

import pandas as pd

from gis.errors import Problem
from gis.exports._origin import dictionary, run_table
from gis.exports._report import Cut, ExportReport, same
from gis.exports._wide import findings_table, wide_table
from gis.files import replacing
from gis.registry import exporter

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula, quoted or not (OWASP, CSV injection)."""


@exporter(
    suffix=".csv",
    mimetype="text/csv; charset=utf-8",
    vi="Bảng CSV: mỗi thôn một dòng",
    en="CSV, one row a village",
)
def csv(review, path, *, language="vi", select=None):
    """One row a village, with its meaning in ``<name>-metadata.json`` beside it (W3C CSV on the Web).

    Notes
    -----
    Codes keep their leading zeros in the file; a spreadsheet that opens it by double click may still show
    0101 as 101, for CSV cannot say that a column is text. The Excel export can.
    """
    wide = wide_table(review, language, select)
    return _write(review, path, "csv", wide.table, dictionary(wide.columns), language)


@exporter(
    suffix=".csv",
    mimetype="text/csv; charset=utf-8",
    vi="Kết quả chi tiết CSV: mỗi thôn và tiêu chí một dòng",
    en="CSV of findings, one row a village and criterion",
)
def findings_csv(review, path, *, language="vi", select=None):
    """One row a village and criterion, with the sentence that explains it."""
    table = findings_table(review, language, select)
    notes = wide_table(review, language, select).table[["village_id", "notice", "criteria_set", "run"]]
    table = table.merge(notes, on="village_id", how="left", validate="many_to_one")
    return _write(review, path, "findings_csv", table, pd.DataFrame({"name": list(table)}), language)


def write_csv(table, path):
    """Write a frame as CSV and read it back; return the texts that had to change.

    Returns
    -------
    tuple of Cut
        Cells that a spreadsheet would have run as a formula: they begin with an apostrophe in the file.
    """
    path, cut, safe = Path(path), [], {}
    ids = table["village_id"] if "village_id" in table else pd.Series([""] * len(table))
    for name in table.columns:
        cells = []
        for village, value in zip(ids, table[name], strict=True):
            text = _cell(value)
            if isinstance(value, str) and text.startswith(FORMULA_STARTS):
                cut.append(Cut(village, name, text, "formula"))
                text = "'" + text
            cells.append(text)
        safe[name] = cells
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = writer.writer(file, lineterminator="\r\n")
        out.writerow(safe)
        out.writerows(zip(*safe.values(), strict=True))
    with path.open(encoding="utf-8-sig", newline="") as file:
        names, *rows = writer.reader(file)
    same(pd.DataFrame(safe, dtype="object"), pd.DataFrame(rows, columns=names, dtype="object"), path.name)
    return tuple(cut)


def _write(review, path, format, table, meaning, language):
    path = Path(path)
    beside = path.with_name(path.name + "-metadata.json")
    with replacing(path) as fresh:
        cut = write_csv(table, fresh)
        with replacing(beside) as notes:
            notes.write_text(_metadata(path.name, meaning, run_table(review, language)), encoding="utf-8")
    problems = (Problem("export-formula-prefixed", {"count": len(cut)}, "note"),) if cut else ()
    return ExportReport(path, format, len(table), (path, beside), meaning, cut, problems)


def _metadata(name, meaning, run):
    columns = []
    for row in meaning.fillna("").to_dict("records"):
        titles = {key.removeprefix("label_"): text for key, text in row.items() if key.startswith("label_")}
        rest = {
            key: text for key, text in row.items() if text and not key.startswith("label_") and key != "name"
        }
        columns.append({"name": row["name"], "titles": titles or row["name"], **rest})
    facts = run.to_dict("records")
    notes = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": name,
        "tableSchema": {"columns": columns},
        "notes": facts,
    }
    return json.dumps(notes, ensure_ascii=False, indent=1, allow_nan=False)


def _cell(value):
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
