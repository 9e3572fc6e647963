"""`make bench`: one table of what the product takes and what its rivals take.

Ours and each rival are asked in turn on the machine at hand: compare ratios, not seconds. A rival that is absent is
named with how to get it; a row whose answers are not as near as they must be is marked, and the exit code is then 1.
"""

import argparse
import importlib
import sys

from benchmarks.table import HEADING, ROOT, SIZES, markdown, plain, put_into, today

TOPICS = (
    "travel", "andorra", "network", "people", "allocation", "findings", "evaluate", "province", "scenario", "plans",
)  # fmt: skip
"""Modules with `rows(size, turns, seed)`, in the order of the table."""
QUOTED = (
    ("GRASS r.cost", "invented"),
    ("GRASS r.walk", "invented"),
    ("GRASS r.walk", "Andorra"),
    ("scipy dijkstra, with ways back", ""),
    ("exactextract", ""),
    ("geopandas.overlay", "pieces"),
)
"""Rivals, and what the size says."""


def quoted(rows):
    """The rows that the README shows: the largest size of each in `QUOTED`, where the rival was there."""
    found = [
        [row for row in rows if row.rival == rival and row.rival_s and place in row.size]
        for rival, place in QUOTED
    ]
    return [each[-1] for each in found if each]


def main(arguments=None):
    """Print the table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    for size in (SIZES[0], SIZES[2]):
        parser.add_argument(f"--{size}", dest="size", action="store_const", const=size, help=f"{size} sizes")
    parser.set_defaults(size=SIZES[1])
    parser.add_argument(
        "--only", nargs="+", choices=TOPICS, default=TOPICS, metavar="TOPIC", help=", ".join(TOPICS)
    )
    parser.add_argument("--seed", type=int, default=1, help="of what is invented")
    parser.add_argument("--turns", type=int, default=3, help="how often each is asked; medians are kept")
    parser.add_argument(
        "--write", action="store_true", help="into docs/speed.md, and what README.md quotes of it"
    )
    options = parser.parse_args(arguments)
    if options.write and options.only is not TOPICS:
        parser.error("--write is of the whole table, without --only")
    rows = []
    print(plain(HEADING), flush=True)
    for topic in options.only:
        for row in importlib.import_module(f"benchmarks.{topic}").rows(
            options.size, options.turns, options.seed
        ):
            rows.append(row)
            print(plain(row.cells), flush=True)
    if options.write:
        for name, table in (
            ("docs/speed.md", markdown(rows, today())),
            ("README.md", markdown(quoted(rows), today(), 6)),
        ):
            page = ROOT / name
            page.write_text(put_into(page.read_text(encoding="utf-8"), table), encoding="utf-8")
    return 0 if all(row.agrees for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
