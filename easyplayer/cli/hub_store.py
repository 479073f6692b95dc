"""What a box keeps of its hub's, opened as its settings say: on all its disks."""

from easyplayer.keeping import Keeping
from easyplayer.playout.catalogue import Program
from easyplayer.program_store import Store
from easyplayer.settings import Settings
from easyplayer.stocktaking import located


def store_of(wanted: Settings) -> Store:
    """Open the store of a box."""
    return Keeping(wanted.state, wanted.storage).store


def programs_of(wanted: Settings) -> list[Program]:
    """Give the programs that are kept, each item where it is, or would be."""
    store = store_of(wanted)
    programs = store.programs
    kept = [one.program for one in (programs.current, programs.staged, programs.previous) if one is not None]
    if programs.fallback is not None:
        kept.append(programs.fallback)
    return [located(one, store.media) for one in kept]
