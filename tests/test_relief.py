"""Light and shade: what faces the north-west is lit, level ground and unknown heights are clear."""

import struct
import zlib

import numpy as np
from pyproj import CRS, Transformer

from gis.rasters import Raster
from gis.relief import LEVELS, extent, shade
from gis.web.reliefs import FEWEST_PX, picture, png

UTM = CRS("EPSG:32648")


def raster(values, cell_m=50.0):
    return Raster(np.asarray(values, dtype=float), 800_000.0, 1_620_000.0, cell_m, cell_m, UTM)


def ramp(east, north, size=60):
    """A plane that rises so many metres a metre to the east and to the north."""
    rows, columns = np.mgrid[:size, :size]
    return raster(50.0 * (east * columns - north * rows))


def test_a_slope_that_faces_the_light_is_lit_and_its_back_is_dark():
    middle = slice(20, 40)
    facing = shade(ramp(0.4, -0.4), most_px=60).steps[middle, middle]
    back = shade(ramp(-0.4, 0.4), most_px=60).steps[middle, middle]
    level = shade(ramp(0, 0), most_px=60).steps
    assert (facing > 0).all() and (back < 0).all() and (level == 0).all()
    assert np.abs(facing).max() <= LEVELS and np.abs(back).max() <= LEVELS


def test_a_slope_is_as_steep_wherever_it_lies():
    # a metre on the map is 0.97 m here: the plane's tilt must not come out of the map's scale
    steps = shade(ramp(0.2, 0.0), most_px=120).steps[30:90, 30:90]
    lights = ((315.0, 0.6), (270.0, 0.2), (0.0, 0.2))
    tilt = 0.2 * 1.6
    lit = sum(
        weight * (np.sqrt(0.5) - np.sqrt(0.5) * tilt * np.cos(np.radians(90 - turn)))
        for turn, weight in lights
    )
    by_hand = (lit / np.sqrt(1 + tilt**2) - np.sqrt(0.5)) / 0.32 * LEVELS
    assert abs(np.median(steps) - by_hand) <= 1


def test_unknown_heights_are_clear_and_so_is_their_edge():
    values = ramp(0.4, -0.4).values.copy()
    values[:, 30:] = np.nan
    steps = shade(raster(values), most_px=60).steps
    assert (steps[:, 35:] == 0).all() and (steps[20:40, 5:20] != 0).all()


def test_it_lies_where_the_heights_lie():
    heights = ramp(0.1, 0.1)
    west, south, east, north = extent(heights)
    x, y = Transformer.from_crs(UTM, 4326, always_xy=True).transform(801_500.0, 1_618_500.0)
    assert west < x < east and south < y < north
    assert np.isclose((west + east) / 2, x, atol=1e-4) and np.isclose((south + north) / 2, y, atol=1e-4)
    # 3 km across
    assert abs((north - south) * 110_650 - 3000) < 120


def test_the_picture_is_small_whatever_the_ground():
    rough = raster(np.random.default_rng(3).uniform(0, 900, (700, 700)))
    data = picture(rough, most_bytes=40_000)
    columns, rows = struct.unpack(">II", data[16:24])
    assert len(data) <= 40_000 or max(columns, rows) <= FEWEST_PX


def test_the_picture_holds_the_steps():
    steps = np.array([[-LEVELS, 0, LEVELS], [1, -1, 0]], dtype=np.int8)
    data = png(steps)
    start = data.index(b"IDAT")
    length = struct.unpack(">I", data[start - 4 : start])[0]
    lines = np.frombuffer(zlib.decompress(data[start + 4 : start + 4 + length]), dtype=np.uint8).reshape(2, 4)
    assert (lines[:, 0] == 2).all()
    assert (np.cumsum(lines[:, 1:], axis=0, dtype=np.uint8) == steps + LEVELS).all()
    clear = data.index(b"tRNS") + 4 + LEVELS
    assert data[clear] == 0 and data[clear - LEVELS] > 0 and data[clear + LEVELS] > 0
