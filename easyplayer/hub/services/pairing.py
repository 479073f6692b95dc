"""How a box gets into the hub: it asks, shows a code, and an operator who can read that claims it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from easyplayer.errors import BadRequestError, ForbiddenError, NotFoundError, TooManyError
from easyplayer.hub.db.database import note
from easyplayer.hub.db.schema import boxes, pairings, pulses
from easyplayer.hub.services import attention
from easyplayer.hub.services.facts import Paired
from easyplayer.hub.web.address import site_of
from easyplayer.protocol.identity import CLAIM_BYTES, box_id, claim_code, tidied
from easyplayer.protocol.pairing import Pairing, PairingAsked
from easyplayer.protocol.signed import PublicKey, Signed
from easyplayer.protocol.signing import Purpose, verified
from easyplayer.units import Instant, Seconds

MOST_PAIRINGS = 10_000
"""How many boxes may wait to be claimed."""
MOST_OF_AN_ADDRESS = 100
"""How many of them at one address; of IPv6, in one network, for who is in it can choose the rest at will."""
AGAIN_S = Seconds(5.0)
"""How soon a box that waits asks again."""
FULL_FOR_S = 300.0
DEFAULT_PORTS = {"http": 80, "https": 443}


def asked(signed: Signed, own_url: str) -> PairingAsked:
    """Read who asks to be paired; the key that is named proves itself.

    :param own_url: base URL by which others reach this hub.
    :raises SignatureError: it is signed by another key.
    :raises ForbiddenError: it was signed for another hub.
    """
    request = verified(signed, Purpose.PAIRING, PairingAsked, {signed.key})
    if request.key != signed.key:
        message = "a box can only ask for the key that it signs with"
        raise BadRequestError(message)
    if _tidied_url(request.hub) != _tidied_url(own_url):
        message = f"this was signed for the hub {request.hub}, and this one is {own_url}: set that at the box"
        raise ForbiddenError(message)
    return request


def pair(
    connection: Connection,
    request: PairingAsked,
    address: str,
    now: Instant,
    *,
    holds_s: float,
    chance: Callable[[int], bytes],
    hub_keys: tuple[PublicKey, ...],
) -> Pairing:
    """Tell a box how far its pairing has come; give it a code to show, the same for as long as that holds.

    :param holds_s: how long a code holds.
    :raises TooManyError: too many boxes wait to be claimed.
    """
    box = box_id(request.key)
    if connection.execute(select(boxes.c.id).where(boxes.c.id == box)).first() is not None:
        return Pairing(box=box, claimed=True, hub_keys=hub_keys)
    connection.execute(delete(pairings).where(pairings.c.expires <= now))
    row = connection.execute(select(pairings).where(pairings.c.box == box)).first()
    seen = {
        "machine": request.machine,
        "name": request.name,
        "version": request.version,
        "address": address,
        "site": site_of(address),
    }
    if row is None:
        _see_room(connection, seen["site"])
        code, expires = _new_code(connection, chance), now + holds_s
        values = {"box": box, "key": request.key, "code": code, "created": now, "expires": expires, **seen}
        connection.execute(insert(pairings).values(**values))
    else:
        code, expires = row.code, row.expires
        connection.execute(update(pairings).where(pairings.c.box == box).values(**seen))
    return Pairing(
        box=box,
        claimed=False,
        claim_code=code,
        expires_s=Seconds(expires - now),
        next_s=AGAIN_S,
        hub_keys=hub_keys,
    )


def waiting(connection: Connection, now: Instant) -> list[Row[Any]]:
    """List the boxes that wait to be claimed, the newest first."""
    chosen = (
        select(pairings).where(pairings.c.expires > now).order_by(pairings.c.created.desc(), pairings.c.box)
    )
    return list(connection.execute(chosen))


def claim(
    connection: Connection, code: str, *, venue: str, zone: str, name: str, now: Instant
) -> tuple[str, bool]:
    """Make a waiting box one of a venue's.

    :param code: as a person has typed it.
    :param name: what it is to be called; empty takes what the machine calls itself.
    :returns: the box, and whether it was known before and has only moved.
    :raises ProtocolError: the code can be none.
    :raises NotFoundError: no box shows this code, or not any more.
    """
    wanted = tidied(code)
    chosen = select(pairings).where(pairings.c.code == wanted, pairings.c.expires > now).with_for_update()
    row = connection.execute(chosen).first()
    if row is None:
        message = f"no box shows the code {wanted}, or not any more: read it off the box once again"
        raise NotFoundError(message)
    known = connection.execute(select(boxes.c.id).where(boxes.c.id == row.box)).first() is not None
    place = {"name": name or row.name or row.box, "venue": venue, "zone": zone, "machine": row.machine}
    if known:
        connection.execute(update(boxes).where(boxes.c.id == row.box).values(**place))
        attention.raise_for(connection, boxes=[row.box])
    else:
        _add(connection, row.box, row.key, place, now)
    connection.execute(delete(pairings).where(pairings.c.box == row.box))
    note(connection, Paired(row.box))
    return row.box, known


def _add(connection: Connection, box: str, key: PublicKey, place: dict[str, str], now: Instant) -> None:
    # A box that is paired again has an epoch, and numbers of commands, beyond those of the time before: its
    # old tokens stay void, and it takes no new command for one that it has seen.
    since = int(now)
    connection.execute(
        insert(boxes).values(id=box, key=key, created=now, epoch=since, commands=since, **place)
    )
    connection.execute(insert(pulses).values(box=box, seen=0.0, attention=attention.TIMES))


def _see_room(connection: Connection, site: str) -> None:
    counted = select(func.count()).select_from(pairings)
    if connection.execute(counted.where(pairings.c.site == site)).scalar_one() >= MOST_OF_AN_ADDRESS:
        message = f"{MOST_OF_AN_ADDRESS} boxes wait to be claimed at this address: claim some of them first"
        raise TooManyError(message, FULL_FOR_S)
    if connection.execute(counted).scalar_one() >= MOST_PAIRINGS:
        message = "too many boxes wait to be claimed: try again later"
        raise TooManyError(message, FULL_FOR_S)


def _new_code(connection: Connection, chance: Callable[[int], bytes]) -> str:
    while True:
        code = claim_code(chance(CLAIM_BYTES))
        if connection.execute(select(pairings.c.box).where(pairings.c.code == code)).first() is None:
            return code


def _tidied_url(url: str) -> tuple[str, str, int | None, str]:
    """Take away what makes no difference between two base URLs."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return url, "", None, ""
    return parts.scheme, parts.hostname or "", port, parts.path.rstrip("/")
