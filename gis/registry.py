"""How a folder becomes a registry: every module in it is imported, its decorators register."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from gis.labels import Label

REQUIRED = inspect.Parameter.empty
"""Stands for the default of an option that has none."""
TOLERANCES = ("position_m", "speed_pct")
"""Of the tolerance of a study: how far a place may be off, and by how much people may be faster or slower."""


@dataclass(frozen=True)
class Indicator:
    """A declared measurement: the function, what it is called and the unit of its value.

    Attributes
    ----------
    unseen : Mapping of str to str
        By thing, what one more of it (a facility or road that the layer lacks) would do to the value: it
        "lowers" a distance, "raises" a count, moves a share "either" way, or does "nothing".
    things : tuple of str
        What the study gives: villages, a layer, `reported`.
    optional : frozenset of str
        Things whose default is None: the function works without them, and a study that lacks one is as one
        whose layer is nowhere complete.
    uses_edge : bool
        Whether the function takes ``edge``: how far points are from where the facilities' data end.
    uses_travel : bool
        Whether the function takes ``travel``: what was prepared for ways by the layers that it names.
    tolerances : tuple of str
        Which of `TOLERANCES` the function takes.
    options : Mapping of str to value
        Plain values and their defaults; `REQUIRED` where there is none.
    """

    name: str
    label: Label
    unit: str
    unseen: Mapping
    function: Callable
    things: tuple
    optional: frozenset
    uses_edge: bool
    uses_travel: bool
    tolerances: tuple
    options: Mapping

    @property
    def required(self):
        """Names of the options that a set must bind."""
        return [name for name, default in self.options.items() if default is REQUIRED]

    @property
    def needs_points(self):
        """Whether it is about the way to facilities, which leads to a point, not about what lies in or near a place."""
        goes = self.uses_travel or self.unit in ("km", "min") or "within_km" in self.options
        return goes and "facilities" in self.things


INDICATORS: dict[str, Indicator] = {}
EXPORTERS: dict[str, "Exporter"] = {}


@dataclass(frozen=True)
class Exporter:
    """A declared export format: ``function(review, path, *, language, select) -> ExportReport``."""

    name: str
    label: Label
    suffix: str
    mimetype: str
    function: Callable


def indicator(*, unit, unseen, **label):
    """Register a measurement: ``@indicator(unit="km", unseen="lowers", vi="…", en="…")``.

    The parameters before the star are things of the study (villages, a layer, `reported`); those after
    the star are plain values; a thing whose default is None need not be there. A criteria set binds both by
    name. `unseen` is one word for all layers or, where they differ, a mapping of thing to word; see `Indicator`.
    """

    def register(function):
        parameters = list(inspect.signature(function).parameters.values())
        given = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        things = tuple(name for name in given if name not in ("edge", "travel", *TOLERANCES))
        words = unseen if isinstance(unseen, Mapping) else dict.fromkeys(things, unseen)
        INDICATORS[function.__name__] = Indicator(
            name=function.__name__,
            label=Label(label),
            unit=unit,
            unseen=MappingProxyType({thing: words.get(thing, "nothing") for thing in things}),
            function=function,
            things=things,
            optional=frozenset(p.name for p in parameters if p.name in things and p.default is None),
            uses_edge="edge" in given,
            uses_travel="travel" in given,
            tolerances=tuple(name for name in TOLERANCES if name in given),
            options={p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY},
        )
        return function

    return register


def exporter(*, suffix, mimetype, **label):
    """Register an export format under the name of its function: ``@exporter(suffix=".zip", …)``."""

    def register(function):
        EXPORTERS[function.__name__] = Exporter(function.__name__, Label(label), suffix, mimetype, function)
        return function

    return register


def repeatable(work):
    """Mark long work as harmless to begin twice: when its worker dies, it is begun once more by itself."""
    work.repeatable = True
    return work


@cache
def discover(package):
    """Import every module of a growing folder, in name order, so that its decorators run; once in a process.

    Parameters
    ----------
    package : str
        Dotted name, such as ``"gis.indicators"``.
    """
    root = importlib.import_module(package)
    for module in sorted(pkgutil.iter_modules(root.__path__), key=lambda found: found.name):
        importlib.import_module(f"{package}.{module.name}")
