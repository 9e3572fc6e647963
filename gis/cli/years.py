"""Commands over the years of a study: history and target, what changed by which cause, pilot villages."""

from pathlib import Path

import click

from gis.cli.base import (
    commands,
    criteria_option,
    language_option,
    print_json,
    print_problems,
    print_table,
    progress,
    settings,
    study_argument,
)
from gis.errors import StudyError
from gis.labels import format_number
from gis.messages import say

out_option = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Also write the lists into this workbook."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@commands.command()
@study_argument
@click.option("--share", type=click.FloatRange(0, 100), help="Percent of villages that should be met.")
@click.option("--by", help="When: 2025-12-31, 31/12/2025 or a year.")
@criteria_option
@out_option
@json_option
@language_option
def years(study, share, by, criteria, out, as_json, language):
    """Say what became of the villages of STUDY over the years, and how far it is from its target."""
    from gis import yearly as lists
    from gis.exports import lists_to_xlsx
    from gis.workflows import closest, study_history, target_progress

    read = _read(study, criteria, language)
    history, reviews = study_history(read, report=progress(language))
    review = reviews[history.years[-1]]
    ahead = target_progress(history, review, share_pct=share, by=by)
    if by is not None and ahead.by is None:
        raise StudyError("years-bad-date", value=by[:40])
    near = closest(review)
    if out:
        sheets = {
            "years": lists.year_rows(history, review.criteria, language),
            "villages": lists.status_rows(history, read, language),
            "events": lists.event_rows(history, read, language),
            "closest": lists.closest_rows(near, review.criteria, language),
        }
        named = {say(f"years-sheet-{name}", language): sheet for name, sheet in sheets.items()}
        lists_to_xlsx(named, out, title=_title(read, language), language=language)
    if as_json:
        print_json(
            {
                "years": history.summary.reset_index().to_dict("records"),
                "events": history.events.to_dict("records"),
                "standing": history.standing.value_counts().to_dict(),
                "parents": history.parents.to_dict("records"),
                "target": _plain_progress(ahead),
                "closest": near.head(20).reset_index().to_dict("records"),
            }
        )
        return
    click.echo(_title(read, language))
    shown = lists.year_rows(history, review.criteria, language)
    _print(shown, language)
    for line in lists.progress_lines(ahead, review.criteria, language):
        click.echo(line)
    one_step = sum(map(bool, near["one_step"]))
    click.echo(say("years-closest-count", language, count=len(near), one_step=one_step))
    _tell(reviews.values(), language)
    _written(out, language)


@commands.command()
@study_argument
@click.option("--from", "before", required=True, metavar="YEAR[:SET[@EDITION]]", help="The earlier result.")
@click.option("--to", "after", required=True, metavar="YEAR[:SET[@EDITION]]", help="The later result.")
@out_option
@json_option
@language_option
def rescore(study, before, after, out, as_json, language):
    """Split the change of results in STUDY into what the villages and what the rules changed."""
    from gis import yearly as lists
    from gis.exports import lists_to_xlsx
    from gis.workflows import find_editions
    from gis.workflows import rescore as split

    read, editions = _read(study, None, language), find_editions(study, settings())
    corners = [_corner(read, text, editions) for text in (before, after)]
    result, judged = split(read, *corners, report=progress(language))
    sets = judged[0].criteria, judged[3].criteria
    causes = lists.cause_rows(result, language)
    by_criterion = lists.criterion_change_rows(result, sets, language)
    if out:
        sheets = {
            "causes": causes,
            "changes": lists.change_rows(result, read, sets, language, changed_only=False),
            "criteria": by_criterion,
            "findings": lists.finding_change_rows(result, read, sets, language),
        }
        named = {say(f"years-sheet-{name}", language): sheet for name, sheet in sheets.items()}
        lists_to_xlsx(named, out, title=_title(read, language), language=language)
    if as_json:
        print_json(
            {
                "causes": result.counts.to_dict(),
                "net": result.net.to_dict(),
                "transitions": result.transitions.to_dict("records"),
                "criteria": result.by_criterion.reset_index().to_dict("records"),
                "villages": result.villages.reset_index().to_dict("records"),
            }
        )
        return
    for side, review in (("before", judged[0]), ("after", judged[3])):
        year, rule = str(review.study.year), f"{review.criteria.id}@{review.criteria.edition}"
        click.echo(say(f"years-corner-{side}", language, year=year, criteria=rule))
    _print(causes, language)
    _print(by_criterion, language, leave=("label", "same", "other"))
    _tell(judged, language)
    _written(out, language)


