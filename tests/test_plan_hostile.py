"""What is sent to a plan by somebody who means no good, or does not know: one sentence, quickly, and nothing kept."""

import csv
import io
import json
import re
import shutil
import time
import zipfile

import pytest
from click.testing import CliRunner

from gis import accounts
from gis.cli import commands
from gis.errors import PlanError, TableError
from gis.exports import write_works
from gis.plan import Request, fund_from_text, read_request
from gis.plan.asking import MOST_TOLD
from gis.plan.foreign import read_record
from gis.settings import Settings
from gis.store import open_store
from gis.store.plans import listed, named
from gis.web import create_app
from gis.workflows import planning
from tests.conftest import ROOT
from tests.test_web_intake import words
from tests.test_web_plans import FORM, STUDY, get, post
from tests.test_web_signing import HOST, PASSWORD, everything, visitor

FUND = "funds:\n  - {id: a, amounts: 5 tỷ%s}\n"
REQUESTS = {
    "nothing": "",
    "a-tag": "!!python/object/apply:os.system [ls]",
    "an-alias": "a: &a [x, x]\nyears: 2026\nfunds: *a\n",
    "no-utf-8": b"\x00\xff\xfe",
    "deep": "years: " + "[" * 100 + "]" * 100,
    "no-number": "years: 2026\n" + FUND % ", share_pct: .nan",
    "endless": "years: 2026\n" + FUND % ", total: 1e400",
    "endless-condition": "years: 2026\n" + FUND % ", where: {attribute: zone, compare: ge, value: 1e400}",
    "less-than-nothing": "years: 2026\nfunds:\n  - {id: a, amounts: -5}\n",
    "all-years": "years: 1..9999\n" + FUND % "",
    "three-centuries": "years: 1900-2199\n" + FUND % "",
    "unseen-letters": 'years: 2026\nfunds:\n  - {id: "a\\0b", label: "\\e[2J", amounts: 5}\n',
    "more-works-than-there-are": "years: 2026\nfloor: {works: 99999999999999999999999}\n" + FUND % "",
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_cannot_be_meant_is_refused_in_sentences(tmp_path, name):
    content = REQUESTS[name]
    path = tmp_path / "plan.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(PlanError) as fault:
        read_request(path)
    for problem in fault.value.problems:
        assert problem.say("vi") != problem.say("en") and len(problem.say("en")) < 300


def test_thousands_of_faults_are_told_at_once_and_not_all(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("years: 2026\nfunds: []\n" + "".join(f"k{at}: 1\n" for at in range(3000)), "utf-8")
    began = time.process_time()
    with pytest.raises(PlanError) as fault:
        read_request(path)
    assert time.process_time() - began < 5
    assert len(fault.value.problems) == MOST_TOLD + 1
    assert "2,950" in fault.value.problems[-1].say("en")


@pytest.mark.parametrize(
    "text", ["a:5;share=nan", "a:5;total=-1", "a:5;label=\x1b[2J", "", ":", "a:5;kinds=x"]
)
def test_a_fund_of_a_command_that_cannot_be_meant_is_refused(text):
    with pytest.raises(PlanError):
        Request.from_plain({"years": 2026, "funds": [fund_from_text(text)]})


def test_a_year_written_with_a_point_is_the_year():
    assert json.dumps(Request.from_plain({"years": [2026.0], "funds": []}).years) == "[2026]"


def test_a_request_without_money_is_read_back_as_it_was():
    plain = Request.from_plain({"years": 2026, "funds": []}).to_plain()
    assert Request.from_plain(plain).to_plain() == plain


def test_names_keep_nothing_that_cannot_be_seen():
    assert named("a\x00\x1b[2J\u202eb \n c") == "a[2Jb c" and named("\x07\x00") == ""


@pytest.fixture
def run(sample_options, sample_review, tmp_path, monkeypatch):
    """Run a command over the sample; long work is counted."""
    long = []
    monkeypatch.setenv("GIS_STORE", str(tmp_path / "store"))
    monkeypatch.setattr(planning, "find_options", lambda *_, **__: long.append(1) or sample_options)
    monkeypatch.setattr("gis.workflows.find_study", lambda *_, **__: sample_review.study)
    monkeypatch.setattr("gis.workflows.judge", lambda study, **_: sample_review)

    def run(*arguments):
        return CliRunner().invoke(commands, [*map(str, arguments), "--lang", "en"], obj={}), len(long)

    return run


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--budget", "1 tỷ", "--save", "A"),
        ("--budget", "1 tỷ", "--save", "  ", "--who", "Lan"),
        ("--budget", "1 tỷ", "--out", "plan.doc"),
        ("--budget", "1 tỷ", "--out", "nowhere/at/all/plan.xlsx"),
        ("--budget", "1 tỷ", "--assume", "housing=²:x"),
        ("--budget", "nan"),
        ("--fund", "a:5ty;communes=zzz"),
        ("--fund", "a:5ty;coefficients=../../etc/passwd"),
    ],
)
def test_what_a_command_cannot_do_it_says_before_the_long_work(run, sample_study, wrong):
    told, long = run("plan", sample_study, *wrong)
    assert told.exit_code == 2 and isinstance(told.exception, SystemExit), told.output
    assert long == 0 and told.stderr.strip() and "Traceback" not in told.output


