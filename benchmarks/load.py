"""How the pages hold when many look at a study at once: ``python -m benchmarks.load http://127.0.0.1:8000 nandurbar``.

Each viewer keeps one connection, as a browser does, and goes on from page to page: the overview, the workspace with
its map, a list, a scorecard, sometimes a workbook; between two pages they look for some seconds. What a viewer has
already is asked for by its ETag. Printed are, by what was asked, how many, the median, the 95th percentile and the
most in milliseconds, and what failed. With ``--pid`` of the server, its memory before and after.

``--slow 200`` adds so many who send their request a letter at a time and never end. ``--heavy 20000 --store FOLDER`` looks
again while a worker of the server takes so many village outlines into its store, and prints how much longer the map took.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import quote, urlsplit

PATIENCE_S = 30.0
STEPS = (
    ("overview", 3),
    ("workspace", 3),
    ("villages", 2),
    ("scorecard", 2),
    ("communes", 1),
    ("workbook", 0.05),
)
"""What a viewer does next, and how often."""

SHARES = (0.5, 0.95, 0.99)


class Failed(Exception):
    """An answer that is none, or not the one that was asked for."""


class Viewer:
    """One reader: a connection, what they have seen, and their own choice of what comes next."""

    def __init__(self, place, study, known, seed):
        self.place, self.study, self.known = place, study, known
        self.choice = random.Random(seed)
        self.seen, self.reader, self.writer = {}, None, None

    async def get(self, path, kind, tell):
        """Ask once; tells kind, seconds, and what went wrong or None."""
        began = time.perf_counter()
        try:
            status, size = await asyncio.wait_for(self._patiently(path), PATIENCE_S)
            wrong = None if status in (200, 304) else f"status {status}"
        except (OSError, Failed, asyncio.IncompleteReadError, TimeoutError) as error:
            wrong, size = type(error).__name__, 0
            self.close()
        tell(kind, time.perf_counter() - began, wrong, size)

    async def _patiently(self, path):
        # A page that says when to come again comes again by itself; the time until it is there counts.
        while (answer := await self._ask(path))[0] == 503:
            await asyncio.sleep(2)
        return answer

    async def _ask(self, path):
        for again in (False, True):
            if self.writer is None:
                self.reader, self.writer = await asyncio.open_connection(*self.place)
            known = f"If-None-Match: {self.seen[path]}\r\n" if path in self.seen else ""
            text = f"GET {path} HTTP/1.1\r\nHost: {self.place[0]}:{self.place[1]}\r\nAccept-Encoding: gzip\r\n{known}\r\n"
            try:
                self.writer.write(text.encode())
                await self.writer.drain()
                return await self._answer(path)
            except (ConnectionError, asyncio.IncompleteReadError):
                # A server may close a connection that was silent for long; a browser asks once more.
                self.close()
                if again:
                    raise
        raise Failed

    async def _answer(self, path):
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split()[1])
        fields = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
        }
        length = int(fields.get("content-length", 0))
        if status != 304 and length:
            await self.reader.readexactly(length)
        if "etag" in fields and path.endswith("json"):
            self.seen[path] = fields["etag"]
        if fields.get("connection", "").lower() == "close":
            self.close()
        return status, length

    def close(self):
        """Hang up."""
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def step(self, tell):
        """Open the next page with what it loads."""
        names, weights = zip(*STEPS, strict=True)
        name, here = self.choice.choices(names, weights)[0], f"/studies/{self.study}"
        village = quote(self.choice.choice(self.known["villages"]))
        commune = quote(self.choice.choice(self.known["communes"]))
        page = {
            "overview": here,
            "workspace": f"{here}/map",
            "villages": f"{here}/villages?commune={commune}",
            "scorecard": f"{here}/villages/{village}",
            "communes": f"{here}/communes",
            "workbook": f"{here}/villages.xlsx?commune={commune}",
        }[name]
        await self.get(page, name, tell)
        if name in ("overview", "workspace"):
            for file in self.known["files"]:
                await self.get(f"{here}/{file}", "map data", tell)
        if name == "workspace":
            await self.get(f"{here}/villages/{village}.json", "scorecard data", tell)

    async def look_around(self, end, think_s, tell):
        """Look at pages until `end`, with pauses around `think_s` seconds between them."""
        await asyncio.sleep(self.choice.uniform(0, think_s))
        while time.perf_counter() < end:
            await self.step(tell)
            await asyncio.sleep(self.choice.uniform(0.5, 1.5) * think_s)
        self.close()


async def linger(place, end):
    """A connection that sends a request a letter at a time and never ends it."""
    while time.perf_counter() < end:
        try:
            _, writer = await asyncio.open_connection(*place)
            for letter in "GET / HTTP/1.1\r\nX-Slow: " + "x" * 10_000:
                writer.write(letter.encode())
                await writer.drain()
                await asyncio.sleep(5)
                if time.perf_counter() >= end:
                    break
            writer.close()
        except OSError:
            await asyncio.sleep(5)


async def learn(viewer):
    """The villages and communes of the study, from its own table; waits while it is computed."""
    table = None
    while table is None:
        reader, writer = await asyncio.open_connection(*viewer.place)
        writer.write(
            f"GET /studies/{viewer.study}/map.json HTTP/1.0\r\nHost: {viewer.place[0]}\r\n\r\n".encode()
        )
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        status = int(head.split()[1])
        if status == 200:
            table = json.loads(body)
        elif status != 503:
            raise SystemExit(f"study {viewer.study}: status {status}")
        else:
            await asyncio.sleep(1)
    ids = [row[table["columns"].index("id")] for row in table["rows"]]
    communes = [each[0] for each in table["communes"]]
    return {"villages": ids, "communes": communes, "files": ["map.json", "map.geojson", "communes.geojson"]}


async def load(address, study, *, viewers, seconds, think_s, slow=0):
    """Let many viewers look for some seconds.

    Returns
    -------
    dict of str to list of (float, str or None, int)
        What was asked to seconds, what went wrong, and bytes, for each answer.
    """
    parts, told = urlsplit(address), defaultdict(list)
    place = parts.hostname, parts.port or 80
    known = await learn(Viewer(place, study, None, 0))
    end = time.perf_counter() + seconds

    def tell(kind, took, wrong, size):
        told[kind].append((took, wrong, size))

    crowd = [Viewer(place, study, known, seed).look_around(end, think_s, tell) for seed in range(viewers)]
    lingering = [asyncio.ensure_future(linger(place, end)) for _ in range(slow)]
    await asyncio.gather(*crowd)
    for each in lingering:
        each.cancel()
    return told


def summary(told, seconds):
    """Rows of text: kind, count, median, 95th and 99th percentile and most in ms, failures."""
    lines = [f"{'asked':16} {'count':>7} {'p50':>7} {'p95':>7} {'p99':>7} {'most':>7}  ms  failed"]
    everything = [each for rows in told.values() for each in rows]
    for kind, rows in [*sorted(told.items()), ("all", everything)]:
        times = sorted(took for took, _, _ in rows)
        cuts = [times[min(int(share * len(times)), len(times) - 1)] for share in SHARES] + [times[-1]]
        wrong = [what for _, what, _ in rows if what]
        names = ", ".join(f"{wrong.count(what)} {what}" for what in sorted(set(wrong)))
        lines.append(
            f"{kind:16} {len(rows):7} "
            + " ".join(f"{cut * 1000:7.0f}" for cut in cuts)
            + f"      {names or 0}"
        )
    size = statistics.fmean(size for _, _, size in everything) / 1000
    share = sum(bool(what) for _, what, _ in everything) / len(everything)
    lines.append(f"{len(everything) / seconds:.0f} answers/s, {size:.1f} kB each, failed {share:.3%}")
    return lines


def late(rows, share=0.95):
    """Seconds within which this share of the answers came."""
    times = sorted(took for took, _, _ in rows)
    return times[min(int(share * len(times)), len(times) - 1)]


def begin_import(folder, count, made):
    """Have a worker take many outlines into a store as a new study; the number of the job and the store."""
    import pyogrio

    from benchmarks.imports import outlines
    from gis.jobs import enqueue
    from gis.store import open_store

    pyogrio.write_dataframe(outlines(count), Path(made) / "thon.gpkg")
    study = Path(made) / "study.yaml"
    study.write_text(
        f"id: nhap-{count}-{os.getpid()}\ntitle: Lớn\ncriteria: sdg-access\nlayers:\n  villages:\n    file: thon.gpkg\n"
        "    fields: {village_id: ma_thon, name: ten_thon, commune: xa}\n",
        encoding="utf-8",
    )
    store = open_store(folder)
    return store, enqueue(store, "import-folder", {"path": str(study), "who": "benchmark"}, who="benchmark")


def beside_import(given, look):
    """Look once more while an import is at work; prints how the map fared."""
    from gis.jobs import get

    with tempfile.TemporaryDirectory() as made:
        store, number = begin_import(given.store, given.heavy, made)
        while get(store, number)["state"] == "queued":
            time.sleep(0.2)
        told = look()
        state = get(store, number)["state"]
        print(f"the import of {given.heavy:,} outlines was {state} at the end")
        while get(store, number)["state"] == "running":
            time.sleep(1)
        store.close()
    return told


def memory_mb(pid):
    """Resident and most resident memory of a process, in MB."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return tuple(int(found[name].split()[0]) / 1000 for name in ("VmRSS", "VmHWM"))


