"""Bind the criteria of a set to indicators over a study, and measure.

Every reference of the set is checked before anything runs. What completeness and the edge of a layer do
to a value is done here, once for all indicators: they only ever widen its interval.
"""

from functools import partial
from math import inf
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from gis.criteria import Binding
from gis.errors import CriteriaError, Problem, TableError
from gis.ground import travel_of
from gis.indicators.doubts import widen
from gis.indicators.lived import STATISTICS
from gis.indicators.room import ONE
from gis.registry import INDICATORS, discover
from gis.study import Tolerance
from gis.surface import MODES, SEASONS
from gis.tables import MEASUREMENTS, conform

PLAIN_THINGS = ("villages", "reported")
UNITS = ("_km", "_kmh", "_m", "_pct", "_min", "_each", "minutes")
"""An option whose name ends in a unit takes a number above 0."""
BOUNDS = {"_kmh": (0.1, 15), "_pct": (0, 100)}
"""Speeds on foot and shares lie between these; the least of a share does not belong to it."""
PLACES = ("facility", "network", "area")
"""Roles of layers whose things may be asked for as facilities."""
WORDS_OF = {"kind": ("facilities", "kind"), "classes": ("roads", "class"), "surfaces": ("roads", "surface")}
"""Options whose words are values of a layer's field: the parameter that binds the layer, and the field."""
NUMBERS_OF = {"capacity": "facilities", "demand": "villages"}
"""Options that name a field of numbers of a layer: the parameter that binds the layer."""

FIXED_WORDS = {"mode": MODES, "season": SEASONS, "statistic": tuple(STATISTICS)}
"""Options whose words are the same for every layer."""


def measure(study, criteria, catalogue, *, report=None):
    """Every measure that a criteria set asks for, for every village of a study.

    Parameters
    ----------
    study : Study
    criteria : CriteriaSet
    catalogue : Mapping of str to Layer
    report : callable, optional
        Called as ``report(fraction, code, **arguments)``.

    Returns
    -------
    DataFrame
        Table `MEASUREMENTS`, sorted by village, measure and source. A measure whose layer the study lacks is
        there with NaN and the doubt "layer-missing".

    Raises
    ------
    CriteriaError
        If the set names an indicator, an option, a value or a layer that does not exist; all faults at once.
    """
    check_bindings(criteria, catalogue)
    return measure_checked(study, criteria, report=report)


def measure_checked(study, criteria, *, report=None):
    """The same for a set whose references are known to hold."""
    wanted = {}
    for criterion in criteria.criteria:
        for binding, source in ((criterion.measured, "measured"), (criterion.reported, "reported")):
            if binding:
                wanted.setdefault((binding.measure, source), binding)
    blocks = []
    for done, ((name, source), binding) in enumerate(sorted(wanted.items(), key=_by_way)):
        if report:
            report(done / len(wanted), "measuring", measure=INDICATORS[binding.indicator].label)
        blocks.append(_measure_one(study, binding).assign(measure=name, source=source))
    if not blocks:
        return conform(pd.DataFrame(columns=list(MEASUREMENTS)), MEASUREMENTS)
    table = pd.concat(blocks, ignore_index=True).sort_values(
        ["village_id", "measure", "source"], kind="stable"
    )
    return conform(table.reset_index(drop=True), MEASUREMENTS)


def _by_way(wanted):
    """The order of measuring: what goes the same way together, as only the latest times over a large ground are kept."""
    (measure, source), binding = wanted
    arguments = dict(binding.arguments)
    return *(str(arguments.get(name)) for name in ("mode", "season")), measure, source


def measure_by(study, indicator, **arguments):
    """What one indicator measures for every village of a study, as `measure` does and without a set.

    Parameters
    ----------
    study : Study
    indicator : str
        Name of a registered indicator.
    **arguments
        As a set binds them; they are trusted.

    Returns
    -------
    DataFrame
        One row a village in the order of the study, columns of `MEASUREMENTS` but for ``measure`` and ``source``.
    """
    discover("gis.indicators")
    return _measure_one(study, Binding(indicator, tuple(sorted(arguments.items()))))


def check_bindings(criteria, catalogue):
    """Raise `CriteriaError` with every indicator, option, value and layer of the set that does not exist."""
    discover("gis.indicators")
    problems = []
    for criterion in criteria.criteria:
        for binding in filter(None, (criterion.measured, criterion.reported)):
            problems += _faults(criteria, criterion, binding, catalogue)
    if problems:
        raise CriteriaError(problems=problems)


