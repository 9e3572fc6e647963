"""One change of a study as plain data, its form checked; whether the study has what it names is found when it is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from numbers import Real
from types import MappingProxyType

from gis.errors import PlanError

DOES = MappingProxyType(
    {
        "report": (("village", "field"), ("add", "whole", "set")),
        "build": (("layer", "id", "x", "y"), ("kind", "fields")),
        "enlarge": (("layer", "id", "field", "add"), ()),
        "close": (("layer", "id"), ()),
        "improve": (("id", "fields"), ("from_m", "to_m")),
        "road": (("id", "line"), ("fields",)),
        "bridge": (("id",), ("x", "y")),
        "speed": (("class", "surface", "season", "mode", "kmh"), ()),
        "figure": (("criterion", "figure"), ("group",)),
    }
)
"""What an edit may do: the arguments that it must have, and those that it may have."""
TEXTS = ("village", "field", "layer", "id", "class", "surface", "season", "mode", "criterion")
OPEN_TEXTS = ("whole", "kind", "group")
NUMBERS = ("x", "y", "add", "set", "from_m", "to_m", "kmh", "figure")
LONGEST_TEXT = 200
MOST = 1e12
"""No amount, coordinate or figure of a study is larger."""
MOST_CORNERS = 10_000


@dataclass(frozen=True)
class Edit:
    """One change of a study.

    Attributes
    ----------
    does : str
        Of `DOES`:

        - ``report``: the village ``village`` reports ``add`` more of ``field`` (up to its ``whole``, another field), or
          the value ``set``.
        - ``build``: a new place ``id`` of a ``kind`` in a ``layer`` of points at ``x``, ``y`` with further ``fields``.
        - ``enlarge``: the place ``id`` of a ``layer`` holds ``add`` more of ``field``.
        - ``close``: the place ``id`` of a ``layer`` is there no more.
        - ``improve``: the road ``id`` gets the ``fields``; where given only between ``from_m`` and ``to_m`` along it.
        - ``road``: a new road ``id`` along ``line`` (pairs of coordinates) with ``fields``.
        - ``bridge``: the crossing ``id`` becomes a bridge open all year; a new one where there is ``x``, ``y``.
        - ``speed``: ``kmh`` on roads of a ``class`` and ``surface`` in a ``season`` by a ``mode``.
        - ``figure``: the figure of a ``criterion`` is ``figure``, for one ``group`` where given.
    what : Mapping
        Its arguments, plain values.
    """

    does: str
    what: Mapping

    @classmethod
    def from_plain(cls, plain):
        """From plain data, as `to_plain` gives it.

        Raises
        ------
        PlanError
            If it is no edit: an unknown word, an argument that is missing, unknown or of another type, a number that is
            none, or a line without two different points.
        """
        if not isinstance(plain, Mapping) or plain.get("does") not in tuple(DOES):
            raise PlanError("plan-no-edit", edit=str(plain)[:60], known=list(DOES))
        does, what = plain["does"], {str(name)[:60]: value for name, value in plain.items() if name != "does"}
        must, may = DOES[does]
        for name in must:
            if what.get(name) is None:
                raise PlanError("scenario-missing", does=does, name=name)
        for name, value in what.items():
            if name not in (*must, *may):
                raise PlanError("scenario-unknown-name", does=does, name=name, known=[*must, *may])
            if value is not None and not _fits(name, value):
                raise PlanError("scenario-wrong-value", does=does, name=name, value=_shown(value))
        if does == "report" and ("add" in what) == ("set" in what):
            raise PlanError("scenario-add-or-set", village=what["village"], field=what["field"])
        if does == "bridge" and (what.get("x") is None) != (what.get("y") is None):
            raise PlanError("scenario-missing", does=does, name="y" if what.get("y") is None else "x")
        if (what.get("to_m") or MOST) <= (what.get("from_m") or 0):
            raise PlanError(
                "scenario-no-stretch", road=what["id"], begin=what.get("from_m"), end=what.get("to_m")
            )
        return cls(does, MappingProxyType(what))

    def to_plain(self):
        """As plain data that JSON holds."""
        return {"does": self.does, **{name: thawed(value) for name, value in self.what.items()}}


def thawed(value):
    """Nested mappings and tuples as dicts and lists that can be changed."""
    if isinstance(value, Mapping):
        return {name: thawed(part) for name, part in value.items()}
    return [thawed(part) for part in value] if isinstance(value, (list, tuple)) else value


def is_number(value):
    """Whether a value is a finite number of a size that a study can hold; yes and no are none."""
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value) and abs(value) <= MOST


def _is_text(value):
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT


def _fits(name, value):
    if name in TEXTS or name in OPEN_TEXTS:
        return _is_text(value)
    if name == "kmh":
        return is_number(value) and 0 <= value <= 200
    if name in ("from_m", "to_m"):
        return is_number(value) and value >= 0
    if name in NUMBERS:
        return is_number(value)
    if name == "fields":
        return isinstance(value, Mapping) and all(
            _is_text(key) and (each is None or isinstance(each, bool) or _is_text(each) or is_number(each))
            for key, each in value.items()
        )
    return _is_line(value)


def _is_line(value):
    """Whether it is a list of pairs of numbers, not all the same."""
    if not isinstance(value, (list, tuple)) or not 2 <= len(value) <= MOST_CORNERS:
        return False
    pairs = all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 and all(map(is_number, pair)) for pair in value
    )
    return pairs and len({tuple(pair) for pair in value}) > 1


def _shown(value):
    return str(value)[:60]
