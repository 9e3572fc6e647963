"""`python -m benchmarks.travel`: least cost over terrain beside GRASS, r.cost and r.walk, on the same inputs.

Each line is one size: CPU seconds of both on invented ground (GRASS: the one command, with starting it), memory,
whether the same cells are reached, and the largest difference over them. Ours is timed after compiling, in a
process of its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "tests"))

import grass  # noqa: E402
from gis.kernels import FLAT, LANGMUIR, spread_cost  # noqa: E402

CELL_M = 30.0


def ground(side, seed):
    """Slowness with rivers and gaps, heights of smooth hills, and a source for every 16,000 cells."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side].astype(np.float32)
    heights = np.zeros((side, side), dtype=np.float32)
    for wave in (400, 150, 60, 25):
        angle, shift = rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi, 2)
        across = (x * np.cos(angle) + y * np.sin(angle)) / wave
        along = (y * np.cos(angle) - x * np.sin(angle)) / wave
        heights += np.float32(wave * 0.8) * np.sin(across + shift[0]) * np.cos(along + shift[1])
    slowness = np.exp(rng.uniform(-0.5, 0.5, (side, side))).astype(np.float32)
    for row in range(97, side, 193):
        slowness[row : row + 2, int(rng.integers(0, side // 4)) :] = np.nan
    cells = rng.choice(np.flatnonzero(~np.isnan(slowness.reshape(-1))), max(1, side * side // 16_000), replace=False)
    return slowness, heights, np.sort(cells)


def ours(folder):
    """CPU seconds of one spreading over the inputs in a folder and the megabytes of the whole process."""
    level, heights, cells = (np.load(folder / f"{name}.npy") for name in ("level", "heights", "cells"))
    walks = heights.size > 0
    how = {"size": (CELL_M, CELL_M), "towards": False, "walker": LANGMUIR if walks else FLAT}
    spread_cost(level[:64, :64], [0], [0], heights=heights[:64, :64] if walks else None, **how)
    started = time.process_time()
    times = spread_cost(level, cells, np.zeros(len(cells)), heights=heights if walks else None, **how)
    seconds = time.process_time() - started
    np.save(folder / "times.npy", times)
    megabytes = float(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1000
    print(json.dumps([seconds, megabytes]))


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.travel")
    parser.add_argument("--sides", type=int, nargs="*", default=[1000, 2000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ours", type=Path, help="one spreading over a folder of inputs, for the table itself")
    options = parser.parse_args()
    if options.ours:
        return ours(options.ours)
    for side in options.sides:
        for walks in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                report(side, options.seed, walks, Path(folder))


def report(side, seed, walks, folder):
    """One line of the table."""
    slowness, heights, cells = ground(side, seed)
    level = np.where(np.isnan(slowness), np.nan, 1).astype(np.float32) if walks else slowness
    for name, values in {"level": level, "heights": heights if walks else heights[:0], "cells": cells}.items():
        np.save(folder / f"{name}.npy", values)
    command = [sys.executable, "-m", "benchmarks.travel", "--ours", str(folder)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    mine, memory = json.loads(answer.stdout)
    theirs, seconds, their_memory = grass.spread(
        folder, slowness, cells, heights=heights if walks else None, size=CELL_M
    )
    times = np.load(folder / "times.npy")
    reached = np.isfinite(times) & np.isfinite(theirs)
    same = "same cells" if (np.isfinite(times) == np.isfinite(theirs)).all() else "OTHER CELLS"
    print(
        f"{side * side / 1e6:5.0f} M cells {'r.walk' if walks else 'r.cost'} {seconds:7.2f} s {their_memory:6.0f} MB"
        f"   ours {mine:6.2f} s {memory:6.0f} MB   ratio {seconds / mine:5.1f}   {same}"
        f"   difference {np.abs(times[reached] - theirs[reached]).max():.3f} s of {times[reached].max():,.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
