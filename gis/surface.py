"""The ground as one walks it: how long each metre takes, what bars the way, and times over all of it.

Which layer decides a cell, the first that says something of it: no height known (a barrier), crossing (the ground
under it, water or not), road (at least as fast as the ground, over water too), water (a barrier), land cover, and
where none of them speaks the off-path speed. A road over water is a causeway: it is stepped on from roads only, so
that a road along a river opens no way across it.
"""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import shapely

from gis.crs import check_metric
from gis.rasters import line_cells

WATER = ("river", "canal")
"""Kinds of the layer of rivers that bar the way; one of unknown kind does too, a stream is waded."""
ROAD_SHARE = MappingProxyType({"path": 0.8, "field": 0.9, "earth": 0.9})
"""Walking speed by class or surface of the road as a share of that on a good road; assumed, not surveyed."""
CAUSEWAY = 2
"""As `gis.kernels.CAUSEWAY`, which is not imported before something is spread; barriers carry it too."""
CROSSING_M = 50.0
"""How far a bridge or ford may lie from the line of its river."""
STEEPEST_GAIN = float(np.exp(0.175))
"""How much faster than on the flat one walks at best, down a slope of 5 %."""


@dataclass(frozen=True)
class Surface:
    """A grid of walking speeds over heights.

    Attributes
    ----------
    slowness : array of float32
        Seconds a metre on the flat; NaN is a barrier.
    heights : array of float32
        Metres, NaN where not known.
    gates : array of uint8
        `gis.kernels.OPEN`, `ROAD` or `CAUSEWAY`.
    west, north, width, height : float
        As in `Raster`.
    fastest_kmh : float
        The fastest that one walks on it at all, roads that it lacks included.
    counts : Mapping of str to int
        Cells ``no_data`` (a barrier), ``water`` (a barrier), ``road``, ``causeway``, ``no_class`` (land cover without
        speed, walked at the off-path speed) and ``crossings_unused`` (bridges and fords by no river).
    """

    slowness: np.ndarray
    heights: np.ndarray
    gates: np.ndarray
    west: float
    north: float
    width: float
    height: float
    fastest_kmh: float
    counts: MappingProxyType

    def times(self, begins, *, towards=True, knights=True, limit_s=np.inf):
        """Seconds on foot between every cell and the nearest of some places.

        Parameters
        ----------
        begins : tuple of arrays
            Cells, the seconds at which each begins, and the place that it belongs to; see `entries` and `rim`.
        towards : bool
            True for going to the places, False for coming from them.
        knights : bool
            16 instead of 8 directions.
        limit_s : float
            Cells farther than this are not reached.

        Returns
        -------
        array of float32
            inf where not reached.
        """
        from gis.kernels import spread_cost

        how = self._how(towards, knights)
        return spread_cost(self.slowness, begins[0], begins[1], limit=limit_s, **how)

    def ways(self, times, begins, cells, *, towards=True, knights=True):
        """The place that each of some cells gets to over `times`, and the cells on the way there.

        Returns
        -------
        place : array of int
            As `begins` names it; -1 where none is reached. Of equal ways the one over the cell of least time is taken,
            then the more northern, then the more western.
        ways : list of array of int
            The cell itself first, the one where the way ends last; empty where none is reached.
        """
        from gis.kernels import came_from

        how = self._how(towards, knights)
        step, source = came_from(times, self.slowness, begins[0], begins[1], wanted=cells, **how)
        step, source = step.reshape(-1), source.reshape(-1)[cells]
        ways = []
        for cell, reached in zip(cells, source >= 0, strict=True):
            way = [int(cell)] if reached else []
            while reached and step[way[-1]] != way[-1]:
                way.append(int(step[way[-1]]))
            ways.append(np.array(way, dtype=int))
        return np.where(source >= 0, np.append(begins[2], -1)[source], -1), ways

    def middles(self, cells):
        """Coordinates of the middle of each cell."""
        row, column = np.divmod(cells, self.slowness.shape[1])
        x, y = self.west + (column + 0.5) * self.width, self.north - (row + 0.5) * self.height
        return np.column_stack([x, y])

    def entries(self, points):
        """The cells from which points are reached, the seconds of the straight leg to their middle, and the points.

        `points` is an array of coordinates; each is named by its position.
        A point enters by its own cell. One on a barrier or a causeway also enters by the nearest cell of firm ground
        beside it; on a barrier only so. A point may stand in the result twice or not at all.
        """
        rows, columns = self.slowness.shape
        points = np.asarray(points, dtype=float).reshape(-1, 2)
        found, column, row = [], *self._place(points)
        which = np.flatnonzero(
            np.isfinite(column + row) & (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        )
        column, row = (np.floor(part[which]).astype(int) for part in (column, row))
        own = self._legs(points[which], row, column)
        found.append((row * columns + column, own, which))
        best = np.full((4, len(which)), np.inf)
        for down in (-1, 0, 1):
            for across in (-1, 0, 1):
                r, c = row + down, column + across
                legs, away = self._legs(points[which], r, c, firm=True)
                closer = (away < best[0]) & np.isfinite(legs)
                best[:, closer] = np.stack([away, legs, r, c])[:, closer]
        stuck = np.isnan(own) | (self.gates[row, column] == CAUSEWAY)
        aside = stuck & np.isfinite(best[0])
        beside = (best[2, aside] * columns + best[3, aside]).astype(int)
        found.append((beside, best[1, aside], which[aside]))
        cells, seconds, position = (np.concatenate(part) for part in zip(*found, strict=True))
        usable = ~np.isnan(seconds)
        return cells[usable], seconds[usable], position[usable]

    def rim(self):
        """Where the known ends, as `entries`: cells at the edge of the grid or beside one of unknown height."""
        unknown = np.pad(np.isnan(self.heights), 1, constant_values=True)
        beside = np.zeros(self.heights.shape, dtype=bool)
        for down in range(3):
            for across in range(3):
                beside |= unknown[down : down + beside.shape[0], across : across + beside.shape[1]]
        cells = np.flatnonzero(beside & ~np.isnan(self.slowness))
        return cells, np.zeros(len(cells)), np.arange(len(cells))

    def is_known(self, points):
        """Whether the height at each point is known."""
        column, row = (np.floor(part) for part in self._place(np.asarray(points, dtype=float)))
        rows, columns = self.heights.shape
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        known = np.zeros(len(points), dtype=bool)
        known[inside] = ~np.isnan(self.heights[row[inside].astype(int), column[inside].astype(int)])
        return known

    def _legs(self, points, row, column, *, firm=False):
        """Seconds from points to the middle of cells; NaN, or inf with the metres for `firm`, where not walkable."""
        rows, columns = self.slowness.shape
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        r, c = np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)
        x = self.west + (c + 0.5) * self.width
        y = self.north - (r + 0.5) * self.height
        away = np.hypot(points[:, 0] - x, points[:, 1] - y)
        slow = np.where(np.isnan(self.heights[r, c]), np.nan, self.slowness[r, c])
        if not firm:
            return away * slow
        usable = inside & ~np.isnan(slow) & (self.gates[r, c] != CAUSEWAY)
        return np.where(usable, away * slow, np.inf), np.where(usable, away, np.inf)

    def _place(self, points):
        return (points[:, 0] - self.west) / self.width, (self.north - points[:, 1]) / self.height

    def _how(self, towards, knights):
        from gis.kernels import TOBLER

        return {
            "size": (self.width, self.height),
            "heights": self.heights,
            "gates": self.gates,
            "walker": TOBLER,
            "towards": towards,
            "knights": knights,
        }


