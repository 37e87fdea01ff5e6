"""What viewers say of their lines and ask for again, and what follows from it: layers of pictures, packets sent once more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import inf

from sfu.dispatch import Dispatcher
from sfu.events import NodeEvent, ViewerLevel
from sfu.ids import Address, PeerId, is_stream
from sfu.intake import Intake
from sfu.pacing import PacedResends
from sfu.peer import Peer
from sfu.report_window import Losses
from sfu.selector import Level
from sfu.sessions import Sessions
from sfu.thin_line import TICK_S, ThinLine
from sfu.viewer import SENDER_REPORT_S, Viewer
from sfu.wire import rtcp

THIN_LINES_MAX = 500
"""Viewers whose pictures are paced at once, by the reference fan-out: at 30 packets of 10 µs a second an eighth of a core. Those
who come later get their layer unpaced."""

THIN_REPORT_S = 1.0
"""A thin line's round trip is known anew so often: one that is five seconds old is of a queue that has gone."""


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
        self._thin: dict[PeerId, Peer] = {}
        """Viewers with a line of their own."""
        self._left: list[tuple[bytes, Address]] = []
        """What waited in lines that are none any more."""
        self._paced_at = float("-inf")
        self._counters.update({f"level_{level.name.lower()}": 0 for level in Level})

    def follow_level(self, peer: Peer, now: float) -> None:
        """Gives a viewer's pictures the layer that was chosen for it, when that is another one. Call it after its reports."""
        viewer = peer.viewer
        if viewer is None or not peer.is_connected:
            return
        former = viewer.told_level
        level = viewer.take_level(now)
        if level is not None:
            is_cut = level > former and viewer.is_thin
            if is_cut and viewer.line is not None:
                viewer.line.clear()
            self._pace(peer, viewer)
            self._sessions.routes(peer.session).set_level(viewer.legs, level, now, is_cut=is_cut)
            self._counters[f"level_{level.name.lower()}"] += 1
            is_wish = viewer.limit is level is not Level.FULL
            self._tell(ViewerLevel(peer.session, peer.id, viewer.owner, level.name.lower(), is_wish))
        if peer.line is not None:
            peer.line.watch(viewer.is_watched)

    def _pace(self, peer: Peer, viewer: Viewer) -> None:
        """Gives a viewer whose line carries less than all a line of its own, and takes it away where it carries all."""
        address = peer.transport.address
        may_have = viewer.is_short and address is not None and not is_stream(address)
        if may_have and viewer.line is None and len(self._thin) < THIN_LINES_MAX:
            viewer.take_line(ThinLine(lambda: viewer.layers_bps(viewer.level)))
            self._thin[peer.id] = peer
        elif not may_have and viewer.line is not None:
            self._left += viewer.line.flush()
            self._forget_line(peer, viewer)
        else:
            return
        for leg in viewer.legs:
            if leg.kind == "video" and (address is None or not is_stream(address)):
                leg.outlet = viewer.line

    def _forget_line(self, peer: Peer, viewer: Viewer) -> None:
        self._thin.pop(peer.id, None)
        viewer.take_line(None)

    def forget(self, peer: Peer) -> None:
        """A peer is gone."""
        self._thin.pop(peer.id, None)

    def handle_timeout(self, now: float) -> tuple[list[tuple[bytes, Address]], list[tuple[Peer, Viewer]]]:
        """Sends what was asked for again, as far as its turn has come; returns what leaves of the paced pictures now, and the
        viewers that shall be sent a sender report."""
        if self._resends.waiting:
            self.resend(now)
        if not self.is_pacing or now < self._paced_at + TICK_S:
            return [], []
        self._paced_at = now
        out, self._left = self._left, []
        reports: list[tuple[Peer, Viewer]] = []
        for peer in list(self._thin.values()):
            line = None if peer.viewer is None else peer.viewer.line
            if peer.viewer is None or line is None:
                del self._thin[peer.id]
                continue
            out += line.take(now)
            is_train_over = line.probe is not None and line.probe.take_report_wish(now)
            self._counters["line_trains"] += is_train_over and line.probe is not None and not line.probe.is_draining
            if is_train_over or peer.viewer.report_at - now < SENDER_REPORT_S - THIN_REPORT_S:
                reports.append((peer, peer.viewer))
        return out, reports

    def receive(
        self, peer: Peer, viewer: Viewer, packets: list[rtcp.RtcpPacket], now: float, ntp_now: float, *, is_late: bool
    ) -> None:
        """Takes a viewer's compound packet. ``is_late``: the node is, and no round trip can be told."""
        over_budget = viewer.resends_over_budget
        is_known = peer.line is not None
        for resend in viewer.receive_rtcp(packets, now, ntp_now, is_late=is_late, are_reports_known=is_known):
            self._resends.ask(resend.leg, resend.sequence, viewer.quality.rtt_ms, now)
        self.resend(now)
        self._counters["resend_over_budget"] += viewer.resends_over_budget - over_budget
        self.follow_level(peer, now)

    def take_reports(self, intake: Intake, now: float) -> None:
        """Takes what the native intake found worth telling. A viewer's first word also ends its need of an SSL object."""
        for owner, picture, sound, rtt_ms in intake.reports():
            if isinstance(owner, Peer) and owner.viewer is not None:
                owner.confirm()
                pictures, sounds = (None if told is None else Losses(*told) for told in (picture, sound))
                owner.viewer.receive_losses(pictures, sounds, rtt_ms, now)
                self.follow_level(owner, now)

    def resend(self, now: float) -> None:
        """Sends what was asked for again, as far as its turn has come."""
        self._resends.run(now)
        self._counters.update(self._resends.take_counts())

    @property
    def is_pacing(self) -> bool:
        """Whether there are lines of their own, or what is left of one."""
        return bool(self._thin) or bool(self._left)

    def next_timeout(self) -> float:
        """When :meth:`handle_timeout` has something to do; infinite while nothing waits."""
        resends_at = self._resends.next_timeout()
        return min(inf if resends_at is None else resends_at, self._paced_at + TICK_S if self.is_pacing else inf)
