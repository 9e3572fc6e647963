"""What lies outside of an account's area is nowhere: every address there is, asked by those who may not see it.

The addresses come from the application itself, so a page that is new is asked too. Names, codes and files of the other
commune, and of the other study, must not stand in any answer: compressed ones are opened, papers are read.
"""

import gzip
import io
import itertools
import re
import shutil
import zipfile
from dataclasses import replace

import pypdfium2
import pytest
import sqlalchemy as sa

from gis import accounts, jobs
from gis.settings import Settings
from gis.store import audit, evidence, open_store, plans, reported, studies
from gis.store.schema import metadata
from gis.study import frozen
from gis.web import areas, create_app, levels
from gis.workflows import judge
from gis.workflows.campaigns import open_campaign
from gis.workflows.meetings import freeze
from gis.workflows.stored import read_stored
from test_web_signing import HOST, PASSWORD, visitor

STUDY, SECRET, MARK = "dak-minh-hoa", "bi-mat", "Kanari"
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
UNASKED = ("signing.sign_out", "assets.static")

pytestmark = pytest.mark.usefixtures("hashes")


@pytest.fixture(scope="module")
def hashes():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "METHOD", "scrypt:1024:8:1")
        patch.setattr(accounts, "DECOY", accounts.DECOY.replace("32768", "1024"))
        yield


def marked(review, villages):
    """The review with names of some villages by which they are known wherever they turn up."""

    def named(frame):
        keys = frame["village_id"] if "village_id" in frame else frame.index.to_series()
        theirs = keys.isin(villages).to_numpy()
        frame = frame.copy()
        frame.loc[theirs, "name"] = [f"{MARK} {key}" for key in keys[theirs]]
        return frame

    study = review.study
    layers = {
        name: replace(data, frame=named(data.frame)) if name in ("villages", "settlements") else data
        for name, data in study.layers.items()
    }
    return replace(review, study=replace(study, villages=named(study.villages), layers=frozen(layers)))


@pytest.fixture(scope="module")
def world(stored_sample, tmp_path_factory, hashes):
    """An application over two studies, with records of either and of both communes, and its accounts."""
    folder = tmp_path_factory.mktemp("areas")
    shutil.copytree(stored_sample, folder / "store")
    (folder / "studies").mkdir()
    store = open_store(folder / "store")
    whole = judge(read_stored(store, STUDY))
    own, other = whole.study.communes.index[:2]
    theirs = list(whole.study.villages.index[whole.study.villages["commune_id"] == other])
    mine = list(whole.study.villages.index[whole.study.villages["commune_id"] == own])
    review = marked(whole, set(whole.study.villages.index) - set(mine))
    with store.writing("Dung") as change:
        studies.add_study(change, SECRET, {"title": f"{MARK} huyện", "criteria": "sdg-access"})
    photo, size = store.files.put_octets([b"photo"])
    numbers = {}
    with store.writing("Dung") as change:
        for name, village, study in (
            ("mine", mine[0], STUDY),
            ("theirs", theirs[0], STUDY),
            ("secret", "x", SECRET),
        ):
            file = "cầu.jpg" if name == "mine" else f"{MARK}.jpg"
            told = dict(
                content=photo,
                file=file,
                size=size,
                year=2024,
                note=None if name == "mine" else f"{MARK} note",
            )
            numbers[name] = evidence.attach(change, study, village, **told)
        reported.enter(
            change, STUDY, 2024, theirs[0], "households", 3.0, reason=f"{MARK} reason", kind="recheck"
        )
        kept = dict(content=photo, run="r", revision=1, headline={})
        for study in (STUDY, SECRET):
            plans.add(change, study, kind="plan", name=f"{MARK} kế hoạch", note=None, **kept)
    meeting = freeze(store, STUDY, review, name="Hội đồng", as_of="2025-12-31", who="Dung")
    campaign = open_campaign(
        store, review.study, STUDY, name="Rà soát", year=2025, deadline="2026-12-31", who="Dung"
    )
    job = jobs.enqueue(store, "import", {}, who="Dung", study_id=SECRET)
    add = lambda name, role, **area: accounts.add_user(store, name, PASSWORD, role, who="Dung", **area)  # noqa: E731
    add("Dung", "administrator")
    add("Xã", "verifier", communes=[own], only_own=True, studies=[STUDY])
    add("Huyện", "editor", studies=[STUDY])
    app = create_app(
        Settings(studies=folder / "studies", host="0.0.0.0", names=HOST, proxy=True, workers=0), store
    )
    shelf = app.extensions["shelf"]
    judging = shelf._open_stored
    shelf._open_stored = lambda study, report: review if study == STUDY else judging(study, report)
    for study in (STUDY, f"{STUDY}@{meeting['key']}"):
        assert shelf.look(study, wait_s=60).review is not None
    app.extensions["limits"].wait_s = lambda *_, **__: 0.0
    made = {
        "app": app,
        "store": store,
        "own": own,
        "other": other,
        "mine": mine,
        "theirs": theirs,
        "numbers": numbers,
        "frozen": f"{STUDY}@{meeting['key']}",
        "job": job,
        "campaign": campaign["id"],
        "meeting": meeting["key"],
        "photo": photo,
    }
    yield made
    store.close()


