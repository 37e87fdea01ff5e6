"""The sessions of a node: made once, kept while somebody is there, bounded when nobody is."""

from sfu.dispatch import Dispatcher
from sfu.fanout import ReferenceFanout
from sfu.ids import FeedId, SessionId
from sfu.plan import Plan
from sfu.router import BurstBudget
from sfu.sessions import IDLE_SESSIONS_MAX, Sessions
from tests.sfu.kit import ListOutlet, source

MAIN = SessionId("main")


def sessions() -> Sessions:
    return Sessions(Dispatcher(ReferenceFanout(ListOutlet())), BurstBudget())


def test_a_session_is_made_once_and_keeps_its_plan_when_the_last_peer_left() -> None:
    held = sessions()
    assert MAIN not in held
    routes = held.enter(MAIN)
    assert routes.set_plan(Plan(MAIN, 7, {}), 0.0)
    assert held.enter(MAIN) is routes
    held.leave(MAIN)
    assert held.populated == 1
    held.leave(MAIN)
    assert (held.populated, held.names(), held.routes(MAIN).plan.version) == (0, [MAIN], 7)


def test_idle_sessions_are_bounded_and_those_with_peers_or_feeds_stay() -> None:
    held = sessions()
    held.enter(MAIN)
    fed = held.routes(SessionId("fed"))
    fed.set_source(FeedId("center"), "audio", source("audio"), 0.0)
    for number in range(3 * IDLE_SESSIONS_MAX):
        held.routes(SessionId(f"s{number}"))
    names = held.names()
    assert names[:2] == ["main", "fed"]
    assert names[2:] == [f"s{number}" for number in range(2 * IDLE_SESSIONS_MAX, 3 * IDLE_SESSIONS_MAX)]
    assert held.routes(SessionId("fed")) is fed
    assert len(held) == IDLE_SESSIONS_MAX + 2
