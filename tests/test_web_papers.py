"""The page of papers and its downloads, and the command that makes the same files."""

import io
import re
import zipfile

import docx
import openpyxl
import pytest
from click.testing import CliRunner
from PIL import Image

from gis import sheets
from gis.cli import commands
from gis.store import evidence, open_store, studies
from gis.web import papers
from gis.workflows.papers import evidence_of
from test_reading import folder  # noqa: F401
from test_sheets import flat, pages_of, texts_of, values
from tests.fakes_web import PAYLOADS, build_review
from tests.test_web import client_over, folder_with, opened, read

STUDY = "/studies/minh-hoa"
FILE = f"{STUDY}/papers/file"


@pytest.fixture(scope="module")
def judged():
    return build_review(names=PAYLOADS)


@pytest.fixture
def client(tmp_path, judged):
    return opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: judged))


@pytest.mark.parametrize(("language", "words"), [("vi", "Biểu của xã"), ("en", "Papers of a commune")])
def test_the_page_offers_every_paper_in_every_format_without_script(client, language, words):
    page = read(client.get(f"{STUDY}/papers", query_string={"lang": language}))
    assert words in page and "24001" in page
    offered = set(re.findall(r'<option value="([a-z0-9-]+)"', page))
    assert set(sheets.PAPERS) | set(sheets.SHEETS) | set(sheets.FORMATS) <= offered
    assert "papers-" not in re.sub(r'(?:class|value|href|action|name|id)="[^"]*"', "", page)
    assert not re.findall(r"\sstyle=|\son[a-z]+=|<script(?![^>]*(?:src=|application/json))", page)


def test_every_kind_the_page_offers_can_be_downloaded(client):
    for kind in sheets.PAPERS:
        for format in sheets.formats_of(kind):
            commune = {"commune": "24002"} if kind in papers.OF_COMMUNES else {}
            answer = client.get(FILE, query_string={"kind": kind, "format": format, "lang": "vi", **commune})
            assert answer.status_code == 200 and answer.mimetype == sheets.FORMATS[format][1]
            assert answer.headers["Content-Disposition"].startswith("attachment")
    for kind in sheets.SHEETS:
        part = {"village": "24001001"} if kind == "village-sheet" else {"commune": "24001"}
        for format in sheets.formats_of(kind):
            answer = client.get(FILE, query_string={"kind": kind, "format": format, **part})
            assert answer.status_code == 200 and len(answer.data) < 1_000_000


def test_what_is_typed_into_the_heading_stands_in_the_paper_and_is_not_kept(client, judged):
    asked = {"kind": "province-villages", "format": "docx", "lang": "vi"}
    typed = asked | {"issuer": "=<b>UBND</b> & {x}", "place": "Kon Tum", "date": "2026-11-23"}
    found = flat(" ".join(texts_of(docx.Document(io.BytesIO(client.get(FILE, query_string=typed).data)))))
    assert flat("=<b>UBND</b> & {x}") in found and flat("Kon Tum, ngày 23 tháng 11 năm 2026") in found
    blank = flat(" ".join(texts_of(docx.Document(io.BytesIO(client.get(FILE, query_string=asked).data)))))
    assert "UBND</b>" not in blank


def test_all_communes_come_in_one_archive_in_the_language_asked_for(client, judged):
    answer = client.get(
        FILE, query_string={"kind": "commune-results", "format": "xlsx", "commune": "*", "lang": "en"}
    )
    assert answer.mimetype == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None and len(archive.namelist()) == len(judged.communes)
    book = openpyxl.load_workbook(io.BytesIO(archive.read(archive.namelist()[0])))
    assert "Self-assessed" in str(values(book.worksheets[0])) or "Result" in values(book.worksheets[0])


def test_the_sheets_of_all_villages_of_a_commune_come_in_one_archive(client, judged):
    answer = client.get(FILE, query_string={"kind": "village-sheet", "format": "pdf", "commune": "24001"})
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert len(names) == len(judged.select(commune="24001"))


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"kind": "letter", "format": "pdf"}, 400),
        ({"kind": "province-villages", "format": "png"}, 400),
        ({"kind": "province-villages", "format": "pdf", "commune": "24001"}, 422),
        ({"kind": "commune-results", "format": "pdf", "commune": "<script>"}, 400),
        ({"kind": "village-sheet", "format": "pdf"}, 400),
        ({"kind": "village-sheet", "format": "pdf", "commune": "*"}, 400),
        ({"kind": "commune-scores", "format": "pdf"}, 422),
        ({"kind": "commune-sheet", "format": "pdf"}, 422),
        ({"kind": "province-communes", "format": "pdf", "commune": "*"}, 422),
        ({"kind": "village-sheet", "format": "pdf", "village": "' OR 1=1"}, 404),
        ({"kind": "commune-sheet", "format": "png", "village": "24001001"}, 422),
        ({"kind": "province-villages", "format": "pdf", "issuer": "x" * 121}, 400),
        ({}, 400),
    ],
)
def test_what_cannot_be_made_is_answered_in_one_sentence(client, asked, status):
    answer = client.get(FILE, query_string=asked)
    assert answer.status_code == status
    assert "<script>" not in re.sub(r"<script src=[^>]*></script>", "", read(answer))
    assert not re.findall(
        r"\b(?:web|papers)-[a-z]+-[a-z-]+\b",
        re.sub(r'(?:class|href|id|src|action)="[^"]*"', "", read(answer)),
    )


