"""What the map of a large study, the script of the page, a part of a study and its years show, counted by hand."""

import time
from urllib.parse import urlencode

import pytest

from gis.narrowing import narrow
from gis.side_by_side import SOURCES, by_source
from gis.web import leveldata, levels
from gis.workflows.rejudging import judge_year
from gis.workflows.targets import closest
from tests.serving import served
from tests.test_right_numbers import asked_at_random, client_over, sheet, told
from tests.truths import STATUSES, Truth, drawn_web_review

LETTERS = {"met": "m", "unmet": "u", "unknown": "k", "exempt": "x"}
SEED = 5


@pytest.fixture(scope="module")
def review():
    return drawn_web_review(SEED, 60)


@pytest.fixture(scope="module")
def truth(review):
    return Truth(review)


@pytest.fixture(scope="module")
def small(review, tmp_path_factory):
    client = client_over(tmp_path_factory.mktemp("small"), {"thon": review})
    client.whole = told(client, "/studies/thon/map.json")
    return client


@pytest.fixture
def large(review, tmp_path, monkeypatch):
    """The same review shown in levels, in leaves of seven villages."""
    monkeypatch.setattr(levels, "MOST_WHOLE", 20)
    monkeypatch.setattr(levels, "LEAF_VILLAGES", 7)
    client = client_over(tmp_path, {"thon": review})
    leveldata.levels_of(client.application.extensions["shelf"].peek("thon"), wait_s=60)
    return client


def pages_of(client, query):
    """All rows of a list that the server gives in pages."""
    first = told(client, f"/studies/thon/levels/rows.json?{query}")
    rows, page = first["rows"], 1
    while len(rows) < first["count"]:
        page += 1
        rows += told(client, f"/studies/thon/levels/rows.json?{query}&page={page}")["rows"]
    return rows


def test_a_large_study_shows_what_a_small_one_shows(review, truth, small, large, monkeypatch):
    monkeypatch.setattr(leveldata, "ROWS_A_PAGE", 25)
    whole = small.whole
    beginning = told(large, "/studies/thon/map.json")
    assert beginning["rows"] == [] and beginning["villages"] == len(truth.villages)
    assert all(beginning[name] == whole[name] for name in ("columns", "criteria", "words"))
    plain = {row[0]: [*row[:2], whole["communes"][row[2]][0], *row[3:]] for row in whole["rows"]}
    seen = {}
    (leaves,) = (each["leaves"] for each in beginning["levels"]["levels"] if each["name"] == "villages")
    assert len(leaves) > 3
    for leaf in range(len(leaves)):
        part = told(large, f"/studies/thon/levels/villages/{leaf}.json")
        shapes = told(large, f"/studies/thon/levels/villages/{leaf}.geojson")["features"]
        assert {one["properties"]["id"] for one in shapes} == {row[0] for row in part["rows"]}
        for row in part["rows"]:
            assert row[0] not in seen
            seen[row[0]] = [*row[:2], part["communes"][row[2]][0], *row[3:]]
    placed = {id_ for id_, row in plain.items() if row[-1] is not None}
    assert seen == {id_: row for id_, row in plain.items() if id_ in placed}
    rows = pages_of(large, "sort=-name")
    assert sorted(row[0] for row in rows) == sorted(plain)
    for asked in asked_at_random(truth, review, 23, 40):
        wanted, query = truth.kept(**asked), urlencode(asked)
        part = asked.get("part", "all")
        summary = told(large, f"/studies/thon/levels/summary.json?{query}&level=communes")
        assert (summary["count"], summary["all"]) == (len(wanted), len(truth.villages)), query
        inside = [one for one in truth.villages if one["id"] in set(wanted)]
        of = (lambda one: one["by"][asked["criterion"]]) if "criterion" in asked else (lambda one: one[part])  # noqa: B023
        assert summary["counts"] == truth.counts(inside, of), query
        missed = [one["missed"][part] for one in inside if one[part] == "unmet"]
        assert summary["missed"] == [[step, missed.count(step)] for step in sorted(set(missed))], query
        for commune, counts in summary["regions"].items():
            members = [one for one in truth.villages if one["commune_id"] == commune]
            assert dict(zip(STATUSES, counts, strict=True)) == truth.counts(members, of), query
        if summary["kept"] is not None:
            assert sum(summary["kept"].values()) == len(wanted)
        assert [row[0] for row in pages_of(large, query)] == wanted, query


