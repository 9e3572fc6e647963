"""What is told of where villages and facilities lie: as a coverage, in their communes, and twice."""

import pandas as pd
import shapely

from gis.geometry import check_coverage, find_duplicates, misplaced, outside
from gis.labels import LANGUAGES, Label
from gis.messages import say
from gis.roadislands import find_islands

TOLD_M2 = 100.0
"""Overlaps of less area in all are a note; of more, a warning."""
COVERED_PCT = (95.0, 105.0)
"""Where villages cover less or more of their commune than this, it is told."""


def check_villages(gathering, villages, communes):
    """Tell what is wrong with villages as a coverage and with their places.

    Parameters
    ----------
    gathering : Gathering
    villages : GeoDataFrame
        In the study's CRS, with ``point`` and ``source_row``.
    communes : GeoDataFrame or None

    Returns
    -------
    Geometry or None
        All village polygons as one.
    """
    named = namer(villages)
    where = gathering.where("villages") if "villages" in gathering.counts else {}
    surveyed = villages[~villages["approximate"]]
    report = check_coverage(surveyed, communes=communes)
    found = report.overlaps
    if len(found):
        area = float(found["area_m2"].sum())
        pairs = [
            said("place-pair-area", one=named(one), other=named(other), area=area_m2)
            for one, other, area_m2 in found[["village_id", "other_id", "area_m2"]].itertuples(index=False)
        ]
        arguments = {"count": len(found), "area_ha": area / 1e4, "slivers": int(found["sliver"].sum())}
        severity = "warning" if area >= TOLD_M2 else "note"
        gathering.warn("villages-overlap", severity, **where, **arguments, pairs=pairs)
    found = report.gaps
    if len(found):
        gaps = [
            said("place-gap", neighbours=_all(named, ids), area=area_m2)
            for ids, area_m2 in found[["neighbours", "area_m2"]].itertuples(index=False)
        ]
        arguments = {"count": len(found), "area_ha": float(found["area_m2"].sum()) / 1e4}
        arguments |= {"slivers": int(found["sliver"].sum()), "gaps": gaps}
        gathering.warn("villages-gap", "note", **where, **arguments)
    found = report.parts
    if len(found):
        listed = [
            said("place-parts", village=named(village), parts=int(parts), share=float(share))
            for village, parts, share in found[["village_id", "parts", "largest_pct"]].itertuples(index=False)
        ]
        arguments = {"count": len(found), "slivers": int(found["slivers"].sum()), "villages": listed}
        gathering.warn("villages-several-parts", "note", **where, **arguments)
    if len(report.twins):
        groups = [_all(named, ids) for ids in report.twins["villages"]]
        gathering.warn("villages-same-outline", **where, count=len(groups), villages=groups)
    if report.flat:
        listed = [named(village) for village in report.flat]
        gathering.warn("villages-no-area", **where, count=len(listed), villages=listed)
    _tell_of_communes(gathering, villages, communes, named, report.communes)
    return report.merged


def _tell_of_communes(gathering, villages, communes, named, covered):
    if communes is None:
        return
    least, most = COVERED_PCT
    odd = covered[(covered["covered_pct"] < least) | (covered["covered_pct"] > most)]
    if len(odd):
        listed = [
            said("place-covered", commune=communes.at[commune, "name"], share=float(share))
            for commune, share in odd["covered_pct"].items()
        ]
        gathering.warn("communes-not-covered", "note", count=len(listed), communes=listed)
    stray = misplaced(villages["point"], villages["commune_id"], communes)
    if len(stray):
        where = gathering.where("villages") if "villages" in gathering.counts else gathering.where("communes")
        gathering.warn("village-in-other-commune", **where, **_strays(stray, named, communes))


def _strays(stray, named, communes):
    """How many points lie elsewhere than they are said to, and each with its distance, farthest first."""
    stray = stray.assign(_id=stray.index.astype(str))
    stray = stray.sort_values(["distance_m", "_id"], ascending=[False, True])
    listed = [
        said("place-stray", place=named(key), commune=communes.at[commune, "name"], distance=float(distance))
        for key, commune, distance in stray[["stated", "distance_m"]].itertuples()
    ]
    return {"count": len(stray), "places": listed, "farthest_m": float(stray["distance_m"].max())}


