"""The yearly review on pages: opened, sent out, taken in, asked back, merged; and what is to be done today."""

import io
import re
import shutil
import zipfile

import openpyxl
import pytest
from click.testing import CliRunner

from gis import accounts
from gis.cli import commands
from gis.settings import Settings
from gis.store import campaigns, open_store, reported, studies
from gis.web import create_app
from gis.workflows import closest, read_stored
from tests.test_campaigns import STUDY, WHO, YEAR, filled, stands, start, village_of
from tests.test_web_intake import Planner, words
from tests.test_web_signing import HOST, PASSWORD, visitor

HOME = f"/studies/{STUDY}"
FORM = {
    "name": "Rà soát 2025",
    "year": "2025",
    "half": "",
    "deadline": "2025-11-15",
    "criteria": "",
    "contact": "Phòng",
}


@pytest.fixture
def store(stored_sample, tmp_path):
    shutil.copytree(stored_sample, tmp_path / "store")
    opened = open_store(tmp_path / "store")
    accounts.name_person(opened, WHO)
    yield opened
    opened.close()


@pytest.fixture
def app(store, tmp_path):
    (tmp_path / "studies").mkdir()
    made = create_app(Settings(studies=tmp_path / "studies", workers=0), store)
    assert made.extensions["shelf"].look(STUDY, wait_s=60).review is not None
    return made


@pytest.fixture
def planner(app):
    return Planner(app)


def settle(app):
    """Wait until the study is judged as it is now."""
    shelf = app.extensions["shelf"]
    shelf.peek(STUDY)._looked = 0.0
    assert shelf.look(STUDY, wait_s=60).review is not None


def open_one(planner, **more):
    planner.get(f"{HOME}/campaigns")
    made = planner.post(f"{HOME}/campaigns", FORM | more)
    assert made.status_code == 303, words(made)
    return made.location


def bring(browser, page, *files):
    """Send workbooks from a page, as a `Planner` or a `Visitor`."""
    options = getattr(browser, "options", {})
    token = browser.token if isinstance(browser.token, str) else browser.token(page)
    sent = {"csrf_token": token, "file": [(io.BytesIO(content), name) for name, content in files]}
    return browser.client.post(f"{page}/files", data=sent, content_type="multipart/form-data", **options)


def test_a_campaign_goes_from_its_opening_to_the_study(planner, app, store):
    assert "Chưa mở kỳ nào" in words(planner.get(f"{HOME}/campaigns"))
    page = open_one(planner, name="<b>Rà soát</b>")
    shown = words(planner.get(page))
    assert "&lt;b&gt;Rà soát&lt;/b&gt;" in shown and "<b>Rà soát" not in shown and "Bờ Y Thượng" in shown
    answer = planner.client.get(f"{page}/templates.zip")
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert names[0] == "01001-bo-y-thuong.xlsx" and answer.mimetype == "application/zip"
    assert planner.client.get(f"{page}/templates/01002.xlsx").data[:2] == b"PK"
    assert planner.get(f"{page}/templates/zz.xlsx").status_code == 404
    now = stands(store, read_stored(store, STUDY), {"id": 1})
    village = village_of(now)
    odd = filled(now, "01001", {(village, "road_to_centre|self"): "không"})
    taken = bring(planner, page, ("xa 1.xlsx", odd), ("la.xlsx", b"PK broken"))
    assert taken.status_code == 200 and "Nhận 1 trong 2 tệp" in words(taken)
    assert bring(planner, page, ("la.xlsx", b"PK broken")).status_code == 422
    assert bring(planner, page).status_code == 422
    assert "lũ" not in words(planner.get(f"{page}/questions")) and "Năm trước có" in words(
        planner.get(f"{page}/questions")
    )
    lists = zipfile.ZipFile(io.BytesIO(planner.client.get(f"{page}/questions.zip").data)).namelist()
    assert lists == ["hoi-lai-01001-bo-y-thuong.xlsx"]
    assert planner.client.get(f"{page}/files/1").data == odd
    merging = words(planner.get(f"{page}/merge"))
    assert "Đưa" in merging
    done = planner.post(f"{page}/merge", {"do": "enter", "commune": "", "conflicts": "0"})
    assert done.status_code == 303 and "entered=" in done.location
    settle(app)
    assert "Đã đưa vào" in words(planner.client.get(done.location))
    assert planner.post(f"{page}/merge", {"do": "judge"}).status_code == 303
    with store.reading() as connection:
        assert len(reported.entered(connection, STUDY)) > 50
        assert studies.get_study(connection, STUDY)["recipe"]["year"] == YEAR
    settle(app)
    assert planner.post(f"{page}/close", {"do": "close"}).status_code == 303
    assert bring(planner, page, ("xa 1.xlsx", odd)).status_code == 422
    diary = words(planner.get(f"{HOME}/diary"))
    assert "Mở kỳ rà soát" in diary and "Đưa số liệu vào đợt rà soát" in diary


