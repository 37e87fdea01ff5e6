"""The agenda as pages see it: plain dictionaries, ready for JSON."""

from collections.abc import Callable

from bridge.agenda import Agenda, Item
from bridge.units import Directory


def item_view(item: Item, place: int, directory: Directory) -> dict[str, object]:
    """Give one item; ``place`` is its number on the whole agenda."""
    return {
        "id": item.id,
        "place": place,
        "point": item.point,
        "point_name": directory.point(item.point).name if directory.has_point(item.point) else item.point,
        "subject": item.subject,
        "duration_ms": item.duration_ms,
        "state": item.state.value,
        "tries": item.tries,
        "called_at": item.called_at,
        "started_at": item.started_at,
        "ended_at": item.ended_at,
        "spoken_ms": item.spoken_ms,
    }


def agenda_view(agenda: Agenda, directory: Directory, has: Callable[[str], bool]) -> dict[str, object]:
    """Give the items of the points that ``has`` lets pass, with their numbers on the whole agenda, and which of them is next."""
    upcoming = agenda.next_up()
    items = [item_view(item, place, directory) for place, item in enumerate(agenda.items.values(), 1) if has(item.point)]
    return {"items": items, "next": upcoming.id if upcoming is not None and has(upcoming.point) else None}


def spoken_view(agenda: Agenda, directory: Directory, has: Callable[[str], bool]) -> list[dict[str, object]]:
    """Give how long each point has spoken, on the agenda or not, the longest first."""
    rows = sorted(agenda.spoken_ms.items(), key=lambda row: (-row[1], row[0]))
    return [
        {"point": point, "point_name": directory.point(point).name if directory.has_point(point) else point, "spoken_ms": ms}
        for point, ms in rows
        if has(point)
    ]
