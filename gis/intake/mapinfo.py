"""MapInfo: MIF with its MID, and native TAB tables; tables that only point to others are refused."""

import re
import struct

import numpy as np

from gis.errors import IntakeError, Problem
from gis.intake.lettering import lettered
from gis.intake.sources import only_layer
from gis.intake.vectors import finish

CHARSETS = {"windowsvietnamese": "cp1258", "utf-8": "utf-8", "windowsthai": "cp874"}
"""Character sets that are believed. "WindowsLatin1" and "Neutral" stand over text of every encoding."""

HEAD_BYTES = 65536
CHARSET = re.compile(rb'^([ \t]*charset[ \t]+)"([^"\r\n]{0,60})"', re.IGNORECASE | re.MULTILINE)
FIELDS = re.compile(r"^\s*fields\s+(\d+)\s*$", re.IGNORECASE)
FIELD = re.compile(
    r"\s*\S+\s+(?:char|decimal|integer|smallint|largeint|float|date|time|datetime|logical)\b"
    r"[ \t]*(?:\([0-9, ]*\))?[ \t]*(?:index\s+\d+)?\s*;?\s*",
    re.IGNORECASE,
)
OWN_TYPES = ("NATIVE", "DBF")
"""Kinds of table whose rows lie in the files beside it; LINKED, VIEW, RASTER, SEAMLESS and others do not."""


def read(source, request, limits):
    """The objects of a MapInfo table; see `child.read_vector` for what comes back."""
    from gis.intake.drivers import read_bytes_as_letters

    only_layer(source)
    prepare = _prepared_mif if source.format.id == "mif" else _prepared_tab
    charset, count, deleted = prepare(source, limits)
    meta, fids, columns, wkb = read_bytes_as_letters(source.path, source.name, source.format.driver)
    rows = list(range(1, len(wkb) + 1))
    if source.format.id == "tab":
        rows = [int(fid) for fid in fids]
        deleted = [row for row in deleted if row not in set(rows)]
    if len(rows) + len(deleted) != count:
        raise IntakeError("intake-part-counts", file=source.name, shapes=len(rows), rows=count - len(deleted))
    columns, codec, problems = lettered(
        columns, source, request.get("encoding"), CHARSETS.get(charset.lower())
    )
    problems += finish(source, columns, wkb, rows, wanted=request.get("columns"))
    if _is_doubtful(meta["crs"]):
        problems.append(Problem("intake-mapinfo-datum", {"file": source.name}))
    return {
        "layer": source.stem,
        "encoding": codec,
        "crs": meta["crs"],
        "rows_in": count,
        "rows_out": len(rows),
        "skipped": [(row, "row-deleted") for row in deleted],
        "problems": problems,
    }


def _prepared_mif(source, limits):
    """The character set, and how many rows the .mid has; the copy then states no character set.

    Stated ones are undone by the library only where its build can, so that is left to us.
    """
    octets = source.path.read_bytes()
    found = CHARSET.search(octets, 0, HEAD_BYTES)
    if found:
        source.path.write_bytes(octets[: found.start()] + found[1] + b'"Neutral"' + octets[found.end() :])
    lines = source.parts[".mid"].read_bytes().rstrip(b"\r\n \t\x1a")
    count = len(lines.splitlines()) if lines else 0
    _check_rows(count, source, limits)
    return (found[2].decode("latin-1") if found else ""), count, []


def _prepared_tab(source, limits):
    """The character set, the rows of the .dat and the deleted ones; the copy of the .tab is written anew.

    Only what describes a table of its own comes into it, so that nothing in it can point to another file.
    """
    if source.path.stat().st_size > HEAD_BYTES:
        raise IntakeError("intake-damaged", file=source.name, reason=".tab")
    lines = source.path.read_bytes().decode("latin-1").splitlines()
    kind = re.search(r"^\s*type\s+(\w+)", "\n".join(lines), re.IGNORECASE | re.MULTILINE)
    kind = kind[1].upper() if kind else ""
    elsewhere = any(
        re.match(r"\s*(create\s+view|open\s+table|file\s)", line, re.IGNORECASE) for line in lines
    )
    seamless = any(re.search(r'isseamless"\s*=\s*"true', line, re.IGNORECASE) for line in lines)
    if kind not in OWN_TYPES or elsewhere or seamless:
        raise IntakeError("intake-mapinfo-elsewhere", file=source.name, kind=kind or "?")
    start = next((number for number, line in enumerate(lines) if FIELDS.match(line)), None)
    if start is None:
        raise IntakeError("intake-damaged", file=source.name, reason="Fields")
    fields = lines[start + 1 : start + 1 + int(FIELDS.match(lines[start])[1])]
    if not fields or not all(FIELD.fullmatch(line) for line in fields):
        raise IntakeError("intake-damaged", file=source.name, reason="Fields")
    table = ".dat" if kind == "NATIVE" else ".dbf"
    if table not in source.parts:
        whole = ", ".join((source.format.parts[0], table, *source.format.needed))
        raise IntakeError("intake-part-missing", file=source.name, missing=[table], parts=whole)
    found = re.search(r'charset\s+"?([\w-]+)', "\n".join(lines), re.IGNORECASE)
    clean = ["!table", "!version 300", "!charset Neutral", "", "Definition Table"]
    clean += [f'  Type {kind} Charset "Neutral"', f"  Fields {len(fields)}", *fields, ""]
    source.path.write_bytes("\n".join(clean).encode("latin-1"))
    return (found[1] if found else ""), *_records(source, table, limits)


def _records(source, table, limits):
    """How many records a .dat or .dbf has, and the numbers of the deleted ones."""
    octets = np.memmap(source.parts[table], dtype=np.uint8, mode="r")
    if len(octets) < 32:
        raise IntakeError("intake-damaged", file=source.name, reason=table)
    count, header, width = struct.unpack("<IHH", bytes(octets[4:12]))
    _check_rows(count, source, limits)
    if header < 33 or width < 1 or len(octets) < header + count * width:
        raise IntakeError("intake-damaged", file=source.name, reason=table)
    marks = octets[header : header + count * width].reshape(count, width)[:, 0]
    return count, [int(row) + 1 for row in np.flatnonzero(marks == ord("*"))]


def _check_rows(count, source, limits):
    if count > limits.reader_rows:
        raise IntakeError("intake-rows", file=source.name, found=count, limit=limits.reader_rows)


def _is_doubtful(crs):
    """Whether a CRS claims WGS 84 but has the scale of a VN-2000 zone of three degrees.

    MapInfo files are often written so, and then lie 225 m off; the two cannot be told apart by the file.
    """
    crs = (crs or "").replace(" ", "")
    zone = "Transverse_Mercator" in crs and '"scale_factor",0.9999]' in crs
    return zone and '"WGS_1984"' in crs and "TOWGS84" not in crs