def processor_s(pid):
    """Seconds that the processor has worked for a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(arguments=None):
    """Print what was found; the exit code is 1 where the 95th percentile or the failures are beyond the goal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__.splitlines()[0])
    parser.add_argument("address")
    parser.add_argument("study")
    parser.add_argument("--viewers", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=10, help="seconds that a viewer looks at a page")
    parser.add_argument("--slow", type=int, default=0, help="connections beside them that never end")
    parser.add_argument("--pid", type=int, help="of the server, to print its memory")
    parser.add_argument("--heavy", type=int, default=0, help="outlines that a worker takes in meanwhile")
    parser.add_argument("--store", type=Path, help="of the server, for --heavy")
    given = parser.parse_args(arguments)
    if given.heavy and not given.store:
        parser.error("--heavy needs --store")

    def look():
        began, worked = time.perf_counter(), processor_s(given.pid) if given.pid else 0.0
        wanted = {
            "viewers": given.viewers,
            "seconds": given.seconds,
            "think_s": given.think,
            "slow": given.slow,
        }
        told = asyncio.run(load(given.address, given.study, **wanted))
        print("\n".join(summary(told, time.perf_counter() - began)))
        if given.pid:
            worked = processor_s(given.pid) - worked
            print(
                f"processor of the server: {worked:.1f} s, {worked / sum(map(len, told.values())) * 1000:.2f} ms an answer"
            )
            print("memory of the server: {:.0f} MB, {:.0f} at most".format(*memory_mb(given.pid)))
        return told

    told = look()
    rows = [each for kind in told.values() for each in kind]
    good = late(rows) <= 2 and sum(bool(what) for _, what, _ in rows) <= 0.001 * len(rows)
    if given.heavy:
        beside = beside_import(given, look)
        ratio = late(beside["map data"]) / late(told["map data"])
        print(f"95th percentile of the map beside the import: {ratio:.2f} times")
        good = good and ratio < 2
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
