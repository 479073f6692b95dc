"""What the tests of tracks, playlists and programs have in common."""

import io
import wave
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection

from easyplayer.analysis import MediaFacts, Tags
from easyplayer.hub.content_views import TrackState
from easyplayer.hub.db.schema import boxes, groups, pulses, venue_groups, venues, zones
from easyplayer.hub.db.schema import tracks as all_tracks
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import tracks
from easyplayer.hub.services.access import ALL, Caller, Role
from easyplayer.units import Decibels, Instant, Lufs, Seconds

ANNA = Caller(user="anna", grants={ALL: Role.ADMIN}, address="10.0.0.7")
BAR = "bar"
BOX = "0123456789abcdef"
PARIS = "Europe/Paris"
DRAFT = {"zone": PARIS, "fallback": "songs"}
RATE = 8000
NOW = Instant(1_800_000_000.0)


@cache
def sound(pitch: int = 20, length_s: float = 0.5, level: int = 12_000) -> bytes:
    """Make a WAV file of a buzz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        frames = (level if at // pitch % 2 else -level for at in range(int(RATE * length_s)))
        written.writeframes(b"".join(frame.to_bytes(2, "little", signed=True) for frame in frames))
    return file.getvalue()


def facts(digest: str, length_s: float = 180.0, **tags: Any) -> MediaFacts:
    """Make the facts of a medium that sounds from its start to its end."""
    return MediaFacts(
        sha256=digest,
        size_bytes=1000,
        duration_s=Seconds(length_s),
        loudness_lufs=Lufs(-16.0),
        true_peak_dbtp=Decibels(-3.0),
        cue_in_s=Seconds(0.0),
        cue_out_s=Seconds(length_s),
        sample_rate=44_100,
        channels=2,
        codec="flac",
        tags=Tags(**tags),
    )


def digest_of(name: str) -> str:
    """Give a digest for a name."""
    return sha256(name.encode()).hexdigest()


def track_id(name: str) -> str:
    """Give the id of the track of a name."""
    return digest_of(name)[: tracks.ID_DIGITS]


def add_track(connection: Connection, name: str, length_s: float = 180.0, by: Caller = ANNA) -> str:
    """Lay down a track that is analysed; its content is nowhere."""
    digest = digest_of(name)
    tracks.add(connection, by, NOW, sha256=digest, size=1000, file_name=f"{name}.flac")
    verdict = facts(digest, length_s, title=name.title(), artist="Harbour")
    tracks.judged(connection, track_id(name), verdict)
    return track_id(name)


def add_many(connection: Connection, names: Sequence[str]) -> None:
    """Lay down a great many at once."""
    rows = [
        {
            "id": track_id(name),
            "sha256": digest_of(name),
            "size": 1000,
            "file_name": f"{name}.flac",
            "state": TrackState.READY.value,
            "facts": msgspec.json.encode(facts(digest_of(name), title=name.title())).decode(),
            "created": NOW,
        }
        for name in names
    ]
    connection.execute(all_tracks.insert(), rows)


def add_tracks(hub: Hub, names: Sequence[str], **given: Any) -> list[str]:
    """Lay down several."""
    with hub.database.write() as connection:
        return [add_track(connection, name, **given) for name in names]


def entries(*names: str) -> list[dict[str, Any]]:
    """Give the entries of a playlist, by the names of tracks."""
    return [{"item": track_id(name)} for name in names]


def add_venue(hub: Hub, venue: str = BAR, group: str = "bars", clock: str = PARIS) -> None:
    """Lay down a venue in a group, with a zone."""
    with hub.database.write() as connection:
        known = connection.execute(groups.select().where(groups.c.id == group)).first()
        if known is None:
            connection.execute(groups.insert().values(id=group, name=group))
        connection.execute(venues.insert().values(id=venue, name=venue, time_zone=clock, created=NOW))
        connection.execute(venue_groups.insert().values(venue=venue, group=group))
        connection.execute(zones.insert().values(venue=venue, id="main", name="Main"))


def add_box(hub: Hub, box: str = BOX, venue: str = BAR, zone: str = "main") -> None:
    """Lay down a box that has sent heartbeats."""
    with hub.database.write() as connection:
        values = {"key": digest_of(box), "name": box, "venue": venue, "zone": zone, "created": NOW}
        connection.execute(boxes.insert().values(id=box, **values))
        connection.execute(pulses.insert().values(box=box, seen=NOW, attention=0))


def read(content: bytes, kind: type[Any]) -> Any:
    """Read an answer as the operator's commands do."""
    return msgspec.json.decode(content, type=kind)
