"""Evidence, recognition and frozen versions on the pages: who may, what is shown, what stays shut."""

import io
import re
import shutil
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from gis import accounts
from gis.intake import Reader
from gis.settings import Settings
from gis.store import open_store, reported, studies
from gis.web import create_app
from gis.workflows import import_recipe, judge
from test_evidence import PDF, exif, jpeg
from test_web_intake import Planner, words
from test_web_signing import HOST, PASSWORD, Visitor

WHO, FIELD = "Y Lan", "poor_households"
HOSTILE = "<img src=x onerror=window.HIT=1>{{7*7}}.jpg"


@pytest.fixture(scope="module")
def made(sample_study, tmp_path_factory):
    """A folder with a store of the illustrative district, its id and its review."""
    folder = tmp_path_factory.mktemp("proof") / "store"
    opened = open_store(folder)
    accounts.name_person(opened, WHO)
    with Reader() as reader:
        study_id, study = import_recipe(opened, reader, sample_study, who=WHO)
    opened.close()
    return folder, study_id, judge(study)


@pytest.fixture
def store(made, tmp_path):
    shutil.copytree(made[0], tmp_path / "store")
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def app(made, store, tmp_path):
    (tmp_path / "studies").mkdir()
    return application(made, store, Settings(studies=tmp_path / "studies", workers=0, evidence_mb=1))


def application(made, store, settings):
    """An application that has judged the study already, and judges it again when it changes."""
    app = create_app(settings, store)
    shelf, first = app.extensions["shelf"], revision(store, made[1])
    judging = shelf._open_stored
    shelf._open_stored = lambda study, report: (
        made[2] if revision(store, study) == first else judging(study, report)
    )
    shelf.look(made[1], wait_s=60)
    return app


def revision(store, study):
    with store.reading() as connection:
        return studies.get_study(connection, study)["revision"]


@pytest.fixture
def planner(app, made):
    planner = Planner(app)
    planner.base = f"/studies/{made[1]}"
    planner.get(planner.base)
    return planner


def attach(planner, village, *files, **form):
    sent = {"csrf_token": planner.token, "village": village, **form}
    sent["file"] = [FileStorage(io.BytesIO(content), filename=name) for name, content in files]
    boundary, body = encode_multipart(sent)
    kind = f"multipart/form-data; boundary={boundary}"
    return planner.client.post(f"{planner.base}/evidence", data=body, content_type=kind)


def step(planner, do, villages=(), query="", **form):
    return planner.post(f"{planner.base}/recognition{query}", {"do": do, "village": list(villages), **form})


def fetch(planner, path, **query):
    """Status, headers and bytes of a file."""
    with planner.client.get(f"{planner.base}{path}", query_string=query or None) as answer:
        return answer.status_code, answer.headers, answer.get_data()


DECISION = {"decision": "15/QĐ-UBND", "decided_on": "2025-01-20"}


def test_a_photo_is_shown_on_the_card_and_its_original_only_saved(planner, made):
    village = made[2].results.index[0]
    content = jpeg(exif=exif(lat=(14.0, 0.0, 0.0), lon=(100.0, 0.0, 0.0), taken="2021:03:05 08:12:00"))
    answer = attach(planner, village, (HOSTILE, content), year="2024", note="<b>ghi chú</b>")
    assert answer.status_code == 303, words(answer)
    assert answer.location.endswith(f"/villages/{village}#evidence")
    page = words(planner.get(f"{planner.base}/villages/{village}"))
    assert "<img src=x" not in page and "&lt;img src=x" in page and "<b>ghi chú</b>" not in page
    assert "05/03/2021 08:12" in page and "Chụp ngoài thôn" in page
    assert "Chụp năm 2021, làm minh chứng cho năm 2024" in page
    _, headers, saved = fetch(planner, "/evidence/1")
    assert saved == content and headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in headers["Content-Security-Policy"]
    _, headers, small = fetch(planner, "/evidence/1/preview.jpg")
    assert headers["Content-Type"] == "image/jpeg" and small.startswith(b"\xff\xd8\xff") and small != content
    layer = planner.get(f"{planner.base}/layers/photos.geojson").get_json(force=True)
    assert layer["features"][0]["geometry"]["coordinates"] == [100.0, 14.0]
    assert '"photos"' in words(planner.get(f"{planner.base}/map"))
    for language, word in (("vi", "Ảnh chụp ngoài thôn"), ("en", "Photos taken elsewhere")):
        assert word in words(planner.get(f"{planner.base}/evidence", show="away", lang=language))


