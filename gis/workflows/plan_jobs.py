"""Making a plan as long work: it says how far it is, and once stopped keeps the best plan it has found so far."""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gis.plan import Request, find_options
from gis.settings import read_settings
from gis.store import studies
from gis.workflows.planning import make_plan, options_with, part_of, save_plan
from gis.workflows.stored import plain_name, read_stored
from gis.workflows.studies import judge, read_study

READING, JUDGING = 0.24, 0.3
"""So much of the progress is there once the study is read and judged, and once its options are found."""
ENOUGH = 0.75
"""Once so much of the time for a piece of long work is over, the plan ends with what it has: later it would be lost."""


@dataclass
class _Last:
    """The study that this process judged last, so that the next plan of it begins at once."""

    key: tuple | None = None
    review: object = None
    options: object = None


_LAST = _Last()


def plan_job(store, arguments, report):
    """Make a plan and keep it.

    Parameters
    ----------
    store : Store
    arguments : Mapping
        ``study`` (its id), ``path`` (of a study file; left out for a study of the store), ``request`` (plain data),
        ``parts`` with ``draws`` and ``target``, ``name``, ``note``, ``who``; ``needs`` and ``costs``, the planner's own
        tables, each as ``content`` (of stored bytes) and ``file`` (what it was called).
    report : callable
        Once cancelled before the search begins, nothing is kept; later, the best plan so far is.

    Notes
    -----
    A worker is ended after ``GIS_JOB_SECONDS``, whatever it is at. So that a plan with much asked beside it is not lost then,
    it is stopped before as if somebody had cancelled it; what could not be worked out any more is told in the plan.

    Returns
    -------
    dict
        ``study`` and ``key`` of what was kept, and how the search ``stopped``.
    """
    study_id, request = arguments["study"], Request.from_plain(arguments["request"])
    stopped, tell = getattr(report, "stopped", None), getattr(report, "tell", report)
    ends = time.monotonic() + ENOUGH * read_settings(os.environ).job_seconds
    review, options, revision = _judged(store, study_id, arguments.get("path"), report)
    options, works = _with_own(store, arguments, review, options)
    made = make_plan(
        review,
        request,
        options=options,
        interventions=works,
        parts=arguments.get("parts", ("confirmed",)),
        draws=arguments.get("draws", 100),
        target=arguments.get("target"),
        report=part_of(tell, JUDGING, 0.98),
        # without a worker nobody ends it, and nobody can cancel it
        cancelled=None if stopped is None else lambda: stopped.is_set() or time.monotonic() > ends,
    )
    told = {name: arguments.get(name) for name in ("name", "note")}
    row = save_plan(
        store, study_id, made.record, **told, who=arguments["who"], review=review, revision=revision
    )
    return {"study": study_id, "key": row["key"], "stopped": made.plan.answer.stopped}


def _with_own(store, arguments, review, options):
    """The options and kinds of work with the planner's own tables; as they are where none was given."""
    if not (arguments.get("needs") or arguments.get("costs")):
        return options, None
    with TemporaryDirectory() as folder:
        paths = {}
        for name in ("needs", "costs"):
            if told := arguments.get(name):
                paths[name] = Path(folder) / f"{name}{Path(plain_name(told['file'])).suffix}"
                with store.files.opened(told["content"], "evidence") as path:
                    shutil.copyfile(path, paths[name])
        options, works, _ = options_with(review, **paths, settings=read_settings(os.environ))
    return options, works


def _judged(store, study_id, path, report):
    """The review of a study, its options and its revision; the one judged last is not judged again."""
    if path is not None:
        settings = read_settings(os.environ)
        review = judge(read_study(path, settings=settings), report=part_of(report, 0.0, READING))
        return review, find_options(review, report=part_of(report, READING, JUDGING)), None
    with store.reading() as connection:
        revision = studies.get_study(connection, study_id)["revision"]
    key = (store.folder, store.url, study_id, revision)
    if _LAST.key != key:
        _LAST.key = _LAST.review = _LAST.options = None
        review = judge(read_stored(store, study_id), report=part_of(report, 0.0, READING))
        options = find_options(review, report=part_of(report, READING, JUDGING))
        _LAST.key, _LAST.review, _LAST.options = key, review, options
        return review, options, revision
    return _LAST.review, _LAST.options, revision
