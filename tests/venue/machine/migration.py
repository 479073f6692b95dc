"""How a state leaves QEMU, and how it comes back: by migration."""

from collections.abc import Mapping

from .control import COMMAND_MAY_TAKE_S, Control
from .errors import RestoreError

MAY_TAKE_S = 60.0
"""How long a state may take to be written or read."""


def write_state(control: Control, address: str) -> None:
    """Have a machine that stands still write its state, as fast as it can.

    :raises RestoreError: QEMU says that it cannot.
    """
    _order(control, "migrate-set-parameters", {"max-bandwidth": 0})
    _migrate(control, "migrate", address)


def read_state(control: Control, address: str) -> None:
    """Have a machine that waits for a state read it.

    :raises RestoreError: QEMU says that it cannot; :class:`GoneError`, where it ends over it.
    """
    _migrate(control, "migrate-incoming", address)


def _migrate(control: Control, command: str, address: str) -> None:
    _order(control, "migrate-set-capabilities", {"capabilities": [{"capability": "events", "state": True}]})
    _order(control, command, {"uri": address})
    while True:
        status = control.wait_event("MIGRATION", None, MAY_TAKE_S)["data"]["status"]
        if status == "completed":
            return
        if status in {"failed", "cancelled"}:
            told = control.command("query-migrate", None, {}, COMMAND_MAY_TAKE_S)
            raise RestoreError(told.get("error-desc", f"it has {status}, and QEMU does not say why"))


def _order(control: Control, command: str, arguments: Mapping[str, object]) -> None:
    control.command(command, arguments, {}, COMMAND_MAY_TAKE_S)
