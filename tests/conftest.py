"""What many tests share: studies, reviews, a server and a browser, each made at most once a run."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# The same examples on every machine and no time limit for one example: a failure here fails there.
settings.register_profile(
    "house",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("house")


def absent(reason):
    """Skip by name; on the build machine, where nothing may be missing, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_data():
    """Folder of the real data that stands beside the project."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        absent("the real data (../shared/data) is not beside the project")
    return folder


@pytest.fixture
def quick_hashes(monkeypatch):
    """Hashes of passwords that cost little, for tests that make many."""
    from gis import accounts

    monkeypatch.setattr(accounts, "METHOD", "scrypt:1024:8:1")
    monkeypatch.setattr(accounts, "DECOY", accounts.DECOY.replace("32768", "1024"))


@pytest.fixture(scope="session")
def sample_study(tmp_path_factory):
    """Path of the study file of a small illustrative district; never to be changed by a test."""
    from gis.sample import make_sample

    folder = tmp_path_factory.mktemp("sample") / "dak-minh-hoa"
    made = make_sample(folder, villages=24, seed=7)
    path = Path(made) if made is not None else folder
    return path / "study.yaml" if path.is_dir() else path


@pytest.fixture(scope="session")
def stored_sample(tmp_path_factory, sample_study):
    """Folder of a store with the small illustrative district in it; to be copied, never to be changed."""
    from gis.intake import Reader
    from gis.store import open_store
    from gis.workflows import import_recipe

    store = open_store(tmp_path_factory.mktemp("stored") / "store")
    with Reader() as reader:
        import_recipe(store, reader, sample_study, who="Y Lan")
    store.close()
    return store.folder


@pytest.fixture(scope="session")
def lived(stored_sample, tmp_path_factory):
    """A store whose study has something of everything, as `tests.lived.make` tells it."""
    from tests.lived import make

    made = make(stored_sample, tmp_path_factory.mktemp("lived"))
    yield made
    made[0].close()


@pytest.fixture(scope="session")
def sample_review(sample_study):
    """Review of the small illustrative district."""
    from gis.workflows import judge, read_study

    return judge(read_study(sample_study))


@pytest.fixture(scope="session")
def sample_options(sample_review):
    """What could be built in the small illustrative district."""
    from gis.plan import find_options

    return find_options(sample_review)


@pytest.fixture(scope="session")
def nandurbar_study(shared_data):
    """Path of the study file over the real data of Nandurbar."""
    return ROOT / "tests" / "studies" / "nandurbar.yaml"


@pytest.fixture(scope="session")
def nandurbar_review(nandurbar_study):
    """Review of Nandurbar."""
    from gis.workflows import judge, read_study

    return judge(read_study(nandurbar_study))


@pytest.fixture(scope="session")
def postgres():
    """A running PostgreSQL of the tests' own; `postgres.database()` is the URL of an empty database in it."""
    from postgres import Server, find_programs

    programs = find_programs() if os.name == "posix" else None
    if programs is None:
        absent("there is no PostgreSQL on this machine (Debian's package postgresql has it)")
    server = Server(programs)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def records_url(request):
    """Where a store keeps its records: None for a file in its folder, or the URL of an empty database."""
    return None if request.param == "sqlite" else request.getfixturevalue("postgres").database()


@pytest.fixture(scope="session")
def chromium():
    """Path of a browser of the Chromium family."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "msedge")
    found = next((path for path in map(shutil.which, filter(None, names)) if path), None)
    if found is None:
        absent("there is no Chromium, Chrome or Edge on this machine (CHROMIUM may name one)")
    return found


@pytest.fixture(scope="session")
def browser(chromium):
    """A headless browser of Playwright; take a page of it from `page`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        yield running
        running.close()


@pytest.fixture
def new_page(browser):
    """``new_page(width=1280, height=800, **options)``: a page that reaches this machine only.

    Its lists `refused` (addresses beyond this machine that it asked for), `faults` (script errors and
    messages of level error) and `seen` (address and status of each answer) tell what went on.
    """
    contexts = []

    def make(*, width=1280, height=800, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.refused, page.faults, page.seen = [], [], []

        def guard(route):
            address = urlsplit(route.request.url)
            if address.scheme in ("http", "https", "ws", "wss") and address.hostname != "127.0.0.1":
                page.refused.append(route.request.url)
                route.abort()
            else:
                route.continue_()

        context.route("**/*", guard)
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
        page.on("response", lambda response: page.seen.append((response.url, response.status)))
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page):
    """A desktop page, as `new_page()` makes it."""
    return new_page()


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """``serve(folder, **options) -> address``: the product over a folder of studies, as a real server.

    It has a store of its own unless `store` is given. The options go to `create_app`. All servers end with
    the tests.
    """
    from gis.settings import Settings
    from gis.store import open_store
    from gis.web import create_app
    from tests.serving import served

    with ExitStack() as running:

        def start(folder, *, store=None, **options):
            store = store or open_store(tmp_path_factory.mktemp("store"))
            app = create_app(Settings(studies=Path(folder)), store=store, **options)
            return running.enter_context(served(app))

        yield start


@pytest.fixture(scope="session")
def live_server(serve, sample_study):
    """Address of a server with the small illustrative district in it, without a slash at the end."""
    return serve(Path(sample_study).parent.parent)
