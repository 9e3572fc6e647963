"""What a rival is asked, in the rivals' environment: `python -m benchmarks.asked NAME FOLDER`.

Reads the arrays that `benchmarks.rivals.rival` put into the folder, writes answer.npy there, and prints the seconds of
the processor and the most megabytes. Only the work itself is timed, not reading, not importing.
"""

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.table import megabytes, processor_seconds


def skimage(folder):
    """Seconds from the nearest source over a grid, by MCP_Geometric."""
    from skimage.graph import MCP_Geometric

    slowness, cells, size = (np.load(folder / f"{name}.npy") for name in ("slowness", "cells", "size"))
    slowness = np.where(np.isnan(slowness), -1, slowness.astype(float))
    begins = np.column_stack(np.divmod(cells, slowness.shape[1]))
    started = processor_seconds()
    times, _ = MCP_Geometric(slowness, sampling=tuple(size)).find_costs(begins)
    return processor_seconds() - started, times


def pandana(folder):
    """Seconds from the nearest source along roads, the network built and asked once."""
    import pandana as rival
    import pandas as pd

    first, heads, seconds, cells = (
        np.load(folder / f"{name}.npy") for name in ("first", "heads", "seconds", "cells")
    )
    count = len(first) - 1
    tails, side = np.repeat(np.arange(count), np.diff(first)), int(count**0.5)
    x, y = (pd.Series(part.astype(float)) for part in np.divmod(np.arange(count), side))
    once = tails < heads
    ends = pd.Series(tails[once]), pd.Series(heads[once].astype(np.int64))
    started = processor_seconds()
    network = rival.Network(x, y, *ends, pd.DataFrame({"s": seconds[once]}), twoway=True)
    network.set_pois("places", 1e9, 1, x[cells], y[cells])
    times = network.nearest_pois(1e9, "places", num_pois=1)[1].to_numpy()
    return processor_seconds() - started, np.where(times < 1e9, times, np.inf)


def exactextract(folder):
    """Sums of a raster over villages, by exact shares of its cells."""
    import geopandas as gpd
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    villages = gpd.read_file(folder / "villages.gpkg")
    values, bounds = (np.load(folder / f"{name}.npy") for name in ("values", "bounds"))
    source = NumPyRasterSource(values, *bounds, srs_wkt=villages.crs.to_wkt())
    started = processor_seconds()
    table = exact_extract(source, villages, ["sum"], output="pandas")
    return processor_seconds() - started, table["sum"].to_numpy()


def spopt(folder):
    """The weight that the best sites cover, or the least weighted cost of a p-median, solved by CBC."""
    import pulp
    from spopt.locate import MCLP, PMedian

    costs, weights, radius, most = (
        np.load(folder / f"{n}.npy") for n in ("costs", "weights", "radius", "most")
    )
    started = processor_seconds()
    if radius > 0:
        model = MCLP.from_cost_matrix(costs, weights, float(radius), p_facilities=int(most))
    else:
        model = PMedian.from_cost_matrix(costs, weights, p_facilities=int(most))
    model = model.solve(pulp.PULP_CBC_CMD(msg=False))
    return processor_seconds() - started, np.array([pulp.value(model.problem.objective)])


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    spent, answer = {work.__name__: work for work in (skimage, pandana, exactextract, spopt)}[sys.argv[1]](
        folder
    )
    np.save(folder / "answer.npy", answer)
    # what a library prints stands before it
    print("\n" + json.dumps([spent, megabytes()]))