WRONG = (
    ({"name": ""}, "Hãy đặt tên"),
    ({"year": "20x"}, "20x"),
    ({"deadline": "mai"}, "mai"),
    ({"half": "7"}, "7"),
    ({"commune": "zz"}, "zz"),
    ({"criteria": "khong-co"}, "bộ tiêu chí"),
)


def test_a_campaign_with_a_wrong_fact_is_not_opened(planner, store):
    planner.get(f"{HOME}/campaigns")
    for wrong, said in WRONG:
        answer = planner.post(f"{HOME}/campaigns", FORM | wrong)
        assert answer.status_code == 422 and said in words(answer), wrong
    with store.reading() as connection:
        assert campaigns.listed(connection, STUDY) == []


def test_conflicts_are_chosen_cell_by_cell_and_a_stale_choice_is_refused(planner, app, store):
    page = open_one(planner)
    now = stands(store, read_stored(store, STUDY), {"id": 1})
    village = village_of(now)
    bring(planner, page, ("xa.xlsx", filled(now, "01001")))
    with store.writing("A Blong") as change:
        reported.enter(change, STUDY, YEAR, village, "households", 500.0)
    settle(app)
    shown = words(planner.get(f"{page}/merge"))
    assert "A Blong" in shown and "500" in shown
    place = re.search(r'name="place:0" value="([^"]+)"', shown)[1].replace("&#34;", '"')
    chosen = {"do": "enter", "commune": "01001", "place:0": place, "choice:0": "now", "conflicts": "1"}
    for wrong in ({"choice:0": "burn"}, {"place:0": "["}, {"do": "burn"}, {"commune": "zz"}):
        assert planner.post(f"{page}/merge", chosen | wrong).status_code == 400
    assert planner.post(f"{page}/merge", chosen | {"do": "all:sent", "conflicts": "7"}).status_code == 409
    with store.writing("A Blong") as change:
        reported.enter(change, STUDY, YEAR, village, "households", 501.0)
    settle(app)
    assert planner.post(f"{page}/merge", chosen).status_code == 409
    with store.reading() as connection:
        assert len(reported.entered(connection, STUDY)) == 1
    done = planner.post(f"{page}/merge", chosen | {"do": "all:now"})
    assert done.status_code == 303
    settle(app)
    with store.reading() as connection:
        rows = reported.entered(connection, STUDY).set_index(["village_id", "field"])["value"]
    assert rows[village, "households"] == 501.0 and len(rows) > 20
    book = openpyxl.load_workbook(io.BytesIO(planner.client.get(f"{page}/merge.xlsx?commune=01001").data))
    assert any("đã chọn giữ" in str(cell.value) for row in book.active for cell in row)


def test_those_to_remind_are_a_file(planner):
    page = open_one(planner)
    book = openpyxl.load_workbook(io.BytesIO(planner.client.get(f"{page}/communes.xlsx?only=remind").data))
    cells = [str(cell.value) for row in book.active for cell in row]
    assert "Bờ Y Thượng" in cells and "quá hạn" in cells
    assert "01002" in planner.get(f"{page}/communes.csv").get_data(as_text=True)


def test_the_first_page_says_what_is_to_be_done_each_with_its_list_and_file(planner, app, store):
    before = words(planner.get(HOME))
    assert "Việc hôm nay" in before and "tên thôn cần xác nhận" in before and "xã quá hạn" not in before
    page = open_one(planner)
    now = stands(store, read_stored(store, STUDY), {"id": 1})
    odd = {(village_of(now), "road_to_centre|self"): "không"}
    bring(planner, page, ("xa.xlsx", filled(now, "01001", odd)))
    shown = words(planner.get(HOME))
    block = shown[shown.index("Việc hôm nay") :].partition("</section>")[0]
    assert (
        "1 xã quá hạn nộp" in block
        and "1 câu hỏi xã chưa trả lời" in block
        and "giá trị chờ đưa vào" in block
    )
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', block)]
    assert len(links) >= 10
    for link in links:
        assert planner.get(link.partition("#")[0]).status_code == 200, link


