"""What is wrong with what a program's screens are to show, as far as no field shows it by itself."""

from easyplayer.playout.catalogue import Entry, Pictures, Playlist
from easyplayer.playout.items import ClipSound, Item, ItemKind
from easyplayer.playout.program_known import Findings, Known
from easyplayer.playout.spelling import shown


def fallback(known: Known, screen: Pictures) -> Findings:
    """Check the playlist for all times that nothing else covers."""
    missing = known.missing(Playlist, screen.fallback) if screen.fallback else ""
    if missing:
        yield "screen → fallback", missing


def playlists(known: Known, playlist: str, screen: str) -> Findings:
    """Check what a show or a daypart is for: to be heard, to be seen, or both."""
    missing = known.missing(Playlist, screen) if screen else ""
    if missing:
        yield "screen", missing
    elif not (playlist or screen):
        choice = known.choice[Playlist].instead_of("")
        yield "playlist", f"is empty, and so is screen: name one to be heard, or to be seen; {choice}"


def entries(known: Known, playlist: str, listed: tuple[Entry, ...]) -> Findings:
    """Check that what a screen shows can be seen."""
    place = known.screened.get(playlist)
    if place is None:
        return
    for at, entry in enumerate(listed):
        kind = known.kind_of(entry.item)
        if kind in {ItemKind.FILE, ItemKind.LOCAL}:
            what = f"{shown(entry.item)} is a sound, and {place} has the screens show this playlist"
            yield f"entries[{at}] → item", f'{what}; write "kind": "still" or "clip", or list it elsewhere'


def pictures(known: Known, listed: tuple[str, ...]) -> Findings:
    """Check what a spot shows."""
    for at, item in enumerate(listed):
        kind = known.kind_of(item)
        if missing := known.missing(Item, item):
            yield f"pictures[{at}]", missing
        elif kind not in {ItemKind.STILL, ItemKind.CLIP, None}:
            yield f"pictures[{at}]", f"{shown(item)} is a {kind}; a spot shows stills and clips"


def clip_sound(_known: Known, kind: ItemKind, sound: ClipSound) -> Findings:
    """Check that only what brings sound to the screen says what becomes of it."""
    item = Item(id="", location="", kind=kind)
    if sound is not ClipSound.MUTE and (item.still or not item.showing):
        yield "clip_sound", f"counts for nothing: a {kind} brings no sound to the screen; leave it out"
