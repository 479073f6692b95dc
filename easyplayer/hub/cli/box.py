"""``easyplayer-hub box``: the boxes: those that wait, those that play, and where they are to be."""

import argparse
from collections.abc import Iterator
from functools import partial

from msgspec import UNSET, structs

from easyplayer.hub.cli import verbs
from easyplayer.hub.cli.boxes import columns, hub_time, id_of, seen
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.screen_words import about_screen, about_screenshot
from easyplayer.hub.cli.telling import (
    Column,
    add_yes,
    ago,
    confirm,
    instant,
    length,
    size,
    tell_done,
    tell_one,
    tell_rows,
)
from easyplayer.hub.cli.verbs import Verb
from easyplayer.hub.fleet_views import Box, BoxChange, BoxDetail, Claim, Waiting
from easyplayer.hub.services.boxes import State
from easyplayer.protocol.heartbeat import (
    Disk,
    Health,
    OnAir,
    ScreenState,
    Status,
    Storage,
    Supervision,
)
from easyplayer.units import Instant

MAIN = "main"
WAITING = (
    Column[Waiting]("box", lambda one: one.box),
    Column[Waiting]("machine", lambda one: one.name),
    Column[Waiting]("address", lambda one: one.address),
    Column[Waiting]("version", lambda one: one.version),
    Column[Waiting]("code until", lambda one: instant(one.expires)),
)


def _waiting(hub: HubClient, arguments: argparse.Namespace) -> None:
    tell_rows(arguments, hub.get("/pairings", list[Waiting]), WAITING, "no box waits to be claimed")


def _claim(hub: HubClient, arguments: argparse.Namespace) -> None:
    claim = Claim(code=arguments.code, venue=arguments.venue, zone=arguments.zone, name=arguments.name or "")
    made = hub.post("/claims", claim, Box)
    tell_done(arguments, f"{made.name} ({made.id}) is in {made.venue}/{made.zone}", made)


def _list(hub: HubClient, arguments: argparse.Namespace) -> None:
    query = {
        "venue": arguments.venue,
        "group": arguments.group,
        "state": arguments.state_of,
        "screen": arguments.screen,
        "text": arguments.text,
    }
    found = [*hub.pages("/boxes", Box, query)]
    tell_rows(arguments, found, columns(hub_time(hub)), "there are no such boxes")


def _show(hub: HubClient, arguments: argparse.Namespace) -> None:
    box = hub.get(f"/boxes/{id_of(hub, arguments.box)}", BoxDetail)
    now = hub_time(hub)
    told = "" if box.now is None else f"{ago(now - box.now.time)}, by its heartbeat"
    if hub.may_call and box.state == State.ONLINE:
        from easyplayer.hub.cli.looking import look

        report = look(hub.where, box.id)
        if report is not None:
            box = structs.replace(box, now=report.now, status=report.status)
            told = "just now, by its live channel"
    tell_one(arguments, box, _about(box, now, told))


def _about(box: BoxDetail, now: Instant, told: str) -> Iterator[tuple[str, str]]:
    """Put a box into words.

    :param told: when it has told what it plays, and how.
    """
    yield "box", f"{box.name} ({box.id})"
    yield "where", f"{box.venue_name}, {box.zone} ({box.venue}/{box.zone})"
    yield "state", f"{box.state}, seen {seen(box, now)}, from {box.address or 'nowhere'}"
    if blocked := box.blocked or box.venue_blocked:
        yield "BLOCKED", blocked
    if told:
        yield "told", told
    if box.status is not None:
        yield from _about_status(box.status)
        yield from about_screen(box.status.screen, "" if box.now is None else box.now.picture)
    yield from about_screenshot(box)
    if box.now is not None:
        yield "position", length(box.now.position_s)
        yield "level", f"{box.now.level_db:.0f} dBFS"
        yield "running", f"{box.now.uptime_s / 3600:.1f} h"
    for run in box.runs:
        verdict = f", {run.verdict.upper()}" if run.verdict else ""
        yield "run", f"{run.run} at {run.address}, from {instant(run.first_seen)}{verdict}"


