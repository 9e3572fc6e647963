"""r.cost and r.walk of GRASS on arrays, as the rival of the kernels; a location of its own in a folder."""

import resource
import shutil
import subprocess
import time

import numpy as np

GRASS = shutil.which("grass")


def spread(folder, slowness, cells, *, heights=None, size=30.0):
    """Seconds by r.cost, or by r.walk where heights are given, with the seconds and megabytes that it took.

    `slowness` is seconds a metre for r.cost; for r.walk only its barriers count. The spreading is from the cells.
    """
    rows, columns = slowness.shape
    source = np.full(slowness.shape, np.nan)
    source.reshape(-1)[cells] = 0
    cost = slowness * size if heights is None else np.where(np.isnan(slowness), np.nan, 0.0)
    maps = {"cost": cost, "source": source} | ({} if heights is None else {"high": heights})
    lines = [f"g.region n={rows * size} s=0 w=0 e={columns * size} rows={rows} cols={columns}"]
    for name, values in maps.items():
        np.where(np.isnan(values), -9999, values).astype("<f8").tofile(folder / name)
        extent = f"north={rows * size} south=0 west=0 east={columns * size} rows={rows} cols={columns}"
        lines.append(f"r.in.bin -d input={name} output={name} bytes=8 order=little anull=-9999 {extent} --q")
    if heights is None:
        work = "r.cost input=cost"
    else:
        work = "r.walk elevation=high friction=cost lambda=0 walk_coeff=0.72,6.0,1.9998,-1.9998 slope_factor=-0.2125"
    lines.append(f"{work} output=found start_raster=source memory=4000 --q")
    lines.append("r.out.bin input=found output=found.bin bytes=8 order=little null=-1 --q")
    done = []
    for number, line in enumerate(lines):
        # the location lives for all steps, so that the one that counts can be timed alone
        mark = "grasslocation/PERMANENT"
        if number == 0:
            _run(folder, ["grass", "-c", "XY", "grasslocation", "-e"])
        started = time.perf_counter()
        _run(folder, ["grass", mark, "--exec", *line.split()])
        done.append(time.perf_counter() - started)
    found = np.fromfile(folder / "found.bin", dtype="<f8").reshape(slowness.shape)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    return np.where(found < 0, np.inf, found), done[-2], memory


def _run(folder, command):
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)}: {result.stderr[-800:]}")
