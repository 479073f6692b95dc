"""What a hub does that nobody has used yet: it makes its first admin."""

from logging import getLogger

from easyplayer.hub.hub import Hub
from easyplayer.hub.services import accounts, audit
from easyplayer.hub.services.access import ALL, Caller
from easyplayer.hub.services.tokens import TokenKind, make_token
from easyplayer.hub.state_directory import HubState

ADMIN = "admin"

log = getLogger(__name__)


def make_admin(hub: Hub, state: HubState) -> None:
    """Where there is no user, make ``admin``: with a token in the state directory, and no password."""
    with hub.database.write() as connection:
        if accounts.there_are_any(connection):
            return
        accounts.add(connection, ADMIN, "", {ALL: "admin"}, hub.now())
        token = make_token(
            connection, ADMIN, TokenKind.API, hub.now(), lasts=None, chance=hub.chance, label="first start"
        )
        audit.note(connection, Caller(), hub.now(), "user.add", f"user/{ADMIN}", why="first start")
        path = state.keep_token(token)
    log.info("made the user %s; its token is in %s", ADMIN, path)
