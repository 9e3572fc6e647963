"""Commands over saved plans and scenarios: list, rename, withdraw them, and put any two side by side."""

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
from gis.errors import PlanError
from gis.labels import Label, format_number
from gis.messages import say

SHOWN = 40


@commands.command()
@study_argument
@click.option("--show", metavar="KEY", help="Print a saved plan as it was.")
@click.option("--rename", metavar="KEY", help="Give it another --name and --note.")
@click.option("--withdraw", metavar="KEY", help="Say that it does not hold any more, with a --reason.")
@click.option("--name", help="The new name.")
@click.option("--note", help="The new note.")
@click.option("--reason", help="Why it is withdrawn.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON; with --show the whole record.")
@who_option
@language_option
def plans(study, show, rename, withdraw, name, note, reason, as_json, who, language):
    """The saved plans and scenarios of STUDY, the latest first."""
    from gis.store import plans as recorded
    from gis.workflows import opened, study_id
    from gis.workflows.planning import saved_plan, saved_plans

    # plans of a study of files are kept under its id, and asked for by its file as they are made
    study = study_id(study, settings())
    with opened(settings()) as store:
        if rename or withdraw:
            with store.writing(working_as(store, who, language)) as change:
                if rename:
                    recorded.rename(change, study, rename, name=name, note=note)
                if withdraw:
                    recorded.withdraw(change, study, withdraw, reason=reason)
        if show:
            _show(saved_plan(store, study, show), as_json, language)
            return
        rows = saved_plans(store, study)
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(say("plans-none-yet", language, study=study))
        return
    heads = ("plans-key", "plans-kind", "plans-name", "plans-made", "plan-tell-newly", "plan-tell-million")
    print_table([say(head, language) for head in heads], [_line(row, language) for row in rows])


@commands.command()
@click.argument("first")
@click.argument("second")
@click.option("--study", help="The study that plans and scenarios of files are judged over.")
@click.option("--judge", "judged", is_flag=True, help="Judge both again and list what flips by village.")
@criteria_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@language_option
def compare(first, second, study, judged, criteria, as_json, language):
    """Put FIRST and SECOND side by side: saved plans or scenarios (STUDY@KEY), files of them (.json), or studies."""
    from gis.plan.scenario_record import beside

    sides = [_side(text) for text in (first, second)]
    records = [record for _, record in sides]
    if all(records) and not judged:
        found = beside(*records)
        if as_json:
            _beside_as_data(found)
        else:
            _print_beside(found, records, language)
        return
    base = study or next((name for name, _ in sides if name), None)
    if base is None:
        raise PlanError("plan-compare-study")
    _judged(sides, base, criteria, as_json, language)


def _side(text):
    """The study that one side names, and the record where it is a plan or scenario; None where it is neither."""
    from gis.plan.foreign import read_record
    from gis.workflows import opened, study_id
    from gis.workflows.planning import saved_plan

    path = Path(text)
    if path.suffix == ".json":
        return None, read_record(path)
    study, at, key = text.rpartition("@")
    if not at or path.exists():
        return text, None
    with opened(settings()) as store:
        return study, saved_plan(store, study_id(study, settings()), key).record


def _judged(sides, base, criteria, as_json, language):
    """Both sides as judgements: a study as it is, a record with its edits made on the base."""
    from gis.plan import compare as put_beside
    from gis.plan.record import plain
    from gis.plan.scenario_record import scenario_of
    from gis.workflows import find_study, judge

    reviews = {}

    def review_of(name):
        if name not in reviews:
            read = find_study(name, criteria=criteria, settings=settings(), report=progress(language))
            reviews[name] = judge(read, report=progress(language))
        return reviews[name]

    ready = [
        review_of(name) if record is None else scenario_of(record, review_of(base)) for name, record in sides
    ]
    found = put_beside(*ready)
    if as_json:
        tables = {"villages": found.villages, "flips": found.flips, "works": found.works}
        print_json({"headline": found.headline} | {name: plain(table) for name, table in tables.items()})
        return
    told = {name: round(value) for name, value in found.headline.items()}
    click.echo(say("plan-compare-headline", language, **told))
    review, names = reviews[next(iter(reviews))], found.villages["name"]
    words = {status: say(f"status-{status}", language) for status in ("met", "unmet", "unknown", "exempt")}
    rows = [
        [
            names.get(row["village_id"]) or row["village_id"],
            review.criteria.criterion(row["criterion"]).label.pick(language),
            words.get(row["before"], "–"),
            words.get(row["after"], "–"),
        ]
        for row in found.flips.to_dict("records")
    ]
    heads = ("plan-tell-village", "plan-compare-criterion", "plan-compare-first", "plan-compare-second")
    _table([say(head, language) for head in heads], rows, language)


