"""What the hub tells of tracks, playlists and programs: the structures of its answers.

The operator's commands read the same ones.  Instants are seconds since 1970.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from easyplayer.hub.services.slugs import END, Slug
from easyplayer.playout.catalogue import Playlist, Program
from easyplayer.playout.items import ClipSound, Item, ItemKind, Length
from easyplayer.units import Decibels, Instant, Lufs, Milliseconds

Label = Annotated[str, Meta(max_length=500)]
Isrc = Annotated[str, Meta(pattern=rf"^([A-Z]{{2}}[A-Z0-9]{{3}}[0-9]{{7}})?{END}")]
Group = Annotated[str, Meta(pattern=rf"^([a-z0-9][a-z0-9-]{{0,62}})?{END}")]
"""The group of venues that something is for; empty is for all."""

# -- tracks ----------------------------------------------------------------------------------------


class TrackState(StrEnum):
    """How far a track has come."""

    ANALYSING = "analysing"
    CONVERTING = "converting"
    """A copy is being made that boxes can play."""
    READY = "ready"
    UNPLAYABLE = "unplayable"


class PictureForm(Struct, frozen=True, kw_only=True):
    """What the picture of a still or a clip is, as it was decoded.

    :ivar container: how its file is built; so are ``codec``, ``profile`` and ``pixel_format`` in the words of
        ffmpeg.
    :ivar width: in pixels, as it is shown; so is ``height``.
    :ivar rotation: by how many degrees it is turned, clockwise, to be shown.
    :ivar frame_rate: pictures a second; 0 of a still.
    :ivar sounds: whether a clip has a sound of its own.
    """

    container: str
    codec: str
    profile: str
    pixel_format: str
    bit_depth: int
    width: int
    height: int
    rotation: int
    frame_rate: float
    sounds: bool


class CopyForBoxes(Struct, frozen=True, kw_only=True):
    """A copy of a picture that boxes play in its place."""

    sha256: str
    size: int


class Track(Struct, frozen=True, kw_only=True):
    """One track: a file that was uploaded, and what is known of it.

    :ivar id: the first digits of its digest; programs name it by that.
    :ivar file_name: what it was called where it came from; nothing but a label.
    :ivar reason: why it cannot be played, or is not analysed yet, or is converted.
    :ivar kind: ``file`` for music, ``still`` for an image, ``clip`` for what moves.
    :ivar duration_ms: how long it is; of a still, how long it is shown, where that was set here.
    :ivar loudness_lufs: as it was measured.
    :ivar clip_sound: what becomes of a clip's own sound.
    :ivar picture: what a still or a clip looks like; ``null`` of music.
    :ivar thumbnail: whether there is a small image of it.
    :ivar copy: what boxes play in its place; ``null`` where they play the file itself.
    :ivar progress: how much of that copy is made, from 0 to 1; ``null`` where none is being made.
    :ivar changed: which of the fields somebody has set here; the others are what the file itself says.
    """

    id: str
    sha256: str
    size: int
    file_name: str
    state: TrackState
    reason: str = ""
    kind: ItemKind = ItemKind.FILE
    title: str = ""
    artist: str = ""
    album: str = ""
    composer: str = ""
    label: str = ""
    isrc: str = ""
    duration_ms: Milliseconds | None = None
    loudness_lufs: Lufs | None = None
    cue_in_ms: Milliseconds | None = None
    cue_out_ms: Milliseconds | None = None
    fade_in_ms: Milliseconds | None = None
    fade_out_ms: Milliseconds | None = None
    gain_db: Decibels | None = None
    clip_sound: ClipSound = ClipSound.MUTE
    picture: PictureForm | None = None
    thumbnail: bool = False
    copy: CopyForBoxes | None = None
    progress: float | None = None
    changed: tuple[str, ...] = ()
    created: Instant
    by: str = ""


class TrackChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be set of a track; ``null`` takes back what was set, and what is left out stays.

    :ivar duration_ms: how long a still is shown.
    :ivar clip_sound: what becomes of a clip's own sound.
    :ivar kind: ``file`` takes a clip as music, for its sound alone.
    """

    title: Label | UnsetType | None = UNSET
    artist: Label | UnsetType | None = UNSET
    album: Label | UnsetType | None = UNSET
    composer: Label | UnsetType | None = UNSET
    label: Label | UnsetType | None = UNSET
    isrc: Isrc | UnsetType | None = UNSET
    cue_in_ms: Length | UnsetType | None = UNSET
    cue_out_ms: Length | UnsetType | None = UNSET
    fade_in_ms: Length | UnsetType | None = UNSET
    fade_out_ms: Length | UnsetType | None = UNSET
    gain_db: Annotated[Decibels, Meta(ge=-60, le=20)] | UnsetType | None = UNSET
    duration_ms: Annotated[Milliseconds, Meta(ge=1000, le=86_400_000)] | UnsetType | None = UNSET
    clip_sound: ClipSound | UnsetType | None = UNSET
    kind: Literal["file"] | UnsetType | None = UNSET


