"""What the map of travel times draws, and its legend and words: plain values in the reader's language."""

import geopandas as gpd
import numpy as np
import shapely

from gis.reaching import COLOURS, UNREACHED, band_text, step_of
from gis.web.facts import text_of
from gis.web.shapes import collection
from gis.web.texts import language, t

LETTERS = "ABCDEFG"
"""On the map and in the legend for the bands, from the nearest."""
PAINTS = {**{f"step{at}": paint for at, paint in enumerate(COLOURS)}, "none": UNREACHED}
"""Of the bands on the overview; those of the page of travel times stand in its script and stylesheet."""
COLORS = 7
"""Of the catchments, in turn."""
LABELLED = 3
"""Parts of one band that carry its letter, the largest."""
LARGE_PART = 40
"""Cells of the smallest part that carries a letter."""


def _words(far):
    ends = zip(far.bands["above_min"], far.bands["upto_min"], strict=True)
    return [band_text(*each, language()) for each in ends]


def legend(far):
    """Rows of the legend: the letter, the words, the villages, the people and their share."""
    people = far.bands["people"].to_numpy(dtype=float)
    total = np.nansum(people) + (far.people_unplaced if far.people_unplaced == far.people_unplaced else 0)
    return [
        {
            "name": _band_class(at, len(far.bands)),
            "letter": _letter(at, len(far.bands)),
            "words": words,
            "villages": int(villages),
            "people": round(count) if count == count else None,
            "share": 100 * count / total if total > 0 else None,
        }
        for at, (words, villages, count) in enumerate(
            zip(_words(far), far.bands["villages"], people, strict=True)
        )
    ]


def _band_class(at, count):
    """The name of a band's colour; ``none`` for what is not reached."""
    return "none" if at == count - 1 else f"step{step_of(at, count)}"


def _letter(at, count):
    return "–" if at == count - 1 else LETTERS[at]


def band_areas(far):
    """GeoJSON of the bands, from the nearest."""
    count, words = len(far.bands), _words(far)
    kept = far.bands[far.bands.geometry.notna()]
    at = kept.index.tolist()
    told = [
        {
            "name": _band_class(one, count),
            "letter": _letter(one, count),
            "words": words[one],
            "at": _label_places(shape, far, kept.crs),
        }
        for one, shape in zip(at, kept.geometry, strict=True)
    ]
    return collection(kept.geometry.to_crs(4326), told)


def coloured_areas(far):
    """GeoJSON of the bands for a map that knows no legend of theirs: each with its colour, letter and words."""
    kept = far.bands[far.bands.geometry.notna()]
    words = _words(far)
    told = [
        {"name": words[at], "letter": _letter(at, len(far.bands)),
         "band": _band_class(at, len(far.bands)), "color": PAINTS[_band_class(at, len(far.bands))]}
        for at in kept.index
    ]  # fmt: skip
    return collection(kept.geometry.to_crs(4326), told)


def _label_places(area, far, crs):
    parts = shapely.get_parts(area)
    large = np.argsort(-shapely.area(parts), kind="stable")[:LABELLED]
    large = large[shapely.area(parts[large]) >= LARGE_PART * far.cell_m**2]
    places = gpd.GeoSeries(shapely.point_on_surface(parts[large]), crs=crs).to_crs(4326)
    return [[round(place.x, 5), round(place.y, 5)] for place in places]


def place_areas(far):
    kept = far.areas[far.areas.geometry.notna()]
    told = [
        {
            "id": id_,
            "name": place_name(row["facility_name"], id_),
            "color": color,
            "villages": int(row["villages"]),
            "most": minutes_text(row["most_min"]),
        }
        for color, (id_, row) in zip(_colors(kept.geometry.to_numpy()), kept.iterrows(), strict=True)
    ]
    return collection(kept.geometry.to_crs(4326), told)


def _colors(areas):
    """A number for each area, another than those of its neighbours as long as there are colours."""
    one, other = shapely.STRtree(areas).query(areas, predicate="intersects")
    colors = np.full(len(areas), -1)
    for at in range(len(areas)):
        taken = set(colors[other[one == at]])
        free = [color for color in range(COLORS) if color not in taken]
        colors[at] = free[0] if free else at % COLORS
    return colors.tolist()


def points(study, far):
    """GeoJSON of the places and of the villages that have a point."""
    layer = study.layers[far.service.layer]
    places = layer.frame.loc[far.areas.index].geometry.to_crs(4326).representative_point()
    style = dict(layer.layer.style)
    told = [
        {"place": id_, "name": place_name(name, id_), "shape": str(style.get("shape", "circle")),
         "color": str(style.get("color", "#333333"))}
        for id_, name in far.areas["facility_name"].items()
    ]  # fmt: skip
    known = study.villages["point"].notna()
    spots = gpd.GeoSeries(study.villages.loc[known, "point"], crs=study.crs).to_crs(4326)
    count = len(far.bands)
    told += [
        {
            "village": id_,
            "name": text_of(row["name"]) or id_,
            "commune": text_of(row["commune"]) or "",
            "minutes": minutes_text(row["minutes"]),
            "mark": row["mark"],
            "band": _band_class(row["band"], count) if row["band"] >= 0 else "unknown",
            "place_name": place_name(row["facility_name"], row["facility_id"]),
        }
        for id_, row in far.villages[known].iterrows()
    ]
    return collection([*places, *spots], told)


def place_name(name, id_):
    """What a place is called; that it has no name, with its id, where none is recorded; empty where there is no place."""
    if text_of(id_) is None:
        return ""
    return text_of(name) or t("reach-place-unnamed", id=id_)


def minutes_text(value):
    """Minutes in words, such as «47 phút»; what there is instead of them where there are none."""
    if value is None or value != value:
        return t("reach-mark-unknown")
    if np.isinf(value):
        return t("reach-mark-unreached")
    return t("reach-minutes", minutes=round(value)) if value >= 1 else t("reach-minutes-below-one")
