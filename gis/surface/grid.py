"""A grid of speeds over heights, and what one asks it: times, owners, ways, where places join it and where it ends."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

CAUSEWAY = 2
"""As `gis.kernels.CAUSEWAY`, which is not imported before something is spread; barriers carry it too."""
LANGMUIR_FLAT = 0.72
"""Seconds a metre on the flat by Langmuir's rule as r.walk has it, in which the speeds of a surface are not counted."""


@dataclass(frozen=True)
class Surface:
    """A grid of speeds over heights.

    Attributes
    ----------
    classes : array of uint8 or uint16
        Position of each cell in `pace`; 0 for a barrier.
    pace : array of float32
        Seconds a metre on the flat (of `walker` "langmuir" as a multiple of `LANGMUIR_FLAT`); NaN for a barrier.
    heights : array of float32
        Metres, NaN where not known.
    gates : array of uint8
        `gis.kernels.OPEN`, `ROAD` or `CAUSEWAY`.
    banks : array of int
        Cells of water that one gets over, or that bars in another season only; in order.
    west, north, width, height : float
        As in `Raster`.
    walker : str
        One of `gis.surface.WALKERS`: how slopes change the speed on foot.
    mode : str
        One of `gis.surface.MODES`.
    afoot : float
        Seconds a metre below which a metre is ridden; 0 where one only walks.
    fastest_kmh : float
        The fastest that one goes on it at all, roads that it lacks included.
    counts : Mapping of str to int
        Cells ``no_data`` (a barrier), ``water`` (a barrier), ``road``, ``causeway`` (a road over water), ``culverts``
        (those of them that lead over a stream, where a culvert is assumed), ``no_class`` (land cover without speed,
        taken at the off-path speed); ``crossings_used``, ``crossings_closed`` in this season, ``crossings_unused`` (by
        no water); ``roads_assumed`` (ridden at a speed that rests on what
        nobody recorded).
    """

    classes: np.ndarray
    pace: np.ndarray
    heights: np.ndarray
    gates: np.ndarray
    banks: np.ndarray
    west: float
    north: float
    width: float
    height: float
    walker: str
    mode: str
    afoot: float
    fastest_kmh: float
    counts: MappingProxyType

    @property
    def shape(self):
        """Rows and columns."""
        return self.classes.shape

    def slowness_of(self, cells):
        """Seconds a metre on the flat of some cells, given by position."""
        return self.pace[self.classes.reshape(-1)[cells]]

    def times(self, begins, *, towards=True, knights=True, limit_s=np.inf, onto=None, in_place=False):
        """Seconds between every cell and the nearest of some places.

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
        onto : array of float32, optional
            Times known already; only what gets shorter is worked on.
        in_place : bool
            Whether these are changed themselves.

        Returns
        -------
        array of float32
            inf where not reached.
        """
        from gis.kernels import spread_cost

        how = self._how(towards, knights)
        given = {"limit": limit_s, "onto": onto, "in_place": in_place}
        return spread_cost(self.classes, begins[0], begins[1], **given, **how)

    def owners(self, times, begins, *, towards=True, knights=True):
        """The place that each cell gets to over `times`, as `begins` names it; -1 where none is reached.

        Returns
        -------
        array of int32
            Of the shape of the grid. Of equal ways as in `ways`.
        """
        from gis.kernels import nearest_source

        how = self._how(towards, knights)
        source = nearest_source(times, self.classes, begins[0], begins[1], **how)
        return np.append(begins[2], -1).astype(np.int32)[source]

    def begun(self, times, begins):
        """What is kept of ways over `times` for whoever asks again; see `gis.kernels.ways.begun`."""
        from gis.kernels import begun

        return begun(times, begins[0], begins[1])

    def passed_by(self, times, seeds, marked, kept, *, towards=True, knights=True):
        """Mark in place the cells whose ways over `times` lead over some cells, these among them."""
        from gis.kernels import passed_by

        passed_by(times, self.classes, seeds, marked, kept, **self._how(towards, knights))

    def ways(self, times, begins, cells, *, towards=True, knights=True, kept=None):
        """The place that each of some cells gets to over `times`, and the cells on the way there.

        Returns
        -------
        place : array of int
            As `begins` names it; -1 where none is reached. Of equal ways the one over the cell of least time is taken,
            then the more northern, then the more western.
        ways : list of array of int
            The cell itself first, the one where the way ends last; empty where none is reached.
        """
        from gis.kernels import ways

        how = self._how(towards, knights)
        source, found = ways(times, self.classes, begins[0], begins[1], cells, kept=kept, **how)
        return np.append(begins[2], -1)[source], found

    def middles(self, cells):
        """Coordinates of the middle of each cell."""
        row, column = np.divmod(cells, self.classes.shape[1])
        x, y = self.west + (column + 0.5) * self.width, self.north - (row + 0.5) * self.height
        return np.column_stack([x, y])

    def entries(self, points):
        """The cells from which points are reached, the seconds of the straight leg to their middle, and the points.

        `points` is an array of coordinates; each is named by its position.
        A point enters by its own cell. One on a barrier or by water also enters by the nearest cell of firm ground
        beside it, where no water ever is; on a barrier only so. So no bridge, road or season can make its way there
        longer that should make it shorter. A point may stand in the result twice or not at all.
        """
        rows, columns = self.classes.shape
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
        stuck = np.isnan(own) | self._wet(row, column)
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
        cells = np.flatnonzero(beside & (self.classes > 0))
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
        rows, columns = self.classes.shape
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        r, c = np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)
        x = self.west + (c + 0.5) * self.width
        y = self.north - (r + 0.5) * self.height
        away = np.hypot(points[:, 0] - x, points[:, 1] - y)
        slow = np.where(np.isnan(self.heights[r, c]), np.nan, self.pace[self.classes[r, c]])
        slow *= LANGMUIR_FLAT if self.walker == "langmuir" else 1.0
        if not firm:
            return away * slow
        usable = inside & ~np.isnan(slow) & ~self._wet(r, c)
        return np.where(usable, away * slow, np.inf), np.where(usable, away, np.inf)

    def _wet(self, row, column):
        """Whether cells are of water that one gets over."""
        cell = row * self.classes.shape[1] + column
        at = np.searchsorted(self.banks, cell)
        return np.append(self.banks, -1)[at] == cell

    def _place(self, points):
        return (points[:, 0] - self.west) / self.width, (self.north - points[:, 1]) / self.height

    def _how(self, towards, knights):
        from gis import kernels

        walkers = {"tobler": kernels.TOBLER, "langmuir": kernels.LANGMUIR, "flat": kernels.FLAT}
        riders = {"bicycle": kernels.CYCLE, "motorbike": kernels.MOTOR, "car": kernels.MOTOR}
        walker = walkers[self.walker]
        if walker != kernels.FLAT:
            walker = riders.get(self.mode, walker)
        return {
            "pace": self.pace,
            "size": (self.width, self.height),
            "heights": self.heights,
            "gates": self.gates,
            "walker": walker,
            "afoot": self.afoot,
            "towards": towards,
            "knights": knights,
        }
