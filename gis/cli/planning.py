"""Commands from gaps to a plan: what could be built, and which of it for the money."""

import json
import re
from pathlib import Path

import click

from gis.cli.base import (
    commands,
    criteria_option,
    language_option,
    print_json,
    print_table,
    progress,
    settings,
    study_argument,
    who_option,
    working_as,
)
from gis.errors import ExportError, PlanError, StoreError
from gis.messages import say

json_option = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
needs_option = click.option(
    "--needs", type=click.Path(path_type=Path, dir_okay=False), help="The planner's own needs list."
)
costs_option = click.option(
    "--costs", type=click.Path(path_type=Path, dir_okay=False), help="The planner's own unit costs."
)
SHOWN = 40
"""Rows of a list that are printed; files and JSON have all."""


@commands.command()
@study_argument
@click.option(
    "--request",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="YAML file of what is asked; the other options add to it.",
)
@click.option("--budget", help="Money in all, to be spent in any of the years: 20e9, 20 tỷ.")
@click.option(
    "--fund", "funds", multiple=True, metavar="ID:AMOUNT[,AMOUNT…][;RULE=…]",
    help="A fund with its money a year and its rules, such as ntm:5e9,5e9;sectors=roads+water;share=70.",
)  # fmt: skip
@click.option("--years", help="2026 or 2026-2030; next year where nothing says.")
@click.option(
    "--part",
    type=click.Choice(["infrastructure", "all"]),
    help="What must pass: what works can fix, or the whole set.",
)
@click.option(
    "--assume", "assumed", multiple=True, metavar="CRITERION=YEAR:PROGRAMME",
    help="A criterion taken as met from a year on, and thanks to what.",
)  # fmt: skip
@click.option(
    "--floor", "floors", multiple=True, metavar="works=1|villages=1|vnd=1e9",
    help="What no commune is left without.",
)  # fmt: skip
@click.option("--essential", "essential", multiple=True, metavar="SECTOR", help="A sector that comes first.")
@click.option("--lock", "locked", multiple=True, metavar="OPTION", help="A work that is in in any case.")
@click.option("--ban", "banned", multiple=True, metavar="OPTION", help="A work that is out in any case.")
@click.option(
    "--maintenance", is_flag=True, help="Upkeep of what is built must be paid out of recurrent money."
)
@click.option("--seconds", type=click.FloatRange(1, 3600), help="How long to look for a better plan.")
@click.option("--seed", type=int)
@needs_option
@costs_option
@click.option("--target", help="Also the fewest years to so many villages (30) or so much of them (80%).")
@click.option(
    "--robust",
    "draws",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="Also how often each work is chosen when costs and figures are drawn N times.",
)
@click.option("--more-money", is_flag=True, help="Also how many more pass with a tenth more of each fund.")
@click.option("--curve", is_flag=True, help="Also villages that pass for parts and multiples of the money.")
@click.option("--fairness", is_flag=True, help="Also who gains, and what an equal share costs.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Works as .xlsx, .gpkg, .geojson or .zip, or a folder."
)
@click.option("--save", "name", help="Keep the plan in the store under this name.")
@click.option("--note", help="A note kept with it.")
@criteria_option
@who_option
@json_option
@language_option
def plan(
    study, file, needs, costs, target, draws, out, name, note, criteria, who, as_json, language, **asked
):
    """Choose the works of STUDY by which most villages pass for the money, and say how far from the best that may be."""
    from gis.plan import settled
    from gis.workflows import judge
    from gis.workflows.planning import make_plan

    parts = {"more_money": "reasons", "curve": "curve", "fairness": "fairness"}
    parts = ["confirmed", *(part for option, part in parts.items() if asked.pop(option))]
    parts += ["robustness"] * bool(draws) + ["roadmap"] * (target is not None)
    # what is to become of the plan is looked at before the long work: nobody waits for a plan that gets lost
    person = _person(name, who, language) if name is not None else None
    targets = _targets(out, language) if out else ()
    read = _read(study, criteria, language)
    request = _asked(read, language, file, **asked)
    review = judge(read, report=progress(language))
    settled(request, review)
    options, works = _with_own(review, needs, costs, language)
    made = make_plan(
        review, request, options=options, interventions=works, parts=parts, draws=draws or 0, target=target,
        report=progress(language),
    )  # fmt: skip
    row = _save(study, made.record, review, name, note, person) if person else None
    if as_json:
        print_json(made.record | ({"key": row["key"]} if row else {}))
    else:
        _print_plan(made.record, review, language)
        if row:
            click.echo(say("plan-saved", language, name=row["name"], key=row["key"]))
    if out:
        for path in _write(made.record, targets, language):
            click.echo(say("written", language, path=str(path)), err=as_json)


