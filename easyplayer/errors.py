"""Every error that easyplayer raises on purpose.

::

    EasyplayerError                  easyplayer
    ├── SettingsError                settings.bad          what is wrong in the settings, all at once
    ├── ProgramError                 program.bad           what is wrong in a program, all at once
    ├── MediaError                   media.unplayable      a file or stream that cannot be played
    │   └── PlaylistError            media.bad-playlist    a playlist file that cannot be read
    ├── AnalysisError                analysis.failed       the analyser itself could not run
    ├── SoundError                   sound.failed          the sound server
    │   └── NoSoundServerError       sound.no-server       none answers, none could be started
    ├── StateError                   state.unwritable      the state directory cannot be used
    │   ├── DiskFullError            state.full            there is no room
    │   ├── DiskReadOnlyError        state.read-only       the disk takes nothing
    │   ├── DiskFailingError         state.failing         the disk gives errors
    │   └── MediumBusyError          state.busy            somebody else is fetching that medium
    ├── DeviceError                  device.failed         a stick cannot be read or written
    ├── BoxError                     box.failed            the running box
    │   ├── BoxBusyError             box.busy              another box uses this state directory
    │   └── BoxSilentError           box.silent            no box answers there
    ├── ProtocolError                protocol.bad          a message that cannot be understood
    │   ├── SignatureError           protocol.signature    one that is not signed by whom it should be
    │   └── BundleError              protocol.bundle       a bundle on a stick that cannot be used
    ├── LinkError                    link.failed           the way from the box to the hub
    │   ├── LinkRefusedError         link.refused          the hub answers, and does not do it
    │   │   └── UnpairedError        link.unpaired         the hub does not know the box, or no longer
    │   └── CertificateError         link.certificate      the hub's certificate cannot be trusted
    └── HubError                     hub.failed            the hub
        ├── BadRequestError          hub.bad-request       what was asked makes no sense
        ├── UnauthenticatedError     hub.unauthenticated   nobody knows who asks
        ├── ForbiddenError           hub.forbidden         who asks may not do that
        ├── NotFoundError            hub.not-found         there is no such thing
        ├── ConflictError            hub.conflict          it is there already, or is still in use
        ├── TooLargeError            hub.too-large         more than can be taken at once
        ├── WrongTypeError           hub.wrong-type        content of a type that is not taken
        ├── TooManyError             hub.too-many          too often, or too many at once
        │   └── UnavailableError     hub.unavailable       not now: try again
        └── DatabaseError            hub.database          the database cannot be used

A code is stable: a script, the hub and the documentation may rely on it.  A message names the
place, says what is wrong there, and what to do.
"""

from typing import ClassVar


class EasyplayerError(Exception):
    """The root of the tree.

    :cvar code: stable name of the kind of error.
    :cvar exit_code: what the process exits with when this ends it; values after ``sysexits.h``.
    """

    code: ClassVar[str] = "easyplayer"
    exit_code: ClassVar[int] = 70


class SettingsError(EasyplayerError):
    """Something in the settings cannot be used.

    :ivar problems: every problem found, each with its place and the way out.
    """

    code = "settings.bad"
    exit_code = 78

    def __init__(self, problems: list[str]) -> None:
        super().__init__("the settings cannot be used:\n" + "\n".join(f"  - {line}" for line in problems))
        self.problems = problems


class ProgramError(EasyplayerError):
    """A program, or what one is to be made of, cannot be used.

    :ivar problems: every problem found, each with its place and the way out.
    """

    code = "program.bad"
    exit_code = 65

    def __init__(self, problems: list[str]) -> None:
        super().__init__("the program cannot be used:\n" + "\n".join(f"  - {line}" for line in problems))
        self.problems = problems


class MediaError(EasyplayerError):
    """A file or stream cannot be played; the box leaves it out and goes on."""

    code = "media.unplayable"
    exit_code = 66


class PlaylistError(MediaError):
    """A playlist file cannot be read."""

    code = "media.bad-playlist"


class AnalysisError(EasyplayerError):
    """The analyser could not run at all (for example, ffmpeg is missing)."""

    code = "analysis.failed"


class SoundError(EasyplayerError):
    """Something is wrong with the sound server."""

    code = "sound.failed"
    exit_code = 69


