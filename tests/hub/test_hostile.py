"""The whole API under fire: whatever is sent to any endpoint, it answers with a clean word.

Requests are drawn from the hub's own OpenAPI document: those that it allows, and those that it does not.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation
from starlette.testclient import TestClient

from easyplayer.hub.hub import Hub
from easyplayer.hub.web.endpoints import ENDPOINTS
from easyplayer.protocol.problem import Problem
from tests.hub.boxes import ABox, paired
from tests.hub.conftest import PUBLIC_URL

EXAMPLES = 8
"""For each endpoint, in each mode and by each caller; the fuzz profile has many more."""
Operation = APIOperation[Any, Any, Any, Any]
LEAKS = ("Traceback", "sqlalchemy", "sqlite3", "psycopg", "/easyplayer/", "argon2id", "SELECT ")
FUZZ = settings(
    max_examples=max(EXAMPLES, settings.default.max_examples * EXAMPLES // 100),
    suppress_health_check=[*HealthCheck],
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
)
LONGER = {"wait_s"}
"""Parameters that only make an answer come later."""

pytestmark = [pytest.mark.slow]


class Besieged:
    """A hub with a box, and somebody who sends it anything.

    :param secrets: what no answer may hold.
    """

    def __init__(self, client: TestClient, box: ABox, hub: Hub) -> None:
        self.client = client
        self.tokens = {"nobody": "", "box": box.token}
        self.secrets = [hub.keys.current(kind).secret for kind in {one.kind for one in hub.keys._kept}]
        document = client.get("/openapi.json").json()
        self.schema = schemathesis.openapi.from_dict(document)

    def operations(self) -> Iterator[Operation]:
        """Give each operation of the document."""
        for found in self.schema.get_all_operations():
            yield found.ok()

    def send(self, case: Case, who: str) -> None:
        """Send a request as somebody, and look at the answer."""
        request = written(case)
        headers = {key: value for key, value in request.headers.items() if f"{key}{value}".isascii()}
        if token := self.tokens[who]:
            headers["Authorization"] = f"Bearer {token}"
        self.client.cookies.clear()
        response = self.client.request(
            str(request.method),
            str(request.url),
            headers=headers,
            content=request.body or b"",
            follow_redirects=False,
        )
        what = f"{case.method} {case.path} as {who}"
        assert not [one for one in self.secrets if one.hex() in response.text or one in response.content], (
            what
        )
        said = f"{request.url}{request.body!r}"
        look_at(response, [leak for leak in LEAKS if leak not in said], what)


def written(case: Case) -> requests.PreparedRequest:
    """Write a request out, whatever its parts are."""
    sent = case.as_transport_kwargs(base_url=PUBLIC_URL)
    parts = {key: sent[key] for key in ("method", "url", "headers", "data", "json", "files") if key in sent}
    params = {key: value for key, value in (sent.get("params") or {}).items() if key not in LONGER}
    return requests.Request(**parts, params=params).prepare()


def look_at(response: Any, leaks: list[str], what: str) -> None:
    """See that an answer is a clean one: done, or refused in words that tell nothing of what is inside.

    :param leaks: what no refusal may hold.
    """
    assert response.status_code < 500, f"{what}: {response.status_code} {response.text}"
    if response.status_code >= 400:
        assert not [leak for leak in leaks if leak in response.text], f"{what}: {response.text[:500]}"
        assert response.headers["content-type"] == "application/problem+json", what
        told = msgspec.json.decode(response.content, type=Problem)
        assert told.code, what
        assert told.detail, what


@pytest.fixture(name="besieged")
def _besieged(client: TestClient, admin: TestClient, hub: Hub, token_for: Callable[..., str]) -> Besieged:
    box = paired(client, admin)
    besieged = Besieged(client, box, hub)
    besieged.tokens["viewer"] = token_for("vera", {"bars": "viewer"})
    besieged.tokens["admin"] = str(admin.headers["Authorization"]).removeprefix("Bearer ")
    return besieged


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("who", ["nobody", "box", "viewer", "admin"])
def test_whatever_is_sent_is_answered_in_words(besieged: Besieged, who: str, mode: GenerationMode) -> None:
    """Each endpoint, with what its schema allows and with what it does not; the hub lives on."""
    fired = [fire(besieged, operation, who, mode) for operation in besieged.operations()]
    assert len(fired) >= len(ENDPOINTS)
    assert sum(fired) >= len(fired) / 2
    assert besieged.client.get("/healthz").status_code == 200


def fire(besieged: Besieged, operation: Operation, who: str, mode: GenerationMode) -> bool:
    """Send some requests to one endpoint, and tell whether that was possible: some take nothing wrong."""

    @FUZZ
    @given(case=operation.as_strategy(generation_mode=mode))
    def some(case: Case) -> None:
        besieged.send(case, who)

    try:
        some()
    except Unsatisfiable:
        return False
    return True
