"""Between workers by a NATS server, for fleets: it carries what would hold up the database's commits.

Every worker hears all of it, and leaves out at once what nobody of its own has asked for.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit, urlunsplit

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error

from easyplayer.hub.live.bus import Hear
from easyplayer.hub.live.bus_remote import CarrierAwayError, Message

FIRST_WORD = "easyplayer"
"""What all subjects begin with, where the URL names nothing else."""
PATIENCE_S = 5
PING_EVERY_S = 10
AWAY = (OSError, Error, TimeoutError)


class NatsCarrier:
    """Carries messages over one connection to a NATS server; a topic ``a/b`` is the subject ``FIRST.a.b``.

    :param url: ``nats://[USER:PASSWORD@]HOST[:PORT][/FIRST]``, or ``tls:`` so; hubs that share a server each
        have another FIRST.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
        self._prefix = f"{parts.path.strip('/') or FIRST_WORD}."
        self.name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._client: Client | None = None

    async def open(self, hear: Hear, gone: Callable[[], None]) -> None:
        """Connect, and listen."""

        async def closed() -> None:
            gone()

        async def heard(message: Msg) -> None:
            hear(message.subject.removeprefix(self._prefix).replace(".", "/"), message.data)

        async def failed(_error: Exception) -> None:
            """Say nothing: what it comes to is told by the end of the connection."""

        try:
            self._client = await nats.connect(
                self._server,
                allow_reconnect=False,
                connect_timeout=PATIENCE_S,
                ping_interval=PING_EVERY_S,
                no_echo=True,
                closed_cb=closed,
                error_cb=failed,
            )
            await self._client.subscribe(f"{self._prefix}>", cb=heard)
            await self._client.flush(PATIENCE_S)
        except AWAY as error:
            raise CarrierAwayError(str(error) or type(error).__name__) from error

    async def send(self, messages: Sequence[Message]) -> None:
        """Send messages; whether the server is there, the library asks by itself."""
        client = self._client
        try:
            if client is not None:
                for topic, content in messages:
                    await client.publish(self._prefix + topic.replace("/", "."), content)
                await client.flush(PATIENCE_S)
        except AWAY as error:
            raise CarrierAwayError(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Let the connection go."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()
