"""The verbs that a command, a page and a notebook share: read a study, judge it, check it."""

import time
from pathlib import Path

import gis
from gis.catalogue import load_catalogue
from gis.criteria import set_from_rows, set_to_plain, set_to_rows
from gis.errors import GisError
from gis.files import replacing
from gis.findings import evaluate
from gis.intake import Reader
from gis.measure import check_bindings, measure
from gis.reading import build_study
from gis.recipe import read_recipe
from gis.review import Review, Run
from gis.settings import Settings
from gis.verdicts import judge_set
from gis.yamltext import dump_yaml


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


def criteria_to_excel(criteria, path):
    """Write a criteria set as an Excel table that an official can read, edit and hand back.

    Raises
    ------
    ExportError
        If the file cannot be written.
    """
    import xlsxwriter

    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with replacing(path) as fresh, xlsxwriter.Workbook(str(fresh), safe) as book:
        plain = {"text_wrap": True, "valign": "top"}
        wrapped = book.add_format(plain)
        heading = book.add_format({**plain, "bold": True, "bg_color": "#dfe9e6"})
        for name, rows in set_to_rows(criteria).items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(number, column, cell, wrapped if number else heading)
            for column in range(len(rows[0])):
                longest = max((len(str(row[column])) for row in rows if column < len(row)), default=8)
                sheet.set_column(column, column, min(max(longest, 8), 48))


def criteria_from_excel(path, out=None, *, settings=None):
    """Read a criteria set from an Excel table, and write it as YAML where `out` is given.

    Returns
    -------
    CriteriaSet

    Raises
    ------
    IntakeError
        If the file is no workbook.
    CriteriaError
        If a cell is wrong; every fault with sheet, row and column. Nothing is written then.
    """
    with Reader(settings or Settings()) as reader:
        criteria = set_from_rows(reader.table(Path(path)).sheets, file=Path(path).name)
    if out is not None:
        with replacing(out) as fresh:
            fresh.write_text(dump_yaml(set_to_plain(criteria)), encoding="utf-8")
    return criteria
