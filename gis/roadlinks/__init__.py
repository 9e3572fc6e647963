"""What is missing for a road open all year between two places: how much, and which stretches of which roads."""

from gis.roadlinks.missing import missing_links
from gis.roadlinks.stretches import along, missing_stretches, outwards

__all__ = ["along", "missing_links", "missing_stretches", "outwards"]
