"""Media for the tests of the library, and what brings them."""

from pathlib import Path

from easyplayer.drivers.media_library import Arrival, MediaLibrary
from tests.fakes.hub_media import content, digest_of

LENGTH = 1000
ETAG = '"one"'
NAMES = ("dawn", "noon", "dusk", "night")
DATA = {digest_of(content(name, LENGTH)): content(name, LENGTH) for name in NAMES}
DAWN, NOON, DUSK, NIGHT = DATA


def bring(library: MediaLibrary, sha256: str = DAWN, upto: int | None = None) -> Arrival:
    """Take in a medium, or its first bytes."""
    with library.draft(sha256, LENGTH) as draft:
        assert draft.begin(draft.offset, ETAG)
        draft.write(DATA[sha256][draft.offset : upto])
        return draft.finish()


def put(folder: Path, sha256: str, data: bytes | None = None) -> Path:
    """Put a medium into a folder of media by hand."""
    path = folder / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(DATA[sha256] if data is None else data)
    return path


def files(folder: Path) -> list[str]:
    """Name all files in a folder."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
