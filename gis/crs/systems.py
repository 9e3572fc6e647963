"""Which coordinate system lengths are measured in, and which coordinates one cannot hold."""

from functools import lru_cache

from pyproj import CRS
from pyproj.exceptions import CRSError as ProjCRSError

from gis.crs.zones import VN2000_TM3
from gis.errors import CRSError

VIETNAM = (102.1, 8.3, 109.5, 23.5)
"""West, south, east, north of the mainland, degrees."""

WGS84 = "EPSG:4326"


def parse_crs(text, **where):
    """A CRS from a code such as ``EPSG:9216`` or 9216, or from well-known text.

    Raises
    ------
    CRSError
        If it is none; `where` (file, layer, line) goes into the sentence.
    """
    try:
        return _parsed(f"EPSG:{text}" if str(text).isdigit() else str(text))
    except ProjCRSError:
        raise CRSError("crs-unknown", crs=str(text)[:60], **where) from None


@lru_cache(maxsize=64)
def _parsed(text):
    return CRS.from_user_input(text)


def metric_crs(bounds):
    """The CRS in metres for an area: the nearest VN-2000 3-degree zone in Vietnam, else its UTM zone.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north in degrees (EPSG:4326).

    Returns
    -------
    pyproj.CRS

    Notes
    -----
    Inside 1.5 degrees of a zone's meridian, lengths on the map are within 0.03 % of the ground.
    """
    west, south, east, north = bounds
    x, y = (west + east) / 2, (south + north) / 2
    if VIETNAM[0] <= x <= VIETNAM[2] and VIETNAM[1] <= y <= VIETNAM[3]:
        meridian = min(VN2000_TM3, key=lambda known: (abs(known - x), known))
        return _parsed(f"EPSG:{VN2000_TM3[meridian]}")
    return _parsed(f"EPSG:{utm_code(x, y)}")


def utm_code(x, y):
    """EPSG code of the UTM zone (WGS 84) of a place in degrees."""
    zone = min(max(int((x + 180) // 6) + 1, 1), 60)
    return (32600 if y >= 0 else 32700) + zone


def keeps_lengths(crs):
    """Whether a CRS is a transverse Mercator zone in metres, as the VN-2000 and UTM zones are.

    Web Mercator is in metres too, but stretches every length by 1 / cos(latitude).
    """
    if not crs.is_projected or abs(crs.axis_info[0].unit_conversion_factor - 1) > 1e-9:
        return False
    return crs.coordinate_operation.method_name.startswith("Transverse Mercator")


def check_metric(crs, **where):
    """The CRS again if it is projected in metres.

    Raises
    ------
    CRSError
        If it is geographic or in another unit.
    """
    if not crs.is_projected or abs(crs.axis_info[0].unit_conversion_factor - 1) > 1e-9:
        raise CRSError("crs-not-metric", crs=crs.to_string()[:60], **where)
    return crs


def check_plausible(bounds, crs, **where):
    """Refuse coordinates that their CRS cannot hold, such as metres labelled as degrees.

    Raises
    ------
    CRSError
        If degrees lie outside -180..180 and -90..90, metres inside, or any bound is not finite.
    """
    west, south, east, north = bounds
    finite = all(abs(bound) < float("inf") for bound in bounds)
    degrees = west >= -180 and east <= 180 and south >= -90 and north <= 90
    # no zone has land within 180 m of its origin, which lies hundreds of kilometres off
    if not finite or crs.is_geographic != degrees:
        shown = ", ".join(f"{bound:.1f}" for bound in bounds)
        raise CRSError("crs-implausible", crs=crs.to_string()[:60], bounds=shown, **where)
