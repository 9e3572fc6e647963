"""How long very many village outlines take into the store: ``python -m benchmarks.imports --villages 100000``.

The outlines are cells of a grid with wavy common borders, 181 points each. Printed are the seconds from the
file to the accepted version, checks of the coverage included, and the peak memory of this process and of its
reading process.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from gis.intake import Reader
from gis.store import open_store
from gis.workflows import bring_in, start_study

POINTS_A_SIDE = 45
CELL_M = 700


def outlines(count):
    """Wavy cells that share their borders exactly."""
    side = int(np.ceil(np.sqrt(count)))
    along = np.linspace(0, 1, POINTS_A_SIDE + 1)[:-1]
    wave = 0.03 * np.sin(6 * np.pi * along)
    shapes = []
    for cell in range(count):
        x, y = cell % side, cell // side
        bottom, right = np.c_[x + along, y + wave], np.c_[x + 1 + wave, y + along]
        top, left = np.c_[x + along, y + 1 + wave][::-1], np.c_[x + wave, y + along][::-1]
        ring = np.vstack([bottom, [[x + 1, y]], right[1:], [[x + 1, y + 1]], top, left[:-1]])
        shapes.append(shapely.polygons(ring * CELL_M + [300_000, 1_500_000]))
    columns = {
        "ma_thon": [f"v{cell:06d}" for cell in range(count)],
        "ten_thon": [f"Thôn {cell}" for cell in range(count)],
        "xa": [f"Xã {cell // 200}" for cell in range(count)],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=32648)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--villages", type=int, default=100_000)
    count = parser.parse_args().villages
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "thon.gpkg"
        frame = outlines(count)
        vertices = shapely.get_num_coordinates(frame.geometry.to_numpy()).sum()
        pyogrio.write_dataframe(frame, path)
        del frame
        store = open_store(Path(folder) / "store")
        start_study(store, "lon", {"title": "Lớn", "criteria": "sdg-access"}, who="benchmark")
        started = time.perf_counter()
        with Reader() as reader:
            done = bring_in(store, reader, "lon", path, entry={}, layer_type="villages", who="benchmark")
        seconds = time.perf_counter() - started
        store.close()
    own, read = (
        resource.getrusage(who).ru_maxrss / 1e6 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    rows = done.trial.counts["rows_used"]
    print(
        f"{rows:,} villages, {vertices:,} vertices: {seconds:.1f} s, {own:.2f} GB here, {read:.2f} GB in the reading process"
    )


if __name__ == "__main__":
    main()
