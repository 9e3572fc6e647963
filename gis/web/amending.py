"""Correcting the figures of a study's criteria set: by form, by ticking off what was checked, by Excel or YAML.

Each save is a new edition in the store; none is changed. Nothing here waits for the study to be judged.
"""

import tempfile
from pathlib import Path

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from gis.amendments import amend, checks, open_figures
from gis.criteria import VERIFICATION, set_to_plain
from gis.errors import CriteriaError
from gis.sentences import SYMBOLS, unit_label
from gis.settings import Settings
from gis.values import is_ambiguous, to_number
from gis.web import basis, doing, editions, facts, sessions
from gis.web.downloads import XLSX
from gis.web.guard import Refused, let_through
from gis.web.payload import pack, send
from gis.web.texts import language, pick, t, t_or
from gis.workflows import criteria_to_excel, read_criteria
from gis.workflows.editions import check_mark, mark, save_edition, set_of
from gis.yamltext import dump_yaml

pages = Blueprint("amending", __name__)

LONGEST, LONGEST_REASON = 120, 400
MOST_BYTES = 4_000_000
SUFFIXES = (".xlsx", ".yaml", ".yml")


let_through(pages, lambda: MOST_BYTES, "upload")


@pages.get("/studies/<study_id>/criteria/edit/<criterion_id>")
def edit(study_id, criterion_id):
    """The form for the figures of one criterion."""
    sessions.store()
    sessions.allow("amend")
    if (asking := doing.ask_name()) is not None:
        return asking
    study, criteria, seen = _opened(study_id)
    criterion = _criterion(criteria, criterion_id)
    return _edit_page(study, criteria, criterion, _as_fields(criterion, criteria), seen)


@pages.post("/studies/<study_id>/criteria/edit/<criterion_id>")
def save(study_id, criterion_id):
    """Save what the form says as a new edition."""
    sessions.allow("amend")
    study, criteria, seen = _opened(study_id)
    criterion = _criterion(criteria, criterion_id)
    reason = _text("reason", LONGEST_REASON)
    before = _as_fields(criterion, criteria)
    fields = {
        group: {name: _text(f"{name}-{group}") if f"{name}-{group}" in request.form else held for name, held in row.items()}
        for group, row in before.items()
    }  # fmt: skip
    changes, faults = {}, {}
    for group, row in fields.items():
        if row != before[group]:
            change, found = _change(criterion, group, row, before[group])
            changes[criterion.id, group] = change
            faults |= {(name, group): sentence for name, sentence in found.items()}
    if not reason:
        faults["reason", ""] = t("amend-reason-needed")
    if not changes:
        faults["", ""] = t("edition-nothing-new")
    fresh = None
    if not faults:
        try:
            fresh = amend(criteria, changes)
        except CriteriaError as error:
            faults = _placed(error, [group for _, group in changes])
    if faults:
        return _edit_page(study, criteria, criterion, fields, seen, faults, reason), 422
    return _saved(study_id, fresh, reason, seen)


@pages.get("/studies/<study_id>/criteria/figures")
def figures(study_id):
    """Every figure that nobody has checked yet, to print and to tick off."""
    study, criteria, seen = _opened(study_id)
    return _figures_page(study, criteria, seen)


@pages.post("/studies/<study_id>/criteria/figures")
def tick_off(study_id):
    """Note one check of all figures that were ticked."""
    sessions.allow("amend")
    study, criteria, seen = _opened(study_id)
    offered = {f"{one.id}|{group}": (one.id, group) for one, group in _tickable(criteria)}
    ticked = [name for name in request.form.getlist("figure") if name in offered]
    check = {name: _text(name) for name in ("by", "on", "document")}
    faults = {(name, ""): t(f"amend-{name}-needed") for name, value in check.items() if not value}
    if not ticked:
        faults["", ""] = t("amend-tick-needed")
    fresh = None
    if not faults:
        try:
            fresh = amend(criteria, checks(criteria, [offered[name] for name in ticked], check))
        except CriteriaError as error:
            faults = {("on", ""): next(iter(_placed(error, [""] * len(ticked)).values()))}
    if faults:
        return _figures_page(study, criteria, seen, faults, set(ticked), check), 422
    return _saved(
        study_id, fresh, t("amend-ticked-reason", count=len(ticked), document=check["document"]), seen
    )


@pages.post("/studies/<study_id>/criteria/upload")
def upload(study_id):
    """Take a whole set as Excel or YAML as a new edition."""
    sessions.allow("amend")
    _, _, seen = _opened(study_id)
    given, reason = request.files.get("file"), _text("reason", LONGEST_REASON)
    suffix = Path(given.filename or "").suffix.lower() if given else ""
    if suffix not in SUFFIXES:
        raise Refused(422, "amend-file-needed")
    if not reason:
        raise Refused(422, "amend-reason-needed")
    with tempfile.TemporaryDirectory(prefix="langmap-") as folder:
        # a name of ours: what its owner calls it never becomes a path
        path = Path(folder) / f"set{suffix}"
        given.save(path)
        limit = current_app.config["UPLOAD_BYTES"] // 1_000_000
        fresh = read_criteria(path, settings=Settings(reader_file_mb=limit))
    return _saved(study_id, fresh, reason, seen)


@pages.get("/studies/<study_id>/criteria/set.<any(xlsx, yaml):suffix>")
def download(study_id, suffix):
    """The set, or one of its editions, as an Excel table or YAML to correct and hand back."""
    with sessions.store().reading() as connection:
        study = doing.stored_study(study_id)
        wanted = request.args.get("edition", "")
        criteria = editions.known(connection, study, wanted) if wanted else set_of(connection, study)
    name = f"{criteria.id}-{criteria.edition}.{suffix}"
    if suffix == "yaml":
        return send(pack(dump_yaml(set_to_plain(criteria)), "application/yaml"), filename=name)
    with tempfile.TemporaryDirectory(prefix="langmap-") as folder:
        path = Path(folder) / "set.xlsx"
        criteria_to_excel(criteria, path)
        return send(pack(path.read_bytes(), XLSX), filename=name)


