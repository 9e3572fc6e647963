"""`python -m benchmarks.travel`: least cost over terrain beside GRASS, r.cost and r.walk, on the same inputs.

Each line is one size: CPU seconds of both on invented ground (GRASS: the one command, with starting it), memory,
whether the same cells are reached, and the largest difference over them. Paces are classes of a byte and heights whole
metres, as layers have them. Ours is timed after compiling, in a process of its own whose memory is that of all it
holds, Python and the compiler with it. Each number is the median of several turns, GRASS and ours in turn. With
``--mcp PYTHON``, a Python that has scikit-image, its MCP_Geometric is asked too.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "tests"))
# numba looks for it for linear algebra, of which there is none here
sys.modules.setdefault("scipy", None)

import grass  # noqa: E402
from gis.kernels import FLAT, LANGMUIR, spread_cost  # noqa: E402

CELL_M = 30.0
MCP = """
import json, sys, time
import numpy as np
from skimage.graph import MCP_Geometric
slowness, cells = np.load("slowness.npy").astype(float), np.load("cells.npy")
slowness[np.isnan(slowness)] = -1
begins = np.column_stack(np.divmod(cells, slowness.shape[1]))
started = time.process_time()
MCP_Geometric(slowness, sampling=(30.0, 30.0)).find_costs(begins)
print(json.dumps(time.process_time() - started))
"""


def ground(side, seed):
    """Classes with rivers and gaps, the pace of each, heights of smooth hills, and a source for every 16,000 cells."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side].astype(np.float32)
    heights = np.zeros((side, side), dtype=np.float32)
    for wave in (400, 150, 60, 25):
        angle, shift = rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi, 2)
        across = (x * np.cos(angle) + y * np.sin(angle)) / wave
        along = (y * np.cos(angle) - x * np.sin(angle)) / wave
        heights += np.float32(wave * 0.8) * np.sin(across + shift[0]) * np.cos(along + shift[1])
    pace = np.append(np.nan, np.exp(rng.uniform(-0.5, 0.5, 255))).astype(np.float32)
    classes = rng.integers(1, 256, (side, side), dtype=np.uint8)
    for row in range(97, side, 193):
        classes[row : row + 2, int(rng.integers(0, side // 4)) :] = 0
    cells = rng.choice(np.flatnonzero(classes.reshape(-1)), max(1, side * side // 16_000), replace=False)
    return classes, pace, np.round(heights).astype(np.int16), np.sort(cells)


def ours(folder):
    """CPU seconds of one spreading over the inputs in a folder and the megabytes of the whole process."""
    classes, pace, heights, cells = (
        np.load(folder / f"{name}.npy") for name in ("classes", "pace", "heights", "cells")
    )
    walks = heights.size > 0
    how = {"pace": pace, "size": (CELL_M, CELL_M), "towards": False, "walker": LANGMUIR if walks else FLAT}
    spread_cost(classes[:64, :64], [0], [0], heights=heights[:64, :64] if walks else None, **how)
    started = time.process_time()
    times = spread_cost(classes, cells, np.zeros(len(cells)), heights=heights if walks else None, **how)
    seconds = time.process_time() - started
    megabytes = float(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1000
    np.save(folder / "times.npy", times)
    print(json.dumps([seconds, megabytes]))


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.travel")
    parser.add_argument("--sides", type=int, nargs="*", default=[1000, 2000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--mcp", help="a Python that has scikit-image")
    parser.add_argument(
        "--ours", type=Path, help="one spreading over a folder of inputs, for the table itself"
    )
    options = parser.parse_args()
    if options.ours:
        return ours(options.ours)
    for side in options.sides:
        for walks in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                report(side, options.seed, walks, options.turns, options.mcp, Path(folder))


def report(side, seed, walks, turns, mcp, folder):
    """One line of the table."""
    classes, pace, heights, cells = ground(side, seed)
    if walks:
        pace = np.where(np.isnan(pace), np.nan, 1).astype(np.float32)
    slowness = pace[classes]
    inputs = {"classes": classes, "pace": pace, "heights": heights if walks else heights[:0], "cells": cells}
    for name, values in inputs.items():
        np.save(folder / f"{name}.npy", values)
    command = [sys.executable, "-m", "benchmarks.travel", "--ours", str(folder)]
    mine, rival, geometric = [], [], []
    for turn in range(turns):
        answer = subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1]
        )
        mine.append(json.loads(answer.stdout))
        (folder / str(turn)).mkdir()
        high = heights.astype(np.float32) if walks else None
        theirs, *spent = grass.spread(folder / str(turn), slowness, cells, heights=high, size=CELL_M)
        rival.append(spent)
        if mcp and not walks:
            np.save(folder / "slowness.npy", slowness)
            answer = subprocess.run([mcp, "-c", MCP], check=True, capture_output=True, text=True, cwd=folder)
            geometric.append(json.loads(answer.stdout))
    times = np.load(folder / "times.npy")
    (seconds, memory), (their_seconds, their_memory) = (
        [statistics.median(part) for part in zip(*each, strict=True)] for each in (mine, rival)
    )
    reached = np.isfinite(times) & np.isfinite(theirs)
    same = "same cells" if (np.isfinite(times) == np.isfinite(theirs)).all() else "OTHER CELLS"
    print(
        f"{side * side / 1e6:5.0f} M cells {'r.walk' if walks else 'r.cost'} {their_seconds:7.2f} s"
        f" {their_memory:6.0f} MB   ours {seconds:6.2f} s {memory:6.0f} MB   ratio {their_seconds / seconds:5.1f}"
        f"   {same}   difference {np.abs(times[reached] - theirs[reached]).max():.3f} s"
        f" of {times[reached].max():,.0f}"
        + (f"   MCP_Geometric {statistics.median(geometric):.2f} s" if geometric else ""),
        flush=True,
    )


if __name__ == "__main__":
    main()
