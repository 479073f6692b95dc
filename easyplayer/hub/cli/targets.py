"""For what a program is published, or to what a command goes."""

import argparse

from easyplayer.hub.content_views import PublicationWanted, Target


def add_targets(parser: argparse.ArgumentParser, targets: tuple[Target, ...] = (*Target,)) -> None:
    """Declare the options that name one target; one of them must be given."""
    which = parser.add_mutually_exclusive_group(required=True)
    shown = {Target.ZONE: "VENUE/ZONE"}
    for target in targets:
        which.add_argument(
            f"--{target}",
            dest=f"to_{target}",
            metavar=shown.get(target, str(target).upper()),
            help=f"for this {target}",
        )


def target_of(arguments: argparse.Namespace) -> tuple[Target, str]:
    """Tell which target was named."""
    return next(
        (target, name) for target in Target if (name := getattr(arguments, f"to_{target}", None)) is not None
    )


def wanted(arguments: argparse.Namespace) -> PublicationWanted:
    """Say for what a program is to be published."""
    target, name = target_of(arguments)
    return PublicationWanted(target=target, target_id=name, version=arguments.version or 0)