def test_of_several_files_the_refused_ones_are_named_and_the_others_kept(planner, made):
    village = made[2].results.index[0]
    given = [
        ("bb.pdf", PDF),
        ("hinh.jpg", b"<svg onload='1'/>"),
        ("to.pdf", PDF + b"x" * 1_000_000 + b"%%EOF"),
    ]
    answer = attach(planner, village, *given)
    assert answer.status_code == 422
    told = words(answer)
    assert told.count("Đã nhận") == 1 and told.count("Không nhận") == 2
    assert "hinh.jpg" in told and "1 MB" in told
    again = attach(planner, village, ("lai.pdf", PDF))
    assert again.status_code == 200 and "đã có" in words(again)
    other = attach(planner, made[2].results.index[1], ("lai.pdf", PDF))
    assert other.status_code == 200 and "cũng đang là minh chứng" in words(other)
    book = load_workbook(io.BytesIO(fetch(planner, "/evidence.xlsx")[2]))
    assert [row[5].value for row in book.active.iter_rows(min_row=4)] == ["lai.pdf", "bb.pdf"]


@pytest.mark.parametrize(
    "form",
    [{"village": "nowhere"}, {"criterion": "none"}, {"year": "20x4"}, {"year": "1066"}],
)
def test_a_form_that_cannot_be_keeps_nothing(planner, made, form):
    sent = {"village": made[2].results.index[0], **form}
    answer = attach(planner, sent.pop("village"), ("bb.pdf", PDF), **sent)
    assert answer.status_code in (404, 422)
    assert planner.get(f"{planner.base}/evidence/1").status_code == 404


def test_removed_evidence_is_out_of_sight_until_it_is_brought_back(planner, made):
    village = made[2].results.index[0]
    attach(planner, village, ("bb.pdf", PDF))
    assert "bb.pdf" in words(planner.get(f"{planner.base}/evidence"))
    assert planner.post(f"{planner.base}/evidence/1", {"do": "remove"}).status_code == 303
    assert fetch(planner, "/evidence/1")[0] == 404
    assert "bb.pdf" not in words(planner.get(f"{planner.base}/evidence"))
    assert "bb.pdf" in words(planner.get(f"{planner.base}/evidence", show="removed"))
    assert planner.post(f"{planner.base}/evidence/1", {"do": "restore"}).status_code == 303
    assert fetch(planner, "/evidence/1")[0] == 200
    assert "bb.pdf" in words(planner.get(f"{planner.base}/evidence"))
    assert planner.post(f"{planner.base}/evidence/1", {"do": "burn"}).status_code == 400


