"""What is missing for a road open all year between two places: how much, and which stretches of which roads."""

from gis.roadlinks.missing import missing_links
from gis.roadlinks.stretches import along, between, missing_stretches, outwards

__all__ = ["along", "between", "missing_links", "missing_stretches", "outwards"]