def test_a_village_has_links_to_its_sheet(client):
    page = read(client.get(f"{STUDY}/villages/24001001"))
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*papers/file[^"]*)"', page)]
    assert len(links) == 3
    assert all(client.get(link).status_code == 200 for link in links)


def test_an_unchanged_paper_is_answered_with_304(client):
    first = client.get(FILE, query_string={"kind": "province-communes", "format": "pdf"})
    again = client.get(
        FILE,
        query_string={"kind": "province-communes", "format": "pdf"},
        headers={"If-None-Match": first.headers["ETag"]},
    )
    assert again.status_code == 304


def test_evidence_of_a_stored_study_stands_on_the_sheet_of_its_village(tmp_path, judged):
    with_store = open_store(tmp_path / "store")
    try:
        with with_store.writing("Y Lan") as change:
            studies.add_study(change, "dak-to", {"title": "Đăk Tô", "criteria": "sdg-access"})
            photo, size = with_store.files.put_octets([b"photo"])
            evidence.attach(change, "dak-to", "24001002", content=photo, file="=cầu.jpg", size=size, year=2024,
                            criterion="road", note="<b>mặt cầu</b>")  # fmt: skip
        lines = evidence_of(with_store, "dak-to", judged, "vi")
        assert evidence_of(with_store, "dak-to", judged, "vi", village="24001003") == {}
    finally:
        with_store.close()
    (line,) = lines["24001002"]
    assert line.startswith(
        "=cầu.jpg · Đường trục thôn được cứng hóa · 2024 · <b>mặt cầu</b> · Y Lan thêm ngày "
    )
    made = sheets.make(judged, "village-sheet", "pdf", "vi", village="24001002", evidence=lines)
    assert flat(line) in flat(pages_of(made.content)[0])


def run(*arguments):
    result = CliRunner().invoke(commands, [*map(str, arguments)], obj={}, catch_exceptions=False)
    return result.exit_code, result.output


def test_the_command_writes_papers_sheets_and_archives(folder):  # noqa: F811
    target = folder / "bieu.pdf"
    code, said = run("papers", folder, "--kind", "commune-results", "--commune", "xa mot", "--format", "pdf",
                     "--out", target, "--place", "Bờ Y", "--issuer", "UBND xã Bờ Y", "--lang", "vi")  # fmt: skip
    assert code == 0 and str(target) in said and "UBND xã Bờ Y" in pages_of(target.read_bytes())[0]
    picture = folder / "phieu.png"
    assert (
        run(
            "papers",
            folder,
            "--kind",
            "village-sheet",
            "--village",
            "v1",
            "--format",
            "png",
            "--out",
            picture,
        )[0]
        == 0
    )
    with Image.open(picture) as opened_picture:
        assert opened_picture.width == 1080
    archive = folder / "moi-thon.zip"
    code, said = run(
        "papers", folder, "--kind", "village-sheet", "--format", "a4", "--out", archive, "--lang", "en"
    )
    assert code == 0 and "3 files" in said
    with zipfile.ZipFile(archive) as whole:
        assert whole.namelist() == [f"village-sheet-v{number}-a4.pdf" for number in range(3)]


@pytest.mark.parametrize(
    "asked",
    [
        ("--kind", "letter", "--format", "pdf"),
        ("--kind", "province-villages", "--format", "png"),
        ("--kind", "commune-results", "--format", "pdf"),
        ("--kind", "commune-results", "--format", "pdf", "--commune", "Không Có"),
        ("--kind", "village-sheet", "--format", "pdf", "--village", "x"),
    ],
)
def test_the_command_refuses_in_one_sentence_and_writes_nothing(folder, asked):  # noqa: F811
    before = sorted(folder.iterdir())
    code, said = run("papers", folder, *asked, "--out", folder / "ra.pdf", "--lang", "vi")
    assert code == 2 and len(said.strip().splitlines()) == 1
    assert sorted(folder.iterdir()) == before
