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
    rows = _rows(review, table, *pair)
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
        narrowing=narrowing.choices(review),
        symbols=facts.SYMBOLS,
    )


@pages.get("/studies/<study_id>/differences.<any(xlsx, csv):format>")
def listed_file(study_id, format):
    """The same list as a file, every row of it."""
    standing = ready(study_id)
    review = standing.review
    (left, right), _, table = _asked(study_id, standing)
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
    rows = pd.DataFrame(_rows(review, table, left, right), columns=[*headings, "criteria"], dtype=object)
    rows["criteria_text"] = ["; ".join(each) for each in rows["criteria"]]
    return send_list(review, rows, headings, format, title=t("sides-title"), name=f"{study_id}-differences")


def _asked(study_id, standing):
    """The two sides, the filters and the table of the villages that the address asks for."""
    review = standing.review
    names = {row["key"]: row["label"] for row in sides.offered(study_id, standing)}
    keys = [
        asked.one_of(name, names) or default for name, default in (("left", sides.NOW), ("right", sides.NOW))
    ]
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
    return pair, filters, _chosen(review, _beside(review, *pair, filters["part"]), pair[0], filters)


def _beside(review, left, right, part):
    """Every village with its status on both sides, and whether they differ."""
    column = "status" if part == facts.PARTS[0] else "infra_status"
    table = review.villages_table[["name", "commune_id", "commune"]].copy()
    for name, one in (("left", left), ("right", right)):
        seen = one.seen.table.reindex(table.index)
        table[name] = seen[column].fillna("unknown")
        table[f"{name}_missed"] = seen["missed"]
    return table.assign(differs=table["left"] != table["right"])


def _chosen(review, table, left, filters):
    """The villages that answer to the filters; statuses are those of the left side."""
    kept = narrowing.fits(review, filters, filters["criterion"])
    if filters["commune"]:
        kept &= facts.in_commune(review, table.index, filters["commune"])
    if filters["status"]:
        kept &= (table["left"] == filters["status"]).to_numpy()
    if filters["criterion"] and filters["criterion_status"]:
        seen = left.seen.table.reindex(table.index)
        known = (
            seen[filters["criterion"]] if filters["criterion"] in seen else pd.Series("exempt", table.index)
        )
        kept &= (known == filters["criterion_status"]).to_numpy()
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


def _rows(review, table, left, right):
    words = left.words, right.words
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
