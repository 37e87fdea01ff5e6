"""How much of the programme's pictures a point gets: what the node chose for its line, and what the point itself asked for.

Theory of operation. The node names the level of a viewer, and whose viewer it is, to every signaling process; the one that has
the point's line tells it. What a point asks for goes to the viewers that this process let in for it, and is not remembered: the
page asks again with each connection that it makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol, cast, get_args

import structlog

from bridge.ids import point_of_feed
from signaling.media import MediaError, ViewerLevel
from signaling.messages import PictureMessage
from signaling.point_messages import PictureLevel
from signaling.room import Listener
from signaling.session import Outgoing

KEY: Final = "picture"
_LEVELS: Final = get_args(PictureLevel)
_log = structlog.get_logger(__name__)


class Node(Protocol):
    """What is needed of :class:`signaling.media.MediaNode`."""

    async def limit(self, peer: str, level: str) -> None:
        """Give a viewer no more than this of the pictures."""
        ...


class Pictures:
    """See the module's text.

    Args:
        lines: the line of each point that is connected here.
        viewers_of: a point's viewers at the node.
        node: the media node.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        lines: Mapping[str, Listener],
        viewers_of: Callable[[str], Iterable[str]],
        node: Node,
        clock: Callable[[], float],
    ) -> None:
        self._lines, self._viewers_of, self._node, self._clock = lines, viewers_of, node, clock

    def receive(self, event: ViewerLevel) -> None:
        """A viewer's pictures come in another layer, or not at all: its point is told, where it is a point's."""
        point = point_of_feed(event.owner or "")
        line = None if point is None else self._lines.get(point)
        if line is None or event.level not in _LEVELS:
            return
        line.session.send(
            Outgoing(PictureMessage(level=cast("PictureLevel", event.level), is_wish=event.is_wish), KEY), self._clock()
        )
        line.wake(line)

    async def limit(self, point: str, level: str) -> None:
        """A point wants no more than this."""
        for peer in list(self._viewers_of(point)):
            try:
                await self._node.limit(peer, level)
            except MediaError as error:  # it is gone, or the node is: the page asks again when it is back
                _log.info("pictures.not_limited", reason=type(error).__name__)
