"""`diemcau stills`: the desk check alone, the process that keeps the points' stills and looks at them."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
from typing import Final

from cli.errors import EXIT_CONFIG, CommandError
from config import Settings, load_keys
from signaling.log import set_up_logging

NICENESS: Final = 10
"""Media and calls come first where the machine has too much to do (nice(1))."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No flags of its own."""
    parser.set_defaults()


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Run the desk check until SIGTERM or Ctrl-C.

    Raises:
        CommandError: its socket cannot be had.
    """
    from stills import process  # noqa: PLC0415 (OpenCV is heavy)

    process.silence_decoder()
    set_up_logging(settings.log.level, settings.log.format, process="stills")
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    settings.ensure_run_dir()
    secret = settings.control_secret(load_keys(settings.data_dir))
    try:
        asyncio.run(
            process.run(
                settings.stills_address,
                secret,
                looks_at_chairs=settings.stills.chairs,
                chair_every_s=settings.stills.chair_every_s,
            )
        )
    except OSError as error:
        raise CommandError(
            f"cannot have the socket {settings.stills_address}: {error.strerror}; set stills.address (DIEMCAU_STILLS__ADDRESS)",
            EXIT_CONFIG,
        ) from error
    return 0
