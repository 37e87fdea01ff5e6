"""What can be asked about draws, and what the standing line is told of calls elsewhere."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DrawPoints:
    """Draw ``k`` of the candidates by lot. The shell makes the seed and the candidates, and says what other sessions know.

    ``candidates`` are points of ``units``; ``last_called`` has one time a candidate (milliseconds since the Unix epoch, 0 for
    unknown), or none at all.
    """

    k: int
    units: tuple[str, ...]
    candidates: tuple[str, ...]
    last_called: tuple[int, ...]
    seed: str
    filter: str
    by: str


@dataclass(frozen=True, slots=True)
class NoteCall:
    """A point was called in another session. The machinery says it to the standing line, no account."""

    point: str
    session: str
    called_at: int


DrawCommand = DrawPoints | NoteCall
