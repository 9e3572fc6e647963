"""What every sheet begins and ends with: the study and what to beware of; the set, the run, and who checks."""

from gis.exports import plain
from gis.messages import say
from gis.sheets import cells, front
from gis.sheets.strip import LARGE, PALE_INK, SMALL, TEXT, WARNING


def begin(strip, review, name, place, language):
    """Study, warnings, and what the sheet is about."""
    strip.text(plain(review.study.label.pick(language)), size=SMALL, colour=PALE_INK)
    for notice in front.warnings(review, language):
        strip.text(notice, size=SMALL, bold=True, colour=WARNING)
    strip.down(3)
    strip.text(name, size=LARGE, bold=True)
    strip.text(place, colour=PALE_INK)
    strip.down(7)


def end(strip, review, language, *, records=()):
    """By which set, records, year and run; how sure its figures are; the line for who checked it."""
    criteria, run, figures = review.criteria, review.run, review.criteria.figures
    strip.heading(say("sheets-by", language))
    strip.text(f"{plain(criteria.label.pick(language))} ({plain(criteria.legal_ref)})", size=SMALL)
    dates = [say("papers-edition", language, edition=front.written_date(run.edition, language))]
    if run.year is not None:
        dates.insert(0, say("papers-year", language, year=run.year))
    if run.as_of:
        dates.append(say("papers-as-of", language, date=front.written_date(run.as_of, language)))
    strip.text(" · ".join(dates), size=SMALL)
    if records:
        strip.text(say("sheets-records", language, records="; ".join(records)), size=SMALL)
    strip.text(
        say("papers-verification", language, checked=figures["checked"], total=figures["total"]), size=SMALL
    )
    strip.text(say("sheets-run", language, run=run.id, version=run.code_version), size=SMALL)
    strip.down(5)
    strip.text(say("sheets-reviewer", language), size=TEXT)
    strip.text(say("sheets-date", language), size=TEXT)


def evidence_lines(strip, evidence, language):
    """The evidence one below the other; that there is none is said as well."""
    strip.heading(say("sheets-evidence", language, count=len(evidence)))
    for line in evidence:
        strip.text(f"• {plain(str(line))}", size=SMALL + 0.5)
    if not evidence:
        strip.text(say("sheets-no-evidence", language), size=SMALL, colour=PALE_INK)


def parts(*texts):
    """The texts that say something, with dots between."""
    return " · ".join(text for text in texts if text)


def known(value, code, language):
    """A number of something in words, empty where it is not known."""
    return "" if cells.is_missing(value) else say(code, language, count=cells.count(value, language).text)
