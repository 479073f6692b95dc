"""The parts that only a box has that is directed by a hub, in the order in which they stand on each other."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from msgspec import Struct, structs

from easyplayer.asking import Self, Surroundings
from easyplayer.component import BoxComponent
from easyplayer.crafts import CRAFTS, Tools
from easyplayer.devices import Devices
from easyplayer.download import DownloadManager
from easyplayer.drivers import host
from easyplayer.drivers.hub_link import HubLink, Keychain, LinkMaker, Way
from easyplayer.drivers.live_line import LineMaker, LineSpec
from easyplayer.drivers.quiet_reading import give_way
from easyplayer.drivers.tunnel import Report, Tunnel, TunnelSpec
from easyplayer.ground import Ground
from easyplayer.guard import Level
from easyplayer.hub_wishes import manner, transports, tunnel_spec, way
from easyplayer.live import LiveChannel
from easyplayer.membership import Membership
from easyplayer.porter import Porter
from easyplayer.reporting import Reporter
from easyplayer.scrubber import Scrubber
from easyplayer.settings import Settings
from easyplayer.stick_report import StickReporter
from easyplayer.stick_visit import Post
from easyplayer.storage import Storage
from easyplayer.webclient import WebClient
from easyplayer.workshop import Making, Workshop


class HubDrivers(Struct, frozen=True, kw_only=True):
    """The world as far as only a box with a hub has to do with it.

    :ivar make_link: makes a way to the hub.
    :ivar make_line: makes the line of the live channel; ``None`` where there is none, whatever the settings
        say.
    :ivar make_tunnel: makes the way in for support.
    :ivar host: the machine.
    :ivar tools: what commands are carried out with.
    """

    make_link: Callable[[Way, Keychain], HubLink]
    make_tunnel: Callable[[TunnelSpec, Report], Tunnel]
    host: Surroundings
    tools: Tools
    make_line: LineMaker | None = None


def hub_parts(hub: HubDrivers, settings: Settings, ground: Ground) -> Iterator[BoxComponent]:
    """Build them."""
    kept, wall, ticker = ground.kept, ground.wall, ground.ticker
    to_hub = way(settings.hub)
    membership = Membership(
        to_hub.url, kept.membership, kept.key, boot=kept.boot, clock=ground.clock, pinned=settings.hub.key
    )

    def make_link() -> HubLink:
        return hub.make_link(to_hub, membership)

    yield from storage_parts(settings, ground, make_link)
    reporter = Reporter(wall, ticker)
    yield reporter
    if ground.devices is not None and settings.devices.sticks:
        yield Porter(post(hub, ground, ground.devices, membership, reporter), ground.worker("porter"))
    tools = structs.replace(hub.tools, attach=partial(attach, make_link), scratch=kept.scratch)
    spec = tunnel_spec(settings.support, kept.support_key)
    making = Making(kept.journal, kept.boot, CRAFTS, tools, partial(hub.make_tunnel, spec))
    yield Workshop(making, ticker, ground.disk)
    name = settings.hub.name or host.name()
    me = Self(name=name, boot=kept.boot, host=hub.host, report=reporter.report, wall=wall)
    client = WebClient(membership, make_link, me, kept.as_run, ticker, make_worker=ground.make_worker)
    yield client
    whole = ground.level is Level.FULL
    if whole and hub.make_line is not None and (ways := transports(settings.hub)):
        line = LineSpec(way=to_hub, transports=ways, make_link=make_link)
        yield LiveChannel(hub.make_line, line, membership, client.report, ticker)


def storage_parts(settings: Settings, ground: Ground, make_link: LinkMaker) -> Iterator[BoxComponent]:
    """Build what keeps the hub's programs and media, brings them, and looks after them."""
    store, wall, ticker = ground.kept.store, ground.wall.now, ground.ticker
    yield Storage(
        store,
        wall,
        ticker,
        ground.worker("storage"),
        inspector=ground.worker("inspector"),
        hub=way(settings.hub).url,
        plays=ground.plays,
    )
    if ground.level is not Level.FULL:
        return
    yield DownloadManager(
        make_link,
        way(settings.hub).url,
        store,
        wall=wall,
        ticker=ticker,
        worker=ground.worker("fetch"),
        carriers=[ground.worker(f"media-{number + 1}") for number in range(settings.downloads.parallel)],
        manner=manner(settings.downloads),
        takes_programs=ground.plays,
    )
    speed = settings.storage.scrub_kb_per_s
    yield Scrubber(store.media, speed, wall=wall, ticker=ticker, worker=ground.worker("scrub"))


def post(
    hub: HubDrivers, ground: Ground, devices: Devices, membership: Membership, reporter: Reporter
) -> Post:
    """Put together what sticks are served with."""
    kept, wall = ground.kept, ground.wall.now
    return Post(
        owner=membership,
        store=kept.store if ground.plays else None,
        writable=devices.writable,
        reporter=StickReporter(kept.as_run, hub.tools.ring.last, kept.scratch, wall),
        status=lambda: reporter.report()[1],
        give_way=give_way,
        wall=wall,
        clock=ground.clock,
    )


def attach(make_link: LinkMaker, command: str, content: Path, media_type: str) -> None:
    """Send what belongs to a command's result, by a link of its own; blocks.

    :raises LinkError: the hub does not take it.
    """
    with closing(make_link()) as link:
        link.attach(command, content, media_type)
