"""`python -m benchmarks.names`: how right and how fast names are matched.

Two offices' lists are put together with the truth beside them; each line is one seed, with Wilson's 95 %
interval. Then the time of 10,000 rows against as many villages, in communes and with no commune at all.
"""

import argparse
import sys
import time
from pathlib import Path

import pandas as pd

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from gis.names import match_names  # noqa: E402
from labelled_names import interval, lists, scores  # noqa: E402


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.names")
    parser.add_argument("--seeds", type=int, nargs="*", default=[2025, 2026, 2027])
    parser.add_argument("--communes", type=int, default=1100)
    options = parser.parse_args()
    for seed in options.seeds:
        left, right = lists(seed)
        table = match_names(left, right).table
        hits, automatic, pairs = scores(table, left.set_index("id")["truth"])
        for name, of in (("precision", automatic), ("recall", pairs)):
            low, high = interval(hits, of)
            print(f"seed {seed}, {len(left):,} rows: {name:9} {hits:,} of {of:,} = {hits / of:.4f} ({low:.4f} to {high:.4f})")
        found = left.assign(right=left["id"].map(table.set_index("left_id")["right_id"]))
        found = found[found["truth"].notna()]
        by_rule = (found["right"] == found["truth"]).groupby(found["rule"]).agg(["mean", "size"])
        print("   " + ", ".join(f"{rule} {row['mean']:.2f} of {row['size']:.0f}" for rule, row in by_rule.iterrows()))
    left, right = lists(1, options.communes)
    for name, rows in (("in communes", left), ("no commune", left.assign(commune=None))):
        started = time.perf_counter()
        match_names(rows, right)
        print(f"{len(left):,} rows against {len(right):,} villages, {name}: {time.perf_counter() - started:.1f} s")
    started = time.perf_counter()
    match_names(left.assign(commune="x"), right.assign(commune=pd.Series("x", index=right.index)))
    print(f"the same as one commune: {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