def test_claims_and_names_are_listed_also_for_a_study_that_is_a_file(sample_study, tmp_path):
    app = create_app(Settings(studies=sample_study.parent.parent, workers=0), None)
    (study,) = app.extensions["shelf"].found()
    app.extensions["shelf"].look(study, wait_s=60)
    client = app.test_client()
    shown = client.get(f"/studies/{study}").get_data(as_text=True)
    assert "Việc hôm nay" in shown and "campaigns" not in shown
    standing = app.extensions["shelf"].peek(study)
    near = standing.worked_out(("closest",), lambda: closest(standing.review), wait_s=60)
    told = f"{near['one_step'].map(bool).sum()} thôn chỉ vướng một tiêu chí"
    assert told in client.get(f"/studies/{study}").get_data(as_text=True), (
        "as the page of the target counts them"
    )
    for what in ("names",):
        assert client.get(f"/studies/{study}/todo/{what}").status_code == 200
        assert client.get(f"/studies/{study}/todo/{what}.csv").status_code == 200
    assert client.get(f"/studies/{study}/todo/no-evidence").status_code == 404
    assert client.get(f"/studies/{study}/campaigns").status_code == 404


@pytest.fixture
def shared(store, tmp_path, quick_hashes):
    """An application with accounts: an editor of one commune, a verifier, a viewer."""
    (tmp_path / "shared").mkdir()
    for name, role, of in (("sua", "editor", ["01001"]), ("tra", "verifier", ()), ("xem", "viewer", ())):
        accounts.add_user(store, name, PASSWORD, role, communes=of, who=WHO)
    accounts.add_user(store, "chu", PASSWORD, "administrator", who=WHO)
    app = create_app(
        Settings(studies=tmp_path / "shared", workers=0, host="0.0.0.0", names=HOST, proxy=True), store
    )
    assert app.extensions["shelf"].look(STUDY, wait_s=60).review is not None
    return app


def test_an_editor_sends_and_merges_only_their_own_commune(shared, store):
    study = read_stored(store, STUDY)
    start(store, study)
    now, page = stands(store, study, {"id": 1}), f"{HOME}/campaigns/1"
    own, other = filled(now, "01001"), filled(now, "01002")
    editor = visitor(shared, "sua")
    assert editor.post(f"{HOME}/campaigns", FORM, seen=page).status_code == 403
    assert editor.post(f"{page}/close", {"do": "close"}, seen=page).status_code == 403
    assert bring(editor, page, ("2.xlsx", other)).status_code == 422
    assert bring(editor, page, ("1.xlsx", own)).status_code == 200
    viewer = visitor(shared, "xem")
    assert bring(viewer, page, ("1.xlsx", own)).status_code == 403
    assert 'type="file"' not in words(viewer.get(page))
    chief = visitor(shared, "chu")
    assert bring(chief, page, ("2.xlsx", other)).status_code == 200
    enter = {"do": "enter", "conflicts": "0"}
    assert editor.post(f"{page}/merge", enter | {"commune": "01002"}, seen=page).status_code == 403
    assert editor.post(f"{page}/merge", enter | {"commune": ""}, seen=page).status_code == 403
    verifier = visitor(shared, "tra")
    both = filled(now, "01002", {(village_of(now, 0, 1), "households|recheck"): 66})
    assert "Tự đánh giá" in words(bring(verifier, page, ("3.xlsx", both)))
    assert editor.post(f"{page}/merge", enter | {"commune": "01001"}, seen=page).status_code == 303
    with store.reading() as connection:
        rows = reported.entered(connection, STUDY)
        files = campaigns.received(connection, {"id": 1})
    assert set(rows["village_id"].str[:5]) == {"01001"} and set(rows["who"]) == {"sua"}
    assert verifier.post(f"{page}/merge", enter | {"commune": "01002"}, seen=page).status_code == 303
    with store.reading() as connection:
        rows = reported.entered(connection, STUDY)
    checked = rows[rows["village_id"].str.startswith("01002")]
    assert checked[["kind", "value", "who"]].values.tolist() == [["recheck", 66, "tra"]]
    assert [(row["commune"], row["kinds"]) for row in files] == [
        ("01001", ["self"]), ("01002", ["self"]), ("01002", ["recheck"]),
    ]  # fmt: skip


