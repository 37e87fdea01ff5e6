"""Checks as a browser makes them, written and read with aioice's STUN: independent of the project's own."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from aioice import stun


@dataclass(slots=True)
class IceClient:
    """The full ICE side of one peer. `local_ufrag` and so on are the client's; `remote_…` are those of the answer."""

    remote_ufrag: str
    remote_pwd: str
    local_ufrag: str = "clnt"
    answered: set[bytes] = field(default_factory=set)
    errors: list[int] = field(default_factory=list)

    def check(
        self,
        *,
        nominate: bool = False,
        priority: bool = True,
        controlling: bool = True,
        controlled: bool = False,
        password: str | None = None,
        username: str | None = None,
        fingerprint: bool = True,
    ) -> bytes:
        """A Binding request. FFmpeg's has neither priority nor controlling."""
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, transaction_id=os.urandom(12))
        message.attributes["USERNAME"] = username or f"{self.remote_ufrag}:{self.local_ufrag}"
        if priority:
            message.attributes["PRIORITY"] = 0x6E0001FF
        if controlled:
            message.attributes["ICE-CONTROLLED"] = 1
        elif controlling:
            message.attributes["ICE-CONTROLLING"] = 1
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity((password or self.remote_pwd).encode())
        if not fingerprint:
            del message.attributes["FINGERPRINT"]
        return bytes(message)

    def receive(self, data: bytes) -> tuple[str, int] | None:
        """Reads an answer, its integrity included, and returns the mapped address of a success."""
        message = stun.parse_message(data)
        assert message.check_message_integrity(self.remote_pwd.encode())
        self.answered.add(message.transaction_id)
        if message.message_class is stun.Class.ERROR:
            self.errors.append(message.attributes["ERROR-CODE"][0])
            return None
        address: tuple[str, int] = message.attributes["XOR-MAPPED-ADDRESS"]
        return address
