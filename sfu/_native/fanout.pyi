"""The fan-out in C. Used by :mod:`sfu.native_fanout` alone, which has the explanation; see also ``pool.h``."""

from collections.abc import Callable, Sequence
from typing import Self

from sfu.fanout import Outlet, Run
from sfu.ids import Address
from sfu.legs import Leg
from sfu.packets import WireProfile

class Cipher:
    """One viewer's session keys, in the hands of one thread."""

    @property
    def worker(self) -> int:
        """The thread that seals with it."""

class Handle:
    """One leg, as the threads know it. An :class:`sfu.legs.Handle`."""

    def route(self, sequence_delta: int, timestamp_delta: int, profile: WireProfile, /) -> None:
        """What the leg adds, and its profile, from the next audience on."""

    def move(self, address: Address | None, /) -> None:
        """Where what is not sent yet goes; None for nowhere.

        Raises:
            ValueError: no IP address.
        """

    def close(self) -> None:
        """Nothing more is sent."""

class Audience:
    """Legs with their numbers, as they were when it was made. Its length is that of the legs."""

    @property
    def profiles(self) -> tuple[WireProfile, ...]:
        """The profiles of its legs: a frame is given in each of them."""

    def __len__(self) -> int: ...

class Fanout:
    """The threads and what waits for them."""

    def __new__(cls, outlet: Outlet | None, fileno: int, threads: int, has_segmentation: bool) -> Self:
        """Starts the threads.

        Args:
            outlet: what is given each message; None for a UDP socket.
            fileno: that socket, which stays the caller's and is closed after :meth:`close`.
            threads: 1 to 8.
            has_segmentation: whether the kernel has ``UDP_SEGMENT``.

        Raises:
            ValueError: not so many threads.
            RuntimeError: the system has no more threads.
        """

    def cipher(self, is_gcm: bool, key: bytes, salt: bytes, auth: bytes, /) -> Cipher:
        """A viewer's RTP session keys.

        Raises:
            ValueError: a key of the wrong length.
        """

    def handle(self, cipher: Cipher, ssrc: int, /) -> Handle:
        """A leg; it is nowhere and wears nothing yet."""

    def audience(self, legs: Sequence[Leg], opener: Callable[[Leg], Handle | None], /) -> Audience:
        """The legs as they are now. ``opener`` gives the handle of one that has none; None where it cannot be sent to."""

    def submit(self, is_video: bool, audience: Audience, runs: list[tuple[Run, ...]], /) -> bool:
        """Gives a frame to the threads, in each profile of the audience. False, and counted, when too much waits."""

    def repair(self, is_video: bool, handle: Handle, sequence_delta: int, timestamp_delta: int, runs: tuple[Run, ...], /) -> bool:
        """Gives one packet for one leg to its thread. False, and counted, when too much waits."""

    def behind_ms(self) -> int:
        """How long the oldest picture has waited that is not sent to all; 0 while none waits."""

    def waiting(self) -> int:
        """Pictures that are not sent to all."""

    def totals(self) -> tuple[int, int, int, int, int, int, int, int]:
        """Packets, bytes, messages, refused packets of video and of audio; messages refused, unreachable, failed."""

    def drain(self) -> None:
        """Waits until all is sent."""

    def close(self) -> None:
        """Ends the threads; what waits is not sent."""
