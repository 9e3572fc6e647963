"""Bind the criteria of a set to indicators over a study, and measure.

Every reference of the set is checked before anything runs. What completeness and the edge of a layer do
to a value is done here, once for all indicators: they only ever widen its interval.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from gis.errors import CriteriaError, Problem
from gis.registry import INDICATORS, discover
from gis.tables import MEASUREMENTS, conform

PLAIN_THINGS = ("villages", "reported")


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
        If the set names an indicator, an option or a layer that does not exist; all faults at once.
    """
    check_bindings(criteria, catalogue)
    wanted = {}
    for criterion in criteria.criteria:
        for binding, source in ((criterion.measured, "measured"), (criterion.reported, "reported")):
            if binding:
                wanted.setdefault((binding.measure, source), binding)
    blocks = []
    for done, ((name, source), binding) in enumerate(sorted(wanted.items())):
        if report:
            report(done / len(wanted), "measuring", measure=INDICATORS[binding.indicator].label)
        blocks.append(_measure_one(study, binding).assign(measure=name, source=source))
    if not blocks:
        return conform(pd.DataFrame(columns=list(MEASUREMENTS)), MEASUREMENTS)
    table = pd.concat(blocks, ignore_index=True).sort_values(
        ["village_id", "measure", "source"], kind="stable"
    )
    return conform(table.reset_index(drop=True), MEASUREMENTS)


def check_bindings(criteria, catalogue):
    """Raise `CriteriaError` with every indicator, option and layer of the set that does not exist."""
    discover("gis.indicators")
    problems = []
    for criterion in criteria.criteria:
        for binding in filter(None, (criterion.measured, criterion.reported)):
            problems += _faults(criteria, criterion, binding, catalogue)
    if problems:
        raise CriteriaError(problems=problems)


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
        if arguments.get(thing, thing) not in catalogue:
            faults.append(
                Problem(
                    "criterion-unknown-layer",
                    {**where, "argument": thing, "layer": str(arguments.get(thing))},
                    "error",
                )
            )
    for name, default in declared.options.items():
        if default is _required() and name not in arguments:
            faults.append(Problem("criterion-argument-missing", {**where, "argument": name}, "error"))
    return faults


def _required():
    import inspect

    return inspect.Parameter.empty


def _measure_one(study, binding):
    declared = INDICATORS[binding.indicator]
    arguments = dict(binding.arguments)
    villages = study.villages
    names = {thing: arguments.pop(thing, thing) for thing in declared.things if thing not in PLAIN_THINGS}
    layers = {thing: study.layers.get(name) for thing, name in names.items()}
    missing = [names[thing] for thing, layer in layers.items() if layer is None]
    if missing:
        return _blank(villages, "layer-missing", missing[0])
    things = {
        "villages": villages,
        "reported": study.reported,
        **{
            thing: layer.raster if layer.raster is not None else layer.frame
            for thing, layer in layers.items()
        },
    }
    shared = {name: value for name, value in study.parameters.items() if name in declared.options}
    measured = declared.function(*(things[name] for name in declared.things), **{**shared, **arguments})
    measured = measured.reindex(villages.index)
    measured["layer"] = next(iter(names.values()), "assessments")
    measured = _widen(measured, declared, layers, villages)
    measured.insert(0, "village_id", villages.index)
    return measured.drop(columns=["reach_m", "floor"], errors="ignore").reset_index(drop=True)


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


def _widen(measured, declared, layers, villages):
    """Add ``low`` and ``high``: what unseen facilities, roads or land beyond the edge could change."""
    value = measured["value"].to_numpy(dtype=float)
    low, high = value.copy(), value.copy()
    doubt = (
        measured["doubt"].to_numpy(dtype=object)
        if "doubt" in measured
        else np.full(len(value), None, dtype=object)
    )
    most = {"bool": 1.0, "%": 100.0}.get(declared.unit, np.inf)
    floor = measured["floor"].to_numpy(dtype=float) if "floor" in measured else np.zeros(len(value))
    for thing, layer in layers.items():
        if layer.frame is None or declared.unseen == "nothing":
            continue
        gaps = ~layer.is_complete(villages["commune_id"])
        least = np.zeros(len(value)) if thing == "facilities" else floor
        low, high = _stretch(declared.unseen, gaps, low, high, least, most)
        if thing == "facilities" and "reach_m" in measured:
            edge = layer.edge_m(villages["point"].to_numpy())
            beyond = edge < measured["reach_m"].to_numpy(dtype=float)
            nearest_unseen = edge / 1000 if declared.unit == "km" else np.zeros(len(value))
            low, high = _stretch(declared.unseen, beyond, low, high, nearest_unseen, most)
            doubt = np.where(beyond & (low < high) & pd.isna(doubt), "beyond-edge", doubt)
        doubt = np.where(gaps & (low < high), "layer-incomplete", doubt)
    blank = np.isnan(value)
    measured["low"], measured["high"] = np.where(blank, np.nan, low), np.where(blank, np.nan, high)
    measured["doubt"] = np.where(~blank & (low == high), None, doubt)
    return measured


def _stretch(unseen, where, low, high, least, most):
    if unseen in ("lowers", "either"):
        low = np.where(where, np.fmin(low, least), low)
    if unseen in ("raises", "either"):
        high = np.where(where, most, high)
    return low, high