def _about_status(status: Status) -> Iterator[tuple[str, str]]:
    storage, machine = status.storage, status.machine
    yield "plays", f"{_item(status.item)} ({status.state}: {status.reason})"
    yield "next", _item(status.next)
    yield "program", f"{status.program or 'none'}, revision {status.revision or '-'}"
    yield "allowed", f"{'yes' if status.allowed else 'no'} ({status.verdict})"
    yield "output", f"{status.sink or 'none'}, volume {status.volume}"
    missing = f", {storage.missing} missing" if storage.missing else ""
    yield "storage", f"{storage.items} media{missing}, {size(storage.free_bytes)} free"
    yield from about_storage(storage)
    yield from about_bad_ends(status.supervision)
    yield "machine", f"{machine.name}, {machine.system}, cpu {machine.cpu_percent:.0f} %"
    yield "version", status.version
    if status.autonomy.until is not None:
        yield "plays on", f"until {instant(status.autonomy.until)}, without the hub"
    yield from (("trouble", text) for text in troubles(status))
    if status.support is not None:
        yield "support", f"open for {status.support.left_s:.0f} s: {status.support.why}"


def troubles(status: Status) -> list[str]:
    """Give what is wrong with a box, each thing once, without what is told of its disks anyway."""
    storage = status.storage
    said = [text for text in (storage.trouble, *(disk.trouble for disk in storage.disks)) if text]
    told: list[str] = []
    for text in (*status.autonomy.uncovered, *status.trouble, *status.problems):
        if not any(one in text or text in one for one in said):
            said.append(text)
            told.append(text)
    return told


def about_bad_ends(seen: Supervision) -> Iterator[tuple[str, str]]:
    """Put what the box's WatchDog has seen into words; nothing where it has seen nothing."""
    if seen.safe:
        yield "SAFE MODE", "it plays what its firmware brings along, until it tries again by itself"
    if seen.kills or seen.crashes:
        yield "bad ends", f"killed {seen.kills} times, crashed {seen.crashes} times: {seen.last}"
    if seen.unguarded:
        yield "UNGUARDED", f"nobody starts the box anew if it hangs: {seen.unguarded}"


def about_storage(storage: Storage) -> Iterator[tuple[str, str]]:
    """Put what is on the box's disks, and on its way there, into words."""
    if storage.trouble:
        yield "TROUBLE", storage.trouble
    for disk in storage.disks:
        yield "disk" if disk.health is Health.WELL else "DISK", _disk(disk)
    if storage.previous:
        yield "before", storage.previous
    if storage.staged:
        yield "fetches", f"{storage.staged}: {size(storage.fetched_bytes)} of {size(storage.to_fetch_bytes)}"
    download = storage.download
    if download.files_left or download.held_up:
        speed = f", held up: {download.held_up}" if download.held_up else f", {size(download.bytes_per_s)}/s"
        yield "downloads", f"{download.files_left} media ({size(download.bytes_left)}) to come{speed}"
    if storage.scrubbed or storage.spoiled:
        yield "checked", f"{storage.scrubbed} media within 30 days, {storage.spoiled} had gone bad"


def _disk(disk: Disk) -> str:
    if disk.health is Health.MISSING:
        return f"{disk.health}: {disk.trouble}"
    trouble = f" ({disk.trouble})" if disk.trouble else ""
    room = f"{size(disk.free_bytes)} of {size(disk.total_bytes)} free"
    return f"{disk.name}: {disk.health}{trouble}, {disk.media} media, {room}"


def _item(item: OnAir | None) -> str:
    if item is None:
        return "nothing"
    name = f"{item.artist} - {item.title}" if item.artist and item.title else item.title or item.id
    return ", ".join(filter(None, (name, length(item.length_s), item.why)))


