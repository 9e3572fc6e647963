"""How far what is measured may be off, and which results do not hold over that.

A distance is between two places, and each may lie off by the tolerance of position; a time depends on the
speed besides. What the tolerance makes of a value is an interval; a status that changes in it is near the
threshold. Shares of length and counts are given no interval: position hardly moves them, or by leaps.
"""

from types import MappingProxyType

import numpy as np
import pandas as pd
import shapely

from gis.comparing import Limits, compare
from gis.indicators.access import of_kind, season_legs
from gis.indicators.borders import inside_by, outside_by
from gis.registry import INDICATORS
from gis.study import Tolerance
from gis.trivalent import UNKNOWN, WORDS, negate

WALK_KMH = 5.0


def with_tolerance(findings, measurements, study):
    """The findings with ``least``, ``most`` and ``near``.

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
    columns = {name: np.full(len(findings), np.nan) for name in ("least", "most")}
    near = np.zeros(len(findings), dtype=bool)
    moved = {}
    for criterion in study.criteria.criteria:
        binding = criterion.measured
        if binding is None or binding.measure not in by_measure or criterion.id not in at:
            continue
        rows = by_measure[binding.measure].set_index("village_id").reindex(ids)
        if binding.measure not in moved:
            moved[binding.measure] = _moved(study, binding, rows, tolerance)
        if moved[binding.measure] is None:
            continue
        ends = moved[binding.measure]
        status = compare(
            criterion.compare,
            ends["low"],
            ends["high"],
            Limits.by_group(criterion, study.groups.reindex(ids)),
        )
        status = negate(status) if criterion.kind == "trigger" else status
        place = ids.get_indexer(findings["village_id"].to_numpy()[at[criterion.id]])
        columns["least"][at[criterion.id]] = ends["least"][place]
        columns["most"][at[criterion.id]] = ends["most"][place]
        said = findings["measured_status"].to_numpy()[at[criterion.id]]
        decided = np.isin(said, ("met", "unmet"))
        near[at[criterion.id]] = decided & (WORDS[status[place]] != said) & (status[place] == UNKNOWN)
    return findings.assign(**columns, near=near)


def _moved(study, binding, rows, tolerance):
    """The interval of each village widened by the tolerance, and the one around its value; None without any."""
    unit = INDICATORS[binding.indicator].unit
    value, low, high = (rows[name].to_numpy(dtype=float) for name in ("value", "low", "high"))
    if unit in ("km", "min"):
        metres = tolerance.position_m + _village_m(study.villages, tolerance)
        step = metres / 1000
        if unit == "min":
            kmh = dict(binding.arguments).get("walk_kmh", study.parameters.get("walk_kmh", WALK_KMH))
            step = step * 60 / kmh
        slower, faster = (
            (1 - tolerance.speed_pct / 100, 1 + tolerance.speed_pct / 100) if unit == "min" else (1.0, 1.0)
        )
        return MappingProxyType(
            {
                "least": np.maximum(value - step, 0) / faster,
                "most": (value + step) / slower,
                "low": np.maximum(low - step, 0) / faster,
                "high": (high + step) / slower,
            }
        )
    if binding.indicator == "present_inside":
        least, most = _across_border(study, binding, tolerance)
    elif binding.indicator == "all_season_link":
        least, most = _by_leg(study, binding, tolerance)
    else:
        return None
    least, most = np.where(np.isnan(value), np.nan, least), np.where(np.isnan(value), np.nan, most)
    return MappingProxyType(
        {"least": least, "most": most, "low": np.fmin(low, least), "high": np.fmax(high, most)}
    )


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


def _by_leg(study, binding, tolerance):
    """Whether the link would be there (1) or not (0) where the way to the road is longer, and shorter, than drawn."""
    arguments = dict(binding.arguments)
    usual = arguments.get("max_leg_km", INDICATORS[binding.indicator].options["max_leg_km"])
    names = (arguments.get(thing, thing) for thing in ("roads", "commune_centres"))
    roads, centres = (study.layers[name].frame if name in study.layers else None for name in names)
    least, most = np.zeros(len(study.villages)), np.ones(len(study.villages))
    if roads is None or centres is None:
        return least, most
    there = centres.dropna(subset="commune_id").drop_duplicates("commune_id").set_index("commune_id").geometry
    homes, points = there.reindex(study.villages["commune_id"]).to_numpy(), study.villages["point"].to_numpy()
    known = ~shapely.is_missing(homes) & ~shapely.is_missing(points)
    ends = [shapely.get_coordinates(places[known]) for places in (points, homes)]
    usual, step = 1000 * usual, tolerance.position_m
    sure, maybe = season_legs(roads, *ends, max_leg_m=usual + step)
    # sure of a link only by roads that are open all year, sure of none only where no road that may be is in reach
    least[known], most[known] = sure <= usual - step, maybe <= usual + step
    return least, most
