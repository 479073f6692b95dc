"""What is given to an image that knows nothing of tests: systemd's credentials, by SMBIOS tables.

See ``systemd.system-credentials(7)``; extra units and drop-ins need systemd 256 or later in the guest.
"""

from base64 import b64encode

SHELL_UNIT = "venue-shell.service"
_SHELL = """\
[Unit]
Description=A root shell on a serial line of its own, for the test that drives this machine
DefaultDependencies=no
IgnoreOnIsolate=yes

[Service]
ExecStart=/bin/sh /dev/stdin
Environment=HOME=/root LC_ALL=C.UTF-8
TTYPath=/dev/{line}
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
Restart=always
RestartSec=0.2
StartLimitIntervalSec=0
KillMode=process
OOMScoreAdjust=-1000
"""


def credential(name: str, value: str | bytes) -> str:
    """:return: a system credential, as a value for :attr:`~tests.venue.machine.spec.Spec.smbios`."""
    data = value.encode() if isinstance(value, str) else value
    return f"type=11,value=io.systemd.credential.binary:{name}={b64encode(data).decode()}"


def unit(name: str, text: str, *, wanted_by: str = "sysinit.target") -> tuple[str, str]:
    """:return: a unit that the guest has not got, and what has it started, as values for ``Spec.smbios``."""
    return (
        credential(f"systemd.extra-unit.{name}", text),
        credential(f"systemd.unit-dropin.{wanted_by}~{name.partition('.')[0]}", f"[Unit]\nWants={name}\n"),
    )


def shell(line: str = "ttyS1") -> tuple[str, ...]:
    """:return: values for ``Spec.smbios`` that start a root shell, early on.

    :param line: the spec's ``shell``, as the guest calls it; the card of a ``virt`` is ``ttyS0``.
    """
    return unit(SHELL_UNIT, _SHELL.format(line=line))
