"""Pages, lists, files and data for programs say what the findings say, counted by hand."""

import io
import json
import random
import re
import time
from urllib.parse import urlencode

import openpyxl
import pytest

from gis.plan.fixes import fixes_of
from gis.settings import Settings
from gis.web import buildable, create_app, gapcosts, lists
from tests.truths import STATUSES, Truth, drawn_web_review, shuffled

SEEDS = (2, 5)


def client_over(folder, reviews):
    """A client of an application over reviews by study id, all of them ready."""
    for name in reviews:
        (folder / name).mkdir()
        (folder / name / "study.yaml").write_text("title: x\n")
    app = create_app(Settings(studies=folder), open_review=lambda path, report: reviews[path.parent.name])
    for name in reviews:
        app.extensions["shelf"].look(name, wait_s=60)
    return app.test_client()


@pytest.fixture(scope="module")
def reviews(sample_review):
    return {"mau": sample_review} | {f"s{seed}": drawn_web_review(seed) for seed in SEEDS}


@pytest.fixture(scope="module")
def truths(reviews):
    return {name: Truth(review) for name, review in reviews.items()}


@pytest.fixture(scope="module")
def client(reviews, tmp_path_factory):
    return client_over(tmp_path_factory.mktemp("right"), reviews)


def told(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.get_data(as_text=True)[:300])
    return json.loads(answer.get_data(as_text=True))


def page_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.get_data(as_text=True)[:300])
    return answer.get_data(as_text=True)


