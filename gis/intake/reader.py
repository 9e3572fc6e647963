"""The reading door as its users see it: a `Reader` that asks a child process and checks what comes back."""

import contextlib
import dataclasses
import json
import logging
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from gis.errors import IntakeError
from gis.intake.confine import child_environment
from gis.intake.receive import attachment, foreign, raster, sheets
from gis.intake.reports import problem_from_json
from gis.settings import Settings

LOG = logging.getLogger(__name__)
PACKAGE_ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)
"""A scheme or a driver's prefix: two letters at least, since one is a drive of Windows."""


class Reader:
    """Reads foreign files in a child process; a context manager, for one file or all files of a study.

    The child starts with the first file and is replaced when it dies; a file that kills it is refused and
    the next one is read as if nothing had been. Threads may share a reader, they take turns.

    Parameters
    ----------
    settings : Settings, optional
        Its `reader_…` limits hold for each file.
    """

    def __init__(self, settings=None):
        self.settings = settings or Settings()
        self._child, self._listener, self._answers, self._served = None, None, None, 0
        self._folder, self._number = None, 0
        self._turn = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End the child and remove its working folder."""
        with self._turn:
            self._stop()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None

    def vector(self, path, layer=None, *, encoding=None, columns=None, osm=None, coordinates=None):
        """A vector layer of any format in `formats.FORMATS`, or a zip of one.

        A table (CSV, XLSX, XLS, ODS) becomes points by its columns of coordinates, or shapes by one of WKT.

        Parameters
        ----------
        path : str or Path
            A local file; of a format in several files the main one: .shp, .tab, .mif.
        layer : str, optional
            Needed where the file has several. Of GPX waypoints, routes or tracks; of DXF points, lines or
            areas; of KML it may be a folder, of a workbook it is a sheet.
        encoding : str, optional
            Of its text, over what the file says and its letters tell; ``"tcvn3"`` and ``"vni"`` are known.
        columns : list of str, optional
            The only columns to keep besides ``source_row`` and ``geometry``.
        osm : list of dict, optional
            Which features of an OpenStreetMap extract are meant, see `osm.read`; needed for those only.
        coordinates : dict, optional
            Of a table, the columns where its own names do not say enough: ``{"x": …, "y": …}`` with x east
            and y north, or ``{"wkt": …}``.

        Returns
        -------
        Foreign

        Raises
        ------
        IntakeError
            If the file cannot be read as what it claims to be, within the limits.
        """
        request = {
            "kind": "vector",
            "pick": layer,
            "encoding": encoding,
            "columns": None if columns is None else list(columns),
            "osm": osm,
            "coordinates": coordinates,
        }
        return self._ask(path, request, foreign)

    def table(self, path, sheet=None, *, encoding=None):
        """The sheets of a table file: CSV, XLSX, XLS or ODS (or a zip of one).

        Parameters
        ----------
        path : str or Path
        sheet : str, optional
            The only sheet to read.
        encoding : str, optional
            Of a CSV file.

        Returns
        -------
        Sheets

        Raises
        ------
        IntakeError
            As for `vector`.
        """
        return self._ask(path, {"kind": "table", "pick": sheet, "encoding": encoding}, sheets)

    def raster(self, path):
        """Band 1 of a GeoTIFF (or a zip of one).

        Returns
        -------
        RasterData

        Raises
        ------
        IntakeError
            As for `vector`.
        """
        return self._ask(path, {"kind": "raster"}, raster)

    def attachment(self, path):
        """A document or photo that somebody brings as evidence: what it is, and what a photo says of itself.

        Returns
        -------
        Attachment

        Raises
        ------
        IntakeError
            If it is of no kind that can be evidence, damaged, or beyond the limits.
        """
        return self._ask(path, {"kind": "attachment"}, attachment)

    def _ask(self, path, request, receive):
        path = local_path(path)
        with self._turn:
            seasoned = self._served > 0
            try:
                return self._exchange(path, request, receive)
            except _ChildDied:
                # A child that has read before may have died of that; a fresh one must fail on its own.
                if seasoned:
                    try:
                        return self._exchange(path, request, receive)
                    except _ChildDied:
                        pass
                LOG.warning("the reading process ended on %s: %s", path.name, self._last_words())
                raise IntakeError("intake-died", file=path.name) from None

    def _exchange(self, path, request, receive):
        self._start()
        self._number += 1
        job = self._folder / f"job-{self._number}"
        try:
            self._send({**request, "id": self._number, "path": str(path), "folder": job.name})
            # While the child reads, load what is needed to take its answer.
            import geopandas  # noqa: F401

            answer = self._wait(path)
            if "problems" in answer:
                raise IntakeError(problems=[problem_from_json(problem) for problem in answer["problems"]])
            self._served += 1
            try:
                return receive(job, answer)
            except (KeyError, TypeError, ValueError, OSError) as error:
                if isinstance(error, IntakeError):
                    raise
                raise IntakeError("intake-answer", file=path.name) from error
        finally:
            shutil.rmtree(job, ignore_errors=True)

    def _last_words(self):
        log = self._folder / "child.log"
        return log.read_bytes()[-300:].decode("utf-8", "replace").strip() if log.exists() else ""

    def _start(self):
        if self._child is not None and self._child.poll() is None:
            return
        self._stop()
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="langmap-"))
        with open(self._folder / "child.log", "wb") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "gis.intake.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self._folder,
                env=child_environment(os.environ, PACKAGE_ROOT),
                text=True,
                encoding="ascii",
            )
        self._answers, self._served = queue.SimpleQueue(), 0
        self._listener = threading.Thread(
            target=_listen, args=(self._child.stdout, self._answers), daemon=True
        )
        self._listener.start()
        limits = dataclasses.asdict(self.settings)
        self._send({name: value for name, value in limits.items() if name.startswith("reader_")})

    def _send(self, message):
        try:
            self._child.stdin.write(json.dumps(message) + "\n")
            self._child.stdin.flush()
        except OSError:
            self._stop()
            raise _ChildDied from None

    def _wait(self, path):
        until = time.monotonic() + self.settings.reader_seconds
        try:
            line = self._answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            self._stop()
            raise IntakeError(
                "intake-timeout", file=path.name, seconds=self.settings.reader_seconds
            ) from None
        try:
            answer = json.loads(line) if line else None
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or answer.get("id") != self._number:
            self._stop()
            raise _ChildDied
        return answer

    def _stop(self):
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        self._listener.join()
        # What was still to be sent has no reader any more.
        with contextlib.suppress(OSError):
            child.stdin.close()


class _ChildDied(Exception):
    pass


def local_path(path):
    """The absolute path of a local file.

    Raises
    ------
    IntakeError
        If it is an address, a driver's prefix, not there, or not a file.
    """
    text = os.fspath(path)
    if not text or "\0" in text or ADDRESS.match(text) or text.replace("\\", "/").lower().startswith("/vsi"):
        raise IntakeError("intake-address", file=text.replace("\0", " "))
    found = Path(text).absolute()
    if not found.exists():
        raise IntakeError("intake-not-found", file=found.name)
    if not found.is_file():
        raise IntakeError("intake-not-a-file", file=found.name)
    journals = [found.with_name(found.name + ending) for ending in ("-wal", "-journal")]
    if any(journal.is_file() and journal.stat().st_size for journal in journals):
        raise IntakeError("intake-gpkg-open", file=found.name)
    return found


def _listen(channel, answers):
    with channel:
        for line in channel:
            answers.put(line)
    answers.put(None)