def filled(rule, known):
    """Every address of a rule, with each of the words that it allows and each value that is known of its variables."""
    parts = re.split(r"(<[^>]+>)", rule.rule)
    choices = []
    for part in parts:
        if not part.startswith("<"):
            choices.append((part,))
        elif words := re.match(r"<any\((.*)\):", part):
            choices.append(tuple(word.strip().strip("'\"") for word in words[1].split(",")))
        else:
            choices.append(known.get(part.strip("<>").rpartition(":")[2], ("x",)))
    return ["".join(chosen) for chosen in itertools.product(*choices)]


def addresses(app, known, *methods, only=None):
    for rule in app.url_map.iter_rules():
        if rule.endpoint in UNASKED or (only and not rule.endpoint.startswith(only)):
            continue
        for method in sorted(set(methods) & rule.methods):
            for path in filled(rule, known):
                yield method, path, rule.endpoint


def texts(body, depth=0):
    """Everything that can be read in an answer: itself, and what is inside of archives, workbooks and papers."""
    yield body
    if body[:2] == b"PK" and depth < 3:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from texts(archive.read(name), depth + 1)
    elif body[:2] == b"\x1f\x8b":
        yield from texts(gzip.decompress(body), depth + 1)
    elif body[:4] == b"%PDF":
        document = pypdfium2.PdfDocument(body)
        for page in document:
            yield page.get_textpage().get_text_range().encode()
        document.close()


def leaks(answer, words):
    body = answer.get_data()
    return sorted({word for text in texts(body) for word in words if word.encode() in text})


def values(world, study, **more):
    numbers, among = world["numbers"], study if isinstance(study, tuple) else (study,)
    return {
        "study_id": among,
        "village_id": (world["theirs"][0], f"{world['theirs'][0]}.json"),
        "commune": (world["other"],),
        "commune_id": (world["other"],),
        "number": tuple(str(number) for number in (numbers["theirs"], numbers["secret"], world["job"])),
        "key": (world["meeting"],),
        "content": (world["photo"],),
        "layer_id": ("villages", "settlements", "communes"),
        "source": ("villages",),
        "table": ("villages", "findings", "communes", "criteria"),
        "collection_id": tuple(
            f"{one}.{table}" for one in among for table in ("villages", "findings")
        ),
        "feature_id": (world["theirs"][0],),
        "level": ("villages",),
        "leaf": ("0",),
        "z": ("8",),
        "x": ("200",),
        "y": ("110",),
    } | more  # fmt: skip


QUERIES = ("", "commune={other}&lang=en", "village={theirs}&q=Kanari&status=unmet")
PAPER_QUERIES = (
    "kind={kind}&format={format}", "kind={kind}&format={format}&commune={other}",
    "kind={kind}&format={format}&village={theirs}", "kind={kind}&format={format}&commune=every",
)  # fmt: skip


def queries(world, endpoint, path):
    ids = {"other": world["other"], "theirs": world["theirs"][0]}
    if endpoint == "papers.file":
        from gis import sheets

        for kind in sheets.KINDS:
            for format, query in itertools.product(sheets.formats_of(kind)[:1], PAPER_QUERIES):
                yield query.format(kind=kind, format=format, **ids)
        return
    # what was frozen is asked by fewer queries, as the pages are the same
    for query in QUERIES[:1] if world["frozen"] in path else QUERIES:
        yield query.format(**ids)


def words_of(world):
    return [MARK, *world["theirs"]]