def _opened(study_id):
    """The row of a study, its set, and the mark of both.

    Raises
    ------
    ConflictError
        Where a form comes that was made before somebody else saved: it would be read against another set.
    """
    study = doing.stored_study(study_id)
    with sessions.store().reading() as connection:
        if request.method == "POST":
            check_mark(connection, study, request.form.get("mark", ""))
        return study, set_of(connection, study), mark(connection, study)


def _criterion(criteria, criterion_id):
    try:
        return criteria.criterion(criterion_id)
    except KeyError:
        raise Refused(404, "web-not-found") from None


def _as_fields(criterion, criteria):
    """Group to the fields of the form as texts."""
    fields = {}
    for group in filter(criterion.in_group, criteria.groups):
        figure, check = criterion.thresholds.get(group), criterion.checked.get(group) or {}
        row = {"word": criterion.verification.get(group, "unknown")}
        if criterion.compare in ("present", "absent"):
            row["figure"] = "yes" if figure is True else ""
        elif criterion.compare != "band":
            row["figure"] = "" if figure is None else _written(figure)
        fields[group] = row | {name: check.get(name, "") for name in ("by", "on", "document")}
    return fields


def _written(number):
    """A figure as people type it in the reader's language."""
    text = str(int(number)) if float(number).is_integer() else repr(float(number))
    return text.replace(".", ",") if language() == "vi" else text


def _change(criterion, group, row, before):
    """What a row of the form changes, and what is wrong with it by field."""
    change, faults = {"verification": row["word"]}, {}
    if row["word"] not in VERIFICATION:
        faults["word"] = t("amend-word")
    if row.get("figure") != before.get("figure"):
        if criterion.compare in ("present", "absent"):
            change["thresholds"] = True if row["figure"] == "yes" else None
        else:
            number = to_number(row["figure"])
            if is_ambiguous(row["figure"]):
                faults["figure"] = t("amend-figure-ambiguous", found=row["figure"])
            elif number is None:
                faults["figure"] = t("amend-figure-number", found=row["figure"])
            else:
                whole = number == number and float(number).is_integer()
                change["thresholds"] = None if number != number else int(number) if whole else number
    check = {name: row[name] for name in ("by", "on", "document")}
    if any(check.values()) and not all(check.values()):
        faults[next(name for name, value in check.items() if not value)] = t("amend-check-whole")
    elif (
        all(check.values()) and "thresholds" in change and all(check[name] == before[name] for name in check)
    ):
        faults["on"] = t("amend-check-stale")
    change["checked"] = check if all(check.values()) else None
    return change, faults


FIELD_OF = {"criteria-date": "on", "criteria-verification": "word", "criteria-figure-unknown": "word"}
"""Code of a fault to the field where its sentence stands; all others stand at the figure."""


def _placed(error, groups):
    """The faults of a set by field and group; those that no change of the form has caused at the top."""
    faults = {}
    for problem in error.problems:
        number = problem.arguments.get("line")
        said = t_or(problem.say(language()), f"amend-fault-{problem.code}", **problem.arguments)
        if isinstance(number, int) and 1 <= number <= len(groups):
            faults.setdefault((FIELD_OF.get(problem.code, "figure"), groups[number - 1]), said)
        else:
            faults.setdefault(("", ""), said)
    return faults


def _saved(study_id, criteria, reason, seen):
    use = request.form.get("use") == "yes"
    saved = save_edition(
        sessions.store(), study_id, criteria, reason=reason, who=sessions.who(), seen=seen, use=use
    )
    return redirect(url_for("editions.listed", study_id=study_id, saved=saved.edition), 303)


def _edit_page(study, criteria, criterion, fields, seen, faults=None, reason=""):
    rows = {row["id"]: row for row in basis.set_rows(criteria, language())}
    following = [one.id for one, _ in open_figures(criteria) if one.id != criterion.id]
    return render_template(
        "criteria/edit.html",
        study_row=study,
        study_id=study["id"],
        criteria=criteria,
        criterion=criterion,
        row=rows[criterion.id],
        fields=fields,
        groups={group: pick(criteria.groups[group]) or group for group in fields},
        words=VERIFICATION,
        signs=SYMBOLS,
        unit=unit_label(criterion.unit, language()) or "",
        seen=seen,
        faults=faults or {},
        reason=reason,
        following=following[0] if following else None,
    )


def _tickable(criteria):
    return [(one, group) for one, group in open_figures(criteria) if one.thresholds.get(group) is not None]


def _figures_page(study, criteria, seen, faults=None, ticked=frozenset(), check=None):
    by_id = {row["id"]: row for row in basis.set_rows(criteria, language())}
    rows = []
    for one, group in open_figures(criteria):
        row = by_id[one.id]
        figure = next(figure for figure in row["figures"] if figure["group_id"] == group)
        rows.append(
            row | figure | {"name": f"{one.id}|{group}", "known": one.thresholds.get(group) is not None}
        )
    return render_template(
        "criteria/figures.html",
        study_row=study,
        study_id=study["id"],
        criteria=criteria,
        rows=rows,
        signs=facts.FIGURE_SIGNS,
        several=len(criteria.groups) > 1,
        seen=seen,
        faults=faults or {},
        ticked=ticked,
        check=check or {},
    )


def _text(name, longest=LONGEST):
    return " ".join(request.form.get(name, "").split())[:longest]
