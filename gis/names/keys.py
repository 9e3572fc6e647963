"""A place name taken apart: what kind of place, its own name, and the numbers and words that tell it from others."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

from gis.names.folding import clean, fold
from gis.names.numbers import roman_number, written_number
from gis.names.vocabulary import COMMON, KINDS, MARKS, NATIVE, SHORT_KINDS
from gis.names.words import as_compared, fold_letters, joined, without_schwa, word_of, words_of

_SHORT = re.compile(rf"({'|'.join(sorted(SHORT_KINDS, key=len, reverse=True))})(\s*\.\s*|(?=\s*\d)|\s+)")
_PARTS = re.compile(r"[()\[\]/;,]|\s[-–—]\s")
_LATIN = re.compile(r"[a-z0-9 ]*")

MOST_PARTS = 3
PART, SLIPPED_KIND = 0.02, 0.03
"""Cost of a reading that takes a name by one part only, or a word with a wrong letter for a kind of place."""


@dataclass(frozen=True)
class Reading:
    """One way to read a name.

    Attributes
    ----------
    kind, native : str
        What the place is called (``thon``, ``to``; ``kon``, ``plei``); empty when it does not say.
    stem : str
        Its own name without marks, spaces and punctuation; empty when a number or a mark is all there is.
    letters : str
        `stem` with the marks of letters, place by place.
    tones : tuple of str
        Tones in their order, wherever in the word they stand.
    words : tuple of str
        What `stem` is made of.
    numbers : tuple of int
    marks : tuple of str
        Words and letters that tell parts of one place apart: ``thuong``, ``a``.
    cost : float
        How far the reading is from what is written.
    whole : bool
        Whether it takes in all that is written.
    """

    kind: str
    native: str
    stem: str
    letters: str
    tones: tuple
    words: tuple
    numbers: tuple
    marks: tuple
    cost: float = 0.0
    whole: bool = True


@dataclass(frozen=True)
class Name:
    """A name with its keys from strict to loose.

    Attributes
    ----------
    written : str
        Small letters, every tone at the end of its word, one spelling of Đăk.
    folded : str
        Without marks, spaces and punctuation; digits of different numbers stay apart.
    letters : str
        `folded` with the marks of letters.
    tones : tuple of str
    readings : tuple of Reading
    """

    written: str
    folded: str
    letters: str
    tones: tuple
    readings: tuple


@lru_cache(maxsize=1 << 16)
def read_name(text):
    """A name with its keys and readings.

    Parameters
    ----------
    text : str

    Returns
    -------
    Name

    Examples
    --------
    >>> one, other = read_name("Thôn 02 (Plei Rơng)"), read_name("thôn hai")
    >>> [(reading.kind, reading.native, reading.stem, reading.numbers) for reading in one.readings]
    [('thon', 'plei', 'rong', (2,)), ('thon', '', '', (2,)), ('', 'plei', 'rong', ())]
    >>> other.readings[-1].numbers
    (2,)
    """
    text = unicodedata.normalize("NFC", (clean(text) or "").lower())
    if not _LATIN.fullmatch(fold(text)):
        stem = fold(text).replace(" ", "")
        whole = Reading("", "", stem, stem, (), (stem,), (), ())
        return Name(text, stem, stem, (), (whole,))
    # a mark that no composed letter has (j̆) would part its word
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    words = words_of(text)
    parts = [part for part in _PARTS.split(text) if words_of(part)]
    if len(parts) == 1:
        parts = _parted(words)
    if len(parts) < 2:
        readings = list(_read(text))
    else:
        by_part = [list(_read(part)) for part in parts[:MOST_PARTS]]
        readings = [_merged(chosen) for chosen in product(*by_part)]
        readings += [
            replace(reading, cost=reading.cost + PART, whole=False) for part in by_part for reading in part
        ]
    same = [as_compared(word) for word in words]
    letters, tones = joined(same)
    return Name(
        " ".join(word.letters + word.tone for word in same),
        fold_letters(letters),
        letters,
        tones,
        tuple(dict.fromkeys(reading for reading in readings if _says_something(reading))),
    )


def _merged(parts):
    """One reading of all parts of a name; their order does not matter for what is numbered."""
    numbered = [part.kind for part in parts if part.numbers and part.kind]
    return Reading(
        next(iter([*numbered, *(part.kind for part in parts if part.kind)]), ""),
        next((part.native for part in parts if part.native), ""),
        "".join(part.stem for part in parts),
        "".join(part.letters for part in parts),
        tuple(tone for part in parts for tone in part.tones),
        tuple(word for part in parts for word in part.words),
        tuple(sorted(number for part in parts for number in part.numbers)),
        tuple(mark for part in parts for mark in part.marks),
        max(part.cost for part in parts),
    )


def _read(text):
    """Readings of one piece of text: as it stands, and with a written number as a number."""
    kind, rest = _parted_kind(text)
    yield _reading(kind, rest, [])
    slipped = None if kind else _slipped_kind(rest)
    if slipped:
        yield replace(_reading(slipped[0], rest[slipped[1] :], []), cost=SLIPPED_KIND)
    number, kept, cost = written_number(rest, kind)
    if number:
        yield replace(_reading(kind, kept, [number]), cost=cost)


def _parted_kind(text):
    """The kind of place and the words behind it; a kind with nothing behind it is a name."""
    kind = ""
    short = _SHORT.match(text)
    if short and (len(short[1]) > 1 or short[2].strip() == "." or re.match(r"\s*\d", text[short.end(1) :])):
        behind = words_of(text[short.end() :])
        if behind:
            kind, words = SHORT_KINDS[short[1]], behind
        else:
            words = words_of(text)
    else:
        words = words_of(text)
    for _ in range(2):
        found = _kind_of(words)
        if not found or len(words) == found[1]:
            break
        kind, words = kind or found[0], words[found[1] :]
    return kind, words


@lru_cache(maxsize=1)
def _kinds():
    return [([word_of(part) for part in text.split()], kind) for text, kind in KINDS.items()]


@lru_cache(maxsize=1 << 8)
def _kinds_from(bare):
    return [(parts, kind) for parts, kind in _kinds() if parts[0].bare == bare]


def _kind_of(words):
    for parts, kind in _kinds_from(words[0].bare) if words else ():
        if len(words) >= len(parts) and all(
            word.means(part) for word, part in zip(words, parts, strict=False)
        ):
            return kind, len(parts)
    return None


def _slipped_kind(words):
    """The kind of place whose word, or one of its words, has a letter wrong: Thnô 3, Tổ dâng phố 3."""
    for parts, kind in _kinds():
        if len(words) <= len(parts) or sum(len(part.bare) for part in parts) < 4:
            continue
        wrong = [
            (word.bare, part.bare) for word, part in zip(words, parts, strict=False) if not word.means(part)
        ]
        if len(wrong) == 1 and wrong[0][0] not in COMMON and _one_letter_wrong(*wrong[0]):
            return kind, len(parts)
    return None


def _one_letter_wrong(word, right):
    """Whether one letter is left out, put in, another, or in the place of its neighbour."""
    begin = next((at for at, pair in enumerate(zip(word, right, strict=False)) if pair[0] != pair[1]), None)
    if word == right or abs(len(word) - len(right)) > 1:
        return False
    if begin is None:
        return True
    rest, end = word[begin:], right[begin:]
    swapped = rest[1:2] + rest[:1] + rest[2:] == end
    return rest[1:] == end[1:] or rest[1:] == end or rest == end[1:] or swapped


def _parted(words):
    """`Thôn 3 Plei Rơng` as its number and its name, each with what belongs to it; else nothing."""
    found = _kind_of(words)
    if found and len(words) > found[1] + 1 and words[found[1]].bare.isdecimal():
        cut = found[1] + 1
        pieces = words[:cut], words[cut:]
        if len(pieces[1][0].bare) > 1:
            return [
                " ".join(unicodedata.normalize("NFC", word.letters + word.tone[:1]) for word in piece)
                for piece in pieces
            ]
    return []


def _reading(kind, words, numbers):
    """The words behind the kind as native word, own name, numbers and marks."""
    numbers, named = list(numbers), []
    for place, word in enumerate(words):
        if word.bare.isdecimal():
            numbers.append(int(word.bare))
        elif (
            word.bare == "so"
            and place + 1 < len(words)
            and (len(words) == 2 or words[place + 1].bare.isdecimal())
        ):
            continue
        else:
            named.append(word)
    if named and (roman := roman_number(named[-1].letters)) and (len(named) > 1 or kind) and not numbers:
        numbers.append(roman)
        named = named[:-1]
    native, named = _parted_native(named, bool(numbers))
    marks = []
    while named and (named[-1].bare in MARKS or len(named[-1].bare) == 1):
        marks.insert(0, named.pop().bare)
    same = [as_compared(word) if word is named[-1] else without_schwa(as_compared(word)) for word in named]
    letters, tones = joined(same)
    return Reading(
        kind, native, fold_letters(letters), letters, tones,
        tuple(word.bare for word in same), tuple(numbers), tuple(marks),
    )  # fmt: skip


def _parted_native(words, numbered):
    for length in (2, 1):
        native = NATIVE.get("".join(word.bare for word in words[:length]))
        if native and (len(words) > length or numbered):
            return native, words[length:]
    return "", words


def _says_something(reading):
    return bool(reading.stem or reading.numbers or reading.marks)