def test_who_sees_one_commune_finds_the_others_nowhere(world):
    person, found, broken, opened = visitor(world["app"], "Xã"), [], [], set()
    known = values(world, (STUDY, world["frozen"]))
    for _, path, endpoint in addresses(world["app"], known, "GET"):
        inside = endpoint.startswith(areas.WITHIN)
        for query in queries(world, endpoint, path) if inside else ("",):
            answer = person.get(f"{path}?{query}")
            broken += [(path, query)] if answer.status_code >= 500 and answer.status_code != 503 else []
            if not inside:
                assert answer.status_code in (403, 404), (path, answer.status_code)
            if answer.status_code == 200:
                opened.add(endpoint)
            # what the reader asked for may be said back to them
            asked = [word for word in words_of(world) if word not in f"{path}?{query}"]
            found += [(path, query, word) for word in leaks(answer, asked)]
            answer.close()
    assert not found and not broken, (found[:20], broken[:20])
    assert {
        "home.study",
        "workspace.page",
        "mapdata.table",
        "lists.villages_file",
        "downloads.download",
    } <= opened
    own = person.get(f"/studies/{STUDY}/map.json").get_data(as_text=True)
    assert all(village in own for village in world["mine"])


def test_who_sees_one_study_finds_no_trace_of_another(world):
    person = visitor(world["app"], "Huyện")
    for method, path, endpoint in addresses(world["app"], values(world, SECRET), "GET", *CHANGES):
        if (
            "study_id"
            in next(r for r in world["app"].url_map.iter_rules() if r.endpoint == endpoint).arguments
        ):
            options = {**person.options, "method": method}
            if method != "GET":
                options["data"] = {"csrf_token": person.token("/account")}
            answer = person.client.open(path, **options)
            assert answer.status_code == 404, (method, path, answer.status_code)
            assert not leaks(answer, [MARK])
        elif method == "GET":
            unasked = [word for word in (f"{MARK} huyện", SECRET) if word not in path]
            assert not leaks(person.get(path), unasked), path
    assert person.post("/studies", {"title": "mới"}, seen="/account").status_code == 403
    assert person.get(f"/jobs/{world['job']}").status_code == 404
    # all communes of the study that is theirs are
    assert MARK in person.get(f"/studies/{STUDY}/map.json").get_data(as_text=True)


ASKED_OTHERWISE = ("home.", "workspace.", "mapdata.", "lists.", "sides.", "differing.",
    "printing.", "ways.", "play.", "ogc.items", "api.table")  # fmt: skip
"""Endpoints, or how they begin, that are asked for more than a commune and a search."""


def test_no_other_question_shows_more_of_a_study(world):
    """Gaps with what would close them, two ways of looking side by side, another part, another place of the map."""
    person, found, opened = visitor(world["app"], "Xã"), [], set()
    standing = world["app"].extensions["shelf"].look(STUDY)
    criteria = [one.id for one in standing.review.study.criteria.criteria]
    asked = [f"criterion={one}&criterion_status=unmet" for one in criteria] + [
        "left=reported&right=measured&show=all",
        "part=infrastructure&layers=villages,communes,settlements&extent=107,14,109,16",
        "at=15,108,10&compare=year-2023&base=light&year=2023",
        f"village={world['mine'][0]}&criterion={criteria[0]}",
        "limit=1000&bbox=100,8,110,24",
    ]
    # what gaps would cost is worked out first, or it could not show anybody's name
    person.get(f"/studies/{STUDY}/villages.csv?{asked[0]}")
    for _, path, endpoint in addresses(world["app"], values(world, STUDY), "GET"):
        if not endpoint.startswith(ASKED_OTHERWISE):
            continue
        # every criterion where gaps are listed; elsewhere the first is enough
        whole = path.endswith(("/villages", "/villages.json"))
        for query in asked if whole else asked[:1] + asked[len(criteria) :]:
            answer = person.client.get(f"{path}?{query}", **person.options)
            assert answer.status_code < 500 or answer.status_code == 503, (path, query)
            if answer.status_code == 200:
                opened.add(endpoint)
            found += [
                (path, query, word)
                for word in leaks(answer, [one for one in words_of(world) if one not in path])
            ]
    assert not found, found[:20]
    assert {
        "lists.villages",
        "lists.villages_file",
        "differing.listed",
        "printing.file",
        "ogc.items",
    } <= opened


