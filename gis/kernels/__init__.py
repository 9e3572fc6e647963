"""The few compiled loops: arrays in, arrays out. Nothing else imports numba.

Each has a slow plain twin in the tests. They are imported where they are called, not before: a study that asks for
no way over the ground compiles nothing.
"""

from gis.kernels.grid import (
    CAUSEWAY,
    COLUMNS,
    FLAT,
    LANGMUIR,
    OPEN,
    ROAD,
    ROWS,
    TILE,
    TOBLER,
    came_from,
    spread_cost,
)

__all__ = [
    "CAUSEWAY",
    "COLUMNS",
    "FLAT",
    "LANGMUIR",
    "OPEN",
    "ROAD",
    "ROWS",
    "TILE",
    "TOBLER",
    "came_from",
    "spread_cost",
]
