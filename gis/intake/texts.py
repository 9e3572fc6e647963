"""Bytes of foreign files to text: told by the owner, else by the file, else by its letters; always NFC."""

import codecs
import re

from gis.encodings import decode
from gis.errors import IntakeError
from gis.intake.codepages import choose_codecs, codec_named
from gis.intake.reports import counted

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_PIECE = re.compile(rb"[^,;\t\"\r\n]+")


def decode_text(octets, file, *, asked=None):
    """A whole file of text, such as CSV or JSON.

    Parameters
    ----------
    octets : bytes
    file : str
        For the messages.
    asked : str, optional
        The owner's `encoding:`; else the byte order mark tells, else UTF-8 if it fits, else the letters.

    Returns
    -------
    text : str
        In composed letters (NFC), without a byte order mark.
    encoding : str
    problems : list of Problem

    Raises
    ------
    IntakeError
        If the bytes are not of the encoding asked for, or of none that is known, naming the line.
    """
    marked = octets.startswith((b"\xff\xfe", b"\xfe\xff"))
    codec = codec_named(asked, file) if asked else "utf-16" if marked else "utf-8"
    if codec.startswith("utf"):
        codec = "utf-16" if marked and codec.startswith("utf-16") else codec
        try:
            return decode(octets, codec).removeprefix("\ufeff"), codec.removesuffix("-sig"), []
        except UnicodeDecodeError as error:
            if asked or marked:
                row = octets.count(b"\n", 0, error.start) + 1
                raise IntakeError("intake-encoding-wrong", file=file, row=row, encoding=codec) from None
    octets = octets.removeprefix(codecs.BOM_UTF8)
    found = [piece for piece in _PIECE.finditer(octets) if not piece[0].isascii()]
    rows, row, last = {}, 1, 0
    for piece in found:
        row += octets.count(b"\n", last, piece.start())
        last = piece.start()
        rows.setdefault(piece[0], row)
    tried, problems = choose_codecs(rows, file, asked=asked)
    known = {piece: _decoded(piece, tried, file, row, asked)[0] for piece, row in rows.items()}
    texts, last = [], 0
    for piece in found:
        texts += [octets[last : piece.start()].decode("ascii"), known[piece[0]]]
        last = piece.end()
    return "".join(texts) + octets[last:].decode("ascii"), tried[-1], problems


def decode_columns(columns, file, *, asked=None, stated=None):
    """Columns read byte for byte, as text in their true encoding; names and values are decided together.

    Parameters
    ----------
    columns : list of (str, list of (str or None))
        Names and values as ISO 8859-1, in which every byte is one letter.
    file : str
        For the messages.
    asked : str, optional
        The owner's `encoding:`, which is obeyed.
    stated : str, optional
        What a .cpg or .cst file says, which is believed unless the bytes contradict it.

    Returns
    -------
    columns : list of (str, list)
        In composed letters (NFC).
    encoding : str
    problems : list of Problem
        How the encoding was found where nobody told it, and rows whose last letter was cut in half.

    Raises
    ------
    IntakeError
        If the bytes are not of the encoding asked for, or of none that is known, naming the row.
    """
    rows = {}
    for name, values in columns:
        for row, value in enumerate((name, *values)):
            if value is not None and not value.isascii():
                octets = value.encode("latin-1")
                rows[octets] = min(row, rows.get(octets, row))
    tried, problems = choose_codecs(rows, file, asked=asked, stated=stated)
    known = {
        octets.decode("latin-1"): _decoded(octets, tried, file, row, asked or stated)
        for octets, row in rows.items()
    }
    cut = {value for value, (_, was_cut) in known.items() if was_cut}
    decoded = [
        (known[name][0] if name in known else name, [known[v][0] if v in known else v for v in values])
        for name, values in columns
    ]
    cut_rows = {row for _, values in columns for row, value in enumerate(values, 1) if cut and value in cut}
    return decoded, tried[-1], problems + notes_on(sorted(cut_rows))


def _decoded(octets, tried, file, row, told):
    """One value in the first of some codecs that reads it, and whether its last letter was cut in half."""
    for codec in tried:
        try:
            return decode(octets, codec), False
        except UnicodeDecodeError as error:
            if codec.startswith("utf-8") and error.reason == "unexpected end of data":
                return decode(octets[: error.start], "utf-8"), True
    raise IntakeError("intake-encoding-wrong", file=file, row=row, encoding=told or tried[-1])


def damaged_texts(rows):
    """A problem naming the rows that hold replacement characters: letters lost before the file came here.

    Parameters
    ----------
    rows : iterable of (int, iterable)
        Row number and its values.

    Returns
    -------
    list of Problem
        Empty or one.
    """
    damaged = [
        number
        for number, values in rows
        if any(isinstance(value, str) and REPLACEMENT in value for value in values)
    ]
    return [counted("intake-text-damaged", damaged)] if damaged else []


def notes_on(cut_rows):
    """A problem naming the rows whose text was cut in the middle of a letter."""
    return [counted("intake-text-cut", cut_rows)] if cut_rows else []
