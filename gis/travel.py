"""Ways over the ground of a study: prepared once, asked for many kinds of place.

A `Travel` holds the layers that ways depend on and makes each surface once. What it answers is a `Reach`: the times
between everywhere and the nearest of some places.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely

from gis.rasters import Raster
from gis.surface import Surface, build_surface

LAYERS = ("elevation", "roads", "rivers", "crossings", "land_cover")
"""What ways depend on, by the names of the parameters of `Travel` and of the indicators that ask for it."""


@dataclass(frozen=True)
class Travel:
    """The layers that ways go by, and what was made of them so far.

    Attributes
    ----------
    elevation : Raster
    roads, rivers, crossings : GeoDataFrame, optional
    land_cover : Raster, optional
        As for `gis.surface.build_surface`.
    """

    elevation: Raster
    roads: object = None
    rivers: object = None
    crossings: object = None
    land_cover: Raster | None = None
    _made: dict = field(default_factory=dict, repr=False, compare=False)

    def surface(self, *, walk_kmh=5.04, off_path_pct=60.0):
        """The surface of walking at a speed; made once."""
        key = (walk_kmh, off_path_pct)
        if key not in self._made:
            self._made[key] = build_surface(
                self.elevation,
                roads=self.roads,
                rivers=self.rivers,
                crossings=self.crossings,
                land_cover=self.land_cover,
                walk_kmh=walk_kmh,
                off_path_pct=off_path_pct,
            )
        return self._made[key]

    def reach(self, places, *, towards=True, walk_kmh=5.04, off_path_pct=60.0):
        """The times between everywhere and the nearest of some places.

        Parameters
        ----------
        places : array of float, shape (n, 2)
            Coordinates in metres.
        towards : bool
            True for going to the places, False for coming from them.
        walk_kmh, off_path_pct : float
            As for `gis.surface.build_surface`.

        Returns
        -------
        Reach
        """
        surface = self.surface(walk_kmh=walk_kmh, off_path_pct=off_path_pct)
        places = np.asarray(places, dtype=float).reshape(-1, 2)
        return Reach(surface, places, surface.entries(places), towards)

    def to_edge(self, *, walk_kmh=5.04, off_path_pct=60.0):
        """As `reach`, to where the known ends; its places are the middles of the cells there."""
        surface = self.surface(walk_kmh=walk_kmh, off_path_pct=off_path_pct)
        rim = surface.rim()
        return Reach(surface, surface.middles(rim[0]), rim, True)


@dataclass(frozen=True)
class Reach:
    """Times over all of the ground to the nearest of some places (or from it).

    Attributes
    ----------
    surface : Surface
    places : array of float, shape (n, 2)
    begins : tuple of arrays
        As of `Surface.entries`.
    towards : bool
    """

    surface: Surface
    places: np.ndarray
    begins: tuple
    towards: bool

    @cached_property
    def seconds(self):
        """Seconds of every cell of the grid, float32; inf where not reached."""
        return self.surface.times(self.begins, towards=self.towards)

    def at(self, points):
        """Minutes of points, and the cell by which each starts.

        Parameters
        ----------
        points : array of float, shape (n, 2)
            Coordinates in metres; NaN where not known.

        Returns
        -------
        minutes : array of float
            inf where no place is reached, and where the point has no cell to start from; see `Surface.entries`.
        cell : array of int
            -1 where none.
        """
        cells, legs, point = self.surface.entries(points)
        seconds = self.seconds.reshape(-1)[cells] + legs
        order = np.lexsort((cells, seconds, point))
        found, first = np.unique(point[order], return_index=True)
        minutes, cell = np.full(len(points), np.inf), np.full(len(points), -1)
        minutes[found], cell[found] = seconds[order][first] / 60, cells[order][first]
        return minutes, cell

    def ways(self, points):
        """The place that each point gets to, and the line there.

        Returns
        -------
        place : array of int
            Position in `places`; -1 where none is reached. Of equal ways the one over the cell of least time is
            taken, then the more northern, then the more western.
        lines : array of LineString or None
        """
        minutes, cell = self.at(points)
        place, lines = np.full(len(points), -1), np.full(len(points), None, dtype=object)
        reached = np.flatnonzero(np.isfinite(minutes))
        place[reached], ways = self.surface.ways(
            self.seconds, self.begins, cell[reached], towards=self.towards
        )
        for point, way in zip(reached, ways, strict=True):
            end = self.places[place[point]]
            lines[point] = shapely.linestrings(np.vstack([points[point], self.surface.middles(way), end]))
        return place, lines
