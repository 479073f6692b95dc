"""One medium by our own fetcher, measured: ``python -m bench.fetch_once URL SHA256 SIZE FOLDER``.

Only the fetch counts: the box runs for months, and does not start for each medium.
"""

import json
import resource
import sys
import time
from pathlib import Path

from easyplayer.drivers.hub_link import HubLink, Way
from easyplayer.drivers.web_link import WebLink
from easyplayer.fetch_queue import Outcome
from easyplayer.fetching import Fetcher
from easyplayer.program_store import store_in
from easyplayer.protocol.media import MediaTicket
from easyplayer.units import Instant, Seconds
from tests.fakes.hub_link import HeldKeychain


def main() -> None:
    """Fetch, and tell seconds passed and seconds of the processor."""
    url, sha256, size, folder = sys.argv[1:]
    ticket = MediaTicket(url=f"{url}/{sha256}", sha256=sha256, size=int(size), expires_s=Seconds(600.0))

    def ask(_link: HubLink, _sha256: str, _size: int | None) -> MediaTicket:
        return ticket

    store = store_in(Path(folder))
    link = WebLink(Way(url=url), HeldKeychain())
    fetcher = Fetcher(link, ask, store.programs, store.media, lambda: Instant(time.time()))
    used, began = cpu_s(), time.monotonic()
    fetched = fetcher.fetch_medium(sha256, int(size), announced=False)
    took_s, cpu = time.monotonic() - began, cpu_s() - used
    if fetched.outcome is not Outcome.FETCHED:
        sys.exit(fetched.reason)
    print(json.dumps([took_s, cpu]))


def cpu_s() -> float:
    """Tell how much of the processor this process has used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
