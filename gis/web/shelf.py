"""The studies that were found, each computed once, and again when one of its files changes."""

import contextlib
import itertools
import logging
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from pathlib import Path

from flask import g, has_request_context

from gis.errors import GisError, Problem, StoreError
from gis.names import fold
from gis.narrowing import narrow
from gis.store import marks, studies
from gis.web.memory import give_back
from gis.web.origins import FileOrigin, FrozenOrigin, StoredOrigin, find_frozen
from gis.web.prepared import Prepared

log = logging.getLogger("gis.web")

LOOK_AGAIN_S = 1.0
MOST_FROZEN = 3
"""Frozen studies that stay open; they are opened again in a moment."""
MOST_PARTS = 16
"""So many parts of a study, as accounts of a few communes see it, are kept."""
MOST_WORKED_OUT, MOST_AT_WORK = 12, 6
"""So many things that were worked out are kept, so many are worked on or wait for it; who asks for more comes again."""
LARGE = threading.BoundedSemaphore(2)
"""So many threads of the server make something large or wait for it; the others stay with the pages."""


class Shelf:
    """All studies of the store and under one folder.

    Parameters
    ----------
    folder : Path
        Studies are ``<folder>/<name>/study.yaml`` and ``<folder>/<name>.yaml``.
    open_review : callable
        ``open_review(path, report) -> Review``; may raise `GisError`.
    prepare : callable
        ``prepare(standing)``, called in the background when a review is ready.
    store : Store, optional
    open_stored : callable, optional
        ``open_stored(study_id, report) -> Review``, needed with `store`.
    """

    def __init__(self, folder, open_review, prepare, *, store=None, open_stored=None):
        self.folder = Path(folder)
        self._open_review = open_review
        self._prepare = prepare
        self._store, self._open_stored = store, open_stored
        self._caches = store.folder / "caches" if store is not None else None
        self._watch = marks.Watch(store) if store is not None else None
        self._remembered = {}
        self._prepared = Prepared()
        self._standings = {}
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()

    def found(self):
        """Study id to where it comes from, in order of id; looked up anew, so that a new one appears by itself.

        A study of the store has its own id; one of the folder gets another where that is taken.
        """
        ids = dict(self._stored())
        files = [*self.folder.glob("*/study.yaml"), *self.folder.glob("*.yaml")]
        for path in sorted(path for path in files if path.is_file()):
            name = path.parent.name if path.name == "study.yaml" and path.parent != self.folder else path.stem
            wanted = fold(name).replace(" ", "-") or "study"
            free = (wanted if n == 1 else f"{wanted}-{n}" for n in range(1, len(ids) + 2))
            ids[next(id_ for id_ in free if id_ not in ids)] = FileOrigin(
                path, self.folder, self._open_review
            )
        return dict(sorted(ids.items()))

    def recorded(self):
        """The last line that was written into the diary of the store; None without one, or in a new one."""
        return self._watch.last() if self._watch else None

    def remembered(self, name, look):
        """What ``look()`` finds in the records, looked up again only when something was recorded since."""
        at, found = self.recorded(), self._remembered.get(name)
        if found is None or found[0] != at:
            found = self._remembered[name] = at, look()
        return found[1]

    def stored_ids(self):
        """Ids of the studies of the store."""
        return self.remembered("studies", self._list) if self._store is not None else ()

    def _list(self):
        with self._store.reading() as connection:
            return tuple(row["id"] for row in studies.list_studies(connection))

    def _stored(self):
        return ((id_, StoredOrigin(self._store, id_, self._open_stored)) for id_ in self.stored_ids())

    def peek(self, study_id):
        """How a study stands, without starting anything; None where nobody asked for it yet."""
        with self._lock:
            return self._standings.get(study_id)

    def look(self, study_id, *, wait_s=0.0):
        """How a study stands; starts computing it when that was not done or its files changed.

        An id with the key of a frozen version is that version.

        Raises
        ------
        KeyError
            If there is no study of that id.
        """
        origin = find_frozen(self._store, study_id) or self.found()[study_id]
        with self._lock:
            standing = self._standings.get(study_id)
            if standing is None and isinstance(origin, FrozenOrigin):
                self._let_frozen_go()
            if standing is None or standing.origin.key != origin.key or standing.is_outdated():
                standing = self._standings[study_id] = Standing(
                    study_id, origin, self._caches, self._prepared
                )
                threading.Thread(target=self._compute, args=(standing,), daemon=True).start()
        standing.done.wait(wait_s)
        return standing

    def _let_frozen_go(self):
        frozen = [id_ for id_, one in self._standings.items() if isinstance(one.origin, FrozenOrigin)]
        for study_id in frozen[: max(0, len(frozen) - MOST_FROZEN + 1)]:
            del self._standings[study_id]

    def warm(self):
        """Start computing every study, in the background."""
        for study_id in self.found():
            self.look(study_id)

    def _compute(self, standing):
        with self._one_at_a_time:
            standing.compute()
            if standing.review is not None:
                try:
                    self._prepare(standing)
                except Exception:
                    # The page that needs it will try again and tell its reader.
                    log.exception("the map of study %r could not be prepared", standing.study_id)
            give_back()


