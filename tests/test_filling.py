"""Overloaded facilities and people without a place: in words, on their page and as files."""

from types import MappingProxyType

import numpy as np
import pytest
from openpyxl import load_workbook

import tiny
from doubted import layer, study
from gis.criteria import Binding
from gis.filling import filling
from gis.settings import Settings
from gis.web import create_app
from gis.workflows import judge
from sets import criterion
from tests.test_around import LEVEL, raster
from tests.test_web_intake import words

PAGE = "/studies/thu/capacity"


def asks(indicator="capacity_gap", unit="people", **arguments):
    given = {
        "facilities": "schools",
        **({} if "within_min" in arguments else {"within_km": 1.5}),
        **arguments,
    }
    return criterion(
        measured=Binding.from_plain({"indicator": indicator, **given}), reported=None, unit=unit,
        thresholds=MappingProxyType({"all": 100}),
    )  # fmt: skip


def review_of(*criteria, held=(1500, np.nan), **more):
    # three villages of 1,000 people a kilometre apart, a school at the first and one far from all
    places = tiny.facilities((500, 500), (900_000, 500)).assign(capacity=list(held), rooms=[4.0, 2.0])
    places.loc["f0", "name"] = "=1+1 <b>Trường"
    layers = {"schools": layer("schools", places, everywhere=1e7)} | more
    return judge(study(*(criteria or [asks()]), villages=tiny.villages(3, approximate=False), layers=layers))


def told(review, village, language):
    return review.sentence(review.findings_of(village)[0], language)


def test_the_division_behind_a_criterion_names_what_is_not_recorded():
    found = review_of().fillings["c1"]
    assert found.allocation.facilities["over"].tolist()[0] == 500 and np.isnan(
        found.allocation.facilities["over"].iloc[1]
    )
    assert (found.unit, found.within, found.demand_unit, found.name_of("f1")) == (
        "km",
        1.5,
        "people",
        "Trường 1",
    )
    assert filling(review_of().study, asks(facilities="clinics").measured) is None


def test_the_division_is_the_one_that_was_measured():
    ground = {"elevation": raster(LEVEL)}
    by_time = asks("capacity_gap_by_time", within_min=25, kind="primary")
    for one in (asks(), by_time):
        review = review_of(one, held=(1500, 0), **ground)
        villages = review.fillings["c1"].allocation.villages
        assert (villages["overflow"] + villages["beyond"]).tolist() == pytest.approx(
            review.findings["value"].tolist()
        )


def test_the_sentence_says_which_of_the_two_gaps_and_how_full():
    review = review_of(held=(1500, 0))
    assert "Có chỗ tại: =1+1 <b>Trường (1.000 người)." in told(review, "v0", "vi")
    english = told(review, "v1", "en")
    assert (
        "There are facilities within 1.5 km but they are full, 500 people find no place: a gap of capacity."
        in english
    )
    assert "it holds 1,500 people, is the nearest for 2,000 people, over by 500 people." in english
    assert "Places at: =1+1 <b>Trường (500 people)." in english
    assert "thiếu vì sức chứa" in told(review, "v1", "vi") and "quá tải 500 người" in told(review, "v1", "vi")
    assert "Không có cơ sở nào trong phạm vi 1,5 km: thiếu vì khoảng cách." in told(review, "v2", "vi")
    assert "a gap of distance" in told(review, "v2", "en")
    assert "Nearest" not in told(review, "v1", "en").replace("The nearest is", "")


def test_a_facility_of_unrecorded_capacity_is_told_as_such():
    english = told(review_of(held=(np.nan, 0)), "v0", "en")
    assert "of unrecorded capacity" in english and "holds" not in english


def client_of(tmp_path, review):
    (tmp_path / "thu").mkdir()
    (tmp_path / "thu" / "study.yaml").write_text("id: thu\n", encoding="utf-8")
    app = create_app(Settings(studies=tmp_path), open_review=lambda path, report: review)
    app.extensions["shelf"].look("thu", wait_s=30)
    return app.test_client()


