"""TCVN3 and VNI as tables, since Python knows neither; every text comes out in composed letters (NFC)."""

import re
import unicodedata

# Characters of the bytes A1 to FE in TCVN 5712 (the fonts named .Vn…); below them it is ASCII.
TCVN3_UPPER = (
    "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮ"
    "ẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔ"
    "ỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵ"
)
"""Older Vietnamese files are mostly in it, and neither Python nor the reading libraries know it."""

TONES = "\u0301\u0300\u0309\u0303\u0323"
"""Acute (sắc), grave (huyền), hook (hỏi), tilde (ngã), dot below (nặng): the order of all tables here."""

# A VNI font draws the mark that follows a vowel above or below it: one row of marks for each vowel.
_VNI_MARKS = {"": "ùøûõï", "\u0302": "âáàåãä", "\u0306": "êéèúüë"}
_VNI_ALONE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni():
    """Bytes (as Latin-1) to letters: a vowel and its mark, or a letter that has its own byte."""
    letters = dict(_VNI_ALONE)
    for vowel in "aeouy":
        for shape, marks in _VNI_MARKS.items():
            if shape == "\u0306" and vowel != "a" or shape == "\u0302" and vowel not in "aeo":
                continue
            plain = [vowel + shape] if shape else []
            toned = [vowel + shape + tone for tone in TONES]
            for mark, letter in zip(marks, plain + toned, strict=True):
                letters[vowel + mark] = letter
    for base, letter in (("ô", "ơ"), ("ö", "ư")):
        letters |= {base + mark: letter + tone for mark, tone in zip(_VNI_MARKS[""], TONES, strict=True)}
    del letters["yï"]  # ỵ has a byte of its own
    composed = {octets: unicodedata.normalize("NFC", letter) for octets, letter in letters.items()}
    large = {octets.upper(): letter.upper() for octets, letter in composed.items()}
    # The mark may have been typed small or large; the vowel says which the letter is.
    mixed = {
        octets[0].upper() + octets[1]: letter.upper()
        for octets, letter in composed.items()
        if len(octets) == 2
    } | {octets[0] + octets[1].upper(): letter for octets, letter in composed.items() if len(octets) == 2}
    return mixed | composed | large


VNI = _vni()
"""Sequences of VNI (fonts named VNI-…) as Latin-1 to letters; below A0 a byte is what it is in cp1252."""

_VNI_SEQUENCE = re.compile("|".join(sorted(map(re.escape, VNI), key=lambda octets: (-len(octets), octets))))

# Word processors put these into text of any encoding: dots, quotes, dashes, a space that does not break.
_TYPED = {octet: bytes([octet]).decode("cp1252") for octet in (0x85, *range(0x91, 0x98))} | {0xA0: " "}
_TCVN3 = {0xA1 + position: letter for position, letter in enumerate(TCVN3_UPPER)} | _TYPED


def decode(octets, codec):
    """Bytes as text, strictly, in composed letters (NFC).

    Parameters
    ----------
    octets : bytes
    codec : str
        ``"tcvn3"``, ``"vni"`` or the name of a Python codec.

    Raises
    ------
    UnicodeDecodeError
        If the bytes are not of this encoding.

    Examples
    --------
    >>> decode(bytes.fromhex("54 68 ab 6e"), "tcvn3"), decode(bytes.fromhex("54 68 6f e2 6e"), "vni")
    ('Thôn', 'Thôn')
    """
    own = {"tcvn3": _from_tcvn3, "vni": _from_vni}.get(codec)
    return unicodedata.normalize("NFC", own(octets) if own else octets.decode(codec))


def octets_of(text):
    """The bytes that a text was, if an old font's letters were stored as those of cp1252; None if they were not.

    Examples
    --------
    >>> decode(octets_of("Th«n §¨k"), "tcvn3"), octets_of("Thôn Đăk")
    ('Thôn Đăk', None)
    """
    try:
        return text.encode("cp1252")
    except UnicodeEncodeError:
        pass
    try:
        # Bytes that cp1252 leaves open are often stored as they are.
        return b"".join(
            letter.encode("latin-1") if "\x80" <= letter < "\xa0" else letter.encode("cp1252")
            for letter in text
        )
    except UnicodeEncodeError:
        return None


def _from_tcvn3(octets):
    text = octets.decode("latin-1").translate(_TCVN3)
    for place, letter in enumerate(text):
        if "\x7f" <= letter <= "\xa0" or letter == "\xff":
            raise UnicodeDecodeError("tcvn3", octets, place, place + 1, "byte without a letter")
    return text


def _from_vni(octets):
    text = octets.decode("latin-1")
    pieces, last = [], 0
    for found in _VNI_SEQUENCE.finditer(text):
        pieces += [_vni_rest(octets, last, found.start()), VNI[found[0]]]
        last = found.end()
    return "".join(pieces) + _vni_rest(octets, last, len(octets))


def _vni_rest(octets, start, end):
    """What stands between letters: ASCII and signs, no mark without its vowel."""
    piece = octets[start:end]
    if piece.isascii():
        return piece.decode("ascii")
    for place, octet in enumerate(piece, start):
        if octet >= 0xC0 or octet in (0x81, 0x8D, 0x8F, 0x90, 0x9D):
            raise UnicodeDecodeError("vni", octets, place, place + 1, "mark without its vowel")
    return piece.decode("cp1252").replace("\xa0", " ")