def build_surface(
    elevation,
    *,
    roads=None,
    rivers=None,
    crossings=None,
    land_cover=None,
    walk_kmh=5.04,
    off_path_pct=60.0,
):
    """The surface of walking on foot over terrain.

    Parameters
    ----------
    elevation : Raster
        Heights in metres, in a CRS in metres; its grid is that of the surface.
    roads : GeoDataFrame, optional
        Lines; columns ``class`` and ``surface`` as in `layers/roads.yaml`.
    rivers : GeoDataFrame, optional
        Lines or polygons; column ``kind``, see `WATER`.
    crossings : GeoDataFrame, optional
        Bridges and fords as points or lines; each opens the water of its cell and of the cells around it.
    land_cover : Raster, optional
        Codes with ``walk_kmh`` in its `classes`, 0 for water; taken at the middle of each cell.
    walk_kmh : float
        Speed on a good road on the flat; 5.04 is Tobler's.
    off_path_pct : float
        Speed off all roads where land cover says nothing, in percent of `walk_kmh`; Tobler gives 60.

    Returns
    -------
    Surface

    Raises
    ------
    CRSError
        If the CRS of the heights is in degrees or not in metres.
    """
    check_metric(elevation.crs, layer="elevation")
    heights = elevation.values.astype(np.float32)
    no_data = np.isnan(heights)
    kmh, water, no_class = _ground(elevation, land_cover, walk_kmh, walk_kmh * off_path_pct / 100)
    rivers = rivers if rivers is None or "kind" not in rivers else rivers[_bars(rivers["kind"])]
    if rivers is not None:
        water |= _touched(elevation, rivers.geometry.to_numpy())
    opened, unused = _opened(elevation, rivers, crossings, water)
    wet_speed = np.where(kmh > 0, kmh, walk_kmh * off_path_pct / 100)
    road_kmh = np.zeros(heights.shape, dtype=np.float32)
    if roads is not None:
        share = _share(roads)
        for each in np.unique(share):
            cells = line_cells(elevation, roads.geometry.to_numpy()[share == each])[:2]
            road_kmh[cells] = np.maximum(road_kmh[cells], walk_kmh * each)
    road = road_kmh > 0
    barred = no_data | (water & ~opened & ~road)
    causeway = water & ~opened & road & ~no_data
    # over water only the road itself is there to walk on
    speed = np.where(causeway, road_kmh, np.maximum(road_kmh, wet_speed))
    slowness = np.full(heights.shape, np.nan, dtype=np.float32)
    slowness[~barred] = 3.6 / speed[~barred]
    gates = np.where(causeway | barred, CAUSEWAY, road).astype(np.uint8)
    return Surface(
        slowness=slowness,
        heights=heights,
        gates=gates,
        west=elevation.west,
        north=elevation.north,
        width=elevation.width,
        height=elevation.height,
        fastest_kmh=float(max(walk_kmh, speed.max())) * STEEPEST_GAIN,
        counts=MappingProxyType(
            {
                "no_data": int(no_data.sum()),
                "water": int((barred & ~no_data).sum()),
                "road": int((road & ~barred).sum()),
                "causeway": int(causeway.sum()),
                "no_class": no_class,
                "crossings_unused": unused,
            }
        ),
    )


