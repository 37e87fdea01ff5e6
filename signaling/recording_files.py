"""Recordings as they lie on disk: the folder that the recorder fills (`recorder.shelf`), and what is written beside its parts.

Beside a part that is ready come ``<part>.index.json``, what happened in the session while it was recorded, and, for a call,
``<part>.trail.json`` and ``.trail.html``, the call's evidence. Both are made from the session's log, once.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bridge.ids import is_code
from signaling.local_time import local_time
from signaling.report_files import STYLE

MAX_PARTS: Final = 2_000
MAX_INDEX: Final = 20_000
"""Entries of one index; a part is an hour."""
Json = dict[str, Any]

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "call_placed": ("Gọi", "Called"),
    "call_ringing": ("Đổ chuông", "Rings"),
    "call_delivered": ("Máy đã nhận cuộc gọi", "The page rang"),
    "call_answered": ("Trả lời", "Answered"),
    "call_connected": ("Đã có hình tiếng", "Connected"),
    "call_previewed": ("Chuẩn bị", "In preview"),
    "call_taken": ("Lên hình", "On air"),
    "call_taken_off_air": ("Xuống hình", "Off air"),
    "call_interrupted": ("Gián đoạn", "Interrupted"),
    "call_resumed": ("Trở lại", "Resumed"),
    "call_ended": ("Kết thúc", "Ended"),
    "call_failed": ("Không thành", "Failed"),
    "call_noted": ("Ghi nhận", "Noted"),
    "floor_started": ("Bắt đầu phát biểu", "Began to speak"),
    "floor_taken_back": ("Hết lượt phát biểu", "Gave the floor back"),
    "roll_call_started": ("Bắt đầu điểm danh", "Roll call began"),
    "roll_call_closed": ("Kết thúc điểm danh", "Roll call ended"),
    "recording_started": ("Bắt đầu ghi hình", "Recording began"),
    "recording_stopped": ("Dừng ghi hình", "Recording ended"),
}
"""Events of the log that an index or a trail shows."""
_OF_INDEX: Final = frozenset(WORDS) - {"call_ringing", "call_delivered", "call_connected", "call_previewed", "call_noted"}


def parts_of(folder: Path) -> list[tuple[str, Json]]:
    """The parts of a session, by name; what cannot be read is left out."""
    found: list[tuple[str, Json]] = []
    for path in sorted(folder.glob("*.mkv"))[-MAX_PARTS:]:
        said = read_json(path.with_suffix(".json"))
        if said is not None and is_part(path.stem):
            found.append((path.stem, said))
    return found


def read_json(path: Path) -> Json | None:
    """An object of a file; None where there is none."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return read if isinstance(read, dict) else None


def is_part(name: str) -> bool:
    """Whether a name could be a part's: no path of a request reaches the disk otherwise."""
    return len(name) <= 80 and is_code(name.rpartition("-")[0].removeprefix("call-")) and name.rpartition("-")[2].isdecimal()


@dataclass(slots=True)
class Chronicle:
    """What a session's log says of the parts of its recording: give it every event, in order."""

    parts: Sequence[tuple[str, Json]]
    names: Callable[[str], str]
    """A point's name by its code."""
    indexes: dict[str, list[Json]] = field(default_factory=dict)
    trails: dict[str, list[Json]] = field(default_factory=dict)
    _point_of: dict[str, str] = field(default_factory=dict)

    def add(self, event: Mapping[str, Any]) -> None:
        """Takes a stored event."""
        what, at = event.get("type"), event.get("at")
        if what not in WORDS and what != "floor_asked":
            return
        thing = str(event.get("call") or event.get("request") or "")
        if "point" in event:
            self._point_of[thing] = str(event["point"])
        if what == "floor_asked" or not isinstance(at, int):
            return
        point = self._point_of.get(thing)
        entry: Json = {
            "at": at,
            "what": what,
            "point": point,
            "name": self.names(point) if point else None,
            "call": event.get("call"),
            "by": event.get("by"),
        }
        for name, said in self.parts:
            if said.get("call") is not None and said["call"] == event.get("call"):
                self.trails.setdefault(name, []).append({**entry, "event": dict(event)})
            if what in _OF_INDEX and said["started_at"] <= at <= said["started_at"] + said["length_ms"]:
                index = self.indexes.setdefault(name, [])
                if len(index) < MAX_INDEX:
                    index.append({**entry, "from_ms": at - said["started_at"]})

    def write(self, folder: Path) -> None:
        """Writes what stands beside each part."""
        for name, said in self.parts:
            index = {"part": name, "started_at": said["started_at"], "shown": said["shown"], "events": self.indexes.get(name, [])}
            _write(folder / f"{name}.index.json", json.dumps(index, ensure_ascii=False))
            trail = self.trails.get(name)
            if trail is not None:
                _write(folder / f"{name}.trail.json", json.dumps({"call": said["call"], "trail": trail}, ensure_ascii=False))
                _write(folder / f"{name}.trail.html", trail_html(said, trail))


def is_written(folder: Path, name: str) -> bool:
    """Whether a part has its index."""
    return (folder / f"{name}.index.json").exists()


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def trail_html(said: Mapping[str, Any], trail: Iterable[Mapping[str, Any]]) -> str:
    """A call's trail to read and to print; both languages."""
    rows = "".join(
        f"<tr><td class=n>{local_time(entry['at'])}</td><td>{html.escape(WORDS[entry['what']][0])}"
        f" <small lang=en>{html.escape(WORDS[entry['what']][1])}</small></td>"
        f"<td>{html.escape(str(entry['by'] or ''))}</td><td class=l>{html.escape(_details(entry['event']))}</td></tr>"
        for entry in trail
    )
    title = html.escape(f"Cuộc gọi {said['call']}: {said.get('title') or said.get('point') or ''}")
    return (
        f"<!doctype html><html lang=vi><meta charset=utf-8><title>{title}</title><style>{STYLE}</style><h1>{title}</h1>"
        "<table><thead><tr><th>Lúc</th><th>Việc</th><th>Ai</th><th>Chi tiết</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></html>"
    )


def _details(event: Mapping[str, Any]) -> str:
    left_out = {"v", "type", "at", "call", "by"}
    return "; ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in event.items() if key not in left_out)