def layers_used(criteria):
    """Ids of the layers that the measured values of a set come from."""
    discover("gis.indicators")
    used = set()
    for criterion in criteria.criteria:
        declared = INDICATORS.get(criterion.measured.indicator) if criterion.measured else None
        if declared is not None:
            arguments = dict(criterion.measured.arguments)
            used |= {arguments.get(thing, thing) for thing in declared.things if thing not in PLAIN_THINGS}
    return frozenset(used)


def _faults(criteria, criterion, binding, catalogue):
    where = {"file": Path(criteria.path).name, "criterion": criterion.id, "indicator": binding.indicator}
    declared = INDICATORS.get(binding.indicator)
    if declared is None:
        return [Problem("criterion-unknown-indicator", {**where, "known": sorted(INDICATORS)}, "error")]
    arguments = dict(binding.arguments)
    things = [thing for thing in declared.things if thing not in PLAIN_THINGS]
    known = [*things, *declared.options]
    faults = [
        Problem("criterion-unknown-argument", {**where, "argument": name, "known": known}, "error")
        for name in arguments
        if name not in known
    ]
    for thing in things:
        faults += _layer_faults(where, thing, arguments.get(thing, thing), catalogue)
    faults += [
        Problem("criterion-argument-missing", {**where, "argument": name}, "error")
        for name in [*declared.required, *(thing for thing in things if thing not in catalogue)]
        if name not in arguments
    ]
    for name in declared.options:
        if name in arguments:
            faults += _value_faults(where, declared, arguments, name, catalogue)
    return faults


def _layer_faults(where, thing, name, catalogue):
    """What is wrong with the layer bound to a thing: that there is none such, or that it holds something else."""
    where = {**where, "argument": thing, "layer": str(_plain(name))}
    layer, usual = (catalogue.get(one) if isinstance(one, str) else None for one in (name, thing))
    if layer is None:
        return [] if name == thing else [Problem("criterion-unknown-layer", where, "error")]
    fits = layer.role in PLACES
    if usual is not None:
        fits = (layer.role, layer.meaning) == (usual.role, usual.meaning)
    return [] if fits else [Problem("criterion-unfit-layer", where, "error")]


def _value_faults(where, declared, arguments, name, catalogue):
    """What is wrong with the value of one option: its type, or words that the layer does not know."""
    value = arguments[name]
    where = {**where, "argument": name, "value": _plain(value)}
    if name.endswith(UNITS):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (number and 0 < value < inf):
            return [Problem("criterion-argument-not-number", where, "error")]
        least, most = next((ends for unit, ends in BOUNDS.items() if name.endswith(unit)), (0, inf))
        where |= {"least": least, "most": most}
        return [] if least <= value <= most else [Problem("criterion-argument-beyond", where, "error")]
    if isinstance(declared.options[name], bool):
        wrong = not isinstance(value, bool)
        return [Problem("criterion-argument-not-yesno", where, "error")] if wrong else []
    if name in FIXED_WORDS:
        where["known"] = list(FIXED_WORDS[name])
        return [] if value in FIXED_WORDS[name] else [Problem("criterion-argument-one-of", where, "error")]
    words = value if isinstance(value, (tuple, list)) else [value]
    if not words or not all(isinstance(word, str) for word in words):
        return [Problem("criterion-argument-not-text", where, "error")]
    thing, field = WORDS_OF.get(name, (NUMBERS_OF.get(name), None))
    layer = catalogue.get(arguments.get(thing, thing)) if thing in declared.things else None
    if layer is None:
        return []
    if field is None:
        known = [each for each, about in layer.fields.items() if about.type in ("number", "integer")]
        known += [ONE] if thing == "facilities" else []
    else:
        known = layer.vocabularies.get(field, {})
    return [
        Problem("criterion-argument-unknown", {**where, "value": word, "known": list(known)}, "error")
        for word in words
        if word not in known
    ]


def _plain(value):
    return list(value) if isinstance(value, tuple) else value


