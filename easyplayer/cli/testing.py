"""``easyplayer test``: whether box and hub fit together, in words."""

import argparse
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from easyplayer import __version__, settings
from easyplayer.cli.telling import tell_encoded
from easyplayer.drivers.box_key import BoxKey
from easyplayer.drivers.host import Host, name
from easyplayer.drivers.hub_link import HubLink, Way
from easyplayer.drivers.state_file import StateFile
from easyplayer.drivers.wall_clock import boot_id
from easyplayer.drivers.web_link import WebLink
from easyplayer.errors import CertificateError, EasyplayerError, StateError
from easyplayer.membership import Kept, Membership
from easyplayer.protocol.commands import Name
from easyplayer.protocol.foreign_text import tidied
from easyplayer.protocol.identity import box_id
from easyplayer.protocol.pairing import Hello
from easyplayer.protocol.signing import public_key
from easyplayer.protocol.versions import Fit, Versions, agreed, fit
from easyplayer.settings import Settings
from easyplayer.ticker import monotonic

CONNECT_MAY_TAKE_S = 5.0
FAR_OFF_S = 2.0
DOES_NOT_FIT = 1
PORTS = {"http": 80, "https": 443}


class Verdict(StrEnum):
    """How one thing is."""

    FITS = "fits"
    DOUBTFUL = "doubtful"
    """It works, but somebody should know."""
    DOES_NOT = "does not fit"


