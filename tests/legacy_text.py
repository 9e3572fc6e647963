"""Writers of old Vietnamese encodings, made apart from the readers that they test."""

import unicodedata

ACUTE, GRAVE, HOOK, TILDE, DOT = "\u0301\u0300\u0309\u0303\u0323"
SHAPES = "\u0302\u0306\u031b"

# Of each vowel: the byte without a tone, then grave, hook, tilde, acute, dot, as the TCVN 5712 chart lists them.
TCVN3_ROWS = {
    "a": (0x61, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9), "ă": (0xA8, 0xBB, 0xBC, 0xBD, 0xBE, 0xC6),
    "â": (0xA9, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB), "e": (0x65, 0xCC, 0xCE, 0xCF, 0xD0, 0xD1),
    "ê": (0xAA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6), "i": (0x69, 0xD7, 0xD8, 0xDC, 0xDD, 0xDE),
    "o": (0x6F, 0xDF, 0xE1, 0xE2, 0xE3, 0xE4), "ô": (0xAB, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9),
    "ơ": (0xAC, 0xEA, 0xEB, 0xEC, 0xED, 0xEE), "u": (0x75, 0xEF, 0xF1, 0xF2, 0xF3, 0xF4),
    "ư": (0xAD, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9), "y": (0x79, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE),
}  # fmt: skip
TCVN3_LARGE = {"Ă": 0xA1, "Â": 0xA2, "Ê": 0xA3, "Ô": 0xA4, "Ơ": 0xA5, "Ư": 0xA6, "Đ": 0xA7, "đ": 0xAE}
TONE_ORDER = (GRAVE, HOOK, TILDE, ACUTE, DOT)

VNI_TONES = {ACUTE: 0xF9, GRAVE: 0xF8, HOOK: 0xFB, TILDE: 0xF5, DOT: 0xEF}
VNI_CIRCUMFLEX = {"": 0xE2, ACUTE: 0xE1, GRAVE: 0xE0, HOOK: 0xE5, TILDE: 0xE3, DOT: 0xE4}
VNI_BREVE = {"": 0xEA, ACUTE: 0xE9, GRAVE: 0xE8, HOOK: 0xFA, TILDE: 0xFC, DOT: 0xEB}
VNI_I = {ACUTE: 0xED, GRAVE: 0xEC, HOOK: 0xE6, TILDE: 0xF3, DOT: 0xF2}

VOWELS = "aăâeêioôơuưy"
SMALL = (
    "".join(unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in ("", *TONE_ORDER))
    + "đ"
)
LETTERS = SMALL + SMALL.upper()
"""Every letter with a mark that Vietnamese has, and the bare vowels."""


def parted(letter):
    """Vowel with its shape, and tone."""
    parts = unicodedata.normalize("NFD", letter)
    tone = next((mark for mark in parts if mark in TONE_ORDER), "")
    return unicodedata.normalize("NFC", parts.replace(tone, "")), tone


def encode(text, codec):
    """Text as bytes of ``"tcvn3"``, ``"vni"``, ``"cp1258"`` or any codec of Python; capitals of TCVN3 lose case."""
    one = {"tcvn3": _tcvn3, "vni": _vni, "cp1258": _cp1258}.get(codec)
    text = unicodedata.normalize("NFC", text)
    return b"".join(map(one, text)) if one else text.encode(codec)


def _tcvn3(letter):
    if letter in TCVN3_LARGE:
        return bytes([TCVN3_LARGE[letter]])
    vowel, tone = parted(letter)
    if not tone:
        small = TCVN3_ROWS.get(vowel)
        return bytes([small[0]]) if small else letter.encode("ascii")
    return bytes([TCVN3_ROWS[vowel.lower()][1 + TONE_ORDER.index(tone)]])


def _vni(letter):
    vowel, tone = parted(letter.lower())
    if vowel == "i" and tone:
        octets = bytes([VNI_I[tone]])
    elif vowel == "y" and tone == DOT:
        octets = b"\xee"
    elif vowel in "âêô":
        octets = unicodedata.normalize("NFD", vowel)[0].encode() + bytes([VNI_CIRCUMFLEX[tone]])
    elif vowel == "ă":
        octets = b"a" + bytes([VNI_BREVE[tone]])
    else:
        base = {"ơ": b"\xf4", "ư": b"\xf6", "đ": b"\xf1"}.get(vowel) or vowel.encode("ascii")
        octets = base + (bytes([VNI_TONES[tone]]) if tone else b"")
    return octets.decode("latin-1").upper().encode("latin-1") if letter.isupper() else octets


def _cp1258(letter):
    """A letter whole where the page has it, else its vowel and the tone that follows."""
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        vowel, tone = parted(letter)
        return (vowel + tone).encode("cp1258")
