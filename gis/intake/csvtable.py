"""CSV: one delimiter, one encoding, all values text."""

import csv
import io
import re

from gis.errors import IntakeError
from gis.intake.texts import damaged_texts, decode_text

DELIMITERS = (",", ";", "\t")
SAMPLE_ROWS = 50
MOST_FIELD_LETTERS = 1_000_000


def read(source, request, limits):
    """The rows of a CSV file; see `child.read_table` for what comes back."""
    octets = source.path.read_bytes()
    text, encoding, problems = decode_text(octets, source.name, asked=request.get("encoding"))
    text, delimiter = _delimiter(text)
    rows = _rows(text, delimiter, source.name, limits)
    return {
        "sheets": {source.stem: rows},
        "encoding": encoding,
        "problems": problems + damaged_texts(enumerate(rows, 1)),
    }


def _delimiter(text):
    """The text, without a first line that only names the delimiter, and the delimiter.

    It is the one that gives the most columns in the first row among those whose rows agree best.
    """
    named = re.match(r"sep=([,;\t])\r?\n", text)
    if named:
        # The row stays, empty, so that row numbers are those of the file.
        return text[named.end(1) :].lstrip("\r"), named[1]
    best = (-1, -1, ",")
    for delimiter in DELIMITERS:
        rows = []
        try:
            for row in csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter):
                rows.append(len(row))
                if len(rows) == SAMPLE_ROWS:
                    break
        except csv.Error:
            pass
        widths = [width for width in rows if width]
        if widths:
            share = sum(width == widths[0] for width in widths) / len(widths) if widths[0] > 1 else 0
            best = max(best, (round(share, 1), widths[0], delimiter), key=lambda found: found[:2])
    return text, best[2]


def _rows(text, delimiter, file, limits):
    csv.field_size_limit(MOST_FIELD_LETTERS)
    rows, cells = [], 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            cells += len(row)
            if cells > limits.reader_cells:
                raise IntakeError("intake-cells", file=file, sheet="", found=cells, limit=limits.reader_cells)
            if len(rows) >= limits.reader_rows:
                raise IntakeError("intake-rows", file=file, found=len(rows) + 1, limit=limits.reader_rows)
            rows.append(trimmed([value if value.strip() else None for value in row]))
    except csv.Error as error:
        raise IntakeError("intake-damaged", file=file, reason=f"{reader.line_num}: {error}") from None
    return trimmed(rows)


def trimmed(values):
    """The list without empty values at its end."""
    last = len(values)
    while last and (values[last - 1] is None or values[last - 1] == []):
        last -= 1
    return values[:last]
