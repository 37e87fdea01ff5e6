"""Two hosts on one machine: network namespaces joined by a cable that loses packets in both directions.

Loss is made by `tc netem` where the kernel has it, else by an nftables rule. Needs root, `ip`, and `tc` or `nft`.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Addresses inside the namespaces only; nothing outside them has or uses these.
SERVICE_IP, VIEWER_IP = "10.203.0.1", "10.203.0.2"


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names of the two namespaces, and how loss is made."""

    service: str
    viewer: str
    tool: str


def is_possible() -> bool:
    """Whether this process may make network namespaces."""
    if os.geteuid() != 0:
        return False
    name = f"dc-probe-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode != 0:
        return False
    _run("ip", "netns", "del", name)
    return True


@contextlib.contextmanager
def two_hosts(loss_percent: float) -> Iterator[Hosts]:
    """Makes both hosts and takes them away again.

    Raises:
        subprocess.CalledProcessError: a namespace, the cable or the loss could not be made.
    """
    number = os.getpid()
    hosts = ((f"dc-service-{number}", SERVICE_IP), (f"dc-viewer-{number}", VIEWER_IP))
    with contextlib.ExitStack() as stack:
        for name, _ in hosts:
            _run("ip", "netns", "add", name)
            stack.callback(_run, "ip", "netns", "del", name)
        (service, _), (viewer, _) = hosts
        _run("ip", "link", "add", "cable", "netns", service, "type", "veth", "peer", "name", "cable", "netns", viewer)
        for name, address in hosts:
            _run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", "cable")
            # One packet, one loss: without this a whole UDP_SEGMENT run crosses a cable as one piece.
            _run("ip", "-n", name, "link", "set", "cable", "gso_max_segs", "1")
            _run("ip", "-n", name, "link", "set", "lo", "up")
            _run("ip", "-n", name, "link", "set", "cable", "up")
        tools = {_lose(name, loss_percent) for name, _ in hosts} if loss_percent else set()
        yield Hosts(service, viewer, ", ".join(sorted(tools)))


def block_udp(name: str) -> None:
    """Lets no UDP through the cable of a host, in either direction, as many an office's firewall does.

    Raises:
        subprocess.CalledProcessError: nftables is not there or did not take the rules.
    """
    chains = (
        f'chain {hook} {{\ntype filter hook {hook} priority 0\n{side} "cable" meta l4proto udp counter drop\n}}'
        for hook, side in (("input", "iifname"), ("output", "oifname"))
    )
    table = "table inet noudp {\n" + "\n".join(chains) + "\n}\n"
    subprocess.run(["ip", "netns", "exec", name, "nft", "-f", "-"], input=table, check=True, capture_output=True, text=True)


def run_on_service_host(hosts: Hosts, module: str, *arguments: str, timeout_s: float) -> str:
    """Runs a module of this project on the service's host and gives what it printed.

    Raises:
        AssertionError: it failed; the message is all that it said.
    """
    command = ["ip", "netns", "exec", hosts.service, sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def set_loss(namespace: str, loss_percent: float) -> None:
    """Changes what the cable loses from now on, on its way into (nft) or out of (tc) `namespace`; 0 is none.

    Raises:
        subprocess.CalledProcessError: it could not be changed.
    """
    subprocess.run(["tc", "-n", namespace, "qdisc", "del", "dev", "cable", "root"], capture_output=True, check=False)
    nft = ["ip", "netns", "exec", namespace, "nft", "delete", "table", "inet", "loss"]
    subprocess.run(nft, capture_output=True, check=False)
    if loss_percent:
        _lose(namespace, loss_percent)


def set_rate(namespace: str, bits_per_s: int) -> None:
    """From now on no more than this comes over the cable into `namespace`; the rest is dropped, as policers do. 0: no limit

    A tenth of a second of it may come at once. See :func:`shape_rate` for a line that lets packets wait.

    Raises:
        subprocess.CalledProcessError: nftables is not there or did not take the rules.
    """
    nft = ["ip", "netns", "exec", namespace, "nft"]
    subprocess.run([*nft, "delete", "table", "inet", "rate"], capture_output=True, check=False)
    if not bits_per_s:
        return
    bytes_per_s = bits_per_s // 8
    rule = f'iifname "cable" limit rate over {bytes_per_s} bytes/second burst {max(4_000, bytes_per_s // 10)} bytes counter drop'
    table = f"table inet rate {{\nchain incoming {{\ntype filter hook input priority -1\n{rule}\n}}\n}}\n"
    subprocess.run([*nft, "-f", "-"], input=table, check=True, capture_output=True, text=True)


def shape_rate(namespace: str, bits_per_s: int, queue_s: float = 1.0) -> None:
    """From now on no more than this goes over the cable out of `namespace`, as a modem does it: what is too much waits, up to
    `queue_s` of it, and beyond that is dropped. 0: no limit

    Raises:
        subprocess.CalledProcessError: `tc`, or the kernel's htb, is not there.
    """
    tc = ["tc", "-n", namespace]
    subprocess.run([*tc, "qdisc", "del", "dev", "cable", "root"], capture_output=True, check=False)
    if not bits_per_s:
        return
    _run(*tc, "qdisc", "add", "dev", "cable", "root", "handle", "1:", "htb", "default", "1")
    rate = f"{bits_per_s}bit"
    limits = ("rate", rate, "ceil", rate, "burst", "3000", "cburst", "3000")
    _run(*tc, "class", "add", "dev", "cable", "parent", "1:", "classid", "1:1", "htb", *limits)
    _run(*tc, "qdisc", "add", "dev", "cable", "parent", "1:1", "bfifo", "limit", str(round(bits_per_s / 8 * queue_s)))


def _lose(name: str, loss_percent: float) -> str:
    netem = ["tc", "-n", name, "qdisc", "add", "dev", "cable", "root", "netem", "loss", f"{loss_percent}%"]
    if subprocess.run(netem, capture_output=True, check=False).returncode == 0:
        return "tc netem"
    rule = f'iifname "cable" numgen random mod 10000 < {round(loss_percent * 100)} counter drop'
    chain = f"type filter hook input priority 0\n{rule}\n"
    nft = ["ip", "netns", "exec", name, "nft", "-f", "-"]
    table = f"table inet loss {{\nchain incoming {{\n{chain}}}\n}}\n"
    subprocess.run(nft, input=table, check=True, capture_output=True, text=True)
    return "nft"


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
