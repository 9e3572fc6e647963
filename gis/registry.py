"""How a folder becomes a registry: every module in it is imported, its decorators register."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gis.labels import Label


@dataclass(frozen=True)
class Indicator:
    """A declared measurement: the function, what it is called and the unit of its value.

    `unseen` says what a facility or road that the layers lack would do to the value: it "lowers" a
    distance, "raises" a count, moves a share "either" way, or does "nothing" to a reported figure.
    """

    name: str
    label: Label
    unit: str
    unseen: str
    function: Callable
    things: tuple
    options: Mapping

    @property
    def needs_reports(self):
        """Whether the value comes from the assessment and not from the map."""
        return "reported" in self.things


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
    the star are plain values. A criteria set binds both by name.
    """

    def register(function):
        parameters = inspect.signature(function).parameters.values()
        things = tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)
        options = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        INDICATORS[function.__name__] = Indicator(
            function.__name__, Label(label), unit, unseen, function, things, options
        )
        return function

    return register


def exporter(*, suffix, mimetype, **label):
    """Register an export format under the name of its function: ``@exporter(suffix=".zip", …)``."""

    def register(function):
        EXPORTERS[function.__name__] = Exporter(function.__name__, Label(label), suffix, mimetype, function)
        return function

    return register


def discover(package):
    """Import every module of a growing folder, in name order, so that its decorators run.

    Parameters
    ----------
    package : str
        Dotted name, such as ``"gis.indicators"``.
    """
    root = importlib.import_module(package)
    for module in sorted(pkgutil.iter_modules(root.__path__), key=lambda found: found.name):
        importlib.import_module(f"{package}.{module.name}")
