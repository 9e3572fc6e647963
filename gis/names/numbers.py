"""Numbers in names: Roman, and written in words."""

import re

from gis.names.vocabulary import DIGITS, OTHERWISE, TEN, TENS
from gis.names.words import word_of

IN_NAME, AS_NUMBER, PERHAPS_NUMBER = 0.02, 0.005, 0.2
"""Cost of taking a word for a number: behind a name, behind a kind of place, and where it may be another word."""

_ROMAN = re.compile(r"(x{0,3})(ix|iv|v?i{0,3})")


def roman_number(text):
    """The Roman number that a word in small letters is, up to 39; None where it is none."""
    found = _ROMAN.fullmatch(text)
    if not text or not found:
        return None
    ones = {"": 0, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}
    return 10 * len(found[1]) + ones[found[2]]


def written_number(words, kind):
    """A number in words at the end, what stands before it, and what it costs to take it so."""
    for length in (3, 2, 1):
        number, doubtful = _number(words[-length:]) if len(words) >= length else (None, False)
        kept = words[:-length]
        if kept and kept[-1].bare == "so":
            kept = kept[:-1]
        # Kon Plông Nam is in the south, not the fifth
        if (
            number
            and (kind or kept)
            and not (doubtful and kept)
            and not any(word.bare.isdecimal() for word in kept)
        ):
            return number, kept, PERHAPS_NUMBER if doubtful else IN_NAME if kept else AS_NUMBER
    return None, words, 0.0


def _number(words):
    """The number that words say and whether it may be another word; None where they say none."""
    digits = [_digit(word) for word in words]
    doubtful = any(word.plain and word.bare in OTHERWISE for word in words)
    tens = [_is(word, TEN) or _is(word, TENS) for word in words]
    if len(words) == 1:
        return (10 if _is(words[0], TEN) else digits[0]), doubtful
    if len(words) == 2 and tens[0] and digits[1]:
        return 10 + digits[1], doubtful
    if len(words) >= 2 and digits[0] and tens[1] and not (len(words) == 3 and not digits[2]):
        return 10 * digits[0] + (digits[2] if len(words) == 3 else 0), doubtful
    return None, False


def _digit(word):
    return next((value for text, value in DIGITS.items() if _is(word, text)), None)


def _is(word, text):
    part = word_of(text)
    return word.bare == part.bare and word.means(part)
