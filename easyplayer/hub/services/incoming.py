"""Files that the hub works on: on their way in, or fetched from a store that is not of this machine."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from easyplayer.errors import AnalysisError, HubError
from easyplayer.hub.hub import Hub
from easyplayer.hub.services.track_items import media_key


def incoming(hub: Hub) -> Path:
    """Give the folder for files that are on their way.

    :raises HubError: there is none, and none can be made.
    """
    folder = hub.settings.directory / "incoming"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder} cannot be made ({error.strerror}): look at the state directory"
        raise HubError(message) from error
    return folder


@contextmanager
def content_at_hand(hub: Hub, sha256: str, size: int, ending: Event) -> Iterator[Path]:
    """Have a content of the media store as a file of this machine.

    :param ending: set where the hub is being stopped.
    :raises HubError: the store does not do it.
    :raises AnalysisError: the hub is being stopped.
    """
    path = hub.media.path(media_key(sha256))
    if path is not None:
        yield path
        return
    with tempfile.NamedTemporaryFile(dir=incoming(hub)) as copy:
        for piece in hub.media.read(media_key(sha256), 0, size):
            if ending.is_set():
                message = "the hub is being stopped"
                raise AnalysisError(message)
            copy.write(piece)
        copy.flush()
        yield Path(copy.name)
