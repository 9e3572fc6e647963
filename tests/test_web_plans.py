"""The pages of what could be built, of plans and of scenarios; without a browser."""

import io
import re
import shutil
import time
import zipfile

import pytest

from gis import accounts
from gis.settings import Settings
from gis.store import open_store
from gis.web import create_app
from gis.web.buildable import fixes_of
from gis.web.guard import Refused
from gis.web.planform import given_of, plain_of
from gis.web.works import number_of
from tests.test_web_intake import words

STUDY = "/studies/dak-minh-hoa"
BAD = ["commune=x", "sector=x", "criterion=x", "wanted=x", "view=x", "page=0", "page=x"]
BAD_SCENARIOS = [
    "figure=a",
    "speed=a/b",
    "figure=x//1",
    "close=clinics/none",
    "work=none",
    "base=none",
    "speed=a/b/c/d/x",
]
FORM = {
    "part": "infrastructure",
    "first": "2026",
    "last": "2027",
    "fund-1-label": "Chương trình NTM",
    "fund-1-amounts": "4000; 3000",
    "fund-2-label": "Ngân sách xã",
    "fund-2-amounts": "500",
    "fund-2-sectors": "roads",
    "seconds": "10",
}


@pytest.fixture(scope="module")
def site(stored_sample, tmp_path_factory):
    """The app over a store with the sample in it, and a client of it by a person with a name."""
    folder = tmp_path_factory.mktemp("plans")
    shutil.copytree(stored_sample, folder / "store")
    store = open_store(folder / "store")
    accounts.name_person(store, "Y Lan")
    (folder / "studies").mkdir()
    app = create_app(Settings(studies=folder / "studies", workers=0), store=store)
    app.extensions["shelf"].look("dak-minh-hoa", wait_s=60)
    return app


@pytest.fixture(scope="module")
def client(site):
    return site.test_client()


def get(client, address):
    """The answer once the server has computed it."""
    for _ in range(400):
        answer = client.get(address)
        if answer.status_code != 503:
            return answer
        assert answer.headers["Retry-After"]
    raise AssertionError(f"{address} never came")


def post(client, address, form, seen=None):
    """A form sent from a page of ours."""
    token = re.search(r'name="csrf" content="([^"]+)"', words(get(client, seen or "/")))[1]
    return client.post(address, data={**form, "csrf_token": token})


@pytest.fixture(scope="module")
def made(client):
    """Address of a plan that the form has made."""
    get(client, f"{STUDY}/options")
    answer = post(
        client, f"{STUDY}/plan", {**FORM, "name": "Phương án 8 tỷ", "curve": "yes", "fairness": "yes"}
    )
    assert answer.status_code == 303, words(answer)
    address = client.get(answer.headers["Location"]).headers["Location"]
    assert "/plans/" in address
    return address


def test_options_tell_cost_gaps_and_who_stands_for_the_cost(client):
    shown = words(get(client, f"{STUDY}/options?lang=vi"))
    assert "Có thể làm gì?" in shown and "triệu đồng" in shown and "≈" in shown
    assert "chưa cơ quan nào xác nhận" in shown and "What could be built?" in words(
        get(client, f"{STUDY}/options?lang=en")
    )


def test_every_gap_has_its_cheapest_change_or_the_reason_why_not(client, sample_review):
    shown = words(get(client, f"{STUDY}/options?lang=en&view=gaps"))
    unmet = int((sample_review.findings["status"] == "unmet").sum())
    assert re.search(rf">{unmet}</span></h2>", shown)
    assert "≈" in shown.split("<tbody>")[1].split("</tr>")[0]  # first what a work can close


def test_a_gap_costs_what_the_planner_says_that_its_work_costs(client, site):
    get(client, f"{STUDY}/options?view=gaps")
    standing = site.extensions["shelf"].peek("dak-minh-hoa")

    def fixes():
        with site.test_request_context():
            for _ in range(400):
                try:
                    return fixes_of(standing)
                except Refused:
                    time.sleep(0.05)

    before = fixes()
    gap, fix = next((gap, fix) for gap, fix in before.items() if len(fix["works"]) == 1 and fix["assumed"])
    option, cost = fix["works"][0]["option_id"], fix["cost"] * 0.75
    post(client, f"{STUDY}/options", {"option": option, f"cost:{option}": f"{cost / 1e6:.3f}"})
    after = fixes()[gap]
    assert (after["works"][0]["option_id"], after["assumed"]) == (option, False)
    assert after["cost"] == pytest.approx(cost, abs=1000)
    post(client, f"{STUDY}/options", {"option": option, f"cost:{option}": ""})
    assert fixes() == before


@pytest.mark.parametrize("query", BAD)
def test_a_filter_that_is_none_is_one_sentence(client, query):
    assert get(client, f"{STUDY}/options?{query}").status_code == 400


