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
    └── BoxError                     box.failed            the running box
        ├── BoxBusyError             box.busy              another box uses this state directory
        └── BoxSilentError           box.silent            no box answers there

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
