"""r.cost and r.walk of GRASS on arrays, as the rival of the kernels; a location of its own in a folder."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np

GRASS = shutil.which("grass")


def spread(folder, slowness, cells, *, heights=None, size=30.0):
    """Seconds by r.cost, or by r.walk where heights are given, with the CPU seconds and megabytes that it took.

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
    _run(folder, ["grass", "-c", "XY", "grasslocation", "-e"])
    # a step at a time, so that the one that counts is timed alone
    done = [_run(folder, ["grass", "grasslocation/PERMANENT", "--exec", *line.split()]) for line in lines]
    found = np.fromfile(folder / "found.bin", dtype="<f8").reshape(slowness.shape)
    return np.where(found < 0, np.inf, found), *done[-2]


def _run(folder, command):
    """CPU seconds that a command took, and the megabytes of the r.cost or r.walk in it."""
    before, most = os.times(), 0.0
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
        while process.poll() is None:
            most = max(most, _megabytes(process.pid))
            time.sleep(0.02)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: {(folder / 'log').read_text()[-800:]}")
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return spent, most


def _megabytes(session):
    most = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
            if (
                text.startswith(("Name:\tr.cost", "Name:\tr.walk"))
                and os.getsid(int(status.parent.name)) == session
            ):
                most = max(most, float(text.split("VmHWM:")[1].split()[0]) / 1000)
        except (OSError, IndexError):
            continue
    return most
