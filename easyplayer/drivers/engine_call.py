"""One opening of the live channel's line: what goes on in its thread, from asking for a token to the end."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar

from requests.utils import default_user_agent

from easyplayer.drivers.hub_dial import HubDial, aside
from easyplayer.drivers.hub_link import HubLink
from easyplayer.drivers.hub_route import HubTime
from easyplayer.drivers.live_line import LineEnded, LineHeard, LineOpened, LineReport, LineSpec, LineUpgraded
from easyplayer.drivers.wall_clock import Reading
from easyplayer.drivers.web_transport import LOG_IN_FIRST, REDIRECTS, host_of, portal
from easyplayer.engineio.client import Client, ConnectError, NotConnectedError
from easyplayer.engineio.core.client_effects import FORBIDDEN_CODE, Ended, EndReason, refusal_in
from easyplayer.engineio.core.errors import PacketError
from easyplayer.errors import EasyplayerError, LinkError, LinkRefusedError, SignatureError
from easyplayer.protocol.live import LIVE_PATH, MOST_LIVE_BYTES
from easyplayer.protocol.versions import CURRENT
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

LETTING_IN_MAY_TAKE_S = 15.0
"""How long the hub may take to let the box in, by each transport."""
LEAVING_MAY_TAKE_S = 1.0
MOST_PAYLOAD_BYTES = 2 * MOST_LIVE_BYTES
"""So much may come at once: a poll brings several messages."""
NOT_THIS_TOKEN = 401
FORBIDDEN = 403
PAGE = b"<"
UNKNOWN_CODE = 1
"""By which an Engine.IO server tells that it has no such session, or not any more."""
ENDED = "the hub has ended it: it was stopped, or the box is another one to it by now"
SILENT = "nothing comes through any more: something on the way has gone dead, or the hub has"

Result = TypeVar("Result")


class Opening(Protocol):
    """Who wants the line."""

    def begin(self, call: "LineCall") -> bool:
        """Know what can be told something; tell whether the line is wanted still."""

    def sent(self, letters: int) -> None:
        """Know that so much does not wait any more."""

    def report(self, report: LineReport) -> None:
        """Know what has happened."""


def hold(spec: LineSpec, hub_time: HubTime, opening: Opening) -> LineEnded:
    """Open the line, and hold it until it ends; tell why it did."""

    async def held() -> LineEnded:
        return await LineCall(spec, hub_time, opening).run()

    return asyncio.run(held())


class LineCall:
    """The line, as its event loop has it; :meth:`say` and :meth:`leave` come from another thread."""

    def __init__(self, spec: LineSpec, hub_time: HubTime, opening: Opening) -> None:
        self._spec = spec
        self._hub_time = hub_time
        self._opening = opening
        self._host = host_of(spec.way.url)
        self._loop = asyncio.get_running_loop()
        self._unsaid: asyncio.Queue[str] = asyncio.Queue()
        self._link: HubLink | None = None
        self._holding: asyncio.Task[LineEnded] | None = None
        self._left = False

    def say(self, content: str) -> None:
        """Send a message."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._unsaid.put_nowait, content)

    def leave(self) -> None:
        """Close the line, or give up opening it."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        self._left = True
        if self._link is not None:
            self._link.close()
        if self._holding is not None:
            self._holding.cancel()

    async def run(self) -> LineEnded:
        """Hold the line until it ends, or is to be left."""
        if self._opening.begin(self):
            self._holding = asyncio.create_task(self._hold())
            await asyncio.wait({self._holding})
            if not self._holding.cancelled():
                return self._holding.result()
        return LineEnded(reason="the box has closed the line")

    async def _hold(self) -> LineEnded:
        try:
            dial = HubDial(self._spec.way, self._hub_time, self._time)
            token = await self._token("")
            try:
                client = await self._connected(dial, token)
            except ConnectError as error:
                if error.status != NOT_THIS_TOKEN:
                    raise
                client = await self._connected(dial, await self._token(token))
        except ConnectError as error:
            return self._refused(error)
        except (LinkRefusedError, SignatureError) as error:
            return LineEnded(reason=str(error), status=getattr(error, "status", 0), refused=True)
        except LinkError as error:
            rest_s = None if error.retry_after_s is None else Seconds(error.retry_after_s)
            return LineEnded(reason=str(error), status=error.status, rest_s=rest_s)
        except EasyplayerError as error:
            return LineEnded(reason=str(error))
        except ValueError as error:
            return LineEnded(reason=f"{self._host} cannot be called up: {error}: correct [hub] url")
        return await self._converse(client)

    # -- what the hub is asked for ---------------------------------------------------------------

    async def _token(self, refused: str) -> str:
        return await aside(lambda: self._by_a_link(lambda link: link.token(refused)))

    def _time(self) -> Reading:
        return self._by_a_link(lambda link: link.time())

    def _by_a_link(self, ask: Callable[[HubLink], Result]) -> Result:
        """Ask by a link that is made for that; called in a thread that may be kept waiting."""
        self._link = link = self._spec.make_link()
        try:
            if self._left:
                raise LinkError("the box has closed the line")
            return ask(link)
        finally:
            self._link = None
            link.close()

    # -- the line --------------------------------------------------------------------------------

    async def _connected(self, dial: HubDial, token: str) -> Client:
        client = Client(
            self._spec.way.url,
            path=LIVE_PATH,
            transports=self._spec.transports,
            headers={
                "Authorization": f"Bearer {token}",
                "Easyplayer-Protocol": str(CURRENT),
                "User-Agent": default_user_agent(),
            },
            dial=dial,
            forward=dial.forward,
            most_bytes=MOST_PAYLOAD_BYTES,
            open_timeout_s=LETTING_IN_MAY_TAKE_S,
            leave_timeout_s=LEAVING_MAY_TAKE_S,
        )
        client.on("connect", lambda transport: self._opening.report(LineOpened(transport)))
        client.on("upgrade", lambda transport: self._opening.report(LineUpgraded(transport)))
        client.on("message", self._hear)
        await client.connect()
        return client

    def _hear(self, data: str | bytes) -> None:
        if isinstance(data, str):
            self._opening.report(LineHeard(data))
        else:
            log.debug("the hub has sent %d bytes that are no text", len(data))

    async def _converse(self, client: Client) -> LineEnded:
        """Send what is to be sent until the line ends."""
        speaking = asyncio.create_task(self._speak(client))
        try:
            ended = await client.wait()
        finally:
            speaking.cancel()
            await client.close()
        words = in_words(ended)
        return LineEnded(reason=f"{self._host}: {words}", by_hub=words == ENDED)

    async def _speak(self, client: Client) -> None:
        while True:
            content = await self._unsaid.get()
            try:
                await client.send(content)
            except PacketError as error:
                log.warning("a message is not sent to the hub: %s", error)
            except NotConnectedError:
                return
            finally:
                self._opening.sent(len(content))

    def _refused(self, error: ConnectError) -> LineEnded:
        """Say why the hub has not let us in."""
        reason = error.reason if self._host.split(":")[0] in error.reason else f"{self._host}: {error.reason}"
        if error.status == LOG_IN_FIRST or (not error.status and error.body.lstrip().startswith(PAGE)):
            reason = str(portal(self._host, error.status))
        elif error.status in REDIRECTS:
            reason = f"{self._host} sends us on to another address: set [hub] url to the one that the hub has"
        refusal = refusal_in(error.body)
        forbidden = error.status == FORBIDDEN and refusal is not None and refusal.code == FORBIDDEN_CODE
        rest_s = None if error.retry_after_s is None else Seconds(error.retry_after_s)
        return LineEnded(
            reason=reason,
            status=error.status,
            rest_s=rest_s,
            refused=forbidden or error.status == NOT_THIS_TOKEN,
        )


def in_words(ended: Ended) -> str:
    """Say why a line that was up is over."""
    refusal = refusal_in(ended.fault.body)
    if ended.reason is EndReason.SERVER_CLOSED or (refusal is not None and refusal.code == UNKNOWN_CODE):
        return ENDED
    return SILENT if ended.reason is EndReason.SERVER_SILENT else ended.fault.words
