"""Least cost over terrain beside GRASS, r.cost and r.walk, and beside MCP_Geometric, on the same inputs.

Invented ground: paces are classes of a byte and heights whole metres, as layers have them. Ours is timed after
compiling, in a process of its own, whose memory is that of all it holds, Python and the compiler with it. GRASS is the
one command, with starting it.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.rivals import rival
from benchmarks.table import ROOT, Absent, apart, compared, megabytes, processor_seconds

sys.path.append(str(ROOT / "tests"))

import grass  # noqa: E402

SIDES = {"quick": (500,), "usual": (1000, 2000, 4000), "large": (1000, 2000, 4000, 6000)}
CELL_M = 30.0
NO_GRASS = Absent("GRASS is a package of the system: `apt install grass-core`")


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


def rows(size, turns, seed):
    """Rows of each size of invented ground."""
    for side in SIDES[size]:
        classes, pace, heights, cells = ground(side, seed)
        level = np.where(np.isnan(pace), np.nan, 1).astype(np.float32)
        rivals = ("GRASS", "skimage") if side <= 2000 or size == "large" else ("GRASS",)
        yield from beside("invented", classes, pace, None, cells, CELL_M, turns, rivals=rivals)
        yield from beside("invented", classes, level, heights, cells, CELL_M, turns)
    if size != "quick":
        classes, pace, heights, cells = ground(10_000, seed)
        level = np.where(np.isnan(pace), np.nan, 1).astype(np.float32)
        yield from beside("invented", classes, level, heights, cells, CELL_M, 1, rivals=())


def beside(place, classes, pace, heights, cells, size, turns, *, rivals=("GRASS",)):
    """Rows of one spreading from cells: r.cost without heights, r.walk with them.

    `classes` are positions in `pace`, or seconds a metre where `pace` is None; with heights only its barriers count.
    """
    tool = "r.cost" if heights is None else "r.walk"
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        inputs = {"classes": classes, "pace": pace, "heights": heights, "cells": cells, "size": size}
        for name, values in inputs.items():
            np.save(folder / f"{name}.npy", np.zeros(0, np.float32) if values is None else values)

        def ours():
            seconds, memory = apart("travel", folder)
            return seconds, memory, np.load(folder / "times.npy")

        def theirs():
            with tempfile.TemporaryDirectory() as location:
                high = None if heights is None else heights.astype(np.float32)
                times, seconds, memory = grass.spread(
                    Path(location), slowness, cells, heights=high, size=size
                )
                return seconds, memory, times

        asked = {}
        if "GRASS" in rivals:
            slowness = classes if pace is None else pace[classes]
            asked[f"GRASS {tool}"] = theirs if grass.GRASS else NO_GRASS
        if "skimage" in rivals:
            inputs = {"slowness": slowness, "cells": cells, "size": [size, size]}
            asked["skimage MCP_Geometric"] = rival("skimage", inputs)
        what = "least cost, the same both ways" if heights is None else "least time on foot, over slopes"
        yield from compared(what, f"{classes.size / 1e6:.3g} M cells, {place}", ours, asked, agree, turns)


def agree(ours, theirs):
    """Whether the same cells are reached, within 0.1 s and what some hundred sums in single precision come to."""
    same = np.isfinite(ours) == np.isfinite(theirs)
    reached = np.isfinite(ours) & np.isfinite(theirs)
    off = np.abs(ours[reached] - theirs[reached])
    words = f"{off.max():.3f} s of {ours[reached].max():,.0f}"
    if not same.all():
        return False, f"{(~same).sum():,} cells reached by one only; else {words}"
    return (off <= 0.1 + 2e-5 * ours[reached]).all(), f"same cells, within {words}"


def spread(folder):
    """One spreading over the inputs in a folder; prints its seconds and the megabytes of the whole process."""
    # numba looks for it for linear algebra, of which there is none here
    sys.modules.setdefault("scipy", None)
    from gis.kernels import FLAT, LANGMUIR, spread_cost

    classes, pace, heights, cells, size = (
        np.load(folder / f"{name}.npy") for name in ("classes", "pace", "heights", "cells", "size")
    )
    how = {"pace": pace if len(pace) else None, "size": (float(size), float(size)), "towards": False}
    heights = heights if heights.size else None
    how["walker"] = FLAT if heights is None else LANGMUIR
    small = np.ones((64, 64), classes.dtype)
    level = None if heights is None else np.zeros(small.shape, heights.dtype)
    spread_cost(small, cells[:1] % small.size, np.zeros(1), heights=level, **how)
    started = processor_seconds()
    times = spread_cost(classes, cells, np.zeros(len(cells)), heights=heights, **how)
    seconds = processor_seconds() - started
    most = megabytes()
    np.save(folder / "times.npy", times)
    print(json.dumps([seconds, most]))


if __name__ == "__main__":
    spread(Path(sys.argv[1]))