def check_roads(gathering, layers, villages):
    """Tell of roads that hang together with no others, and of the villages that they cut off."""
    data = layers.get("roads")
    if data is None or data.frame is None or not len(data.frame):
        return
    islands, where = find_islands(data.frame, villages), gathering.where("roads")
    if len(islands):
        listed = [
            _island(names, f"{x:.0f} {y:.0f}", round(float(km), 2))
            for km, names, x, y in islands[["km", "names", "x", "y"]].itertuples(index=False)
        ]
        total = round(float(islands["km"].sum()), 2)
        gathering.warn("roads-islands", "note", **where, count=len(islands), km=total, islands=listed)
    cut_off = sorted(village for ids in islands["village_ids"] for village in ids)
    if cut_off:
        named = [f"{villages.loc[key, 'name']} ({key})" for key in cut_off]
        gathering.warn("roads-villages-cut-off", **where, count=len(named), villages=named)


def _island(names, place, km):
    if not names:
        return said("island-unnamed", place=place, km=km)
    if len(names) == 1:
        return said("island-named", name=names[0], km=km)
    return said("island-named-more", name=names[0], more=len(names) - 1, km=km)


def check_facilities(gathering, layers, communes):
    """Tell of facilities outside their commune, outside every commune, and entered twice."""
    for name, data in layers.items():
        if data.layer.role != "facility" or not len(data.frame):
            continue
        frame, where = data.frame, gathering.where(name)
        frame = frame[shapely.get_dimensions(frame.geometry.to_numpy()) == 0]
        named = namer(frame)
        if communes is not None:
            away = outside(frame.geometry, communes)
            if len(away):
                order = sorted(away.items(), key=lambda item: (-item[1], item[0]))
                listed = [said("place-away", place=named(key), distance=far) for key, far in order]
                gathering.warn("facilities-outside", "note", **where, count=len(listed), places=listed)
            stated = frame.get("commune_id", pd.Series(None, index=frame.index, dtype=object))
            # one that lies in no commune has been told already
            stray = misplaced(frame.geometry, stated, communes).drop(index=away.index, errors="ignore")
            if len(stray):
                gathering.warn("facility-in-other-commune", **where, **_strays(stray, named, communes))
        pairs = find_duplicates(frame, common=_common_words(data.layer))
        for sure, severity in (("likely", "warning"), ("possible", "note")):
            found = pairs[pairs["sure"] == sure]
            if len(found):
                listed = [
                    said("place-pair-distance", one=named(one), other=named(other), distance=float(away))
                    for one, other, away in found[["facility_id", "other_id", "distance_m"]].itertuples(
                        index=False
                    )
                ]
                code = "facilities-twice" if sure == "likely" else "facilities-maybe-twice"
                gathering.warn(code, severity, **where, count=len(listed), pairs=listed)


def _common_words(layer):
    """Words that say what a facility of a layer is: its kinds by all their names, and the layer's own."""
    labels = [label for label, _ in layer.vocabularies.get("kind", {}).values()]
    texts = [text for label in (layer.label, *labels) for text in label.values()]
    return {*(pattern for _, pattern in layer.patterns("kind")), *texts}


def namer(frame):
    """How problems name a village or facility: name, id and, where it is known, the row of its file."""

    def named(key):
        name, row = (
            frame.at[key, "name"] or "–",
            frame["source_row"].get(key) if "source_row" in frame else None,
        )
        if row is None or row != row:
            return Label(f"{name} ({key})")
        return said("place-row", name=name, key=str(key), row=int(row))

    return named


def _all(named, ids):
    labels = [named(key) for key in ids]
    return Label({language: ", ".join(label.pick(language) for label in labels) for language in LANGUAGES})


def said(code, **arguments):
    """A part of a sentence in every language: problems keep their lists as labels."""
    return Label({language: say(code, language, **arguments) for language in LANGUAGES})
