"""Comparing Vietnamese names and headings however they are spelt."""

import re
import unicodedata
from functools import lru_cache

SEPARATORS = re.compile(r"[^0-9a-z]+")


def fold(text):
    """A text without case, tones, letter marks and punctuation, for comparing only.

    Examples
    --------
    >>> fold("Đăk Tô"), fold("ĐẮK  TÔ"), fold("TEN_THON")
    ('dak to', 'dak to', 'ten thon')
    """
    return "" if text is None or text != text else _folded(str(text))


@lru_cache(maxsize=1 << 17)
def _folded(text):
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    folded = SEPARATORS.sub(" ", bare.replace("đ", "d")).strip()
    # letters of another script have nothing to fold to; they stay, or all such names would be one
    return folded or " ".join(unicodedata.normalize("NFC", text.lower()).split())


def clean(text):
    """A name as it is stored and shown: NFC, single spaces, no invisible characters; None when empty."""
    if text is None or text != text:
        return None
    text = str(text)
    if text.isprintable() and unicodedata.is_normalized("NFC", text):
        return " ".join(text.split()) or None
    visible = "".join(
        letter for letter in unicodedata.normalize("NFC", text) if unicodedata.category(letter) != "Cf"
    )
    return " ".join(visible.split()) or None


def longest_patterns(value, patterns):
    """Which kinds a free text belongs to: those that own the longest pattern found in it.

    Parameters
    ----------
    value : str
    patterns : iterable of (str, str)
        Kind and pattern. A pattern given to two kinds yields both.

    Returns
    -------
    tuple of str
        Kinds in the order of `patterns`; empty when nothing matches.

    Examples
    --------
    >>> longest_patterns("PHC Sub Centre", [("phc", "phc"), ("subcentre", "sub cent")])
    ('subcentre',)
    """
    folded = fold(value)
    best, kinds = 0, []
    for kind, pattern in patterns:
        needle = fold(pattern)
        # one or two letters stand inside too many words to mean anything there
        found = needle in folded if len(needle) > 2 else needle in folded.split()
        if not needle or not found or len(needle) < best:
            continue
        if len(needle) > best:
            best, kinds = len(needle), []
        if kind not in kinds:
            kinds.append(kind)
    return tuple(kinds)
