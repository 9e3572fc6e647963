"""The pages on what is open: contradictions with a person's decisions, repairs, confidence."""

import json
import re
from pathlib import Path

import pytest

from gis import accounts
from gis.exports import disagreement_list
from gis.intake import Reader
from gis.settings import Settings
from gis.store import decisions, open_store
from gis.web import create_app, sessions
from gis.workflows import import_recipe
from tests.test_web_intake import Planner, words

PAGE = "/studies/dak-minh-hoa"


@pytest.fixture(scope="module")
def store(tmp_path_factory, sample_study):
    opened = open_store(tmp_path_factory.mktemp("doubting") / "store")
    accounts.name_person(opened, "Y Lan")
    with Reader(Settings()) as reader:
        import_recipe(opened, reader, sample_study, who="Y Lan")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def planner(store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("doubting-studies")
    app = create_app(Settings(studies=folder, workers=0), store)
    app.extensions["shelf"].look("dak-minh-hoa", wait_s=60)
    made = Planner(app)
    made.get(f"{PAGE}/disagreements")
    return made


def look(planner, address):
    """The answer to an address with its query; the planner keeps the token of the page."""
    path, _, query = address.partition("?")
    return planner.get(path, **dict(part.split("=") for part in query.split("&") if part))


def rows_of(review):
    rows = review.disagreements
    return rows[rows["kind"].isin(["claimed-met", "claimed-unmet"])]


def waiting(planner):
    """How many contradictions the first page of the study counts among what is to be done today."""
    found = re.search(r"(\d+) báo cáo khác với số đo trên bản đồ", words(look(planner, f"{PAGE}?lang=vi")))
    return int(found[1])


def made_on(store):
    with store.reading() as connection:
        return decisions.on_disagreements(connection, "dak-minh-hoa", 2024)


def test_contradictions_are_listed_with_both_figures_and_their_causes(planner, sample_review):
    shown = words(look(planner, f"{PAGE}/disagreements?lang=vi"))
    for row in rows_of(sample_review).to_dict("records"):
        assert f"/villages/{row['village_id']}" in shown
    assert "kết quả đổi trong phạm vi sai số" in shown and "Nguyên nhân và số thôn liên quan" in shown
    assert "xã chưa báo cáo" not in shown.split("<tbody>")[2]
    assert "the commune reported nothing" in words(look(planner, f"{PAGE}/disagreements?kind=all&lang=en"))


def test_a_measured_figure_that_decides_nothing_is_marked(nandurbar_review):
    rows = nandurbar_review.disagreements
    table, _ = disagreement_list(nandurbar_review, rows[rows["kind"] == "claim-alone"], {}, "vi")
    assert set(table["measured"]) == {"không (chưa chắc)"} and set(table["reported"]) <= {"có", "không"}


@pytest.mark.parametrize(
    "query", ["kind=x", "cause=x", "commune=x", "criterion=x", "decided=maybe", "page=99", "page=0"]
)
def test_what_is_not_there_to_ask_for_is_refused(planner, query):
    assert look(planner, f"{PAGE}/disagreements?{query}").status_code == 400


def test_every_filter_leaves_only_its_rows(planner, sample_review):
    row = rows_of(sample_review).iloc[0]
    for query in (f"cause={row['cause']}", f"criterion={row['criterion']}", "kind=claimed-met", "decided=no"):
        assert look(planner, f"{PAGE}/disagreements?{query}").status_code == 200
    shown = words(look(planner, f"{PAGE}/disagreements?cause=road-gap&lang=vi"))
    assert "Không có dòng nào" in shown


def test_a_decision_is_kept_with_who_and_why_shown_everywhere_and_withdrawn(planner, store, sample_review):
    row = rows_of(sample_review).iloc[0]
    sent = {
        "village": row["village_id"],
        "criterion": row["criterion"],
        "back": f"{PAGE}/disagreements?kind=all",
    }
    why = 'Đã xem <script>window.HIT=1</script> "tại chỗ"'
    before = waiting(planner)
    assert before == len(rows_of(sample_review))
    answer = planner.post(f"{PAGE}/disagreements", sent | {"do": "decide", "answer": "map", "reason": why})
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/disagreements?kind=all")
    made = made_on(store)[row["village_id"], row["criterion"]]
    assert (made["answer"], made["reason"], made["who"]) == ("map", why, "Y Lan")
    # neither figure moves, and nothing is judged anew
    after = planner.client.application.extensions["shelf"].look("dak-minh-hoa").review
    assert rows_of(after)[["measured", "reported"]].equals(rows_of(sample_review)[["measured", "reported"]])
    assert waiting(planner) == before - 1
    listed = words(look(planner, f"{PAGE}/disagreements?decided=yes&lang=vi"))
    assert "bản đồ đúng" in listed and "&lt;script&gt;" in listed and "<script>window.HIT" not in listed
    card = words(look(planner, f"{PAGE}/villages/{row['village_id']}?lang=vi"))
    assert "Y Lan đã kết luận" in card and "<script>window.HIT" not in card
    data = json.loads(look(planner, f"{PAGE}/villages/{row['village_id']}.json").data)
    finding = next(one for one in data["findings"] if one["criterion"] == row["criterion"])
    assert finding["explanation"]["decision"]["answer"] == "map"
    assert finding["explanation"]["cheapest_fix"] is None
    assert row["village_id"] not in words(look(planner, f"{PAGE}/disagreements?decided=no"))
    diary = words(look(planner, f"{PAGE}/diary?lang=vi"))
    assert "Kết luận mâu thuẫn" in diary and "bản đồ đúng" in diary and row["criterion"] not in diary
    planner.post(f"{PAGE}/disagreements", sent | {"do": "withdraw"})
    assert made_on(store) == {}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"answer": "burn"}, 422), ({"answer": ""}, 422), ({"reason": " "}, 422), ({"reason": "x" * 1001}, 422),
        ({"village": "0000"}, 422), ({"criterion": "none"}, 422), ({"do": "burn"}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_decided_changes_nothing(planner, store, sample_review, change, status):
    row = rows_of(sample_review).iloc[0]
    sent = {"village": row["village_id"], "criterion": row["criterion"], "do": "decide", "answer": "map",
            "reason": "đã xem"} | change  # fmt: skip
    assert planner.post(f"{PAGE}/disagreements", sent).status_code == status
    assert made_on(store) == {}


def test_a_decision_leads_back_to_our_own_pages_only(planner, store, sample_review):
    row = rows_of(sample_review).iloc[0]
    sent = {"village": row["village_id"], "criterion": row["criterion"], "do": "withdraw"}
    for back in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = planner.post(f"{PAGE}/disagreements", sent | {"back": back})
        assert answer.headers["Location"] == "/"


def test_without_the_token_of_the_page_nothing_is_decided(planner, sample_review):
    row = rows_of(sample_review).iloc[0]
    sent = {"village": row["village_id"], "criterion": row["criterion"], "do": "withdraw"}
    assert (
        planner.client.application.test_client().post(f"{PAGE}/disagreements", data=sent).status_code == 400
    )


@pytest.mark.parametrize(
    "name", ["disagreements.xlsx?kind=all", "disagreements.csv", "repairs.xlsx", "repairs.csv"]
)
def test_the_whole_list_is_a_file(planner, name):
    answer = planner.client.get(f"{PAGE}/{name}")
    assert answer.status_code == 200 and len(answer.data) > 200
    assert "attachment" in answer.headers["Content-Disposition"]


def test_repairs_are_listed_with_what_hangs_on_them_and_where_to_go(planner):
    shown = words(look(planner, f"{PAGE}/repairs?lang=vi"))
    assert "Xác nhận tên" in shown and f"{PAGE}/matches" in shown and "Hộ nghèo" in shown
    assert "Xác nhận tên «" not in words(look(planner, f"{PAGE}/repairs?kind=enter-figure&lang=vi"))
    assert look(planner, f"{PAGE}/repairs?kind=x").status_code == 400


def test_the_rules_of_confidence_stand_on_a_page_with_their_counts(planner, sample_review):
    shown = words(look(planner, f"{PAGE}/confidence?lang=vi"))
    counts = sample_review.findings["confidence"].value_counts()
    for level, word in (("sure", "chắc chắn"), ("likely", "khá chắc"), ("open", "còn ngỏ")):
        assert f"{word}: {counts[level]}" in shown
    assert "50 m" in shown and "20 %" in shown
    some = words(look(planner, f"{PAGE}/confidence?confidence=open&sign=contradicted&lang=vi"))
    assert f"{len(rows_of(sample_review))} kết quả" in some
    assert look(planner, f"{PAGE}/confidence?sign=x").status_code == 400


def test_who_may_only_look_is_offered_no_decision(planner, sample_review, monkeypatch):
    monkeypatch.setattr(sessions, "account", lambda: accounts.Account("Xem", "viewer"))
    assert 'name="reason"' not in words(look(planner, f"{PAGE}/disagreements"))
    row = rows_of(sample_review).iloc[0]
    sent = {"village": row["village_id"], "criterion": row["criterion"], "do": "withdraw"}
    assert planner.post(f"{PAGE}/disagreements", sent).status_code == 403


def test_a_study_of_files_is_shown_and_takes_no_decisions(sample_study, tmp_path):
    app = create_app(Settings(studies=Path(sample_study).parent.parent), None)
    app.extensions["shelf"].look("dak-minh-hoa", wait_s=60)
    shown = words(app.test_client().get(f"{PAGE}/disagreements?lang=vi"))
    assert "đưa vào kho" in shown and 'name="reason"' not in shown
