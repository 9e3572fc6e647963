"""States and frozen versions from the command line."""

import json
import shutil

import pytest

from gis.intake import Reader
from gis.store import open_store, reported
from gis.workflows import import_recipe, judge
from gis.workflows.states import recognise, verify
from test_cli_store import gis  # noqa: F401

WHO = "Y Lan"


@pytest.fixture(scope="module")
def district(sample_study, tmp_path_factory):
    """A folder with a store of the illustrative district, and its review."""
    folder = tmp_path_factory.mktemp("cli") / "store"
    opened = open_store(folder)
    with Reader() as reader:
        study_id, study = import_recipe(opened, reader, sample_study, who=WHO)
    review = judge(study)
    village = review.results.index[review.results["status"] == review.criteria.sought][0]
    verify(opened, study_id, review, [village, review.results.index[0]], who=WHO)
    told = {"decision": "15/QĐ-UBND", "decided_on": "2025-01-20", "who": WHO}
    assert recognise(opened, study_id, review, [village], **told) == {}
    opened.close()
    return folder, study_id, review, village


@pytest.fixture
def study(district, tmp_path):
    shutil.copytree(district[0], tmp_path / "store")
    return district[1]


def test_states_are_listed_counted_and_filtered(gis, study, district):  # noqa: F811
    village = district[3]
    code, text = gis("states", study)
    assert code == 0 and len(text.splitlines()) == 24 + 2
    assert "22 thôn dự thảo, 1 đã xác minh, 1 đã công nhận; 0 thôn nay tính ra khác" in text
    code, text = gis("states", study, "--state", "recognised", "--lang", "en")
    assert code == 0 and village in text and "15/QĐ-UBND (2025-01-20)" in text and len(text.splitlines()) == 3
    found = json.loads(gis("states", study, "--state", "verified", "--json")[1])
    assert [row["village_id"] for row in found["villages"]] == [district[2].results.index[0]]
    assert gis("states", study, "--commune", "none")[1].splitlines()[1].startswith("Năm")
    assert gis("states", "nowhere")[0] == 2


@pytest.mark.long
def test_a_version_is_frozen_compared_and_withdrawn(gis, study, district, tmp_path):  # noqa: F811
    review = district[2]
    at = review.results["status"] == review.criteria.sought
    village = review.results.index[at][1]
    code, text = gis("freeze", study, "--name", "Họp quý IV", "--as-of", "2024-12-31", "--who", WHO)
    assert code == 0 and "Họp quý IV" in text
    (row,) = json.loads(gis("meetings", study, "--json")[1])
    key = row["key"]
    assert key in text and row["as_of"] == "2024-12-31" and row["withdrawn"] is None
    assert "0 thôn, trong đó 0" in gis("meetings", study, "--compare", key)[1]
    opened = open_store(tmp_path / "store")
    with opened.writing(WHO) as change:
        for field in ("poor_households", "near_poor_households"):
            reported.enter(change, study, review.study.year, village, field, 0.0)
    opened.close()
    code, text = gis("meetings", study, "--compare", key, "--lang", "en")
    assert code == 0 and text.splitlines()[1].startswith(village) and "1 village, 1 of them" in text
    found = json.loads(gis("meetings", study, "--compare", key, "--json")[1])
    assert [one["village_id"] for one in found["villages"]] == [village] and found["findings"]
    assert gis("meetings", study, "--withdraw", key)[0] == 2
    code, text = gis("meetings", study, "--withdraw", key, "--reason", "nhầm ngày")
    assert code == 0 and "Đã rút: nhầm ngày" in text


@pytest.mark.parametrize(
    "arguments", [("--name", " "), ("--name", "Họp", "--as-of", "31/12/2024"), ("--as-of", "2024-12-31")]
)
def test_what_cannot_be_frozen_is_told_with_code_2(gis, study, arguments):  # noqa: F811
    code, text = gis("freeze", study, *arguments, "--who", WHO)
    assert code == 2 and "Traceback" not in text
    assert json.loads(gis("meetings", study, "--json")[1]) == []
    assert gis("meetings", study, "--compare", "none")[0] == 2
