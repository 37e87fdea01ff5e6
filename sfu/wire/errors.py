"""The one exception that the wire parsers raise.

Whatever the bytes are, a parser of this package returns a value or raises :class:`WireError`: never ``struct.error``,
``IndexError`` or ``UnicodeDecodeError``. The fault is always the remote's, so the caller counts it, drops the datagram (or
refuses the request) and goes on.
"""

from __future__ import annotations


class WireError(ValueError):
    """Bytes or text from the network that do not follow their format; the message says which rule they break."""
