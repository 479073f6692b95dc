"""A box that has a way in for support open, and does nothing else: to be killed.

Its arguments: the ports of the server and of this machine, the key, and the file of known hosts.
"""

import getpass
import sys
import threading
from pathlib import Path

from easyplayer.drivers.tunnel import SshTunnel, TunnelReport, TunnelSpec
from easyplayer.units import Seconds

A_DAY_S = Seconds(86400.0)


def main(port: str, local_port: str, key: str, known_hosts: str) -> None:
    """Open it, tell what it reports, and wait."""

    def tell(report: TunnelReport) -> None:
        sys.stdout.write(f"{report}\n")
        sys.stdout.flush()

    spec = TunnelSpec(
        server=f"{getpass.getuser()}@127.0.0.1",
        port=int(port),
        local_port=int(local_port),
        key=Path(key),
        makes_key=False,
        known_hosts=Path(known_hosts),
    )
    SshTunnel(spec, tell).open(A_DAY_S, 1)
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