class Standing:
    """One study on its way from file to review.

    Attributes
    ----------
    done : Event
        Set when `review` or `problems` is there.
    review : Review or None
    problems : tuple of Problem
        Why there is no review.
    fraction, saying
        Progress from 0 to 1 and the `Problem` that says what is being done.
    folder : Path or None
        Where what is worth keeping over a restart may be kept.
    whole : Standing
        The whole study, where this is a part of it as `within` gives one; else itself.
    """

    _numbers = itertools.count()

    def __init__(self, study_id, origin, folder=None, prepared=None):
        self.study_id = study_id
        self.origin = origin
        self.folder = folder
        self.done = threading.Event()
        self.review = None
        self.problems = ()
        self.fraction = 0.0
        self.saying = Problem("web-waiting", {}, "note")
        self._looked = time.monotonic()
        # What a standing that is no more has left there goes as the least used.
        self._prepared = Prepared() if prepared is None else prepared
        self._number = next(self._numbers)
        self._making = {}
        self._under = {}
        self._within = OrderedDict()
        self.whole = self
        self._worked_out, self._for_good = OrderedDict(), set()
        self._keeping = threading.Lock()
        self._beside = {}

    @property
    def state(self):
        """``"computing"``, ``"ready"`` or ``"failed"``."""
        if not self.done.is_set():
            return "computing"
        return "ready" if self.review is not None else "failed"

    def compute(self):
        """Read and judge the study; every outcome ends in `done`."""
        try:
            self.review = self.origin.open(self._report)
        except GisError as error:
            self.problems = error.problems
        except Exception:
            # The reader gets a short sentence; what happened is for the log.
            log.exception("study %r could not be computed", self.study_id)
            self.problems = (Problem("web-study-failed", {"study": self.study_id}, "error"),)
        finally:
            self._looked = time.monotonic()
            self.done.set()

    def is_outdated(self):
        """Whether what decides about this study is not what it was when computing began."""
        if not self.done.is_set() or time.monotonic() - self._looked < LOOK_AGAIN_S:
            return False
        self._looked = time.monotonic()
        return self.origin.has_changed(failed=self.review is None)

    def prepared(self, key, make):
        """What `make()` gives, made once for `key` and kept as long as `Prepared` has room.

        Readers of what is ready never wait for what another reader has made.

        Parameters
        ----------
        key : tuple
            Begins with the kind of thing; holds no free text, of which there is no end.
        make : callable
            ``make() -> Payload``.
        """
        kept = self._number, key
        if (payload := self._prepared.get(kept)) is not None:
            return payload
        with self._alone(key):
            if (payload := self._prepared.get(kept)) is None:
                payload = make()
                self._prepared.put(kept, payload)
        return payload

    @contextlib.contextmanager
    def _alone(self, key):
        """One at a time makes what `key` names; who comes meanwhile waits and then finds it made."""
        with self._keeping:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            try:
                yield
            finally:
                with self._keeping:
                    self._making.pop(key, None)

    def prepared_in_turn(self, key, make, *, wait_s):
        """The same for what takes seconds of the processor, such as a workbook: few are made or waited for at once.

        Raises
        ------
        TimeoutError
            If as many readers as may are waiting for such things, after `wait_s` seconds.
        """
        if (self._number, key) in self._prepared:
            return self.prepared(key, make)
        if not LARGE.acquire(timeout=wait_s):
            raise TimeoutError
        try:
            return self.prepared(key, make)
        finally:
            LARGE.release()

    def beside(self, key, version, make):
        """What `make()` gives, kept until `version` is another: what is recorded beside the judgement."""
        found = self._beside.get(key)
        if found is None or found[0] != version:
            with self._alone(("beside", key)):
                found = self._beside.get(key)
                if found is None or found[0] != version:
                    found = self._beside[key] = (version, make())
        return found[1]

    def kept_beside(self, key):
        """What `beside` keeps for a key whatever its version; None where it keeps nothing."""
        return self._beside.get(key, (None, None))[1]

    def under(self, name):
        """This study, once it is ready, under one of the sets beside its own: a standing of its own."""
        with self._keeping:
            if name not in self._under:
                other = Standing(self.study_id, self.origin, self.folder, self._prepared)
                other.review = self.review.beside[name]
                other.done.set()
                if self.whole is not self:
                    other.whole = self.whole.under(name)
                self._under[name] = other
            return self._under[name]

    def within(self, communes):
        """This study, once it is ready, as who sees some communes alone sees it: a standing of its own."""
        with self._keeping:
            if (part := self._within.get(communes)) is not None:
                self._within.move_to_end(communes)
                return part
        # Nothing of a part is kept on the disk beside what was made of the whole.
        part = Standing(self.study_id, self.origin, prepared=self._prepared)
        part.review, part.whole = narrow(self.review, communes), self
        part.done.set()
        with self._keeping:
            part = self._within.setdefault(communes, part)
            while len(self._within) > MOST_PARTS:
                self._within.popitem(last=False)
        return part

    def worked_out(self, key, work, *, wait_s, for_good=False):
        """What `work()` gives, computed once for `key` in the background and kept; only the latest few are.

        With `for_good` it is kept as long as the study is, however much else is at work.

        Raises
        ------
        TimeoutError
            If it is not there after `wait_s` seconds, it goes on being computed; at once, where too much is at work to
            begin with it.
        Exception
            What `work` raised.
        """
        with self._keeping:
            future = self._worked_out.get(key)
            if future is None:
                if (
                    sum(not each.done() for each in self._worked_out.values()) >= MOST_AT_WORK
                    and not for_good
                ):
                    passing()
                    raise TimeoutError
                if for_good:
                    self._for_good.add(key)
                future = self._worked_out[key] = Future()
                threading.Thread(target=_settle, args=(future, work), daemon=True).start()
            self._worked_out.move_to_end(key)
            ended = [
                each for each, one in self._worked_out.items() if one.done() and each not in self._for_good
            ]
            for each in ended[: max(0, len(self._worked_out) - MOST_WORKED_OUT)]:
                del self._worked_out[each]
        try:
            return future.result(timeout=wait_s)
        except TimeoutError:
            # A page that goes on without it says less than it will in a moment.
            passing()
            raise

    def _report(self, fraction, code, **arguments):
        self.fraction = min(max(float(fraction), 0.0), 1.0)
        self.saying = Problem(code, arguments, "note")


