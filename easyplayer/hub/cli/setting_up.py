"""Sets up the sample venue at a hub that has just been started: venue, box and program.

Each step looks whether it has been done before, so that a second start changes nothing.
"""

import subprocess
import sys
import threading
from pathlib import Path

import msgspec
from msgspec import Struct

from easyplayer.errors import ConflictError, LinkError, MediaError, NotFoundError
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import Where, local
from easyplayer.hub.cli.importing import import_program, read
from easyplayer.hub.cli.uploading import NoBar
from easyplayer.hub.content_views import ProgramHeader, Publication, PublicationWanted, Target
from easyplayer.hub.fleet_views import Box, Claim, NewGroup, NewVenue, Venue, VenueChange
from easyplayer.protocol.pairing import Hello

BOX = (sys.executable, "-c", "import sys; from easyplayer.main import main; sys.exit(main())")
"""How the box is started; the hub knows nothing of its modules."""
GROUP, VENUE, ZONE, PROGRAM = "samples", "sample", "main", "hotel-bar"
ANY_ZONE = "Etc/UTC"
"""Until the sample program is there, which tells this machine's."""
SAMPLE_FILE = "sample.json"
LOOKS_EVERY_S = 0.5
START_MAY_TAKE_S = 30.0
PAIRING_MAY_TAKE_S = 120.0


class BoxLink(Struct, frozen=True):
    """What is read of the part of a box's status that is about its hub."""

    claim_code: str = ""
    place: str = ""


class BoxStatus(Struct, frozen=True):
    """What is read of a box's status."""

    hub: BoxLink = BoxLink()


class SetUp:
    """Sets everything up.

    :param home: state directory of the hub.
    :param state: state directory of the box.
    """

    def __init__(self, home: Path, state: Path, url: str) -> None:
        self._home = home
        self._state = state
        self._url = url

    def run(self, ended: threading.Event) -> None:
        """Do all of it, unless it ends before.

        :raises LinkError: the hub does not start, or the box does not ask to be paired.
        :raises HubError: the hub does not take it.
        """
        with HubClient(self._where(ended)) as hub:
            self._make_venue(hub)
            self._claim(hub, ended)
            if not ended.is_set() and not self._has_program(hub):
                self._bring_program(hub)

    def _where(self, ended: threading.Event) -> Where:
        """Wait until the hub answers, and read how to ask it."""
        for _ in range(int(START_MAY_TAKE_S / LOOKS_EVERY_S)):
            found = local(self._home)
            if found is not None and found.url == self._url and self._answers(found):
                return found
            if ended.wait(LOOKS_EVERY_S):
                break
        message = f"the hub has not started in {START_MAY_TAKE_S:.0f} s: {self._home} has its log"
        raise LinkError(message)

    def _answers(self, where: Where) -> bool:
        try:
            with HubClient(where) as hub:
                hub.get("/hello", Hello)
        except LinkError:
            return False
        return True

    def _make_venue(self, hub: HubClient) -> None:
        self._make(hub, "/groups", NewGroup(id=GROUP, name="Samples"))
        venue = NewVenue(id=VENUE, name="Sample venue", time_zone=ANY_ZONE, groups=[GROUP])
        self._make(hub, "/venues", venue)

    def _make(self, hub: HubClient, path: str, body: Struct) -> None:
        try:
            hub.send("POST", path, body=body)
        except ConflictError:
            return

    def _claim(self, hub: HubClient, ended: threading.Event) -> None:
        """Read the claim code that the box shows, and type it at the hub; nothing where it is paired."""
        for _ in range(int(PAIRING_MAY_TAKE_S / LOOKS_EVERY_S)):
            link = self._box_status().hub
            if link.claim_code:
                claim = Claim(code=link.claim_code, venue=VENUE, zone=ZONE, name="Sample box")
                hub.post("/claims", claim, Box)
                return
            if link.place or ended.wait(LOOKS_EVERY_S):
                return
        message = f"the box does not ask to be paired: {self._state} has its state"
        raise LinkError(message)

    def _box_status(self) -> BoxStatus:
        answer = self._ask_box("status", "--json", "--state", str(self._state))
        try:
            return msgspec.json.decode(answer.stdout, type=BoxStatus)
        except msgspec.MsgspecError:
            return BoxStatus()

    def _has_program(self, hub: HubClient) -> bool:
        try:
            program = hub.get(f"/programs/{PROGRAM}", ProgramHeader)
        except NotFoundError:
            return False
        return program.version > 0

    def _bring_program(self, hub: HubClient) -> None:
        file = self._home / SAMPLE_FILE
        made = self._ask_box("export", "--state", str(self._state), "--to", str(file))
        if made.returncode:
            message = f"the sample program cannot be made: {made.stderr.decode(errors='replace').strip()}"
            raise MediaError(message)
        hub.patch(f"/venues/{VENUE}", VenueChange(time_zone=read(file).zone), Venue)
        import_program(hub, file, NoBar(), PROGRAM)
        wanted = PublicationWanted(target=Target.VENUE, target_id=VENUE)
        hub.post(f"/programs/{PROGRAM}/publish", wanted, Publication)

    def _ask_box(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Ask by the commands of the box, at low priority: it is to play."""
        return subprocess.run(
            ["nice", *BOX, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
