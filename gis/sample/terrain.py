"""The ground of the invented district: fractal relief, the streams that drain it, and a grid to hold them."""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from rasterio import Affine
from scipy import ndimage, sparse
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

LOW_M, HIGH_M = 400.0, 1900.0
WAVELENGTHS_M = (28_000.0, 14_000.0, 7_000.0, 3_500.0, 1_750.0, 880.0, 440.0)
MAX_ROUTED_CELLS = 600_000
STREAM_KM2, RIVER_KM2 = 9.0, 90.0
"""Drained area from which a line is drawn, and from which it is called a river."""


@dataclass(frozen=True)
class Grid:
    """A square-celled raster: `west` and `north` are the outer edges, rows run southwards."""

    west: float
    north: float
    cell: float
    values: np.ndarray

    @property
    def shape(self):
        return self.values.shape

    @property
    def transform(self):
        """Column and row to x and y."""
        return Affine(self.cell, 0.0, self.west, 0.0, -self.cell, self.north)

    def cells(self, points):
        """Row and column of each point, held inside the grid."""
        points = np.asarray(points)
        rows = np.floor((self.north - points[..., 1]) / self.cell).astype(int)
        columns = np.floor((points[..., 0] - self.west) / self.cell).astype(int)
        return np.clip(rows, 0, self.shape[0] - 1), np.clip(columns, 0, self.shape[1] - 1)

    def at(self, points):
        """Bilinear value at each point of an array of shape (..., 2)."""
        points = np.asarray(points)
        rows = (self.north - points[..., 1]) / self.cell - 0.5
        columns = (points[..., 0] - self.west) / self.cell - 0.5
        return ndimage.map_coordinates(self.values, [rows, columns], order=1, mode="nearest")

    def centres(self):
        """x of every column and y of every row."""
        x = self.west + (np.arange(self.shape[1]) + 0.5) * self.cell
        return x, self.north - (np.arange(self.shape[0]) + 0.5) * self.cell

    def window(self, bounds):
        """The part of the grid that covers ``(west, south, east, north)``, whole cells."""
        row, column = self.cells([bounds[0], bounds[3]])
        row_end, column_end = self.cells([bounds[2], bounds[1]])
        part = self.values[row : row_end + 1, column : column_end + 1]
        return Grid(self.west + column * self.cell, self.north - row * self.cell, self.cell, part)


@dataclass(frozen=True)
class Streams:
    """Drainage lines from source to mouth, each from one junction to the next."""

    lines: np.ndarray
    drained_km2: np.ndarray
    distance: Grid
    """Metres to the nearest line, on the grid of the relief."""

    @property
    def is_river(self):
        return self.drained_km2 >= RIVER_KM2


def relief(west, north, side_m, cell, rng):
    """Fractal ground between 400 and 1,900 m, and the streams that follow its low parts.

    Returns
    -------
    elevation : Grid
        float32, metres; valleys are cut along the streams, so that water nowhere runs uphill.
    streams : Streams
    """
    count = int(np.ceil(side_m / cell))
    height = np.zeros((count, count), dtype=np.float32)
    for wavelength in WAVELENGTHS_M:
        layer = smooth_noise((count, count), cell, wavelength, rng)
        if 3_000 < wavelength < 20_000:
            layer = 0.5 * layer + 1.1 * (0.6 - np.abs(layer))  # ridges: sharp crests, broad valleys
        height += (wavelength / WAVELENGTHS_M[0]) ** 0.5 * layer
    slope = np.linspace(-1.3, 1.3, count, dtype=np.float32)
    height += 0.8 * slope[None, :] - 0.5 * slope[:, None]  # falls from the north-east to the south-west
    low, high = np.quantile(height[::4, ::4], [0.002, 0.998])
    height = np.clip((height - low) / (high - low), 0, 1)
    elevation = Grid(west, north, cell, (LOW_M + (HIGH_M - LOW_M) * height**1.15).astype(np.float32))
    return _cut_valleys(elevation, *_drain(elevation, rng))


def smooth_noise(shape, cell, wavelength_m, rng):
    """Random ground of one wavelength, roughly within -1 and 1, twice differentiable."""
    rows, row_count = _spline_weights(shape[0], cell / wavelength_m)
    columns, column_count = _spline_weights(shape[1], cell / wavelength_m)
    lattice = rng.standard_normal((row_count, column_count)).astype(np.float32)
    return np.ascontiguousarray((columns @ (rows @ lattice).T).T, dtype=np.float32) * np.float32(1.1)


def _spline_weights(count, step):
    """Cubic B-spline weights as a sparse matrix of `count` rows, and how many lattice points they need."""
    position = np.arange(count) * step
    base = np.floor(position).astype(int)
    t = (position - base)[:, None]
    weights = np.hstack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]) / 6
    columns = base[:, None] + np.arange(4)
    rows = np.repeat(np.arange(count), 4)
    size = int(columns.max()) + 1
    entries = (weights.ravel().astype(np.float32), (rows, columns.ravel()))
    matrix = sparse.csr_array(entries, shape=(count, size))
    return matrix, size


