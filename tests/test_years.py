"""A study over several years and under several sets: judged again, split by cause, shown on pages and by commands."""

import dataclasses
import gzip
import io
import json
import re
import shutil

import openpyxl
import pandas as pd
import pytest

from fakes_web import PAYLOADS, build_review
from gis.criteria import build_set, load_criteria, set_to_plain
from gis.errors import GisError
from gis.settings import Settings
from gis.store import open_store, studies
from gis.trend import counts_by
from gis.web import create_app
from gis.workflows import (
    Corner,
    closest,
    judge,
    judge_year,
    judge_years,
    named_set,
    pilot_villages,
    read_study,
    rescore,
    study_history,
    target_progress,
)
from gis.workflows.editions import mark, save_edition, set_of
from gis.workflows.rejudging import notes_of
from gis.workflows.targets import units_of
from test_cli import run
from test_web import client_over, folder_with, opened

SET = """\
id: {id}
edition: "2026-01-01"
label: {{vi: "Bộ {id}", en: "Set {id}"}}
level: village
issuer: X
legal_ref: QĐ 1
polarity: flag
outcomes: {{met: {{vi: Đạt, en: Met}}, unmet: {{vi: Chưa đạt, en: Not met}}}}
groups: {{area: {{all: {{vi: Chung, en: All}}}}}}
default_group: all
logic: all
{more}sources: []
verification_note: {{vi: x}}
criteria:
  - id: road
    label: {{vi: Đường cứng hóa, en: Hardened road}}
    kind: flag
    reported: {{indicator: reported_share, numerator: road_village_hard_km, denominator: road_village_km}}
    unit: "%"
    compare: ge
    thresholds: {limit}
    decides: reported
    fixable_by: works
    theme: roads
    verification: text
    source: {{ref: QĐ 1}}
"""
CULTURE = """\
  - id: culture
    label: {vi: Nhà văn hóa, en: Culture house}
    kind: flag
    reported: {indicator: reported_value, field: culture_house}
    unit: bool
    compare: present
    thresholds: true
    decides: reported
    fixable_by: works
    theme: culture
    verification: text
    source: {ref: QĐ 1}
"""
HEAD = "Mã thôn,Mã xã,Xã,Thôn,Số hộ,Số khẩu,Km trục thôn,Km cứng hóa,Nhà văn hóa\n"
OLD = {"a": (5, "có"), "b": (6.5, "có"), "c": (5, "có"), "d": (8, "có"), "e": (6.5, "có"), "f": (8, "không"),
       "g": ("", "có"), "h": (8, "có")}  # fmt: skip
NEW = OLD | {
    "a": (8, "có"),
    "c": (6.5, "có"),
    "e": (5.5, "có"),
    "f": (8, "có"),
    "g": (8, "có"),
    "h": ("", "có"),
}


def sheet(values):
    rows = [
        f"{key},x1,Xã Một,Thôn {key.upper()},50,200,10,{km},{house}" for key, (km, house) in values.items()
    ]
    return HEAD + "\n".join(rows) + "\n"


@pytest.fixture
def folder(tmp_path):
    """Eight villages, two years and two sets: 60 % of the road before, 70 % and a culture house after."""
    return written(tmp_path)


def written(place):
    made = place / "hai-nam"
    made.mkdir()
    (made / "cu.yaml").write_text(SET.format(id="bo-cu", limit=60, more=""), encoding="utf-8")
    target = 'target: {share_pct: 75, by: "2026-12-31"}\n'
    text = SET.format(id="bo-moi", limit=70, more=target) + CULTURE
    (made / "moi.yaml").write_text(text, encoding="utf-8")
    (made / "2023.csv").write_text(sheet(OLD), encoding="utf-8")
    (made / "2024.csv").write_text(sheet(NEW), encoding="utf-8")
    (made / "study.yaml").write_text(
        "id: hai-nam\ntitle: {vi: Hai năm, en: Two years}\ncriteria: cu.yaml\nassessments:\n"
        "  - {file: 2023.csv, year: 2023}\n  - {file: 2024.csv, year: 2024}\n",
        encoding="utf-8",
    )
    return made


