"""The two libraries that open foreign files, each behind its allow list; nothing else here imports them."""

import sys

import numpy as np

from gis.errors import IntakeError
from gis.intake.confine import check_drivers

GEOMETRY_COLUMN = "wkb_geometry"
CURVED = frozenset(range(8, 15))
"""WKB types that hold arcs: CircularString to Surface."""


def vector_library():
    """pyogrio, once it is certain that it knows only the allowed drivers.

    It looks for geopandas at import, which takes longer than all else the child does and is not used by it.
    """
    if "pyogrio" not in sys.modules:
        absent = [name for name in ("geopandas", "pandas") if name not in sys.modules]
        sys.modules.update(dict.fromkeys(absent))
        try:
            import pyogrio
        finally:
            for name in absent:
                del sys.modules[name]
    import pyogrio

    check_drivers(pyogrio.list_drivers())
    return pyogrio


def raster_library():
    """rasterio, once it is certain that it knows only the allowed drivers."""
    import rasterio

    with rasterio.Env() as environment:
        check_drivers(environment.drivers())
    return rasterio


def read_vector(path, name, **options):
    """One layer as the library sees it.

    Parameters
    ----------
    path : Path
        A private copy.
    name : str
        How its owner calls it.
    **options
        For ``pyogrio.raw.read_arrow``: layer, encoding, open options.

    Returns
    -------
    meta : dict
        ``crs`` is a text or None; a CRS that is declared as undefined is None.
    table : pa.Table
        The attributes.
    wkb : list of (bytes or None)
        Arcs are cut into straight pieces.

    Raises
    ------
    IntakeError
        With the library's own words where it cannot read the file.
    """
    pyogrio = vector_library()
    try:
        meta, table = pyogrio.raw.read_arrow(path, datetime_as_string=True, **options)
        position = table.schema.names.index(meta["geometry_name"] or GEOMETRY_COLUMN)
        wkb = table.column(position).to_pylist()
        if any(value is not None and _kind(value) in CURVED for value in wkb):
            # Only the other way of reading cuts arcs into straight pieces.
            wkb = list(pyogrio.raw.read(path, columns=[], **options)[2])
    except (ValueError, RuntimeError, OSError, UnboundLocalError) as error:
        # The library's own errors are RuntimeError; a CRS it cannot read ends in UnboundLocalError.
        raise IntakeError("intake-damaged", file=name, reason=_first_words(error, path)) from None
    crs = meta["crs"]
    meta["crs"] = None if not crs or "undefined" in crs.lower() else crs
    return meta, table.remove_column(position), wkb


def _kind(wkb):
    order = "little" if wkb[0] else "big"
    return (int.from_bytes(wkb[1:5], order) & 0x0FFFFFFF) % 1000


def _first_words(error, path):
    text = " ".join(str(error).replace(str(path), path.name).split())
    return text[:160]


def as_float_type(dtype):
    """The float type that holds every value of a raster's own type exactly.

    Examples
    --------
    >>> as_float_type("int16").name, as_float_type("int32").name
    ('float32', 'float64')
    """
    dtype = np.dtype(dtype)
    return np.dtype("float32") if dtype.itemsize <= 2 or dtype == np.float32 else np.dtype("float64")
