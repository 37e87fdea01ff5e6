"""Snapshots of one session: `bridge.snapshot` for `bridge.bridge.Bridge`.

The directory and the rules are not in a snapshot. A state was made over one directory and under one set of rules, so a snapshot
says which, and is of no use to a program that has others: it replays the log.
"""

import hashlib
import json
from collections.abc import Generator, Iterator
from dataclasses import asdict
from typing import Final

from bridge import bridge as domain
from bridge.bridge import Bridge
from bridge.errors import corrupt_record
from bridge.rules import Rules
from bridge.snapshot import Format, Lines, classes_of
from bridge.units import Directory

FORMAT: Final = Format(classes_of(domain))


class Saving:
    """Writes and reads snapshots of sessions over one directory, under one set of rules.

    Attributes:
        key: a snapshot that was made under another key is not to be read.

    Args:
        directory: see `Bridge`.
        rules: see `Bridge`.
        code: stands for the program's sources, so that a state that an older program has added up is added up anew.
    """

    def __init__(self, directory: Directory, rules: Rules, code: str = "") -> None:
        self._directory, self._rules = directory, rules
        parts = [FORMAT.fingerprint, directory.version, asdict(rules), code]
        self.key: Final = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    def write(self, bridge: Bridge) -> Iterator[bytes]:
        """Yield the lines of a session's state, some milliseconds of work each; nothing may be applied meanwhile."""
        return FORMAT.write(bridge, {"directory": self._directory, "rules": self._rules})

    def read(self, lines: Lines) -> Generator[None, None, Bridge]:
        """Give the session of these lines in the end; every step is some milliseconds of work.

        Raises:
            BridgeError: ``corrupt_record``, and nothing else: these are no lines that `write` made.
        """
        restored = yield from FORMAT.read(lines, {"directory": self._directory, "rules": self._rules})
        if type(restored) is not Bridge:
            raise corrupt_record("snapshot: no session")
        return restored