def both(folder):
    study = read_study(folder)
    later = load_criteria(folder / "moi.yaml")
    return study, later, rescore(study, Corner(2023), Corner(2024, later))


# What changed, and why


def test_two_years_and_two_sets_are_split_by_cause_as_by_hand(folder):
    _, _, (found, _) = both(folder)
    # road share of the two years: a 50-80, b 65-65, c 50-65, d 80-80, e 65-55, f 80-80 but a house only later,
    # g none-80, h 80-none; asked for 60 before, 70 and a house after
    assert found.villages.to_dict("split")["data"] == [
        ["unmet", "met", "unmet", "met", "village"],
        ["met", "met", "unmet", "unmet", "rule"],
        ["unmet", "met", "unmet", "unmet", "cancelled"],
        ["met", "met", "met", "met", "same"],
        ["met", "unmet", "unmet", "unmet", "together"],
        ["met", "met", "unmet", "met", "cancelled"],
        ["unknown", "met", "unknown", "met", "village"],
        ["met", "unknown", "met", "unknown", "village"],
    ]
    assert found.counts.to_dict() == {"same": 1, "cancelled": 2, "village": 3, "rule": 1, "together": 1}
    assert found.net.to_dict() == {"same": 0, "cancelled": 0, "village": 1, "rule": -1, "together": -1}
    road, culture = found.by_criterion.loc["road"], found.by_criterion.loc["culture"]
    assert (road["in_set"], road["gained-village"], road["lost-village"], road["lost-rule"]) == (
        "both",
        2,
        1,
        1,
    )
    assert (road["lost-together"], road["same"], culture["in_set"], culture["gained-rule"]) == (
        1,
        3,
        "after",
        8,
    )
    row = found.criteria.set_index(["village_id", "criterion"]).loc[("e", "road")]
    values = ["value_before", "value_after", "threshold_before", "threshold_after"]
    assert row[values].tolist() == [65, 55, 60, 70]


def test_one_set_blames_villages_only_and_one_year_rules_only(folder):
    study, later, _ = both(folder)
    years, _ = rescore(study, Corner(2023), Corner(2024))
    rules, _ = rescore(study, Corner(2024), Corner(2024, later))
    assert set(years.villages["cause"]) <= {"same", "village"}
    assert set(rules.villages["cause"]) <= {"same", "rule"}
    # 5 of 8 before, 6 in the later year under the same set, 4 of these under the later set
    assert years.net.sum() == 1 and rules.net["rule"] == -2


def test_on_the_illustrative_district_the_split_adds_up(sample_review):
    study = sample_review.study
    later = load_criteria("kontum-dtts-village-2022")
    found, corners = rescore(study, Corner(2023), Corner(2024, later))
    first, last = (int((corner.results["status"] == "met").sum()) for corner in (corners[0], corners[3]))
    assert found.net.sum() == last - first and found.counts.sum() == len(study.villages)
    assert found.transitions["villages"].sum() == len(study.villages)
    asked = len(study.criteria.criteria) + len(later.criteria)
    assert len(found.criteria) == len(study.villages) * asked
    same = rescore(study, Corner(2024), Corner(2024))[0]
    assert set(same.villages["cause"]) == {"same"} and set(same.criteria["cause"]) == {"same"}


def test_another_year_and_set_give_what_reading_the_study_so_would_give(
    sample_study, sample_review, tmp_path
):
    text = sample_study.read_text(encoding="utf-8").replace("\nyear: 2024\n", "\nyear: 2023\n")
    again = sample_study.with_name("nam-2023.yaml")
    again.write_text(text, encoding="utf-8")
    try:
        by_year = judge(read_study(again))
    finally:
        again.unlink()
    pd.testing.assert_frame_equal(judge_year(sample_review.study, year=2023).findings, by_year.findings)
    name = "kontum-dtts-village-2022"
    by_set = judge(read_study(sample_study, criteria=name))
    other = judge_year(sample_review.study, criteria=load_criteria(name))
    pd.testing.assert_frame_equal(other.findings, by_set.findings)
    pd.testing.assert_frame_equal(other.results, by_set.results)


