"""The figures of plans that README.md and docs/plan.md tell come out when they are made again."""

from pathlib import Path

import pytest

from gis.plan import Request, find_options
from gis.sample import make_sample
from gis.workflows import judge, read_study
from gis.workflows.planning import make_plan

ROOT = Path(__file__).parents[1]
RULES = ("plan", "need", "cost", "benefit-cost", "village")


@pytest.fixture(scope="module")
def record(district):
    """The plan of the example."""
    review, options = district
    request = Request.from_plain({"years": "2025", "funds": [{"id": "budget", "amounts": "10 tỷ"}]})
    return make_plan(review, request, options=options, parts=()).record


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    """The district of the example, judged, and what could be built in it."""
    study = make_sample(tmp_path_factory.mktemp("example"), villages=60)
    review = judge(read_study(study, criteria="kontum-dtts-village-2022"))
    return review, find_options(review)


def rows(page, name):
    """The numbers of a marked table, a list a row, without its first column."""
    table = (ROOT / page).read_text(encoding="utf-8").split(f"<!-- {name} -->")[1].split("<!-- end")[0]
    cells = [line.strip().strip("|").split("|")[1:] for line in table.splitlines() if line.startswith("|")]
    return [[int(cell.strip().strip("*").replace(",", "")) for cell in row] for row in cells[2:]]


def test_a_plan_makes_more_villages_pass_than_lists_of_works(record):
    found = {row["rule"]: row for row in record["rankings"]}
    told = [
        [*(found[rule][name] for name in ("passing", "closed", "works")), round(found[rule]["cost"] / 1e6)]
        for rule in RULES
    ]
    assert told == rows("README.md", "plan")
    figures = record["figures"]
    assert (figures["before"], figures["bound"], figures["stopped"]) == (18, 7, "optimal")


def test_every_figure_of_a_plan_is_the_sum_of_its_rows(record):
    figures, works, villages = record["figures"], record["works"], record["villages"]
    for name in ("cost", "cost_low", "cost_high", "people_paid"):
        assert figures[name] == pytest.approx(sum(row[name] for row in works), abs=50)
    assumed = [row["cost"] for row in works if row["cost_by"] == "assumption"]
    assert (figures["assumed_works"], figures["assumed_cost"]) == (len(assumed), pytest.approx(sum(assumed)))
    for row in works:
        assert sum(row["paid"].values()) + row["people_paid"] == pytest.approx(row["cost"], abs=2)
    for fund, years in figures["paid"].items():
        for year, paid in years.items():
            of_works = sum(row["paid_by_year"].get(fund, {}).get(year, 0.0) for row in works)
            assert paid == pytest.approx(of_works, abs=50) and paid <= figures["money"][fund][year] + 1
    states = [row["state"] for row in villages]
    counts = [figures[name] for name in ("before", "by_assumption", "passing")]
    assert counts == [states.count(name) for name in ("before", "assumed", "passes")]
    assert figures["after"] == sum(counts)
    closed = {tuple(gap) for row in works for gap in row["closes"]}
    assert figures["closed"] == sum(len(row["closes"]) for row in villages) == len(closed)
    assert figures["people"] == sum(row["population"] for row in villages if row["state"] == "passes")


@pytest.mark.long
def test_the_way_to_a_target_is_as_the_page_tells_it(district):
    review, options = district
    funds = [{"id": "budget", "amounts": "3 tỷ"}]
    request = Request.from_plain({"years": "2026-2030", "funds": funds, "seconds": 20})
    road = make_plan(review, request, options=options, parts=("roadmap",), target="45%").record["roadmap"]
    names = ("works", "paid", "left", "passing")
    told = [
        [row[name] if name in ("works", "passing") else round(row[name] / 1e6) for name in names]
        for row in road["by_year"]
    ]
    assert told == rows("docs/plan.md", "road")
    assert road["reached"] and road["years"] == 5
