"""What a box keeps in its state directory, and where there."""

from pathlib import Path

from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.drivers.box_key import BoxKey
from easyplayer.drivers.guard_file import GuardFile
from easyplayer.drivers.precious_file import PreciousFile
from easyplayer.drivers.state_file import StateFile
from easyplayer.drivers.status_socket import StatusSocket
from easyplayer.drivers.wall_clock import boot_id
from easyplayer.guard import Level
from easyplayer.journal import Content
from easyplayer.membership import Kept
from easyplayer.program_store import store_in
from easyplayer.settings import StorageSettings
from easyplayer.timekeeper import KeptTime
from easyplayer.tracker import Bookmark, Files, Memory
from easyplayer.warden import Watch

MEGABYTE = 1024 * 1024
_ALL_IN_ONE = StorageSettings()


class Keeping:
    """What a box keeps; this makes nothing on the disk yet.

    :param storage: where media are kept beside the state directory.
    :ivar boot: names this run of the machine.
    :ivar time: the latest time that could be believed.
    :ivar place: where it is in its program.
    :ivar program: path of the last good program.
    :ivar as_run: the as-run log.
    :ivar status: where it answers how it is.
    :ivar guard: what the WatchDog has seen of it.
    :ivar key: its private key.
    :ivar membership: what it knows of its hub.
    :ivar store: the hub's programs and their media.
    :ivar journal: which commands it has carried out.
    :ivar support_key: path of the key by which it opens a way in for support.
    :ivar scratch: directory for what is on its way to the hub.
    """

    def __init__(self, state: Path, storage: StorageSettings = _ALL_IN_ONE) -> None:
        self.boot = boot_id()
        self.time = StateFile(state / "time.json", KeptTime)
        self.place = Files(
            StateFile(state / "bookmark.json", Bookmark), StateFile(state / "memory.json", Memory)
        )
        self.program = state / "program.json"
        self.as_run = AsRunStore(state / "as-run.sqlite", self.boot)
        self.status = StatusSocket(state)
        self.guard = GuardFile(state)
        self.key = BoxKey(state / "box.key")
        self.membership = StateFile(state / "hub.json", Kept)
        disks = [Path(folder).expanduser() for folder in storage.disks]
        self.store = store_in(state, disks, storage.keep_free_mb * MEGABYTE)
        self.journal = PreciousFile(state / "commands.json", Content)
        self.support_key = state / "support_key"
        self.scratch = state / "attachments"

    def watch(self, level: Level, *, heeds: bool) -> Watch:
        """Give what the Warden goes by.

        :param level: how much of the box there is.
        :param heeds: whether it ends where there should be more of it, or less.
        """
        return Watch(read=self.guard.load, boot=self.boot, level=level, heeds=heeds)
