"""`python -m benchmarks.network`: least time along roads beside scipy and pandana, on the same invented network.

The network is a grid of streets of which a third is missing, with lengths and speeds drawn by a seed. Printed are
medians of the CPU seconds of several runs in turn, how far the times differ, and the megabytes of one process that
does nothing but build the network and spread once. A plain search in breadth over the same edges is the limit. Pandana
is asked once, with preparing, only where it can be imported; it keeps an environment of its own.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numba import njit
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.kernels import nearest_few, network_times

NODES_A_SOURCE = 333


def streets(nodes, seed):
    """Offsets, heads and seconds of a directed network, and the nodes of its facilities."""
    side = int(nodes**0.5)
    random = np.random.default_rng(seed)
    number = np.arange(side * side, dtype=np.int32).reshape(side, side)
    one = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    other = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = random.random(len(one)) < 0.65
    one, other = one[kept], other[kept]
    seconds = random.uniform(20, 180, len(one)) / random.choice([5, 10, 20, 30, 40], len(one)) * 3.6
    tail, head, seconds = np.concatenate([one, other]), np.concatenate([other, one]), np.tile(seconds, 2)
    order = np.argsort(tail, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=side * side))])
    cells = random.choice(side * side, side * side // NODES_A_SOURCE, replace=False)
    return first, head[order], seconds[order], np.sort(cells)


@njit
def in_breadth(first, heads, cells):
    """How many edges each node is from the nearest source; no times, as a limit of what can be."""
    found, queue = np.full(len(first) - 1, -1, np.int32), np.empty(len(first) - 1, np.int32)
    done, count = 0, len(cells)
    queue[:count] = cells
    found[cells] = 0
    while done < count:
        node = queue[done]
        done += 1
        for edge in range(first[node], first[node + 1]):
            if found[heads[edge]] < 0:
                found[heads[edge]] = found[node] + 1
                queue[count] = heads[edge]
                count += 1
    return found


def in_turn(works, runs):
    """Median CPU seconds of each of some functions, called in turn after one round that is not counted."""
    answers = [work() for work in works]
    taken = [[] for _ in works]
    for _ in range(runs):
        for work, spent in zip(works, taken, strict=True):
            started = time.process_time()
            work()
            spent.append(time.process_time() - started)
    return [statistics.median(spent) for spent in taken], answers


def pandana_seconds(first, heads, seconds, cells):
    """CPU seconds of building pandana's network and asking it once, and its times; None without pandana."""
    try:
        import pandana
        import pandas as pd
    except ImportError:
        return None
    count = len(first) - 1
    tails = np.repeat(np.arange(count), np.diff(first))
    side = int(count**0.5)
    x, y = (pd.Series(part.astype(float)) for part in np.divmod(np.arange(count), side))
    once = tails < heads
    started = time.process_time()
    network = pandana.Network(
        x, y, pd.Series(tails[once]), pd.Series(heads[once]), pd.DataFrame({"s": seconds[once]}), twoway=True
    )
    network.set_pois("places", 1e9, 1, x[cells], y[cells])
    times = network.nearest_pois(1e9, "places", num_pois=1)[1].to_numpy()
    return time.process_time() - started, times


def once(nodes, seed):
    """Seconds of building and of one spreading, and the megabytes of this process."""
    network_times(np.zeros(1), [], [], [], [])
    first, heads, seconds, cells = streets(nodes, seed)
    started = time.process_time()
    times, _, _ = network_times(first, heads, seconds, cells, np.zeros(len(cells)))
    spent = time.process_time() - started
    megabytes = float(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1000
    print(json.dumps([spent, megabytes, int(np.isfinite(times).sum())]))


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.network")
    parser.add_argument("--nodes", type=int, default=1_000_000, help="of the network beside its rivals")
    parser.add_argument(
        "--large", type=int, default=10_000_000, help="nodes of the network whose memory is told"
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--once", type=int, help="one spreading over so many nodes, for the table itself")
    options = parser.parse_args()
    if options.once:
        return once(options.once, options.seed)
    first, heads, seconds, cells = streets(options.nodes, options.seed)
    starts, count = np.zeros(len(cells)), len(first) - 1
    matrix = csr_array((seconds, heads, first.astype(np.int32)), shape=(count, count))
    works = [
        lambda: network_times(first, heads, seconds, cells, starts),
        lambda: dijkstra(matrix, indices=cells, min_only=True, return_predecessors=True),
        lambda: dijkstra(matrix, indices=cells, min_only=True),
        lambda: in_breadth(first, heads, cells),
    ]
    (ours, whole, bare, limit), answers = in_turn(works, options.runs)
    times, theirs = answers[0][0], answers[2]
    both = np.isfinite(times) & np.isfinite(theirs)
    same = "same nodes" if (np.isfinite(times) == np.isfinite(theirs)).all() else "OTHER NODES"
    print(
        f"{count:,} nodes, {len(heads) // 2:,} streets, {len(cells):,} facilities: times, nearest and way back"
    )
    print(f"  ours                          {ours:8.3f} s")
    print(f"  scipy, with ways back         {whole:8.3f} s   ratio {whole / ours:6.1f}")
    print(f"  scipy, times alone            {bare:8.3f} s   ratio {bare / ours:6.1f}   {same}, "
          f"difference {np.abs(times[both] - theirs[both]).max():.6f} s of {times[both].max():,.0f}")  # fmt: skip
    print(f"  a plain search in breadth     {limit:8.3f} s   ratio {limit / ours:6.2f}")
    rival = pandana_seconds(first, heads, seconds, cells)
    if rival is None:
        print("  pandana is not installed here")
    else:
        far = np.abs(np.minimum(rival[1], 1e9) - np.minimum(times, 1e9)).max()
        print(
            f"  pandana, built and asked once {rival[0]:8.1f} s   ratio {rival[0] / ours:6.0f}   difference {far:.3f} s"
        )
    started = time.process_time()
    nearest_few(first, heads, seconds, cells, starts, count=3)
    print(f"  ours, the nearest three       {time.process_time() - started:8.3f} s")
    command = [
        sys.executable,
        "-m",
        "benchmarks.network",
        "--once",
        str(options.large),
        "--seed",
        str(options.seed),
    ]
    answer = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    spent, megabytes, reached = json.loads(answer.stdout)
    print(
        f"{options.large:,} nodes: ours {spent:.2f} s, {megabytes:,.0f} MB with making it, {reached:,} reached"
    )


if __name__ == "__main__":
    main()
