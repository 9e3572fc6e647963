"""Roads as a graph: joined, costed by mode and season, and asked for times, ways and what is cut off."""

from gis.network.arcs import Arcs
from gis.network.catchments import catchment
from gis.network.costs import edge_seconds
from gis.network.distances import least_leg, nearest
from gis.network.feet import parts_in_reach
from gis.network.graph import GRID_M, Network
from gis.network.joints import TOUCH_M
from gis.network.reach import Reach
from gis.network.routes import DETOUR, LEG_S, Routes

__all__ = [
    "DETOUR",
    "GRID_M",
    "LEG_S",
    "TOUCH_M",
    "Arcs",
    "Network",
    "Reach",
    "Routes",
    "catchment",
    "edge_seconds",
    "least_leg",
    "nearest",
    "parts_in_reach",
]
