"""How confidence is judged, how many findings are of each level, and the list of them."""

from flask import Blueprint, render_template

from gis.confidence import LEVELS, SIGNS
from gis.explanations import confidence_text
from gis.sentences import depends_on
from gis.study import Tolerance
from gis.web import asked, facts
from gis.web.home import ready
from gis.web.texts import language, pick, quantity, t

pages = Blueprint("trusting", __name__)

ROWS_A_PAGE = 200


@pages.get("/studies/<study_id>/confidence")
def listed(study_id):
    """The rules as one small table with counts, and the findings that answer to the filters."""
    review = ready(study_id).review
    findings = review.findings
    filters = {
        "confidence": asked.one_of("confidence", {each: t(f"confidence-{each}") for each in LEVELS}),
        "sign": asked.one_of("sign", {sign.code: t(f"confidence-why-{sign.code}") for sign in SIGNS}),
        "criterion": asked.one_of(
            "criterion", {one.id: pick(one.label) for one in review.study.criteria.criteria}
        ),
        "commune": asked.one_of("commune", facts.commune_names(review, language())),
    }
    why = findings["confidence_why"].fillna("")
    chosen = _chosen(review, filters, why)
    page, last, shown = asked.page_of(chosen, ROWS_A_PAGE)
    return render_template(
        "doubts/confidence.html",
        review=review,
        study=review.study,
        study_id=study_id,
        levels=review.confidence,
        exempt=int((findings["status"] == "exempt").sum()),
        signs=[
            {"code": sign.code, "level": sign.level, "about": sign.about,
             "count": int(sum(sign.code in codes.split() for codes in why))}
            for sign in SIGNS
        ],
        tolerance=Tolerance.of(review.study),
        filters=filters,
        count=len(chosen),
        rows=[_row(review, row) for row in shown.to_dict("records")],
        communes=facts.communes_by_name(review, language()),
        page=page,
        last=last,
        symbols=facts.SYMBOLS,
    )  # fmt: skip


def _chosen(review, filters, why):
    findings = review.findings
    kept = findings["confidence"].notna()
    if filters["confidence"]:
        kept &= findings["confidence"] == filters["confidence"]
    if filters["sign"]:
        kept &= why.str.split(" ").map(lambda codes: filters["sign"] in codes)
    if filters["criterion"]:
        kept &= findings["criterion"] == filters["criterion"]
    if filters["commune"]:
        kept &= facts.in_commune(review, findings["village_id"], filters["commune"])
    return findings[kept]


def _row(review, finding):
    criterion = review.study.criteria.criterion(finding["criterion"])
    villages = review.study.villages
    return {
        "village_id": finding["village_id"],
        "name": villages.at[finding["village_id"], "name"],
        "commune": villages.at[finding["village_id"], "commune"],
        "label": pick(criterion.label),
        "status": finding["status"],
        "status_text": facts.status_text(criterion.kind, finding["status"], language()),
        "value": quantity(finding["value"], finding["unit"]),
        "level": finding["confidence"],
        "span": _span(finding),
        "depends": depends_on(finding["near_of"], language()),
        "why": confidence_text(finding["confidence"], (finding["confidence_why"] or "").split(), language()),
    }


def _span(finding):
    """From what to what the measured value goes over the tolerance; empty where the status holds over it."""
    if not finding["near"] or finding["unit"] == "bool":
        return ""
    least, most = (quantity(finding[end], finding["unit"]) for end in ("least", "most"))
    return t("trust-span", least=least, most=most)
