"""The command that shows what a new version of the program changes, before people meet it on the pages."""

from pathlib import Path

import click

from gis.cli.base import commands, language_option, print_json, print_table, progress, settings
from gis.messages import say
from gis.sentences import status_word

SHOWN = 20


@commands.command("upgrade-check")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--keep", is_flag=True, help="Write today's verdicts into FILE: before an upgrade, with the old version."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the whole list as an Excel workbook or .csv.",
)
@click.option("--json", "as_json", is_flag=True, help="Print every change as JSON.")
@language_option
def upgrade_check(file, keep, out, as_json, language):
    """List the verdicts of all studies that are not what they were when FILE was kept.

    Leaves with 1 where any verdict is another, or a study can no longer be judged.
    """
    from gis.workflows.upgrading import changes, keep_verdicts, read_verdicts, unjudged

    before = {} if keep else read_verdicts(file)
    now = _verdicts(language)
    if keep:
        keep_verdicts(file, now)
        villages = sum(len(each["villages"]) for each in now.values())
        click.echo(say("upgrade-kept", language, path=str(file), studies=len(now), villages=villages))
        _tell_unjudged(unjudged(now), language)
        raise SystemExit(0)
    found = changes(before, now)
    lost = {study: why for study, why in unjudged(now).items() if study not in unjudged(before)}
    if as_json:
        print_json(
            {"changes": found.to_dict("records"), "unjudged": lost, "gone": sorted({*before} - {*now})}
        )
    else:
        _print(found, before, now, language)
        _tell_unjudged(lost, language)
    if out is not None:
        _write(found, out, language)
        if not as_json:
            click.echo(say("trust-written", language, path=str(out), rows=len(found)))
    raise SystemExit(1 if len(found) or lost else 0)


def _verdicts(language):
    """The verdicts of every study of the store and of the folder, by this program."""
    from contextlib import nullcontext

    from gis.workflows import opened
    from gis.workflows.upgrading import judge_all, verdicts_of

    known = settings()
    there = known.store_url or known.store.is_dir()
    with opened(known) if there else nullcontext() as store:
        judged = judge_all(store, known.studies, settings=known, report=progress(language))
        return {study: verdicts_of(found) for study, found in judged}


def _print(found, before, now, language):
    counts = found.groupby("study")["village_id"].nunique().to_dict()
    studies = sorted({*before, *now})
    heads = [say(f"upgrade-{name}", language) for name in ("study", "villages", "verdicts", "moved")]
    rows = [
        (
            study,
            len(now.get(study, {}).get("villages", {})),
            int((found["study"] == study).sum()),
            counts.get(study, 0),
        )
        for study in studies
    ]
    print_table(heads, rows)
    shown = ["study", "village", "commune", "criterion", "before", "after", "cause"]
    if len(found):
        click.echo()
        table = _worded(found.head(SHOWN), language)[shown]
        print_table(
            [say(f"upgrade-{name}", language) for name in shown],
            list(table.itertuples(index=False, name=None)),
        )
        if len(found) > SHOWN:
            click.echo("…")
    click.echo(
        say("upgrade-count", language, count=len(found), villages=sum(counts.values()), studies=len(studies))
    )


def _tell_unjudged(faults, language):
    for study, why in faults.items():
        click.echo(say("upgrade-unjudged", language, study=study, reason=" ".join(why.split())))


def _worded(found, language):
    """The list as people read it: words for verdicts and causes."""
    word = lambda status: status_word(status, "flag", language) if status else say("upgrade-none", language)  # noqa: E731
    whole = say("upgrade-whole", language)
    return found.assign(
        criterion=[one or whole for one in found["criterion"]],
        before=found["before"].map(word),
        after=found["after"].map(word),
        cause=[say(f"upgrade-cause-{one}", language) for one in found["cause"]],
    )


def _write(found, out, language):
    from gis.exports import to_xlsx
    from gis.exports.csv_table import write_csv
    from gis.files import replacing

    table = _worded(found, language)
    headings = {name: say(f"upgrade-{name}", language) for name in table}
    if out.suffix.lower() == ".csv":
        with replacing(out) as fresh:
            write_csv(table.rename(columns=headings), fresh)
    else:
        to_xlsx(table, out, title=say("upgrade-title", language), labels=headings, language=language)
