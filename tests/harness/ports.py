"""Free ports of this machine for services that tests start."""

import random
import socket


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

    Another process may take it before the service does; the range is wide and the tests run one by one.
    """
    for _ in range(200):
        port = random.randrange(12_000, 32_000)
        if is_free(port, host):
            return port
    raise RuntimeError("no free port found")
