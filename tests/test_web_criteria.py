"""Correcting the criteria set of a study on its pages: new editions, never changed ones, and who was first."""

import io
import re

import pytest

from gis import accounts
from gis.criteria import load_criteria, set_to_plain
from gis.settings import Settings
from gis.store import audit, editions, open_store, studies
from gis.web import create_app
from gis.workflows import criteria_to_excel
from gis.yamltext import dump_yaml
from tests.test_web_intake import Planner, words

SET, WHO = "vn-dbkk-village-2021-2025", "Y Lan"
STUDY = "/studies/dak-to"
EDIT = f"{STUDY}/criteria/edit/poverty-high"
REGION = "chung"


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    accounts.name_person(opened, WHO)
    with opened.writing(WHO) as change:
        recipe = {"title": {"vi": "Xã Đăk Tô"}, "criteria": SET, "groups": {"region": REGION}}
        studies.add_study(change, "dak-to", recipe)
    yield opened
    opened.close()


@pytest.fixture
def app(store, tmp_path):
    (tmp_path / "studies").mkdir()
    return create_app(Settings(studies=tmp_path / "studies", workers=0), store)


@pytest.fixture
def planner(app):
    return Planner(app)


def fields(page):
    """What a form would send if nothing were changed."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag and name[1] != "csrf_token":
            found.setdefault(name[1], value[1] if value else "")
    for name, inside in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        found[name] = chosen[1] if chosen else ""
    return found


def correct(planner, path=EDIT, use="yes", **changed):
    given = fields(words(planner.get(path)))
    return planner.post(path, given | {"reason": "đọc lại", "use": use} | changed)


def rows(store, set_id=SET):
    with store.reading() as connection:
        return editions.listed(connection, set_id)


def recipe(store):
    with store.reading() as connection:
        return studies.get_study(connection, "dak-to")["recipe"]


def test_a_corrected_figure_is_a_new_edition_by_which_the_study_is_judged(planner, store):
    group = next(iter(load_criteria(SET).groups))
    answer = correct(planner, **{f"figure-{group}": "22,5", f"word-{group}": "text"})
    assert answer.status_code == 303, words(answer)
    (row,) = rows(store)
    criteria = editions.as_set(row)
    assert criteria.criterion("poverty-high").thresholds[group] == 22.5
    assert row["edition"] == f"{row['at'][:10]}-1" == criteria.edition
    assert (row["who"], row["reason"], row["previous"]) == (WHO, "đọc lại", load_criteria(SET).hash)
    assert recipe(store)["criteria"] == f"{SET}@{row['edition']}"
    page = words(planner.client.get(answer.location))
    assert "22,5 %" in page and "20 %" in page and WHO in page
    assert load_criteria(SET).criterion("poverty-high").thresholds[group] == 20


def test_saving_again_adds_an_edition_and_leaves_the_first_one_alone(planner, store):
    group = next(iter(load_criteria(SET).groups))
    correct(planner, **{f"figure-{group}": "25"})
    first = rows(store)[0]
    correct(planner, **{f"figure-{group}": "26"})
    second, again = rows(store)
    assert again == first and second["edition"].endswith("-2") and second["previous"] == first["hash"]
    compared = words(
        planner.get(f"{STUDY}/criteria/editions", before=first["edition"], after=second["edition"])
    )
    assert "25 %" in compared and "26 %" in compared and "1 chỗ khác nhau" in compared


def test_an_edition_that_is_not_used_at_once_can_be_chosen_later_and_left_again(planner, store):
    group = next(iter(load_criteria(SET).groups))
    correct(planner, use="", **{f"figure-{group}": "25"})
    assert recipe(store)["criteria"] == SET
    edition = rows(store)[0]["edition"]
    for wanted, name in (
        (edition, f"{SET}@{edition}"),
        (load_criteria(SET).edition, f"{SET}@{load_criteria(SET).edition}"),
    ):
        mark = fields(words(planner.get(f"{STUDY}/criteria/editions")))["mark"]
        answer = planner.post(f"{STUDY}/criteria/editions/use", {"edition": wanted, "mark": mark})
        assert answer.status_code == 303 and recipe(store)["criteria"] == name
    with store.reading() as connection:
        assert len(audit.history(connection, study_id="dak-to", action="study-changed")) == 2


WRONG = {
    "no number": ({"figure": "hai mươi"}, "không phải là số"),
    "two readings": ({"figure": "1.250"}, "hai cách"),
    "a share": ({"figure": "0,2"}, "không thể là phần trăm"),
    "below zero": ({"figure": "-3"}, "nhỏ hơn 0"),
    "unknown word": ({"word": "unknown"}, "đọc ở đâu"),
    "strange word": ({"word": "sure"}, "mức độ chắc chắn"),
    "half a check": ({"by": "An", "on": "2026-11-20"}, "đủ người, ngày và văn bản"),
    "no date": ({"by": "An", "on": "hôm qua", "document": "QĐ 33"}, "không phải là ngày"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_field_says_so_at_the_field_and_nothing_is_kept(planner, store, name):
    group = next(iter(load_criteria(SET).groups))
    given, sentence = WRONG[name]
    answer = correct(planner, **{f"{field}-{group}": value for field, value in given.items()})
    page = words(answer)
    assert answer.status_code == 422 and 'class="field-fault"' in page
    assert sentence in re.search(r'class="field-fault"[^>]*>([^<]*)<', page)[1]
    assert all(f'value="{value}"' in page for field, value in given.items() if field != "word")
    assert rows(store) == [] and recipe(store)["criteria"] == SET


def test_no_change_and_no_reason_are_told(planner, store):
    answer = correct(planner)
    assert answer.status_code == 422 and "Không có gì khác" in words(answer)
    assert correct(planner, reason=" ").status_code == 422 and rows(store) == []


def test_a_changed_figure_does_not_inherit_the_check_of_the_old_one(planner, store):
    group = next(iter(load_criteria(SET).groups))
    check = {f"by-{group}": "An", f"on-{group}": "2026-11-20", f"document-{group}": "QĐ 33"}
    assert correct(planner, **check).status_code == 303
    answer = correct(planner, **{f"figure-{group}": "25"})
    assert answer.status_code == 422 and "Mức đã đổi" in words(answer)
    assert correct(planner, **{f"figure-{group}": "25", f"on-{group}": "2026-11-21"}).status_code == 303


def test_who_comes_second_is_told_who_was_first_and_loses_nothing_silently(app, store):
    one, other = Planner(app), Planner(app)
    group = next(iter(load_criteria(SET).groups))
    seen = fields(words(other.get(EDIT)))
    correct(one, **{f"figure-{group}": "25"})
    answer = other.post(EDIT, seen | {f"figure-{group}": "30", "reason": "khác", "use": "yes"})
    assert answer.status_code == 409 and WHO in words(answer) and "đọc lại" in words(answer)
    assert len(rows(store)) == 1


def test_figures_are_ticked_off_together_until_the_set_is_no_trial_any_more(planner, store):
    path = f"{STUDY}/criteria/figures"
    page = words(planner.get(path))
    offered = re.findall(r'name="figure" value="([^"]+)"', page)
    assert len(offered) == load_criteria(SET).figures["total"]
    mark = fields(page)["mark"]
    check = {"by": "Bùi An", "on": "2026-11-20", "document": "QĐ 33/2020 bản ký", "mark": mark, "use": "yes"}
    assert planner.post(path, check).status_code == 422
    assert planner.post(path, check | {"figure": offered[:1], "on": ""}).status_code == 422
    assert planner.post(path, check | {"figure": offered[:1], "on": "20/11"}).status_code == 422
    assert rows(store) == []
    assert planner.post(path, check | {"figure": offered[1:]}).status_code == 303
    page = words(planner.get(path))
    assert re.findall(r'name="figure" value="([^"]+)"', page) == offered[:1]
    planner.post(path, check | {"figure": offered[:1], "mark": fields(page)["mark"]})
    criteria = editions.as_set(rows(store)[0])
    assert criteria.figures["checked"] == len(offered)
    assert "Mọi mức được tính đều đã có người đối chiếu" in words(planner.get(path))
    assert criteria.is_trial == any(
        one.thresholds[group] is None
        for one in criteria.criteria
        if one.kind != "context"
        for group in filter(one.in_group, criteria.groups)
    )


def sent(planner, name, content, **more):
    mark = fields(words(planner.get(f"{STUDY}/criteria/editions")))["mark"]
    data = {"csrf_token": planner.token, "mark": mark, "reason": "bản của tỉnh", "use": "yes"} | more
    data["file"] = (io.BytesIO(content), name)
    return planner.client.post(f"{STUDY}/criteria/upload", data=data, content_type="multipart/form-data")


def test_a_whole_set_goes_out_as_yaml_or_excel_and_comes_back_corrected(planner, store, tmp_path):
    plain = set_to_plain(load_criteria(SET))
    assert words(planner.get(f"{STUDY}/criteria/set.yaml")) == dump_yaml(plain)
    plain["criteria"][0]["thresholds"] = dict.fromkeys(plain["criteria"][0]["thresholds"], 21)
    assert sent(planner, "bộ.yaml", dump_yaml(plain).encode()).status_code == 303
    edition = rows(store)[0]["edition"]
    book = planner.client.get(f"{STUDY}/criteria/set.xlsx?edition={edition}")
    assert book.status_code == 200
    answer = sent(planner, "bộ.xlsx", book.data)
    assert answer.status_code == 422 and "Không có gì khác" in words(answer)
    plain["criteria"][0]["thresholds"] = dict.fromkeys(plain["criteria"][0]["thresholds"], 23)
    from gis.criteria import build_set

    criteria_to_excel(build_set(plain), tmp_path / "set.xlsx")
    answer = sent(planner, "bộ.xlsx", (tmp_path / "set.xlsx").read_bytes())
    assert answer.status_code == 303, words(answer)
    assert [editions.as_set(row).criteria[0].thresholds[group_of(plain)] for row in rows(store)] == [23, 21]


def group_of(plain):
    return next(iter(plain["criteria"][0]["thresholds"]))


HOSTILE = {
    "not a set": (b"a: b", "x.yaml"),
    "python tag": (b"!!python/object/apply:os.system ['id']", "x.yaml"),
    "alias bomb": (b"a: &a [x]\nb: [*a, *a]", "x.yaml"),
    "no workbook": (b"<html>", "x.xlsx"),
    "other ending": (b"a: b", "x.py"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence_and_keeps_nothing(planner, store, name):
    content, file = HOSTILE[name]
    answer = sent(planner, file, content)
    assert answer.status_code == 422 and "Traceback" not in words(answer)
    assert rows(store) == []


def test_another_set_and_one_that_the_study_cannot_be_judged_by_are_refused(planner, store):
    other = set_to_plain(load_criteria("sdg-access"))
    answer = sent(planner, "x.yaml", dump_yaml(other).encode())
    assert answer.status_code == 422 and "sdg-access" in words(answer)
    plain = set_to_plain(load_criteria(SET))
    plain["criteria"][0]["reported"] = {"indicator": "no_such_thing"}
    assert sent(planner, "x.yaml", dump_yaml(plain).encode()).status_code == 422
    assert rows(store) == []


def test_what_people_type_stands_literally_on_the_page_and_is_no_formula(planner, store):
    group = next(iter(load_criteria(SET).groups))
    evil = "=1+1 <script>window.HIT=1</script>"
    check = {f"by-{group}": evil, f"on-{group}": "2026-11-20", f"document-{group}": "{{7*7}}"}
    assert correct(planner, reason=evil, **check).status_code == 303
    page = words(planner.get(f"{STUDY}/criteria/editions"))
    assert "<script>window" not in page and "&lt;script&gt;window" in page and "{{7*7}}" in page
    query = {"before": load_criteria(SET).edition, "after": rows(store)[0]["edition"]}
    book = planner.client.get(f"{STUDY}/criteria/changes.xlsx", query_string=query)
    assert book.status_code == 200
    import zipfile

    with zipfile.ZipFile(io.BytesIO(book.data)) as archive:
        assert b"<f>" not in b"".join(
            archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets")
        )


def test_only_those_who_may_can_correct(store, tmp_path, quick_hashes):
    for name, role in (("An", "viewer"), ("Chi", "verifier")):
        accounts.add_user(store, name, "cà phê Đăk Hà 7", role, who="An")
    assert not accounts.may(accounts.get_account(store, "An"), "amend")
    assert accounts.may(accounts.get_account(store, "Chi"), "amend")
    assert not accounts.may(accounts.Account("Em", "editor", ("24001",)), "amend")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_page_speaks_both_languages(planner, store, lang):
    group = next(iter(load_criteria(SET).groups))
    correct(planner, **{f"figure-{group}": "25"})
    for path in (EDIT, f"{STUDY}/criteria/figures", f"{STUDY}/criteria/editions"):
        page = words(planner.get(path, lang=lang))
        assert f'<html lang="{lang}"' in page
        assert not re.findall(
            r"\b(?:amend|edition|beside|play)-[a-z-]+\b(?![^<]*>)", re.sub(r"<[^>]+>", " ", page)
        )