class NoSoundServerError(SoundError):
    """No sound server answers, and none could be started."""

    code = "sound.no-server"


class StateError(EasyplayerError):
    """The state directory cannot be read or written."""

    code = "state.unwritable"
    exit_code = 73


class DiskFullError(StateError):
    """A disk has no room."""

    code = "state.full"


class DiskReadOnlyError(StateError):
    """A disk takes nothing: it is read-only, or has become so."""

    code = "state.read-only"


class DiskFailingError(StateError):
    """A disk gives errors."""

    code = "state.failing"


class MediumBusyError(StateError):
    """Somebody else is fetching that medium at the moment."""

    code = "state.busy"


class DeviceError(EasyplayerError):
    """A stick cannot be read or written."""

    code = "device.failed"
    exit_code = 74


class BoxError(EasyplayerError):
    """Something about the running box."""

    code = "box.failed"


class BoxBusyError(BoxError):
    """Another box already uses this state directory."""

    code = "box.busy"
    exit_code = 75


class BoxSilentError(BoxError):
    """No running box answers at this state directory."""

    code = "box.silent"
    exit_code = 69


class ProtocolError(EasyplayerError):
    """A message between box and hub cannot be understood."""

    code = "protocol.bad"
    exit_code = 76


class SignatureError(ProtocolError):
    """A message is not signed by whom it should be."""

    code = "protocol.signature"


class BundleError(ProtocolError):
    """A bundle on a stick cannot be used."""

    code = "protocol.bundle"


class LinkError(EasyplayerError):
    """The hub cannot be reached, or does not answer as one; trying again later may help.

    :ivar status: the HTTP status; 0 where there was no answer.
    :ivar retry_after_s: how long the hub wants to be left alone; ``None`` where it has not said.
    """

    code = "link.failed"
    exit_code = 69

    def __init__(self, message: str, status: int = 0, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s


class LinkRefusedError(LinkError):
    """The hub answers, and does not do what was asked; trying again will not help.

    :ivar hub_code: the hub's own code of the error, such as ``hub.unauthenticated``.
    """

    code = "link.refused"

    def __init__(self, message: str, status: int, hub_code: str) -> None:
        super().__init__(message, status)
        self.hub_code = hub_code


class UnpairedError(LinkRefusedError):
    """The hub does not know the box, or no longer: it has to be claimed there."""

    code = "link.unpaired"


class CertificateError(LinkError):
    """The hub's certificate cannot be trusted."""

    code = "link.certificate"


class HubError(EasyplayerError):
    """The hub does not do what was asked.

    :cvar status: the HTTP status that it answers with.
    :ivar problems: where there are several, all of them.
    """

    code = "hub.failed"
    status: ClassVar[int] = 500

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__("\n".join([message, *(f"  - {one}" for one in problems)]))
        self.message = message
        self.problems = problems


class BadRequestError(HubError):
    """What was asked makes no sense."""

    code = "hub.bad-request"
    exit_code = 65
    status = 400


class UnauthenticatedError(HubError):
    """Nobody knows who asks."""

    code = "hub.unauthenticated"
    exit_code = 77
    status = 401


class ForbiddenError(HubError):
    """Who asks may not do that."""

    code = "hub.forbidden"
    exit_code = 77
    status = 403


class NotFoundError(HubError):
    """There is no such thing, or none that who asks may see."""

    code = "hub.not-found"
    exit_code = 66
    status = 404


class ConflictError(HubError):
    """It is there already, or is still in use."""

    code = "hub.conflict"
    exit_code = 65
    status = 409


class TooLargeError(HubError):
    """More than can be taken at once."""

    code = "hub.too-large"
    exit_code = 65
    status = 413


class WrongTypeError(HubError):
    """Content of a type that is not taken."""

    code = "hub.wrong-type"
    exit_code = 65
    status = 415


class TooManyError(HubError):
    """Too often, or too many at once.

    :ivar retry_after_s: when to try again.
    """

    code = "hub.too-many"
    exit_code = 75
    status = 429

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class UnavailableError(TooManyError):
    """Not now: try again."""

    code = "hub.unavailable"
    status = 503


class DatabaseError(HubError):
    """The database cannot be used."""

    code = "hub.database"
    exit_code = 69
    status = 503
