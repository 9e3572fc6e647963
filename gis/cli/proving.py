"""Commands about verdicts that must stand: how far villages are, and versions frozen for a meeting."""

import datetime

import click

from gis.cli.base import (
    commands,
    language_option,
    print_json,
    print_table,
    progress,
    settings,
    study_argument,
    who_option,
    working_as,
)
from gis.messages import say
from gis.sentences import outcome_word


@commands.command()
@study_argument
@click.option("--state", type=click.Choice(("draft", "verified", "recognised")), help="Only villages so far.")
@click.option("--commune", help="Only villages of the commune of this code.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@language_option
def states(study, state, commune, as_json, language):
    """How far every village of STUDY is: draft, verified or recognised, and where today differs."""
    from gis.store import states as recorded
    from gis.workflows import judge, opened, read_stored
    from gis.workflows.states import stand, year_of

    with opened(settings()) as store:
        review = judge(read_stored(store, study, report=progress(language)))
        year = year_of(review.study)
        with store.reading() as connection:
            rows = recorded.standing(connection, study, year)
    table = stand(review, rows)
    table = table.join(review.villages_table[["name", "commune_id", "commune", "status"]])
    counts = {word: int((table["state"] == word).sum()) for word in recorded.STATES}
    differing = int(table["differs"].sum())
    if state:
        table = table[table["state"] == state]
    if commune is not None:
        table = table[table["commune_id"] == commune]
    if as_json:
        found = table.reset_index().astype(object)
        print_json({"year": year, "villages": found.where(found.notna(), None).to_dict("records")})
        return
    headings = [say(f"states-page-column-{name}", language) for name in ("village_id", "name", "commune")]
    headings += [say(code, language) for code in ("states-page-state", "states-page-column-decision")]
    headings += [say(f"states-page-column-{name}", language) for name in ("status_text", "then")]
    words = [_outcome(review, row.status, language) for row in table.itertuples()]
    then = [_outcome(review, row.status_then, language) if row.differs else "" for row in table.itertuples()]
    print_table(
        headings,
        [
            (
                row.Index,
                row.name,
                row.commune or "",
                say(f"states-word-{row.state}", language),
                f"{row.decision} ({row.decided_on})" if row.state == "recognised" else "",
                word,
                before,
            )
            for row, word, before in zip(table.itertuples(), words, then, strict=True)
        ],
    )
    click.echo(say("states-summary", language, year=year, **counts, differing=differing))


@commands.command()
@study_argument
@click.option("--name", required=True, help="Of the meeting.")
@click.option("--as-of", "as_of", help="The day the figures speak of, as 2025-12-31; today when left out.")
@who_option
@language_option
def freeze(study, name, as_of, who, language):
    """Keep the whole judged STUDY of the store as it is now, under the NAME of a meeting."""
    from gis.workflows import judge, opened, read_stored
    from gis.workflows.meetings import freeze as keep

    as_of = as_of or datetime.date.today().isoformat()
    with opened(settings()) as store:
        who = working_as(store, who, language)
        review = judge(read_stored(store, study, report=progress(language)))
        row = keep(store, study, review, name=name, as_of=as_of, who=who)
    click.echo(say("meetings-done", language, name=row["name"], key=row["key"], as_of=row["as_of"]))


@commands.command()
@study_argument
@click.option("--compare", "compared", metavar="KEY", help="Which villages differ today from this version.")
@click.option("--withdraw", metavar="KEY", help="Say that this version does not hold any more.")
@click.option("--reason", help="Why it is withdrawn.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@who_option
@language_option
def meetings(study, compared, withdraw, reason, as_json, who, language):
    """The versions of STUDY that were frozen for meetings, the latest first."""
    from gis.store import meetings as recorded
    from gis.store.studies import get_study
    from gis.workflows import opened

    with opened(settings()) as store:
        if withdraw:
            with store.writing(working_as(store, who, language)) as change:
                recorded.withdraw(change, study, withdraw, reason=reason)
        if compared:
            _compare(store, study, compared, as_json, language)
            return
        with store.reading() as connection:
            get_study(connection, study)
            rows = recorded.listed(connection, study)
    if as_json:
        print_json(rows)
        return
    headings = [
        say(code, language)
        for code in (
            "meetings-key",
            "meetings-page-as-of-field",
            "meetings-page-name",
            "meetings-made",
            "meetings-met",
        )
    ]
    gone = say("meetings-page-withdrawn", language)
    print_table(
        headings,
        [
            (
                row["key"],
                row["as_of"],
                f"{row['name']} ({gone}: {row['withdrawn']['reason']})" if row["withdrawn"] else row["name"],
                f"{row['who']}, {row['at'][:10]}",
                " ".join(f"{SYMBOLS[word]} {row['headline'][word]}" for word in SYMBOLS),
            )
            for row in rows
        ],
    )


SYMBOLS = {"met": "✓", "unmet": "✕", "unknown": "?", "exempt": "–"}
"""Signs of the verdicts; what they are called depends on the set."""


def _compare(store, study, key, as_json, language):
    from gis.workflows import judge, read_stored
    from gis.workflows.meetings import compare, open_frozen

    then = open_frozen(store, study, key).review
    today = judge(read_stored(store, study, report=progress(language)))
    villages, findings = compare(then, today)
    if as_json:
        tables = {"villages": villages.reset_index(), "findings": findings}
        print_json({name: table.to_dict("records") for name, table in tables.items()})
        return
    labels = {one.id: one.label for review in (then, today) for one in review.criteria.criteria}
    by_village = {village: list(rows["criterion"]) for village, rows in findings.groupby("village_id")}
    headings = [say(f"states-page-column-{name}", language) for name in ("village_id", "name")]
    headings += [say(f"meetings-page-{name}", language) for name in ("then", "now", "by-criterion")]
    print_table(
        headings,
        [
            (
                row.Index,
                row.name,
                _outcome(then, row.then, language),
                _outcome(today, row.now, language),
                "; ".join(labels[criterion].pick(language) for criterion in by_village.get(row.Index, ())),
            )
            for row in villages.itertuples()
        ],
    )
    changed = int((villages["then"] != villages["now"]).sum())
    click.echo(say("meetings-page-changes-count", language, count=len(villages), verdicts=changed))


def _outcome(review, status, language):
    """What the set calls a verdict."""
    if status is None:
        return say("meetings-page-not-there", language)
    return outcome_word(review.criteria, status, language)
