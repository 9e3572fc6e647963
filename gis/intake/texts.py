"""Bytes of foreign files to text: one encoding, strictly, or a question to the owner; never a guess."""

import codecs
import re
import unicodedata

from gis.errors import IntakeError
from gis.intake.reports import counted

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Characters of the bytes A1 to FE in TCVN 5712 (the fonts named .Vn…); below them it is ASCII.
TCVN3_UPPER = (
    "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮ"
    "ẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔ"
    "ỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵ"
)
"""Older Vietnamese files are mostly in it, and neither Python nor the reading libraries know it."""

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
        ``"tcvn3"`` or the name of a Python codec.

    Raises
    ------
    IntakeError
        If there is no such encoding, or it is none for the text of a table.
    """
    name = re.sub(r"^(ansi|oem|windows|cp)[\s_-]*(?=\d)", "", encoding.strip().lower())
    if re.fullmatch(r"tcvn3|abc|tcvn-?5712(-[123])?", name):
        return "tcvn3"
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


def decode(octets, codec):
    """Bytes as text, strictly; text of a Vietnamese code page comes out in composed letters (NFC).

    Raises
    ------
    UnicodeDecodeError
        If the bytes are not of this encoding.
    """
    if codec == "tcvn3":
        text = octets.decode("latin-1").translate(_TCVN3)
        if any("\x7f" <= letter <= "\xa0" for letter in text):
            raise UnicodeDecodeError("tcvn3", octets, 0, 1, "byte without a letter")
        return unicodedata.normalize("NFC", text)
    text = octets.decode(codec)
    return text if codec.startswith("utf") else unicodedata.normalize("NFC", text)


_TCVN3 = {0xA1 + position: letter for position, letter in enumerate(TCVN3_UPPER)}


def table_codec(octets, encoding, file):
    """The codec of a text file: the one told, else that of its byte order mark, else UTF-8 if it fits.

    Raises
    ------
    IntakeError
        Asking for `encoding:`, with the line of the first byte that is not UTF-8.
    """
    if encoding:
        codec = codec_named(encoding, file)
        if codec == "utf-8":
            return "utf-8-sig"
        return "utf-16" if codec.startswith("utf-16") and octets[:2] in (b"\xff\xfe", b"\xfe\xff") else codec
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise IntakeError("intake-encoding-needed", file=file, row=line) from None
    return "utf-8-sig"


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
    cut, known = set(), {}

    def one(value, row):
        if value is None or value.isascii():
            return value
        if value not in known:
            octets = value.encode("latin-1")
            try:
                known[value] = (decode(octets, codec or "utf-8"), False)
            except UnicodeDecodeError as error:
                if not (codec or "utf-8").startswith("utf-8") or error.reason != "unexpected end of data":
                    code = "intake-encoding-wrong" if codec else "intake-encoding-needed"
                    raise IntakeError(code, file=file, row=row, encoding=told or "utf-8") from None
                known[value] = (octets[: error.start].decode("utf-8"), True)
        text, was_cut = known[value]
        if was_cut:
            cut.add(row - 1)
        return text

    decoded = [
        (one(name, 0), [one(value, row) for row, value in enumerate(values, 1)]) for name, values in columns
    ]
    return decoded, sorted(cut - {-1})


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
