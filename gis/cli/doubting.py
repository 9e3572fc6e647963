"""Commands over what is open in a study: where map and report contradict each other, and what to mend."""

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
)
from gis.messages import say

out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the whole list as an Excel workbook.",
)
SHOWN = 20
"""Rows that are printed; the Excel file and the JSON hold all."""


@commands.command()
@study_argument
@out_option
@criteria_option
@click.option("--all", "every", is_flag=True, help="Also what cannot be measured or compared.")
@click.option("--json", "as_json", is_flag=True, help="Print every row as JSON.")
@language_option
def disagreements(study, out, criteria, every, as_json, language):
    """List where the map contradicts what STUDY reports, each with its likely cause."""
    from gis.disagreements import CONTRADICTIONS, count_causes
    from gis.exports import disagreement_list

    review, decided = _judged(study, criteria, language)
    rows = review.disagreements
    if not every:
        rows = rows[rows["kind"].isin(CONTRADICTIONS)]
    table, headings = disagreement_list(review, rows, decided, language)
    if as_json:
        print_json(rows.to_dict("records"))
    else:
        counts = count_causes(rows)
        words = [say(f"cause-{cause}", language) for cause in counts["cause"]]
        head = [
            say(code, language)
            for code in ("disagree-cause", "disagree-villages", "disagree-rows", "disagree-first")
        ]
        numbers = counts[["villages", "rows", "first"]].astype(int).itertuples(index=False)
        print_table(head, [(word, *row) for word, row in zip(words, numbers, strict=True)])
        click.echo()
        shown = ["village", "commune", "criterion", "kind", "measured", "reported", "cause"]
        _print(table, headings, shown)
        click.echo(
            say("disagree-count", language, count=len(rows), villages=int(rows["village_id"].nunique()))
        )
    _write(review, table, headings, out, "disagree-title", language, quiet=as_json)


@commands.command()
@study_argument
@out_option
@criteria_option
@click.option("--json", "as_json", is_flag=True, help="Print every row as JSON.")
@language_option
def repairs(study, out, criteria, as_json, language):
    """List what to mend in the data of STUDY, the repair first on which most verdicts hang."""
    from gis.exports import repair_list
    from gis.repairs import repairs as needed
    from gis.store.decisions import settled

    review, decided = _judged(study, criteria, language)
    rows = needed(review.study, review.findings, review.disagreements, settled=settled(decided))
    table, headings = repair_list(review, rows, language)
    if as_json:
        print_json(rows.to_dict("records"))
    else:
        _print(table, headings, ["decides", "opens", "firms", "repair"])
        click.echo(say("repair-summary", language, count=len(rows), decided=int((rows["decides"] > 0).sum())))
    _write(review, table, headings, out, "repair-title", language, quiet=as_json)


def _judged(study, criteria, language):
    """The review, and what people decided on its disagreements."""
    from gis.workflows import decided_by, find_study, judge

    read = find_study(study, criteria=criteria, settings=settings(), report=progress(language))
    return judge(read), decided_by(settings(), study, read)


def _print(table, headings, columns):
    if table.empty:
        return
    rows = table.loc[: SHOWN - 1, columns].itertuples(index=False)
    print_table([headings[name] for name in columns], [tuple(row) for row in rows])
    if len(table) > SHOWN:
        click.echo("…")


def _write(review, table, headings, out, title, language, *, quiet):
    from gis.exports import list_title, to_xlsx

    if out is None:
        return
    to_xlsx(
        table,
        out,
        title=list_title(review, say(title, language), language),
        labels=headings,
        language=language,
    )
    if not quiet:
        click.echo(say("trust-written", language, path=str(out), rows=len(table)))