@pytest.fixture
def client(tmp_path):
    return client_of(tmp_path, review_of())


def test_the_page_lists_the_overloaded_and_those_without_a_place(client):
    vietnamese = words(client.get(f"{PAGE}?lang=vi"))
    assert "2 cơ sở, 1 quá tải." in vietnamese and "=1+1 &lt;b&gt;Trường" in vietnamese
    assert "Thiếu vì sức chứa" in vietnamese and "Thiếu vì khoảng cách" in vietnamese
    assert "1 cơ sở chưa ghi sức chứa" in vietnamese
    assert "Overloaded facilities" in words(client.get(f"{PAGE}?lang=en"))


def test_nobody_is_said_to_have_a_place_where_no_village_has_a_figure(tmp_path):
    nobody = tiny.villages(3, approximate=False).assign(population=np.nan)
    layers = {
        "schools": layer("schools", tiny.facilities((500, 500)).assign(capacity=[10.0]), everywhere=1e7)
    }
    shown = words(
        client_of(tmp_path, judge(study(asks(), villages=nobody, layers=layers))).get(f"{PAGE}?lang=vi")
    )
    assert "Mọi người đều có chỗ" not in shown and "chưa kết luận được" in shown
    assert "<dd>– người</dd>" in shown


def test_a_question_of_ones_own_is_answered(client):
    # 4 rooms of 100 and all people within half a kilometre
    asked = "what=schools:primary&capacity=rooms&serves_each=100&share_pct=50&within_km=0,5"
    shown = words(client.get(f"{PAGE}?lang=vi&{asked}"))
    assert "1.500 người" in shown and "mỗi đơn vị đó phục vụ 100" in shown
    file = client.get(f"/studies/thu/capacity-villages.csv?lang=en&{asked}").text.splitlines()
    # v0 needs 500 of 400 places; the others have none within half a kilometre
    assert file[1].startswith("v1,") and ",500,Without for distance," in file[1]
    assert file[3].startswith("v0,") and ",100,Without for capacity,=1+1" in file[3].replace("'", "")


@pytest.mark.parametrize(
    "query",
    [
        "what=x",
        "capacity=name",
        "demand=x",
        "criterion=x",
        "within_km=-1",
        "within_km=nan",
        "share_pct=101",
        "serves_each=1e99",
    ],
)
def test_a_wrong_question_is_answered_with_a_sentence(client, query):
    answer = client.get(f"{PAGE}?{query}")
    assert answer.status_code == 400 and query.split("=")[1][:5] in words(answer)


def test_a_question_of_too_many_ways_is_refused_before_it_is_worked_out(client, monkeypatch):
    monkeypatch.setattr("gis.web.filling.MOST_WAYS", 2)
    answer = client.get(f"{PAGE}?lang=en&what=schools&within_km=3")
    assert answer.status_code == 422 and "3 pairs of village and facility" in words(answer)
    assert client.get(f"{PAGE}?what=schools&within_km=1").status_code == 200


def test_the_files_hold_every_row_and_no_formula(client, tmp_path):
    path = tmp_path / "list.xlsx"
    path.write_bytes(client.get("/studies/thu/capacity-facilities.xlsx?lang=vi").data)
    cells = [cell for row in load_workbook(path).active.iter_rows() for cell in row]
    assert any(cell.value == "=1+1 <b>Trường" and cell.data_type == "s" for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)


def test_a_study_without_facilities_says_so(tmp_path):
    bare = judge(study(criterion(), villages=tiny.villages(2), layers={}))
    client = client_of(tmp_path, bare)
    assert "chưa có lớp cơ sở" in words(client.get(f"{PAGE}?lang=vi"))
    assert client.get("/studies/thu/capacity-facilities.csv").status_code == 404