def _move(hub: HubClient, arguments: argparse.Namespace) -> None:
    change = BoxChange(venue=arguments.venue or UNSET, zone=arguments.zone or UNSET)
    made = _changed(hub, arguments, change)
    tell_done(arguments, f"{made.name} is in {made.venue}/{made.zone}", made)


def _rename(hub: HubClient, arguments: argparse.Namespace) -> None:
    made = _changed(hub, arguments, BoxChange(name=arguments.name))
    tell_done(arguments, f"{made.id} is called {made.name}", made)


def _block(hub: HubClient, arguments: argparse.Namespace) -> int:
    if not confirm(arguments, f"Silence the box {arguments.box}?"):
        return 1
    made = _changed(hub, arguments, BoxChange(blocked=arguments.why))
    tell_done(arguments, f"{made.name} may not play: {made.blocked}", made)
    return 0


def _unblock(hub: HubClient, arguments: argparse.Namespace) -> None:
    made = _changed(hub, arguments, BoxChange(blocked=""))
    tell_done(arguments, f"{made.name} may play", made)


def _forget(hub: HubClient, arguments: argparse.Namespace) -> int:
    if not confirm(arguments, f"Forget the box {arguments.box}? It has to be claimed anew then."):
        return 1
    hub.delete(f"/boxes/{id_of(hub, arguments.box)}")
    tell_done(arguments, f"{arguments.box} is forgotten; what it has played is kept")
    return 0


def _changed(hub: HubClient, arguments: argparse.Namespace, change: BoxChange) -> Box:
    return hub.patch(f"/boxes/{id_of(hub, arguments.box)}", change, Box)


def _takes_claim(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", help="what the box shows, such as 7K2M-Q9XD")
    parser.add_argument("--venue", required=True, metavar="VENUE", help="where it is to be")
    parser.add_argument("--zone", default=MAIN, metavar="ZONE", help="of the venue; main if not given")
    parser.add_argument("--name", metavar="TEXT", help="what to call it; as its machine if not given")


def _takes_filter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", metavar="TEXT", help="only those with this in name or id")
    parser.add_argument("--venue", metavar="VENUE", help="only those of this venue")
    parser.add_argument("--group", metavar="GROUP", help="only those of this group's venues")
    parser.add_argument(
        "--only", dest="state_of", choices=[*State], type=State, help="only those in this state"
    )
    parser.add_argument(
        "--screen", choices=[*ScreenState], type=ScreenState, help="only those with such a one"
    )


def _takes_box(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("box", metavar="BOX", help="its id, or its name")


def _takes_place(parser: argparse.ArgumentParser) -> None:
    _takes_box(parser)
    parser.add_argument("--venue", metavar="VENUE", help="to this venue")
    parser.add_argument("--zone", metavar="ZONE", help="to this zone; main in another venue if not given")


def _takes_name(parser: argparse.ArgumentParser) -> None:
    _takes_box(parser)
    parser.add_argument("name", metavar="NAME", help="what people are to call it")


def _takes_why(parser: argparse.ArgumentParser) -> None:
    _takes_box(parser)
    parser.add_argument("why", metavar="WHY", help="why, for the venue's staff")
    add_yes(parser)


def _takes_yes(parser: argparse.ArgumentParser) -> None:
    _takes_box(parser)
    add_yes(parser)


VERBS = (
    Verb("waiting", "list boxes that wait to be claimed", _waiting),
    Verb("claim", "take in the box that shows this code", _claim, _takes_claim),
    Verb("list", "list boxes, and how they are", _list, _takes_filter),
    Verb("show", "tell all that a box says of itself", _show, _takes_box),
    Verb("move", "put a box into another venue or zone", _move, _takes_place),
    Verb("rename", "give a box another name", _rename, _takes_name),
    Verb("block", "silence a box", _block, _takes_why),
    Verb("unblock", "let a box play again", _unblock, _takes_box),
    Verb("forget", "unpair a box", _forget, _takes_yes),
)
configure = partial(verbs.configure, verbs=VERBS)
run = verbs.run