def test_the_script_of_the_page_chooses_colours_and_counts_the_same_villages(review, truth, small, new_page):
    asked = asked_at_random(truth, review, 31, 120)
    with served(small.application) as address:
        page = new_page(width=1366, height=768)
        page.goto(f"{address}/studies/thon/map?lang=en")
        page.wait_for_selector("body[data-ready]")
        source = page.evaluate("document.querySelector('link[rel=modulepreload][href*=\"search\"]').href")
        found = page.evaluate(
            """async ([source, asked]) => {
              const { choose, readRows } = await import(source);
              const get = async (name) => (await fetch(`/studies/thon/${name}`)).json();
              const [told, facts] = await Promise.all([get("map.json"), get("narrow.json")]);
              const rows = readRows(told);
              const names = "part commune status criterion criterion_status zone group minority confidence q";
              const nothing = Object.fromEntries(names.split(" ").map((name) => [name, ""]));
              return asked.map((each) => choose(rows, { ...nothing, ...each }, told.criteria, facts).map((row) => row.id));
            }""",
            [source, asked],
        )
        for each, ids in zip(asked, found, strict=True):
            assert ids == truth.kept(**each), each
        words = ["Đăk Tô", "dak   TO", "村", "--", "Ế", "ia ê", "v1 v1", "thôn\u0323", "nan", "none", "không"]
        for text in words:
            listed = told(small, f"/studies/thon/villages.json?{urlencode({'q': text})}")["villages"]
            shown = page.evaluate(SHOW, {"q": text})
            assert shown["count"] == len(listed), text
        for each in asked[:14]:
            shown = page.evaluate(SHOW, each)
            part, wanted = each.get("part", "all"), set(truth.kept(**each))
            inside = [one for one in truth.villages if one["id"] in wanted]
            head = truth.counts(inside, lambda one: one[part])  # noqa: B023
            assert shown["count"] == len(wanted), each
            assert shown["figures"] == [head[status] for status in ("met", "unmet", "unknown")], each
            if criterion := each.get("criterion"):
                legend = truth.counts(inside, lambda one: one["by"][criterion])  # noqa: B023
                assert {name: shown["legend"].get(name, 0) for name in STATUSES} == legend, each
            else:
                steps = sum(count for name, count in shown["legend"].items() if name.startswith("missed"))
                assert steps == head["unmet"], each
                assert all(
                    shown["legend"].get(name, 0) == head[name] for name in ("met", "unknown", "exempt")
                )
            for at, name in enumerate(truth.ids):
                counts = truth.counts(inside, lambda one: one["by"][name])  # noqa: B023
                if counts["exempt"] < len(inside):
                    numbers = [int(number) for number in shown["criteria"][at]]
                    assert numbers[:1] == [counts["unmet"]], (each, name)
        assert page.faults == []


SHOW = """async (asked) => {
  history.pushState(null, "", `${location.pathname}?${new URLSearchParams({ ...asked, lang: "en" })}`);
  dispatchEvent(new PopStateEvent("popstate"));
  await new Promise((done) => setTimeout(done, 60));
  for (let turn = 0; turn < 60 && document.body.classList.contains("fetching"); turn++) await new Promise((done) => setTimeout(done, 25));
  const lines = [...document.querySelectorAll("#legend li[data-class]")];
  const number = (text) => Number(text.replace(/[^0-9]/g, ""));
  return {
    count: number(document.getElementById("count").textContent.split("of")[0]),
    figures: [...document.querySelectorAll(".figures:not([hidden]) .value")].map((each) => number(each.textContent)),
    legend: Object.fromEntries(lines.map((line) => [line.dataset.class, number(line.querySelector(".legend-count").textContent)])),
    criteria: [...document.querySelectorAll("#criteria .criterion-count")].map((each) => each.textContent.match(/[0-9]+/g) ?? []),
  };
}"""


