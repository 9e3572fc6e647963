"""The two libraries that open foreign files, each behind its allow list; nothing else here imports them."""

import contextlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gis.errors import IntakeError
from gis.intake.confine import check_drivers
from gis.intake.vectors import column_of

GEOMETRY_COLUMN = "wkb_geometry"
BYTE_FOR_BYTE = "ISO-8859-1"
"""Read so, every byte is one letter; the true encoding is applied afterwards, strictly."""

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


def read_vector(path, name, driver, **options):
    """One layer as the library sees it.

    Parameters
    ----------
    path : Path
        A private copy.
    name : str
        How its owner calls it.
    driver : str
        The only one that may open it; libraries choose by content and know several.
    **options
        For ``pyogrio.raw.read_arrow``: layer, where, open options.

    Returns
    -------
    meta : dict
        ``crs`` is a text or None; a CRS that is declared as undefined is None.
    table : pa.Table
        The attributes.
    wkb : pa.ChunkedArray of binary
        Arcs are cut into straight pieces.

    Raises
    ------
    IntakeError
        With the library's own words where it cannot read the file.
    """
    pyogrio = vector_library()
    with _library_told(path, name):
        layer_info(path, name, driver, options.get("layer"))
        meta, table = pyogrio.raw.read_arrow(path, datetime_as_string=True, **options)
        position = table.schema.names.index(meta["geometry_name"] or GEOMETRY_COLUMN)
        wkb = table.column(position)
        if any(head and _kind(head) in CURVED for head in _heads(wkb)):
            # Only the other way of reading cuts arcs into straight pieces.
            straight = pyogrio.raw.read(path, columns=[], **options)[2]
            wkb = pa.chunked_array([pa.array(straight, pa.binary())])
    meta["crs"] = stated_crs(meta)
    return meta, table.remove_column(position), wkb


def read_bytes_as_letters(path, name, driver, **options):
    """As `read_vector`, for formats whose text is in an encoding that only we know how to undo.

    Returns
    -------
    meta : dict
    fids : array of int
        The numbers that the library gives to the features.
    columns : list of (str, pa.Array)
        Text as ISO 8859-1, in which every byte is one letter.
    wkb : pa.ChunkedArray of binary
    """
    pyogrio = vector_library()
    with _library_told(path, name):
        layer_info(path, name, driver, options.get("layer"), encoding=BYTE_FOR_BYTE)
        meta, fids, wkb, values = pyogrio.raw.read(
            path, encoding=BYTE_FOR_BYTE, datetime_as_string=True, return_fids=True, **options
        )
        if wkb is None:
            raise ValueError("no geometry")
    meta["crs"] = stated_crs(meta)
    columns = [(field, _column(array)) for field, array in zip(meta["fields"], values, strict=True)]
    return meta, fids, columns, pa.chunked_array([pa.array(wkb, pa.binary())])


def set_options(options):
    """Set options of the library that are looked at when a file is opened."""
    vector_library().set_gdal_config_options(options)


def layer_info(path, name, driver, layer=None, **options):
    """What the library says of a layer before it reads it: layer_name, fields, features (-1 if unknown).

    Raises
    ------
    IntakeError
        If it cannot be read, or another driver than the expected one opens it.
    """
    with _library_told(path, name):
        found = vector_library().read_info(path, layer=layer, **options)
    if found["driver"] != driver:
        raise IntakeError("intake-damaged", file=name, reason=f"{found['driver']}, {driver}")
    return found


def stated_crs(meta):
    """The CRS as text, None where the file has none, calls it undefined or has one of its own, off the earth."""
    crs = meta["crs"]
    return None if not crs or "undefined" in crs.lower() or crs.startswith(("LOCAL_CS", "ENGCRS")) else crs


@contextlib.contextmanager
def _library_told(path, name):
    """The errors of the library as ours, in its own words."""
    try:
        yield
    except IntakeError:
        raise
    except (ValueError, RuntimeError, OSError, UnboundLocalError) as error:
        # The library's own errors are RuntimeError; a CRS it cannot read ends in UnboundLocalError.
        raise IntakeError("intake-damaged", file=name, reason=_first_words(error, path)) from None


def _column(array):
    """An Arrow column of what the library gives as numpy; NaN, NaT and blank text are None."""
    if array.dtype.kind in "OU":
        values = array.tolist()
        return column_of(
            [None if value is None or value != value or value == "" else value for value in values]
        )
    return pa.array(array, from_pandas=True)


def _heads(wkb):
    return {head for chunk in wkb.chunks for head in pc.unique(pc.binary_slice(chunk, 0, 5)).to_pylist()}


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
