"""How far apart two place names are: what costs little, what needs a person, what cannot be the same place."""

from dataclasses import dataclass
from functools import lru_cache

from gis.names.vocabulary import COMMON, GENERIC
from gis.names.words import fold_letters

SURE = 0.88
"""Score from which a pair may be joined without a person."""

DOUBTFUL = 0.85
"""The most that a pair with a doubtful sign can score."""

BARE, CONFLICT, MOST_MARKS = 0.004, 0.02, 0.06
"""Cost of marks that one side leaves out, of each that differs, and the most that marks can cost."""

KIND_LEFT_OUT, OTHER_KIND, NATIVE_LEFT_OUT = 0.02, 0.03, 0.04
EDIT = 0.06
"""Cost of one letter in a long name; the same again for an edit at all."""

LONG, SHORT = 5, 4
"""Letters of its own that a name needs for one wrong letter, or one that sounds alike, to be a slip of typing."""

LEAST_ALIKE, LONGEST = 0.6, 100
"""Share of letters that names to be shown to a person have alike; no village has a name of more letters."""

_ALIKE = {frozenset(pair) for pair in ("ck", "iy", "sx", "vw", "uw", "qk")}
_LIKE, _MARK = 0.35, 0.1


@dataclass(frozen=True)
class Likeness:
    """How alike two names are.

    Attributes
    ----------
    score : float
        0 to 1; from `SURE` on the two may be one without a person.
    reason : str
        ``same``, ``spelling`` (marks, spaces, punctuation), ``place`` (prefix, number, another part of the
        name), ``typing`` (a letter) or ``near`` (a person must say).
    """

    score: float
    reason: str


def likeness(one, other, known=frozenset()):
    """How alike two names are.

    Parameters
    ----------
    one, other : Name
    known : set of str
        Words that several names of the lists have: where two of them differ by a letter, both may be right.

    Returns
    -------
    Likeness or None
        None where they cannot be one place: other numbers, other marks, too many other letters.

    Examples
    --------
    >>> from gis.names.keys import read_name
    >>> likeness(read_name("Thôn 1"), read_name("Thôn 11")) is None
    True
    >>> likeness(read_name("Thôn II"), read_name("T.2")).reason
    'place'
    """
    if one.written == other.written:
        return Likeness(1.0, "same")
    if one.folded == other.folded:
        return Likeness(1.0 - _marks(one, other), "spelling")
    best = None
    for reading in one.readings:
        for against in other.readings:
            found = _compare(reading, against, known)
            if found and (best is None or found.score > best.score):
                best = found
    return best


def _compare(one, other, known):
    if _excludes(one.numbers, other.numbers) or _excludes(one.marks, other.marks):
        return None
    cost, reason = one.cost + other.cost, "place"
    # two names in brackets that share a part may still be two places
    doubtful = not (one.whole or other.whole)
    if one.numbers != other.numbers or one.marks != other.marks:
        doubtful, cost = True, cost + 0.15
    if one.kind != other.kind:
        cost += OTHER_KIND if one.kind and other.kind else KIND_LEFT_OUT
        # Thôn 3 and Tổ dân phố 3 may both be there
        doubtful |= bool(one.kind and other.kind) and not one.stem
    if one.native != other.native:
        cost += NATIVE_LEFT_OUT
        doubtful |= bool(one.native and other.native) or min(len(one.stem), len(other.stem)) < 3
    if one.stem == other.stem:
        cost += _marks(one, other)
    else:
        typed = _typing(one, other, known)
        if typed is None:
            return None
        reason, (slip, edits) = "typing", typed
        cost += EDIT + EDIT * edits
        doubtful |= not slip
    if doubtful or cost > 1 - SURE + 0.04:
        return Likeness(max(0.0, DOUBTFUL - cost), "near")
    return Likeness(max(SURE, 1 - cost), reason)


def _excludes(one, other):
    return bool(one and other) and one != other and not set(one) & set(other)


def _marks(one, other):
    """Cost of tones and letter marks where the bare letters are the same."""
    cost = 0.0
    if one.tones != other.tones:
        if one.tones and other.tones:
            pairs = zip(one.tones, other.tones, strict=False)
            differing = sum(tone != against for tone, against in pairs)
            cost += CONFLICT * max(1, differing + abs(len(one.tones) - len(other.tones)))
        else:
            cost += BARE
    if one.letters != other.letters:
        bare, left_out, conflicts = one.folded if hasattr(one, "folded") else one.stem, False, 0
        for letter, against, plain in zip(one.letters, other.letters, bare, strict=True):
            if letter != against:
                left_out |= plain in (letter, against)
                conflicts += plain not in (letter, against)
        cost += BARE * left_out + CONFLICT * conflicts
    return min(cost, MOST_MARKS)


def _typing(one, other, known):
    """Whether the stems differ by a slip of typing, and by how many letters; None if too much differs."""
    if not one.stem or not other.stem or max(len(one.stem), len(other.stem)) > LONGEST:
        return None
    if len(one.words) > 1 and sorted(one.words) == sorted(other.words):
        return False, 2.0
    edits = letters_apart(one.letters, other.letters)
    if 1 - edits / max(len(one.stem), len(other.stem)) < LEAST_ALIKE:
        return None
    own = min(_own_length(one), _own_length(other))
    slip = edits <= _LIKE + _MARK and own >= SHORT or edits <= 1 and own >= LONG
    return slip and not _both_are_words(one.words, other.words, known), edits


def _own_length(reading):
    generic = len(reading.words[0]) if len(reading.words) > 1 and reading.words[0] in GENERIC else 0
    return len(reading.stem) - generic


def _both_are_words(one, other, known):
    """Whether the names differ by words that both occur elsewhere."""
    if len(one) != len(other):
        return False
    return all(
        word in known | COMMON and against in known | COMMON
        for word, against in zip(one, other, strict=True)
        if word != against
    )


@lru_cache(maxsize=1 << 16)
def letters_apart(one, other):
    """Weighted edit distance in letters: a mark costs little, a letter that sounds alike or is doubled some.

    Two letters that changed places are one edit.

    Examples
    --------
    >>> letters_apart("kontum", "kontu"), letters_apart("đăkpek", "đăkpec"), letters_apart("rơwa", "rowa")
    (1.0, 0.35, 0.1)
    """
    bare, against = fold_letters(one), fold_letters(other)
    before, last = [], [float(place) for place in range(len(other) + 1)]
    for row, letter in enumerate(one, 1):
        line = [float(row)]
        for column, sign in enumerate(other, 1):
            cost = min(
                last[column - 1] + _change(letter, sign, bare[row - 1], against[column - 1]),
                last[column] + _added(bare, row - 1),
                line[column - 1] + _added(against, column - 1),
            )
            if (
                row > 1
                and column > 1
                and bare[row - 1] == against[column - 2]
                and bare[row - 2] == against[column - 1]
            ):
                cost = min(cost, before[column - 2] + 1.0)
            line.append(cost)
        before, last = last, line
    return round(last[-1], 6)


def _change(letter, sign, bare, against):
    if letter == sign:
        return 0.0
    if bare == against:
        return _MARK
    return _LIKE if frozenset((bare, against)) in _ALIKE else 1.0


def _added(bare, place):
    return _LIKE if place and bare[place] == bare[place - 1] else 1.0
