"""Read keys: a program reads by one what its owner may see, and nothing else comes of it."""

import re
from base64 import b64encode

import pytest

from gis import accounts, readkeys
from gis.errors import AccountError, MissingError
from gis.settings import Settings
from gis.store import audit, open_store, recall
from gis.web import create_app
from tests.fakes_web import build_review

HOST = "langmap.example"
PASSWORD = "cà phê Đăk Hà 7"
READ = ("/ogc", "/ogc/collections/minh-hoa.villages/items", "/api/v1/studies", "/api/v1/studies/minh-hoa")

pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    for name, role in {"An": "viewer", "Dung": "administrator"}.items():
        accounts.add_user(opened, name, PASSWORD, role, who="Dung")
    yield opened
    opened.close()


@pytest.fixture
def app(store, tmp_path):
    (tmp_path / "studies" / "minh-hoa").mkdir(parents=True)
    (tmp_path / "studies" / "minh-hoa" / "study.yaml").write_text("title: x\n", encoding="utf-8")
    settings = Settings(studies=tmp_path / "studies", host="0.0.0.0", names=HOST, proxy=True)
    made = create_app(settings, store=store, open_review=lambda path, report: build_review())
    made.extensions["shelf"].look("minh-hoa", wait_s=30)
    return made


def ask(app, path, name="An", key=None, *, method="GET", client=None, address="10.0.0.7", **headers):
    if key is not None:
        headers["Authorization"] = f"Basic {b64encode(f'{name}:{key}'.encode()).decode()}"
    options = {"base_url": f"https://{HOST}", "environ_base": {"REMOTE_ADDR": address}}
    return (client or app.test_client()).open(path, method=method, headers=headers, **options)


def test_a_program_reads_by_a_key_and_does_nothing_else_by_it(app, store):
    key = readkeys.make_key(store, "An", "QGIS ở văn phòng")
    for path in READ:
        assert ask(app, path, key=key).status_code == 200, path
        assert ask(app, path, name="an", key=key).status_code == 200
    # pages, the data of pages, and every change ask for a person
    for path in ("/", "/studies/minh-hoa/map.json", "/account", "/account/keys"):
        assert ask(app, path, key=key).status_code in (302, 401), path
    for path in (*READ, "/studies/minh-hoa/files.json", "/account/keys"):
        assert ask(app, path, key=key, method="POST").status_code in (400, 401, 405), path
    links = ask(app, "/ogc", key=key).json["links"]
    assert all(one["href"].startswith(f"https://{HOST}/") for one in links)


def test_without_a_key_or_with_a_wrong_one_a_program_is_told_how(app, store):
    key = readkeys.make_key(store, "An", "QGIS")
    for options in (
        {},
        {"key": "lm_none"},
        {"name": "Dung", "key": key},
        {"name": "", "key": key},
        {"key": PASSWORD},
    ):
        answer = ask(app, READ[0], **options)
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Basic")
        assert answer.json["error"][0]["message"].endswith(".")
    for path in READ:
        page = ask(app, path, Accept="text/html")
        assert (
            page.status_code == 302 and "/sign-in" in page.location and "WWW-Authenticate" not in page.headers
        )
    assert "WWW-Authenticate" not in ask(app, "/studies/minh-hoa/map.json").headers


def test_wrong_keys_are_counted_like_wrong_passwords(app, store):
    key = readkeys.make_key(store, "An", "QGIS")
    for _ in range(accounts.TRIES):
        assert ask(app, READ[0], key="lm_wrong").status_code == 401
    limited = ask(app, READ[0], key=key)
    assert limited.status_code == 429 and int(limited.headers["Retry-After"]) > 0
    assert ask(app, READ[0], key=key, address="10.0.0.8").status_code == 200
    # the tries of keys and those of passwords do not shut each other out
    assert accounts.check_password(store, "An", PASSWORD, address="10.0.0.7").name == "An"
    with store.reading() as connection:
        actions = [row["action"] for row in audit.history(connection, limit=50)]
    assert actions.count("sign-in-limit") == 1


