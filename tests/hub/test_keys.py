"""The hub's own secrets: made once, kept, and one of a kind in use."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, update

from easyplayer.errors import HubError, SignatureError
from easyplayer.hub.db.database import Database
from easyplayer.hub.db.schema import secrets
from easyplayer.hub.keys import KeyKind, Keys, load_keys
from easyplayer.protocol.pairing import TimeTold
from easyplayer.protocol.signing import Purpose, verified
from easyplayer.units import Instant

NOON = Instant(1_800_000_000.0)
TOLD = TimeTold(nonce="n" * 16, time=NOON)


def load(database: Database, chance: Callable[[int], bytes], now: Instant = NOON) -> Keys:
    """Read the secrets, and make those that are missing."""
    with database.write() as connection:
        return load_keys(connection, now, chance)


def test_each_kind_is_made_once(database: Database, chance: Callable[[int], bytes]) -> None:
    """The next start reads what the first has made."""
    made, read = load(database, chance), load(database, chance)
    for kind in KeyKind:
        assert made.current(kind) == read.current(kind)
        assert len(read.of(kind)) == 1
    assert len({made.current(kind).secret for kind in KeyKind}) == len(KeyKind)


def test_what_is_signed_can_be_checked_with_the_public_key(
    database: Database, chance: Callable[[int], bytes]
) -> None:
    """And with no other."""
    keys = load(database, chance)
    signed = keys.sign(Purpose.TIME, TOLD)
    assert verified(signed, Purpose.TIME, TimeTold, keys.public) == TOLD
    with pytest.raises(SignatureError):
        verified(signed, Purpose.TIME, TimeTold, ["0" * 64])


def test_a_key_that_is_retired_is_believed_and_signs_nothing_more(
    database: Database, chance: Callable[[int], bytes]
) -> None:
    """So keys change without a box that is left behind."""
    old = load(database, chance)
    with database.write() as connection:
        connection.execute(update(secrets).values(retired=NOON))
    keys = load(database, chance, Instant(NOON + 1))
    assert keys.public == (keys.sign(Purpose.TIME, TOLD).key, old.public[0])
    before = old.sign(Purpose.TIME, TOLD)
    assert verified(before, Purpose.TIME, TimeTold, keys.public) == TOLD
    retired = old.current(KeyKind.TOKEN)
    found = keys.by_id(KeyKind.TOKEN, retired.id)
    assert found is not None
    assert found.secret == retired.secret
    assert keys.by_id(KeyKind.MEDIA, retired.id) is None


def test_a_hub_without_a_key_says_so(database: Database, chance: Callable[[int], bytes]) -> None:
    """In words, for it cannot go on."""
    load(database, chance)
    with database.write() as connection:
        connection.execute(delete(secrets))
    with pytest.raises(HubError, match="no key of the kind signing"):
        Keys([]).current(KeyKind.SIGNING)
