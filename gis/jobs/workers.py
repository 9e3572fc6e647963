"""The server's side of long work: starts the workers, watches them, settles what they leave behind."""

import logging
import multiprocessing
import secrets
import threading
import time
from dataclasses import dataclass

from gis.errors import GisError, Problem
from gis.jobs.queueing import fail, load_kinds, lose
from gis.jobs.worker import work
from gis.store import queue

log = logging.getLogger("gis.jobs")

KINDS = "gis.workflows.jobs:KINDS"
WATCH_S = 0.5
CANCEL_S = 10.0
"""Work that was cancelled and does not stop by itself in this time is ended with its process."""

SILENCE_S = 40.0
"""A worker of another server counts as gone when it gave no sign of life for so long."""

SHORT_LIFE_S = 20.0
LONGEST_PAUSE_S = 30.0


@dataclass
class _Place:
    """One worker: its process, and when the next may be started after it died."""

    name: str = ""
    process: object = None
    started: float = 0.0
    not_before: float = 0.0
    deaths: int = 0


@dataclass
class _Seen:
    """What was seen of a running job, by this process's own clock, which nobody sets back."""

    job: dict
    since: float
    beat_since: float
    cancelled_since: float | None = None


class Workers:
    """A context manager: processes that do the long work of a store while it lasts.

    Parameters
    ----------
    store : Store
    count : int
        How many processes; with none, only what another server left behind is settled.
    job_seconds : float
        A job that takes longer is ended and fails.
    kinds : str
        Where the mapping of kind to function stands, ``module:NAME``.
    """

    def __init__(self, store, *, count=1, job_seconds=900.0, kinds=KINDS):
        self._store, self._limit, self._kinds = store, job_seconds, kinds
        self._known = load_kinds(kinds)
        self._places = [_Place() for _ in range(count)]
        self._gone, self._seen = set(), {}
        self._stopping, self._watcher = threading.Event(), None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Start the processes and the thread that watches them."""
        self._fill()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def stop(self):
        """End all processes; what they were at is interrupted, or waits again where it may be repeated."""
        self._stopping.set()
        self._watcher.join()
        for place in self._places:
            self._end(place)
        try:
            for job in self._running():
                if job["worker"] in self._gone:
                    self._lose(job, to_blame=False)
        except GisError as fault:
            log.warning("the jobs of this server are not settled: %s", fault)

    def _watch(self):
        while not self._stopping.wait(WATCH_S):
            try:
                self._look()
            except GisError as fault:
                log.warning("the workers cannot be watched: %s", fault)

    def _look(self):
        self._bury()
        running = self._running()
        for job in running:
            if job["worker"] in self._gone:
                self._lose(job)
            else:
                self._judge(job, self._remember(job))
        self._seen = {job["id"]: self._seen[job["id"]] for job in running if job["id"] in self._seen}
        self._gone.clear()
        self._fill()

    def _running(self):
        with self._store.reading() as connection:
            return queue.listed(connection, states=("running",))

    def _bury(self):
        """Learn which processes died; what they had is found after this, and they take nothing more."""
        for place in self._places:
            if place.process is not None and not place.process.is_alive():
                log.warning("a worker ended with status %s", place.process.exitcode)
                short = time.monotonic() - place.started < SHORT_LIFE_S
                place.deaths = place.deaths + 1 if short else 0
                self._end(place)

    def _end(self, place):
        if place.process is not None:
            place.process.kill()
            place.process.join()
            place.process.close()
            self._gone.add(place.name)
            place.process = None
            pause = min(2.0**place.deaths - 1, LONGEST_PAUSE_S)
            place.not_before = time.monotonic() + pause

    def _fill(self):
        spawn = multiprocessing.get_context("spawn")
        for place in self._places:
            if place.process is None and time.monotonic() >= place.not_before:
                place.name, place.started = secrets.token_hex(8), time.monotonic()
                asked = (self._store.folder, self._store.url, place.name, self._kinds)
                place.process = spawn.Process(target=work, args=asked, daemon=True)
                place.process.start()

    def _remember(self, job):
        """What is known of a running job, the same one by the same worker in the same try."""
        moment, seen = time.monotonic(), self._seen.get(job["id"])
        if seen is None or any(seen.job[name] != job[name] for name in queue.KNOWN):
            seen = self._seen[job["id"]] = _Seen(job, moment, moment)
        if job["beat"] != seen.job["beat"]:
            seen.beat_since = moment
        if job["cancel"] and seen.cancelled_since is None:
            seen.cancelled_since = moment
        seen.job = job
        return seen

    def _judge(self, job, seen):
        moment = time.monotonic()
        place = next((place for place in self._places if place.name == job["worker"]), None)
        if place is None:
            if moment - seen.beat_since > SILENCE_S:
                self._lose(job)
        elif seen.cancelled_since is not None and moment - seen.cancelled_since > CANCEL_S:
            self._end(place)
            self._lose(job)
        elif moment - seen.since > self._limit:
            self._end(place)
            with self._store.writing(job["worker"]) as change:
                fail(change, job, [Problem("jobs-too-long", {"seconds": self._limit}, "error")])

    def _lose(self, job, *, to_blame=True):
        again = getattr(self._known.get(job["kind"]), "repeatable", False)
        lose(self._store, job, repeatable=again, to_blame=to_blame)
