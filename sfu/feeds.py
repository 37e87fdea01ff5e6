"""Which publisher carries a feed: the newest one that sends, and what routes and signaling are told when that changes."""

from __future__ import annotations

from collections.abc import Callable

from sfu.events import FeedFlowing, FeedState, FeedStopped, NodeEvent
from sfu.ids import FeedId, Kind, SessionId
from sfu.peer import Peer
from sfu.publisher import Publisher
from sfu.sessions import Sessions


class Feeds:
    """The feeds of all sessions, each held by one publishing peer.

    Args:
        sessions: whose routes learn what carries a feed.
        tell: takes what signaling shall be told.
        replace: ends a peer whose feed another one carries now.
    """

    def __init__(self, sessions: Sessions, tell: Callable[[NodeEvent], None], replace: Callable[[Peer, float], None]) -> None:
        self._sessions, self._tell, self._replace = sessions, tell, replace
        self._holders: dict[tuple[SessionId, FeedId], Peer] = {}

    def __len__(self) -> int:
        return len(self._holders)

    def states(self) -> list[FeedState]:
        """All streams that flow now."""
        return [
            FeedState(peer.session, peer.publisher.feed, kind, peer.id)
            for peer in self._holders.values()
            if peer.publisher is not None
            for kind in ("audio", "video")
            if peer.publisher.best(kind) is not None
        ]

    def update(self, peer: Peer, now: float) -> None:
        """Passes on what changed at a publisher: call it after anything was given to it."""
        publisher = peer.publisher
        if publisher is None:
            return
        for kind in publisher.changed_kinds():
            key = (peer.session, publisher.feed)
            holder = self._holders.get(key)
            best = publisher.best(kind)
            if best is None:
                if holder is peer:
                    self._stop(peer, kind, "silent", now)
                continue
            if holder is not peer:
                if holder is not None and holder.joined_at > peer.joined_at:
                    self._replace(peer, now)
                    return
                self._holders[key] = peer
                self._end_former(holder, publisher, now)
            routes = self._sessions.routes(peer.session)
            is_news = holder is not peer or routes.source(publisher.feed, kind) is None
            routes.set_layers(publisher.feed, kind, publisher.layers(kind), now)
            if is_news:
                self._tell(FeedFlowing(peer.session, publisher.feed, kind, peer.id))

    def _end_former(self, holder: Peer | None, publisher: Publisher, now: float) -> None:
        """Ends the peer that held a feed which ``publisher`` carries from now on."""
        if holder is None or holder.publisher is None:
            return
        for other in ("audio", "video"):
            if publisher.best(other) is None and holder.publisher.best(other) is not None:
                self._stop(holder, other, "replaced", now)
        self._replace(holder, now)

    def end(self, peer: Peer, reason: str, now: float) -> None:
        """A peer has ended: what it carried stops."""
        publisher = peer.publisher
        if publisher is None or self._holders.get((peer.session, publisher.feed)) is not peer:
            return
        del self._holders[peer.session, publisher.feed]
        for kind in ("audio", "video"):
            if publisher.best(kind) is not None:
                self._stop(peer, kind, reason, now)

    def _stop(self, peer: Peer, kind: Kind, reason: str, now: float) -> None:
        if peer.publisher is not None:
            self._sessions.routes(peer.session).set_source(peer.publisher.feed, kind, None, now)
            self._tell(FeedStopped(peer.session, peer.publisher.feed, kind, peer.id, reason))
