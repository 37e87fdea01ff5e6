"""Who is let in at the REST routes, and which scope they get."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bridge.bridge import Bridge
from bridge.errors import BridgeError
from signaling.auth import Identity
from signaling.errors import ServiceError
from signaling.rest_desk import RestDesk
from tests.signaling.world import directory

BRIDGE = Bridge("main", directory())


def desk_for(role: str) -> RestDesk:
    identity = Identity(f"point:{role}" if role == "point" else role, cast("Any", role), "main", ("79",), 9)
    bearers = SimpleNamespace(check=lambda *_: identity)
    addresses = SimpleNamespace(of=lambda *_: "::1")
    unused: Any = None
    return RestDesk(cast("Any", bearers), cast("Any", addresses), unused, unused, unused, lambda: 1)


REQUEST: Any = SimpleNamespace(remote="::1", headers={}, match_info={"directive": "d1", "odd": "a b"})


@pytest.mark.parametrize(
    ("role", "doors"),
    [
        ("center", {"anybody", "reader", "console"}),
        ("operator", {"anybody", "reader", "console"}),
        ("observer", {"anybody", "reader"}),
        ("point", {"anybody", "point"}),
        ("viewer", set()),
    ],
)
def test_who_is_let_in_where(role: str, doors: set[str]) -> None:
    for door in ("anybody", "reader", "console", "point"):
        let_in = getattr(desk_for(role), door)
        if door in doors:
            assert let_in(REQUEST).role == role
            continue
        with pytest.raises(ServiceError) as refused:
            let_in(REQUEST)
        assert refused.value.refusal.code == "forbidden"


def test_a_unit_of_the_scope_or_all_of_it() -> None:
    desk = desk_for("operator")
    identity = desk.reader(REQUEST)
    assert desk.scope(identity, None, BRIDGE) == ("79",)
    assert desk.scope(identity, "773", BRIDGE) == ("773",)
    with pytest.raises(ServiceError):
        desk.scope(identity, "80", BRIDGE)
    with pytest.raises(BridgeError):
        desk.scope(identity, "99", BRIDGE)


def test_what_can_be_an_id() -> None:
    desk = desk_for("operator")
    assert desk.code(REQUEST, "directive") == "d1"
    with pytest.raises(ServiceError):
        desk.code(REQUEST, "odd")