def test_groups_and_people_are_those_of_the_year_and_of_the_set(folder):
    grouped = SET.format(id="theo-nhom", limit="{cao: 60, thap: 80}", more="")
    grouped = grouped.replace("{all: {vi: Chung, en: All}}", "{cao: {vi: Cao}, thap: {vi: Thấp}}")
    rule = "group_by:\n  - {group: cao, when: {attribute: minority_share_pct, compare: ge, value: 50}}\n  - {group: thap}"
    (folder / "nhom.yaml").write_text(grouped.replace("default_group: all", rule), encoding="utf-8")
    head = "Mã thôn,Xã,Thôn,Số hộ,Số khẩu,Hộ DTTS,Km trục thôn,Km cứng hóa\n"
    (folder / "2023.csv").write_text(
        head + "a,Xã Một,Thôn A,50,200,40,10,7\nb,Xã Một,Thôn B,50,210,10,10,7\n", encoding="utf-8"
    )
    (folder / "2024.csv").write_text(
        head + "a,Xã Một,Thôn A,60,250,6,10,7\nb,Xã Một,Thôn B,50,220,30,10,7\n", encoding="utf-8"
    )
    study = read_study(folder)
    later = judge_year(study, criteria=load_criteria(folder / "nhom.yaml"))
    earlier = judge_year(study, year=2023, criteria=load_criteria(folder / "nhom.yaml"))
    assert later.study.groups.tolist() == ["thap", "cao"] and earlier.study.groups.tolist() == ["cao", "thap"]
    assert later.results["status"].tolist() == ["unmet", "met"]
    assert earlier.results["status"].tolist() == ["met", "unmet"]
    assert earlier.study.villages["population"].tolist() == [200, 210]
    assert later.study.villages["population"].tolist() == [250, 220]
    back = judge_year(earlier.study, year=2024, criteria=study.criteria).study
    columns = ["population", "households", "minority_share_pct"]
    pd.testing.assert_frame_equal(back.villages[columns], study.villages[columns])


def test_a_layer_newer_than_the_year_is_named_and_so_is_a_set_out_of_force(sample_review):
    judged = judge_year(sample_review.study, year=2023, criteria=load_criteria("vn-dbkk-village-2016-2020"))
    said = {problem.code: problem.say("en") for problem in notes_of([judged])}
    assert "in force" in said["criteria-not-in-force"]
    newer = judge_year(sample_review.study, year=2023)
    (note,) = notes_of([newer])
    assert note.code == "years-layers-newer" and "Commune centres (2024)" in note.say("en")
    assert "Trung tâm xã (2024)" in note.say("vi") and judged.study.as_of is None
    assert judge_year(sample_review.study).study is sample_review.study


def test_a_target_of_the_set_goes_with_the_set_and_one_of_the_study_stays(folder):
    study, later, (_, corners) = both(folder)
    assert corners[3].study.target["share_pct"] == 75 and not corners[0].study.target
    own = dataclasses.replace(study, target={"share_pct": 50})
    assert judge_year(own, criteria=later).study.target == {"share_pct": 50}


@pytest.mark.parametrize(
    ("corner", "code"),
    [(Corner(1999), "years-no-year"), (Corner(2023, "india-access-norms"), "years-no-group")],
)
def test_what_cannot_be_judged_is_one_sentence(folder, corner, code):
    study = read_study(folder)
    criteria = load_criteria(corner.criteria) if corner.criteria else None
    with pytest.raises(GisError) as caught:
        judge_year(study, year=corner.year, criteria=criteria)
    assert caught.value.code == code and "{" not in caught.value.say("vi")


def test_a_set_is_found_by_its_edition(folder):
    study = read_study(folder)
    assert (
        named_set(study, "bo-cu") is study.criteria and named_set(study, "bo-cu@2026-01-01") is study.criteria
    )
    known = load_criteria("kontum-dtts-village-2022")
    assert named_set(study, f"{known.id}@{known.edition}").hash == known.hash
    for name in ("bo-cu@1999-01-01", "kontum-dtts-village-2022@1999-01-01", "no-such-set"):
        with pytest.raises(GisError):
            named_set(study, name)