def test_a_part_of_a_study_is_judged_as_its_villages_are(review, truth, sample_review):
    for judged, whole in ((review, truth), (sample_review, Truth(sample_review))):
        for communes in (
            {whole.villages[0]["commune_id"]},
            {one["commune_id"] for one in whole.villages},
            {"none"},
        ):
            part = narrow(judged, communes)
            mine = Truth(part)
            inside = [one for one in whole.villages if one["commune_id"] in communes - {"-"}]
            assert mine.villages == inside
            head = mine.headline("all")
            assert all(part.headline[name] == head[name] for name in ("villages", *STATUSES, "short_by"))
            found = part.communes
            for id_, row in mine.communes("all").items():
                assert {name: found.at[id_, name] for name in row} == row
            for name in mine.ids:
                counts = mine.counts(mine.villages, lambda one: one["by"][name])  # noqa: B023
                assert {status: part.by_criterion.at[name, status] for status in STATUSES} == counts


def test_by_one_source_alone_a_study_is_judged_as_by_hand(review, truth):
    told_by = {(row["village_id"], row["criterion"]): row for row in review.findings.to_dict("records")}
    both = {
        name
        for name in truth.ids
        if all(
            any(
                row[f"{source}_status"] in ("met", "unmet")
                for (_, one), row in told_by.items()
                if one == name
            )
            for source in SOURCES
        )
    }
    for source in SOURCES:
        table = by_source(review, source).villages_table
        for one in truth.villages:
            by = {
                name: (told_by[one["id"], name][f"{source}_status"] or "unknown")
                if name in both and status != "exempt"
                else status
                for name, status in one["by"].items()
            }
            assert table.at[one["id"], "status"] == truth.verdict(by), (source, one["id"])


def test_villages_one_criterion_short_are_those_that_one_change_lets_pass(sample_review, review, truth):
    for judged, whole in ((review, truth), (sample_review, Truth(sample_review))):
        near = closest(judged)
        wanted = {
            one["id"]
            for one in whole.villages
            if one["all"] in ("unmet", "unknown")
            and any(
                one["by"][name] in ("unmet", "unknown") and whole.verdict({**one["by"], name: "met"}) == "met"
                for name in whole.counted
            )
        }
        assert set(near.index[near["one_step"].map(len) > 0]) == wanted


def test_every_year_is_judged_by_itself_and_moves_are_counted_by_village(sample_review, tmp_path):
    client = client_over(tmp_path, {"mau": sample_review})
    study, by_year = sample_review.study, {}
    before, now = sorted(study.assessments)
    for year in (before, now):
        judged = sample_review if year == study.year else judge_year(study, year=year)
        by_year[year] = {one["id"]: one["all"] for one in Truth(judged).villages}
    first = waited(client, f"/studies/mau/sides/year-{before}.json").json
    today = waited(client, "/studies/mau/sides/now.json").json
    order = [row[0] for row in told(client, "/studies/mau/map.json")["rows"]]
    assert first["status"] == today["before"] == "".join(LETTERS[by_year[before][id_]] for id_ in order)
    assert today["status"] == "".join(LETTERS[by_year[now][id_]] for id_ in order)
    moved = {
        kind: {id_ for id_ in order if (by_year[before][id_], by_year[now][id_]) == pair}
        for kind, pair in {
            "new": ("unmet", "met"),
            "back": ("met", "unmet"),
            "lost": ("met", "unknown"),
        }.items()
    }
    rows = sheet(client, "/studies/mau/years/events.xlsx?lang=en")
    listed = [row for row in rows if any(cell in by_year[now] for cell in row)]
    assert len(listed) == sum(map(len, moved.values())) > 0
    assert {cell for row in listed for cell in row if cell in by_year[now]} == set().union(*moved.values())
    counts = sheet(client, "/studies/mau/years/years.xlsx?lang=en")
    for year in (before, now):
        (row,) = (row for row in counts if str(row[0]) == str(year))
        told_ = [cell for cell in row if isinstance(cell, int | float)]
        for status in ("met", "unmet", "unknown"):
            assert list(by_year[year].values()).count(status) in told_, (year, status, row)


def waited(client, path):
    """The answer, asked again while it is worked out."""
    for _ in range(200):
        answer = client.get(path)
        if answer.status_code != 503:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{path} never came")
