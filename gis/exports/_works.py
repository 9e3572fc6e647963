"""The works of a plan as tables, from its record: one row a work, one a work and village, and what they rest on."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from gis.errors import Problem
from gis.exports._text import plain
from gis.exports._wide import Column
from gis.interventions import cost_word, sector_word, unit_word
from gis.labels import LANGUAGES, Label
from gis.messages import say
from gis.plan import telling
from gis.plan.record import fund_labels, problems_of, villages_of, works_of

MILLION = 1e6
COLUMNS = (
    ("option_id", "opt_id", "text", ""),
    ("work", "work", "text", ""),
    ("sector", "sector", "text", ""),
    ("sector_text", "sector_txt", "text", ""),
    ("commune_id", "commune_id", "text", ""),
    ("commune", "commune", "text", ""),
    ("village_id", "village_id", "text", ""),
    ("village", "village", "text", ""),
    ("place", "place", "text", ""),
    ("quantity", "quantity", "number", ""),
    ("unit", "unit", "text", ""),
    ("year", "year", "number", ""),
    ("ready", "ready", "number", ""),
    ("cost", "cost_mil", "number", "million VND"),
    ("cost_low", "cost_low", "number", "million VND"),
    ("cost_high", "cost_high", "number", "million VND"),
    ("cost_by", "cost_by", "text", ""),
    ("cost_by_text", "cost_txt", "text", ""),
    ("people_paid", "people_mil", "number", "million VND"),
    ("maintenance", "upkeep_mil", "number", "million VND"),
    ("funds", "funds", "text", ""),
    ("serves_count", "serves_n", "count", ""),
    ("serves", "serves", "text", ""),
    ("serves_names", "serves_nam", "text", ""),
    ("closes_count", "closes_n", "count", ""),
    ("closes", "closes", "text", ""),
    ("source", "source", "text", ""),
)
"""Name, short name, kind and unit; columns of each fund's money follow, then the notices that every row repeats."""
LAST = (("notice", "notice"), ("criteria_set", "crit_set"), ("run", "run"))


@dataclass(frozen=True)
class WorksTable:
    """The works of a plan, ready for any format.

    Attributes
    ----------
    table : DataFrame
        A row a work, sorted by commune, sector, year and id; money in million VND.
    columns : tuple of Column
    geometry : GeoSeries
        In the study's CRS; None where nobody knows the place.
    links : DataFrame
        A row a work, village and criterion that it helps to close.
    villages : DataFrame
        A row a village: whether and when it passes, what stays open and why.
    facts : DataFrame
        ``label`` and ``value``: what the plan comes to and rests on.
    problems : tuple of Problem
    """

    table: pd.DataFrame
    columns: tuple
    geometry: gpd.GeoSeries
    links: pd.DataFrame
    villages: pd.DataFrame
    facts: pd.DataFrame
    problems: tuple


def works_table(record, language):
    """The works of a record of a plan.

    Parameters
    ----------
    record : Mapping
        As `gis.plan.record.to_record` gives it, fresh or saved.
    language : str

    Returns
    -------
    WorksTable

    Raises
    ------
    PlanError
        If it is no record of a plan.
    """
    works, villages = works_of(record), villages_of(record)
    names = villages["name"]
    criteria = {name: Label(label).pick(language) for name, label in record["criteria"]["labels"].items()}
    funds = fund_labels(record)
    rows = []
    for option_id, work in zip(works.index, works.to_dict("records"), strict=True):
        served = list(work["serves"])
        row = {
            "option_id": option_id,
            "work": work["name"] or Label(work["label"] or {}).pick(language) or option_id,
            "sector": work["sector"],
            "sector_text": sector_word(work["sector"], language),
            "commune_id": work["commune_id"],
            "commune": work["commune"],
            "village_id": work["village_id"],
            "village": names.get(work["village_id"]),
            "place": work["place"],
            "quantity": work["quantity"],
            "unit": unit_word(work["unit"], language),
            "year": work["year"],
            "ready": work["year"] + work["years"],
            **{
                name: work[name] / MILLION
                for name in ("cost", "cost_low", "cost_high", "people_paid", "maintenance")
            },
            "cost_by": work["cost_by"],
            "cost_by_text": cost_word(work["cost_by"], language),
            "funds": "; ".join(funds.get(fund, fund) for fund in work["paid"]),
            "serves_count": len(served),
            "serves": " ".join(served),
            "serves_names": ", ".join(str(names.get(village, village)) for village in served),
            "closes_count": len(work["closes"]),
            "closes": "; ".join(
                dict.fromkeys(criteria.get(criterion, criterion) for _, criterion in work["closes"])
            ),
            "source": work["source"],
            **{f"paid_{fund}": work["paid"].get(fund, 0.0) / MILLION for fund in funds},
            **dict(zip((name for name, _ in LAST), _last(record, language), strict=True)),
        }
        rows.append({name: plain(value) if isinstance(value, str) else value for name, value in row.items()})
    columns = _columns(funds)
    table = _typed(pd.DataFrame(rows, columns=[column.name for column in columns], dtype=object), columns)
    table = table.sort_values(["commune_id", "sector", "year", "option_id"], kind="stable")
    geometry = works.geometry.iloc[table.index]
    if record["study"]["crs"] is not None:
        geometry = geometry.to_crs(record["study"]["crs"])
    table, geometry = table.reset_index(drop=True), geometry.reset_index(drop=True)
    return WorksTable(
        table,
        columns,
        geometry,
        _links(works, villages, criteria),
        _villages(villages, criteria, language),
        _facts(record, language),
        _problems(table, geometry),
    )


