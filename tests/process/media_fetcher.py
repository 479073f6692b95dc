"""Fetches media as a box does, in a process of its own, until it has all of them or is killed."""

import sys
from pathlib import Path

from easyplayer.download import DownloadInfo, communicate
from easyplayer.drivers import web_link
from easyplayer.drivers.hub_link import Way
from easyplayer.drivers.web_link import WebLink
from easyplayer.fetch_queue import Outcome
from easyplayer.fetching import Fetcher
from easyplayer.program_store import store_in
from easyplayer.units import Instant
from tests.fakes.hub_link import FakeHub, HeldKeychain

CHUNK_BYTES = 4096
BEGINS, DONE = "begins", "done"


def main(state: str, url: str, *digests: str) -> None:
    """Fetch media, and tell when that begins and when it is done."""
    web_link.MEDIA_CHUNK_BYTES = CHUNK_BYTES
    link = WebLink(Way(url=url), HeldKeychain(hub_keys=(FakeHub().key,)))
    link.pair("m", "till", "1")
    store = store_in(Path(state))
    fetcher = Fetcher(
        link,
        lambda one, sha256, size: communicate(sha256, DownloadInfo(size=size), one, url),
        store.programs,
        store.media,
        lambda: Instant(0.0),
    )
    tell(BEGINS)
    for sha256 in digests:
        while fetcher.fetch_medium(sha256, None, announced=False).outcome is not Outcome.FETCHED:
            pass
    tell(DONE)


def tell(word: str) -> None:
    """Write a word to who has started this."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
