"""The ground as one goes over it: how long each metre takes, what bars the way, and times over all of it.

A cell without a known height is a barrier. Of the others, what decides how fast one goes is said by `PRIORITY`: a road
(at least as fast as the ground, over water too), water (a barrier), wetland, other land cover; where none of them
speaks, the off-path speed. A bridge or ford lays open the water around it, whatever the order. A road over water is a
causeway: it is stepped on from roads only, so that a road along a river opens no way across it.
"""

from gis.surface.build import MODES, PRIORITY, SEASONS, WADES, WALKERS, build_surface
from gis.surface.grid import CAUSEWAY, Surface

__all__ = ["CAUSEWAY", "MODES", "PRIORITY", "SEASONS", "WADES", "WALKERS", "Surface", "build_surface"]
