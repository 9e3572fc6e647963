"""An indicator with its bound arguments, and how it is written as one line of text."""

import json
import re
from dataclasses import dataclass

CALL = re.compile(r"\s*([a-z][a-z0-9_]*)\s*\((.*)\)\s*\Z", re.DOTALL)
WORD = re.compile(r"[^\s,=()\[\]+\"]+\Z")
ARGUMENT = re.compile(
    r'\s*([a-z][a-z0-9_]*)\s*=\s*(\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]|"(?:[^"\\]|\\.)*"|[^,\[\]"]+)\s*(?:,|\Z)'
)
ITEM = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^+"]+)\s*(?:\+|\Z)')
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?\Z")


@dataclass(frozen=True)
class Binding:
    """An indicator and the arguments a set binds to it.

    Attributes
    ----------
    indicator : str
    arguments : tuple of (str, value)
        Sorted by name; a value is a text, a number, a bool or a tuple of texts or numbers.
    """

    indicator: str
    arguments: tuple = ()

    @classmethod
    def from_plain(cls, plain):
        """From the mapping of a set file, whose key `indicator` names the indicator."""
        arguments = {
            name: tuple(value) if isinstance(value, (list, tuple)) else value
            for name, value in plain.items()
            if name != "indicator"
        }
        return cls(plain["indicator"], tuple(sorted(arguments.items())))

    def to_plain(self):
        """The mapping of a set file."""
        arguments = {
            name: list(value) if isinstance(value, tuple) else value for name, value in self.arguments
        }
        return {"indicator": self.indicator, **arguments}

    @property
    def measure(self):
        """Canonical name of the measurement: what many criteria, sets and years share.

        Examples
        --------
        >>> plain = {"indicator": "nearest_distance", "kind": "primary", "facilities": "schools"}
        >>> Binding.from_plain(plain).measure
        'nearest_distance(facilities=schools,kind=primary)'
        >>> Binding.from_plain({"indicator": "road_share", "classes": ["village", "alley"]}).measure
        'road_share(classes=[village+alley])'
        """
        return self.written(",")

    def written(self, comma):
        """The same with another mark between the arguments, such as a comma and a space for readers."""
        arguments = comma.join(f"{name}={_write(value)}" for name, value in self.arguments)
        return f"{self.indicator}({arguments})"


def parse_measure(text):
    """The plain mapping of a binding written as `Binding.measure` writes it; spaces do not matter.

    Raises
    ------
    ValueError
        If the text is not of that form or binds a name twice.
    """
    call = CALL.match(text)
    if not call:
        raise ValueError(text)
    plain, rest = {"indicator": call[1]}, call[2].strip()
    while rest:
        found = ARGUMENT.match(rest)
        if not found or found[1] in plain:
            raise ValueError(text)
        plain[found[1]] = _read(found[2].strip())
        rest = rest[found.end() :]
    return plain


def _write(value):
    if isinstance(value, tuple):
        return "[" + "+".join(_write(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
    plain = WORD.match(value) and not NUMBER.match(value) and value not in ("true", "false")
    return value if plain else json.dumps(value, ensure_ascii=False)


def _read(text):
    if text.startswith("["):
        items, rest = [], text[1:-1].strip()
        while rest:
            found = ITEM.match(rest)
            if not found:
                raise ValueError(text)
            items.append(_read(found[1].strip()))
            rest = rest[found.end() :]
        return items
    if text.startswith('"'):
        return json.loads(text)
    if text in ("true", "false"):
        return text == "true"
    if NUMBER.match(text):
        number = float(text)
        return int(number) if number.is_integer() else number
    return text
