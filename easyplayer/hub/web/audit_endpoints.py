"""The audit log: for admins, each as far as they are one."""

from typing import Annotated

from msgspec import Meta

from easyplayer.errors import BadRequestError, ForbiddenError
from easyplayer.hub.services.access import Role
from easyplayer.hub.services.audit import AuditRow, history
from easyplayer.hub.web.endpoint import Call, Endpoint
from easyplayer.hub.web.views import Page, Paged
from easyplayer.units import Instant


class AuditWanted(Paged, frozen=True, kw_only=True):
    """Which rows are wanted.

    :ivar user: of whom; empty is everyone.
    :ivar subject: about what, such as ``venue/bar``; one that ends in ``/`` is all below it.
    :ivar since: not before this instant.
    """

    user: Annotated[str, Meta(max_length=200)] = ""
    subject: Annotated[str, Meta(max_length=200)] = ""
    since: Instant | None = None


def audit(call: Call[AuditWanted, None]) -> Page[AuditRow]:
    """List what was changed, the newest first."""
    if Role.ADMIN not in call.caller.grants.values():
        message = f"{call.caller.user} needs the role admin for that: ask an admin"
        raise ForbiddenError(message)
    wanted = call.query
    if wanted.after and not (wanted.after.isascii() and wanted.after.isdigit()):
        message = "query: after: send what the part before has told as next"
        raise BadRequestError(message)
    with call.hub.database.read() as connection:
        rows = history(
            connection,
            call.caller,
            user=wanted.user,
            subject=wanted.subject,
            since=wanted.since,
            before=int(wanted.after) if wanted.after else None,
            limit=wanted.limit + 1,
        )
    more = len(rows) > wanted.limit
    items = rows[: wanted.limit]
    return Page(items=items, next=str(items[-1].number) if more else "")


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/audit",
        summary="List what was changed by whom, the newest first",
        handle=audit,
        query=AuditWanted,
        answers=Page[AuditRow],
        subject="audit",
    ),
)
