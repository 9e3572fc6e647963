"""A study under several sets on its pages: the chooser in the address, two sets held together, adding and taking out."""

import json
import re

import pytest

from gis import accounts
from gis.settings import Settings
from gis.store import open_store, studies
from gis.web import create_app
from gis.workflows import judge, read_study
from tests.test_web_intake import Planner, words

OTHER = "vn-dbkk-village-2016-2020"
STUDY = "/studies/dak-minh-hoa"


@pytest.fixture(scope="module")
def client(sample_study):
    review = judge(read_study(sample_study, also=[OTHER, "sdg-access"]))
    app = create_app(Settings(studies=sample_study.parent.parent), open_review=lambda path, report: review)
    app.extensions["shelf"].look("dak-minh-hoa", wait_s=30)
    client = app.test_client()
    client.review = review
    return client


def test_the_overview_offers_every_set_and_shows_the_chosen_one(client):
    plain, other = words(client.get(STUDY)), words(client.get(f"{STUDY}?set={OTHER}"))
    labels = [one.criteria.label.pick("vi") for one in (client.review, client.review.beside[OTHER])]
    assert all(label in page for page in (plain, other) for label in labels)
    assert re.search(r'class="basis">\s*<a [^>]*>([^<]+)<', plain)[1] == labels[0]
    assert re.search(r'class="basis">\s*<a [^>]*>([^<]+)<', other)[1] == labels[1]
    own = words(client.get(f"{STUDY}?set=own"))
    assert (
        f"{STUDY}/villages?set=" not in own
        and labels[0] in re.search(r'class="basis">(.*?)</p>', own, re.DOTALL)[1]
    )


def test_links_and_data_of_the_study_keep_the_set(client):
    page, board = (words(client.get(f"{STUDY}{path}?set={OTHER}")) for path in ("", "/map"))
    places = words(client.get(f"{STUDY}/villages?set={OTHER}"))
    for shown, path in ((page, "/villages"), (page, "/criteria"), (places, "/communes")):
        assert f'href="{STUDY}{path}?set={OTHER}' in shown
    assert f'"query":"?set={OTHER}"' in board
    told = [json.loads(words(client.get(f"{STUDY}/map.json{query}"))) for query in ("", f"?set={OTHER}")]
    assert [len(one["criteria"]) for one in told] == [
        len(one.criteria.criteria) for one in (client.review, client.review.beside[OTHER])
    ]
    village = client.review.villages_table.index[0]
    card = words(client.get(f"{STUDY}/villages/{village}?set={OTHER}"))
    assert client.review.beside[OTHER].criteria.criteria[0].label.pick("vi") in card
    assert f"?set={OTHER}" in card and 'class="sureness' in card
    file = client.get(f"{STUDY}.csv?set={OTHER}")
    assert OTHER in file.headers["Content-Disposition"]


@pytest.mark.parametrize("path", ["", "/villages", "/map.json", "/what-if.json", "/criteria"])
def test_a_set_that_the_study_is_not_judged_by_is_told(client, path):
    answer = client.get(f"{STUDY}{path}?set=no-such-set")
    assert answer.status_code == 404
    assert "không xét theo bộ tiêu chí này" in words(answer)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_two_sets_side_by_side_agree_with_their_reviews(client, lang):
    one, other = client.review, client.review.beside[OTHER]
    page = words(client.get(f"{STUDY}/sets?lang={lang}&first=own&second={OTHER}"))
    pairs = list(zip(one.results["status"], other.results["status"], strict=True))
    cells = [int(text) for text in re.findall(r"<td(?: class=\"same\")?>(\d+)</td>", page)]
    order = ("met", "unmet", "unknown", "exempt")
    assert cells == [pairs.count((first, second)) for first in order for second in order]
    differing = sum(first != second for first, second in pairs)
    assert (
        str(differing) in page
        and page.count('<th scope="row"><a href="/studies/dak-minh-hoa/villages/') == differing
    )
    book = client.get(f"{STUDY}/sets.xlsx?second={OTHER}")
    assert book.status_code == 200 and book.data[:2] == b"PK"
    alone = words(client.get(f"{STUDY}/sets.csv?second=own")).splitlines()
    assert len(alone) == len(client.review.villages_table) + 1, "a set beside itself stands once"
    lines = words(client.get(f"{STUDY}/sets.csv?second={OTHER}")).splitlines()
    assert len(lines) == 1 + len(pairs)
    assert client.get(f"{STUDY}/sets?first=x&second=y").status_code == 404


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_set_beside_itself_is_a_file_too(client, suffix):
    assert client.get(f"{STUDY}/sets.{suffix}?first=own&second=own").status_code == 200


def test_sets_are_added_and_taken_out_by_those_who_may(tmp_path):
    store = open_store(tmp_path / "store")
    accounts.name_person(store, "Y Lan")
    with store.writing("Y Lan") as change:
        studies.add_study(change, "dak-to", {"title": {"vi": "Đăk Tô"}, "criteria": "sdg-access"})
    (tmp_path / "studies").mkdir()
    planner = Planner(create_app(Settings(studies=tmp_path / "studies", workers=0), store))
    planner.get("/")

    def also():
        with store.reading() as connection:
            return studies.get_study(connection, "dak-to")["recipe"].get("also")

    path = "/studies/dak-to/sets"
    assert planner.post(path, {"add": OTHER}).status_code == 303 and also() == [OTHER]
    assert planner.post(path, {"add": "../../etc/passwd"}).status_code == 422
    assert planner.post(path, {"add": "sphere", "seen": "0"}).status_code == 409 and also() == [OTHER]
    assert planner.post(path, {"remove": OTHER}).status_code == 303 and also() is None
    store.close()