def test_a_work_is_locked_and_priced_and_the_next_page_says_so(client):
    page = words(get(client, f"{STUDY}/options?lang=vi"))
    option = re.search(r'name="option" value="([^"]+)"', page)[1]
    form = {"option": option, f"wanted:{option}": "in", f"cost:{option}": "1.250,5"}
    assert post(client, f"{STUDY}/options", form).status_code == 303
    shown = words(get(client, f"{STUDY}/options?lang=vi&wanted=cost"))
    assert option in shown and "1.250" in shown and 'value="in" selected' in shown
    assert (
        post(client, f"{STUDY}/options", {**form, f"wanted:{option}": "", f"cost:{option}": ""}).status_code
        == 303
    )
    assert option not in words(get(client, f"{STUDY}/options?wanted=in"))


@pytest.mark.parametrize(
    ("name", "value"), [("option", "no-such"), ("cost", "1,2,3"), ("cost", "-4"), ("wanted", "x")]
)
def test_what_is_wanted_is_checked(client, name, value):
    page = words(get(client, f"{STUDY}/options"))
    option = value if name == "option" else re.search(r'name="option" value="([^"]+)"', page)[1]
    form = {"option": option} | ({f"{name}:{option}": value} if name != "option" else {})
    answer = post(client, f"{STUDY}/options", form)
    assert answer.status_code in (400, 422)
    if name == "cost":  # back on the list, with what was written
        assert 'role="alert"' in words(answer) and f'value="{value}"' in words(answer)


@pytest.mark.parametrize("format", ["xlsx", "csv"])
@pytest.mark.parametrize("view", ["works", "gaps"])
def test_the_lists_leave_as_files(client, view, format):
    answer = get(client, f"{STUDY}/options-{view}.{format}")
    assert answer.status_code == 200 and len(answer.data) > 200
    if format == "xlsx":
        assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None


def test_a_plan_says_what_it_reaches_what_it_costs_and_what_stands_in_the_way(client, made):
    shown = words(get(client, f"{made}?lang=vi"))
    for told in (
        "Phương án 8 tỷ",
        "Thôn đạt thêm",
        "Chương trình NTM",
        "Vì sao không được nhiều hơn",
        "giả định",
    ):
        assert told in shown
    assert "plan-" not in re.sub(
        r'"[^"]*"', "", re.sub(r"<[^>]+>", " ", shown.split("application/json")[0])
    ).replace("plan-map", "")
    for by in ("commune", "sector", "fund"):
        assert get(client, f"{made}?by={by}").status_code == 200
    assert "Villages that newly pass" in words(get(client, f"{made}?lang=en"))


def test_a_plan_is_presented_drawn_and_carried_away(client, made):
    assert "Phương án 8 tỷ" in words(get(client, f"{made}/present"))
    assert get(client, f"{made}/works.geojson").json["features"]
    for format in ("xlsx", "csv", "zip", "gpkg", "geojson"):
        assert get(client, f"{made}/list.{format}").status_code == 200


def test_a_plan_begins_another_with_what_was_asked(client, made):
    key = made.rsplit("/", 1)[1]
    shown = words(get(client, f"{STUDY}/plan?from={key}&lang=vi"))
    assert 'value="4000; 3000"' in shown and "Chương trình NTM" in shown
    assert re.search(r'name="last" value="2027"', shown)
    for part, there in (("curve", True), ("fairness", True), ("roadmap", False)):
        assert (re.search(rf'name="{part}" value="yes" checked', shown) is not None) == there


def test_a_plan_is_renamed_and_withdrawn_and_stays_readable(client, made):
    assert post(client, made, {"do": "rename", "name": "Phương án chốt"}).status_code == 303
    assert "Phương án chốt" in words(get(client, f"{STUDY}/plan"))
    assert post(client, made, {"do": "withdraw", "reason": ""}).status_code == 422
    assert post(client, made, {"do": "withdraw", "reason": "đã có số mới"}).status_code == 303
    assert "đã có số mới" in words(get(client, made))
    assert post(client, made, {"do": "fly"}).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": ""},
        {"fund-1-amounts": "nhiều"},
        {"fund-1-amounts": "1;2;3"},
        {"last": "2020"},
        {"fund-1-share": "140"},
        {"fund-1-amounts": ""},
        {"floor": "works"},
        {"floor-amount": "1"},
        {"assumed-year:housing": "", "assumed-by:housing": "chương trình nhà ở"},
    ],
)
def test_a_form_that_cannot_be_used_comes_back_with_its_sentences_and_what_was_written(client, wrong):
    answer = post(client, f"{STUDY}/plan", {**FORM, **wrong})
    shown = words(answer)
    assert answer.status_code == 422 and 'role="alert"' in shown and "Chương trình NTM" in shown


def test_a_form_and_its_request_say_the_same(site):
    from werkzeug.datastructures import MultiDict

    from gis.plan import Request

    with site.test_request_context("/?lang=vi"):
        form = MultiDict(
            {
                **FORM,
                "fund-2-share": "70,5",
                "floor": "vnd",
                "floor-amount": "100",
                "assumed-year:a": "2027",
                "assumed-by:a": "CT MTQG",
            }
        )
        plain = Request.from_plain(plain_of(form, {"x": {"wanted": "in", "cost": 5e6}})).to_plain()
        again = Request.from_plain(plain_of(given_of(plain), {"x": {"wanted": "in", "cost": 5e6}})).to_plain()
    assert plain == again and plain["locked"] == ["x"] and plain["costs"] == {"x": 5e6}


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("vi", "1.200,5", 1200.5),
        ("vi", "1.5", 1.5),
        ("vi", "1,5", 1.5),
        ("vi", "12.000", 12000),
        ("en", "1,200.5", 1200.5),
        ("en", "1.5", 1.5),
        ("en", "", None),
    ],
)
def test_numbers_are_read_as_people_write_them(site, language, text, value):
    with site.test_request_context(f"/?lang={language}"):
        assert number_of(text, "x", 1e9) == value


