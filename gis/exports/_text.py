"""Text as each format can hold it, and no worse: never a question mark, never half a letter."""

import json
import re
import unicodedata
from collections.abc import Mapping

MOST_BYTES = 254
"""The width of a text field of a DBF table."""

TONES = "\u0300\u0301\u0303\u0309\u0323"
"""The five tone marks, which cp1258 holds as characters of their own."""


def plain(value):
    """A value as text that every format can hold.

    NFC, `\\n` for a line end, U+FFFD for control characters and lone surrogates.
    """
    if isinstance(value, str) and value.isprintable() and unicodedata.is_normalized("NFC", value):
        return value
    if not isinstance(value, str):
        nested = isinstance(value, (Mapping, list, tuple))
        value = json.dumps(value, ensure_ascii=False, default=_unwrapped) if nested else str(value)
    text = unicodedata.normalize("NFC", value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", "\ufffd", text)


def encodable(text, coding):
    """The text as the encoding can hold it: for cp1258 tone marks apart, and ``_`` for what it cannot hold.

    Examples
    --------
    >>> encodable("ế", "cp1258") == "ê" + chr(0x301)
    True
    >>> encodable("Bản Đôn", "utf-8")
    'Bản Đôn'
    """
    if coding != "cp1258":
        return text
    return "".join(_cp1258(character) for character in unicodedata.normalize("NFC", text))


def fit_text(text, coding):
    """The text cut to 254 bytes at the end of a whole letter; None stays None."""
    if text is None:
        return None
    text = encodable(text, coding)
    raw = text.encode(coding)
    if len(raw) <= MOST_BYTES:
        return text
    kept = raw[:MOST_BYTES].decode(coding, "ignore")
    # A letter whose marks were cut away is another letter.
    if unicodedata.combining(text[len(kept)]):
        while kept and unicodedata.combining(kept[-1]):
            kept = kept[:-1]
        kept = kept[:-1]
    return kept


def _cp1258(character):
    if _held(character):
        return character
    parts = unicodedata.normalize("NFD", character)
    tones = "".join(part for part in parts if part in TONES)
    base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
    apart = base + tones
    return apart if _held(apart) else "_"


def _held(text):
    try:
        text.encode("cp1258")
    except UnicodeEncodeError:
        return False
    return True


def _unwrapped(value):
    return dict(value) if isinstance(value, Mapping) else str(value)