# Years, with villages that merged


def merged(folder):
    """In 2024 villages k and l became a, m was renamed to b, and n was split into c and d."""
    rows = {"k": (5, "có"), "l": (9, "có"), "m": (8, "có"), "n": (4, "có")}
    kept = {key: OLD[key] for key in "efgh"}
    (folder / "2023.csv").write_text(sheet(rows | kept), encoding="utf-8")
    (folder / "lich-su.csv").write_text(
        "old_id,old_name,new_id,kind,date,share\nk,Thôn K,a,merge,2024-07-01,\nl,Thôn L,a,merge,2024-07-01,\n"
        "m,Thôn M,b,rename,2024-07-01,\nn,Thôn N,c,split,2024-07-01,0.5\nn,Thôn N,d,split,2024-07-01,0.5\n",
        encoding="utf-8",
    )
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(text + "histories: lich-su.csv\n", encoding="utf-8")
    return read_study(folder)


def test_a_merged_village_shows_its_parents_and_is_judged_on_their_figures_together(folder):
    history, reviews = study_history(merged(folder))
    assert history.statuses.index.tolist() == list("abcdefgh")
    # a: (5 + 9) of (10 + 10) km is 70 %; c and d: half of 4 of 10 km is 40 %
    assert history.statuses[2023].tolist()[:4] == ["met", "met", "unmet", "unmet"]
    assert history.parents.values.tolist() == [
        [2023, "a", "k", "Thôn K", "unmet"],
        [2023, "a", "l", "Thôn L", "met"],
        [2023, "b", "m", "Thôn M", "met"],
        [2023, "c", "n", "Thôn N", "unmet"],
        [2023, "d", "n", "Thôn N", "unmet"],
    ]
    assert history.of_kind("new")["village_id"].tolist() == ["c", "d"]
    assert reviews[2023].findings.set_index(["village_id", "criterion"]).at[("a", "road"), "value"] == 70


def test_back_sliders_name_the_criterion_and_lost_figures_are_no_back_slide(folder):
    history, reviews = study_history(read_study(folder))
    assert history.of_kind("back")[["village_id", "since", "criteria"]].values.tolist() == [
        ["e", 2023, ("road",)]
    ]
    assert history.of_kind("lost-sight")["village_id"].tolist() == ["h"]
    assert history.of_kind("new")["village_id"].tolist() == ["a", "c"]
    ahead = target_progress(history, reviews[2024], share_pct=100, by=2026)
    # of six villages decided in both years two are new and one slid back
    assert (ahead.met, ahead.short_by, ahead.pace_mean, ahead.expected) == (6, 2, 1, 8)


def test_the_review_that_is_there_is_not_judged_again(sample_review):
    reviews = judge_years(sample_review.study, base=sample_review)
    assert list(reviews) == [2023, 2024] and reviews[2024] is sample_review


# The illustrative district: closest, counts, pilots


def test_counts_of_the_district_add_up_and_pilots_are_one_a_unit(sample_review):
    for attribute in ("commune", "zone", "minority", "poverty"):
        counts = counts_by(sample_review, attribute)
        assert counts["villages"].sum() == len(sample_review.study.villages)
        assert counts["met"].sum() == sample_review.headline["met"]
    near = closest(sample_review)
    assert len(near) == sample_review.headline["unmet"] + sample_review.headline["unknown"]
    for level in ("commune", "upper", "all"):
        found = pilot_villages(sample_review, level=level)
        units = units_of(sample_review.study, level)
        assert set(found.chosen.index) | set(found.without.index) == set(units.dropna())
        assert set(found.chosen["village_id"]) <= set(near.index)
    field = pilot_villages(sample_review, willingness="culture_house", weights={"willingness": 1})
    assert (field.chosen["willingness"].dropna() <= 1).all()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"level": "world"}, "years-no-level"),
        ({"level": "upper"}, "years-no-units"),
        ({"weights": {"luck": 1}}, "years-bad-weights"),
        ({"willingness": "no-such-column"}, "years-no-willingness"),
    ],
)
def test_pilots_that_cannot_be_proposed_are_one_sentence(folder, asked, code):
    with pytest.raises(GisError) as caught:
        pilot_villages(judge(read_study(folder)), **asked)
    assert caught.value.code == code