def test_a_work_tried_flips_what_it_closes_and_nobody_is_worse_off(client):
    page = words(get(client, f"{STUDY}/options?lang=vi"))
    option = re.search(r'name="option" value="([^"]+)"', page)[1]
    shown = words(get(client, f"{STUDY}/scenario?work={option}&lang=en"))
    assert "Villages that change" in shown and "→" in shown
    assert get(client, f"{STUDY}/scenario/works.geojson?work={option}").status_code == 200


def test_a_closed_place_says_who_is_worse_off(client, sample_review):
    clinic = sample_review.study.layers["clinics"].frame.index[0]
    shown = words(get(client, f"{STUDY}/scenario?close=clinics/{clinic}&lang=vi"))
    assert "Đóng" in shown and "Thôn bị thiệt" in shown


@pytest.mark.parametrize("query", BAD_SCENARIOS)
def test_a_scenario_that_cannot_be_is_one_sentence(client, query):
    assert get(client, f"{STUDY}/scenario?{query}").status_code in (400, 404, 422)


def test_a_scenario_is_found_by_search_kept_and_compared_with_a_plan(client, made):
    key = made.rsplit("/", 1)[1]
    begun = client.get(f"{STUDY}/scenario?plan={key}")
    assert begun.status_code == 302
    found = words(get(client, f"{STUDY}/scenario?find=làng&lang=vi"))
    add = re.search(r'href="([^"]+work=[^"]+)">thêm', found)[1].replace("&amp;", "&")
    answer = post(client, add, {"name": "Thử một công trình", "note": ""})
    assert answer.status_code == 303
    kept = answer.headers["Location"]
    assert "Thử một công trình" in words(get(client, kept))
    other = kept.rsplit("/", 1)[1]
    shown = words(get(client, f"{STUDY}/compare?a={key}&b={other}&lang=vi"))
    assert "Thử một công trình" in shown and "Thôn có kết quả khác nhau" in shown
    # what the plan makes pass one work alone does not
    assert re.search(r'data-label="A">đạt năm \d{4}</td><td data-label="B">không đạt<', shown)
    figures = shown.split("Con số</h2>")[1].split("</table>")[0]
    assert "Thôn đạt thêm" in figures and figures.count("≈") == 2
    row = words(get(client, f"{STUDY}/plan?lang=vi")).split("Thử một công trình")[1].split("</tr>")[0]
    assert "≈" in row
    assert get(client, f"{STUDY}/compare/works.geojson?a={key}&b={other}").status_code == 200
    assert get(client, f"{STUDY}/compare?a={key}&b=none").status_code == 400


def test_the_menu_leads_to_the_pages(client):
    shown = words(get(client, f"{STUDY}/villages"))
    assert f'href="{STUDY}/options"' in shown


def test_the_page_of_a_village_says_the_cheapest_change(client):
    shown = words(get(client, f"{STUDY}/options?view=gaps&lang=en"))
    gaps = re.findall(
        r'/villages/(\w+)">[^<]*</a></th>(?:(?!</tr>).)*?<td[^>]*Cheapest fix[^>]*>([A-Z])', shown, re.S
    )
    assert gaps and "heapest" in words(get(client, f"{STUDY}/villages/{gaps[0][0]}?lang=en"))


def test_the_needs_list_leaves_as_excel_and_comes_back_with_its_marks(client):
    page = words(get(client, f"{STUDY}/options?lang=vi"))
    option = re.search(r'name="option" value="([^"]+)"', page)[1]
    post(client, f"{STUDY}/options", {"option": option, f"wanted:{option}": "in", f"cost:{option}": "777"})
    data = get(client, f"{STUDY}/needs.xlsx?lang=vi").data
    post(client, f"{STUDY}/options", {"option": option, f"wanted:{option}": "", f"cost:{option}": ""})
    answer = post(client, f"{STUDY}/needs", {"file": (io.BytesIO(data), "danh mục.xlsx")})
    assert answer.status_code == 200, words(answer)
    shown = words(get(client, f"{STUDY}/options?lang=vi&wanted=cost"))
    assert option in shown and "777" in shown
    post(client, f"{STUDY}/options", {"option": option, f"wanted:{option}": "", f"cost:{option}": ""})
    assert post(client, f"{STUDY}/needs", {"file": (io.BytesIO(b"no table"), "x.xlsx")}).status_code == 422
    assert post(client, f"{STUDY}/needs", {}).status_code == 400
    assert post(client, f"{STUDY}/needs/drop", {}).status_code == 303
