"""The page on which a person says which village a name in a sheet means."""

from types import SimpleNamespace

import pandas as pd
import pytest

from gis import accounts
from gis.settings import Settings
from gis.store import decisions, open_store, studies
from gis.web import create_app, matches
from tests.fakes_web import PAYLOADS, build_review
from tests.test_web_intake import Planner, words

PAGE = "/studies/dak-to/matches"


def candidate(id_, name, score):
    return SimpleNamespace(id=id_, name=name, score=score)


def report(*rows):
    columns = ["left_id", "name", "commune", "right_id", "outcome", "score", "reason", "candidates"]
    return SimpleNamespace(table=pd.DataFrame(rows, columns=columns))


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    accounts.name_person(opened, "Y Lan")
    with opened.writing("Y Lan") as change:
        studies.add_study(change, "dak-to", {"title": "Đăk Tô", "criteria": "sdg-access"})
    yield opened
    opened.close()


@pytest.fixture
def planner(store, tmp_path, monkeypatch):
    review = build_review()
    first, second = review.study.villages.index[:2]
    near = (candidate(first, "Làng A", 0.9), candidate(second, "Làng B", 0.7))
    review.study.matches = {
        "bieu.xlsx": report(
            (5, "Lang Aa", "24001", None, "review", 0.9, "near", near),
            (6, PAYLOADS[0], "24001", None, "none", None, "nothing", ()),
            (7, "Làng C", "24001", second, "automatic", 1.0, "same", ()),
        ),
        "lai.xlsx": report((9, "Lang Aa", "24001", None, "review", 0.9, "near", near)),
    }
    monkeypatch.setattr(matches, "ready", lambda study_id: SimpleNamespace(review=review))
    (tmp_path / "studies").mkdir()
    made = Planner(create_app(Settings(studies=tmp_path / "studies", workers=0), store))
    made.first, made.second = str(first), str(second)
    made.get(PAGE)
    return made


def standing(store):
    with store.reading() as connection:
        return [
            (row["subject"], row["answer"], row["who"])
            for row in decisions.standing(connection, "dak-to", "match")
        ]


def test_names_to_decide_are_listed_once_with_their_places_and_candidates(planner):
    shown = words(planner.get(PAGE))
    assert shown.count("<b>Lang Aa</b>") == 1 and "bieu.xlsx · 5; lai.xlsx · 9" in shown
    assert "Làng C" not in shown and "Đăk Tô" in shown
    assert "&lt;script&gt;" in shown and "<script>window" not in shown


def test_one_name_is_decided_by_its_own_button(planner, store):
    sent = {"name:0": "Lang Aa", "commune:0": "24001", "answer:0": planner.second, "do": "one:0"}
    assert planner.post(PAGE, sent | {"name:1": "x", "answer:1": planner.first}).status_code == 303
    assert standing(store) == [({"name": "Lang Aa", "commune": "24001"}, planner.second, "Y Lan")]


def test_all_choices_are_accepted_at_once_and_open_ones_stay_open(planner, store):
    sent = {
        "name:0": "Lang Aa",
        "answer:0": planner.first,
        "name:1": "Khác",
        "answer:1": "-",
        "name:2": "Mở",
        "answer:2": "",
    }
    assert planner.post(PAGE, sent | {"do": "all"}).status_code == 303
    assert [(subject["name"], answer) for subject, answer, _ in standing(store)] == [
        ("Lang Aa", planner.first),
        ("Khác", None),
    ]


def test_a_decision_is_withdrawn_and_the_question_is_open_again(planner, store):
    planner.post(PAGE, {"name:0": "Lang Aa", "answer:0": planner.first, "do": "one:0"})
    assert "Y Lan" in words(planner.get(PAGE))
    planner.post(PAGE, {"name:0": "Lang Aa", "do": "withdraw:0"})
    assert standing(store) == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"name:0": "a", "answer:0": "no such village", "do": "one:0"}, 422),
        ({"name:0": "a", "do": "one:0"}, 422),
        ({"answer:0": "-", "do": "one:0"}, 400),
        ({"do": "burn"}, 400),
    ],
)
def test_what_cannot_be_decided_changes_nothing(planner, store, sent, status):
    assert planner.post(PAGE, sent).status_code == status
    assert standing(store) == []