def _drain(elevation, rng):
    """Stream lines, the area each drains, and the height of its bed at each of its points.

    Water leaves every cell along the path whose highest point is lowest: the minimum spanning tree over
    neighbouring cells, weighted by the higher of the two, rooted outside the grid.
    """
    factor = max(1, round(200 / elevation.cell))
    while (elevation.shape[0] // factor) ** 2 > MAX_ROUTED_CELLS:
        factor += 1
    count = elevation.shape[0] // factor
    trimmed = elevation.values[: count * factor, : count * factor]
    height = trimmed.reshape(count, factor, count, factor).mean(axis=(1, 3), dtype=np.float64)
    parent, order = _flow_tree(height)
    drained = np.ones(count * count + 1)
    bed = np.append(height.ravel(), 0.0)
    towards, ordered = parent.tolist(), order.tolist()
    area, level = drained.tolist(), bed.tolist()
    cell_km2 = (elevation.cell * factor / 1000) ** 2
    for node in reversed(ordered[1:]):
        area[towards[node]] += area[node]
        if area[node] * cell_km2 >= STREAM_KM2:
            level[towards[node]] = min(level[towards[node]], level[node] - 0.05)
    drained, bed = np.array(area) * cell_km2, np.array(level)
    step = elevation.cell * factor
    rows, columns = np.divmod(np.arange(count * count), count)
    shift = rng.uniform(-0.32, 0.32, (count * count, 2))
    east, south = (columns + 0.5 + shift[:, 0]) * step, (rows + 0.5 + shift[:, 1]) * step
    points = np.column_stack([elevation.west + east, elevation.north - south])
    return _stream_lines(parent, drained, points, bed)


def _flow_tree(height):
    count = height.shape[0]
    index = np.arange(height.size).reshape(height.shape)
    starts, ends = [], []
    for rows, columns in ((0, 1), (1, 0), (1, 1), (1, -1)):
        a = index[: count - rows, max(0, -columns) : count - max(0, columns)]
        b = index[rows:, max(0, columns) : count + min(0, columns)]
        starts.append(a.ravel())
        ends.append(b.ravel())
    rim = np.unique(np.concatenate([index[0], index[-1], index[:, 0], index[:, -1]]))
    starts.append(rim)
    ends.append(np.full(len(rim), height.size))
    start, end = np.concatenate(starts), np.concatenate(ends)
    level = np.append(height.ravel(), 0.0)
    # The lower end breaks ties, so that water takes the steepest of several ways down.
    weight = np.maximum(level[start], level[end]) + 1e-3 * np.minimum(level[start], level[end])
    weight[level[end] == 0] = level[start][level[end] == 0] * 1.0005
    graph = sparse.coo_array((weight, (start, end)), shape=(height.size + 1,) * 2).tocsr()
    order, parent = breadth_first_order(minimum_spanning_tree(graph), height.size, directed=False)
    return parent, order


def _stream_lines(parent, drained, points, bed):
    wet = np.flatnonzero(drained[:-1] >= STREAM_KM2)
    is_wet = np.zeros(len(drained), dtype=bool)
    is_wet[wet] = True
    inflows = np.bincount(parent[wet], minlength=len(drained))
    lines, areas, beds = [], [], []
    towards, outside = parent, len(drained) - 1
    for head in wet[inflows[wet] != 1].tolist():
        chain = [head]
        while towards[chain[-1]] != outside:
            chain.append(int(towards[chain[-1]]))
            if inflows[chain[-1]] != 1:
                break
        if len(chain) > 1:
            line = _rounded(points[chain])
            lines.append(shapely.linestrings(np.round(line, 1)))
            areas.append(drained[chain[:-1]].mean())
            beds.append(np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(chain)), bed[chain]))
    return np.array(lines, dtype=object), np.array(areas), beds


def _rounded(line, times=2):
    """Corners cut twice in the manner of Chaikin; both ends stay."""
    for _ in range(times):
        first, second = line[:-1], line[1:]
        cut = np.stack([0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second], axis=1).reshape(-1, 2)
        line = np.vstack([line[:1], cut[1:-1], line[-1:]])
    return line


def _cut_valleys(elevation, lines, drained, beds):
    if not len(lines):
        distance = np.full(elevation.shape, 1e6, dtype=np.float32)
        return elevation, Streams(lines, drained, replace(elevation, values=distance))
    bed = np.full(elevation.shape, np.inf, dtype=np.float32)
    dense = shapely.segmentize(lines, elevation.cell * 0.7)
    for line, level in zip(dense, beds, strict=True):
        points = shapely.get_coordinates(line)
        along = np.linspace(0, 1, len(points))
        rows, columns = elevation.cells(points)
        levels = np.interp(along, np.linspace(0, 1, len(level)), level).astype(np.float32)
        np.minimum.at(bed, (rows, columns), levels)
    dry = ~np.isfinite(bed)
    metres, (row, column) = ndimage.distance_transform_edt(dry, sampling=elevation.cell, return_indices=True)
    metres = metres.astype(np.float32)
    nearest_bed = bed[row, column]
    rise = 1 - np.exp(-((metres / 800) ** 2))
    ground = nearest_bed + (elevation.values - nearest_bed) * rise
    ground = np.clip(ground, LOW_M, HIGH_M).astype(np.float32)
    cut = replace(elevation, values=ground)
    return cut, Streams(lines, drained, replace(elevation, values=metres))
