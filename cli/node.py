"""`diemcau node`: the media node alone."""

from __future__ import annotations

import argparse
import errno

from cli.errors import EXIT_CONFIG, CommandError
from cli.files import raise_open_files
from config import Settings
from signaling.log import set_up_logging


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No flags of its own."""
    parser.set_defaults()


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Run the node until SIGTERM or Ctrl-C.

    Raises:
        CommandError: its port cannot be had, or the native core that the settings require.
    """
    from sfu.hotpath import CoreMissingError  # noqa: PLC0415
    from sfu.node import run_node  # noqa: PLC0415 (the node's imports are heavy)

    set_up_logging(settings.log.level, settings.log.format, process=settings.media.node_id)
    raise_open_files()
    settings.ensure_run_dir()
    try:
        run_node(settings)
    except CoreMissingError as error:
        raise CommandError(str(error), EXIT_CONFIG) from error
    except OSError as error:
        if error.errno in {errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES}:
            raise CommandError(
                f"cannot have {settings.media.host} port {settings.media.port}: {error.strerror}; set media.host or media.port "
                f"(DIEMCAU_MEDIA__HOST, DIEMCAU_MEDIA__PORT), or media.control for its control socket",
                EXIT_CONFIG,
            ) from error
        raise
    return 0
