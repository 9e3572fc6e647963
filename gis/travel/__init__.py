"""Ways over the ground of a study: prepared once, asked for many kinds of place, modes and seasons.

A `Travel` holds the layers that ways depend on and makes each surface and each set of roads once. What it answers is
a `Reach`: the times between everywhere and the nearest of some places, by walking alone or by walking to a road,
riding and walking again.
"""

from gis.travel.again import moved
from gis.travel.closing import first_closed
from gis.travel.onroads import RoadReach
from gis.travel.preparing import LAYERS, Travel
from gis.travel.reaching import Reach
from gis.travel.tracks import Tracks, lay_tracks

__all__ = ["LAYERS", "Reach", "RoadReach", "Tracks", "Travel", "first_closed", "lay_tracks", "moved"]
