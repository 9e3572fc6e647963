"""The command that shows which village each name in a sheet means, and records what a person decides."""

import click

from gis.cli.base import (
    commands,
    language_option,
    print_json,
    progress,
    settings,
    study_argument,
    who_option,
    working_as,
)
from gis.errors import StudyError
from gis.messages import say

OPEN = ("review", "none")


@commands.command()
@study_argument
@click.option("--accept-best", is_flag=True, help="Take the first candidate of every name to review.")
@click.option(
    "--set", "answers", multiple=True, metavar="NAME[|COMMUNE]=VILLAGE", help="What one name means."
)
@click.option(
    "--none", "nobody", multiple=True, metavar="NAME[|COMMUNE]", help="A name that means no village here."
)
@click.option("--withdraw", multiple=True, metavar="NAME[|COMMUNE]", help="Open a decision again.")
@click.option("--all", "every", is_flag=True, help="Also list the names that were matched without a person.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@who_option
@language_option
def match(study, accept_best, answers, nobody, withdraw, every, as_json, who, language):
    """List the names in the sheets of STUDY that need a person, and accept what they mean.

    Decisions are kept for a study of the store; a study file holds its own under `matches`.
    """
    from gis.workflows import find_study

    read = find_study(study, settings=settings(), report=progress(language))
    rows = _rows(read)
    made = _made(rows, accept_best, answers, nobody)
    if made or withdraw:
        _record(study, read, made, withdraw, who, language)
        rows = _rows(find_study(study, settings=settings(), report=progress(language)))
    if as_json:
        print_json(rows)
        return
    for row in rows:
        if every or row["outcome"] in OPEN:
            found = (
                " / ".join(f"{name} ({key}, {score:.2f})" for key, name, score in row["candidates"][:3])
                or "–"
            )
            place = "|".join(filter(None, (row["name"], row["commune"])))
            word = say(f"match-outcome-{row['outcome']}", language)
            click.echo(
                f"{word}: {place} → {found} · {say('match-' + row['reason'], language)} · {row['place']}"
            )
    counts = {
        word: sum(row["outcome"] == word for row in rows)
        for word in ("automatic", "decided", "review", "none")
    }
    click.echo(say("match-summary", language, **counts))


def _rows(study):
    """Every name of every sheet with what it was matched to, as plain values."""
    return [
        {
            "place": f"{sheet} · {row.left_id}",
            "name": str(row.name),
            "commune": None if row.commune is None or row.commune != row.commune else str(row.commune),
            "outcome": row.outcome,
            "reason": row.reason,
            "village": row.right_id,
            "candidates": [(place.id, place.name, float(place.score)) for place in row.candidates],
        }
        for sheet, report in study.matches.items()
        for row in report.table.itertuples(index=False)
    ]


def _made(rows, accept_best, answers, nobody):
    """Name and commune to the village that was said, None for none."""
    made = {}
    if accept_best:
        for row in rows:
            if row["outcome"] == "review" and row["candidates"]:
                made[row["name"], row["commune"]] = row["candidates"][0][0]
    for text in answers:
        name, _, village = text.rpartition("=")
        if not name:
            raise click.UsageError(f"{text}: NAME[|COMMUNE]=VILLAGE")
        made[_asked(name)] = village
    return made | {_asked(text): None for text in nobody}


def _asked(text):
    name, _, commune = text.partition("|")
    return name, commune or None


def _record(study, read, made, withdraw, who, language):
    from gis.store import decisions
    from gis.workflows import list_stored, opened
    from gis.workflows.states import keeps_by_matches

    strange = sorted({village for village in made.values() if village is not None} - set(read.villages.index))
    if strange:
        raise StudyError("match-no-village", villages=strange)
    with opened(settings()) as store:
        if study not in {row["id"] for row in list_stored(store)}:
            raise StudyError("match-not-stored", study=study)
        answers = [(_subject(*asked), village, False) for asked, village in made.items()]
        answers += [(_subject(*_asked(text)), None, True) for text in withdraw]
        keeps = keeps_by_matches(store, study, answers)
        with store.writing(working_as(store, who, language)) as change:
            for subject, village, withdrawn in answers:
                if withdrawn:
                    decisions.withdraw(change, study, "match", subject, keeps=keeps)
                else:
                    decisions.decide(change, study, "match", subject, village, keeps=keeps)


def _subject(name, commune):
    return {"name": name} | ({"commune": commune} if commune else {})
