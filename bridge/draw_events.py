"""What happened to draws, and what the standing line learns of calls elsewhere so that draws are fair."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PointsDrawn:
    """Points were drawn by lot. Everything that the lot depends on is in here: `bridge.draw.verify` draws again and compares.

    ``candidates`` and ``last_called`` have one entry a candidate; a time is milliseconds since the Unix epoch, 0 for never.
    ``drawn_before`` are those of the candidates that had been drawn since the last start over: they come last. ``filter`` is what
    the candidates were chosen by, in words.
    """

    at: int
    draw: str
    seed: str
    k: int
    units: tuple[str, ...]
    filter: str
    candidates: tuple[str, ...]
    last_called: tuple[int, ...]
    drawn_before: tuple[str, ...]
    drawn: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class PointCalledElsewhere:
    """A point was called in another session, at ``called_at``. Only the standing line keeps this."""

    at: int
    point: str
    session: str
    called_at: int


DrawEvent = PointsDrawn | PointCalledElsewhere
