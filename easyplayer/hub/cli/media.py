"""``easyplayer-hub media``: the music, stills and clips that programs are made of."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from easyplayer.analysis import MEDIA_SUFFIXES, PICTURE_SUFFIXES, find_media
from easyplayer.errors import BadRequestError, MediaError
from easyplayer.hub.cli import verbs
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.telling import (
    Column,
    add_yes,
    confirm,
    instant,
    length,
    size,
    tell_done,
    tell_one,
    tell_rows,
)
from easyplayer.hub.cli.uploading import Outcome, bar_for, unplayable, upload_all
from easyplayer.hub.cli.verbs import Verb
from easyplayer.hub.content_views import PictureForm, Track, TrackChange, TrackState
from easyplayer.playout.items import ClipSound, ItemKind

UNPLAYABLE = 1
MS_PER_S = 1000
TEXTS = ("title", "artist", "album", "composer", "label", "isrc")
LENGTHS = ("cue_in_ms", "cue_out_ms", "fade_in_ms", "fade_out_ms", "duration_ms")
OTHERS = ("gain_db", "clip_sound", "kind")
PERCENT = 100
KINDS = (ItemKind.FILE.value, ItemKind.STILL.value, ItemKind.CLIP.value)


def _length(track: Track) -> str:
    return "" if track.duration_ms is None else length(track.duration_ms / MS_PER_S)


def _state(track: Track) -> str:
    far = "" if track.progress is None else f" ({track.progress * PERCENT:.0f} %)"
    return f"{track.state}{far}: {track.reason}" if track.reason else f"{track.state}{far}"


COLUMNS = (
    Column[Track]("id", lambda one: one.id),
    Column[Track]("title", lambda one: one.title or one.file_name),
    Column[Track]("artist", lambda one: one.artist),
    Column[Track]("length", _length),
    Column[Track]("kind", lambda one: "music" if one.kind is ItemKind.FILE else str(one.kind)),
    Column[Track]("size", lambda one: size(one.size)),
    Column[Track]("state", _state),
)
OUTCOMES = (
    Column[Outcome]("file", lambda one: one.file),
    Column[Outcome]("track", lambda one: one.track.id),
    Column[Outcome]("title", lambda one: one.track.title),
    Column[Outcome]("length", lambda one: _length(one.track)),
    Column[Outcome]("outcome", lambda one: one.told),
)


def _add(hub: HubClient, arguments: argparse.Namespace) -> int:
    suffixes = MEDIA_SUFFIXES | PICTURE_SUFFIXES if arguments.pictures else MEDIA_SUFFIXES
    files = [*find_media(arguments.paths, suffixes)]
    if not files:
        message = "there is nothing to upload: name files, or folders with media files in them"
        raise MediaError(message)
    with bar_for(len(files), quiet=arguments.json) as bar:
        outcomes = upload_all(hub, files, bar)
    tell_rows(arguments, outcomes, OUTCOMES, "")
    return UNPLAYABLE if unplayable(outcomes) else 0


def _list(hub: HubClient, arguments: argparse.Namespace) -> None:
    query = {"text": arguments.text, "state": arguments.state_of, "kind": arguments.kind}
    tell_rows(arguments, hub.pages("/tracks", Track, query), COLUMNS, "there are no such tracks")


def _show(hub: HubClient, arguments: argparse.Namespace) -> None:
    track = hub.get(f"/tracks/{arguments.id}", Track)
    tell_one(arguments, track, _pairs(track))


def _pairs(track: Track) -> list[tuple[str, str]]:
    texts = [(name, getattr(track, name)) for name in TEXTS]
    lengths = [(name.removesuffix("_ms").replace("_", " "), _ms(getattr(track, name))) for name in LENGTHS]
    return [
        ("id", track.id),
        ("file", f"{track.file_name} ({size(track.size)})"),
        ("state", _state(track)),
        *([("picture", _form(track.picture))] if track.picture else []),
        *((name, text) for name, text in texts if text),
        ("length", _length(track)),
        *((name, text) for name, text in lengths if text),
        ("loudness", "" if track.loudness_lufs is None else f"{track.loudness_lufs:.1f} LUFS"),
        *([("clip sound", track.clip_sound.value)] if track.kind is ItemKind.CLIP else []),
        *([("copy for boxes", f"{track.copy.sha256} ({size(track.copy.size)})")] if track.copy else []),
        ("gain", "by loudness" if track.gain_db is None else f"{track.gain_db:+.1f} dB"),
        ("set here", ", ".join(track.changed) or "nothing"),
        ("uploaded", f"{instant(track.created)} by {track.by}"),
        ("sha256", track.sha256),
    ]


def _form(picture: PictureForm) -> str:
    turned = f", turned by {picture.rotation}°" if picture.rotation else ""
    rate = f", {picture.frame_rate:.4g} a second" if picture.frame_rate else ""
    return f"{picture.codec}, {picture.width}x{picture.height}{rate}, {picture.bit_depth} bits{turned}"


def _ms(value: int | None) -> str:
    return "" if value is None else f"{value / MS_PER_S:.2f} s"


def _change(hub: HubClient, arguments: argparse.Namespace) -> None:
    given: dict[str, Any] = {
        name: getattr(arguments, name)
        for name in (*TEXTS, *LENGTHS, *OTHERS)
        if getattr(arguments, name) is not None
    }
    given |= dict.fromkeys(arguments.unset or ())
    given |= {"kind": ItemKind.FILE.value} if arguments.kind else {}
    try:
        change = msgspec.convert(given, TrackChange)
    except msgspec.ValidationError as error:
        message = f"track {arguments.id}: {error}"
        raise BadRequestError(message) from error
    track = hub.patch(f"/tracks/{arguments.id}", change, Track)
    tell_done(arguments, f"{track.id}: set here: {', '.join(track.changed) or 'nothing'}", track)


def _copy(hub: HubClient, arguments: argparse.Namespace) -> None:
    for name in arguments.ids:
        path = f"/tracks/{name}/copy"
        if arguments.stop:
            hub.delete(path)
        else:
            hub.post(path, None, Track)
    what = "no copies are made any more" if arguments.stop else "copies are made"
    tell_done(arguments, f"{what}: {', '.join(arguments.ids)}")


def _delete(hub: HubClient, arguments: argparse.Namespace) -> int:
    if not confirm(arguments, f"Delete {', '.join(arguments.ids)}?"):
        return 1
    for name in arguments.ids:
        hub.delete(f"/tracks/{name}")
    tell_done(arguments, f"deleted: {', '.join(arguments.ids)}")
    return 0


def _takes_paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders to search")
    parser.add_argument("--pictures", action="store_true", help="take the images of folders, too")


def _takes_filter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "text", nargs="?", metavar="TEXT", help="only those with this in title, artist or file"
    )
    parser.add_argument(
        "--only", dest="state_of", choices=[*TrackState], type=TrackState, help="only those in this state"
    )

    parser.add_argument("--kind", choices=KINDS, help="only music (file), only stills or only clips")


def _takes_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="of the track, as listed")


def _takes_change(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    for name in TEXTS:
        parser.add_argument(f"--{name}", metavar="TEXT", help=f"its {name}")
    for name in LENGTHS:
        about = name.removesuffix("_ms").replace("_", " ")
        option = f"--{name.removesuffix('_ms').replace('_', '-')}"
        parser.add_argument(option, dest=name, type=int, metavar="MS", help=f"its {about}, in milliseconds")
    parser.add_argument("--gain", dest="gain_db", type=float, metavar="DB", help="gain to play it at")
    parser.add_argument(
        "--unset",
        action="append",
        choices=(*TEXTS, *LENGTHS, *OTHERS),
        metavar="FIELD",
        help="take back what was set here; may be given several times",
    )

    parser.add_argument(
        "--clip-sound",
        choices=[*ClipSound],
        type=ClipSound,
        help="what becomes of a clip's own sound",
    )
    parser.add_argument(
        "--as-music", dest="kind", action="store_true", default=None, help="take a clip for its sound alone"
    )


def _takes_copies(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID", help="of stills and clips that boxes cannot play")
    parser.add_argument("--stop", action="store_true", help="make their copies no further")


def _takes_ids(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID", help="of tracks that nothing uses")
    add_yes(parser)


VERBS = (
    Verb("add", "upload files; what the hub has already is not sent again", _add, _takes_paths),
    Verb("list", "list tracks", _list, _takes_filter),
    Verb("show", "tell all of a track", _show, _takes_id),
    Verb("change", "set what a track's file does not say, or says wrongly", _change, _takes_change),
    Verb("copy", "have copies made that boxes can play", _copy, _takes_copies),
    Verb("delete", "take tracks away that nothing uses", _delete, _takes_ids),
)
configure = partial(verbs.configure, verbs=VERBS)
run = verbs.run