# Commands


def test_the_years_command_prints_and_writes_lists(folder, tmp_path):
    out = tmp_path / "nam.xlsx"
    code, text = run("years", folder, "--out", out, "--lang", "en", "--share", "100", "--by", "31/12/2026")
    assert code == 0 and "8 of the 8 judged" in text and "2 are missing" in text
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["Years", "Villages by year", "Changes", "Closest"]
    assert [cell.value for cell in book["Villages by year"][8]][:6] == [
        "e",
        "Thôn E",
        "Xã Một",
        "Met",
        "Not met",
        "Slid back",
    ]
    told = json.loads(run("years", folder, "--json")[1])
    assert [row["year"] for row in told["years"]] == [2023, 2024] and told["target"]["is_default"]
    assert run("years", folder, "--by", "soon")[0] == 2


def test_the_rescore_command_names_causes(folder, tmp_path):
    out = tmp_path / "chia.xlsx"
    code, text = run(
        "rescore", folder, "--from", "2023", "--to", "2024:vn-ntm-commune-2009", "--lang", "en", "--out", out
    )
    assert code == 2 and "figures by" in text and not out.exists()
    code, text = run(
        "rescore", folder, "--from", "2023", "--to", "2024:kontum-dtts-village-2022", "--out", out
    )
    assert code == 0 and "Do tiêu chí thay đổi" in text and out.is_file()
    told = json.loads(run("rescore", folder, "--from", "2023:bo-cu@2026-01-01", "--to", "2024", "--json")[1])
    assert told["causes"]["rule"] == told["causes"]["together"] == 0
    for wrong in ("99", "2024:no-such-set", "2024:../../etc/passwd", "2024:bo-cu@9"):
        assert run("rescore", folder, "--from", "2023", "--to", wrong)[0] == 2, wrong


def test_the_pilots_command_shows_parts_and_reasons(folder, tmp_path):
    out = tmp_path / "diem.xlsx"
    code, text = run("pilots", folder, "--weight", "closeness=1", "--lang", "en", "--out", out)
    assert code == 0 and "Thôn E" in text and "of 2 candidates" in text and out.is_file()
    told = json.loads(run("pilots", folder, "--level", "all", "--json")[1])
    assert told["pilots"][0]["unit"] == "*" and told["weights"]["closeness"] == 0.5
    assert (
        run("pilots", folder, "--level", "upper")[0] == 2
        and run("pilots", folder, "--weight", "luck=1")[0] == 2
    )


# Pages

STUDY = "/studies/hai-nam"
PAGES = ("years", "target", "rescore", "pilots", "rescore?from=2023&to=2024&set_to=kontum-dtts-village-2022",
         "years?standing=back", "target?attribute=commune&share=60,5&by=2030",
         "pilots?level=all&closeness=1&willing=culture_house")  # fmt: skip
FILES = ("years/villages", "years/events", "years/years", "target/closest", "target/counts", "pilots/list",
         "rescore/changes", "rescore/criteria", "rescore/findings")  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = written(tmp_path_factory.mktemp("years"))
    review = judge(read_study(folder))
    return opened(client_over(folder.parent, lambda path, report: review), "hai-nam")


def page_of(client, address):
    """The page once what it asks for is worked out."""
    for _ in range(100):
        response = client.get(address)
        if response.status_code != 503:
            break
    body = response.data
    body = gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body
    return response, body


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_the_pages_answer_in_both_languages_without_codes_style_or_script(client, address, language):
    mark = "&" if "?" in address else "?"
    response, body = page_of(client, f"{STUDY}/{address}{mark}lang={language}")
    page = body.decode()
    assert response.status_code == 200 and f'<html lang="{language}">' in page
    plain = re.sub(r'(?:class|id|href|for|name|value|data-[a-z-]+)="[^"]*"', "", page)
    assert not re.findall(r"\b(?:web|years|status|export)-[a-z]+-[a-z-]+\b", plain)
    assert not re.findall(r"\sstyle=|\son[a-z]+=|<script(?![^>]*src=)", page)