def sheet(client, path):
    """Rows of the first sheet of a workbook."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.data[:300])
    book = openpyxl.load_workbook(io.BytesIO(answer.data), read_only=True)
    return list(book.worksheets[0].iter_rows(values_only=True))


def asked_at_random(truth, review, seed, count):
    """Filters as addresses write them, some of them empty."""
    draw = random.Random(seed)
    zones = sorted({one["zone"] or "-" for one in truth.villages})
    offered = {
        "part": ["all", "infrastructure"],
        "status": STATUSES,
        "commune": sorted({one["commune_id"] for one in truth.villages}),
        "criterion": truth.ids,
        "zone": zones if zones != ["-"] else [],
        "minority": ["ge50", "ge15", "lt15"] + ["-"] * any(one["minority"] is None for one in truth.villages),
        "confidence": ["sure", "likely", "open"],
        "q": ["dak to", "KON", "2", "ế", "thôn tô", "không có", "v1", "nan", "n"],
    }
    if all(one["minority"] is None for one in truth.villages):
        offered["minority"] = []
    if not review.findings["confidence"].notna().any():
        offered["confidence"] = []
    chosen = []
    for _ in range(count):
        asked = {
            name: draw.choice(values)
            for name, values in offered.items()
            if values and draw.random() < (0.6 if name in ("part", "criterion", "status") else 0.25)
        }
        if "criterion" in asked and draw.random() < 0.7:
            asked["criterion_status"] = draw.choice(STATUSES)
        chosen.append(asked)
    return chosen


def test_the_verdicts_are_those_that_the_findings_give(reviews, truths):
    for name, review in reviews.items():
        for one in truths[name].villages:
            result = review.results.loc[one["id"]]
            assert (result["status"], result["infra_status"]) == (one["all"], one["infrastructure"])
            assert (result["missed"], result["infra_missed"], result["unknown"]) == (
                one["missed"]["all"], one["missed"]["infrastructure"], one["unknown"]["all"]
            )  # fmt: skip


@pytest.mark.parametrize("part", ["all", "infrastructure"])
def test_the_first_screen_says_what_the_findings_say(client, reviews, truths, part):
    for name, truth in truths.items():
        page = page_of(client, f"/studies/{name}?part={part}&lang=en")
        figures = re.search(r'<section class="figures year".*?</section>', page, re.S)[0]
        values = [int(text) for text in re.findall(r'class="value"[^>]*>([\d,]+)</a>', figures)]
        head = truth.headline(part)
        assert values[:3] == [head[status] for status in ("met", "unmet", "unknown")], name
        without = sum(not row["has_sheet"] for row in truth.communes("all").values())
        assert values[3:] == [without], name
        if part == "all":
            said = re.sub(r"<[^>]+>", "", figures)
            short = head["short_by"]
            assert (re.search(rf"\b{short} short", said) is not None) == bool(short), said
        rows = told(client, f"/studies/{name}/communes.json?part={part}")["communes"]
        wanted = truth.communes(part)
        assert [row["id"] for row in rows] and {row["id"] for row in rows} == set(wanted)
        for row in rows:
            assert {key: row[key] for key in wanted[row["id"]]} == wanted[row["id"]], (name, row["id"])
        shorts = [row["short_by"] for row in rows]
        assert shorts == sorted(shorts, reverse=True)
        cells = re.findall(r'<td class="number strong">.*?</td>', page, re.S)
        assert [int(re.sub(r"\D", "", re.sub(r"<[^>]+>", "", cell))) for cell in cells] == shorts


@pytest.mark.parametrize("name", ["mau", *(f"s{seed}" for seed in SEEDS)])
def test_lists_leave_the_villages_that_answer_to_their_filters(client, reviews, truths, name):
    truth, review = truths[name], reviews[name]
    known = {one["id"]: one for one in truth.villages}
    some = 0
    for at, asked in enumerate(asked_at_random(truth, review, 11, 80)):
        wanted = truth.kept(**asked)
        some += 0 < len(wanted) < len(known)
        with client.application.test_request_context(query_string=asked):
            assert lists.chosen(review, None)[1] == wanted, asked
        if at % 25 or asked.get("criterion_status") == "unmet":
            continue
        query = urlencode(asked)
        rows = told(client, f"/studies/{name}/villages.json?{query}")["villages"]
        assert [row["id"] for row in rows] == wanted, query
        for row in rows:
            one = known[row["id"]]
            assert (row["status"], row["infra_status"], row["missed"], row["unknown"]) == (
                one["all"], one["infrastructure"], one["missed"]["all"], one["unknown"]["all"]
            )  # fmt: skip
        cells = sheet(client, f"/studies/{name}/villages.xlsx?{query}")
        assert [row[0] for row in cells if row[0] in known] == wanted, query
        page = page_of(client, f"/studies/{name}/villages?{query}")
        listed = re.findall(rf'<th scope="row"><a href="/studies/{name}/villages/([^"?]+)', page)
        assert listed == wanted, query
    assert some > 10


def test_the_table_of_the_map_and_its_filters_are_the_same_villages(client, truths):
    for name, truth in truths.items():
        found = told(client, f"/studies/{name}/map.json")
        narrow = told(client, f"/studies/{name}/narrow.json")
        letters = {"met": "m", "unmet": "u", "unknown": "k", "exempt": "x"}
        for at, (row, one) in enumerate(zip(found["rows"], truth.villages, strict=True)):
            assert row[0] == one["id"] and found["communes"][row[2]][0] == one["commune_id"]
            assert row[3:7] == [
                letters[one["all"]], letters[one["infrastructure"]], one["missed"]["all"], one["unknown"]["all"]
            ]  # fmt: skip
            assert row[9] == "".join(letters[one["by"][id_]] for id_ in truth.ids)
            if "zone" in narrow:
                assert narrow["zone"][at] == (one["zone"] or "-")
            if "confidence" in narrow:
                assert narrow["confidence"]["all"][at] == (truth.sureness(one) or "-")[0]


def test_tables_for_programs_hold_the_same_counts(client, truths):
    for name, truth in truths.items():
        collection = f"/ogc/collections/{name}"
        for status in STATUSES:
            wanted = truth.kept(status=status)
            found = told(client, f"{collection}.villages/items?status={status}&limit=1000")
            assert found["numberMatched"] == len(wanted)
            assert [one["id"] for one in found["features"]] == wanted
        criterion = truth.ids[0]
        found = told(client, f"{collection}.findings/items?criterion={criterion}&status=unmet&limit=1")
        assert found["numberMatched"] == sum(one["by"][criterion] == "unmet" for one in truth.villages)
        communes = told(client, f"{collection}.communes/items?limit=1000")["features"]
        wanted = truth.communes("all")
        assert len(communes) == len(wanted)
        for one in communes:
            row = one["properties"]
            assert {key: row[key] for key in wanted[one["id"]]} == wanted[one["id"]]
        head = told(client, f"/api/v1/studies/{name}")["headline"]
        mine = truth.headline("all")
        assert {key: head[key] for key in mine if key != "share_pct"} == {
            key: value for key, value in mine.items() if key != "share_pct"
        }
        assert head["share_pct"] == pytest.approx(mine["share_pct"], abs=1e-3)


def test_the_order_of_rows_changes_no_figure(reviews, tmp_path):
    review = reviews["s2"]
    turned = client_over(tmp_path, {"a": review, "b": shuffled(review, 4)})
    for path in ("communes.json", "communes.json?part=infrastructure", "villages.json?status=unmet&q=to"):
        one, other = (told(turned, f"/studies/{name}/{path}") for name in "ab")
        key = path.split(".")[0]
        by_id = lambda rows: sorted(rows, key=lambda row: row["id"])  # noqa: E731
        assert by_id(one[key]) == by_id(other[key])
    assert [row["id"] for row in told(turned, "/studies/a/communes.json")["communes"]] == [
        row["id"] for row in told(turned, "/studies/b/communes.json")["communes"]
    ]
    figures = [
        re.search(r'<section class="figures year".*?</section>', page_of(turned, f"/studies/{name}"), re.S)[0]
        for name in "ab"
    ]
    assert figures[0] == figures[1].replace("/studies/b", "/studies/a")


def ready_costs(standing, criterion, ids):
    """The costs of some gaps, once they are worked out."""
    for _ in range(300):
        costs = gapcosts.gap_costs(standing, criterion, ids)
        if costs.state != "computing":
            assert costs.state == "ready"
            return costs
        time.sleep(0.1)
    raise AssertionError("the costs never came")


def test_what_a_gap_costs_is_what_the_options_say_for_who_sees_a_part_too(client, reviews, truths):
    truth, app = truths["s5"], client.application
    standing = app.extensions["shelf"].peek("s5")
    dear = 0
    with app.test_request_context():
        ready_costs(standing, truth.ids[0], [])
        fixes = fixes_of(buildable.options_of(standing))
        for fix in fixes.values():
            assert fix["cost"] == pytest.approx(sum(work["cost"] for work in fix["works"]))
        for criterion in truth.works:
            ids = [one["id"] for one in truth.villages if one["by"][criterion] == "unmet"]
            costs, once = ready_costs(standing, criterion, ids), {}
            assert list(costs.rows) == ids
            for village, row in costs.rows.items():
                fix = fixes.get((village, criterion))
                assert row["cost"] == (fix["cost"] if fix else None)
                assert bool(row["why"]) == (fix is None)
                once |= {work["option_id"]: work["cost"] for work in fix["works"]} if fix else {}
            assert costs.total["cost"] == (sum(once.values()) if once else None)
            assert costs.total["villages"] + costs.total["without"] == len(ids)
            dear += len(once)
            for commune in ("x0", "x1"):
                inside = [id_ for id_ in ids if reviews["s5"].study.villages.at[id_, "commune_id"] == commune]
                part = ready_costs(standing.within(frozenset({commune})), criterion, inside)
                assert part.rows == {id_: costs.rows[id_] for id_ in inside}
    assert dear > 5


def test_a_list_of_gaps_its_file_and_the_scorecards_agree(client, truths):
    truth = truths["s5"]
    criterion = max(truth.works, key=lambda name: sum(one["by"][name] == "unmet" for one in truth.villages))
    query = f"criterion={criterion}&criterion_status=unmet"
    with client.application.test_request_context():
        ready_costs(client.application.extensions["shelf"].peek("s5"), criterion, [])
    rows = told(client, f"/studies/s5/villages.json?{query}")["villages"]
    costs = {row["id"]: row["gap"]["cost"] for row in rows}
    cells = sheet(client, f"/studies/s5/villages.xlsx?{query}&lang=en")
    heading = next(row for row in cells if row and "ID" in str(row[0]) or (row and row[0] == "Code"))
    at = next(number for number, name in enumerate(heading) if name and "million" in str(name).lower())
    listed = {row[0]: row[at] for row in cells if row[0] in costs}
    assert set(listed) == set(costs) == set(truth.kept(criterion=criterion, criterion_status="unmet"))
    for village, cost in costs.items():
        assert (listed[village] is None) == (cost is None)
        assert cost is None or listed[village] == pytest.approx(cost / 1e6, abs=1e-3)
        card = told(client, f"/studies/s5/villages/{village}.json")
        (finding,) = (row for row in card["findings"] if row["criterion"] == criterion)
        assert finding["status"] == "unmet"
