"""One process that does long work: takes a job, does it, says how it ended, takes the next."""

import json
import logging
import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.connection import wait

from gis.errors import GisError, Problem
from gis.intake.reports import problem_as_json
from gis.jobs.queueing import Cancelled, fail, load_kinds, lose, take
from gis.store import open_store, queue

log = logging.getLogger("gis.jobs")

IDLE_S = 0.3
PULSE_S = 0.5
"""How often the state of a job is looked at, and written where it has changed."""

KINDLY = 10
"""How far a worker stands back for the pages, in steps of the system's `nice`."""

BEAT_S = 5.0
"""A job that says nothing still gives a sign of life as often as this."""


def work(folder, url, name, kinds):
    """Do what waits in the queue of a store, until the process that started this one ends.

    Parameters
    ----------
    folder : Path
    url : str
        Of the store.
    name : str
        Of this worker; never given twice.
    kinds : str
        Where the mapping of kind to function stands, ``module:NAME``.
    """
    # Ctrl+C reaches the whole group of processes; the parent decides what becomes of this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Readers of pages wait by the second, who sent a file waits anyhow; its reading process takes after this one.
    if hasattr(os, "nice"):
        os.nice(KINDLY)
    store = open_store(folder, url)
    known = load_kinds(kinds)
    pulse = Pulse(store, known)
    pulse.start()
    while True:
        try:
            job = take(store, name)
        except GisError as fault:
            log.warning("no work can be taken: %s", fault)
            job = None
        if job is None:
            time.sleep(IDLE_S)
            continue
        progress = pulse.follow(job)
        outcome = do(known, store, job, progress)
        pulse.follow(None)
        # A worker that cannot write how a job ended must not seem to be still at it: it ends by this fault.
        if not finish(store, job, **outcome):
            log.warning("job %s was given to another worker meanwhile", job["id"])


def do(kinds, store, job, progress):
    """How a job ends: its state, and the result or the problems; raises nothing but the end of the process."""
    function = kinds.get(job["kind"])
    if function is None:
        return {"state": "failed", "problems": [Problem("jobs-unknown", {"kind": job["kind"]}, "error")]}
    try:
        result = function(store, job["arguments"], progress)
        json.dumps(result, allow_nan=False)
    except Cancelled:
        return {"state": "cancelled"}
    except GisError as fault:
        return {"state": "failed", "problems": fault.problems}
    except MemoryError:
        return {"state": "failed", "problems": [Problem("jobs-memory", {}, "error")]}
    except Exception:
        log.exception("job %s (%s) failed", job["id"], job["kind"])
        return {"state": "failed", "problems": [Problem("jobs-broken", {"job": str(job["id"])}, "error")]}
    return {"state": "done", "result": result}


def finish(store, job, *, state, result=None, problems=()):
    """Record how a job ended; False where it is not this worker's any more."""
    with store.writing(job["worker"]) as change:
        if state == "failed":
            return fail(change, job, problems)
        values = {"fraction": 1.0, "result": result} if state == "done" else {}
        return queue.move(change, job, state=state, ended_at=change.at, **values)


class Progress:
    """The `report` of one job: keeps what the work says until the pulse writes it down.

    It touches no database, so the work may call it as often as it likes and in the middle of a change.
    """

    def __init__(self, job):
        self.job, self.told, self.stopped = job, None, threading.Event()

    def __call__(self, fraction, code, /, **arguments):
        if self.stopped.is_set():
            raise Cancelled
        self.tell(fraction, code, **arguments)

    def tell(self, fraction, code, /, **arguments):
        """The same for work that ends by itself, with what it has, once `stopped` is set."""
        self.told = min(max(float(fraction), 0.0), 1.0), Problem(code, arguments, "note")


class Pulse(threading.Thread):
    """Writes down what the present job says, learns whether it was cancelled, and minds the parent."""

    def __init__(self, store, kinds):
        super().__init__(daemon=True)
        self._store, self._kinds, self._progress = store, kinds, None
        self._written, self._beats, self._beaten = None, 0, 0.0

    def follow(self, job):
        """Mind another job from now on, or none; the `Progress` of it."""
        self._progress = job and Progress(job)
        return self._progress

    def run(self):
        parent = multiprocessing.parent_process()
        while not wait([parent.sentinel], timeout=PULSE_S):
            if (progress := self._progress) is not None:
                try:
                    self._mind(progress)
                except GisError as fault:
                    log.warning("the progress of job %s is not recorded: %s", progress.job["id"], fault)
        self._leave()

    def _mind(self, progress):
        job = progress.job
        with self._store.reading() as connection:
            now = queue.get(connection, job["id"])
        if now["cancel"] or any(now[name] != job[name] for name in queue.KNOWN):
            progress.stopped.set()
        told, moment = progress.told, time.monotonic()
        if told is self._written and moment - self._beaten < BEAT_S:
            return
        values = {"beat": float(self._beats + 1)}
        if told is not None:
            values |= {"fraction": told[0], "saying": problem_as_json(told[1])}
        with self._store.writing(job["worker"]) as change:
            queue.move(change, job, **values)
        self._written, self._beats, self._beaten = told, self._beats + 1, moment

    def _leave(self):
        # The server is gone, and nobody else knows of this worker.
        try:
            if (progress := self._progress) is not None:
                again = getattr(self._kinds.get(progress.job["kind"]), "repeatable", False)
                with self._store.reading() as connection:
                    now = queue.get(connection, progress.job["id"])
                if all(now[name] == progress.job[name] for name in queue.KNOWN):
                    lose(self._store, now, repeatable=again, to_blame=False)
        finally:
            os._exit(1)
