"""The one-page sheet of a village: the verdict in large, what is missing first, a map, and what it rests on."""

from gis.errors import PaperError
from gis.exports import plain
from gis.labels import format_value
from gis.messages import say
from gis.sentences import by_set, margin_text, status_word, unit_label
from gis.sheets import cells
from gis.sheets.around import begin, end, evidence_lines, known, parts
from gis.sheets.locator import add_map
from gis.sheets.strip import Strip, to_pdf

SURE = ("sure", "likely", "open")


def village_sheet(review, village_id, language, *, evidence=(), paper=False):
    """The sheet of one village as a PDF: one page for a telephone, or A4.

    Parameters
    ----------
    review : Review
    village_id : str
    language : str
        ``"vi"`` or ``"en"``.
    evidence : sequence of str
        Documents and photos, one line each.
    paper : bool
        For printing: two columns on A4.

    Returns
    -------
    bytes

    Raises
    ------
    PaperError
        If there is no such village.
    """
    if village_id not in review.villages_table.index:
        raise PaperError("papers-no-village", village=str(village_id)[:60])
    card = review.scorecard(village_id, language)
    name = plain(str(village_id if cells.is_missing(card["name"]) else card["name"]))
    commune = plain("" if cells.is_missing(card["commune"]) else str(card["commune"]))
    strip = Strip()
    place = parts(
        commune and say("sheets-in-commune", language, commune=commune),
        say("sheets-code", language, id=plain(str(village_id))),
        known(card["households"], "sheets-households", language),
        known(card["population"], "sheets-people", language),
    )
    begin(strip, review, name, place, language)
    counted = {one.id for one in review.counted}
    found = {status: [] for status in ("unmet", "unknown", "met", "exempt")}
    context = []
    for finding in card["findings"]:
        (found[finding["status"]] if finding["criterion"] in counted else context).append(finding)
    (verdict,) = cells.outcomes(review, review.villages_table.loc[[village_id]], language)
    strip.verdict(card["status"], verdict.text, _details(review, card, found, language))
    for status in ("unmet", "unknown"):
        if found[status]:
            heading = by_set(review.criteria, f"sheets-{status}", language, count=len(found[status]))
            strip.heading(heading)
            for finding in found[status]:
                _missing(strip, review, finding, language)
    strip.heading(say("sheets-map", language))
    add_map(strip, review, [village_id], language, around=0.7)
    rest = [*found["met"], *found["exempt"]]
    if rest:
        strip.heading(by_set(review.criteria, "sheets-met", language, count=len(found["met"])))
        for finding in rest:
            _short(strip, finding, language)
    if context:
        strip.heading(say("sheets-context", language))
        for finding in context:
            _short(strip, finding, language)
    evidence_lines(strip, evidence, language)
    records = dict.fromkeys(finding["record"] for finding in card["findings"] if finding["record"])
    end(strip, review, language, records=[plain(str(record)) for record in records])
    return to_pdf(strip, title=f"{name} – {commune}", language=language, paper=paper)


def _details(review, card, found, language):
    counts = by_set(
        review.criteria, "sheets-counts", language, met=len(found["met"]), unmet=len(found["unmet"]),
        unknown=len(found["unknown"]), total=sum(map(len, found.values())) - len(found["exempt"]),
    )  # fmt: skip
    infra = status_word(card["infra_status"], review.criteria.polarity, language)
    lines = [counts, say("sheets-infra", language, verdict=infra)]
    levels = [finding.get("confidence") for finding in card["findings"]]
    if any(level in SURE for level in levels):
        told = (f"{levels.count(level)} {say(f'sheets-sure-{level}', language)}" for level in SURE)
        lines.append(say("sheets-how-sure", language, levels=", ".join(told)))
    return lines


def _missing(strip, review, finding, language):
    """A criterion that is missed or open: the value, what is asked, how much is lacking, and what it rests on."""
    details = []
    value = _value(finding["value"], finding, language)
    asked = by_set(review.criteria, "sheets-asked", language, limit=finding["limit"])
    if finding["status"] == "unmet":
        details.append(parts(value, asked, margin_text(finding, finding["kind"], language)))
    else:
        details.append(plain(finding["sentence"]))
    if finding["agreement"] == "disagree":
        both = {side: _value(finding[side], finding, language) for side in ("measured", "reported")}
        details.append(say("sheets-disagree", language, **both))
    if finding["status"] == "unmet":
        behind = finding["facility_name"]
        details.append(
            parts("" if cells.is_missing(behind) else plain(str(behind)), _sure(finding, language))
        )
    strip.row(finding["status"], _title(finding), details=[line for line in details if line])


def _short(strip, finding, language):
    """A criterion in one line: its sign, its name, the value and what is asked."""
    value = _value(finding["value"], finding, language)
    if finding["status"] == "exempt":
        value = say("status-exempt", language)
    elif finding["unit"] != "bool" and finding["threshold"] == finding["threshold"]:
        value = f"{value} ({finding['limit']})"
    strip.row(finding["status"], _title(finding), right=value, bold=False)


def _title(finding):
    return plain(f"{finding['code'] or ''} {finding['label']}".strip())


def _value(number, finding, language):
    if not cells.is_missing(number) and number in (float("inf"), float("-inf")):
        return say("export-unreachable", language)
    return format_value(number, unit_label(finding["unit"], language), language)


def _sure(finding, language):
    level = finding.get("confidence")
    return say(f"sheets-sure-{level}", language) if level in SURE else ""
