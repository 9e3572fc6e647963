"""From files to findings: read a study, judge it, say what is wrong with it."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import gis
from gis.catalogue import load_catalogue
from gis.confidence import rate
from gis.errors import GisError
from gis.findings import evaluate
from gis.ground import ground_of
from gis.intake import Reader
from gis.measure import check_bindings, measure
from gis.reading import build_study
from gis.recipe import read_recipe
from gis.review import Review, Run
from gis.settings import Settings
from gis.store import studies
from gis.tolerance import with_tolerance
from gis.verdicts import judge_set
from gis.workflows.editions import editions_of
from gis.workflows.stored import opened, read_stored


def read_study(path, *, criteria=None, also=(), settings=None, report=None):
    """Read a study file and every file it names.

    Parameters
    ----------
    path : str or Path
        The study file, or a folder that holds `study.yaml`.
    criteria : str, optional
        Judge by this set instead of the one the study names.
    also : iterable of str
        Further sets to judge by beside it and those that the study names.
    settings : Settings, optional
        Limits of the reader.
    report : callable, optional
        Called as ``report(fraction, code, **arguments)``.

    Returns
    -------
    Study

    Raises
    ------
    GisError
        If anything makes a judgement impossible; all faults of a step at once.
    """
    path = Path(path)
    path = path / "study.yaml" if path.is_dir() else path
    catalogue = load_catalogue()
    recipe = read_recipe(path, catalogue, criteria, also)
    for each in (recipe.criteria, *recipe.also.values()):
        check_bindings(each, catalogue)
    with Reader(settings or Settings()) as reader:
        return build_study(recipe, catalogue, reader, report=report)


def judge(study, *, report=None):
    """Measure a study and judge it by its criteria set, and by those beside it.

    Parameters
    ----------
    study : Study
    report : callable, optional

    Returns
    -------
    Review
    """
    started = time.perf_counter()
    catalogue = load_catalogue()
    alike = [other for other in study.beside.values() if other.layers is study.layers]
    rows = [one for each in (study, *alike) for one in each.criteria.criteria]
    # what several sets ask for is measured once
    measurements = measure(study, replace(study.criteria, criteria=tuple(rows)), catalogue, report=report)
    beside = {}
    for name, other in study.beside.items():
        shared = measurements if other.layers is study.layers else measure(other, other.criteria, catalogue)
        beside[name] = _judged(other, shared, started)
    return replace(_judged(study, measurements, started), beside=beside)


def _judged(study, measurements, started):
    """The review of a study under its own set, from measurements that may be of further sets too."""
    asked = {
        binding.measure
        for one in study.criteria.criteria
        for binding in (one.measured, one.reported)
        if binding
    }
    measurements = measurements[measurements["measure"].isin(asked)].reset_index(drop=True)
    findings = evaluate(measurements, study.criteria, study.villages, study.groups)
    findings = rate(with_tolerance(findings, measurements, study), study)
    results = judge_set(findings, study.criteria, study.villages)
    run = Run(
        criteria_id=study.criteria.id,
        edition=study.criteria.edition,
        criteria_hash=study.criteria.hash,
        recipe_hash=study.recipe,
        inputs=study.inputs,
        parameters=study.parameters,
        code_version=gis.__version__,
        as_of=study.as_of,
        year=study.year,
        seconds=time.perf_counter() - started,
    )
    review = Review(study, measurements, findings, results, run)
    review.fillings  # noqa: B018 - kept: over the ground it takes seconds, and here no page waits for it yet
    return review


def find_study(name, *, criteria=None, also=(), settings=None, report=None):
    """Read a study by the path of its file or folder, else by its id in the store.

    Raises
    ------
    GisError
        As `read_study` and `read_stored`; `StudyError` where there is neither.
    """
    settings = settings or Settings()
    if _is_file(name, settings):
        return read_study(name, criteria=criteria, also=also, settings=settings, report=report)
    with opened(settings) as store:
        return read_stored(store, str(name), criteria=criteria, also=also, report=report)


def study_id(name, settings):
    """The id of a study that is named as for `find_study`: that of its file, else the name itself.

    Raises
    ------
    StudyError
        If there is a file and it is none of a study.
    """
    path = Path(name)
    path = path / "study.yaml" if path.is_dir() else path
    return read_recipe(path, load_catalogue()).data["id"] if path.is_file() else str(name)


def find_editions(name, settings):
    """Every edition of the set that a study of the store is judged by; none for a study of files."""
    if _is_file(name, settings):
        return ()
    with opened(settings) as store, store.reading() as connection:
        found = editions_of(connection, studies.get_study(connection, str(name)))
    return tuple(entry["criteria"] for entry in found.values())


def _is_file(name, settings):
    """Whether a study is named by its file or folder; else it is one of the store."""
    path = Path(name)
    return path.exists() or bool(path.suffix) or not (settings.store_url or settings.store.is_dir())


@dataclass(frozen=True)
class Check:
    """What there is to say about the inputs of a study.

    Attributes
    ----------
    problems : tuple of Problem
        Worst first: ``error`` (no judgement is possible), ``warning``, ``note``.
    inputs : tuple of dict
        A row a layer and sheet: ``source`` (id of the layer, or assessments), ``file``, ``rows_in``, ``rows_used``,
        ``rows_reported``, ``as_of``, ``complete`` (commune or ``*`` to yes, no, unknown). Empty where no judgement
        is possible.
    ground : Ground or None
        What times over the ground rest on, where the study has heights.
    """

    problems: tuple
    inputs: tuple = ()
    ground: object = None


def check_study(name, *, criteria=None, settings=None):
    """Everything that is wrong with a study's inputs; nothing is raised for them.

    Returns
    -------
    Check
    """
    try:
        study = find_study(name, criteria=criteria, settings=settings)
    except GisError as fault:
        return Check(tuple(fault.problems))
    counted = ("rows_in", "rows_used", "rows_reported")
    layers = [
        {
            "source": layer_id,
            "file": data.file,
            **{name: data.counts[name] for name in counted},
            "as_of": data.as_of,
            "complete": dict(data.complete),
        }
        for layer_id, data in study.layers.items()
    ]
    sheets = [
        {
            "source": "assessments",
            "file": file,
            **{name: counts[name] for name in counted},
            "as_of": None,
            "complete": {},
        }
        for file, counts in study.sheet_counts.items()
    ]
    return Check(tuple(study.problems), (*layers, *sheets), ground_of(study))
