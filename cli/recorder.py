"""`diemcau recorder`: the recorder alone. It has the data folder and the machine in common with the node."""

from __future__ import annotations

import argparse

from cli.errors import CommandError
from config import Settings
from signaling.log import set_up_logging


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No flags of its own."""
    parser.set_defaults()


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Record until SIGTERM or Ctrl-C.

    Raises:
        CommandError: the folder of recordings or the socket cannot be made.
    """
    from recorder.run import run_recorder  # noqa: PLC0415 (only this command needs it)

    set_up_logging(settings.log.level, settings.log.format, process="recorder")
    try:
        run_recorder(settings)
    except OSError as error:
        raise CommandError(f"cannot record to {settings.recordings_dir}: {error.strerror or error}") from error
    return 0
