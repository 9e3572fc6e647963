"""Coordinate systems: which one lengths are measured in, and which one a file could be in; never assumed."""

from gis.crs.faults import coordinate_faults
from gis.crs.proposals import (
    CRSProposal,
    check_against,
    listed,
    propose_crs,
    share_inside,
    to_degrees,
)
from gis.crs.systems import (
    VIETNAM,
    WGS84,
    check_metric,
    check_plausible,
    keeps_lengths,
    metric_crs,
    parse_crs,
    utm_code,
)
from gis.crs.zones import VN2000_TM3

__all__ = [
    "VIETNAM",
    "VN2000_TM3",
    "WGS84",
    "CRSProposal",
    "check_against",
    "check_metric",
    "check_plausible",
    "coordinate_faults",
    "keeps_lengths",
    "listed",
    "metric_crs",
    "parse_crs",
    "propose_crs",
    "share_inside",
    "to_degrees",
    "utm_code",
]