def notices(record, language):
    """What a reader must know before any figure of a plan, as sentences."""
    codes = []
    if record["study"]["illustration"]:
        codes.append("export-notice-illustration")
    if record["criteria"]["trial"]:
        codes.append("export-notice-trial")
    found = [say(code, language) for code in codes]
    figures = record["figures"]
    if figures["assumed_works"]:
        share = {"count": figures["assumed_works"], "works": figures["works"]}
        found.append(say("works-notice-assumed", language, **share))
    return found


def _last(record, language):
    name = Label(record["criteria"]["label"]).pick(language)
    return " · ".join(notices(record, language)), f"{name} ({record['criteria']['edition']})", record["run"]


def _columns(funds):
    def column(name, short, kind, unit="", label=None, **told):
        label = label or Label({one: say(f"works-column-{name}", one, **told) for one in LANGUAGES})
        return Column(name=name, short=short, kind=kind, label=label, unit=unit)

    paid = [
        column(
            f"paid_{fund}",
            f"paid_{number}",
            "number",
            "million VND",
            Label({one: say("works-column-paid", one, fund=name) for one in LANGUAGES}),
        )
        for number, (fund, name) in enumerate(funds.items(), start=1)
    ]
    last = [column(name, short, "text") for name, short in LAST]
    return (*(column(*each) for each in COLUMNS), *paid, *last)


def _typed(table, columns):
    kinds = {"number": "float64", "count": "int64", "text": "object"}
    table = table.astype({column.name: kinds[column.kind] for column in columns})
    texts = [column.name for column in columns if column.kind == "text"]
    return table.assign(**{name: table[name].where(table[name].notna(), None) for name in texts})


def _links(works, villages, criteria):
    rows = [
        (
            option_id,
            village,
            villages["name"].get(village),
            criterion,
            criteria.get(criterion),
            villages["passes"].get(village),
        )
        for option_id, closes in works["closes"].items()
        for village, criterion in closes
    ]
    heads = ["option_id", "village_id", "village", "criterion", "criterion_text", "passes"]
    return pd.DataFrame(rows, columns=heads).astype({"passes": "float64"})


def _villages(villages, criteria, language):
    def listed(ids):
        return "; ".join(criteria.get(one, one) for one in ids)

    why = [
        problems_of([each])[0].say(language) if isinstance(each, (list, tuple)) else None
        for each in villages["why"]
    ]
    told = villages.assign(
        state_text=[say(f"works-state-{state}", language) for state in villages["state"]],
        passes=villages["passes"].where(villages["passes"] > 0),
        closes=villages["closes"].map(listed),
        open=villages["open"].map(listed),
        why=why,
    )
    heads = [
        "name",
        "commune_id",
        "commune",
        "population",
        "state",
        "state_text",
        "passes",
        "closes",
        "open",
        "why",
    ]
    return told[heads].reset_index()


def _facts(record, language):
    study = Label(record["study"]["label"]).pick(language)
    rows = [("study", study), *(("notice", text) for text in notices(record, language))]
    rows += [("result", text) for text in telling.sentences(record, language)]
    rows += [("binds", text) for text in telling.binds(record, language)]
    rows += [("assumption", text) for text in telling.assumptions(record, language)]
    label = Label(record["criteria"]["label"]).pick(language)
    rows += [("criteria_set", f"{label} ({record['criteria']['edition']})"), ("run", record["run"])]
    rows += [("criteria_hash", record["criteria"]["hash"]), ("code_version", record["code_version"])]
    rows += [("form", say("works-form-note", language)), ("null", say("export-null-note", language))]
    told = [
        (key, say(f"works-fact-{key}", language), plain(value))
        for key, value in rows
        if value not in (None, "")
    ]
    return pd.DataFrame(told, columns=["key", "label", "value"], dtype=object)


def _problems(table, geometry):
    bare = table["option_id"][geometry.isna() | geometry.is_empty].tolist()
    return (Problem("works-no-geometry", {"count": len(bare), "works": bare}),) if bare else ()
