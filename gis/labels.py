"""One text in several languages, and numbers as a reader of that language writes them."""

import math
import re
from collections.abc import Mapping
from functools import lru_cache

LANGUAGES = ("vi", "en")

DIGITS = {"%": 2, "phút": 1, "min": 1}
"""Decimals of what nobody measures more finely."""
DATE = re.compile(r"(?:^|(?<=, ))([0-9]{4})-([0-9]{2})-([0-9]{2})(?=$|;|-[0-9]+$)")


class Label(Mapping):
    """A text in several languages; hashable, never changed.

    Parameters
    ----------
    texts : Mapping of str to str, or str
        Language code to text. A plain string stands for every language.

    Examples
    --------
    >>> Label({"vi": "Trường học", "en": "School"}).pick("en")
    'School'
    >>> Label({"vi": "Trường học"}).pick("en")
    'Trường học'
    """

    __slots__ = ("_texts",)

    def __init__(self, texts):
        if isinstance(texts, str):
            texts = dict.fromkeys(LANGUAGES, texts)
        self._texts = {language: str(text) for language, text in texts.items() if text is not None}

    def pick(self, language):
        """The text in `language`, else in the first language there is; empty when there is none."""
        return self._texts.get(language) or next(iter(self._texts.values()), "")

    def __getitem__(self, language):
        return self._texts[language]

    def __iter__(self):
        return iter(self._texts)

    def __len__(self):
        return len(self._texts)

    def __hash__(self):
        return hash(tuple(sorted(self._texts.items())))

    def __repr__(self):
        return f"Label({self._texts!r})"


def format_value(value, unit, language):
    """A number with its unit as text for a reader; `–` for NaN and None, `∞` for inf.

    Parameters
    ----------
    value : float, bool or None
    unit : str or None
        Unit written after the number; ``"bool"`` writes yes or no.
    language : str
        ``"vi"`` writes 1.234,5 and ``"en"`` writes 1,234.5.

    Examples
    --------
    >>> format_value(1234.56, "km", "vi")
    '1.234,56 km'
    >>> format_value(float("nan"), "km", "en"), format_value(26.193, "min", "en")
    ('–', '26.2 min')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if unit == "bool":
        return {"vi": ("không", "có"), "en": ("no", "yes")}[language][int(bool(value))]
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    text = format_number(value, language, digits=DIGITS.get(unit))
    if unit == "%":
        return f"{text} %"
    return f"{text} {unit}" if unit else text


def format_number(value, language, digits=None):
    """A finite number in the notation of `language`: at most three decimals below ten, else two, or `digits`."""
    digits = (3 if abs(value) < 10 else 2) if digits is None else digits
    text = f"{value:,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text in ("-0", ""):
        text = "0"
    return text.translate(_swap()) if language == "vi" else text


def format_date(text, language):
    """A date, numbered or not, and dates after a comma at the end of what is listed, as the language writes them.

    Examples
    --------
    >>> format_date("Y Lan, 2026-11-26", "vi"), format_date("2026-11-26", "en")
    ('Y Lan, 26/11/2026', '2026-11-26')
    >>> format_date("2026-11-26-1", "vi")
    '26/11/2026-1'
    """
    return DATE.sub(r"\3/\2/\1", str(text)) if language == "vi" else str(text)


@lru_cache(maxsize=1)
def _swap():
    return str.maketrans({",": ".", ".": ","})