def _ground(elevation, land_cover, walk_kmh, off_path_kmh):
    """Speed of every cell by its land cover, where that is water, and how many cells it says nothing of."""
    kmh = np.full(elevation.values.shape, off_path_kmh, dtype=np.float32)
    if land_cover is None:
        return kmh, np.zeros(kmh.shape, dtype=bool), 0
    check_metric(land_cover.crs, layer="land_cover")
    rows, columns = kmh.shape
    x = elevation.west + (np.arange(columns) + 0.5) * elevation.width
    y = elevation.north - (np.arange(rows) + 0.5) * elevation.height
    column = np.floor((x - land_cover.west) / land_cover.width).astype(int)
    row = np.floor((land_cover.north - y) / land_cover.height).astype(int)
    down, across = land_cover.values.shape
    inside = ((row >= 0) & (row < down))[:, None] & ((column >= 0) & (column < across))
    code = land_cover.values[np.clip(row, 0, down - 1)[:, None], np.clip(column, 0, across - 1)]
    said, water = np.zeros(kmh.shape, dtype=bool), np.zeros(kmh.shape, dtype=bool)
    for key, about in land_cover.classes.items():
        here = inside & (code == float(key))
        said |= here
        water |= here & (about["walk_kmh"] == 0)
        kmh[here] = about["walk_kmh"] * walk_kmh / 5.04
    return kmh, water, int((~said).sum())


def _bars(kinds):
    return (kinds.isna() | kinds.isin(WATER)).to_numpy()


def _share(roads):
    """The share of the walking speed of each road: the least that its class and its surface say."""
    share = np.ones(len(roads))
    for column in ("class", "surface"):
        if column in roads:
            share = np.minimum(share, roads[column].map(ROAD_SHARE).fillna(1.0).to_numpy(dtype=float))
    return share


def _touched(grid, shapes):
    """The cells that lines run through, and those that polygons cover or touch."""
    found = np.zeros(grid.values.shape, dtype=bool)
    parts = shapely.get_parts(shapes[~shapely.is_missing(shapes)])
    areas = parts[shapely.get_dimensions(parts) == 2]
    borders = shapely.get_parts(shapely.boundary(areas))
    lines = np.concatenate([parts[shapely.get_dimensions(parts) == 1], borders])
    found[line_cells(grid, lines)[:2]] = True
    rows, columns = found.shape
    for area in areas:
        west, south, east, north = area.bounds
        left, right = np.clip(
            ((west - grid.west) // grid.width, (east - grid.west) // grid.width), 0, columns
        )
        top, bottom = np.clip(
            ((grid.north - north) // grid.height, (grid.north - south) // grid.height), 0, rows
        )
        rows_here, columns_here = np.arange(int(top), int(bottom)), np.arange(int(left), int(right))
        x = grid.west + (columns_here + 0.5) * grid.width
        y = grid.north - (rows_here + 0.5) * grid.height
        inside = shapely.contains_xy(area, *np.meshgrid(x, y))
        found[np.ix_(rows_here, columns_here)] |= inside
    return found


def _opened(grid, rivers, crossings, water):
    """Where bridges and fords open the water, and how many of them are by no water."""
    opened = np.zeros(water.shape, dtype=bool)
    if crossings is None or not len(crossings):
        return opened, 0
    shapes = crossings.geometry.to_numpy()
    shapes = shapes[~shapely.is_missing(shapes)]
    opened |= _touched(grid, shapes[shapely.get_dimensions(shapes) == 1])
    points = shapes[shapely.get_dimensions(shapes) == 0]
    if rivers is not None and len(rivers) and len(points):
        # a bridge a little beside the line of its river is on it
        lines = rivers.geometry.to_numpy()
        point, line = shapely.STRtree(lines).query_nearest(points, max_distance=CROSSING_M, all_matches=False)
        points = points.copy()
        points[point] = shapely.get_point(shapely.shortest_line(lines[line], points[point]), 0)
    x, y = shapely.get_coordinates(points).T
    column = np.floor((x - grid.west) / grid.width).astype(int)
    row = np.floor((grid.north - y) / grid.height).astype(int)
    used = np.zeros(len(points), dtype=bool)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            r, c = row + down, column + across
            inside = (r >= 0) & (r < water.shape[0]) & (c >= 0) & (c < water.shape[1])
            used[inside] |= water[r[inside], c[inside]]
            opened[r[inside], c[inside]] = True
    return opened, int((~used).sum())
