"""``easyplayer-hub serve``: run the hub."""

import argparse
import os
from functools import partial
from pathlib import Path

from easyplayer.hub import settings as hub_settings
from easyplayer.hub.app import build_application, build_hub
from easyplayer.hub.first_start import make_admin
from easyplayer.hub.log import set_up
from easyplayer.hub.serving import allow_open_files, listening, serve, tell_systemd, url_of
from easyplayer.hub.settings import HubSettings
from easyplayer.hub.state_directory import HubState
from easyplayer.hub.workers import serve_by_workers

GIVEN = ("state", "host", "port", "database", "media", "public_url", "workers")
"""The settings that the command line has options for."""

OWNER_ONLY = 0o077
"""Nothing that the hub writes is for other users of the machine."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument("--state", metavar="DIR", help="directory for the database, the media and the keys")
    parser.add_argument("--host", metavar="ADDRESS", help="address to listen on")
    parser.add_argument("--port", type=int, metavar="N", help="port to listen on; 0 takes a free one")
    parser.add_argument("--database", metavar="URL", help="postgresql://USER@HOST/NAME, or sqlite:///FILE")
    parser.add_argument("--media", metavar="PLACE", help="a folder, or s3://BUCKET/PREFIX")
    parser.add_argument("--public-url", metavar="URL", help="base URL by which others reach the hub")
    parser.add_argument("--workers", type=int, metavar="N", help="how many processes answer")
    parser.add_argument(
        "-v", "--verbose", action="count", default=0, help="tell more; twice for the libraries' own words"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the hub until it is told to end."""
    given = {key: getattr(arguments, key) for key in GIVEN if getattr(arguments, key) is not None}
    wanted = hub_settings.load(arguments.settings, command_line=given)
    set_up(arguments.verbose)
    os.umask(OWNER_ONLY)
    allow_open_files()
    state = HubState(wanted.directory)
    state.hold()
    try:
        _run(wanted, state, arguments.verbose)
    finally:
        state.release()
    return 0


def _run(wanted: HubSettings, state: HubState, verbosity: int) -> None:
    with listening(wanted.host, wanted.port) as listener:
        hub = build_hub(wanted)
        try:
            make_admin(hub, state)
            ready = partial(_tell, state, url_of(listener))
            if wanted.workers == 1:
                serve(build_application(hub), listener, ready)
                return
        finally:
            hub.database.close()
        serve_by_workers(wanted, listener, verbosity, ready)


def _tell(state: HubState, url: str) -> None:
    """Say that the hub answers: to whoever has started it, to the command line, to systemd."""
    state.keep_place(url)
    print(f"hub listens on {url}", flush=True)
    tell_systemd("READY=1")