@pytest.mark.long
def test_the_pages_fit_a_phone_and_run_without_a_fault(store, serve, new_page, tmp_path):
    width = 360
    study = read_stored(store, STUDY)
    now = stands(store, study, start(store, study))
    page = new_page(width=width)
    with store.writing("A Blong") as change:
        reported.enter(change, STUDY, YEAR, village_of(now), "households", 500.0)
    (tmp_path / "xa.xlsx").write_bytes(
        filled(now, "01001", {(village_of(now), "road_to_centre|self"): "không"})
    )
    (tmp_path / "none").mkdir()
    home = f"{serve(tmp_path / 'none', store=store)}{HOME}"
    page.goto(f"{home}/campaigns")
    page.wait_for_selector("table")
    page.goto(f"{home}/campaigns/1")
    page.set_input_files('input[type="file"]', tmp_path / "xa.xlsx")
    page.click("form button.chief")
    page.wait_for_selector(".outcomes")
    for path in (
        "",
        "/campaigns",
        "/campaigns/1",
        "/campaigns/1/questions",
        "/campaigns/1/merge",
        "/todo/no-evidence",
    ):
        page.goto(f"{home}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.goto(home)
    page.click(".todo a >> nth=0")
    assert page.url.endswith("/campaigns/1")
    # while the study is judged anew a page says so and looks again
    assert page.refused == [] and [fault for fault in page.faults if "503" not in fault] == []


@pytest.fixture
def gis(store, monkeypatch):
    monkeypatch.setenv("GIS_STORE", str(store.folder))

    def run(*arguments):
        result = CliRunner().invoke(commands, ["campaign", *map(str, arguments)], obj={})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, result.output

    return run


@pytest.mark.long
def test_the_whole_review_from_the_command_line(gis, store, tmp_path):
    facts = ("--name", "Rà soát 2025", "--year", YEAR, "--deadline", "2025-11-15", "--lang", "en")
    code, text = gis("open", STUDY, *facts)
    assert code == 0 and "2 communes, 7 columns" in text
    assert "Rà soát 2025" in gis("list", STUDY)[1]
    assert gis("templates", STUDY, 1, "--out", tmp_path / "t.zip")[0] == 0
    names = zipfile.ZipFile(tmp_path / "t.zip").namelist()
    assert names[:2] == ["01001-bo-y-thuong.xlsx", "01002-ia-suong.xlsx"]
    now = stands(store, read_stored(store, STUDY), {"id": 1})
    folder = tmp_path / "nhan"
    folder.mkdir()
    odd = {(village_of(now), "road_to_centre|self"): "không"}
    (folder / "a.xlsx").write_bytes(filled(now, "01001", odd))
    (folder / "b.xlsx").write_bytes(b"PK broken")
    (folder / "ghi chu.txt").write_text("x", encoding="utf-8")
    code, text = gis("receive", STUDY, 1, folder, "--lang", "en")
    assert code == 0 and "a.xlsx · taken" in text and "b.xlsx · not taken" in text and "ghi chu" not in text
    code, text = gis("status", STUDY, 1, "--day", "2025-11-14", "--remind", "--lang", "en")
    assert "Ia Suông" in text and "in time" in text and "Bờ Y Thượng" not in text
    assert gis("questions", STUDY, 1, "--out", tmp_path / "q.zip")[0] == 0
    code, text = gis("merge", STUDY, 1, "--judge", "--lang", "en")
    assert code == 0 and "0 conflicts" in text
    assert read_stored(store, STUDY).year == YEAR
    assert gis("merge", STUDY, 1, "--commune", "zz")[0] == 2
    assert gis("close", STUDY, 1)[0] == 0
    assert gis("receive", STUDY, 1, folder)[0] == 2
    assert gis("close", STUDY, 1, "--undo")[0] == 0


def test_the_diary_tells_many_values_as_one_and_names_what_it_is_about(planner, store):
    page = open_one(planner)
    now = stands(store, read_stored(store, STUDY), {"id": 1})
    bring(planner, page, ("xa.xlsx", filled(now, "01001", {})))
    planner.post(f"{page}/merge", {"do": "enter", "commune": ""})
    planner.get(HOME)
    shown = words(planner.get(f"{HOME}/diary"))
    assert shown.count("Nhập giá trị") == 1 and re.search(r"[0-9]+ giá trị</td>", shown)
    assert "/self" not in shown and "communes:" not in shown and "Bờ Y Thượng" in shown
