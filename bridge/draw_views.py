"""Draws as pages see them: plain dictionaries, ready for JSON."""

from collections.abc import Sequence

from bridge.asking import shown_units
from bridge.draw import Draw
from bridge.units import Directory


def draw_view(draw: Draw, directory: Directory, scope: Sequence[str]) -> dict[str, object] | None:
    """Give a draw for a scope: of the points drawn only those within. None when it was not from any unit of the scope."""
    if not shown_units(directory, draw.units, scope):
        return None
    drawn = [
        {
            "place": place,
            "point": point,
            "point_name": directory.point(point).name if directory.has_point(point) else point,
            "last_called": at or None,
        }
        for place, (point, at) in enumerate(draw.drawn.items(), 1)
        if directory.is_within(point, scope)
    ]
    return {
        "id": draw.id,
        "at": draw.at,
        "by": draw.by,
        "k": draw.k,
        "units": list(draw.units),
        "filter": draw.filter,
        "seed": draw.seed,
        "candidates": draw.candidates,
        "left_out": draw.left_out,
        "started_over": draw.started_over,
        "drawn": drawn,
    }
