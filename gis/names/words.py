"""The words of a name: letters, the marks on them and tones apart, and one spelling where offices have several."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from gis.names.vocabulary import SAME

TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
# more than nine digits are no number of a village
_WORD = re.compile(r"[^\W\d_]+|\d{1,9}")


@dataclass(frozen=True)
class Word:
    """One word: without marks, with the marks of its letters only, and its tone."""

    bare: str
    letters: str
    tone: str

    @property
    def plain(self):
        """Whether it is written without any mark."""
        return self.bare == self.letters and not self.tone

    def means(self, other):
        """Whether it is the other word, some of whose marks it may lack."""
        return (
            self.bare == other.bare
            and self.letters in (other.letters, other.bare)
            and self.tone in (other.tone, "")
        )


def fold_letters(letters):
    """Letters without their marks, one for one."""
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in letters.replace("đ", "d"))


def words_of(text):
    """The words and numbers of a text in small letters."""
    return [word_of(found) for found in _WORD.findall(text)]


@lru_cache(maxsize=1 << 16)
def word_of(text):
    """One word taken apart."""
    decomposed = unicodedata.normalize("NFD", text)
    letters = unicodedata.normalize("NFC", "".join(sign for sign in decomposed if sign not in TONES))
    tone = "".join(sign for sign in decomposed if sign in TONES)
    return Word(fold_letters(letters), letters, tone)


@lru_cache(maxsize=1 << 12)
def as_compared(word):
    """The word as it is compared: one spelling of Đăk, i for the y that sounds like it."""
    if word.bare in SAME:
        letters = SAME[word.bare]
        return Word(fold_letters(letters), letters, "")
    if "y" in word.bare:
        # ly is li and Ya is Ia, but tay is not tai and thuy not thui
        letters = re.sub(r"(?<![aăâuưeoôơ])y|(?<=qu)y", "i", word.letters)
        return Word(fold_letters(letters), letters, word.tone)
    return word


def without_schwa(word):
    """R for Rơ, which offices write Rơ Wa, Rờ Wa, R'Wa and Rwa."""
    if len(word.bare) == 2 and word.bare[1] == "o" and word.bare[0] not in "aeiou":
        return Word(word.bare[0], word.letters[0], "")
    return word


def joined(words):
    """Letters in one piece and tones in their order; two numbers side by side stay two."""
    letters = ""
    for word in words:
        text = str(int(word.letters)) if word.letters.isdecimal() else word.letters
        letters += " " + text if letters[-1:].isdecimal() and text[0].isdecimal() else text
    return letters, tuple(word.tone for word in words if word.tone)