def _table(heads, rows, language):
    if rows:
        click.echo()
        print_table(heads, rows[:SHOWN])
    if len(rows) > SHOWN:
        click.echo(say("plan-compare-more", language, count=len(rows) - SHOWN))


def _print_beside(found, records, language):
    from gis.plan.telling import million, work_name

    figures = found.figures
    rows = [
        [
            say(f"plan-figure-{name}", language),
            *(_figure(name, figures.at[name, side], language) for side in ("a", "b")),
        ]
        for name in FIGURES
        if name in figures.index
    ]
    heads = [say(f"plan-compare-{name}", language) for name in ("figure", "first", "second")]
    print_table(heads, rows)
    names = {row["village_id"]: row["name"] for record in records for row in record["villages"]}
    for side, works in (("first", found.only_a), ("second", found.only_b)):
        column = "a" if side == "first" else "b"
        click.echo("\n" + say(f"plan-compare-only-{side}", language, count=len(works)))
        _table(
            [say(f"plan-tell-{head}", language) for head in ("work", "village", "million")],
            [
                [
                    work_name({"option_id": option, "label": row["label"] or {}}, language),
                    names.get(row["village_id"]) or row["village_id"] or "–",
                    million(row[f"cost_{column}"], language),
                ]
                for option, row in zip(works.index, works.to_dict("records"), strict=True)
            ],
            language,
        )
    words = {word: say(f"plan-compare-{word}", language) for word in ("passes", "open", "exempt")}
    click.echo("\n" + say("plan-compare-villages", language, count=len(found.villages)))
    _table(
        [
            say(head, language)
            for head in (
                "plan-tell-village",
                "plan-tell-commune",
                "plan-compare-first",
                "plan-compare-second",
            )
        ],
        [
            [row["name"] or "–", row["commune"] or "–"]
            + [
                f"{row[f'year_{side}']:.0f}" if row[f"year_{side}"] > 0 else words.get(row[side], "–")
                for side in ("a", "b")
            ]
            for row in found.villages.to_dict("records")
        ],
        language,
    )


FIGURES = ("passing", "after", "bound", "gap_pct", "works", "cost", "assumed_cost", "people_paid", "closed", "people",
           "after_infra_met", "after_met", "gained", "lost", "worse_off", "cost_after")  # fmt: skip
"""What is printed of two records, in this order, where both have it."""
MONEY = ("cost", "assumed_cost", "people_paid", "cost_after")


def _figure(name, value, language):
    from gis.plan.telling import million

    return million(value, language) if name in MONEY else format_number(round(value, 2), language)


def _beside_as_data(found):
    from gis.plan.record import plain

    tables = {"figures": found.figures, "works": found.works, "villages": found.villages}
    print_json({name: plain(table) for name, table in tables.items()})


def _show(saved, as_json, language):
    from gis.plan import telling

    if as_json:
        print_json(saved.record)
        return
    row, record = saved.row, saved.record
    click.echo(
        f"{row['name']} · {row['who']}, {row['at'][:10]}" + (f" · {row['note']}" if row["note"] else "")
    )
    label = Label(record["criteria"]["label"])
    click.echo(
        say(
            "headline-study",
            language,
            title=Label(record["study"]["label"]),
            criteria=label,
            run=record["run"],
        )
    )
    marks = {"illustration": record["study"]["illustration"], "trial-figures": record["criteria"]["trial"]}
    counts = {name: record["criteria"][name] for name in ("checked", "total")}
    for code in (code for code, counts_here in marks.items() if counts_here):
        click.echo(say(code, language, **(counts if code == "trial-figures" else {})))
    if saved.changed:
        click.echo(say("plans-changed", language))
    if row["withdrawn"]:
        click.echo(say("plans-withdrawn", language, **row["withdrawn"]))
    if row["kind"] == "plan":
        for sentence in telling.sentences(record, language):
            click.echo(sentence)
        table = telling.works_table(record, language)
        print_table(list(table.columns), table.values.tolist())


def _line(row, language):
    from gis.plan.telling import million

    head = row["headline"]
    marks = [say("plans-changed-short", language)] * bool(row["changed"])
    marks += [say("plans-withdrawn-short", language)] * bool(row["withdrawn"])
    passing = head.get("passing", head.get("after_infra_met", 0) - head.get("before_infra_met", 0))
    return [
        row["key"],
        say(f"plans-kind-{row['kind']}", language),
        row["name"] + (f" ({', '.join(marks)})" if marks else ""),
        f"{row['who']}, {row['at'][:10]}",
        int(passing),
        million(head.get("cost", head.get("cost_after", 0.0)), language),
    ]