def test_a_key_ends_when_it_is_revoked_or_the_account_is_closed(app, store):
    first, second = readkeys.make_key(store, "An", "QGIS"), readkeys.make_key(store, "An", "Excel")
    rows = readkeys.keys_of(store, "An")
    assert [row["name"] for row in rows] == ["Excel", "QGIS"] and not readkeys.keys_of(store, "Dung")
    with pytest.raises(MissingError):
        readkeys.revoke_key(store, "Dung", rows[1]["id"])
    readkeys.revoke_key(store, "An", rows[1]["id"])
    assert [ask(app, READ[0], key=key).status_code for key in (first, second)] == [401, 200]
    accounts.change_user(store, "An", who="Dung", active=False)
    assert ask(app, READ[0], key=second).status_code == 401


def test_only_the_hash_of_a_key_is_kept(app, store):
    key = readkeys.make_key(store, "An", "QGIS")
    ask(app, READ[0], key=key)
    with store.reading() as connection:
        kept = str(recall(connection, readkeys.NOTE)) + str(audit.history(connection, limit=50))
    assert key not in kept and key.removeprefix(readkeys.PREFIX) not in kept
    for path in store.folder.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes()


def test_a_key_has_a_name_and_nobody_has_very_many(store):
    for name in ("", "  ", "x" * 81):
        with pytest.raises(AccountError) as fault:
            readkeys.make_key(store, "An", name)
        assert fault.value.code == "keys-no-name"
    for number in range(readkeys.MOST):
        readkeys.make_key(store, "An", f"máy {number}")
    with pytest.raises(AccountError) as fault:
        readkeys.make_key(store, "An", "một nữa")
    assert fault.value.code == "keys-many"


def test_a_key_is_made_shown_once_and_revoked_on_the_page(app, store):
    client = app.test_client()

    def see(path):
        return ask(app, path, client=client).get_data(as_text=True)

    def send(path, form, seen):
        token = re.search(r'name="csrf_token" value="([^"]+)"', see(seen))[1]
        options = {"base_url": f"https://{HOST}", "environ_base": {"REMOTE_ADDR": "10.0.0.7"}}
        return client.post(path, data={**form, "csrf_token": token}, **options)

    assert send("/sign-in", {"name": "An", "password": PASSWORD}, "/sign-in").status_code == 302
    assert 'href="/account/keys"' in see("/account") and "Bạn chưa có khóa nào" in see("/account/keys")
    assert send("/account/keys", {"name": ""}, "/account/keys").status_code == 422
    made = send("/account/keys", {"name": "<b>QGIS</b>"}, "/account/keys").get_data(as_text=True)
    key = re.search(r"<code>(lm_[\w-]{43})</code>", made)[1]
    assert "&lt;b&gt;QGIS&lt;/b&gt;" in made and "<b>QGIS" not in made and f"https://{HOST}/ogc" in made
    assert key not in see("/account/keys")
    assert ask(app, READ[0], key=key).status_code == 200
    number = re.search(r'name="key" value="(\w+)"', see("/account/keys"))[1]
    assert send("/account/keys/revoke", {"key": number}, "/account/keys").status_code == 303
    assert ask(app, READ[0], key=key).status_code == 401
    assert send("/account/keys/revoke", {"key": number}, "/account/keys").status_code == 404


def test_at_this_computer_alone_there_are_no_keys(store, tmp_path):
    (tmp_path / "none").mkdir()
    client = create_app(Settings(studies=tmp_path / "none"), store=store).test_client()
    assert client.get("/account/keys").status_code == 404
    assert client.get("/api/v1/studies").json == {"studies": []}


def test_a_right_key_costs_no_write(app, store):
    key = readkeys.make_key(store, "An", "QGIS")
    with store.reading() as connection:
        before = audit.history(connection, limit=1)
    for _ in range(20):
        assert ask(app, "/ogc/conformance", key=key).status_code == 200
    with store.reading() as connection:
        assert audit.history(connection, limit=1) == before
