"""Addresses asked for with anything that their description allows: none breaks, and all answer as described."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from gis.settings import Settings
from gis.store import open_store
from gis.web import create_app
from tests.fakes_web import build_review

ID = "minh-hoa"
TRUE = {
    "study_id": (ID,),
    "collection_id": (f"{ID}.villages", f"{ID}.findings", f"{ID}.communes"),
    "table": ("villages", "findings", "communes"),
    "feature_id": ("24001003", "24001003:clinic"),
    "criterion": ("clinic", "water"),
    "commune": ("24001", "-"),
    "village": ("24001003",),
}
"""What there is: without it nearly every address is one of nothing."""
load_all_checks()
STEADY = ("/api/v1/", "/ogc")
WANTED = [
    CHECKS.get_one(name)
    for name in ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
]


@pytest.fixture(scope="module")
def operations(tmp_path_factory):
    """Every described way of reading, over a small study and an empty store."""
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / ID).mkdir()
    (folder / ID / "study.yaml").write_text("title: x\n", encoding="utf-8")
    store = open_store(folder / "store")
    app = create_app(Settings(studies=folder), store=store, open_review=lambda path, report: build_review())
    app.extensions["shelf"].look(ID, wait_s=30)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json?lang=en", app)
    found = [result.ok() for result in schema.get_all_operations()]
    yield [one for one in found if one.method.lower() == "get"]
    store.close()


def asker(operation, seen):
    """Asks one address at random, as its description allows; what it is answered goes into `seen`."""

    steady = operation.path.startswith(STEADY)

    @settings(max_examples=12 if steady else 4, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def ask(data):
        case = data.draw(operation.as_strategy())
        for name, there in TRUE.items():
            for place in (case.path_parameters, case.query):
                if place and name in place and data.draw(st.integers(0, 3)) < 3:
                    place[name] = data.draw(st.sampled_from(there))
        # over WSGI nobody would unpack it
        answer = case.call(headers={"Accept-Encoding": "identity"})
        assert answer.status_code != 500, (case.formatted_path, case.query, answer.text[:300])
        case.validate_response(answer, checks=WANTED)
        seen.add(answer.status_code)
        if answer.status_code >= 400:
            assert json.loads(answer.text)["status"] == answer.status_code

    return ask


def test_what_is_asked_at_random_is_answered_as_described(operations):
    statuses = {operation.path: set() for operation in operations}
    for operation in operations:
        asker(operation, statuses[operation.path])()
    assert len(statuses) > 40
    steady = {path: seen for path, seen in statuses.items() if path.startswith(STEADY)}
    assert all(200 in seen for seen in steady.values()), steady