@pytest.fixture(scope="module")
def client(stored_sample, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(stored_sample, folder / "store")
    store = open_store(folder / "store")
    accounts.name_person(store, "Y Lan")
    (folder / "studies").mkdir()
    app = create_app(Settings(studies=folder / "studies", workers=0), store=store)
    app.extensions["shelf"].look("dak-minh-hoa", wait_s=60)
    client = app.test_client()
    get(client, f"{STUDY}/options")
    return client


@pytest.mark.parametrize(
    "wrong",
    [
        {"fund-1-label": "", "fund-1-amounts": "", "fund-2-label": "", "fund-2-amounts": ""},
        {"fund-1-amounts": ""},
        {"fund-1-label": "a\x00b"},
        {"fund-1-communes": "zzz"},
        {"fund-1-coefficient": "../../x"},
        {"assumed-year:nope": "2027", "assumed-by:nope": "x"},
        {"roadmap": "yes", "target": "²"},
        {"part": "<b>"},
        {"last": "9999"},
    ],
)
def test_a_form_is_refused_beside_what_was_written_before_any_work(client, wrong):
    answer = post(client, f"{STUDY}/plan", {**FORM, "name": "Phương án", **wrong})
    shown = words(answer)
    assert answer.status_code == 422 and 'role="alert"' in shown and "Phương án" in shown


@pytest.mark.parametrize(
    "query", ["new-figure=+", "new-kmh=+", "figure=x//nan", "speed=a/b/c/d/1e400", "close=villages/1"]
)
def test_a_change_that_is_none_is_one_sentence(client, query):
    assert get(client, f"{STUDY}/scenario?{query}").status_code in (400, 422)


def test_a_list_may_be_called_anything(client):
    file = (io.BytesIO(b"a,b\n1,2\n"), "../x\x00.csv")
    assert post(client, f"{STUDY}/needs", {"file": file}).status_code == 422


def own_list(client, name="=cmd|<script>alert(1)</script>"):
    """A needs list as CSV with one own work of each of some villages, and the id of what it becomes."""
    page = words(get(client, f"{STUDY}/options?lang=en"))
    village = re.search(r"/villages/(\w+)", page)[1]
    rows = f"Mã thôn,Loại công trình,Khối lượng,Tên công trình\n{village},build-culture-house,1,{name}\n"
    return {"file": (io.BytesIO(rows.encode()), "nhu cầu.csv")}


def test_marks_on_works_that_are_gone_are_told_and_can_be_taken_away(client):
    assert post(client, f"{STUDY}/needs", own_list(client)).status_code == 303
    told = words(get(client, f"{STUDY}/needs"))
    assert "nhu cầu.csv" in told and "<script>alert" not in told
    shown = words(get(client, f"{STUDY}/options?q=own:&lang=en"))
    shown += words(get(client, f"{STUDY}/options?sector=culture&lang=en"))
    own = re.search(r'name="option" value="(own:[^"]+)"', shown)[1]
    assert "<script>alert" not in shown
    assert post(client, f"{STUDY}/options", {"option": own, f"wanted:{own}": "in"}).status_code == 303
    post(client, f"{STUDY}/needs/drop", {})
    assert own in words(get(client, f"{STUDY}/options"))
    refused = post(client, f"{STUDY}/plan", FORM)
    assert refused.status_code == 422 and own in words(refused)
    assert post(client, f"{STUDY}/options", {"forget": "gone"}).status_code == 303
    assert own not in words(get(client, f"{STUDY}/options"))


def test_a_list_that_fits_no_more_can_still_be_dropped(client, monkeypatch):
    monkeypatch.setattr("gis.web.wants.read_needs", lambda *_, **__: 1 / 0)
    # a thread of the page reads rows only; what they close is worked out beside it
    assert post(client, f"{STUDY}/needs", own_list(client, "Nhà")).status_code == 303

    def unfit(*_, **__):
        raise TableError("needs-no-rows", file="a.csv", sheet="")

    monkeypatch.setattr("gis.web.wants.read_needs", unfit)
    shown = words(get(client, f"{STUDY}/options?lang=en"))
    assert "does not fit the review any more" in shown and "needs/drop" in shown
    assert get(client, f"{STUDY}/needs").status_code == 422
    assert post(client, f"{STUDY}/needs/drop", {}).status_code == 303
    assert get(client, f"{STUDY}/needs").status_code == 404


def test_more_marks_than_can_be_kept_are_refused_and_not_dropped(client, monkeypatch):
    page = words(get(client, f"{STUDY}/options"))
    options = re.findall(r'name="option" value="([^"]+)"', page)[:3]
    monkeypatch.setattr("gis.web.wants.MOST", 2)
    form = {"option": options, **{f"wanted:{each}": "in" for each in options}}
    assert post(client, f"{STUDY}/options", form).status_code == 422
    assert not re.search(r'value="in" selected', words(get(client, f"{STUDY}/options")))


@pytest.fixture(scope="module")
def record(sample_review, sample_options):
    asked = Request.from_plain({"years": 2026, "funds": [{"id": "a", "amounts": "3 tỷ"}], "seconds": 2})
    return json.dumps(planning.make_plan(sample_review, asked, options=sample_options).record)


BREAKS = {
    "no-works": lambda told: told.update(works=None),
    "works-are-words": lambda told: told.update(works="x"),
    "a-work-is-a-number": lambda told: told["works"].append(5),
    "a-work-without-an-id": lambda told: told["works"][0].pop("option_id"),
    "an-id-is-a-list": lambda told: told["works"][0].update(option_id=[1]),
    "a-work-twice": lambda told: told["works"].append(told["works"][0]),
    "a-cost-in-words": lambda told: told["works"][0].update(cost="much"),
    "a-village-without-an-id": lambda told: told["villages"].append({"a": 1}),
    "a-village-is-a-number": lambda told: told["villages"][0].update(village_id=5),
    "a-village-twice": lambda told: told["villages"].append(told["villages"][0]),
    "no-figures": lambda told: told.update(figures=None),
    "a-figure-beyond-all": lambda told: told["figures"].update(passing=10**400),
    "an-endless-figure": lambda told: told["figures"].update(passing=float("inf")),
    "no-request": lambda told: told.pop("request"),
    "a-request-in-words": lambda told: told.update(request="x"),
    "another-kind": lambda told: told.update(kind="scenario"),
    "of-a-newer-program": lambda told: told.update(format=99),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_record_that_somebody_changed_is_one_sentence(tmp_path, record, name):
    told = json.loads(record)
    BREAKS[name](told)
    (tmp_path / "a.json").write_text(record, "utf-8")
    (tmp_path / "b.json").write_text(json.dumps(told), "utf-8")
    done = CliRunner().invoke(
        commands, ["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--lang", "en"], obj={}
    )
    assert done.exit_code == 2 and isinstance(done.exception, SystemExit), done.exception
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("text", ["", "[" * 100_000, '{"format": NaN}', "[1]", "\ufeff{}"])
def test_a_file_that_is_no_record_is_one_sentence(tmp_path, text):
    (tmp_path / "a.json").write_text(text, "utf-8")
    with pytest.raises(PlanError):
        read_record(tmp_path / "a.json")


def test_letters_that_a_terminal_would_obey_are_not_printed(tmp_path, record):
    told = json.loads(record)
    told["works"][0]["label"] = {"vi": "\x1b[2Jnhà", "en": "\x1b[2Jhouse"}
    told["works"][0]["option_id"] = "other\x1b]0;x\x07"
    (tmp_path / "a.json").write_text(record, "utf-8")
    (tmp_path / "b.json").write_text(json.dumps(told), "utf-8")
    done = CliRunner().invoke(
        commands, ["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--lang", "en"], obj={}
    )
    assert done.exit_code == 0 and "\x1b" not in done.output and "\x07" not in done.output


def test_plans_of_a_study_of_files_are_listed_by_its_folder_and_by_its_id(run, sample_study):
    told, _ = run("plans", sample_study)
    assert told.exit_code == 0 and "has no plan or scenario kept yet" in told.output
    done, _ = run(
        "plan", sample_study, "--budget", "3 tỷ", "--seconds", "2", "--save", "Đầu tiên", "--who", "Lan"
    )
    assert done.exit_code == 0, done.output
    for name in (sample_study, sample_study.parent, "dak-minh-hoa"):
        told, _ = run("plans", name)
        assert "Đầu tiên" in told.output
    key = re.search(r"^(\w{10}) ", told.output, re.M)[1]
    told, _ = run("compare", f"{sample_study.parent}@{key}", f"dak-minh-hoa@{key}")
    assert told.exit_code == 0, told.output


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1"])
def test_names_stay_names_in_every_file_of_works(tmp_path, record, start):
    told = json.loads(record)
    told["request"]["funds"][0]["label"] = told["works"][0]["name"] = f"{start}|<script>"
    for end in ("xlsx", "csv"):
        write_works(told, tmp_path / f"a.{end}")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        assert not any(re.search(rb"<f[ >]", book.read(name)) for name in book.namelist())
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as source:
        cells = [cell for row in csv.reader(source) for cell in row]
    assert not any(cell.startswith(("=", "+", "@", "\t")) for cell in cells)
    assert any("<script>" in cell for cell in cells)


ADDRESSES = ("/plan", "/plans/0123456789", "/options", "/needs", "/needs/drop", "/scenario?work=x")


@pytest.mark.usefixtures("quick_hashes")
@pytest.mark.parametrize(("role", "communes"), [("viewer", ()), ("editor", ("01001",))])
def test_who_may_not_change_the_whole_study_changes_no_plan(stored_sample, tmp_path, role, communes):
    shutil.copytree(stored_sample, tmp_path / "store")
    store = open_store(tmp_path / "store")
    accounts.add_user(store, "An", PASSWORD, role, communes=communes, who="Dung")
    (tmp_path / "studies").mkdir()
    settings = Settings(studies=tmp_path / "studies", host="0.0.0.0", names=HOST, proxy=True)
    person = visitor(create_app(settings, store=store), "An")
    before = everything(store)
    for address in ADDRESSES:
        form = {**FORM, "name": "x", "do": "withdraw", "reason": "x"}
        assert person.post(STUDY + address, form, seen="/account").status_code == 403, address
    assert everything(store) == before
    store.close()


def test_a_key_opens_plans_of_its_own_study_alone(client, record):
    told = json.loads(record)
    planning.save_plan(client.application.extensions["store"], "another", told, name="Khác", who="Y Lan")
    with client.application.extensions["store"].reading() as connection:
        (row,) = listed(connection, "another")
    for address in (
        "plans/{}",
        "plans/{}/list.xlsx",
        "scenario?base={}",
        "compare/works.geojson?a={0}&b={0}",
    ):
        assert get(client, f"{STUDY}/{address.format(row['key'])}").status_code == 404, address


def test_the_request_of_the_docs_can_be_read(tmp_path):
    told = (ROOT / "docs" / "plan.md").read_text(encoding="utf-8")
    (tmp_path / "plan.yaml").write_text(re.search(r"```yaml\n(.*?)```", told, re.S)[1], "utf-8")
    assert [fund.id for fund in read_request(tmp_path / "plan.yaml").funds] == ["ntm", "dtts", "xa"]