class Finding(Struct, frozen=True):
    """What was found of one thing.

    :ivar what: in words, with the way out where it does not fit.
    """

    about: str
    verdict: Verdict
    what: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--hub", metavar="URL", help="the hub to talk to; else that of the settings")
    parser.add_argument("--state", metavar="DIR", help="state directory of the box")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file of the box")
    parser.add_argument("--json", action="store_true", help="the findings as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Look at one thing after the other and tell; 1 if anything does not fit."""
    given = {
        "box": {"state": arguments.state} if arguments.state else {},
        "hub": {"url": arguments.hub} if arguments.hub else {},
    }
    findings = []
    for finding in examine(settings.load(arguments.settings, command_line=given)):
        findings.append(finding)
        if not arguments.json:
            print(f"{finding.about:11}{finding.verdict:14}{tidied(finding.what)}", flush=True)
    good = all(finding.verdict is not Verdict.DOES_NOT for finding in findings)
    if arguments.json:
        tell_encoded(msgspec.json.encode(findings))
    else:
        print("\nbox and hub fit together" if good else "\nbox and hub do not fit together: see above")
    return 0 if good else DOES_NOT_FIT


def examine(wanted: Settings) -> Iterator[Finding]:
    """Look at one thing after the other, for as long as it makes sense."""
    if not wanted.hub.url:
        yield Finding("hub", Verdict.DOES_NOT, "none is set: set [hub] url, or name one with --hub")
        return
    if not wanted.hub.proxy:
        yield from network(wanted.hub.url)
    membership = member(wanted)
    try:
        link = WebLink(Way(url=wanted.hub.url, proxy=wanted.hub.proxy, ca=wanted.hub.ca), membership)
    except EasyplayerError as error:
        yield Finding("encryption", Verdict.DOES_NOT, str(error))
        return
    try:
        yield from talk(link, membership, wanted.hub.name or name())
    finally:
        link.close()
    yield commands()


def network(url: str) -> Iterator[Finding]:
    """Look whether the hub's name leads somewhere, and somebody is there."""
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or PORTS[address.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        what = f"{host} leads nowhere ({error.strerror}): look at [hub] url, and at the network's name server"
        yield Finding("name", Verdict.DOES_NOT, what)
        return
    yield Finding("name", Verdict.FITS, f"{host} is {', '.join(sorted({str(one[4][0]) for one in found}))}")
    before = time.monotonic()
    try:
        socket.create_connection((host, port), CONNECT_MAY_TAKE_S).close()
    except OSError as error:
        what = f"nobody answers at port {port} ({error.strerror or error}): look at the firewall and the hub"
        yield Finding("network", Verdict.DOES_NOT, what)
    else:
        took_ms = 1000 * (time.monotonic() - before)
        yield Finding("network", Verdict.FITS, f"port {port} answers within {took_ms:.0f} ms")


class _AsItIs(StateFile[Kept]):
    """What a box keeps, which belongs to that box: it may be running."""

    def save(self, _content: Kept) -> None:
        """Leave it as it is."""


def member(wanted: Settings) -> Membership:
    """Give what the box keeps of its hub; what comes of the talk is not kept, but for a key of its own."""
    with suppress(OSError):  # where there must be a key, that will be told
        wanted.state.mkdir(parents=True, exist_ok=True)
    membership = Membership(
        wanted.hub.url,
        _AsItIs(wanted.state / "hub.json", Kept),
        BoxKey(wanted.state / "box.key"),
        boot=boot_id(),
        clock=monotonic,
        pinned=wanted.hub.key,
    )
    membership.open()
    return membership


def talk(link: HubLink, membership: Membership, called: str) -> Iterator[Finding]:
    """Talk to the hub as the box does."""
    try:
        hello = link.hello()
    except CertificateError as error:
        yield Finding("encryption", Verdict.DOES_NOT, str(error))
        return
    except EasyplayerError as error:
        yield Finding("hub", Verdict.DOES_NOT, str(error))
        return
    yield encryption(membership.hub)
    yield versions(hello)
    yield clocks(hello.time, time.time())
    yield keys(hello, membership)
    yield pairing(link, membership, called)
    if membership.kept.claimed:
        yield session(link, membership)


def encryption(url: str) -> Finding:
    """Tell how the way is protected."""
    if urlsplit(url).scheme == "https":
        return Finding("encryption", Verdict.FITS, f"the certificate can be trusted ({ssl.OPENSSL_VERSION})")
    return Finding("encryption", Verdict.DOUBTFUL, "there is none: use https, or a network of your own")


def versions(hello: Hello) -> Finding:
    """Tell whether both speak one version of the protocol."""
    ours, theirs = Versions(), hello.protocol
    told = f"{hello.product} {hello.version}, and this box {__version__}"
    spoken = f"it speaks {theirs.lowest} to {theirs.current}, and this box {ours.lowest} to {ours.current}"
    outcome = fit(ours, theirs)
    if outcome is Fit.FITS:
        return Finding("versions", Verdict.FITS, f"{told}: both speak version {agreed(ours, theirs)}")
    who = "this box" if outcome is Fit.BOX_TOO_OLD else "the hub"
    return Finding("versions", Verdict.DOES_NOT, f"{told}: {spoken}: update {who}")


def clocks(hub: float, here: float) -> Finding:
    """Tell how far the clocks are apart."""
    off_s = here - hub
    if abs(off_s) < FAR_OFF_S:
        return Finding("clock", Verdict.FITS, "shows the same as the hub's")
    ahead = f"{abs(off_s):.0f} s {'ahead of' if off_s > 0 else 'behind'} the hub's"
    return Finding(
        "clock", Verdict.DOUBTFUL, f"is {ahead}: the box goes by the hub's, if nobody keeps it right"
    )


def keys(hello: Hello, membership: Membership) -> Finding:
    """Tell whether it is the hub that the box knows."""
    if not membership.hub_keys:
        return Finding("key", Verdict.FITS, f"{hello.keys[0]}: not known yet; it will be, once paired")
    if set(hello.keys) & set(membership.hub_keys):
        return Finding("key", Verdict.FITS, f"{hello.keys[0]}: known")
    what = f"{hello.keys[0]}: the box knows another hub: have it forget that one, or correct [hub] key"
    return Finding("key", Verdict.DOES_NOT, what)


def pairing(link: HubLink, membership: Membership, called: str) -> Finding:
    """Tell whether the box is claimed; if not, ask for that."""
    try:
        box = box_id(public_key(membership.seed))
        if membership.kept.claimed:
            return Finding("pairing", Verdict.FITS, f"this is box {box}")
        answer = link.pair(Host().fingerprint(), called, __version__)
        if answer.claimed:
            membership.claim(answer.hub_keys)
            return Finding("pairing", Verdict.FITS, f"this is box {box}, and the hub has claimed it")
        told = f"this is box {box}, and nobody has claimed it: type {answer.claim_code} at the hub"
        return Finding("pairing", Verdict.DOES_NOT, told)
    except StateError as error:
        return Finding("pairing", Verdict.DOES_NOT, str(error))
    except EasyplayerError as error:
        return Finding("pairing", Verdict.DOES_NOT, f"the hub does not pair this box: {error}")


def session(link: HubLink, membership: Membership) -> Finding:
    """Tell whether the hub lets the box in."""
    membership.drop_token()
    try:
        link.ticket("0" * 64)
    except EasyplayerError as error:
        if not membership.token:
            return Finding("session", Verdict.DOES_NOT, f"the hub does not let this box in: {error}")
    return Finding("session", Verdict.FITS, "the hub lets this box in")


def commands() -> Finding:
    """Tell which commands this software knows."""
    known = [str(one) for one in Name if one is not Name.UNKNOWN]
    return Finding("commands", Verdict.FITS, f"knows {len(known)}: {', '.join(known)}")
