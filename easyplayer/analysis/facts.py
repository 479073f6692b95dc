"""What an analysis finds out: facts about a file that plays, a reason for one that does not."""

from pathlib import Path

from msgspec import Struct

from easyplayer.analysis.naming import shown
from easyplayer.errors import MediaError
from easyplayer.units import Decibels, Lufs, Seconds

FACTS_VERSION = 1
"""Raised whenever the same file would get other facts; what an older analyser kept is redone."""

SILENCE_THRESHOLD = Decibels(-50.0)
"""What stays below this, sample by sample, counts as silence."""


class Tags(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the file says about itself; text that it does not say is empty.

    :ivar track_number: position on its disc, counted from 1.
    :ivar disc_number: position of the disc in its set, counted from 1.
    :ivar isrc: the recording's ISRC (ISO 3901), without hyphens and in capitals.
    :ivar label: the publisher of the recording.
    :ivar date: as it stands in the file, mostly ``YYYY`` or ``YYYY-MM-DD``.
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    track_number: int | None = None
    disc_number: int | None = None
    isrc: str = ""
    label: str = ""
    composer: str = ""
    date: str = ""
    genre: str = ""


class MediaFacts(Struct, frozen=True, kw_only=True, tag="playable", tag_field="verdict"):
    """What a file's first sound track really is, measured by decoding all of it.

    Positions are seconds from the medium's start, as players count them, and assume that what
    decodes plays without a gap.

    :ivar sha256: hash of the file's content, in hexadecimal.
    :ivar duration_s: where the last sample that decodes is over, to the microsecond.
    :ivar loudness_lufs: integrated loudness after EBU R 128, to 0.1 LU; ``None`` where nothing
        passes its gate (silence, or less than 0.4 s of sound).
    :ivar true_peak_dbtp: highest true peak after ITU-R BS.1770-4, to 0.1 dB.
    :ivar cue_in_s: where sound begins.
    :ivar cue_out_s: where sound is over.  In a silent file both cues stand at its ends.
    :ivar sample_rate: in hertz, as the file declares it.
    :ivar channels: how many, as the file declares it.
    :ivar codec: ffmpeg's name of the codec, such as ``mp3`` or ``flac``.
    """

    sha256: str
    size_bytes: int
    duration_s: Seconds
    loudness_lufs: Lufs | None
    true_peak_dbtp: Decibels
    cue_in_s: Seconds
    cue_out_s: Seconds
    sample_rate: int
    channels: int
    codec: str
    tags: Tags = Tags()

    @property
    def is_silent(self) -> bool:
        """Whether nothing in the file rises above :data:`SILENCE_THRESHOLD`."""
        return self.true_peak_dbtp < SILENCE_THRESHOLD


class Unplayable(Struct, frozen=True, tag="unplayable", tag_field="verdict"):
    """Why a content can never be played, whatever its file is called.

    :ivar reason: what is wrong, to be read after the file's name.
    :ivar remedy: what to do about it.
    """

    reason: str
    remedy: str

    def error(self, path: Path) -> MediaError:
        """Put the verdict in words for the file at `path`."""
        return MediaError(f"{shown(path)} {self.reason}; {self.remedy}")


Verdict = MediaFacts | Unplayable
"""What an analysis ends in; both last as long as the content stays what it is."""
