"""Media that lie in a store that speaks S3: boxes and sticks do not see where they lie."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from easyplayer.hub.app import build_application
from easyplayer.hub.cli.bundling import make_stick
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import Where
from easyplayer.hub.cli.uploading import NoBar
from easyplayer.hub.content_views import Target
from easyplayer.hub.hub import Hub
from easyplayer.hub.services.tracks import ID_DIGITS, judged
from easyplayer.hub.stick_views import BundleTarget
from easyplayer.protocol.bundle import medium_path
from tests.hub import s3, sticks
from tests.hub.boxes import chain, paired, song
from tests.hub.cli.through import Through
from tests.hub.conftest import PUBLIC_URL, HubFactory
from tests.hub.contents import DRAFT, facts, sound
from tests.hub.web.test_program_endpoints import make_program, publish

pytestmark = pytest.mark.process


@pytest.fixture(name="hub")
def _hub(hub_factory: HubFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Give a hub whose media lie in such a store."""
    with s3.server() as url:
        s3.name_in_environment(monkeypatch, url)
        yield hub_factory(media=f"s3://{s3.BUCKET}/hub")


@pytest.fixture(name="client")
def _client(hub: Hub) -> TestClient:
    """Give a client; what is uploaded is not analysed by itself."""
    return TestClient(build_application(hub), base_url=PUBLIC_URL, raise_server_exceptions=False)


def test_what_boxes_and_sticks_need_comes_out_of_it(
    hub: Hub, client: TestClient, admin: TestClient, tmp_path: Path
) -> None:
    """In parts that go by a strong ETag, whole on a stick, and back from one."""
    box = paired(client, admin)
    digest = admin.post("/api/v1/tracks", content=sound()).json()["sha256"]
    with hub.database.write() as connection:
        judged(connection, digest[:ID_DIGITS], facts(digest))
    entries = [{"item": digest[:ID_DIGITS]}]
    admin.put("/api/v1/playlists/songs", json={"playlist": {"entries": entries}}).raise_for_status()
    make_program(admin, draft=DRAFT)
    publish(admin, "venue", "bar")

    headers = {"Authorization": f"Bearer {box.token}"}
    url = client.post(f"/api/v1/box/media/{digest}", headers=headers).json()["url"]
    answer = client.get(url, headers={"Range": "bytes=100-299", "If-Range": f'"{digest}"'})
    assert (answer.status_code, answer.content) == (206, sound()[100:300])
    assert answer.headers["etag"] == f'"{digest}"'
    assert client.get(url, headers={"Range": "bytes=5-", "If-Range": '"other"'}).content == sound()

    operator = HubClient(Where(url=PUBLIC_URL, token="", known_from="the test"), Through(admin))
    target = BundleTarget(target=Target.VENUE, target_id="bar")
    made = make_stick(operator, tmp_path, [target], NoBar())
    assert (made.boxes, made.media) == (1, 1)
    assert (tmp_path / medium_path(digest)).read_bytes() == sound()

    report = sticks.report(box, hub, chain(song(1)))
    assert admin.post("/api/v1/reports", content=report).json()["stored"] == 1
    assert admin.get(f"/api/v1/boxes/{box.id}/report/log").content == sticks.LINES