@commands.command()
@study_argument
@click.option("--commune", help="Only works in this commune.")
@click.option("--sector", help="Only works of this sector.")
@click.option("--village", help="The cheapest change for each gap of this village.")
@needs_option
@costs_option
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write them as a needs list to be edited."
)
@criteria_option
@json_option
@language_option
def options(study, commune, sector, village, needs, costs, out, criteria, as_json, language):
    """What could be built in STUDY, what it may cost and which gaps it closes; the cheapest change for each gap."""
    from gis.plan import cheapest_fixes
    from gis.plan.fixes import fixes_of
    from gis.workflows import judge

    review = judge(_read(study, criteria, language), report=progress(language))
    found, works = _with_own(review, needs, costs, language)
    if village is not None:
        review.scorecard(village, language)  # says where there is no such village
    table = found.table
    for column, wanted in (("commune_id", commune), ("sector", sector)):
        if wanted is not None:
            _known(column, wanted, table[column])
            table = table[table[column] == wanted]
    fixes = fixes_of(found, cheapest_fixes(found), works)
    shown = {gap: fix for gap, fix in fixes.items() if village in (None, gap[0])}
    if as_json:
        print_json(_options_as_data(table, found.ways, shown))
    elif village is not None:
        _print_fixes(review, village, shown, language)
    else:
        _print_options(review, table, found, shown, works, language)
    if out:
        from gis.workflows.needs import write_needs

        write_needs(found, review, out, interventions=works, language=language)
        click.echo(say("written", language, path=str(out)), err=as_json)


def _read(study, criteria, language):
    from gis.workflows import find_study

    return find_study(study, criteria=criteria, settings=settings(), report=progress(language))


def _asked(
    study,
    language,
    file,
    *,
    budget,
    funds,
    years,
    part,
    assumed,
    floors,
    essential,
    locked,
    banned,
    **plainly,
):
    """What is asked for: the file, and what the options add to it."""
    from gis.plan import Request, fund_from_text, read_request

    plain = read_request(file).to_plain() if file else {}
    plain["funds"] = [*plain.get("funds", ()), *map(fund_from_text, funds)]
    given = {"years": years, "part": part, "floor": dict(map(_floor, floors)) or None, **plainly}
    plain |= {key: value for key, value in given.items() if value not in (None, False)}
    for key, more in (("essential", essential), ("locked", locked), ("banned", banned)):
        plain |= {key: [*plain.get(key, ()), *more]} if more else {}
    if assumed:
        plain["assumed"] = [*plain.get("assumed", ()), *map(_assumed, assumed)]
    if "years" not in plain:
        plain["years"] = _next_year(study)
    if budget is not None:
        # all of it is there from the first year on
        count = len(Request.from_plain({"years": plain["years"], "funds": []}).years)
        plain["funds"].append(
            {
                "id": "budget",
                "label": say("plan-tell-budget", language),
                "amounts": [budget, *[0] * (count - 1)],
            }
        )
    if not plain["funds"]:
        raise PlanError("plan-no-money")
    return Request.from_plain(plain)


def _assumed(text):
    criterion, _, rest = text.partition("=")
    year, _, by = rest.partition(":")
    # isdigit takes ² for a digit, and int does not
    if not criterion.strip() or not re.fullmatch(r"\d{1,4}", year.strip()) or not by.strip():
        raise PlanError("plan-assume-text", text=text[:80])
    return {"criterion": criterion.strip(), "year": int(year), "by": by.strip()}


def _floor(text):
    kind, _, amount = text.partition("=")
    try:
        return kind.strip(), amount.strip() if kind.strip() == "vnd" else int(amount)
    except ValueError:
        raise PlanError("plan-floor-text", text=text[:80]) from None


def _next_year(study):
    year = study.year or (int(study.as_of[:4]) if study.as_of else None)
    if year is None:
        raise PlanError("plan-which-years")
    return year + 1


def _with_own(review, needs, costs, language):
    """The options and the kinds of work, with what the planner's own tables say of them."""
    from gis.workflows.planning import options_with

    options, works, problems = options_with(
        review, needs=needs, costs=costs, settings=settings(), report=progress(language)
    )
    for problem in problems:
        click.echo(f"{say('severity-' + problem.severity, language)}: {problem.say(language)}", err=True)
    return options, works


def _person(name, who, language):
    """Who keeps a plan under a name.

    Raises
    ------
    GisError
        If it has no name, or nobody can be asked who keeps it.
    """
    from gis.workflows import opened

    if not name.strip():
        raise StoreError("plans-name-needed")
    with opened(settings()) as store:
        return working_as(store, who, language)


def _save(study, record, review, name, note, person):
    """Keep a plan in the store, under the id of its study there or of the study's file."""
    from gis.store import studies
    from gis.workflows import opened
    from gis.workflows.planning import save_plan

    with opened(settings()) as store:
        with store.reading() as connection:
            known = {row["id"]: row["revision"] for row in studies.list_studies(connection)}
        is_file = Path(study).exists() or bool(Path(study).suffix)
        revision = None if is_file else known.get(study)
        told = {"name": name, "note": note, "who": person, "review": review, "revision": revision}
        return save_plan(store, review.study.id if is_file else study, record, **told)


