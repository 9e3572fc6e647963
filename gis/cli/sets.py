"""Two criteria sets over one study."""

from pathlib import Path

import click

from gis.cli.base import (
    commands,
    language_option,
    print_json,
    print_table,
    progress,
    settings,
    study_argument,
)
from gis.errors import StudyError
from gis.messages import say
from gis.sentences import outcome_word
from gis.tables import STATUSES


@commands.command("compare-sets")
@study_argument
@click.argument("first")
@click.argument("second")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write every village as an Excel table."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the counts and the villages that differ as JSON."
)
@language_option
def compare_sets(study, first, second, out, as_json, language):
    """Judge STUDY by the sets FIRST and SECOND and say which villages come out otherwise."""
    from gis.side_by_side import cross_table, side_by_side
    from gis.workflows import find_study, judge

    read = find_study(study, criteria=first, also=(second,), settings=settings(), report=progress(language))
    one = judge(read, report=progress(language))
    if second not in one.beside:
        raise StudyError(problems=[found for found in read.problems if found.severity != "note"])
    other = one.beside[second]
    table = side_by_side(one, other)
    counts, differing = cross_table(table), table[table["differs"]]
    words = [
        {status: outcome_word(each.criteria, status, language) for status in STATUSES}
        for each in (one, other)
    ]
    shown = table.assign(**{name: table[name].map(words[at]) for at, name in enumerate(("first", "second"))})
    if out is not None:
        _write(shown, out, one, other, language)
    if as_json:
        rows = differing[["name", "commune", "first", "second"]].reset_index(names="village_id")
        print_json(
            {
                "first": first,
                "second": second,
                "counts": counts.to_dict("index"),
                "differing": rows.to_dict("records"),
            }
        )
        return
    heading = say("beside-corner", language, first=first, second=second)
    lines = [(words[0][status], *map(int, counts.loc[status])) for status in STATUSES]
    print_table([heading, *(words[1][status] for status in STATUSES)], lines)
    click.echo(say("beside-count", language, count=len(differing)))
    for village_id, row in shown[shown["differs"]].iterrows():
        click.echo(
            f"  {row['name']} ({village_id}), {row['commune'] or '–'}: {row['first']} → {row['second']}"
        )
    if out is not None:
        click.echo(say("written", language, path=str(out)))


def _write(table, out, one, other, language):
    from gis.exports import to_xlsx

    names = [f"{each.criteria.label.pick(language)} ({each.criteria.edition})" for each in (one, other)]
    missed = [
        f"beside-missed{'-trigger' if each.criteria.polarity == 'trigger' else ''}" for each in (one, other)
    ]
    headings = {
        "village_id": say("web-column-id", language),
        "name": say("export-column-name", language),
        "commune": say("web-commune", language),
        "first": names[0],
        "first_missed": say(missed[0], language, name=names[0]),
        "second": names[1],
        "second_missed": say(missed[1], language, name=names[1]),
        "differs": say("beside-differs", language),
    }
    yes = {True: say("web-yes", language), False: say("beside-same", language)}
    rows = table.assign(differs=table["differs"].map(yes)).rename_axis("village_id")
    title = f"{one.study.label.pick(language)} · {say('beside-title', language)}"
    to_xlsx(rows, out, title=title, labels=headings, language=language)