def passing():
    """Mark the page that is being made as one that soon says more."""
    if has_request_context():
        g.passing = True


def _settle(future, work):
    try:
        future.set_result(work())
    except Exception as error:
        future.set_exception(error)


READING_SHARE = 0.7
"""How much of the whole work reading the files usually is."""


def read_and_judge(settings):
    """``open_review(path, report)`` over the workflows of the house, within the limits of `settings`."""
    from gis.workflows import judge, read_study

    def open_review(path, report):
        reading, judging = _shares(report)
        return judge(read_study(path, settings=settings, report=reading), report=judging)

    return open_review


def judge_stored(store):
    """``open_stored(study_id, report)`` over the studies of a store."""
    from gis.workflows import judge, keep_run, read_stored

    def open_stored(study_id, report):
        reading, judging = _shares(report)
        with store.reading() as connection:
            revision = studies.get_study(connection, study_id)["revision"]
        review = judge(read_stored(store, study_id, report=reading), report=judging)
        # Who may only read judges all the same.
        with contextlib.suppress(StoreError):
            keep_run(store, review, study_id, revision)
        return review

    return open_stored


def _shares(report):
    """Two reports that fill the first and the second part of one."""

    def reading(fraction, code, **arguments):
        report(fraction * READING_SHARE, code, **arguments)

    def judging(fraction, code, **arguments):
        report(READING_SHARE + fraction * (1 - READING_SHARE), code, **arguments)

    return reading, judging
