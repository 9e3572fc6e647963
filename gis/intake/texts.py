"""Bytes of foreign files to text: told by the owner, else by the file, else by its letters; always NFC."""

import codecs
import re

from gis.encodings import decode, guess_encoding
from gis.errors import IntakeError, Problem
from gis.intake.reports import counted

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

SAFE_CODECS = re.compile(
    r"ascii|utf-8|utf-8-sig|utf-16|utf-16-le|utf-16-be|iso8859-\d+|cp125\d|cp437|cp850|cp874"
)


def codec_named(encoding, file):
    """The codec that an `encoding:` key or a .cpg file means.

    Parameters
    ----------
    encoding : str
        Such as ``"utf-8"``, ``"TCVN3"``, ``"windows-1258"``, ``"ANSI 1252"``, ``"65001"``, ``"88591"``.
    file : str
        For the message.

    Returns
    -------
    str
        ``"tcvn3"``, ``"vni"`` or the name of a Python codec.

    Raises
    ------
    IntakeError
        If there is no such encoding, or it is none for the text of a table.
    """
    name = re.sub(r"^(ansi|oem|windows|cp)[\s_-]*(?=\d)", "", encoding.strip().lower())
    if re.fullmatch(r"tcvn3|abc|tcvn-?5712(-[123])?", name):
        return "tcvn3"
    if re.fullmatch(r"vni([\s_-]?win(dows)?)?", name):
        return "vni"
    name = {"65001": "utf-8", "1200": "utf-16-le"}.get(name, name)
    name = re.sub(r"^8859[_-]?(\d+)$", r"iso8859-\1", name)
    name = re.sub(r"^(125\d|437|850|874)$", r"cp\1", name)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        found = ""
    if not SAFE_CODECS.fullmatch(found):
        raise IntakeError("intake-encoding-unknown", file=file, encoding=encoding.strip()[:40])
    return found


CARELESS = ("cp1252", "iso8859-1", "iso8859-15", "cp437", "cp850", "cp1258")
"""Code pages that programs write beside a file without knowing its text; certain letters count for more."""

_PIECES = re.compile(rb"([,;\t\"\n])")


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
    pieces = _PIECES.split(octets.removeprefix(codecs.BOM_UTF8))
    rows, row = {}, 1
    for piece in pieces:
        if not piece.isascii():
            rows.setdefault(piece, row)
        row += piece == b"\n"
    tried, problems = choose_codecs(rows, file, asked=asked)
    known = {piece: _decoded(piece, tried, file, row, asked) for piece, row in rows.items()}
    text = "".join(known[piece][0] if piece in known else piece.decode("ascii") for piece in pieces)
    return text, tried[-1], problems


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


def choose_codecs(rows, file, *, asked=None, stated=None):
    """The codecs to try in turn on each value of a file.

    Parameters
    ----------
    rows : dict of bytes to int
        Every different value that is not ASCII and the first row it stands in.
    file, asked, stated
        See `decode_columns`.

    Returns
    -------
    codecs : tuple of str
        One; two where some values are UTF-8 and the others are not.
    problems : list of Problem

    Raises
    ------
    IntakeError
        If no encoding known here reads every value.
    """
    if asked:
        return (codec_named(asked, file),), []
    told = _codec_stated(stated, file)
    whole = {octets for octets in rows if _is_utf8(octets)}
    rest = {octets for octets in rows if octets not in whole and not _is_cut(octets, whole)}
    if not rest:
        if not rows:
            return (told or "utf-8",), []
        fits = stated is None or (told or "").startswith("utf")
        return ("utf-8",), [] if fits else [_differs(file, stated, "utf-8")]
    guess = guess_encoding(rest)
    believed = told and not told.startswith("utf") and all(_reads(octets, told) for octets in rows)
    if believed and not (told in CARELESS and guess.certain and _reads_otherwise(rest, told, guess.encoding)):
        return (told,), []
    if guess.encoding is None:
        row = min(rows[octets] for octets in rest)
        raise IntakeError("intake-encoding-needed", file=file, row=row)
    problems = [_differs(file, stated, guess.encoding)] if stated else []
    problems.append(_guessed(guess, file))
    if "capitals-lost" in guess.notes:
        problems.append(Problem("encoding-capitals-lost", {"file": file}, "note"))
    if not whole:
        return (guess.encoding,), problems
    mixed = counted("encoding-mixed", sorted({rows[octets] for octets in rest}), file=file)
    return ("utf-8", guess.encoding), [*problems, mixed]


def _codec_stated(stated, file):
    """The codec that a .cpg file means; a name that nobody knows says nothing."""
    try:
        return codec_named(stated, file) if stated else None
    except IntakeError:
        return None


def _differs(file, stated, used):
    return Problem("intake-cpg-differs", {"file": file, "encoding": stated, "used": used})


def _guessed(guess, file):
    """How the encoding was found, with what a person needs to judge it."""
    others = [f"{other.encoding}: {_samples(other.samples)}" for other in guess.alternatives]
    arguments = {
        "file": file,
        "encoding": guess.encoding,
        "samples": _samples(guess.samples),
        "alternatives": others or ["–"],
    }
    return Problem("encoding-guessed", arguments, "note" if guess.certain else "warning")


def _samples(texts):
    return " | ".join(text.strip()[:60] for text in texts)


def _reads(octets, codec):
    try:
        decode(octets, codec)
    except UnicodeDecodeError:
        return False
    return True


def _reads_otherwise(values, codec, other):
    return any(decode(octets, codec) != decode(octets, other) for octets in values)


def _is_utf8(octets):
    return _reads(octets, "utf-8")


def _is_cut(octets, whole):
    """Whether this is UTF-8 but for its last letter, of which the field held only a part.

    The part alone is no proof of UTF-8; another letter before it, or in another value, is.
    """
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError as error:
        proven = whole or not octets[: error.start].isascii()
        return bool(proven) and error.reason == "unexpected end of data"
    return False


def _decoded(octets, tried, file, row, told):
    """One value in the first of some codecs that reads it, and whether its last letter was cut in half."""
    for codec in tried:
        try:
            return decode(octets, codec), False
        except UnicodeDecodeError as error:
            if codec.startswith("utf-8") and error.reason == "unexpected end of data":
                return decode(octets[: error.start], "utf-8"), True
    raise IntakeError("intake-encoding-wrong", file=file, row=row, encoding=told or tried[-1])


def redecode(columns, codec, file, *, told):
    """Columns read byte for byte, as text in their true encoding.

    Parameters
    ----------
    columns : list of (str, list of (str or None))
        Names and values as ISO 8859-1, in which every byte is one letter.
    codec : str or None
        None tries UTF-8.
    file : str
    told : str or None
        What a .cpg file or the owner calls the encoding, for the message.

    Returns
    -------
    columns : list of (str, list)
    cut : list of int
        Positions where the last letter was cut in half by the width of the field, and left off.

    Raises
    ------
    IntakeError
        If the bytes are not of this encoding, naming the first row.
    """
    rows = {}
    for name, values in columns:
        for row, value in enumerate((name, *values)):
            if value is not None and not value.isascii():
                rows[value] = min(row, rows.get(value, row))
    known = {
        value: _decoded(value.encode("latin-1"), (codec or "utf-8",), file, row, told)
        for value, row in rows.items()
    }
    cut = {
        row - 1
        for _, values in columns
        for row, value in enumerate(values, 1)
        if value in known and known[value][1]
    }
    decoded = [
        (known[name][0] if name in known else name, [known[v][0] if v in known else v for v in values])
        for name, values in columns
    ]
    return decoded, sorted(cut)


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
