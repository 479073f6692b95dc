"""A small fact is put on the disk, aside, and the box hears whether the disk took it."""

import logging

from easyplayer.drivers.state_file import Content, StateFile
from easyplayer.errors import StateError
from easyplayer.events import BoxEvent, state_kept, state_refused

log = logging.getLogger(__name__)


def keep(file: StateFile[Content], content: Content) -> BoxEvent:
    """Put something on the disk, and give the event that tells what came of it; runs on the disk's thread."""
    try:
        file.save(content)
    except StateError as error:
        log.warning("%s", error)
        return state_refused(str(error))
    return state_kept(file.path)
