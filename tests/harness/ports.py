"""Free ports of this machine for services that tests start."""

import random
import socket
import sys

_CLAIM = "\0diemcau-test-port-%d"
"""A name that only one process of this machine can have, and that is free again when it ends: no file is left behind."""


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether nothing listens on `port`, over TCP and over UDP: the media port serves both."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """A port that is free for TCP and UDP, below the range from which the system gives ports to clients.

    It is given once: no other call gets it, in this process or in one that runs beside it, before the service has bound it.
    """
    for _ in range(200):
        port = random.randrange(12_000, 32_000)
        if _claim(port) and is_free(port, host):
            return port
    raise RuntimeError("no free port found")


def _claim(port: int) -> bool:
    if sys.platform != "linux":
        return True  # no such names there
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(_CLAIM % port)
    except OSError:
        claim.close()
        return False
    claim.detach()  # open until this process ends
    return True