def test_the_years_page_shows_the_same_numbers_as_the_table_and_who_slid_back(client):
    page = page_of(client, f"{STUDY}/years?lang=en")[1].decode()
    assert "✓ 5" in page and "✓ 6" in page and "Slid back: 1" in page and "Thôn E" in page
    assert "2 years" not in page


@pytest.mark.parametrize("format", ["xlsx", "csv"])
@pytest.mark.parametrize("name", FILES)
def test_every_list_is_a_file(client, name, format):
    response, body = page_of(
        client, f"{STUDY}/{name}.{format}?from=2023&to=2024&set_to=kontum-dtts-village-2022"
    )
    assert response.status_code == 200 and f".{format}" in response.headers["Content-Disposition"]
    if format == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(body))
        assert not [cell for row in book.active for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize(
    "address",
    ["years?standing=x", "target?share=ten", "target?share=101", "target?by=soon", "target?attribute=x",
     "pilots?level=x", "pilots?closeness=-1", "pilots?closeness=nan", "pilots?closeness=0&spread=0", "pilots?level=upper",
     "pilots?willing=x", "rescore?from=1999", "rescore?from=2023&set_to=../x", "rescore?from=2023&to=<b>"],
)  # fmt: skip
def test_odd_questions_are_answered_with_a_sentence(client, address):
    response, body = page_of(client, f"{STUDY}/{address}")
    assert response.status_code == 400 and b"Traceback" not in body and b"<b>x" not in body


def test_what_an_address_asks_beside_is_not_taken_into_the_links_of_the_page(client):
    response, body = page_of(client, f"{STUDY}/pilots?format=pdf&study_id=x&level=all&closeness=1")
    assert response.status_code == 200
    assert b"/pilots/list.xlsx?level=all&amp;closeness=1" in body


def test_names_that_people_typed_stay_text(tmp_path):
    review = build_review(names=PAYLOADS)
    client = opened(client_over(folder_with(tmp_path, "minh-hoa"), lambda path, report: review))
    for name in ("years", "target", "pilots"):
        response, body = page_of(client, f"/studies/minh-hoa/{name}")
        assert response.status_code == 200 and b"<script>window" not in body
        assert b"&lt;script&gt;window" in body or name == "pilots"
    body = page_of(client, "/studies/minh-hoa/years/villages.xlsx")[1]
    book = openpyxl.load_workbook(io.BytesIO(body))
    assert not [cell for row in book.active for cell in row if cell.data_type == "f"]


def test_a_year_is_judged_under_an_edition_made_in_the_store(stored_sample, tmp_path, monkeypatch):
    """A stricter figure saved here, not used: under it more villages are disadvantaged, all by the rule."""
    shutil.copytree(stored_sample, tmp_path / "store")
    monkeypatch.setenv("GIS_STORE", str(tmp_path / "store"))
    store = open_store(tmp_path / "store")
    with store.reading() as connection:
        (row,) = studies.list_studies(connection)
        own, seen = set_of(connection, row), mark(connection, row)
    plain = set_to_plain(own)
    plain["criteria"][0]["thresholds"] = dict.fromkeys(own.groups, 0)
    stricter = save_edition(
        store, row["id"], build_set(plain), reason="thử", who="Y Lan", seen=seen, use=False
    )
    store.close()
    corners = ("--from", "2024", "--to", f"2024:{stricter.reference}")
    code, text = run("rescore", row["id"], *corners, "--json")
    assert code == 0, text
    causes = json.loads(text[text.index("{") :])["causes"]
    assert causes["rule"] > 0 and causes["village"] == 0

    app = create_app(Settings(studies=tmp_path, store=tmp_path / "store"), open_store(tmp_path / "store"))
    app.extensions["shelf"].look(row["id"], wait_s=60)
    page = app.test_client().get(f"/studies/{row['id']}/rescore").get_data(as_text=True)
    assert f'value="{stricter.reference}"' in page
