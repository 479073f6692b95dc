"""How a box gets at a medium: by a URL that is signed, and soon worth nothing."""

from msgspec import Struct

from easyplayer.units import Seconds


class MediaTicket(Struct, frozen=True, kw_only=True):
    """Where one medium can be fetched.

    :ivar url: absolute, or relative to the hub's base URL; it takes Range requests and has a strong ETag.
    :ivar expires_s: how long it holds.
    """

    url: str
    sha256: str
    size: int
    expires_s: Seconds
