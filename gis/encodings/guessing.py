"""Which encoding a text is in: each is tried, and the one that reads as Vietnamese best is taken."""

import re
from dataclasses import dataclass
from math import exp

from gis.encodings.syllables import european, vietnamese
from gis.encodings.tables import decode

CANDIDATES = {"cp1258": vietnamese, "tcvn3": vietnamese, "vni": vietnamese, "cp1252": european}
"""The encodings of one byte a letter that are scored against each other, and by which language."""

MOST_WORDS = 2000
SHOWN = 3
"""How many samples a person is shown."""

CERTAIN_LEAD = 12.0
"""By how much (natural log of the likelihood) the best must lead every encoding that reads differently."""

CERTAIN_FITS = 0.8
"""Share of words with marks that must be well built."""

CERTAIN_FOREIGN = 0.4
"""Share of them from which on Vietnamese is not ruled out."""

_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")


@dataclass(frozen=True)
class Alternative:
    """One encoding with its share of the belief (0 to 1) and how some values read in it."""

    encoding: str
    score: float
    samples: tuple


@dataclass(frozen=True)
class EncodingGuess:
    """The encoding that fits best.

    `score` is its share of the belief (0 to 1), `samples` are values as they read in it, `alternatives` the
    others that can read every value, best first. `certain` is False where too few letters tell; `encoding`
    is None where nothing reads every value. `notes` are codes: ``"capitals-lost"`` where a capitals font
    kept small letters.
    """

    encoding: str | None
    score: float
    certain: bool
    samples: tuple = ()
    alternatives: tuple = ()
    notes: tuple = ()


def guess_encoding(samples):
    """The encoding of some values of a file.

    Parameters
    ----------
    samples : iterable of bytes
        Values or lines, all in one encoding; their order does not matter.

    Returns
    -------
    EncodingGuess
        ``"ascii"`` needs no decision; ``"utf-8"`` and ``"utf-16"`` (by its mark) are certain, since text of
        another encoding is not UTF-8 by chance.

    Notes
    -----
    A word that holds a byte above 7F is scored by the frequency of its letters and the build of its syllable,
    each different word once; words of plain ASCII tell nothing. cp1252 stands for every other language, by
    letters with accents being rare and never side by side.
    """
    values = sorted(set(samples))
    marked = [value for value in values if not value.isascii()]
    if not marked:
        return EncodingGuess("ascii", 1.0, True)
    if any(value.startswith((b"\xff\xfe", b"\xfe\xff")) for value in marked):
        return EncodingGuess("utf-16", 1.0, True)
    if (text := _read(marked, "utf-8")) is not None:
        return EncodingGuess("utf-8", 1.0, True, _shown(marked, text))
    words = sorted({found[0] for value in marked for found in _WORD.finditer(value)})
    words = words[:: -(-len(words) // MOST_WORDS)]
    readings = {codec: found for codec in CANDIDATES if (found := _read(marked, codec)) is not None}
    if not readings:
        return EncodingGuess(None, 0.0, False)
    scores, fits = {}, {}
    for codec in readings:
        scored = [CANDIDATES[codec](decode(word, codec)) for word in words]
        scores[codec] = sum(score for score, _ in scored)
        fits[codec] = sum(fit for _, fit in scored) / len(scored)
    order = sorted(readings, key=lambda codec: (-scores[codec], list(CANDIDATES).index(codec)))
    best = order[0]
    rivals = [codec for codec in order if readings[codec] != readings[best]]
    lead = scores[best] - scores[rivals[0]] if rivals else float("inf")
    chances = {codec: exp(max(scores[codec] - scores[best], -700.0)) for codec in (best, *rivals)}
    whole = sum(chances.values())
    shown = _telling(marked, readings)
    ruled_out = best != "cp1252" or all(fits[codec] < CERTAIN_FOREIGN for codec in rivals)
    return EncodingGuess(
        best,
        chances[best] / whole,
        lead >= CERTAIN_LEAD and fits[best] >= CERTAIN_FITS and ruled_out,
        tuple(readings[best][place] for place in shown),
        tuple(
            Alternative(codec, chances[codec] / whole, tuple(readings[codec][place] for place in shown))
            for codec in rivals
        ),
        ("capitals-lost",) if best == "tcvn3" and _lost_capitals(readings[best]) else (),
    )


def _read(values, codec):
    try:
        return [decode(value, codec) for value in values]
    except UnicodeDecodeError:
        return None


def _shown(values, texts):
    return tuple(texts[place] for place in _telling(values, {"": texts}))


def _telling(values, readings):
    """Places of the values that a person can tell the encodings apart by: short ones with many marks."""

    def weight(place):
        marks = sum(octet > 0x7F for octet in values[place])
        different = len({texts[place] for texts in readings.values()})
        return -different, len(values[place]) > 60, -marks, values[place]

    return sorted(range(len(values)), key=weight)[:SHOWN]


def _lost_capitals(texts):
    """Whether a capitals font was used: THị TRấN, large letters with small ones that bear the marks."""
    return any(
        sum(letter.isupper() and letter.isascii() for letter in word) >= 2
        and any(letter.islower() and not letter.isascii() for letter in word)
        for text in texts
        for word in re.findall(r"[^\W\d_]+", text)
        if not any(letter.islower() and letter.isascii() for letter in word)
    )
