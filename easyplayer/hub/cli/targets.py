"""For what a program is published, to what a command goes, or what a stick is for."""

import argparse

from easyplayer.hub.cli.boxes import id_of
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.content_views import PublicationWanted, Target
from easyplayer.hub.stick_views import BundleTarget

SHOWN = {Target.ZONE: "VENUE/ZONE"}
"""How the name of a target is shown, where that is not just its sort."""


def add_targets(parser: argparse.ArgumentParser, targets: tuple[Target, ...] = (*Target,)) -> None:
    """Declare the options that name one target; one of them must be given."""
    which = parser.add_mutually_exclusive_group(required=True)
    for target in targets:
        which.add_argument(
            f"--{target}",
            dest=f"to_{target}",
            metavar=SHOWN.get(target, str(target).upper()),
            help=f"for this {target}",
        )


def target_of(arguments: argparse.Namespace) -> tuple[Target, str]:
    """Tell which target was named."""
    return next(
        (target, name) for target in Target if (name := getattr(arguments, f"to_{target}", None)) is not None
    )


def wanted(hub: HubClient, arguments: argparse.Namespace) -> PublicationWanted:
    """Say for what a program is to be published; a box by its id, or by its name."""
    target, name = target_of(arguments)
    found = _id_of(hub, target, name)
    return PublicationWanted(target=target, target_id=found, version=arguments.version or 0)


def add_several_targets(parser: argparse.ArgumentParser) -> None:
    """Declare the options that name targets, each as often as it is needed."""
    for target in Target:
        parser.add_argument(
            f"--{target}",
            dest=f"to_{target}",
            action="append",
            default=[],
            metavar=SHOWN.get(target, str(target).upper()),
            help=f"for this {target}; may be given several times",
        )


def several_targets(hub: HubClient, arguments: argparse.Namespace) -> list[BundleTarget]:
    """Tell which targets were named; a box by its id, or by its name."""
    named = [(target, name) for target in Target for name in getattr(arguments, f"to_{target}")]
    return [BundleTarget(target=target, target_id=_id_of(hub, target, name)) for target, name in named]


def _id_of(hub: HubClient, target: Target, name: str) -> str:
    return id_of(hub, name) if target is Target.BOX else name
