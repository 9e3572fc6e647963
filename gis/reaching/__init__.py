"""How far a kind of service is from everywhere in a study: bands, catchments, every village and its way."""

from gis.reaching.decided import decided_way, place_of
from gis.reaching.far import HowFar, how_far, judged_far
from gis.reaching.paints import COLOURS, UNREACHED, step_of
from gis.reaching.services import Service, lacks, limits_of, service_of, services
from gis.reaching.ways import Leg, Way, other_season, ways_of
from gis.reaching.words import band_text, title_of
from gis.surface import MODES, SEASONS

__all__ = [
    "COLOURS",
    "MODES",
    "SEASONS",
    "UNREACHED",
    "HowFar",
    "Leg",
    "Service",
    "Way",
    "band_text",
    "decided_way",
    "how_far",
    "judged_far",
    "lacks",
    "limits_of",
    "other_season",
    "place_of",
    "service_of",
    "services",
    "step_of",
    "title_of",
    "ways_of",
]
