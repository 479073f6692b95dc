"""Every endpoint that the hub has, in the order in which the documentation lists them; and every page."""

from easyplayer.hub.web import (
    account_endpoints,
    audit_endpoints,
    box_endpoints,
    bundle_endpoints,
    claim_page,
    command_endpoints,
    fleet_endpoints,
    hub_endpoints,
    media_endpoints,
    place_endpoints,
    played_endpoints,
    playlist_endpoints,
    preview_endpoints,
    program_endpoints,
    report_endpoints,
    token_endpoints,
    track_endpoints,
    user_endpoints,
)
from easyplayer.hub.web.endpoint import Endpoint
from easyplayer.hub.web.openapi import openapi_endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *hub_endpoints.ENDPOINTS,
    openapi_endpoint(lambda: ENDPOINTS),
    *account_endpoints.ENDPOINTS,
    *user_endpoints.ENDPOINTS,
    *token_endpoints.ENDPOINTS,
    *audit_endpoints.ENDPOINTS,
    *place_endpoints.ENDPOINTS,
    *fleet_endpoints.ENDPOINTS,
    *command_endpoints.ENDPOINTS,
    *played_endpoints.ENDPOINTS,
    *track_endpoints.ENDPOINTS,
    *playlist_endpoints.ENDPOINTS,
    *program_endpoints.ENDPOINTS,
    *preview_endpoints.ENDPOINTS,
    *bundle_endpoints.ENDPOINTS,
    *report_endpoints.ENDPOINTS,
    *box_endpoints.ENDPOINTS,
    *media_endpoints.ENDPOINTS,
)
PAGES: tuple[Endpoint, ...] = claim_page.PAGES
"""What people see in a browser: it answers in HTML, and is no part of the API."""
