"""One layer from several files of its type, such as one a commune: rows after rows, in one CRS."""

import geopandas as gpd
import pandas as pd

from gis.reading.gathering import FILES
from gis.recipe import type_of


def join_files(gathering, bound):
    """The layers by type; rows of a second file count on from the first one's.

    Parameters
    ----------
    gathering : Gathering
        Its `counts` and `joined` get an entry for each type that came in several files.
    bound : dict of str to GeoDataFrame
        By key of the recipe.

    Returns
    -------
    dict of str to GeoDataFrame
    """
    by_type = {}
    for name in sorted(bound):
        by_type.setdefault(type_of(name), []).append(name)
    return {kind: _joined(gathering, kind, names, bound) for kind, names in by_type.items()}


def _joined(gathering, kind, names, bound):
    if names == [kind]:
        return bound[kind]
    crs = next((bound[name].crs for name in names if bound[name].crs is not None), None)
    frames, ranges, before = [], [], 0
    for name in names:
        frame, counts = bound[name], gathering.counts.pop(name)
        if frame.crs is not None and frame.crs != crs:
            frame = frame.to_crs(crs)
        frames.append(frame.assign(source_row=frame["source_row"] + before))
        file = gathering.where(name)["file"]
        ranges.append(f"{file}: {before + 1}–{before + counts['rows_in']}")
        before += counts["rows_in"]
        total = gathering.counts.setdefault(kind, dict.fromkeys(counts, 0))
        for key, count in counts.items():
            total[key] = total.get(key, 0) + count
    gathering.joined[kind] = _entry([gathering.recipe.data["layers"][name] for name in names])
    if len(names) > 1:
        where = {"layer": gathering.layer(kind).label}
        gathering.warn("layer-files-joined", "note", **where, count=len(names), files=ranges)
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=crs)


def _entry(entries):
    """What several entries say together: the least that holds for all of them."""
    said = {key: entries[0][key] for key in ("licence", "citation") if key in entries[0]}
    said["file"] = FILES.join(entry["file"] for entry in entries)
    dates = [str(entry["as_of"]) for entry in entries if "as_of" in entry]
    if len(dates) == len(entries):
        said["as_of"] = min(dates)
    if all("covers_km" in entry for entry in entries):
        said["covers_km"] = min(entry["covers_km"] for entry in entries)
    if any(entry.get("join_crossings") for entry in entries):
        said["join_crossings"] = True
    if any("complete" in entry for entry in entries):
        said["complete"] = _complete([entry.get("complete", "unknown") for entry in entries])
    return said


def _complete(words):
    """Completeness by commune: a commune is as complete as the file that speaks of it; elsewhere as all agree."""
    plain = {word for word in words if not isinstance(word, dict)}
    by_commune = {}
    for word in words:
        by_commune |= word if isinstance(word, dict) else {}
    rest = {str(by_commune.pop("*", "unknown"))} if "*" in by_commune else set()
    everywhere = {str({True: "yes", False: "no"}.get(word, word)) for word in plain} | rest
    return {**by_commune, "*": everywhere.pop() if len(everywhere) == 1 else "unknown"}