def _targets(out, language):
    """The file that is named, or every file there is in a folder, which is made.

    Raises
    ------
    ExportError
        If the end of the name is none of a format.
    """
    from gis.exports import WORKS_FORMATS

    suffixes = [each.suffix for each in WORKS_FORMATS.values()]
    if not out.suffix or out.is_dir():
        out.mkdir(parents=True, exist_ok=True)
        return [out / f"{say('plan-file-name', language)}{suffix}" for suffix in suffixes]
    if out.suffix.lower() not in suffixes:
        raise ExportError("export-no-format", format=out.suffix, known=" | ".join(suffixes))
    if not out.parent.is_dir():
        raise ExportError("export-no-folder", folder=str(out.parent))
    return [out]


def _write(record, targets, language):
    """Write the works of a plan as files, and the whole record beside them where there are several; the files."""
    from gis.exports import write_works
    from gis.files import replacing

    written = []
    for target in targets:
        report = write_works(record, target, language=language)
        for problem in report.problems:
            click.echo(f"{say('severity-' + problem.severity, language)}: {problem.say(language)}", err=True)
        written.append(report.path)
    if len(targets) > 1:
        written.append(targets[0].with_name("plan.json"))
        with replacing(written[-1]) as fresh:
            fresh.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    return written


def _print_plan(record, review, language):
    from gis.cli.judging import print_marks
    from gis.plan import telling

    click.echo(
        say(
            "headline-study",
            language,
            title=review.study.label.pick(language),
            criteria=review.criteria.label,
            run=record["run"],
        )
    )
    print_marks(review, language)
    for sentence in telling.sentences(record, language):
        click.echo(sentence)
    works = telling.works_table(record, language)
    tables = [
        telling.funds_table(record, language),
        works.head(SHOWN),
        telling.rankings_table(record, language),
        telling.curve_table(record, language),
        telling.roadmap_table(record, language),
        telling.fairness_table(record, language),
    ]
    for number, table in enumerate(tables):
        if len(table):
            click.echo()
            print_table(list(table.columns), table.values.tolist())
        if number == 1 and len(works) > SHOWN:
            click.echo(say("plan-tell-more", language, count=len(works) - SHOWN))
    for code, told in (("binds", telling.binds), ("rests", telling.assumptions)):
        if lines := told(record, language):
            click.echo(f"\n{say(f'plan-tell-{code}', language)}")
            for line in lines:
                click.echo(f"- {line}")


def _known(column, wanted, values):
    there = sorted(set(values.dropna()))
    if wanted not in there:
        raise PlanError("plan-options-none", what=column, value=str(wanted)[:60], known=there)


def _options_as_data(table, ways, fixes):
    from gis.plan.record import plain

    closes = ways[ways["option_id"].isin(table.index)].groupby("option_id")
    closed = {
        option: list(dict.fromkeys(zip(rows["village_id"], rows["criterion"], strict=True)))
        for option, rows in closes
    }
    rows = table.drop(columns=["geometry"]).reset_index().to_dict("records")
    return {
        "options": [plain(row | {"closes": closed.get(row["option_id"], [])}) for row in rows],
        "fixes": [{"village_id": gap[0], "criterion": gap[1], **fix} for gap, fix in fixes.items()],
    }


def _print_fixes(review, village, fixes, language):
    from gis.explanations import fix_text

    click.echo(f"{review.villages_table.at[village, 'name']} ({village})")
    gaps = [row for row in review.findings_of(village) if row["status"] == "unmet"]
    for row in gaps:
        fix = fixes.get((village, row["criterion"]))
        label = review.criteria.criterion(row["criterion"]).label.pick(language)
        told = fix_text(fix, language) if fix else say("plan-options-no-fix", language)
        click.echo(f"- {label}: {told}")
    if not gaps:
        click.echo(say("plan-options-no-gap", language))


def _print_options(review, table, found, fixes, works, language):
    from gis.plan.telling import million, work_name

    gaps = found.ways.drop_duplicates(["option_id", "village_id", "criterion"]).groupby("option_id").size()
    names = review.study.villages["name"]
    rows = [
        [
            option,
            work_name({**row, "option_id": option, "label": _label(row, works)}, language),
            names.get(row["village_id"]) or "–",
            million(row["cost"], language) + (" *" if row["cost_by"] == "assumption" else ""),
            int(gaps.get(option, 0)),
        ]
        for option, row in zip(table.index, table.head(SHOWN).to_dict("records"), strict=False)
    ]
    heads = ["id", *(f"plan-tell-{name}" for name in ("work", "village", "million", "closes"))]
    print_table([heads[0], *(say(head, language) for head in heads[1:])], rows)
    if len(table) > SHOWN:
        click.echo(say("plan-tell-more", language, count=len(table) - SHOWN))
    unmet = int((review.findings["status"] == "unmet").sum())
    counts = {
        "options": len(found.table),
        "gaps": unmet,
        "fixable": len(fixes),
        "without": unmet - len(fixes),
    }
    click.echo(say("plan-options-summary", language, **counts))
    if (table["cost_by"] == "assumption").any():
        click.echo(say("plan-options-assumed", language))


def _label(row, works):
    kind = works.get(row["intervention"])
    return dict(kind.label) if kind else {}
