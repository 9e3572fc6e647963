"""What to mend in the data themselves, the repair first on which most verdicts hang.

What hangs on a repair is worked out, not weighed: the findings it touches are taken to be met, then to be unmet,
and a village whose verdict by the whole set is open now and is open in neither case would be decided by it.
Where a layer is to be completed it is measured again as if it were: what stays open then, because the data
end too near or a kind is not known, is not counted.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.completing import by_commune, everywhere, judged_with
from gis.tables import REPAIRS, conform
from gis.verdicts import judge_set

KINDS = (
    "load-layer",
    "complete-layer",
    "widen-layer",
    "name-kinds",
    "fill-layer",
    "date-layer",
    "renew-layer",
    "outline-village",
    "send-row",
    "confirm-name",
    "enter-figure",
    "enter-people",
    "check-place",
    "check-gap",
    "settle-claim",
    "renew-claims",
    "give-threshold",
    "check-threshold",
    "give-group",
)
"""Every kind of repair."""

LAYER_DOUBTS = {
    "layer-missing": "load-layer",
    "layer-incomplete": "complete-layer",
    "beyond-edge": "widen-layer",
    "kind-unknown": "name-kinds",
    "no-roads": "fill-layer",
    "no-centre": "fill-layer",
    "not-given": "fill-layer",
    "capacity-unknown": "fill-layer",
}
"""What a layer leaves open, and what would mend it."""

CLAIM_CAUSES = {
    "layer-missing": "load-layer",
    "facility-missing": "complete-layer",
    "beyond-edge": "widen-layer",
    "kind-unknown": "name-kinds",
}
"""Why the map cannot confirm a claim, and what would let it."""

BY_COMMUNE = ("complete-layer", "send-row", "enter-figure", "settle-claim", "enter-people", "fill-layer")
"""Repairs that each commune does for itself."""

EVERYWHERE = "*"
"""Subject of a repair that is done in all communes at once."""

FIGURE_DOUBTS = ("not-given", "no-denominator", "impossible")


@dataclass(frozen=True)
class _Touched:
    """Findings (positions) that one kind of repair touches, and what the repair of each is about.

    `alone` says of each whether the repair by itself would decide it, or make it surer; `everywhere` that it
    is done in all communes at once.
    """

    kind: str
    rows: np.ndarray
    alone: object = True
    everywhere: bool = False
    layer: object = None
    village: object = None
    criterion: object = None
    subject: object = None


def repairs(study, findings, disagreements, *, settled=()):
    """The repairs of a study's data.

    Parameters
    ----------
    study : Study
    findings : DataFrame
        Table `FINDINGS` with its confidence.
    disagreements : DataFrame
        Table `DISAGREEMENTS` of the same findings.
    settled : collection of (str, str), optional
        Village and criterion of the disagreements of which a person has said which side is right.

    Returns
    -------
    DataFrame
        Table `REPAIRS`: first by villages whose verdict it would decide, then by findings that it would
        decide, then by findings that it would make surer, then by key.

    Notes
    -----
    A village that needs several repairs to be decided is decided by none of them alone. A finding that stays open
    when its layer is completed counts among the villages of the repair only.
    """
    findings = findings.reset_index(drop=True)
    communes = findings["village_id"].map(study.villages["commune_id"])
    keys = zip(disagreements["village_id"], disagreements["criterion"], strict=True)
    disagreements = disagreements[np.array([key not in settled for key in keys], dtype=bool)]
    now = judge_set(findings, study.criteria, study.villages)["status"]
    still_open = now.index[now == "unknown"]
    found = []
    for touched in _touched(study, findings, disagreements):
        if len(touched.rows):
            found.append(_counted(study, findings, communes, still_open, touched))
    if not found:
        return conform(pd.DataFrame(columns=list(REPAIRS)), REPAIRS)
    table = pd.concat(found, ignore_index=True)
    table = table.sort_values(
        ["decides", "opens", "firms", "repair"], ascending=[False, False, False, True], kind="stable"
    )
    return conform(table.reset_index(drop=True), REPAIRS)


def _counted(study, findings, communes, still_open, touched):
    """The repairs of one kind: its findings by what they are about, counted."""
    rows = findings.iloc[touched.rows]
    of_communes = touched.kind in BY_COMMUNE and not touched.everywhere
    keys = pd.DataFrame(
        {
            "kind": touched.kind,
            "layer": touched.layer,
            "commune_id": communes.iloc[touched.rows].to_numpy() if of_communes else None,
            "village_id": touched.village,
            "criterion": touched.criterion,
            "subject": touched.subject,
        },
        index=rows.index,
    ).astype(object)
    names = list(keys)
    keys = keys.where(keys.notna(), "")
    alone = pd.Series(touched.alone, rows.index, dtype=bool)
    unknown = rows["status"] == "unknown"
    decides = pd.Series(False, rows.index)
    # of one layer and criterion a village has one repair, so all villages can be asked at once
    fields = keys["subject"] if touched.kind == "enter-figure" else ""
    for _, alike in keys.groupby([keys["layer"], keys["criterion"], pd.Series(fields, keys.index)]):
        ids = _decided_by(study, findings, alike.index[alone[alike.index]].to_numpy(), still_open)
        decides[alike.index] = rows.loc[alike.index, "village_id"].isin(ids)
    each = keys.assign(
        village=rows["village_id"],
        opens=unknown & alone,
        firms=~unknown & alone & (touched.kind == "check-threshold" or rows["confidence"] != "sure"),
        decides=decides & unknown,
    )
    grouped = each.groupby(names, sort=True)
    table = grouped.agg(opens=("opens", "sum"), firms=("firms", "sum")).reset_index()
    table["villages"] = grouped["village"].nunique().to_numpy()
    table["village_ids"] = [" ".join(sorted(set(ids))) for ids in grouped["village"].agg(list)]
    table["decides"] = each[each["decides"]].groupby(names)["village"].nunique().reindex(
        pd.MultiIndex.from_frame(table[names]), fill_value=0
    ).to_numpy()  # fmt: skip
    table["repair"] = table[names].agg("|".join, axis=1)
    table[names] = table[names].where(table[names] != "", None)
    return table


def _decided_by(study, findings, rows, still_open):
    """Of the villages whose verdict is open, those that are decided whether these findings are met or not."""
    asked = findings["village_id"].to_numpy()[rows]
    ids = still_open.intersection(asked[findings["status"].to_numpy()[rows] == "unknown"])
    if ids.empty:
        return ids
    touched = np.zeros(len(findings), dtype=bool)
    touched[rows] = True
    some = findings[findings["village_id"].isin(ids)]
    touched = touched[some.index] & (some["status"] == "unknown")
    decided = np.ones(len(ids), dtype=bool)
    for word in ("met", "unmet"):
        status = some["status"].mask(touched, word)
        results = judge_set(some.assign(status=status), study.criteria, study.villages.loc[ids])
        decided &= (results["status"] != "unknown").to_numpy()
    return ids[decided]


def _touched(study, findings, disagreements):
    """Every kind of repair with the findings that it touches."""
    reason, layer = findings["reason"], findings["layer"]
    # a figure that the set does not give, or a group, leaves a finding open whatever else is in doubt
    doubt = findings["doubt"].where(reason == "unknown-" + findings["doubt"].fillna(""))
    unknown = (findings["status"] == "unknown").to_numpy()
    why = findings["confidence_why"].fillna("")
    of_layer = layer.isin(set(study.layers)) | doubt.isin(
        ["layer-missing", "layer-incomplete", "beyond-edge"]
    )

    def at(mask):
        return np.flatnonzero(np.asarray(mask, dtype=bool))

    number, texts = pd.factorize(why)

    def signed(code):
        return at(np.array([code in text.split() for text in texts], dtype=bool)[number])

    unconfirmed = _unconfirmed(findings, disagreements)
    for kind in dict.fromkeys(LAYER_DOUBTS.values()):
        doubts = [each for each, mends in LAYER_DOUBTS.items() if mends == kind]
        rows = at(unknown & doubt.isin(doubts) & of_layer)
        more, of_more = unconfirmed.get(kind, ((), ()))
        rows, layers = np.r_[rows, more].astype(int), np.r_[layer.to_numpy(dtype=object)[rows], of_more]
        if kind == "complete-layer":
            yield from _of_completeness(study, findings, rows, layers)
        else:
            yield _Touched(kind, rows, layer=layers)
    for kind, sign in (("renew-layer", "layer-old"), ("date-layer", "layer-undated")):
        rows = signed(sign)
        yield _Touched(kind, rows, layer=layer.to_numpy()[rows])
    placeless = (unknown & doubt.isin(["no-geometry", "approximate"])).to_numpy()
    rows = np.union1d(at(placeless), signed("extent-approximate"))
    yield _Touched("outline-village", rows, village=findings["village_id"].to_numpy()[rows])
    yield _Touched("enter-people", at(unknown & (doubt == "no-people")))
    yield from _of_sheets(study, findings, unknown & ~of_layer.to_numpy(), doubt)
    yield from _of_names(study, findings, unknown, signed)
    yield from _of_claims(findings, disagreements)
    yield _Touched("renew-claims", signed("claim-old"))
    rows = at(unknown & (reason == "no-threshold"))
    yield _Touched("give-threshold", rows, criterion=findings["criterion"].to_numpy()[rows])
    rows = at(unknown & (reason == "unknown-group"))
    yield _Touched("give-group", rows, criterion=findings["criterion"].to_numpy()[rows])
    rows = at(findings["status"].isin(["met", "unmet"]) & ~findings["checked"].astype(bool))
    yield _Touched("check-threshold", rows, criterion=findings["criterion"].to_numpy()[rows])


def _of_completeness(study, findings, rows, layers):
    """Layers to be completed: by each commune for itself, and by all at once."""
    unknown = findings["status"].to_numpy()[rows] == "unknown"
    communes = findings["village_id"].map(study.villages["commune_id"]).to_numpy()[rows]
    alone, together = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    for name in pd.unique(layers):
        here, data = layers == name, study.layers.get(name)
        if data is None:
            continue
        for solved, completed in ((alone, by_commune(study, data)), (together, everywhere(data))):
            after = judged_with(study, name, completed).set_index(["village_id", "criterion"])
            after = after.reindex(pd.MultiIndex.from_frame(findings[["village_id", "criterion"]].iloc[rows]))
            said = np.where(unknown, after["status"], after["measured_status"])
            solved[here] = np.isin(said.astype(str), ("met", "unmet"))[here]
    yield _Touched("complete-layer", rows, alone, layer=layers)
    several = [name for name in pd.unique(layers) if len(set(communes[layers == name])) > 1]
    all_of = np.isin(layers.astype(str), several)
    yield _Touched(
        "complete-layer", rows[all_of], together[all_of], True, layer=layers[all_of], subject=EVERYWHERE
    )


def _of_sheets(study, findings, unknown, doubt):
    """Rows that communes have not sent, and single figures that are missing or impossible."""
    yield _Touched("send-row", np.flatnonzero(unknown & (doubt == "no-record")))
    rows = np.flatnonzero(unknown & doubt.isin(FIGURE_DOUBTS))
    keys = findings.iloc[rows][["village_id", "criterion"]].itertuples(index=False)
    fields = [_fields_missing(study, *key) for key in keys]
    yield _Touched("enter-figure", rows, subject=np.array(fields, dtype=object))


def _fields_missing(study, village, criterion):
    """The fields of the sheet that a finding waits for, separated by a space; all it needs where none is blank."""
    bound = [value for _, value in study.criteria.criterion(criterion).reported.arguments]
    fields = [name for value in bound for name in (value if isinstance(value, tuple) else [value])]
    fields = [name for name in fields if isinstance(name, str)]
    sheet = study.reported
    blank = [
        name for name in fields if name not in sheet or sheet.at[village, name] != sheet.at[village, name]
    ]
    return " ".join(blank or fields)


def _of_names(study, findings, unknown, signed):
    """Names in sheets: proposed for a village that has no row, or joined by the machine with other letters."""
    meant, of_other_years = {}, _sheets_of_other_years(study)
    for sheet, report in study.matches.items():
        if sheet in of_other_years:
            continue
        for row in report.table.itertuples(index=False):
            if row.outcome == "review" and row.candidates:
                meant.setdefault(row.candidates[0].id, str(row.name))
            elif row.outcome == "automatic" and row.reason == "typing":
                meant.setdefault(row.right_id, str(row.name))
    waiting = unknown & findings["village_id"].isin(meant) & (findings["doubt"] == "no-record")
    rows = np.union1d(np.flatnonzero(waiting), signed("name-weak"))
    villages = findings["village_id"].to_numpy()[rows]
    names = np.array([meant.get(village) for village in villages], dtype=object)
    yield _Touched("confirm-name", rows, village=villages, subject=names)


def _sheets_of_other_years(study):
    """Sheets that hold records of other years and none of the year that is judged."""
    sheets = {year: set() for year in study.assessments}
    for year, table in study.assessments.items():
        for text in table["record"].dropna():
            sheets[year] |= {place.rpartition(" · ")[0] for place in str(text).split("; ")}
    others = set().union(*(names for year, names in sheets.items() if year != study.year))
    return others - sheets.get(study.year, set())


def _positions(findings, table):
    """Where the village and criterion of each row of a table stand in the findings."""
    place = pd.MultiIndex.from_frame(findings[["village_id", "criterion"]])
    return place.get_indexer(pd.MultiIndex.from_frame(table[["village_id", "criterion"]]))


def _unconfirmed(findings, disagreements):
    """Kind of repair to the findings that stand on a claim alone and the layers that cannot confirm it."""
    alone = disagreements[disagreements["kind"] == "claim-alone"]
    alone = alone.assign(at=_positions(findings, alone), mends=alone["cause"].map(CLAIM_CAUSES))
    alone = alone[(findings["status"].to_numpy()[alone["at"]] != "unknown") & alone["layer"].notna()]
    return {
        kind: (rows["at"].to_numpy(), rows["layer"].to_numpy(dtype=object))
        for kind, rows in alone.groupby("mends")
    }


def _of_claims(findings, disagreements):
    """Claims that the map contradicts: a place to look at where the cause names one, else a visit."""
    contradicted = disagreements[disagreements["kind"].isin(["claimed-met", "claimed-unmet"])]
    at = _positions(findings, contradicted)
    cause = contradicted["cause"]
    layers = contradicted["layer"].to_numpy(dtype=object)
    named = contradicted["place_name"].where(contradicted["place_name"].notna(), contradicted["place_id"])
    for kind, causes in (
        ("check-place", ["facility-outside", "facility-misplaced"]),
        ("check-gap", ["road-gap"]),
    ):
        chosen = cause.isin(causes).to_numpy()
        yield _Touched(kind, at[chosen], layer=layers[chosen], subject=named.to_numpy(dtype=object)[chosen])
    chosen = ~cause.isin(["facility-outside", "facility-misplaced", "road-gap"]).to_numpy()
    yield _Touched("settle-claim", at[chosen], criterion=contradicted["criterion"].to_numpy()[chosen])
