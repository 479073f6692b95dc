"""The scenes that the client from npm goes through, and what they are to show."""

from typing import NamedTuple

POLLING, WEBSOCKET = ("polling",), ("websocket",)
UPGRADE = (*POLLING, *WEBSOCKET)


class Scene(NamedTuple):
    """One scene of ``client.mjs``.

    :ivar transports: what the client may use, the first one first; none where the scene tries all.
    """

    name: str
    transports: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}, {' then '.join(self.transports) or 'all'}"


SCENES = (
    Scene("echo", POLLING),
    Scene("echo", WEBSOCKET),
    Scene("upgrade", UPGRADE),
    Scene("bursts", UPGRADE),
    Scene("limit", POLLING),
    Scene("limit", WEBSOCKET),
    Scene("over", POLLING),
    Scene("over", WEBSOCKET),
    Scene("idle", ()),
    Scene("leave", POLLING),
    Scene("leave", WEBSOCKET),
    Scene("dismissed", POLLING),
    Scene("dismissed", WEBSOCKET),
)