def test_levels_of_a_large_study_hold_the_own_communes_alone(world, monkeypatch):
    monkeypatch.setattr(levels, "MOST_WHOLE", 1)
    person, home = visitor(world["app"], "Xã"), f"/studies/{STUDY}/levels"
    summary = person.get(f"{home}/summary.json")
    assert summary.status_code == 200, summary.get_data(as_text=True)
    listed = person.get(f"{home}/rows.json")
    assert listed.json["count"] == len(world["mine"])
    assert person.get(f"{home}/rows.json?village={world['theirs'][0]}").status_code == 404
    assert person.get(f"{home}/rows.json?q={MARK}").json["count"] == 0
    answers = [summary, listed, person.get(f"{home}/communes.json"), person.get(f"{home}/villages/0.json")]
    answers += [
        person.get(f"{home}/{level}/{leaf}.geojson")
        for level in ("groups", "communes", "villages")
        for leaf in range(3)
    ]
    assert answers[3].status_code == 200
    found = [word for answer in answers for word in leaks(answer, [*words_of(world), f'"{world["other"]}"'])]
    assert found == []


def everything(store):
    unlooked = ("notes", "audit", "sessions", "tries", "runs")
    with store.reading() as connection:
        return {
            name: connection.execute(sa.select(table)).all()
            for name, table in metadata.tables.items()
            if name not in unlooked
        }


def test_nothing_outside_of_the_area_is_changed(world):
    person, before = visitor(world["app"], "Xã"), everything(world["store"])
    village, token = world["theirs"][0], person.token("/account")
    foreign = tuple(str(world["numbers"][whose]) for whose in ("theirs", "secret"))
    known = values(world, STUDY, number=foreign)
    form = {
        "village": village, "villages": village, "commune": world["other"], "criterion": "road", "do": "verify", "field": "households",
        "value": "7", "answer": "map", "reason": "thử xem sao", "name": "thử", "title": "thử", "decision": "1", "decided_on": "2026-01-01",
        "password": "sai", "new": "sai", "again": "sai", "csrf_token": token,
    }  # fmt: skip
    for method, path, endpoint in addresses(world["app"], known, *CHANGES):
        for do in ("verify", "recognise", "decide", "remove"):
            answer = person.client.open(path, method=method, data={**form, "do": do}, **person.options)
            assert answer.status_code < 500, (path, endpoint, answer.status_code)
            assert not leaks(answer, [MARK])
    after = everything(world["store"])
    assert [name for name in before if before[name] != after[name]] == []


def test_own_villages_are_verified_and_what_was_refused_stands_in_the_diary(world):
    person = visitor(world["app"], "Xã")
    page = f"/studies/{STUDY}/recognition"
    assert 'name="do"' in person.get(page).get_data(as_text=True)
    done = person.post(page, {"do": "verify", "village": world["mine"][0]}, seen="/account")
    assert done.status_code == 303, done.get_data(as_text=True)
    assert person.get(f"/studies/{STUDY}/villages/{world['theirs'][0]}").status_code == 404
    with world["store"].reading() as connection:
        (line, *_) = audit.history(connection, action="refused", limit=1)
    assert (line["who"], line["study_id"]) == ("Xã", STUDY) and world["theirs"][0] in line["subject"]


def test_figures_of_an_area_are_those_of_its_villages(world):
    person, chief = visitor(world["app"], "Xã"), visitor(world["app"], "Dung")
    mine = person.get(f"/studies/{STUDY}/communes.json").json["communes"]
    whole = chief.get(f"/studies/{STUDY}/communes.json").json["communes"]
    assert [row["id"] for row in mine] == [world["own"]]
    assert mine[0] == next(row for row in whole if row["id"] == world["own"])
    # the administrator sees what the others must not, so that the search for it means something
    assert leaks(chief.get(f"/studies/{STUDY}/villages.xlsx"), words_of(world))
    assert leaks(chief.get(f"/studies/{STUDY}/diary"), [MARK])
    assert leaks(chief.get("/audit.xlsx"), [MARK])


def test_the_first_screen_of_an_area_counts_its_communes_and_leads_nowhere_closed(world):
    person, page = visitor(world["app"], "Xã"), f"/studies/{STUDY}"
    shown = person.get(f"{page}?lang=en").get_data(as_text=True)
    first = shown[shown.index('<div class="first">') : shown.index("</main>")]
    sheets = re.search(r'<div class="figure sheet">.*?</div>', first, re.S)[0]
    # the campaign asks every commune of the district; one of them is seen, and has not sent
    assert re.findall(r'class="value"[^>]*>(\d+)<', sheets) == ["1"] and "of 1 commune" in sheets, sheets
    addresses_ = {each.replace("&amp;", "&") for each in re.findall(r'href="(/[^"#]*)', first)}
    assert len(addresses_) > 8
    assert {
        each: person.get(each).status_code
        for each in addresses_
        if person.get(each).status_code in (403, 404)
    } == {}
