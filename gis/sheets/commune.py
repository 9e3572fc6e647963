"""The one-page sheet of a commune: how many of its villages pass, where they lie, and what is missed most."""

from reportlab.lib.colors import HexColor

from gis.errors import PaperError
from gis.exports import plain
from gis.labels import format_value
from gis.messages import say
from gis.sentences import by_set
from gis.sheets import cells, front
from gis.sheets.around import begin, end, known, parts
from gis.sheets.fonts import BOLD, width
from gis.sheets.locator import add_map
from gis.sheets.results import named
from gis.sheets.strip import DEEP, MARGIN, ROOM, SMALL, Strip, to_pdf
from gis.tables import STATUSES

MOST_MISSED, MOST_NAMED, MOST_LISTED = 6, 3, 40
WORST_FIRST = {"unmet": 0, "unknown": 1, "met": 2, "exempt": 3}


def commune_sheet(review, commune, language, *, paper=False):
    """The sheet of one commune as a PDF: one page for a telephone, or A4.

    Parameters
    ----------
    review : Review
    commune : str
        Commune id; ``""`` for the villages without one.
    language : str
    paper : bool
        For printing: two columns on A4.

    Returns
    -------
    bytes

    Raises
    ------
    PaperError
        If there is no such commune.
    """
    if commune not in review.communes.index:
        raise PaperError("papers-no-commune-id", commune=str(commune)[:60])
    facts, villages = review.communes.loc[commune], review.select(commune=commune)
    name = front.commune_name(review, commune, language)
    strip = Strip()
    place = parts(
        commune and say("sheets-code", language, id=plain(commune)),
        known(len(villages), "sheets-villages", language),
        known(villages["households"].sum(min_count=1), "sheets-households", language),
        known(villages["population"].sum(min_count=1), "sheets-people", language),
    )
    begin(strip, review, name, place, language)
    _figures(strip, review, facts, language)
    strip.heading(say("sheets-map", language))
    add_map(strip, review, list(villages.index), language, around=0.06, signs=True)
    _most_missed(strip, review, villages, language)
    _villages(strip, review, villages, language)
    end(strip, review, language)
    return to_pdf(strip, title=name, language=language, paper=paper)


def _figures(strip, review, facts, language):
    """How many villages of each verdict, a bar of the same, and the way to the target."""
    counts = {status: int(facts[status]) for status in STATUSES}
    shown = [status for status in STATUSES if counts[status] or status != "exempt"]
    for status in shown:
        word = cells.outcome(review.criteria, status, language).text
        strip.row(status, word, right=cells.count(counts[status], language).text)
    total = sum(counts.values())

    def draw(canvas, top):
        x = MARGIN
        for status in STATUSES:
            wide = ROOM * counts[status] / total
            if not wide:
                continue
            canvas.setFillColor(DEEP[status])
            canvas.rect(x, top - 16, wide, 14, stroke=0, fill=1)
            text = str(counts[status])
            if wide > width(text, BOLD, SMALL) + 6:
                canvas.setFillColor(HexColor("#FFFFFF"))
                canvas.setFont(BOLD, SMALL)
                canvas.drawCentredString(x + wide / 2, top - 13, text)
            x += wide

    if total:
        strip.down(4)
        strip.add(20, draw)
    judged = total - counts["exempt"]
    share = format_value(100 * counts["met"] / judged if judged else None, "%", language)
    target = review.study.target.get("share_pct")
    if target is None:
        strip.text(by_set(review.criteria, "sheets-share", language, share=share))
    else:
        strip.text(
            by_set(review.criteria, "sheets-share-target", language, share=share, target=float(target),
                         short=int(facts["short_by"]))
        )  # fmt: skip


def _most_missed(strip, review, villages, language):
    """The criteria that most villages miss, the most missed first."""
    missed = [(int((villages[one.id] == "unmet").sum()), -at, one) for at, one in enumerate(review.counted)]
    worst = sorted((row for row in missed if row[0]), key=lambda row: row[:2], reverse=True)[:MOST_MISSED]
    if not worst:
        return
    strip.heading(by_set(review.criteria, "sheets-most-missed", language))
    for count, _, one in worst:
        strip.row("unmet", cells.title(one, language), bold=False,
                  right=say("sheets-of-villages", language, count=count, total=len(villages)))  # fmt: skip


def _villages(strip, review, villages, language):
    """The villages, those that miss most first, with the criteria they miss; of very many the first, and how many more."""
    strip.heading(say("sheets-village-list", language, count=len(villages)))
    names = dict(zip(villages.index, named(villages), strict=True))
    rows = villages.assign(_order=villages["status"].map(WORST_FIRST), _id=villages.index)
    rows = rows.sort_values(["_order", "missed", "_id"], ascending=[True, False, True])
    labels = {one.id: cells.short(one, review.criteria, language) for one in review.counted}
    for id_, row in rows.head(MOST_LISTED).iterrows():
        lacking = _some([labels[one] for one in row["missed_list"]])
        unknown = int(row["unknown_count"])
        opened = say("sheets-open", language, count=unknown) if unknown else ""
        strip.row(row["status"], plain(str(names[id_])), details=[line for line in (lacking, opened) if line])
    if len(rows) > MOST_LISTED:
        strip.text(say("sheets-more-villages", language, count=len(rows) - MOST_LISTED))


def _some(labels):
    """The first labels, and how many more there are."""
    more = f" … (+{len(labels) - MOST_NAMED})" if len(labels) > MOST_NAMED else ""
    return "; ".join(labels[:MOST_NAMED]) + more
