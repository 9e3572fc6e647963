"""From files to findings: read a study, judge it, say what is wrong with it."""

import time
from pathlib import Path

import gis
from gis.catalogue import load_catalogue
from gis.errors import GisError
from gis.findings import evaluate
from gis.intake import Reader
from gis.measure import check_bindings, measure
from gis.reading import build_study
from gis.recipe import read_recipe
from gis.review import Review, Run
from gis.settings import Settings
from gis.verdicts import judge_set


def read_study(path, *, criteria=None, settings=None, report=None):
    """Read a study file and every file it names.

    Parameters
    ----------
    path : str or Path
        The study file, or a folder that holds `study.yaml`.
    criteria : str, optional
        Judge by this set instead of the one the study names.
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
    recipe = read_recipe(path, catalogue, criteria)
    check_bindings(recipe.criteria, catalogue)
    with Reader(settings or Settings()) as reader:
        return build_study(recipe, catalogue, reader, report=report)


def judge(study, *, report=None):
    """Measure a study and judge it by its criteria set.

    Parameters
    ----------
    study : Study
    report : callable, optional

    Returns
    -------
    Review
    """
    started = time.perf_counter()
    measurements = measure(study, study.criteria, load_catalogue(), report=report)
    findings = evaluate(measurements, study.criteria, study.villages, study.groups)
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
    return Review(study, measurements, findings, results, run)


def check_study(path, *, criteria=None, settings=None):
    """Everything that is wrong with a study's inputs, worst first; nothing is raised for them.

    Returns
    -------
    list of Problem
        With severity ``error`` (no judgement is possible), ``warning`` or ``note``.
    """
    try:
        return list(read_study(path, criteria=criteria, settings=settings).problems)
    except GisError as fault:
        return list(fault.problems)
