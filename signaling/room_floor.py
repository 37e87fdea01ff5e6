"""What a room tells of the floor: each point its own request and place, each console the queue of its scope. Pure.

Who waits is told its place when that changed, in the room's fan-out; so a queue that moves by one is one message for each of
those in it, 500 at most, ten times a second at most.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.bridge import Bridge
from bridge.floor import Request
from bridge.views import request_view
from signaling.meeting_views import MAX_QUEUE_LISTED, RequestView
from signaling.messages import FloorMessage, FloorQueue
from signaling.session import Outgoing

CONSOLE_KEY = "floor_queue"


def places(bridge: Bridge) -> dict[str, int]:
    """The number in the queue of every point that waits, the first is 1."""
    return {request.point: place for place, request in enumerate(bridge.state.floor.waiting(), start=1)}


def view_of(bridge: Bridge, request: Request, place: int | None) -> RequestView:
    """A request as it is sent."""
    return RequestView.model_validate(request_view(request, bridge.directory, place))


def message_of(bridge: Bridge, request: RequestView | None) -> Outgoing:
    """A request as its point hears of it: of each session the newest waits in the point's queue."""
    return Outgoing(FloorMessage(session=bridge.session_id, request=request), f"floor:{bridge.session_id}")


def queue_of(bridge: Bridge, has: Callable[[str], bool]) -> FloorQueue:
    """Who speaks and who waits among the points that ``has`` lets pass; places are those of the whole queue."""
    holder, numbers = bridge.state.floor.holder, places(bridge)
    waiting = [request for request in bridge.state.floor.waiting() if has(request.point)]
    return FloorQueue(
        holder=view_of(bridge, holder, None) if holder is not None and has(holder.point) else None,
        queue=tuple(view_of(bridge, request, numbers[request.point]) for request in waiting[:MAX_QUEUE_LISTED]),
        waiting=len(waiting),
    )


class FloorNews:
    """What was told of the floor of one room."""

    def __init__(self, bridge: Callable[[], Bridge]) -> None:
        self._bridge = bridge
        self._told: dict[str, RequestView] = {}
        """What the points of the queue know, by point."""

    def request_of(self, point: str) -> Outgoing | None:
        """What a point that has just come is to hear of its request."""
        bridge = self._bridge()
        request = bridge.state.floor.by_point.get(point)
        if request is None:
            return None
        return message_of(bridge, view_of(bridge, request, places(bridge).get(point)))

    def take(self) -> dict[str, Outgoing]:
        """Take what points are to hear, by point: requests that changed or moved up, and those that are no more."""
        bridge = self._bridge()
        numbers = places(bridge)
        now = {
            request.point: view_of(bridge, request, numbers.get(request.point))
            for request in bridge.state.floor.requests.values()
        }
        before, self._told = self._told, now
        news = {point: view for point, view in now.items() if before.get(point) != view}
        told = {point: message_of(bridge, view) for point, view in news.items()}
        return told | {point: message_of(bridge, None) for point in before.keys() - now.keys()}