def _measure_one(study, binding):
    """What one binding measures."""
    declared = INDICATORS[binding.indicator]
    arguments = dict(binding.arguments)
    villages = study.villages
    names = {thing: arguments.pop(thing, thing) for thing in declared.things if thing not in PLAIN_THINGS}
    layers = {thing: study.layers.get(name) for thing, name in names.items()}
    missing = [
        names[thing] for thing, layer in layers.items() if layer is None and thing not in declared.optional
    ]
    if missing:
        return _blank(villages, "layer-missing", missing[0])
    things = {
        "villages": villages,
        "reported": study.reported,
        **{thing: layer and layer.thing for thing, layer in layers.items()},
    }
    options = {name: value for name, value in study.parameters.items() if name in declared.options}
    options |= arguments
    if declared.needs_points and (shapely.get_type_id(things["facilities"].geometry) > 0).any():
        raise TableError("measure-not-points", indicator=binding.indicator, layer=names["facilities"])
    if declared.uses_edge:
        options["edge"] = partial(layers["facilities"].edge_m, communes=study.communes.geometry)
    if declared.uses_travel:
        options["travel"] = travel_of(study, layers)
    options |= {name: getattr(Tolerance.of(study), name) for name in declared.tolerances}
    measured = declared.function(*(things[name] for name in declared.things), **options)
    measured = _widen(measured.reindex(villages.index), declared, layers, study)
    measured = _doubt_old(measured, layers)
    first = next(iter(names.values()), "assessments")
    measured["layer"] = [names.get(thing, first) for thing in measured["doubt_of"]]
    measured.insert(0, "village_id", villages.index)
    helpers = ["reach_m", "way", "floor", "ceiling", "min_per_km", "doubt_of"]
    return measured.drop(columns=helpers, errors="ignore").reset_index(drop=True)


def _blank(villages, doubt, layer):
    return pd.DataFrame(
        {
            "village_id": villages.index,
            "value": np.nan,
            "low": np.nan,
            "high": np.nan,
            "doubt": doubt,
            "layer": layer,
        }
    )


def _widen(measured, declared, layers, study):
    """Add ``low`` and ``high``: what unseen facilities, roads or land beyond the edge could change."""
    villages, communes = study.villages, study.communes.geometry
    most = {"bool": 1.0, "%": 100.0}.get(declared.unit, inf)
    measured = widen(measured, None)
    for thing, layer in layers.items():
        effect = declared.unseen[thing]
        if effect == "nothing":
            continue
        floor, ceiling = np.zeros(len(villages)), most
        if effect == "either" and "ceiling" in measured:
            ceiling = measured["ceiling"].to_numpy(dtype=float)
        if thing != "facilities" and "floor" in measured:
            floor = measured["floor"].to_numpy(dtype=float)
        if layer is None:
            everywhere = np.ones(len(villages), dtype=bool)
            measured = _stretch(measured, "layer-missing", thing, effect, everywhere, floor, ceiling)
            continue
        if layer.frame is None:
            continue
        gaps = ~layer.is_complete(villages["commune_id"])
        measured = _stretch(measured, "layer-incomplete", thing, effect, gaps, floor, ceiling)
        if "reach_m" in measured:
            edge = layer.edge_m(villages["point"].to_numpy(), communes)
            beyond = edge < measured["reach_m"].to_numpy(dtype=float)
            if effect == "raises" and "way" in measured:
                # what lies off the way that was found cannot make it longer
                beyond = ~layer.holds(measured["way"].to_numpy(), communes)
            # a facility beyond the edge is at least as far as the edge, and so is a way round beyond it
            least = floor
            if declared.unit == "km":
                least = np.maximum(floor, edge / 1000)
            elif "min_per_km" in measured:
                least = np.maximum(floor, edge / 1000 * measured["min_per_km"].to_numpy(dtype=float))
            measured = _stretch(measured, "beyond-edge", thing, effect, beyond, least, ceiling)
    blank = measured["value"].isna()
    sure = ~blank & (measured["low"] == measured["high"])
    measured.loc[blank, ["low", "high"]] = np.nan
    measured.loc[sure, ["doubt", "doubt_of"]] = None
    return measured


def _doubt_old(measured, layers):
    """Values that are sure but rest on data older than they may be carry that as their doubt."""
    old = next((thing for thing, layer in layers.items() if layer and layer.stale), None)
    if old is None:
        return measured
    sure = measured["value"].notna() & measured["doubt"].isna()
    measured.loc[sure, ["doubt", "doubt_of"]] = ["layer-old", old]
    return measured


def _stretch(measured, doubt, thing, effect, where, least, most):
    """The interval opened where `where` holds, towards the side to which unseen things move the value."""
    return widen(
        measured,
        doubt,
        low=np.where(where, least, inf) if effect in ("lowers", "either") else None,
        high=np.where(where, most, -inf) if effect in ("raises", "either") else None,
        thing=thing,
    )
