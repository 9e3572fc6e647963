"""Codes and arguments to sentences, from the gettext catalogues in `gis/translations`.

Each language is a folder of `.po` files, one per room that speaks; the message id is the code.
A message is a `str.format` text: ``"Layer '{layer}' ({file}): no CRS; set `crs:`."`` Where a language has
another word for one than for many, both stand after the colon: ``"{count} {count:village|villages}"``.
"""

from functools import lru_cache
from pathlib import Path

from gis.labels import LANGUAGES, Label, format_date, format_number

LISTED = 5
"""How many items of a list a sentence names; the rest is counted."""

POSITIONS = ("line", "row", "year", "port", "edition")
"""Arguments that are places or names and not amounts or days: written as they are."""

TRANSLATIONS = Path(__file__).parent / "translations"


def say(code, language, /, **arguments):
    """The sentence for a code in one language.

    Parameters
    ----------
    code : str
        Message id, such as ``"layer-no-crs"``.
    language : str
        ``"vi"`` or ``"en"``.
    **arguments
        Values put into the sentence: floats in the notation of the language, a `Label` in its
        language, dates too, lists joined with commas (the first five, then how many more).

    Returns
    -------
    str
        Never fails on a missing code or argument: an unknown code is returned with its arguments,
        so that no error is hidden behind a broken message.
    """
    template = catalogue(language).get(code)
    shown = {
        name: str(value) if name in POSITIONS else _shown(value, language)
        for name, value in arguments.items()
    }
    if template is None:
        listed = ", ".join(f"{name}={value}" for name, value in shown.items())
        return f"{code} ({listed})" if listed else code
    return template.format_map(_Blanks({name: _Written(value) for name, value in shown.items()}))


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language):
    """All messages of one language as a dict of code to text."""
    from babel.messages.pofile import read_po

    messages = {}
    for path in sorted((TRANSLATIONS / language).glob("*.po")):
        with path.open(encoding="utf-8") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string:
                    messages[message.id] = message.string
    return messages


class _Written(str):
    """An argument as it is written; ``{name:one|many}`` is the word that goes with so many."""

    def __format__(self, words):
        one, _, many = words.partition("|")
        return str(self) if not words else one if self == "1" else many


class _Blanks(dict):
    def __missing__(self, name):
        return _Written("{" + name + "}")


def _shown(value, language):
    if isinstance(value, Label):
        return value.pick(language)
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        finite = value == value and value not in (float("inf"), float("-inf"))
        return format_number(value, language) if finite else str(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [
            str(item) if isinstance(item, int) else str(_shown(item, language))
            for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)
        ]
        more = f" … (+{len(items) - LISTED})" if len(items) > LISTED else ""
        return ", ".join(items[:LISTED]) + more
    return format_date(value, language)
