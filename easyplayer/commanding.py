"""Which commands of the hub's are done, and why the others are not."""

import msgspec
from msgspec import Struct

from easyplayer.errors import ProtocolError, SignatureError
from easyplayer.protocol.arguments import arguments_of
from easyplayer.protocol.commands import LONGEST_TEXT, Command, CommandResult, Name, Outcome, Reason
from easyplayer.protocol.identity import BoxId
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signed import PublicKey, Signed
from easyplayer.protocol.signing import Purpose, verified
from easyplayer.units import Instant

LONGEST_ID = 64
MOST_RESULT_BYTES = 64 * 1024
"""How long a result may be, as JSON; what is longer belongs into an attachment."""


class _Named(Struct, frozen=True):
    """As much of a command as is needed to answer it, whatever else is wrong with it."""

    id: str = ""


class Addressee(Struct, frozen=True, kw_only=True):
    """For whom commands have to be, and from whom.

    :ivar now: what time it is at the hub.
    """

    box: BoxId
    keys: tuple[PublicKey, ...]
    now: Instant


def judged(signed: Signed, addressee: Addressee) -> Command | CommandResult:
    """Give a command that may be carried out, or else the result that says why it is not."""
    try:
        command = verified(signed, Purpose.COMMAND, Command, addressee.keys)
    except SignatureError as error:
        return refused(_id_of(signed), Reason.BAD_SIGNATURE, str(error))
    except ProtocolError as error:
        return refused(_id_of(signed), Reason.BAD_ARGUMENTS, str(error))
    if command.box != addressee.box:
        return refused(
            command.id, Reason.FOREIGN, f"it is for box {command.box}, and this is {addressee.box}"
        )
    if addressee.now >= command.expires:
        late_s = addressee.now - command.expires
        return refused(command.id, Reason.EXPIRED, f"it came {late_s:.0f} s after it had expired")
    return _refused_by_content(command) or command


def _refused_by_content(command: Command) -> CommandResult | None:
    name = Name(command.name)
    if name is Name.UNKNOWN:
        text = f"this box knows no command {command.name!r}: it may need a newer software"
        return refused(command.id, Reason.NOT_KNOWN, text)
    try:
        arguments_of(name, command.args)
    except ProtocolError as error:
        return refused(command.id, Reason.BAD_ARGUMENTS, str(error))
    return None


def refused(command: str, reason: Reason, text: str) -> CommandResult:
    """Make the result of a command that is not begun."""
    return CommandResult(command=command, outcome=Outcome.REFUSED, reason=reason, text=text[:LONGEST_TEXT])


def deliverable(result: CommandResult) -> CommandResult:
    """Bring a result to what a heartbeat can carry; what is too long is left out, and that is said."""
    result = msgspec.structs.replace(result, text=result.text[:LONGEST_TEXT])
    try:
        length = len(msgspec.json.encode(result))
    except (TypeError, ValueError) as error:
        return _without_data(result, f"what it has measured cannot be written as JSON ({error})")
    if length > MOST_RESULT_BYTES:
        return _without_data(result, f"what it has measured is {length} bytes, too much for a result")
    return result


def better(signed: Signed, addressee: Addressee, revision: int, digest: str) -> ProgramHead | None:
    """Give the head of a program that the box is to take; ``None`` where it has that one.

    :param revision: of the program that the box has; ``digest`` names its file.
    :raises SignatureError: it is not signed by the hub, or is not for this box, or is an old one.
    :raises ProtocolError: it is no head of a program.
    """
    head = verified(signed, Purpose.PROGRAM, ProgramHead, addressee.keys)
    if head.box != addressee.box:
        message = f"the program {head.name} is for box {head.box}, and this is {addressee.box}: it is refused"
        raise SignatureError(message)
    if (head.revision, head.digest) == (revision, digest):
        return None
    if head.revision <= revision:
        message = (
            f"the program {head.name} of revision {head.revision} is an old one, for the box has revision "
            f"{revision}: it is refused; publish it anew"
        )
        raise SignatureError(message)
    return head


def _id_of(signed: Signed) -> str:
    try:
        return msgspec.json.decode(signed.payload, type=_Named).id[:LONGEST_ID]
    except (ValueError, RecursionError):
        return ""


def _without_data(result: CommandResult, why: str) -> CommandResult:
    text = f"{result.text}\n{why}: left out".strip()
    short = text if len(text) <= LONGEST_TEXT else f"{why}: left out"
    return msgspec.structs.replace(result, text=short, data={})
