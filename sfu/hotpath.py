"""Which core runs: the native one where it was built, the reference in Python otherwise, and never a mixture of both.

A node that is half native would be measured, tuned and debugged as neither. So the native core is taken whole: every module of
:data:`NATIVE_MODULES` can be imported, or none is used.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sfu.fanout import Fanout, Outlet, ReferenceFanout
from sfu.intake import Intake

NATIVE_MODULES: tuple[str, ...] = ("sfu._native.fanout", "sfu._native.intake")
"""All that the native core consists of."""
HOW_TO_BUILD = "install gcc, libssl-dev and python3-dev and install the package again (pip install --editable .)"


class CoreMissingError(RuntimeError):
    """The native core is required and not there; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Core:
    """The parts of one core.

    Attributes:
        name: for the log, ``/metrics`` and people.
        missing: why the native core does not run, where it was not asked to stay out.
        fanout: makes the fan-out of a socket; the number is that of threads, 0 for as many as there are cores.
        intake: makes what receives from a socket, given its descriptor and what to add to monotonic seconds for seconds since
            1900; None where the loop reads the socket.
    """

    name: Literal["native", "reference"]
    missing: str
    fanout: Callable[[Outlet, int], Fanout]
    intake: Callable[[int, float], Intake] | None = None


def _reference(outlet: Outlet, threads: int) -> Fanout:  # noqa: ARG001 (Python has the node's own thread and no other)
    return ReferenceFanout(outlet)


def _native(outlet: Outlet, threads: int) -> Fanout:
    from sfu.native_fanout import NativeFanout  # noqa: PLC0415 (cannot be imported where it was not built)

    return NativeFanout(outlet, threads)


def _native_intake(socket: int, ntp_offset_s: float) -> Intake:
    from sfu._native.intake import Intake as NativeIntake  # noqa: PLC0415 (as above)

    return NativeIntake(socket, ntp_offset_s)


def select(core: Literal["auto", "native", "reference"]) -> Core:
    """The core that ``media.core`` asks for.

    Raises:
        CoreMissingError: ``native`` is required, and a part of it cannot be imported.
    """
    if core == "reference":
        return Core("reference", "", _reference)
    try:
        for module in NATIVE_MODULES:
            importlib.import_module(module)
    except ImportError as error:
        if core == "native":
            text = f'media.core is "native", but it was not built here ({error}): {HOW_TO_BUILD}, or set media.core to "auto"'
            raise CoreMissingError(text) from error
        return Core("reference", str(error), _reference)
    return Core("native", "", _native, _native_intake)
