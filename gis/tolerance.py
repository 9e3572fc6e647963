"""How far what is measured may be off, and which results do not hold over that.

A distance is between two places, and each may lie off by the tolerance of position; a time depends on the
speed besides. A time over the ground was looked at all around the village, and all over an approximate extent: a river
beside it counts as it lies. What the tolerance makes of a value is an interval; a status that changes in it is near
the threshold. What is within a time (people, places for them) was measured for slower and faster people too. Shares of
length and counts are given no interval: position hardly moves them, or by leaps.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.comparing import Limits, compare
from gis.indicators.access import of_kind
from gis.indicators.borders import inside_by, outside_by
from gis.registry import INDICATORS
from gis.study import Tolerance
from gis.trivalent import UNKNOWN, WORDS, negate

WALK_KMH = 5.0


@dataclass(frozen=True)
class Moved:
    """What the tolerance makes of the values of one measure, by village.

    Attributes
    ----------
    around : pair of array of float
        The least and the most around the value itself.
    whole : pair of array of float
        The interval that completeness and edge leave, widened.
    alone : Mapping of str to pair of array of float
        That interval widened by the place alone, and by the speed alone.
    median : array of float
    """

    around: tuple
    whole: tuple
    alone: dict
    median: np.ndarray


def with_tolerance(findings, measurements, study):
    """The findings with ``least``, ``median``, ``median_status``, ``most``, ``near`` and ``near_of``.

    Parameters
    ----------
    findings : DataFrame
        Table `FINDINGS`.
    measurements : DataFrame
        Table `MEASUREMENTS`, of the same villages and criteria.
    study : Study

    Returns
    -------
    DataFrame
        A copy. ``least`` and ``most`` are around the measured value alone; ``near`` looks at the whole
        interval that completeness and edge leave, widened by the tolerance.
    """
    tolerance = Tolerance.of(study)
    ids = study.villages.index
    by_measure = dict(
        tuple(measurements[measurements["source"] == "measured"].groupby("measure", sort=False))
    )
    at = findings.groupby("criterion", sort=False).indices
    columns = {name: np.full(len(findings), np.nan) for name in ("least", "median", "most")}
    near = np.zeros(len(findings), dtype=bool)
    near_of, median_status = (np.full(len(findings), None, dtype=object) for _ in range(2))
    moved = {}
    for criterion in study.criteria.criteria:
        binding = criterion.measured
        if binding is None or binding.measure not in by_measure or criterion.id not in at:
            continue
        rows = by_measure[binding.measure].set_index("village_id").reindex(ids)
        if binding.measure not in moved:
            moved[binding.measure] = _moved(study, binding, rows, tolerance)
        ends = moved[binding.measure]
        if ends is None:
            continue
        here = at[criterion.id]
        place = ids.get_indexer(findings["village_id"].to_numpy()[here])
        for name, found in zip(columns, (ends.around[0], ends.median, ends.around[1]), strict=True):
            columns[name][here] = found[place]
        said = findings["measured_status"].to_numpy()[here]
        limits = Limits.by_group(criterion, study.groups.reindex(ids))

        def changes(interval, criterion=criterion, limits=limits, place=place, said=said):
            status = compare(criterion.compare, *interval, limits)
            status = (negate(status) if criterion.kind == "trigger" else status)[place]
            return np.isin(said, ("met", "unmet")) & (WORDS[status] != said) & (status == UNKNOWN)

        at_median = compare(criterion.compare, ends.median, ends.median, limits)
        at_median = (negate(at_median) if criterion.kind == "trigger" else at_median)[place]
        median_status[here] = np.where(np.isnan(ends.median[place]), None, WORDS[at_median])
        near[here] = changes(ends.whole)
        alone = {word: changes(interval) for word, interval in ends.alone.items()}
        near_of[here] = _of_what(near[here], alone, study.villages["approximate"].to_numpy(dtype=bool)[place])
    return findings.assign(**columns, median_status=median_status, near=near, near_of=near_of)


def _of_what(near, alone, rough):
    """What a status depends on, in words: the place (or all over the extent), the speed, or only the two together."""
    words = np.where(rough, "extent", "position").astype(object)
    place, speed = alone["place"], alone.get("speed", np.zeros(len(near), dtype=bool))
    both = words + " speed"
    found = np.where(place & ~speed, words, np.where(speed & ~place, "speed", both))
    return np.where(near, found if "speed" in alone else words, None)


def _moved(study, binding, rows, tolerance):
    """What the tolerance makes of one measure; None where it has no interval."""
    unit = INDICATORS[binding.indicator].unit
    value = rows["value"].to_numpy(dtype=float)
    if "speed_pct" in INDICATORS[binding.indicator].tolerances:
        return _at_other_speeds(rows)
    if unit in ("km", "min"):
        return _shifted(study, binding, rows, tolerance, unit)
    if binding.indicator == "present_inside":
        least, most = _across_border(study, binding, tolerance)
    elif binding.indicator == "all_season_link":
        least, most = (rows[name].to_numpy(dtype=float) for name in ("least", "most"))
    else:
        return None
    least, most = np.where(np.isnan(value), np.nan, least), np.where(np.isnan(value), np.nan, most)
    low, high = (rows[name].to_numpy(dtype=float) for name in ("low", "high"))
    whole = np.fmin(low, least), np.fmax(high, most)
    return Moved((least, most), whole, {"place": whole}, np.full(len(rows), np.nan))


def _at_other_speeds(rows):
    """Of what is within a time: what the indicator itself found for who is slower and who is faster."""
    low, high, least, most, lowest, highest = (
        rows[name].to_numpy(dtype=float) for name in ("low", "high", "least", "most", "lowest", "highest")
    )
    whole = np.fmin(low, lowest), np.fmax(high, highest)
    return Moved((least, most), whole, {"place": (low, high), "speed": whole}, np.full(len(rows), np.nan))


def _shifted(study, binding, rows, tolerance, unit):
    """Of a distance or a time: shifted by the places of both ends, scaled by the speed."""
    value, low, high = (rows[name].to_numpy(dtype=float) for name in ("value", "low", "high"))
    least, median, most = (
        rows[name].to_numpy(dtype=float) if name in rows else np.full(len(rows), np.nan)
        for name in ("least", "median", "most")
    )
    looked = ~np.isnan(least)
    per_metre = 0.001
    if unit == "min":
        usual = study.parameters.get(
            "walk_kmh", INDICATORS[binding.indicator].options.get("walk_kmh", WALK_KMH)
        )
        kmh = dict(binding.arguments).get("walk_kmh", usual)
        per_metre *= 60 / kmh
    facility = tolerance.position_m * per_metre
    flat = facility
    # people are where the raster has them, wherever the point of their village is
    if "population" not in INDICATORS[binding.indicator].things:
        flat = facility + _village_m(study.villages, tolerance) * per_metre

    def around(place, speed):
        """The interval around the value, and the whole one."""
        step = np.where(looked, facility, flat) * place
        slower, faster = (1 - tolerance.speed_pct / 100 * speed, 1 + tolerance.speed_pct / 100 * speed)
        nearest, farthest = (np.where(looked & place, end, value) for end in (least, most))
        near, far = np.maximum(nearest - step, 0) / faster, (farthest + step) / slower
        # what lies beyond is not looked at: there the ground is taken as flat
        lower = np.where(low < value, np.maximum(low - flat * place, 0) / faster, near)
        upper = np.where(high > value, (high + flat * place) / slower, far)
        return (near, far), (np.minimum(near, lower), np.maximum(far, upper))

    timed = unit == "min"
    ends, whole = around(True, timed)
    alone = {"place": around(True, False)[1]}
    if timed:
        alone["speed"] = around(False, True)[1]
    return Moved(ends, whole, alone, median)


def _village_m(villages, tolerance):
    """How far the place of each village may be off: of an approximate extent as far as its border may be."""
    doubt = villages["extent_doubt_m"] if "extent_doubt_m" in villages else pd.Series(np.nan, villages.index)
    rough = villages["approximate"].to_numpy(dtype=bool)
    return np.fmax(tolerance.position_m, np.where(rough, doubt.to_numpy(dtype=float), np.nan))


def _across_border(study, binding, tolerance):
    """Whether a facility is inside (1) or not (0) where it and the border lie off as favours no and yes."""
    arguments = dict(binding.arguments)
    layer = study.layers.get(arguments.get("facilities", "facilities"))
    reach = 2 * tolerance.position_m
    if layer is None:
        return np.full((2, len(study.villages)), np.nan)
    chosen = of_kind(layer.frame, arguments.get("kind"))
    least = inside_by(study.villages, chosen) > reach
    away = outside_by(study.villages, chosen)["away_m"].to_numpy()
    return least.astype(float), (away <= reach).astype(float)
