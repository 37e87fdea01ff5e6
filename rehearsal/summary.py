"""What a result says in words: the figures that matter, each with its name in both languages, as a table. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes:
        name: the field of the JSON that it is made of; its note explains an absent value.
        text: the value as people read it; None where it was not measured.
    """

    name: str
    vi: str
    en: str
    text: str | None


_Read = Callable[[Json], str | None]


def _one(name: str, form: str) -> _Read:
    return lambda fields: None if fields.get(name) is None else form.format(fields[name])


def _pair(name: str) -> _Read:
    def read(fields: Json) -> str | None:
        both = fields.get(name)
        return None if both is None else f"p50 {both['p50']:g} ms, p99 {both['p99']:g} ms"

    return read


def _delivered(fields: Json) -> str | None:
    ratio = fields.get("delivered_ratio")
    return None if ratio is None else f"{100 * ratio:.3f}% ({fields['delivered_packets']:,} / {fields['expected_packets']:,})"


def _bad(fields: Json) -> str | None:
    bad = fields["sampled_bad_packets"]
    return None if bad is None else f"{bad:,} / {fields['sampled_packets']:,}"


def _calls(fields: Json) -> str | None:
    return f"{fields['calls_as_expected']} / {len(fields['calls'])}" if fields["calls"] else None


_FIGURES: Final[tuple[tuple[str, str, str, _Read], ...]] = (
    ("joined", "Điểm cầu vào được", "Points joined", lambda fields: f"{fields['joined']:,} / {fields['points']:,}"),
    ("join_seconds", "Vào hết trong", "All in within", _one("join_seconds", "{:.1f} s")),
    ("server_cpu_ms_per_join", "CPU máy chủ mỗi lượt vào", "Server CPU per join", _one("server_cpu_ms_per_join", "{:.2f} ms")),
    (
        "server_cpu_ms_per_arrival",
        "CPU máy chủ mỗi WebSocket",
        "Server CPU per arrival",
        _one("server_cpu_ms_per_arrival", "{:.2f} ms"),
    ),
    (
        "server_idle_cpu_percent_per_1000",
        "CPU khi yên, mỗi 1.000 điểm",
        "CPU at rest, per 1,000 points",
        _one("server_idle_cpu_percent_per_1000", "{:.2f}%"),
    ),
    ("delivered_ratio", "Gói đến nơi", "Packets delivered", _delivered),
    (
        "sampled_bad_packets",
        "Gói sai / gói kiểm tra",
        "Bad / checked packets",
        _bad,
    ),
    ("server_cpu_us_per_packet", "CPU máy chủ mỗi gói", "Server CPU per packet", _one("server_cpu_us_per_packet", "{:.2f} µs")),
    ("server_cpu_cores", "CPU máy chủ khi họp", "Server CPU in the meeting", _one("server_cpu_cores", "{:.2f}")),
    (
        "server_rss_kib_per_point",
        "Bộ nhớ máy chủ mỗi điểm",
        "Server memory per point",
        _one("server_rss_kib_per_point", "{:.1f} KiB"),
    ),
    ("forward_latency_ms", "Độ trễ chuyển tiếp", "Forwarding delay", _pair("forward_latency_ms")),
    ("audio_latency_ms", "Độ trễ tiếng", "Delay of audio", _pair("audio_latency_ms")),
    (
        "call_answer_to_first_packet_ms",
        "Trả lời đến gói đầu tiên",
        "Answer to first packet",
        _pair("call_answer_to_first_packet_ms"),
    ),
    ("call_order_to_ring_ms", "Bấm gọi đến đổ chuông", "Order to ring", _pair("call_order_to_ring_ms")),
    ("calls", "Cuộc gọi đúng kịch bản", "Calls as planned", _calls),
    ("keyframe_requests", "Yêu cầu khung hình chính", "Key-frame requests", _one("keyframe_requests", "{}")),
    ("refused_503", "Bị hẹn lại (503)", "Told to come later (503)", _one("refused_503", "{:,}")),
    (
        "simulator",
        "CPU của phía mô phỏng",
        "CPU of the simulator",
        lambda fields: None if fields["simulator"]["cpu_cores"] is None else f"{fields['simulator']['cpu_cores']:.2f}",
    ),
)


def figures(fields: Json) -> list[Figure]:
    """The figures that matter, in order."""
    return [Figure(name, vi, en, read(fields)) for name, vi, en, read in _FIGURES]


def verdict(fields: Json) -> tuple[str, str]:
    """Passed or not, in Vietnamese and English."""
    if fields["passed"]:
        return "Đạt", "Passed"
    return "Chưa đạt", "Not passed"


def table(fields: Json) -> str:
    """The result for a terminal: both languages side by side, what was not measured with the reason."""
    rows = [(f"{figure.vi} / {figure.en}", figure.text or "—", figure) for figure in figures(fields)]
    width = max(len(head) for head, _, _ in rows)
    lines = [f"{'':2}{head:<{width}}  {text}{_because(fields, figure)}" for head, text, figure in rows]
    vi, en = verdict(fields)
    lines.append(f"{'':2}{'Kết quả / Result':<{width}}  {vi} / {en}")
    lines += [f"{'':4}- {reason['vi']} / {reason['en']}" for reason in fields["reasons"]]
    lines += [f"{'':4}! {remark}" for remark in fields["remarks"]]
    return "\n".join(lines)


def _because(fields: Json, figure: Figure) -> str:
    note = fields["notes"].get(figure.name)
    return f"  ({note['vi']} / {note['en']})" if note else ""
