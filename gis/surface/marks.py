"""What is known of each cell, a bit each, so that a large grid costs a byte a cell."""

import numpy as np
import shapely

from gis.rasters import cells_within, line_cells

WATER, STREAM, OPENED, CLOSED, ROAD, BRIDGED, WETLAND, COVER = (np.uint8(1 << bit) for bit in range(8))
"""Water that bars; a stream that bars in this season; a crossing that is open, one that is closed; a road, one that a
bridge or tunnel takes over water; land cover that is wetland, and any other that is not water."""


def touched(grid, shapes):
    """Rows and columns of the cells that lines run through, and of those that polygons cover or touch."""
    parts = shapely.get_parts(shapes[~shapely.is_missing(shapes)])
    areas = parts[shapely.get_dimensions(parts) == 2]
    borders = shapely.get_parts(shapely.boundary(areas))
    found = [line_cells(grid, np.concatenate([parts[shapely.get_dimensions(parts) == 1], borders]))[:2]]
    found += [cells_within(grid, area) for area in areas]
    return tuple(np.concatenate(each) for each in zip(*found, strict=True))
