"""What viewers say of their lines and ask for again, and what follows from it: layers of pictures, packets sent once more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sfu.dispatch import Dispatcher
from sfu.events import NodeEvent, ViewerLevel
from sfu.intake import Intake
from sfu.pacing import PacedResends
from sfu.peer import Peer
from sfu.selector import Level
from sfu.sessions import Sessions
from sfu.viewer import Viewer
from sfu.wire import rtcp


class Watching:
    """The feedback of all viewers of a node.

    Args:
        sessions: whose routes give a viewer another layer.
        dispatcher: sends packets again.
        tell: takes what signaling shall be told.
        counters: where it is counted.
    """

    def __init__(
        self, sessions: Sessions, dispatcher: Dispatcher, tell: Callable[[NodeEvent], None], counters: Counter[str]
    ) -> None:
        self._sessions, self._tell, self._counters = sessions, tell, counters
        self._resends = PacedResends(dispatcher.resend)
        self._counters.update({f"level_{level.name.lower()}": 0 for level in Level})

    def follow_level(self, peer: Peer, now: float) -> None:
        """Gives a viewer's pictures the layer that was chosen for it, when that is another one. Call it after its reports."""
        viewer = peer.viewer
        if viewer is None or not peer.is_connected:
            return
        level = viewer.take_level()
        if level is not None:
            self._sessions.routes(peer.session).set_level(viewer.legs, level, now)
            self._counters[f"level_{level.name.lower()}"] += 1
            is_wish = viewer.limit is level is not Level.FULL
            self._tell(ViewerLevel(peer.session, peer.id, viewer.owner, level.name.lower(), is_wish))
        if peer.line is not None:
            peer.line.watch(viewer.is_watched)

    def receive(
        self, peer: Peer, viewer: Viewer, packets: list[rtcp.RtcpPacket], now: float, ntp_now: float, *, is_late: bool
    ) -> None:
        """Takes a viewer's compound packet. ``is_late``: the node is, and no round trip can be told."""
        over_budget = viewer.resends_over_budget
        for resend in viewer.receive_rtcp(packets, now, ntp_now, is_late=is_late):
            self._resends.ask(resend.leg, resend.sequence, viewer.quality.rtt_ms, now)
        self.resend(now)
        self._counters["resend_over_budget"] += viewer.resends_over_budget - over_budget
        self.follow_level(peer, now)

    def take_reports(self, intake: Intake, now: float) -> None:
        """Takes what the native intake found worth telling. A viewer's first word also ends its need of an SSL object."""
        for owner, picture, sound, rtt_ms in intake.reports():
            if isinstance(owner, Peer) and owner.viewer is not None:
                owner.confirm()
                owner.viewer.receive_losses(picture, sound, rtt_ms, now)
                self.follow_level(owner, now)

    def resend(self, now: float) -> None:
        """Sends what was asked for again, as far as its turn has come."""
        self._resends.run(now)
        self._counters.update(self._resends.take_counts())

    @property
    def is_resending(self) -> bool:
        """Whether packets wait to be sent again."""
        return bool(self._resends.waiting)

    def next_timeout(self) -> float | None:
        """When :meth:`resend` has something to do."""
        return self._resends.next_timeout()
