"""Which encoding the text of a file is read in: what its owner says, else the file itself, else its letters."""

import codecs
import re

from gis.encodings import decode, guess_encoding, octets_of
from gis.errors import IntakeError, Problem
from gis.intake.reports import counted

SAFE_CODECS = re.compile(
    r"ascii|utf-8|utf-8-sig|utf-16|utf-16-le|utf-16-be|iso8859-\d+|cp125\d|cp437|cp850|cp874"
)


def codec_named(encoding, file):
    """The codec that an `encoding:` key or a .cpg file means.

    Parameters
    ----------
    encoding : str
        Such as ``"utf-8"``, ``"TCVN3"``, ``"windows-1258"``, ``"ANSI 1252"``, ``"65001"``, ``"88591"``.
    file : str
        For the message.

    Returns
    -------
    str
        ``"tcvn3"``, ``"vni"`` or the name of a Python codec.

    Raises
    ------
    IntakeError
        If there is no such encoding, or it is none for the text of a table.
    """
    name = re.sub(r"^(ansi|oem|windows|cp)[\s_-]*(?=\d)", "", encoding.strip().lower())
    if re.fullmatch(r"tcvn3|abc|tcvn-?5712(-[123])?", name):
        return "tcvn3"
    if re.fullmatch(r"vni([\s_-]?win(dows)?)?", name):
        return "vni"
    name = {"65001": "utf-8", "1200": "utf-16-le"}.get(name, name)
    name = re.sub(r"^8859[_-]?(\d+)$", r"iso8859-\1", name)
    name = re.sub(r"^(125\d|437|850|874)$", r"cp\1", name)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        found = ""
    if not SAFE_CODECS.fullmatch(found):
        raise IntakeError("intake-encoding-unknown", file=file, encoding=encoding.strip()[:40])
    return found


CARELESS = ("cp1252", "iso8859-1", "iso8859-15", "cp437", "cp850", "cp1258")
"""Code pages that programs write beside a file without knowing its text; certain letters count for more."""


def choose_codecs(rows, file, *, asked=None, stated=None):
    """The codecs to try in turn on each value of a file.

    Parameters
    ----------
    rows : dict of bytes to int
        Every different value that is not ASCII and the first row it stands in.
    file, asked, stated
        See `decode_columns`.

    Returns
    -------
    codecs : tuple of str
        One; two where some values are UTF-8 and the others are not.
    problems : list of Problem

    Raises
    ------
    IntakeError
        If no encoding known here reads every value.
    """
    if asked:
        return (codec_named(asked, file),), []
    told = _codec_stated(stated, file)
    whole = {octets for octets in rows if _is_utf8(octets)}
    rest = {octets for octets in rows if octets not in whole and not _is_cut(octets, whole)}
    if not rest:
        if not rows:
            return (told or "utf-8",), []
        fits = stated is None or (told or "").startswith("utf")
        return ("utf-8",), [] if fits else [_differs(file, stated, "utf-8")]
    guess = guess_encoding(rest)
    believed = told and not told.startswith("utf") and all(_reads(octets, told) for octets in rows)
    if believed and not (told in CARELESS and guess.certain and _reads_otherwise(rest, told, guess.encoding)):
        return (told,), []
    if guess.encoding is None:
        row = min(rows[octets] for octets in rest)
        raise IntakeError("intake-encoding-needed", file=file, row=row)
    problems = [_differs(file, stated, guess.encoding)] if stated else []
    problems.append(_guessed(guess, file))
    if "capitals-lost" in guess.notes:
        problems.append(Problem("encoding-capitals-lost", {"file": file}, "note"))
    if not whole:
        return (guess.encoding,), problems
    mixed = counted("encoding-mixed", sorted({rows[octets] for octets in rest}), file=file)
    return ("utf-8", guess.encoding), [*problems, mixed]


RESTORED = ("tcvn3", "vni", "utf-8")


def restore_letters(texts, file, *, asked=None):
    """What texts of a Unicode file were before an old font, or a wrong reading, made other letters of them.

    A sheet typed with the font .VnTime holds "Th«n" and looks right only in that font; UTF-8 read as cp1252 holds
    "ThÃ´n". Both are restored, if it is certain, or if the owner asks for that encoding.

    Parameters
    ----------
    texts : iterable of str
    file : str
    asked : str, optional
        The owner's `encoding:`; ``utf-8`` leaves everything as it is.

    Returns
    -------
    known : dict of str to str
        Every text that changes.
    problems : list of Problem
    """
    octets = {text: octets_of(text) for text in texts if not text.isascii()}
    octets = {text: found for text, found in octets.items() if found is not None}
    if not octets:
        return {}, []
    if asked:
        codec = codec_named(asked, file)
        certain = codec in ("tcvn3", "vni")
    else:
        guess = guess_encoding(octets.values())
        codec, certain = guess.encoding, guess.certain and guess.encoding in RESTORED
    if not certain:
        return {}, []
    known = {text: decode(found, codec) for text, found in octets.items() if _reads(found, codec)}
    samples = [f"{text[:40]} → {known[text][:40]}" for text in sorted(known)[:3]]
    arguments = {"file": file, "encoding": codec, "count": len(known), "samples": samples}
    return known, [Problem("encoding-restored", arguments, "note" if asked else "warning")]


def _codec_stated(stated, file):
    """The codec that a .cpg file means; a name that nobody knows says nothing."""
    try:
        return codec_named(stated, file) if stated else None
    except IntakeError:
        return None


def _differs(file, stated, used):
    return Problem("intake-cpg-differs", {"file": file, "encoding": stated, "used": used})


def _guessed(guess, file):
    """How the encoding was found, with what a person needs to judge it."""
    others = [f"{other.encoding}: {_samples(other.samples)}" for other in guess.alternatives]
    arguments = {
        "file": file,
        "encoding": guess.encoding,
        "samples": _samples(guess.samples),
        "alternatives": others or ["–"],
    }
    return Problem("encoding-guessed", arguments, "note" if guess.certain else "warning")


def _samples(texts):
    return " | ".join(text.strip()[:60] for text in texts)


def _reads(octets, codec):
    try:
        decode(octets, codec)
    except UnicodeDecodeError:
        return False
    return True


def _reads_otherwise(values, codec, other):
    return any(decode(octets, codec) != decode(octets, other) for octets in values)


def _is_utf8(octets):
    return _reads(octets, "utf-8")


def _is_cut(octets, whole):
    """Whether this is UTF-8 but for its last letter, of which the field held only a part.

    The part alone is no proof of UTF-8; another letter before it, or in another value, is.
    """
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError as error:
        proven = whole or not octets[: error.start].isascii()
        return bool(proven) and error.reason == "unexpected end of data"
    return False
