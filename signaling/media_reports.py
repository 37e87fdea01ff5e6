"""What the media node says that flows, on its way to the sessions' records.

Theory of operation. The node names the session of everything that flows. The newest word of a feed and kind counts; one that a
session could not record yet waits as an errand. What flows altogether is remembered, so that a session that is loaded later, or
whose state was built anew, can be compared with it. Of voices for single points (`bridge.talkback`) no record speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from bridge import commands
from bridge.bridge import Bridge
from bridge.ids import is_talk_feed
from signaling.errands import Errand, Errands

Flow = tuple[str, str, str]
"""Session, feed and kind."""


class Recording(Protocol):
    """The part of a session's owner that is needed."""

    @property
    def bridge(self) -> Bridge:
        """The state on disk."""
        ...

    async def submit(self, command: Any) -> list[Any]:
        """Have a command carried out."""
        ...


class MediaReports:
    """See the module's text."""

    def __init__(self, owners: Mapping[str, Recording], errands: Errands) -> None:
        self._owners = owners
        self._errands = errands
        self._flowing: set[Flow] | None = None
        """None before the node was heard."""

    def report(self, session: str, feed: str, kind: str, *, flowing: bool, reason: str = "") -> None:
        """One thing began to flow, or stopped."""
        if self._flowing is not None:
            (self._flowing.add if flowing else self._flowing.discard)((session, feed, kind))
        self._tell(session, feed, kind, flowing=flowing, reason=reason)

    def report_all(self, flowing: Iterable[Flow], reason: str) -> None:
        """The node says (or, when it is gone, we know) that exactly these flow; ``reason`` is why others do not."""
        self._flowing = set(flowing)
        for session in self._owners:
            self.compare(session, reason)

    def compare(self, session: str, reason: str = "unknown") -> None:
        """Have a session's record agree with what the node said last; nothing before it said anything."""
        owner = self._owners.get(session)
        if owner is None or self._flowing is None:
            return
        known = {(session, feed, kind) for feed, kinds in owner.bridge.state.media.items() for kind in kinds}
        now = {flow for flow in self._flowing if flow[0] == session}
        for _, feed, kind in known - now:
            self._tell(session, feed, kind, flowing=False, reason=reason)
        for _, feed, kind in now:
            self._tell(session, feed, kind, flowing=True)

    def _tell(self, session: str, feed: str, kind: str, *, flowing: bool, reason: str = "") -> None:
        owner = self._owners.get(session)
        if owner is not None and not is_talk_feed(feed):
            command = commands.ReportMedia(feed, kind, flowing, reason)
            self._errands.put(("media", session, feed, kind), Errand(owner.submit, command))
