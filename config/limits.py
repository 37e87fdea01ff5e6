"""Bounds that are not settings: each with the arithmetic or the source it comes from.

What an operator may want to change is in :mod:`config.model`; what would break a promise when changed is here.
"""

from __future__ import annotations

from typing import Final

# Text from outside -------------------------------------------------------------------------------------------------

MAX_CODE_CHARS: Final = 32
"""Longest unit, point or session code: ``[A-Za-z0-9][A-Za-z0-9._-]{0,31}``."""

MAX_SDP_BYTES: Final = 64 * 1024
"""Largest SDP body accepted. A browser's offer with eight media lines is about 12 KiB."""

MAX_WS_MESSAGE_BYTES: Final = 64 * 1024
"""Largest WebSocket message accepted from a page. The largest legitimate one, a hello, is below 2 KiB."""

MAX_UNITS_CSV_BYTES: Final = 16 * 1024 * 1024
"""Largest units file imported: 11,367 units of the whole country are 0.6 MiB."""

# The control socket between signaling and the node -----------------------------------------------------------------

MAX_CONTROL_LINE_BYTES: Final = 256 * 1024
"""Longest line: an SDP of 64 KiB whose every character needs an escape still fits."""

MAX_CONTROL_PENDING: Final = 4096
"""Requests that wait for the node at once. At 400 joins a second this is ten seconds of a node that does not answer."""

MAX_JOINS_UNDER_WAY: Final = 200
"""Media joins that are let in and not answered yet; beyond, viewers are refused with a time to come back. A join is 1.2 ms of
signaling's core and 1.6 ms of the node's before its handshake (measured), so these are a third of a second of either, and who
leads waits no longer than that."""

# The log ------------------------------------------------------------------------------------------------------------

MAX_APPEND_RECORDS: Final = 500
"""Records in one append. 500 take 6.7 ms with ``appendfsync always`` (75,000 events a second, measured); a larger
batch gains nothing and makes the first of its commands wait."""

MAX_PENDING_SUBMITS: Final = 20_000
"""Commands that wait for the disk at once: every point of the country arriving in the same instant, twice over."""

LOG_READ_CHUNK: Final = 1000
"""Records read in one go while a session is rebuilt: about 300 KiB, so that the loop is never held for long."""

MAX_SNAPSHOT_BACKLOG: Final = 200_000
"""Events that wait while a snapshot is written, some 60 MB: forty seconds of the fastest log that one disk takes."""

# Commands that travel to the owner ---------------------------------------------------------------------------------

MAX_INBOX_MESSAGES: Final = 20_000
"""Commands waiting in a session's inbox in Redis. The sender is refused when it is full."""

MAX_INBOX_BATCH: Final = 500
"""Commands taken from the inbox in one go."""

# Indicators ---------------------------------------------------------------------------------------------------------

MAX_INDICATOR_CSV_BYTES: Final = 4 * 1024 * 1024
"""Largest table of indicators: 64 of them for each of 11,367 units are 3 MB."""

MAX_INDICATOR_IMPORTS: Final = 30_000
"""Imports kept: one a day of each of 63 provinces for 400 days are 25,200."""

MAX_INDICATOR_BYTES: Final = 128 * 1024 * 1024
"""All imports together, compressed: a day of two indicators of the whole country is some 60 KB, so 400 days are 24 MB."""

INDICATOR_READ_CHUNK: Final = 4
"""Imports read in one go; the largest unpacks to some 6 MB, a usual one to 300 KB."""

# Presence -----------------------------------------------------------------------------------------------------------

MAX_PRESENCE_BATCH: Final = 2000
"""Points written in one pipeline, about 40 KiB."""

# Sockets ------------------------------------------------------------------------------------------------------------

MAX_SOCKET_PATH_BYTES: Final = 100
"""``sun_path`` of unix(7) holds 108 bytes including the final zero; below 100 leaves room for a temporary suffix."""
