"""The limit of open files: a process with ten thousand connections needs more than the usual 1,024."""

from __future__ import annotations

import resource
from typing import Final

import structlog

logger: Final = structlog.get_logger("files")

WANTED: Final = 65_536
NEEDED: Final = 12_000
"""10,603 points, their consoles, and what the process itself holds."""


def raise_open_files() -> int:
    """Raise the soft limit as far as the system allows and return it; warns where it stays too low."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft < NEEDED:
        logger.warning("open_files_limited", limit=soft, needed=NEEDED, hint="raise it: ulimit -n, or LimitNOFILE= of systemd")
    return soft
