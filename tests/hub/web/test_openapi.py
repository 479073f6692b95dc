"""The document that describes the API describes the whole of it, and nothing else."""

import re
from typing import Any

import msgspec
import pytest
import schemathesis
from starlette.testclient import TestClient

from easyplayer.hub.app import build_application
from easyplayer.hub.hub import Hub
from easyplayer.hub.web.endpoint import Needs
from easyplayer.hub.web.endpoints import ENDPOINTS, PAGES
from easyplayer.hub.web.openapi import document

DOCUMENT = msgspec.json.decode(msgspec.json.encode(document(ENDPOINTS)))
OPERATIONS = {
    (path, method): told for path, item in DOCUMENT["paths"].items() for method, told in item.items()
}


def test_it_is_what_the_hub_tells(client: TestClient) -> None:
    """To everyone: it holds no secret."""
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == DOCUMENT


@pytest.mark.slow
def test_it_is_valid() -> None:
    """A program can read all of it."""
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.validate()
    assert len(list(schema.get_all_operations())) == len(ENDPOINTS)


def test_every_route_is_in_it_and_nothing_else_is(hub: Hub) -> None:
    """They are made from the same list; pages for people are none of the API."""
    assert set(OPERATIONS) == {(one.path, one.method.lower()) for one in ENDPOINTS}
    routes = build_application(hub).paths
    assert set(routes) == {one.path for one in (*ENDPOINTS, *PAGES)}
    assert not {one.path for one in ENDPOINTS} & {one.path for one in PAGES}


def test_no_path_and_method_stands_for_two_endpoints() -> None:
    """One of them would never be called."""
    assert len(OPERATIONS) == len(ENDPOINTS)


@pytest.mark.parametrize("told", OPERATIONS.values(), ids=lambda told: told["operationId"])
def test_an_operation_says_all_there_is_to_know(told: dict[str, Any]) -> None:
    """What it does, in whose name, what comes back, and what if not."""
    assert re.fullmatch(r"[A-Z].+[^.]", told["summary"])
    assert told["tags"][0]
    answers = told["responses"]
    assert any(status.startswith(("2", "3")) for status in answers)
    assert {"400", "503", "default"} <= set(answers)


def test_all_answers_are_told_that_are_none_of_an_error() -> None:
    """A file that is there already, a part of one, and none that is known: else they would be problems."""
    upload = OPERATIONS["/api/v1/tracks", "post"]["responses"]
    assert upload["200"]["content"] == upload["201"]["content"]
    for path in ("/media/{sha256}", "/api/v1/tracks/{track}/media", "/api/v1/tracks/{track}/copy"):
        told = OPERATIONS[path, "get"]["responses"]
        assert told["206"]["content"] == told["200"]["content"]
        assert "content" not in told["304"]
    assert "304" in OPERATIONS["/api/v1/tracks/{track}/thumbnail", "get"]["responses"]


def test_operations_are_told_apart_by_their_names() -> None:
    """Programs name functions after them."""
    names = [told["operationId"] for told in OPERATIONS.values()]
    assert len(set(names)) == len(names)


def test_who_may_call_is_told() -> None:
    """As the endpoint says."""
    schemes = {
        Needs.NOTHING: [],
        Needs.BOX: [{"box": []}],
        Needs.USER: [{"token": []}, {"session": []}],
        Needs.VISITOR: [{}, {"token": []}, {"session": []}],
    }
    for one in ENDPOINTS:
        assert OPERATIONS[one.path, one.method.lower()]["security"] == schemes[one.needs]


def test_fields_are_told_in_words_without_the_marks_of_the_source() -> None:
    """A docstring becomes the description of a structure, and of each of its fields."""
    row = DOCUMENT["components"]["schemas"]["AuditRow"]
    assert row["description"] == "One thing that was done."
    assert row["properties"]["action"]["description"] == "such as `venue.add`."
    assert ":ivar" not in str(DOCUMENT)


def test_patterns_are_written_as_json_schema_has_them() -> None:
    """A parameter of a path says what it can be."""
    (parameter,) = OPERATIONS["/api/v1/users/{user}", "get"]["parameters"]
    assert parameter["schema"]["pattern"] == "^[a-z0-9][a-z0-9._-]{0,62}$"
    assert "(?!" not in str(DOCUMENT)
