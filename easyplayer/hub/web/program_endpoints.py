"""Programs: drafts, checks, versions, and publishing."""

from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from easyplayer.errors import BadRequestError
from easyplayer.hub.content_views import (
    Checked,
    Group,
    Imported,
    ProgramGiven,
    ProgramHeader,
    ProgramKept,
    Publication,
    PublicationWanted,
    Version,
)
from easyplayer.hub.services import importing, programs, publishing
from easyplayer.hub.services.access import Role
from easyplayer.hub.services.holding import require_somewhere
from easyplayer.hub.services.preview import day_from
from easyplayer.hub.services.slugs import Slug
from easyplayer.hub.web.endpoint import Call, Endpoint, Nothing
from easyplayer.hub.web.errors import JSON
from easyplayer.hub.web.pages import number_after, page
from easyplayer.hub.web.views import Page, Paged
from easyplayer.playout.calendar import zone_of
from easyplayer.playout.pictures import week_on_screen
from easyplayer.playout.week import week_svg
from easyplayer.protocol.program_head import MOST_PROGRAM_BYTES

MIB = 1024 * 1024
MOST_DRAFT_BYTES = 8 * MIB
SVG = "image/svg+xml"


class WeekWanted(Struct, frozen=True, kw_only=True):
    """Which week is wanted.

    :ivar date: a date in it; empty is today.
    :ivar screen: whether that of the screens is wanted, in place of the music's.
    """

    date: Annotated[str, Meta(max_length=10)] = ""
    screen: bool = False


class ImportWanted(Struct, frozen=True, kw_only=True):
    """What a file is to become: the program's name at the hub, and the group that it belongs to."""

    program: Slug
    group: Group = ""


class PublicationsWanted(Paged, frozen=True, kw_only=True):
    """Which publications are wanted: those of a program, or all."""

    program: Annotated[str, Meta(max_length=63)] = ""


def listed(call: Call[Paged, None]) -> Page[ProgramHeader]:
    """List the programs that the caller sees."""
    require_somewhere(call.caller, Role.VIEWER)
    wanted = call.query
    with call.hub.database.read() as connection:
        found = programs.listed(connection, call.caller, after=wanted.after, limit=wanted.limit + 1)
    return page(found, wanted, lambda program: program.id)


def get(call: Call[Nothing, None]) -> ProgramKept:
    """Show a draft."""
    with call.hub.database.read() as connection:
        return programs.get(connection, call.caller, call.path["program"])


def put(call: Call[Nothing, ProgramGiven]) -> ProgramKept:
    """Keep a draft."""
    hub = call.hub
    with hub.database.write() as connection:
        return programs.put(connection, call.caller, hub.now(), call.path["program"], call.body)


def delete(call: Call[Nothing, None]) -> None:
    """Forget a program."""
    hub = call.hub
    with hub.database.write() as connection:
        programs.delete(connection, call.caller, hub.now(), call.path["program"])


def check(call: Call[Nothing, None]) -> Checked:
    """Tell all faults and remarks of a draft."""
    with call.hub.database.read() as connection:
        return programs.check(connection, call.caller, call.path["program"])


def publish(call: Call[Nothing, PublicationWanted]) -> Publication:
    """Publish a program."""
    hub = call.hub
    with hub.database.write() as connection:
        return publishing.publish(connection, call.caller, hub.now(), call.path["program"], call.body)


def versions(call: Call[Paged, None]) -> Page[Version]:
    """List the versions of a program."""
    program, wanted = call.path["program"], call.query
    before = number_after(wanted)
    with call.hub.database.read() as connection:
        programs.find(connection, call.caller, program)
        found = programs.versions(connection, program, before=before, limit=wanted.limit + 1)
    return page(found, wanted, lambda version: version.version)


def version(call: Call[Nothing, None]) -> Response:
    """Give the file of a version."""
    program, number = call.path["program"], int(call.path["version"])
    with call.hub.database.read() as connection:
        programs.find(connection, call.caller, program)
        return Response(programs.body(connection, program, number), media_type=JSON)


def week(call: Call[WeekWanted, None]) -> Response:
    """Draw a week of a draft."""
    hub = call.hub
    with hub.database.read() as connection:
        draft = programs.get(connection, call.caller, call.path["program"]).draft
    day = day_from(call.query.date, zone_of(draft.zone), hub.now())
    shown = week_on_screen(draft) if call.query.screen else draft
    drawn = week_svg(shown, day - timedelta(days=day.weekday()), hub.now())
    return Response(drawn, media_type=SVG)


def take(call: Call[ImportWanted, bytes]) -> Imported:
    """Take a program's file."""
    hub, wanted = call.hub, call.query
    if not call.body:
        message = "the body is empty: send the program's file"
        raise BadRequestError(message)
    with hub.database.write() as connection:
        return importing.import_program(
            connection,
            call.caller,
            hub.now(),
            program=wanted.program,
            group=wanted.group,
            content=call.body,
        )


def publications(call: Call[PublicationsWanted, None]) -> Page[Publication]:
    """List what was published."""
    require_somewhere(call.caller, Role.VIEWER)
    wanted = call.query
    before = number_after(wanted)
    with call.hub.database.read() as connection:
        found = publishing.listed(
            connection, call.caller, program=wanted.program, before=before, limit=wanted.limit + 1
        )
    return page(found, wanted, lambda publication: publication.revision)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/programs",
        summary="List programs",
        handle=listed,
        query=Paged,
        answers=Page[ProgramHeader],
        subject="programs",
    ),
    Endpoint(
        method="POST",
        path="/api/v1/programs/import",
        summary="Take a program's file, whose media have been uploaded, as a draft",
        handle=take,
        query=ImportWanted,
        body=bytes,
        answers=Imported,
        most_bytes=MOST_PROGRAM_BYTES,
        subject="programs",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/programs/{program}",
        summary="Show a draft",
        handle=get,
        answers=ProgramKept,
        subject="programs",
    ),
    Endpoint(
        method="PUT",
        path="/api/v1/programs/{program}",
        summary="Make a draft, or replace it",
        handle=put,
        body=ProgramGiven,
        answers=ProgramKept,
        most_bytes=MOST_DRAFT_BYTES,
        subject="programs",
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/programs/{program}",
        summary="Delete a program that is in force nowhere",
        handle=delete,
        status=204,
        subject="programs",
    ),
    Endpoint(
        method="POST",
        path="/api/v1/programs/{program}/check",
        summary="Tell everything that is wrong with a draft, or odd about it",
        handle=check,
        answers=Checked,
        subject="programs",
    ),
    Endpoint(
        method="POST",
        path="/api/v1/programs/{program}/publish",
        summary="Publish a program for a group, a venue, a zone or a box",
        handle=publish,
        body=PublicationWanted,
        answers=Publication,
        subject="programs",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/programs/{program}/versions",
        summary="List the versions of a program, the newest first",
        handle=versions,
        query=Paged,
        answers=Page[Version],
        subject="programs",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/programs/{program}/versions/{version}",
        summary="Give the file of a version, as boxes get it",
        handle=version,
        answers=bytes,
        subject="programs",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/programs/{program}/week.svg",
        summary="Draw a week of a draft",
        handle=week,
        query=WeekWanted,
        answers=bytes,
        subject="programs",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/publications",
        summary="List what was published, the newest first",
        handle=publications,
        query=PublicationsWanted,
        answers=Page[Publication],
        subject="programs",
    ),
)
