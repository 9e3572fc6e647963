"""The target of a study: how far, how fast, who is nearest; and where pilots could be."""

from flask import Blueprint, render_template, request

from gis import yearly as lists
from gis.errors import StudyError
from gis.tables import STATUSES
from gis.trend import PARTS, counts_by
from gis.trend.counting import ATTRIBUTES, attribute_of
from gis.trend.pilots import LEVELS, WEIGHTS
from gis.values import to_number
from gis.web import asked
from gis.web.charts import year_bars
from gis.web.guard import Refused
from gis.web.home import ready
from gis.web.texts import language, pick, t
from gis.web.years import SHOWN, history_of, list_file, patient
from gis.workflows import closest, pilot_villages, target_progress
from gis.workflows.targets import unit_names, units_of

pages = Blueprint("targets", __name__)


@pages.get("/studies/<study_id>/target")
def target(study_id):
    """Progress against the target, the pace, the projection, and the villages closest to passing."""
    standing = ready(study_id)
    review = standing.review
    history, notes = history_of(standing)
    ahead = _progress(history, review)
    near = _closest(standing)
    attributes = _attributes(review.study)
    chosen = asked.one_of("attribute", attributes) or next(iter(attributes), None)
    return render_template(
        "years/target.html",
        review=review,
        study=review.study,
        study_id=study_id,
        notes=notes,
        ahead=ahead,
        lines=lists.progress_lines(ahead, review.criteria, language()),
        steps=lists.step_rows(ahead, language()),
        chart=year_bars(history, ahead.target_pct, ahead),
        target_pct=ahead.target_pct,
        words={each: lists.verdict_word(review.criteria, each, language()) for each in STATUSES},
        asked={name: request.args.get(name, "")[:40] for name in ("share", "by")},
        attributes=attributes,
        attribute=chosen,
        counts=_counts(review, chosen) if chosen else None,
        closest=lists.closest_rows(near, review.criteria, language()),
        one_step=one_short(standing),
        shown=SHOWN,
    )


@pages.get("/studies/<study_id>/target/<any(closest, counts):name>.<any(xlsx, csv):format>")
def target_file(study_id, name, format):
    """One list of the page as a file, whole."""
    standing = ready(study_id)
    review = standing.review
    if name == "closest":
        listing = lists.closest_rows(_closest(standing), review.criteria, language())
    else:
        attributes = _attributes(review.study)
        chosen = asked.one_of("attribute", attributes) or next(iter(attributes), None)
        if chosen is None:
            raise Refused(404, "web-no-rows")
        listing = _counts(review, chosen)
    return list_file(listing, review, f"list-{name}", format)


@pages.get("/studies/<study_id>/pilots")
def pilots(study_id):
    """Proposed pilot villages, with the parts of their score and weights that the reader may change."""
    standing = ready(study_id)
    review = standing.review
    level, given, willingness = _wanted(review.study)
    found, fault = None, None
    try:
        found = pilot_villages(review, level=level, weights=given, willingness=willingness)
    except StudyError as error:
        fault = error.say(language())
    names = unit_names(review.study, level)
    weights = given or {part: 100 * weight for part, weight in WEIGHTS.items()}
    page = render_template(
        "years/pilots.html",
        review=review,
        study=review.study,
        study_id=study_id,
        level=level,
        levels=[each for each in LEVELS if units_of(review.study, each) is not None],
        weights={part: weights.get(part, 0) for part in PARTS},
        willingness=willingness or "",
        columns=_willing_columns(review.study),
        fault=fault,
        pilots=found,
        rows=lists.pilot_rows(found, names, review.study, language()) if found else None,
        without=lists.without_rows(found, names, language()) if found else None,
        query={name: request.args[name] for name in ("level", "willing", *PARTS) if name in request.args},
        shown=SHOWN,
    )
    return page, 400 if fault else 200


@pages.get("/studies/<study_id>/pilots/list.<any(xlsx, csv):format>")
def pilots_file(study_id, format):
    """The proposals as a file."""
    review = ready(study_id).review
    level, given, willingness = _wanted(review.study)
    found = pilot_villages(review, level=level, weights=given, willingness=willingness)
    listing = lists.pilot_rows(found, unit_names(review.study, level), review.study, language())
    return list_file(listing, review, "list-pilots", format)


def _progress(history, review):
    """Progress against the target of the study, or of the address."""
    share, by = (request.args.get(name, "").strip() for name in ("share", "by"))
    wanted = to_number(share) if share else None
    if share and not (isinstance(wanted, float | int) and 0 <= wanted <= 100):
        raise Refused(400, "years-bad-share", value=share[:40])
    ahead = target_progress(history, review, share_pct=wanted, by=by or None)
    if by and ahead.by is None:
        raise Refused(400, "years-bad-date", value=by[:40])
    return ahead


def one_short(standing):
    """How many villages one criterion alone keeps from passing; raises as `patient`."""
    return sum(map(bool, _closest(standing)["one_step"]))


def _closest(standing):
    return patient(standing, ("closest",), lambda: closest(standing.review))


def _attributes(study):
    """Attribute to its name, of those that any village of the study has."""
    return {each: t(f"years-by-{each}") for each in ATTRIBUTES if attribute_of(study, each) is not None}


def _counts(review, attribute):
    counts = counts_by(review, attribute, language=language())
    return lists.count_rows(counts, attribute, review.criteria, language())


def _wanted(study):
    """Level, weights and column of willingness that the address asks for."""
    levels = {each: t(f"years-level-{each}") for each in LEVELS}
    level = asked.one_of("level", levels) or "commune"
    given = {}
    for part in PARTS:
        text = request.args.get(part, "").strip()
        number = to_number(text) if text else 0.0
        if number is None or not 0 <= number < 1e6:
            raise Refused(400, "years-bad-weight", part=t(f"years-part-{part}"), value=text[:40])
        given[part] = float(number)
    columns = _willing_columns(study)
    willingness = asked.one_of("willing", columns)
    return level, given if any(part in request.args for part in PARTS) else None, willingness


def _willing_columns(study):
    """Columns of numbers, and of yes and no, that the villages or the sheet of the year have, to their names."""
    sheet = study.reported
    fields = standard_fields()
    found = {}
    for name in sheet.columns:
        if sheet[name].dtype.kind in "fib" and sheet[name].notna().any():
            field = fields.get(name)
            found[str(name)] = pick(field.label) if field else str(name)
    return dict(sorted(found.items(), key=lambda item: item[1]))


def standard_fields():
    """The fields of the sheets as the catalogue knows them."""
    from gis.catalogue import load_catalogue

    return load_catalogue()["assessments"].fields
