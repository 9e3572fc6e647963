"""What is open in a study, as lists in a reader's words: contradictions, and repairs of the data."""

import numpy as np
import pandas as pd

from gis.catalogue import load_catalogue
from gis.exports._origin import notices
from gis.labels import Label, format_value
from gis.messages import say
from gis.sentences import capital, limit, status_word, unit_label

DISAGREEMENT_COLUMNS = {
    "village_id": "trust-column-village_id",
    "village": "trust-column-village",
    "commune": "trust-column-commune",
    "criterion": "trust-column-criterion",
    "clause": "trust-column-clause",
    "year": "trust-column-year",
    "kind": "disagree-kind",
    "measured": "disagree-measured",
    "reported": "disagree-reported",
    "threshold": "trust-column-threshold",
    "status": "disagree-status",
    "cause": "disagree-cause",
    "causes": "disagree-causes",
    "place": "trust-column-place",
    "away_m": "trust-column-away_m",
    "layer": "trust-column-layer",
    "record": "trust-column-record",
    "answer": "trust-column-answer",
    "reason": "trust-column-reason",
    "who": "trust-column-who",
    "at": "trust-column-at",
}
"""Column of the list to the message that heads it."""

REPAIR_COLUMNS = {
    "rank": "trust-column-rank",
    "repair": "repair-what",
    "decides": "repair-decides",
    "opens": "repair-opens",
    "firms": "repair-firms",
    "villages": "repair-villages",
    "names": "trust-column-names",
}


def kind_word(kind, criterion, language):
    """The word for a kind of disagreement: of a set of disadvantage, whether it applies."""
    own = criterion.kind == "trigger" and kind in ("claimed-met", "claimed-unmet")
    return say(f"disagree-kind-{'trigger-' if own else ''}{kind}", language)


def disagreement_list(review, rows, decided, language):
    """Rows of a review's disagreements in words, and the heading of each column.

    Parameters
    ----------
    review : Review
    rows : DataFrame
        Rows of the table `DISAGREEMENTS`.
    decided : Mapping of (str, str) to Mapping
        Village and criterion to what a person decided: ``answer``, ``reason``, ``who``, ``at``.
    language : str

    Returns
    -------
    table : DataFrame
        A row a disagreement; keeps the codes ``criterion_id``, ``kind_code``, ``cause_code`` and ``answer_code``
        beside the columns of the headings.
    headings : dict of str to str
    """
    villages, criteria = review.study.villages, {one.id: one for one in review.study.criteria.criteria}
    findings = review.findings.set_index(["village_id", "criterion"])
    listed = []
    for row in rows.to_dict("records"):
        criterion = criteria[row["criterion"]]
        key = row["village_id"], row["criterion"]
        finding = findings.loc[key]
        made = decided.get(key, {})
        codes = row["causes"].split()
        listed.append(
            {
                "village_id": row["village_id"],
                "village": villages.at[row["village_id"], "name"],
                "commune": villages.at[row["village_id"], "commune"],
                "criterion": criterion.label.pick(language),
                "clause": criterion.clause,
                "year": row["year"] or None,
                "kind": kind_word(row["kind"], criterion, language),
                **{side: _figure(row, side, language) for side in ("measured", "reported")},
                "threshold": limit(finding, language, criterion),
                "status": status_word(row["status"], criterion.kind, language),
                "cause": say(f"cause-{codes[0]}", language),
                "causes": "; ".join(say(f"cause-{code}", language) for code in codes),
                "place": row["place_name"] or row["place_id"],
                "away_m": round(row["away_m"]) if row["away_m"] == row["away_m"] else None,
                "layer": _layer(row["layer"], language),
                "record": row["record"],
                "answer": say(f"disagreement-answer-{made['answer']}", language) if made else None,
                **{name: made.get(name) for name in ("reason", "who", "at")},
                "criterion_id": row["criterion"],
                "kind_code": row["kind"],
                "cause_code": codes[0],
                "also": "; ".join(say(f"cause-{code}", language) for code in codes[1:]),
                "status_code": row["status"],
                "answer_code": made.get("answer"),
            }
        )
    more = ["criterion_id", "kind_code", "cause_code", "also", "status_code", "answer_code"]
    table = pd.DataFrame(listed, columns=[*DISAGREEMENT_COLUMNS, *more], dtype=object)
    return table, _headings(DISAGREEMENT_COLUMNS, language)


def repair_list(review, rows, language):
    """Rows of the table `REPAIRS` in words, and the heading of each column; as `disagreement_list`."""
    names = review.study.villages["name"]
    listed = [
        {
            "rank": number,
            "repair": repair_sentence(review, row, language),
            **{name: row[name] for name in ("decides", "opens", "firms", "villages")},
            "names": "; ".join(f"{names[key]} ({key})" for key in row["village_ids"].split(" ")),
        }
        for number, row in enumerate(rows.to_dict("records"), 1)
    ]
    return pd.DataFrame(listed, columns=list(REPAIR_COLUMNS), dtype=object), _headings(
        REPAIR_COLUMNS, language
    )


def repair_sentence(review, row, language):
    """What is to be done, as one sentence."""
    criteria = {one.id: one.label for one in review.study.criteria.criteria}
    communes, village = review.study.communes["name"], row["village_id"]
    commune = row["commune_id"]
    name = communes.get(commune, commune) if commune else None
    subject = row["subject"] or "–"
    if row["kind"] == "enter-figure":
        subject = ", ".join(_field(name, language) for name in subject.split(" "))
    text = say(
        f"repair-do-{row['kind']}",
        language,
        layer=_layer(row["layer"], language) or "–",
        commune=say("repair-in-commune", language, commune=name)
        if name
        else say("repair-no-commune", language),
        village=f"{review.study.villages.at[village, 'name']} ({village})" if village else "–",
        criterion=criteria.get(row["criterion"], Label("–")),
        subject=subject,
    )
    return capital(text)


def list_title(review, title, language):
    """The first line of a list: study, what it is, what must be known before any figure, and the run."""
    label = review.study.label.pick(language)
    run = f"{say('export-run-id', language)}: {review.run.id}"
    return " · ".join([label, title, *notices(review, language), run])


def _figure(row, side, language):
    value = row[side]
    if value is not None and value == np.inf:
        return say("export-unreachable", language)
    text = format_value(value, unit_label(row["unit"], language), language)
    unsure = value == value and row[f"{side}_status"] == "unknown"
    return say("disagree-unsure", language, value=text) if unsure else text


def _layer(name, language):
    known = load_catalogue().get(name)
    return known.label.pick(language) if known else name


def _field(name, language):
    known = load_catalogue()["assessments"].fields.get(name)
    return known.label.pick(language) if known else name


def _headings(columns, language):
    return {name: say(code, language) for name, code in columns.items()}
