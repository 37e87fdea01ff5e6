"""The owner of a session of this service: :class:`signaling.owner.SessionOwner` over :class:`bridge.bridge.Bridge`."""

from __future__ import annotations

import functools
import hashlib
import typing
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from bridge import codec as event_codec
from bridge.bridge import Bridge
from bridge.commands import Command, Reconcile
from bridge.rules import Rules
from bridge.saving import Saving
from bridge.stage import plan_of
from bridge.units import Directory
from config.model import Calls, Escalation, Floor, RosterSettings, Settings
from signaling.forwarding import CommandCodec
from signaling.owner import OwnerTiming, SessionOwner
from signaling.presence import Presence
from signaling.snapshots import Snapshots
from signaling.store import Json, Store

RECONCILED_BY: Final = "system"


class BridgeCodec(CommandCodec):
    """The domain's events by its own codec, its commands by their dataclasses."""

    def __init__(self) -> None:
        super().__init__(typing.get_args(Command))

    def encode_event(self, event: Any) -> Json:
        """An event as it is stored."""
        return event_codec.encode_event(event)

    def decode_event(self, stored: Json) -> Any:
        """The event that was stored. Raises ``BridgeError`` when it is none."""
        return event_codec.decode_event(stored)


@functools.cache
def _codec() -> BridgeCodec:
    """One for all sessions: it takes tens of milliseconds to make."""
    return BridgeCodec()


def rules_of(calls: Calls, floor: Floor, escalation: Escalation, roster: RosterSettings) -> Rules:
    """The domain's rules, from the settings."""
    return Rules(
        deliver_timeout_ms=round(calls.deliver_timeout_s * 1000),
        answer_timeout_ms=round(calls.answer_timeout_s * 1000),
        media_timeout_ms=round(calls.media_timeout_s * 1000),
        reconnect_grace_ms=round(calls.reconnect_grace_s * 1000),
        auto_preview=calls.auto_preview,
        floor_ms=round(floor.speaking_s * 1000),
        floor_warning_ms=round(floor.warning_s * 1000),
        escalation_step_ms=round(escalation.step_s * 1000),
        shift_confirm_ms=round(roster.confirm_s * 1000),
    )


@functools.cache
def sources_of_domain() -> str:
    """A digest of the domain's sources: a state that other sources have added up is not taken over."""
    files = [file for file in resources.files("bridge").iterdir() if file.name.endswith(".py")]
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.name):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def session_owner(
    session: str,
    store: Store,
    presence: Presence,
    directory: Directory,
    settings: Settings,
    standing: SessionOwner[Bridge] | None = None,
) -> SessionOwner[Bridge]:
    """Make the owner of a session; :meth:`SessionOwner.start` it, and let ``presence`` call its ``reconcile``.

    Who is live on the standing line is what the processes list; of every other session it is what ``standing``, the standing
    line's owner in this process, has on record.
    """

    def plan(bridge: Bridge) -> Mapping[str, Any]:
        return plan_of(bridge).to_dict()

    async def reconcile() -> Reconcile | None:
        if standing is not None and not owner.bridge.is_open:
            return None  # it is over nobody yet, or not any more
        if standing is None:
            live = await presence.live_points(session)
        else:
            await standing.wait_ready()
            live = frozenset(point for point, record in standing.bridge.state.records.items() if record.is_live)
        return Reconcile(frozenset(point for point in live if directory.has_point(point)), by=RECONCILED_BY)

    codec, every = _codec(), settings.snapshots.every
    rules = rules_of(settings.calls, settings.floor, settings.escalation, settings.roster)
    saving = Saving(directory, rules, sources_of_domain())
    owner: SessionOwner[Bridge] = SessionOwner(
        session,
        store,
        lambda: Bridge(session, directory, rules),
        process=presence.process,
        codec=codec,
        timing=OwnerTiming(lease_s=settings.lease.lease_s, renew_s=settings.lease.renew_s),
        plan_of=plan,
        reconcile=reconcile,
        snapshots=Snapshots(session, store, saving, codec, every) if every else None,
    )
    return owner
