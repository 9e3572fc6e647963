"""GeoTIFF: band 1 of the file itself, read in strips; overviews and side files are never looked at."""

import math
import warnings

import numpy as np

from gis.errors import IntakeError, Problem

ARRAY_FILE = "raster.npy"
STRIP_CELLS = 4_000_000


def read(source, request, limits):
    """Band 1 of a GeoTIFF as a float array; see `child.read_raster` for what comes back."""
    from gis.intake.drivers import as_float_type, raster_library

    rasterio = raster_library()
    problems = []
    try:
        # OVERVIEW_LEVEL: an overview may be declared to lie in any other file or address.
        with (
            rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_PAM_ENABLED="NO"),
            rasterio.open(source.path, driver="GTiff", OVERVIEW_LEVEL="NONE", sharing=False) as raster,
        ):
            _check(raster, source.name, limits)
            placed = _is_placed(rasterio, source.path)
            if raster.count > 1:
                problems.append(
                    Problem("intake-raster-bands", {"file": source.name, "bands": raster.count}, "note")
                )
            if not placed:
                problems.append(Problem("intake-raster-no-place", {"file": source.name}, "warning"))
            scale, offset = raster.scales[0], raster.offsets[0]
            scaled = (scale, offset) != (1.0, 0.0) and math.isfinite(scale) and math.isfinite(offset)
            if scaled:
                arguments = {"file": source.name, "scale": scale, "offset": offset}
                problems.append(Problem("intake-raster-scaled", arguments, "note"))
            kind = np.dtype("float64") if scaled else as_float_type(raster.dtypes[0])
            shape = (raster.height, raster.width)
            array = np.lib.format.open_memmap(source.folder / ARRAY_FILE, "w+", kind, shape)
            strip = max(1, STRIP_CELLS // raster.width)
            for top in range(0, raster.height, strip):
                window = rasterio.windows.Window(0, top, raster.width, min(strip, raster.height - top))
                values = raster.read(1, window=window, masked=True).astype(kind).filled(np.nan)
                array[top : top + strip] = values * scale + offset if scaled else values
            array.flush()
            nodata = raster.nodata
            return {
                "layer": "1",
                "encoding": None,
                "crs": raster.crs.to_string() if raster.crs else None,
                "transform": list(raster.transform)[:6] if placed else [1, 0, 0, 0, 1, 0],
                "nodata": None if nodata is None else float(nodata),
                "rows_in": raster.height,
                "rows_out": raster.height,
                "skipped": [],
                "problems": problems,
            }
    except rasterio.errors.RasterioError as error:
        reason = " ".join(str(error).replace(str(source.path), "").split())[:160]
        raise IntakeError("intake-damaged", file=source.name, reason=reason) from None


def _is_placed(rasterio, path):
    """Whether the file itself says where its cells lie.

    Without a position the transform of a raster opened with OVERVIEW_LEVEL is whatever was in memory, so only
    the warning and the control points tell.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with rasterio.open(path, driver="GTiff", OVERVIEW_LEVEL="NONE", sharing=False) as raster:
            unplaced = any(issubclass(w.category, rasterio.errors.NotGeoreferencedWarning) for w in said)
            return not (unplaced or raster.gcps[0] or raster.rpcs)


def _check(raster, file, limits):
    if raster.width * raster.height > limits.reader_pixels:
        found = {"width": raster.width, "height": raster.height}
        raise IntakeError("intake-pixels", file=file, limit=limits.reader_pixels, **found)
    if "OVERVIEW_FILE" in raster.tags(ns="OVERVIEWS") or "OVERVIEW_FILE" in raster.tags(1, ns="OVERVIEWS"):
        raise IntakeError("intake-redirect", file=file)
    if np.dtype(raster.dtypes[0]).kind not in "iuf":
        raise IntakeError("intake-raster-kind", file=file, kind=raster.dtypes[0])
