"""The few compiled loops: arrays in, arrays out. Nothing else imports numba.

Each has a slow plain twin in the tests. They are imported where they are called, not before: a study that asks for
no way over the ground compiles nothing.
"""

from gis.kernels.clip import clip_lengths
from gis.kernels.graph import LEAST_S, followed, led_over, nearest_few, network_times
from gis.kernels.grid import spread_cost
from gis.kernels.moves import (
    CAUSEWAY,
    CLIMB,
    COLUMNS,
    CYCLE,
    FLAT,
    LANGMUIR,
    MOTOR,
    OPEN,
    ROAD,
    ROWS,
    STEEP,
    TOBLER,
)
from gis.kernels.ways import begun, nearest_source, passed_by, ways
from gis.kernels.windows import TILE
from gis.kernels.zonal import zonal_quantiles, zonal_totals, zonal_weights

__all__ = [
    "CAUSEWAY",
    "CLIMB",
    "COLUMNS",
    "CYCLE",
    "FLAT",
    "LANGMUIR",
    "LEAST_S",
    "MOTOR",
    "OPEN",
    "ROAD",
    "ROWS",
    "STEEP",
    "TILE",
    "TOBLER",
    "begun",
    "clip_lengths",
    "followed",
    "led_over",
    "nearest_few",
    "nearest_source",
    "network_times",
    "passed_by",
    "spread_cost",
    "ways",
    "zonal_quantiles",
    "zonal_totals",
    "zonal_weights",
]
