"""New roads where none leads: from what a village can reach to what the centre of its commune can."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.network import DETOUR, Network, parts_in_reach
from gis.plan.candidates.roads_works import rounded_up
from gis.plan.edits import Edit
from gis.roadspeeds import OVER

LONGEST_NEW_M = 5000.0
"""A longer road through open country is not proposed, in a straight line."""


def opening_roads(works, ends, *, max_leg_m):
    """New roads that join what is apart.

    Parameters
    ----------
    works : RoadWorks
    ends : dict of str to (Point, Point)
        Village to its own point and where it wants to get.
    max_leg_m : float
        How far either may be from a road.

    Returns
    -------
    dict of str to list of dict
        Village to rows of `OPTIONS`: the road, and a bridge wherever it crosses water; nothing for a village where it
        would be longer than `LONGEST_NEW_M`, or where no such work or no cost of it is known. Villages that the same
        road joins have the same row.

    Notes
    -----
    The road is straight, from the nearest to the nearest spot of the two sides; on the ground it winds, so that its cost is
    of `gis.network.DETOUR` times its length, which is assumed.
    """
    work = works.new_road
    if work is None or not ends:
        return {}
    network = Network.of_roads(works.roads)
    over = np.zeros(len(works.roads), dtype=bool)
    if "structure" in works.roads:
        over = works.roads["structure"].isin(OVER).to_numpy()
    villages = sorted(ends)
    sides = []
    for side in (0, 1):
        xy = shapely.get_coordinates([ends[village][side] for village in villages])
        reached = parts_in_reach(network, xy, max_leg_m=max_leg_m)
        sides.append({at: set(rows) for at, rows in reached.groupby("point")["part"]})
    found, trees = {}, {}
    for at, village in enumerate(villages):
        ours, theirs = (side.get(at, set()) for side in sides)
        # on one part they are apart only because nothing can be done to the roads between
        if ours & theirs:
            continue
        shapes = []
        for parts, end in zip((ours, theirs), ends[village], strict=True):
            key = frozenset(parts)
            if key not in trees:
                edges = np.flatnonzero(np.isin(network.component, list(parts)) & ~over[network.row])
                trees[key] = shapely.STRtree(network.segments[edges])
            shapes.append(trees[key] if len(trees[key]) else shapely.STRtree([end]))
        small, large = sorted(shapes, key=len)
        line = _shortest(small, large)
        options = _options(works, work, line) if 0 < line.length <= LONGEST_NEW_M else None
        if options:
            found[village] = options
    return found


def with_new(roads, options):
    """The roads with new ones added at their end, open all year."""
    new = {option["place"]: option["geometry"] for option in options if option["unit"] == "km"}
    if not new:
        return roads
    state = {"all_season": 1.0} if "all_season" in roads else {}
    rows = gpd.GeoDataFrame(
        state | {"geometry": list(new.values())},
        index=pd.Index(list(new), name=roads.index.name),
        crs=roads.crs,
    )
    kept = [name for name in ("all_season", "structure", "level") if name in roads]
    return pd.concat([roads[[*kept, "geometry"]], rows])


def _shortest(one, other):
    """The shortest line between the shapes of two trees; of several the first from the west."""
    mine, theirs = other.query_nearest(one.geometries, all_matches=True)
    lines = shapely.shortest_line(one.geometries[mine], other.geometries[theirs])
    length = shapely.length(lines)
    lines = lines[length <= length.min() + 1e-6]
    lines = [shapely.LineString(sorted(shapely.get_coordinates(line).tolist())) for line in lines]
    return min(lines, key=lambda line: line.coords[:])


def _options(works, work, line):
    """A new road along a line, and its bridges; None where a cost is not known."""
    km = line.length * DETOUR / 1000
    inside = works.km_inside([line])
    village = max(sorted(inside), key=inside.get) if inside else works.village_at(line)
    row = works.gaps.priced(work, village, rounded_up(km, work.step))
    if row is None:
        return None
    corners = np.round(shapely.get_coordinates(line), 2).tolist()
    ends = "-".join(f"{x:.0f},{y:.0f}" for x, y in corners)
    id_ = f"{work.id}@{ends}"
    edit = Edit("road", {"id": id_, "line": corners, "fields": dict(work.works.get("set", {}))})
    options = [{**row, "option_id": id_, "place": id_, "geometry": line, "edits": (edit,)}]
    for number, point in enumerate(_over_water(works, line)):
        bridge = works.bridging and works.gaps.priced(works.bridging, works.village_at(point), 1.0)
        if not bridge:
            return None
        place = f"{id_}:{number}"
        edit = Edit("bridge", {"id": place, "x": round(point.x, 2), "y": round(point.y, 2)})
        mark = {"option_id": f"{works.bridging.id}@{ends}:{number}", "place": place}
        options.append({**bridge, **mark, "geometry": point, "edits": (edit,)})
    return options


def _over_water(works, line):
    """Where a line crosses rivers and streams, in its order."""
    rivers = works.study.layers.get("rivers")
    if rivers is None or rivers.frame is None or "crossings" not in works.study.layers:
        return []
    shapes = rivers.frame.geometry.to_numpy()
    near = shapes[np.sort(shapely.STRtree(shapes).query(line, predicate="intersects"))]
    if not len(near):
        return []
    met = shapely.union_all(shapely.intersection(near, line))
    points = [shapely.centroid(part) for part in shapely.get_parts(met)]
    return sorted(points, key=line.project)
