"""Background maps of the office's own: files of picture tiles in a folder, read by our own code alone."""

from gis.basemaps.files import find_base_maps
from gis.basemaps.tiles import About, BaseMap, kind_of_picture

__all__ = ["About", "BaseMap", "find_base_maps", "kind_of_picture"]
