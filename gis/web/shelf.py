"""The studies that were found, each computed once, and again when one of its files changes."""

import logging
import threading
import time
from collections import OrderedDict
from pathlib import Path

from gis.errors import GisError, Problem
from gis.labels import Label
from gis.names import fold
from gis.web.stamps import files_beside, files_named, stamps
from gis.yamltext import read_yaml

log = logging.getLogger("gis.web")

LOOK_AGAIN_S = 1.0
MOST_PREPARED_BYTES = 96_000_000


class Shelf:
    """All studies under one folder.

    Parameters
    ----------
    folder : Path
        Studies are ``<folder>/<name>/study.yaml`` and ``<folder>/<name>.yaml``.
    open_review : callable
        ``open_review(path, report) -> Review``; may raise `GisError`.
    prepare : callable
        ``prepare(standing)``, called in the background when a review is ready.
    """

    def __init__(self, folder, open_review, prepare):
        self.folder = Path(folder)
        self._open_review = open_review
        self._prepare = prepare
        self._standings = {}
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()

    def found(self):
        """Study id to study file, in order of id; looked up anew, so that a new file appears by itself."""
        files = [*self.folder.glob("*/study.yaml"), *self.folder.glob("*.yaml")]
        ids = {}
        for path in sorted(path for path in files if path.is_file()):
            name = path.parent.name if path.name == "study.yaml" and path.parent != self.folder else path.stem
            wanted = fold(name).replace(" ", "-") or "study"
            free = (wanted if n == 1 else f"{wanted}-{n}" for n in range(1, len(files) + 2))
            ids[next(id_ for id_ in free if id_ not in ids)] = path
        return dict(sorted(ids.items()))

    def peek(self, study_id):
        """How a study stands, without starting anything; None where nobody asked for it yet."""
        with self._lock:
            return self._standings.get(study_id)

    def look(self, study_id, *, wait_s=0.0):
        """How a study stands; starts computing it when that was not done or its files changed.

        Raises
        ------
        KeyError
            If there is no study of that id.
        """
        path = self.found()[study_id]
        with self._lock:
            standing = self._standings.get(study_id)
            if standing is None or standing.path != path or standing.is_outdated():
                standing = self._standings[study_id] = Standing(study_id, path)
                threading.Thread(target=self._compute, args=(standing,), daemon=True).start()
        standing.done.wait(wait_s)
        return standing

    def warm(self):
        """Start computing every study, in the background."""
        for study_id in self.found():
            self.look(study_id)

    def _compute(self, standing):
        with self._one_at_a_time:
            standing.compute(self._open_review)
            if standing.review is not None:
                try:
                    self._prepare(standing)
                except Exception:
                    # The page that needs it will try again and tell its reader.
                    log.exception("the map of study %r could not be prepared", standing.study_id)


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
    """

    def __init__(self, study_id, path):
        self.study_id = study_id
        self.path = path
        self.done = threading.Event()
        self.review = None
        self.problems = ()
        self.fraction = 0.0
        self.saying = Problem("web-waiting", {}, "note")
        self._seen = {}
        self._named = (path,)
        self._looked = time.monotonic()
        self._prepared = OrderedDict()
        self._making = {}
        self._keeping = threading.Lock()

    @property
    def state(self):
        """``"computing"``, ``"ready"`` or ``"failed"``."""
        if not self.done.is_set():
            return "computing"
        return "ready" if self.review is not None else "failed"

    def compute(self, open_review):
        """Read and judge the study; every outcome ends in `done`."""
        # Before anything is read: what changes while it is read makes this standing outdated.
        self._named = files_named(self.path)
        named, beside = stamps(self._named), stamps(files_beside(self.path))
        try:
            self.review = open_review(self.path, self._report)
        except GisError as error:
            self.problems = error.problems
        except Exception:
            # The reader gets a short sentence; what happened is for the log.
            log.exception("study %r could not be computed", self.study_id)
            self.problems = (Problem("web-study-failed", {"study": self.study_id}, "error"),)
        finally:
            self._seen = named if self.review is not None else beside | named
            self._looked = time.monotonic()
            self.done.set()

    def is_outdated(self):
        """Whether a file that decides about this study is not what it was when computing began."""
        if not self.done.is_set() or time.monotonic() - self._looked < LOOK_AGAIN_S:
            return False
        self._looked = time.monotonic()
        now = stamps(self._named)
        return self._seen != (now if self.review is not None else stamps(files_beside(self.path)) | now)

    def prepared(self, key, make):
        """What `make()` gives, made once for `key` and kept; the least used goes first when memory runs short.

        Readers of what is ready never wait for what another reader has made.

        Parameters
        ----------
        key : tuple
            Begins with the kind of thing; holds no free text, of which there is no end.
        make : callable
            ``make() -> Payload``.
        """
        with self._keeping:
            if key in self._prepared:
                self._prepared.move_to_end(key)
                return self._prepared[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            if (payload := self._prepared.get(key)) is not None:
                return payload
            try:
                payload = make()
                with self._keeping:
                    self._prepared[key] = payload
                    while len(self._prepared) > 1 and self._bytes_prepared() > MOST_PREPARED_BYTES:
                        self._prepared.popitem(last=False)
            finally:
                with self._keeping:
                    self._making.pop(key, None)
        return payload

    def _bytes_prepared(self):
        return sum(len(payload.body) for payload in self._prepared.values())

    def _report(self, fraction, code, **arguments):
        self.fraction = min(max(float(fraction), 0.0), 1.0)
        self.saying = Problem(code, arguments, "note")


READING_SHARE = 0.7
"""How much of the whole work reading the files usually is."""


def read_and_judge(settings):
    """``open_review(path, report)`` over the workflows of the house, within the limits of `settings`."""
    from gis.workflows import judge, read_study

    def open_review(path, report):
        def reading(fraction, code, **arguments):
            report(fraction * READING_SHARE, code, **arguments)

        def judging(fraction, code, **arguments):
            report(READING_SHARE + fraction * (1 - READING_SHARE), code, **arguments)

        return judge(read_study(path, settings=settings, report=reading), report=judging)

    return open_review


def title_of(path):
    """The study's label as its file writes it, else the file's name; never fails."""
    try:
        data, _ = read_yaml(path)
        return Label(data.get("label") or data.get("title") or _plain_name(path))
    except (GisError, OSError, AttributeError, TypeError):
        return Label(_plain_name(path))


def _plain_name(path):
    return path.parent.name if path.name == "study.yaml" else path.stem