# -- streams ---------------------------------------------------------------------------------------


class Stream(Struct, frozen=True, kw_only=True):
    """Something to play that is no file: a radio, a studio."""

    id: str
    group: str
    item: Item


class StreamGiven(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stream that is to be kept.

    :ivar item: as in a program's file; its id is that of the path.
    """

    group: Group = ""
    item: dict[str, Any]


# -- playlists -------------------------------------------------------------------------------------


class PlaylistHead(Struct, frozen=True, kw_only=True):
    """A playlist without its entries.

    :ivar entries: how many there are.
    :ivar revised: when it was changed last.
    """

    id: str
    title: str
    group: str
    entries: int
    revised: Instant


class PlaylistKept(Struct, frozen=True, kw_only=True):
    """A playlist.

    :ivar names: what each of its items is called, by id.
    """

    id: str
    group: str
    revised: Instant
    playlist: Playlist
    names: dict[str, str]


class PlaylistGiven(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A playlist that is to be kept.

    :ivar playlist: as in a program's file, its items by the ids of tracks and streams; its id is that of
        the path.
    :ivar revised: that of the one it was made from; where it has changed meanwhile, this one is refused.
    """

    group: Group = ""
    playlist: dict[str, Any]
    revised: Instant | None = None


# -- programs --------------------------------------------------------------------------------------


class ProgramHeader(Struct, frozen=True, kw_only=True):
    """A program without what is in it.

    :ivar version: of the last one that was made; 0 where there is none.
    """

    id: str
    name: str
    group: str
    version: int
    revised: Instant


class ProgramKept(Struct, frozen=True, kw_only=True):
    """A program that is being worked on.

    :ivar draft: all of it but its items and playlists.
    :ivar lists: ids of playlists that are in it, whether or not anything plays them.
    """

    id: str
    name: str
    group: str
    version: int
    revised: Instant
    draft: Program
    lists: tuple[str, ...]


class ProgramGiven(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program that is to be kept.

    :ivar draft: as a program's file, without items and playlists: those are the hub's, by their ids.
    :ivar lists: playlists to put in even where nothing plays them; those that something plays come by
        themselves.
    :ivar revised: that of the one it was made from; where it has changed meanwhile, this one is refused.
    """

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    group: Group = ""
    draft: dict[str, Any]
    lists: tuple[Slug, ...] = ()
    revised: Instant | None = None


class Checked(Struct, frozen=True, kw_only=True):
    """What is to be said of a program as it stands.

    :ivar faults: why it cannot be published; none is that it can.
    :ivar remarks: what is odd about it without being wrong.
    :ivar version: the version that publishing it would give; the last one where nothing has changed.
    """

    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    version: int
    items: int = 0
    size: int = 0


class Version(Struct, frozen=True, kw_only=True):
    """A version of a program, which never changes any more.

    :ivar digest: SHA-256 of its file.
    """

    program: str
    version: int
    digest: str
    size: int
    remarks: tuple[str, ...]
    created: Instant
    by: str


class Target(StrEnum):
    """For what a program is published."""

    GROUP = "group"
    VENUE = "venue"
    ZONE = "zone"
    """Written ``venue/zone``."""
    BOX = "box"


class PublicationWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For what to publish a program, and which version: 0 is what the draft gives."""

    target: Target
    target_id: Annotated[str, Meta(min_length=1, max_length=200)]
    version: Annotated[int, Meta(ge=0)] = 0


class Publication(Struct, frozen=True, kw_only=True):
    """A program that is published.

    :ivar revision: boxes go by the highest one that is for them.
    :ivar already: whether it was in force everywhere before, so that nothing was done.
    :ivar remarks: what is worth a look.
    """

    revision: int
    program: str
    version: int
    target: Target
    target_id: str
    created: Instant
    by: str
    already: bool = False
    remarks: tuple[str, ...] = ()


class Imported(Struct, frozen=True, kw_only=True):
    """What came of a program's file.

    :ivar lists: the playlists that were made of it.
    """

    program: str
    lists: tuple[str, ...]
    streams: tuple[str, ...]
    remarks: tuple[str, ...] = ()
