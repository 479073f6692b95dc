"""The hub's own secrets: what it signs commands, programs, tokens and media URLs with.

They lie in the database, so that every worker of one hub has the same.
"""

import secrets as chance
from collections.abc import Callable, Sequence
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import Connection, select

from easyplayer.errors import HubError
from easyplayer.hub.db.schema import secrets
from easyplayer.protocol.signed import PublicKey, Signed
from easyplayer.protocol.signing import SEED_BYTES, Purpose, public_key, sign
from easyplayer.units import Instant


class KeyKind(StrEnum):
    """What a secret is for."""

    SIGNING = "signing"
    """Ed25519: commands, programs and the time."""
    TOKEN = "token"  # noqa: S105 - the name of a kind
    """HMAC-SHA256: the tokens of boxes."""
    MEDIA = "media"
    """HMAC-SHA256: the URLs of media."""


class Secret(Struct, frozen=True, kw_only=True):
    """One secret.

    :ivar retired: since when it signs nothing more, and is only believed; ``None`` while it is in use.
    """

    id: str
    kind: KeyKind
    secret: bytes
    created: Instant
    retired: Instant | None


class Keys:
    """All secrets of the hub, those in use first, the newest first."""

    def __init__(self, secrets_kept: Sequence[Secret]) -> None:
        self._kept = sorted(secrets_kept, key=lambda one: (one.retired is not None, -one.created))

    def of(self, kind: KeyKind) -> list[Secret]:
        """Give the secrets of a kind; the first is the one to sign with."""
        return [one for one in self._kept if one.kind is kind]

    def current(self, kind: KeyKind) -> Secret:
        """Give the secret to sign with.

        :raises HubError: there is none.
        """
        found = self.of(kind)
        if not found:
            message = f"the hub has no key of the kind {kind}: start it once with access to its database"
            raise HubError(message)
        return found[0]

    def by_id(self, kind: KeyKind, name: str) -> Secret | None:
        """Find a secret that something was signed with."""
        return next((one for one in self.of(kind) if one.id == name), None)

    @property
    def public(self) -> tuple[PublicKey, ...]:
        """The public keys that boxes are to trust, the one in use first."""
        return tuple(public_key(one.secret) for one in self.of(KeyKind.SIGNING))

    def sign(self, purpose: Purpose, message: Struct) -> Signed:
        """Sign a message for boxes."""
        return sign(self.current(KeyKind.SIGNING).secret, purpose, message)


def load_keys(
    connection: Connection, now: Instant, random: Callable[[int], bytes] = chance.token_bytes
) -> Keys:
    """Read the secrets, and make those that are missing."""
    rows = connection.execute(select(secrets)).mappings().all()
    kept = [_secret(dict(row)) for row in rows]
    for kind in KeyKind:
        if not any(one.kind is kind and one.retired is None for one in kept):
            kept.append(_make(connection, kind, now, random))
    return Keys(kept)


def _make(connection: Connection, kind: KeyKind, now: Instant, random: Callable[[int], bytes]) -> Secret:
    made = Secret(id=random(4).hex(), kind=kind, secret=random(SEED_BYTES), created=now, retired=None)
    values = {"id": made.id, "kind": kind.value, "secret": made.secret, "created": now}
    connection.execute(secrets.insert().values(**values))
    return made


def _secret(row: dict[str, object]) -> Secret:
    return Secret(**{**row, "kind": KeyKind(row["kind"])})  # type: ignore[arg-type]