def test_villages_are_verified_recognised_filtered_and_written_with_their_state(planner, made):
    review = made[2]
    wanted = list(review.results.index[review.results["status"] == review.criteria.sought])
    assert step(planner, "verify", all="1").status_code == 303
    sent = {"do": "recognise", "all": "1", "csrf_token": planner.token, **DECISION}
    sent["document"] = (io.BytesIO(PDF), "QĐ 15.pdf")
    answer = planner.client.post(f"{planner.base}/recognition", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 200 and f"Đã công nhận {len(wanted)} thôn" in words(answer)
    listed = planner.get(f"{planner.base}/villages.json", state="recognised").get_json()
    assert [row["id"] for row in listed["villages"]] == wanted
    page = words(planner.get(f"{planner.base}/villages", state="recognised"))
    assert f"{len(wanted)} thôn" in page and "15/QĐ-UBND ngày 20/01/2025" in page
    book = load_workbook(io.BytesIO(fetch(planner, "/villages.xlsx", state="verified")[2]))
    sheet = book.worksheets[0]
    at = [cell.value for cell in sheet[3]].index("review_state_text")
    shown = [row[at].value for row in sheet.iter_rows(min_row=4)]
    assert set(shown) == {"Đã xác minh"} and len(shown) == len(review.results) - len(wanted)
    card = words(planner.get(f"{planner.base}/villages/{wanted[0]}"))
    document = re.search(r'href="([^"]+/decisions/[0-9a-f]{64})"', card)[1]
    _, headers, saved = fetch(planner, document.removeprefix(planner.base))
    assert saved == PDF and headers["Content-Disposition"].startswith("attachment")
    assert planner.get(f"{planner.base}/decisions/{'0' * 64}").status_code == 404
    csv = words(planner.get(f"{planner.base}/recognition.csv", state="recognised"))
    assert csv.count("15/QĐ-UBND") == len(wanted)
    assert planner.get(f"{planner.base}/villages", state="burnt").status_code == 400


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"decision": "", "decided_on": "2025-01-20"}, "số quyết định"),
        ({"decision": "15", "decided_on": "20/1/2025"}, "số quyết định"),
    ],
)
def test_a_recognition_without_a_decision_is_refused(planner, made, form, sentence):
    village = made[2].results.index[made[2].results["status"] == made[2].criteria.sought][0]
    step(planner, "verify", [village])
    answer = step(planner, "recognise", [village], **form)
    assert answer.status_code == 422 and sentence in words(answer)
    assert step(planner, "recognise", [], **DECISION).status_code == 422
    assert step(planner, "burn", [village]).status_code == 400
    assert step(planner, "reopen", [village]).status_code == 422
    sent = {"do": "recognise", "village": village, "csrf_token": planner.token, **DECISION}
    sent["document"] = (io.BytesIO(b"<svg/>"), "qd.pdf")
    answer = planner.client.post(f"{planner.base}/recognition", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422 and "qd.pdf" in words(answer)


def test_what_is_recognised_is_locked_on_the_pages_too(planner, made, store):
    study, review = made[1], made[2]
    village = review.results.index[review.results["status"] == review.criteria.sought][0]
    step(planner, "verify", [village])
    assert step(planner, "recognise", [village], **DECISION).status_code == 303
    record = review.study.reported.at[village, "record"]
    with store.reading() as connection:
        rows = studies.current_versions(connection, study)
    source = next(name for name, row in rows.items() if name.startswith("assess") and row["file"] in record)
    seen = {"seen": str(revision(store, study))}
    answer = planner.post(f"{planner.base}/sources/{source}/remove", seen)
    assert answer.status_code == 422 and "15/QĐ-UBND" in words(answer)
    # a layer is no figure of the commune: it may change, and the page then tells what differs
    assert planner.post(f"{planner.base}/sources/power/remove", seen).status_code == 303


def test_a_verdict_that_is_another_than_the_one_recognised_is_told(planner, made, app):
    study, review = made[1], made[2]
    village = review.results.index[review.results["status"] == review.criteria.sought][0]
    step(planner, "verify", [village])
    step(planner, "recognise", [village], **DECISION)
    told = "Khi đó là «Thôn đặc biệt khó khăn», nay tính ra «Chưa đủ số liệu»"
    card, listed = f"{planner.base}/villages/{village}", f"{planner.base}/recognition"
    assert told not in words(planner.get(card)) and told not in words(planner.get(listed, state="differs"))
    standing = app.extensions["shelf"].peek(study)
    results = review.results.assign(
        status=review.results["status"].mask(review.results.index == village, "unknown")
    )
    standing.review = replace(review, results=results)
    standing._beside.clear()
    assert told in words(planner.get(card)) and told in words(planner.get(listed, state="differs"))
    assert "Kết quả nay khác lúc công nhận" in words(planner.get(f"{planner.base}/villages", state="differs"))


def test_nothing_is_recorded_of_a_judgement_that_the_study_has_left_behind(planner, made, store):
    study, review = made[1], made[2]
    village = review.results.index[0]
    with store.writing(WHO) as change:
        reported.enter(change, study, review.study.year, village, FIELD, 1.0)
    assert step(planner, "verify", [village]).status_code == 503
    answer = planner.post(f"{planner.base}/meetings", {"name": "Họp", "as_of": "2024-12-31"})
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    # a page that came again by itself would ask for the list and not freeze anything
    told = answer.get_data(as_text=True)
    assert "http-equiv" not in told and "Chưa ghi gì cả" in told and f'href="{planner.base}"' in told


def test_a_frozen_version_opens_as_it_was_and_is_held_against_today(planner, made, store, app):
    study, review = made[1], made[2]
    village = review.results.index[review.results["status"] == review.criteria.sought][0]
    attach(planner, village, ("bb.pdf", PDF))
    answer = planner.post(f"{planner.base}/meetings", {"name": "Họp <b>quý</b>", "as_of": "2024-12-31"})
    assert answer.status_code == 303
    key = answer.location.rpartition("/")[2]
    then = f"{planner.base}@{key}"
    assert re.search(r'aria-current="page">\s*Bản chốt', words(planner.get(f"{planner.base}/meetings/{key}")))
    app.extensions["shelf"].look(f"{study}@{key}", wait_s=60)
    before = words(planner.get(f"{then}/villages/{village}.json"))
    with store.writing(WHO) as change:
        for field in (FIELD, "near_poor_households"):
            reported.enter(change, study, review.study.year, village, field, 0.0)
    planner.post(f"{planner.base}/evidence/1", {"do": "remove"})
    app.extensions["shelf"]._standings.pop(study)
    app.extensions["shelf"].look(study, wait_s=60)
    assert words(planner.get(f"{then}/villages/{village}.json")) == before
    assert words(planner.get(f"{planner.base}/villages/{village}.json")) != before
    for path in (
        "",
        "/villages",
        f"/villages/{village}",
        "/communes",
        "/criteria",
        "/problems",
        "/sources",
        "/evidence",
    ):
        answer = planner.get(then + path)
        assert answer.status_code == 200, path
        assert "Họp &lt;b&gt;quý&lt;/b&gt;" in words(answer) and "số liệu đến 31/12/2024" in words(answer)
    assert 'name="take' not in words(planner.get(then)) and "take-in" not in words(planner.get(then))
    for path in (
        ".xlsx",
        ".zip",
        "/villages.xlsx",
        "/map.json",
        "/what-if.json",
        "/map.geojson",
        "/evidence.csv",
        "/evidence/1",
    ):
        assert fetch(planner, then.removeprefix(planner.base) + path)[0] == 200, path
    page = words(planner.get(f"{planner.base}/meetings/{key}"))
    assert f"/villages/{village}" in page and "1 thôn, trong đó 1 thôn khác kết quả chung" in page
    changes = words(planner.get(f"{planner.base}/meetings/{key}.csv"))
    assert village in changes and len(changes.splitlines()) >= 2
    for path in ("/evidence", "/recognition", "/meetings", "/files", "/evidence/1", "/matches"):
        assert planner.post(then + path, {"do": "remove", "village": village}).status_code == 404, path
    for path in (
        "/disagreements",
        "/repairs",
        "/years",
        "/rescore",
        "/target",
        "/pilots",
        "/recognition",
        "/meetings",
        "/diary",
    ):
        assert planner.get(then + path).status_code == 404, path
    links = set()
    for path in (
        "",
        "/criteria",
        "/villages",
        f"/villages/{village}",
        "/papers",
        "/evidence",
        "/confidence",
        "/problems",
    ):
        shown = words(planner.get(then + path))
        links |= set(re.findall(rf'(?:href|action|data-\w+)="({re.escape(then)}[^"#]*)', shown))
    links = {link.replace("&amp;", "&") for link in links if "/papers/file" not in link}
    broken = [link for link in sorted(links) if fetch(planner, link.removeprefix(planner.base))[0] != 200]
    assert not broken, broken
    assert planner.post(f"{planner.base}/meetings/{key}", {"do": "withdraw"}).status_code == 422
    assert (
        planner.post(f"{planner.base}/meetings/{key}", {"do": "withdraw", "reason": "nhầm"}).status_code
        == 303
    )
    assert "Đã rút" in words(planner.get(then))
    assert study in words(planner.get("/")) and key not in words(planner.get("/"))


@pytest.mark.parametrize("key", ["0123456789", "", "..", "%2e%2e%2f", "a@b"])
def test_a_frozen_version_that_is_not_there_is_404(planner, key):
    assert planner.get(f"{planner.base}@{key}").status_code == 404
    assert planner.get(f"{planner.base}/meetings/{key}x").status_code == 404


@pytest.mark.parametrize(
    "path",
    [f"/campaigns/{10**24}", f"/campaigns/{10**24}/merge.csv", f"/evidence/{2**31}/preview.jpg"],
)
def test_an_address_of_nothing_is_404(planner, path):
    assert planner.get(planner.base + path).status_code == 404


@pytest.mark.parametrize("path", ["/recognition", "/recognition.csv"])
def test_under_another_set_nothing_is_recognised(planner, path):
    assert planner.get(planner.base + path, set="sdg-access").status_code == 404


def test_who_may_do_what(made, store, tmp_path, quick_hashes):
    study, review = made[1], made[2]
    (tmp_path / "none").mkdir()
    communes = review.study.villages["commune_id"]
    here, elsewhere = communes.index[0], communes.index[communes != communes.iloc[0]][0]
    roles = {"xem": "viewer", "sua": "editor", "soat": "verifier"}
    for name, role in roles.items():
        own = [communes.iloc[0]] if role == "editor" else []
        accounts.add_user(store, name, PASSWORD, role, communes=own, who=WHO)
    settings = Settings(studies=tmp_path / "none", host="0.0.0.0", names=HOST, proxy=True, workers=0)
    app = application(made, store, settings)
    base = f"/studies/{study}"

    def statuses(name):
        person = Visitor(app)
        person.sign_in(name)
        page = person.get(base).get_data(as_text=True)
        token = re.search(r'name="csrf" content="([^"]+)"', page)[1]

        def send(path, **form):
            sent = {"csrf_token": token, **form}
            return person.client.post(
                base + path, data=sent, content_type="multipart/form-data",
                headers={"Referer": f"https://{HOST}/"}, **person.options
            ).status_code  # fmt: skip

        def evidence(village):
            return send(
                "/evidence",
                village=village,
                file=(io.BytesIO(PDF + f"{name}{village}%%EOF".encode()), "a.pdf"),
            )

        return {
            "here": evidence(here),
            "elsewhere": evidence(elsewhere),
            "verify": send("/recognition", do="verify", village=here),
            "freeze": send("/meetings", name=name, as_of="2024-12-31"),
            "no token": send("/recognition", do="verify", village=here, csrf_token="x"),
        }

    refused = {"verify": 403, "freeze": 403, "no token": 400}
    assert statuses("xem") == {"here": 403, "elsewhere": 403, **refused}
    assert statuses("sua") == {"here": 303, "elsewhere": 403, **refused}
    assert statuses("soat") == {"here": 303, "elsewhere": 303, "verify": 303, "freeze": 303, "no token": 400}
    stranger = Visitor(app)
    for path in (
        "/evidence/1",
        "/evidence/1/preview.jpg",
        "/recognition",
        "/meetings",
        "/layers/photos.geojson",
    ):
        assert stranger.get(base + path).status_code in (302, 401), path


def test_a_study_of_the_folder_has_no_records(app, sample_study, tmp_path):
    shutil.copytree(sample_study.parent, tmp_path / "studies" / "tep")
    app.extensions["shelf"].look("tep", wait_s=60)
    person = Planner(app)
    village = re.search(r'/studies/tep/villages/(\d+)"', words(person.get("/studies/tep/villages")))[1]
    page = words(person.get(f"/studies/tep/villages/{village}"))
    assert 'id="evidence"' not in page and 'id="state"' not in page
    for path in ("/evidence", "/recognition", "/meetings"):
        assert person.get(f"/studies/tep{path}").status_code == 404
