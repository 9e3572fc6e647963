"""Villages that come out otherwise in two ways of looking at a study, as a page and as a file."""

import pandas as pd
from flask import Blueprint, render_template, request

from gis.tables import STATUSES
from gis.web import asked, choosing, facts, narrowing, sides
from gis.web.downloads import send_list
from gis.web.home import ready
from gis.web.texts import language, pick, t

ROWS_A_PAGE = 500

pages = Blueprint("differing", __name__)
pages.app_url_defaults(choosing.keep_set)


@pages.get("/studies/<study_id>/differences")
def listed(study_id):
    """Two ways of looking at a study, village by village: how many differ, which, and by which criteria."""
    standing = ready(study_id)
    review = standing.review
    pair, filters, table = _asked(study_id, standing)
    rows = _rows(review, table, *pair, _words(review, pair, filters))
    page, last, shown = asked.page_of(rows, ROWS_A_PAGE)
    return render_template(
        "sides/differences.html",
        review=review,
        study=review.study,
        study_id=study_id,
        offered=sides.offered(study_id, standing),
        pair=pair,
        filters=filters,
        again={name: value for name, value in filters.items() if value and value != facts.PARTS[0]},
        rows=shown,
        count=len(rows),
        first=(page - 1) * ROWS_A_PAGE,
        page=page,
        last=last,
        turns=_turns(table),
        communes=facts.communes_by_name(review, language()),
        criteria=facts.criteria_counts(review, language()),
        narrowing=narrowing.choices(review),
        symbols=facts.SYMBOLS,
    )


@pages.get("/studies/<study_id>/differences.<any(xlsx, csv):format>")
def listed_file(study_id, format):
    """The same list as a file, every row of it."""
    standing = ready(study_id)
    review = standing.review
    pair, filters, table = _asked(study_id, standing)
    left, right = pair
    headings = {
        "id": t("web-column-id"),
        "name": t("export-column-name"),
        "commune": t("web-commune"),
        "left_text": left.label,
        "left_missed": t("sides-missed", name=left.label),
    }
    if left.key != right.key:
        headings |= {
            "right_text": right.label,
            "right_missed": t("sides-missed", name=right.label),
            "criteria_text": t("sides-criteria"),
        }
    rows = pd.DataFrame(
        _rows(review, table, left, right, _words(review, pair, filters)),
        columns=[*headings, "criteria"],
        dtype=object,
    )
    rows["criteria_text"] = ["; ".join(each) for each in rows["criteria"]]
    return send_list(review, rows, headings, format, title=t("sides-title"), name=f"{study_id}-differences")


def _asked(study_id, standing):
    """The two sides, the filters and the table of the villages that the address asks for."""
    review = standing.review
    names = {row["key"]: row["label"] for row in sides.offered(study_id, standing)}
    keys = [asked.one_of(name, names) or sides.NOW for name in ("left", "right")]
    pair = tuple(sides.side(study_id, standing, key) for key in keys)
    criteria = {one.id: pick(one.label) for one in review.criteria.criteria}
    statuses = {status: t(f"web-status-{status}") for status in STATUSES}
    filters = {
        "commune": asked.one_of("commune", facts.commune_names(review, language())),
        "status": asked.one_of("status", statuses),
        "criterion": asked.one_of("criterion", criteria),
        "criterion_status": asked.one_of("criterion_status", statuses),
        **narrowing.asked_for(review),
        "q": request.args.get("q", "").strip()[:200],
        "part": asked.part(),
        "show": asked.one_of("show", {"all": t("sides-show-all")}),
    }
    return pair, filters, _chosen(review, _beside(review, *pair, filters), pair[0], filters)


def _beside(review, left, right, filters):
    """Every village with its status on both sides, by the criterion that is asked for or else by the whole set."""
    column = filters["criterion"] or _verdict(filters)
    table = review.villages_table[["name", "commune_id", "commune"]].copy()
    for name, one in (("left", left), ("right", right)):
        seen = one.seen.table.reindex(table.index)
        # a criterion that the other set does not have is not asked there
        table[name] = seen[column].fillna("unknown") if column in seen else "exempt"
        table[f"{name}_missed"] = seen["missed"]
    return table.assign(differs=table["left"] != table["right"])


def _verdict(filters):
    return "status" if filters["part"] == facts.PARTS[0] else "infra_status"


def _chosen(review, table, left, filters):
    """The villages that answer to the filters; statuses are those of the left side."""
    kept = narrowing.fits(review, filters, filters["criterion"])
    if filters["commune"]:
        kept &= facts.in_commune(review, table.index, filters["commune"])
    seen = left.seen.table.reindex(table.index)
    for wanted, column in (("status", _verdict(filters)), ("criterion_status", filters["criterion"])):
        if filters[wanted] and column:
            kept &= (
                (seen[column] == filters[wanted]).to_numpy()
                if column in seen
                else filters[wanted] == "exempt"
            )
    if filters["q"]:
        told = table[["name", "commune"]].assign(id=table.index).to_dict("records")
        kept &= [facts.matches(filters["q"], row) for row in told]
    if not filters["show"]:
        kept &= table["differs"].to_numpy()
    return table[kept]


def _turns(table):
    """How many villages pass only left, only right, or differ without passing on either side."""
    differing = table[table["differs"]]
    left, right = (differing[name] == "met" for name in ("left", "right"))
    return {
        "differ": len(differing),
        "left": int(left.sum()),
        "right": int(right.sum()),
        "other": int((~left & ~right).sum()),
    }


def _words(review, pair, filters):
    """What a status is called on each side."""
    if filters["criterion"]:
        return [
            {each: facts.criterion_word(review, filters["criterion"], each, language()) for each in STATUSES}
        ] * 2
    return [one.words for one in pair]


def _rows(review, table, left, right, words):
    labels = {one.id: pick(one.label) for one in review.criteria.criteria}
    seen = [one.seen.table.reindex(table.index) for one in (left, right)]
    ids = [name for name in labels if all(name in each for each in seen)]
    pairs = [each[ids].to_dict("records") for each in seen]
    rows = []
    for at, (village_id, row) in enumerate(zip(table.index, table.to_dict("records"), strict=True)):
        one, other = pairs[0][at], pairs[1][at]
        turned = [
            f"{labels[name]}: {_word(one[name])} → {_word(other[name])}"
            for name in ids
            if one[name] != other[name]
        ]
        rows.append(
            {
                "id": village_id,
                "name": facts.text_of(row["name"]) or village_id,
                "commune": facts.text_of(row["commune"]) or "",
                **{name: row[name] for name in ("left", "right")},
                "left_text": words[0][row["left"]],
                "right_text": words[1][row["right"]],
                "left_missed": facts.plain(row["left_missed"]),
                "right_missed": facts.plain(row["right_missed"]),
                "criteria": turned,
            }
        )
    return rows


def _word(status):
    return facts.SYMBOLS.get(status, "?")
