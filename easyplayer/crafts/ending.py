"""What came of a command, as who carries it out says it."""

from typing import Any

from msgspec import Struct

from easyplayer.protocol.commands import LONGEST_TEXT, CommandResult, Outcome, Reason


class Ending(Struct, frozen=True, kw_only=True):
    """How a command ended.

    :ivar text: for people.
    :ivar attached: how many bytes have been sent beside the result.
    """

    outcome: Outcome
    reason: Reason = Reason.NONE
    text: str = ""
    data: dict[str, Any] = {}
    attached: int = 0

    def result(self, command_id: str, took_s: float) -> CommandResult:
        """Make the result of it that goes to the hub."""
        return CommandResult(
            command=command_id,
            outcome=self.outcome,
            reason=self.reason,
            text=self.text[:LONGEST_TEXT],
            data=self.data,
            attached=self.attached,
            took_s=round(max(took_s, 0.0), 3),
        )


def done(text: str, *, attached: int = 0, **data: Any) -> Ending:
    """Say that it was done.

    :param data: what was asked for, or measured.
    """
    return Ending(outcome=Outcome.DONE, text=text, attached=attached, data=data)


def failed(text: str, **data: Any) -> Ending:
    """Say that it was begun, and could not be done."""
    return Ending(outcome=Outcome.FAILED, text=text, data=data)


def refused(reason: Reason, text: str) -> Ending:
    """Say that it was not begun."""
    return Ending(outcome=Outcome.REFUSED, reason=reason, text=text)


def not_now(text: str) -> Ending:
    """Say that it was not begun, for the state of the box does not allow it."""
    return refused(Reason.NOT_NOW, text)


def unavailable(why: str) -> Ending:
    """Say that this box cannot do it at all."""
    return Ending(outcome=Outcome.UNAVAILABLE, text=f"not available on this box: {why}")