@commands.command()
@study_argument
@click.option("--level", type=click.Choice(["commune", "upper", "all"]), default="commune", show_default=True,
              help="One pilot for each commune, each district, or one for all.")  # fmt: skip
@click.option(
    "--weight", "weights", multiple=True, metavar="PART=NUMBER",
    help="closeness, population, spread or willingness; may be given several times, the others are 0.",
)  # fmt: skip
@click.option("--willingness", help="Column of the villages or field of the sheets that says who is willing.")
@criteria_option
@out_option
@json_option
@language_option
def pilots(study, level, weights, willingness, criteria, out, as_json, language):
    """Propose pilot villages of STUDY by weights that are shown."""
    from gis import yearly as lists
    from gis.exports import lists_to_xlsx
    from gis.workflows import judge, pilot_villages
    from gis.workflows.targets import unit_names

    given = dict(map(_weight, weights)) or None
    review = judge(_read(study, criteria, language), report=progress(language))
    found = pilot_villages(review, level=level, weights=given, willingness=willingness)
    names = unit_names(review.study, level)
    rows = lists.pilot_rows(found, names, review.study, language)
    without = lists.without_rows(found, names, language)
    if out:
        named = {
            say("years-sheet-pilots", language): rows,
            say("years-sheet-without", language): without,
        }
        lists_to_xlsx(named, out, title=_title(review.study, language), language=language)
    if as_json:
        print_json(
            {
                "level": level,
                "weights": found.weights,
                "pilots": found.chosen.reset_index().to_dict("records"),
                "without": found.without.reset_index().to_dict("records"),
            }
        )
        return
    _print(rows, language, leave=("why",))
    for name, why in zip(rows.table["name"], rows.table["why"], strict=True):
        click.echo(f"{name}: {why}")
    if len(without.table):
        click.echo(say("years-without", language, units=without.table["unit"].tolist()))
    _written(out, language)


def _read(study, criteria, language):
    from gis.workflows import find_study

    return find_study(study, criteria=criteria, settings=settings(), report=progress(language))


def _corner(study, text, editions):
    from gis.workflows import Corner, named_set

    year, _, name = text.partition(":")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise StudyError("years-bad-corner", value=text[:60])
    return Corner(int(year), named_set(study, name, editions) if name else None)


def _weight(text):
    part, _, number = text.partition("=")
    try:
        return part.strip(), float(number)
    except ValueError:
        raise StudyError("years-bad-weights") from None


def _title(study, language):
    mark = f" · {say('illustration', language)}" if study.illustration else ""
    return f"{study.label.pick(language)} · {study.criteria.label.pick(language)}{mark}"


def _print(listing, language, leave=()):
    columns = [name for name in listing.table.columns if name not in leave]
    rows = [
        ["–" if cell is None or cell != cell else _cell(cell, language) for cell in row]
        for row in listing.table[columns].itertuples(index=False)
    ]
    print_table([listing.headings[name] for name in columns], rows)
    click.echo()


def _cell(cell, language):
    return format_number(cell, language) if isinstance(cell, float) else str(cell)


def _plain_progress(ahead):
    plain = {name: getattr(ahead, name) for name in ahead.__dataclass_fields__ if name != "steps"}
    return plain | {"steps": ahead.steps.to_dict("records")}


def _tell(reviews, language):
    from gis.workflows.rejudging import notes_of

    told = notes_of(reviews)
    if told:
        print_problems(told, language)


def _written(out, language):
    if out:
        click.echo(say("written", language, path=str(out)))
