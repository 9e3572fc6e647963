"""How likely a word is Vietnamese, by the build of its syllable and how often its letters occur."""

import math
import re
import unicodedata
from functools import lru_cache

from gis.encodings.tables import TONES

_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q qu r s t th tr v x"

# Vowel and end of a syllable, without its tone.
_RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep"
    " et ê êch êm ên êng ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu o oa oac oach"
    " oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot"
    " ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up ut uy uya uych uynh uyt uyu uyên uyêt"
    " uân uâng uât uây uê uêch uênh uơ uôc uôi uôm uôn uông uôt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn"
    " ương ươp ươt ươu y yêm yên yêng yêt yêu"
)
ONSETS, RHYMES = tuple(_ONSETS.split()), frozenset(_RHYMES.split())

VOWELS = "aăâeêioôơuưy"

# Names of the highlands keep sounds that Vietnamese does not have: Đăk, Plei, Krông, Hnor.
_HIGHLAND = re.compile(f"[bcdđghjklmnpqrstvwxz]{{0,4}}[{VOWELS}]{{1,3}}[bcdđghjklmnpqrstvwxz]{{0,3}}")

# Letters in 10,000, of 87,000 letters of Vietnamese sentences and place names; rarer ones count as 2.
_PER_10000 = (
    "a516 á59 à83 ả50 ã61 ạ51 ă25 ắ14 ằ4 ặ15 â21 ấ25 ầ28 ẩ3 ẫ3 ậ18 b130 c562 d240 đ193 e512 é10 è5 ê68 ế40 ề10"
    " ể24 ệ83 g420 h694 i532 í36 ì11 ỉ12 ị24 k146 l279 m313 n1049 o488 ó64 ò20 ỏ4 õ4 ọ25 ô94 ố60 ồ17 ổ4 ỗ4 ộ61"
    " ơ19 ớ45 ờ36 ở14 ợ34 p188 q30 r339 s363 t720 u315 ú7 ù15 ủ23 ụ20 ư118 ứ22 ừ14 ử6 ữ5 ự9 v102 x74 y135 ý5"
    " ỷ12 w29 f41"
)
LETTERS = {item[0]: math.log(int(item[1:]) / 10_000) for item in _PER_10000.split()}
RAREST = math.log(2 / 10_000)

LOOSE, BROKEN = -3.0, -14.0
"""What a word loses that is built like a highland name, and one that no Vietnamese could write."""

# The same for other languages in Latin letters: rounded means of English, French, Spanish and German.
_EUROPEAN_PER_10000 = (
    "a830 b150 c320 d390 e1300 f130 g170 h300 i720 j40 k80 l460 m280 n740 o620 p230 q50 r660 s700 t660 u430 v120"
    " w80 x25 y90 z70 é120 è35 à35 ê20 ç20 ü35 ö25 ä35 ó40 í40 á40 ú15 ñ15 ô10 â10 î7 û5 ï4 ë4 ù5 ß8 ã12 õ3 å6 ø6 æ4"
    " œ3 ò3 ì3"
)
EUROPEAN = {item[0]: math.log(int(item[1:]) / 10_000) for item in _EUROPEAN_PER_10000.split()}
STRANGER = math.log(1 / 10_000)

ODD = -3.0
"""What is lost by an accent where no other language puts it, and Vietnamese misread does."""

_USUAL_AFTER_VOWEL = re.compile("[iuy].|[ao][éëïîüû]|a[úóí]|e[óáöïü]|o[áàèíì]|ã[eo]|õe|éé|öö")


@lru_cache(maxsize=65536)
def vietnamese(word):
    """Log-likelihood of a word as Vietnamese, and whether it is well built (a syllable or a highland name).

    Parameters
    ----------
    word : str
        NFC; signs at its edges are allowed.
    """
    score, inner = _without_signs(word)
    small = inner.lower()
    score += sum(LETTERS.get(letter, RAREST) for letter in small)
    built = _built(small)
    if built is None or not _cased(inner):
        return score + BROKEN, False
    return (score if built else score + LOOSE), True


@lru_cache(maxsize=65536)
def european(word):
    """The same as text of another language in Latin letters, in which accents are rarer."""
    score, inner = _without_signs(word)
    small = inner.lower()
    known = [EUROPEAN.get(letter) for letter in small]
    score += sum(STRANGER if chance is None else chance for chance in known)
    for place, letter in enumerate(small):
        last, following = small[max(place - 1, 0) : place], small[place + 1 : place + 2]
        vowels = f"{last}{letter}"
        score += ODD * (
            (
                not letter.isascii()
                and _is_vowel(last)
                and _is_vowel(letter)
                and not _USUAL_AFTER_VOWEL.match(vowels)
            )
            + (letter == "ñ" and not _is_vowel(last))
            + (letter == "õ" and following != "e")
            + (letter == "ã" and following not in ("", "o", "e", "s"))
        )
    fits = None not in known and _cased(inner, strict=True)
    return (score if fits else score + BROKEN), fits


def _is_vowel(letter):
    return letter != "" and unicodedata.normalize("NFD", letter)[0] in "aeiouyøæœ"


def _without_signs(word):
    inner = word.strip("“”‘’…–—°²³«»·№ ")
    return RAREST / 2 * (len(word) - len(inner)), inner


def _built(word):
    """True for a Vietnamese syllable, False for a word of the highlands, None for neither."""
    parts = unicodedata.normalize("NFD", word)
    tones = [mark for mark in parts if mark in TONES]
    toneless = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in TONES))
    if not word:
        return True
    if len(tones) > 1 or not _HIGHLAND.fullmatch(toneless):
        return None
    for onset in ("", *ONSETS):
        rhyme = toneless[len(onset) :]
        if toneless.startswith(onset) and (
            rhyme in RHYMES or rhyme[-1:] == "k" and rhyme[:-1] + "c" in RHYMES
        ):
            closed = rhyme.endswith(("c", "ch", "p", "t"))
            return not closed or tones in (["\u0301"], ["\u0323"])
    return False


def _cased(word, strict=False):
    """Whether large letters stand first or everywhere; marked ones may be small, as capital fonts store them."""
    rest = [letter for letter in word[1:] if letter.isalpha() and (strict or letter.isascii())]
    return all(letter.islower() for letter in rest) or all(letter.isupper() for letter in rest)
