"""What stands around the tables of a paper: who hands it in, what is judged by what, and how sure the figures are."""

import re

import geopandas as gpd

from gis.crs import WGS84
from gis.exports import plain
from gis.labels import format_date
from gis.messages import say
from gis.names import fold

VIETNAM = (102.0, 8.0, 110.0, 23.6)
"""West, south, east and north of the mainland, in degrees."""

UNITS = ("xa ", "phuong ", "thi tran ", "dac khu ")
"""How a name begins that says itself what kind of unit it is, folded."""


def national(review, language):
    """Name and motto of the state, or nothing where the middle of the villages lies outside Viet Nam."""
    places = review.study.villages["point"].dropna()
    if len(places) and review.study.villages.crs is not None:
        middle = gpd.GeoSeries(places, crs=review.study.villages.crs).to_crs(WGS84).union_all().centroid
        west, south, east, north = VIETNAM
        if not (west <= middle.x <= east and south <= middle.y <= north):
            return ()
    return (say("papers-nation", language), say("papers-motto", language))


def issuer(review, heading, commune, language):
    """The body that hands the paper in; without a name, the committee of the commune or a dotted line."""
    if heading.issuer.strip():
        return plain(heading.issuer.strip())
    if not national(review, language):
        return say("papers-issuer-blank", language)
    if commune is None:
        return say("papers-issuer-province", language)
    if not commune:
        return say("papers-issuer-blank", language)
    name = commune_name(review, commune, language)
    code = "papers-issuer-unit" if fold(name).startswith(UNITS) else "papers-issuer-commune"
    return say(code, language, commune=name).upper()


def commune_name(review, commune, language):
    """The name of a commune, else its code; words for villages without one."""
    names = review.communes["name"]
    return plain(names.get(commune) or commune or say("papers-no-commune", language))


def place_date(heading, language):
    """The line of place and date, dotted where nobody has said them."""
    place = plain(heading.place.strip()) or "………………"
    parts = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", heading.date.strip())
    if not parts:
        return say("papers-place-blank", language, place=place)
    year, month, day = parts.groups()
    return say("papers-place-date", language, place=place, day=day, month=month, calendar=year)


def subtitle(review, commune, language):
    """Where, by which set and its decision, and of which year the figures are."""
    study, criteria = review.study, review.criteria
    lines = [f"{plain(criteria.label.pick(language))} ({plain(criteria.legal_ref)})"]
    where = plain(study.label.pick(language))
    if commune is not None:
        where = f"{commune_name(review, commune, language)} – {where}"
    return (where, *lines, " · ".join(times(review, language)))


def times(review, language):
    run = review.run
    if run.year is not None:
        yield say("papers-year", language, year=run.year)
    if run.as_of:
        yield say("papers-as-of", language, date=written_date(run.as_of, language))
    yield say("papers-edition", language, edition=written_date(run.edition, language))


def written_date(text, language):
    """A date given as year-month-day as the language writes it; anything else as given."""
    return plain(format_date(text, language))


def warnings(review, language):
    """What must be seen before any figure; the figures that nobody has checked with how many they are."""
    figures = review.criteria.figures
    told = [say("export-notice-illustration", language)] if review.study.illustration else []
    if review.criteria.is_trial:
        told.append(
            say(
                "papers-unchecked",
                language,
                left=figures["total"] - figures["checked"],
                total=figures["total"],
            )
        )
    return tuple(told)


def sources(review, language):
    """How sure the figures of the set are, what the results were made from, and by which run."""
    study, figures = review.study, review.criteria.figures
    lines = [say("papers-verification", language, checked=figures["checked"], total=figures["total"])]
    words = [
        f"{count} {say(f'verification-{word}', language)}"
        for word, count in figures.get("by_word", {}).items()
    ]
    if words:
        lines[0] += " " + say("papers-verification-words", language, words=", ".join(words))
    said = list(dict.fromkeys(plain(one.text(language)) for one in study.citations))
    if said:
        lines.append(say("papers-made-from", language, inputs="; ".join(said)))
    return tuple(lines)


def foot(review, language):
    """The line on every page by which two states of the data can be told apart."""
    run = review.run
    return say(
        "papers-foot",
        language,
        run=run.id,
        criteria=run.criteria_id,
        edition=run.edition,
        version=run.code_version,
    )
