"""The result as one page to keep and to print: figures, plots, tables. It loads nothing and needs no script. Pure.

Vietnamese first; two radio buttons before everything else switch the language by style alone.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, Final

from rehearsal.plot import Band, Line, legend, share_plot, time_plot, words
from rehearsal.summary import figures, verdict

Json = dict[str, Any]
Cell = str | tuple[str, str]
"""One text, or one in Vietnamese and English."""
Row = tuple[Sequence[Cell], bool]
"""The cells, and whether all is well with it."""

MAX_ROWS: Final = 500
"""Of a table: a page is for reading, the JSON has everything."""
PHASES: Final = {
    "before": ("Trước", "Before"),
    "arrive": ("Đến", "Arrival"),
    "join": ("Vào", "Joining"),
    "idle": ("Yên", "Quiet"),
    "start": ("Bắt đầu", "Start"),
    "meeting": ("Họp", "Meeting"),
    "end": ("Kết thúc", "End"),
}
PARTS: Final = {
    "node": ("Nút truyền hình (node)", "Media node"),
    "signaling": ("Điều khiển (signaling)", "Signaling"),
    "valkey": ("Lưu trữ (valkey)", "Store (valkey)"),
}
OUTCOMES: Final = {
    "answered": ("Trả lời", "Answered"),
    "no_answer": ("Không trả lời", "No answer"),
    "declined": ("Từ chối", "Declined"),
    "no_device": ("Hỏng thiết bị", "No device"),
    "undelivered": ("Không đến máy", "Undelivered"),
    "offline": ("Không kết nối", "Offline"),
    "media_failed": ("Không có hình, tiếng", "No media"),
    "network_lost": ("Mất mạng", "Network lost"),
    "cancelled": ("Đã hủy", "Cancelled"),
    "engaged_above": ("Cấp trên đang gọi", "Engaged above"),
    "unfinished": ("Chưa xong", "Unfinished"),
}
STYLE: Final = """
:root{--ink:#14202e;--muted:#4d5c6d;--line:#d5dde6;--panel:#fff;--ground:#eef2f6;--green:#0f7b3f;--red:#c8102e}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:1040px;margin:0 auto;padding:1.2rem}
.language{position:absolute;opacity:0}
#vi:checked~* [lang=en],#en:checked~* [lang=vi]{display:none}
.languages{float:right}
.languages label{padding:.3rem .7rem;border:1px solid var(--line);background:var(--panel);cursor:pointer}
#vi:checked~main label[for=vi],#en:checked~main label[for=en]{background:#0b3a6f;color:#fff}
#vi:focus-visible~main label[for=vi],#en:focus-visible~main label[for=en]{outline:3px solid #ffd54a}
h1{font-size:1.5rem;margin:.2rem 0}
h2{font-size:1.1rem;margin:1.8rem 0 .5rem}
.what{color:var(--muted);margin:0 0 1rem}
.verdict{border-left:.5rem solid var(--green);background:var(--panel);padding:.7rem 1rem;border-radius:6px}
.verdict.bad{border-color:var(--red)}
.verdict strong{font-size:1.2rem;color:var(--green)}
.verdict.bad strong{color:var(--red)}
.verdict ul{margin:.3rem 0 0;padding-left:1.2rem}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(235px,1fr));gap:.6rem;margin:1rem 0;padding:0;list-style:none}
.figures li{background:var(--panel);border-radius:6px;padding:.6rem .8rem}
.figures .name{color:var(--muted);font-size:.85rem}
.figures .value{display:block;font-size:1.12rem;font-weight:600;font-variant-numeric:tabular-nums}
.figures .note{color:var(--muted);font-size:.78rem;display:block}
figure{margin:0 0 1rem;background:var(--panel);border-radius:6px;padding:.7rem .9rem;break-inside:avoid}
figcaption{font-weight:600}
svg{display:block;width:100%;height:auto}
svg text{font-size:11px;fill:var(--muted);font-family:inherit}
.end{text-anchor:end}.middle{text-anchor:middle}
.grid{stroke:var(--line);stroke-width:1}
.band0{fill:#f6f8fb}.band1{fill:#e9eff6}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
path.c1{stroke:#0b4f9e}path.c2{stroke:#d9730d}path.c3{stroke:#0f7b3f}path.c4{stroke:#6b5b95}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.2rem 0;padding:0;font-size:.85rem}
.legend li::before{content:"";display:inline-block;width:1.1em;height:.25em;margin-right:.4em;vertical-align:.25em}
.legend .c1::before{background:#0b4f9e}
.legend .c2::before{background:#d9730d}.legend .c3::before{background:#0f7b3f}.legend .c4::before{background:#6b5b95}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;background:var(--panel);font-size:.88rem}
th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top}
th{background:#e6edf5}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr.bad td{background:#fdeaed}
@media print{body{background:#fff}.languages{display:none}main{max-width:none;padding:0}}
"""


def page_of(fields: Json) -> str:
    """The page of a result."""
    title = html.escape(fields["settings"]["title"])
    body = [
        _verdict(fields),
        _cards(fields),
        _plots(fields),
        _calls(fields),
        _roll_calls(fields),
        _phases(fields),
        _failures(fields),
        _facts(fields),
    ]
    return (
        '<!doctype html>\n<html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>"
        '<input type="radio" name="language" id="vi" class="language" checked="checked">'
        '<input type="radio" name="language" id="en" class="language">'
        '<main><div class="languages"><label for="vi">Tiếng Việt</label><label for="en">English</label></div>'
        f'<h1>{title}</h1><p class="what">{_what(fields)}</p>{"".join(body)}</main></body></html>\n'
    )


def _what(fields: Json) -> str:
    settings = fields["settings"]
    video, audio = settings["video_pps"], settings["audio_pps"]
    vi = (
        f"{fields['points']:,} điểm cầu mô phỏng, {video} gói hình và {audio} gói tiếng mỗi giây, "
        f"họp {settings['seconds']:g} giây; {fields['at']}; phiên họp {fields['session']}; phiên bản {fields['version']}"
    )
    en = (
        f"{fields['points']:,} simulated points, {video} video and {audio} audio packets a second, "
        f"a meeting of {settings['seconds']:g} seconds; {fields['at']}; session {fields['session']}; version {fields['version']}"
    )
    return words(vi, en)


def _verdict(fields: Json) -> str:
    reasons = "".join(f"<li>{words(reason['vi'], reason['en'])}</li>" for reason in fields["reasons"])
    reasons += "".join(f"<li>{html.escape(remark)}</li>" for remark in fields["remarks"])
    css = "verdict" if fields["passed"] else "verdict bad"
    return f'<div class="{css}"><strong>{words(*verdict(fields))}</strong>{f"<ul>{reasons}</ul>" if reasons else ""}</div>'


def _cards(fields: Json) -> str:
    cards = []
    for figure in figures(fields):
        note = fields["notes"].get(figure.name)
        said = f'<span class="note">{words(note["vi"], note["en"])}</span>' if note else ""
        value = html.escape(figure.text or "—")
        cards.append(f'<li><span class="name">{words(figure.vi, figure.en)}</span><span class="value">{value}</span>{said}</li>')
    return f'<ul class="figures">{"".join(cards)}</ul>'


def _plots(fields: Json) -> str:
    series = fields["series"]
    at_s = series["at_s"]
    bands = [Band(*PHASES[phase["name"]], phase["began_s"], phase["began_s"] + phase["seconds"]) for phase in fields["phases"]]
    by_part = series["server_cpu_cores_by_part"]
    cpu = [Line(vi, en, by_part[part]) for part, (vi, en) in PARTS.items() if part in by_part]
    cpu.append(Line("Phía mô phỏng", "The simulator", series["simulator_cpu_cores"]))
    over_time = (
        (
            ("Điểm cầu đang dự", "Points taking part"),
            [Line("có hình và tiếng", "with media", series["joined"]), Line("có WebSocket", "with a WebSocket", series["live"])],
        ),
        (("Gói đến nơi mỗi giây", "Packets delivered a second"), [Line("gói", "packets", series["delivered_pps"])]),
        (("CPU, số nhân bận", "CPU, busy cores"), cpu),
        (
            ("Độ trễ chuyển tiếp p99, ms", "Forwarding delay p99, ms"),
            [Line("hình", "video", series["video_p99_ms"]), Line("tiếng", "audio", series["audio_p99_ms"])],
        ),
    )
    parts = [f"<h2>{words('Diễn biến', 'Over time')}</h2>"]
    parts += [_figure(label, legend(lines) + time_plot(at_s, lines, bands, label)) for label, lines in over_time]
    parts += _shares(fields)
    return "".join(parts)


def _shares(fields: Json) -> list[str]:
    curves: list[tuple[Line, list[tuple[float, float]]]] = []
    for name, vi, en in (("video", "hình", "video"), ("audio", "tiếng", "audio")):
        bins = fields["latency_histogram"][name]
        total, seen = sum(count for _, count in bins), 0
        dots: list[tuple[float, float]] = []
        for edge_ms, count in bins:
            seen += count
            dots.append((edge_ms, seen / total))
        if dots:
            curves.append((Line(vi, en, ()), dots))
    parts = []
    if curves:
        label = ("Độ trễ trong cuộc họp: tỷ lệ gói không quá", "Delay in the meeting: share of packets within")
        parts.append(_figure(label, legend([line for line, _ in curves]) + share_plot(curves, "ms", label)))
    if curve := fields["join_ms_curve"]:
        label = ("Thời gian vào: tỷ lệ điểm cầu không quá", "Time to join: share of points within")
        joined = [(value, share / 100) for share, value in enumerate(curve)]
        parts.append(_figure(label, share_plot([(Line("vào", "join", ()), joined)], "ms", label)))
    return parts


def _figure(label: tuple[str, str], inside: str) -> str:
    return f"<figure><figcaption>{words(*label)}</figcaption>{inside}</figure>"


def _calls(fields: Json) -> str:
    rows: list[Row] = [
        (
            [
                f"{call['at_s']:.1f} s",
                f"{call['name']} ({call['point']})",
                OUTCOMES.get(call["expected"], (call["expected"],) * 2),
                OUTCOMES.get(call["outcome"], (call["outcome"],) * 2),
                _ms(call["ring_ms"]),
                _ms(call["first_packet_ms"]),
                call["detail"],
            ],
            call["outcome"] == call["expected"],
        )
        for call in fields["calls"]
    ]
    heads = (
        ("Lúc", "At"),
        ("Điểm cầu", "Point"),
        ("Kịch bản", "Planned"),
        ("Kết quả", "Outcome"),
        ("Đổ chuông sau", "Rang after"),
        ("Gói đầu sau trả lời", "First packet after the answer"),
        ("Chi tiết", "Detail"),
    )
    return _table(("Cuộc gọi", "Calls"), heads, rows)


def _roll_calls(fields: Json) -> str:
    counters = ("asked", "present", "expected_present", "late", "no_answer", "offline")
    rows: list[Row] = [
        ([f"{each['at_s']:.1f} s", *(f"{each[name]:,}" for name in counters), each["detail"]], True)
        for each in fields["roll_calls"]
    ]
    heads = (
        ("Lúc", "At"),
        ("Được hỏi", "Asked"),
        ("Có mặt", "Present"),
        ("Theo kịch bản", "Planned"),
        ("Muộn", "Late"),
        ("Không trả lời", "No answer"),
        ("Không kết nối", "Offline"),
        ("Chi tiết", "Detail"),
    )
    return _table(("Điểm danh", "Roll calls"), heads, rows)


def _phases(fields: Json) -> str:
    parts = [part for part in PARTS if any(part in (phase["server_cpu_s"] or ()) for phase in fields["phases"])]
    rows: list[Row] = []
    for phase in fields["phases"]:
        cpu, memory = phase["server_cpu_s"] or {}, phase["server_rss_kib"] or {}
        used = [f"{cpu[part]:.2f} s" if part in cpu else "—" for part in parts]
        held = [f"{memory[part] / 1024:.1f} MiB" if part in memory else "—" for part in parts]
        times = [f"{phase['began_s']:.1f} s", f"{phase['seconds']:.1f} s"]
        rows.append(([PHASES[phase["name"]], *times, *used, f"{phase['simulator_cpu_s']:.2f} s", *held], True))
    heads = [("Giai đoạn", "Phase"), ("Từ", "From"), ("Dài", "Length")]
    heads += [(f"CPU {part}", f"CPU {part}") for part in parts]
    heads.append(("CPU mô phỏng", "CPU simulator"))
    heads += [(f"Bộ nhớ {part}", f"Memory {part}") for part in parts]
    return _table(("Các giai đoạn", "Phases"), tuple(heads), rows)


def _failures(fields: Json) -> str:
    examples = fields["failure_examples"]
    rows: list[Row] = [([reason, f"{count:,}", examples.get(reason, "")], False) for reason, count in fields["failures"].items()]
    heads = (("Lý do", "Reason"), ("Số lượt", "How many"), ("Ví dụ", "Example"))
    return _table(("Lượt vào không thành", "Joins that failed"), heads, rows)


def _facts(fields: Json) -> str:
    settings = {key: value for key, value in fields["settings"].items() if key not in {"groups", "title"}}
    rows: list[Row] = [([key, str(value)], True) for key, value in {**fields["machine"], **settings}.items()]
    rows += [([f"simulator.{key}", str(value)], True) for key, value in fields["simulator"].items()]
    heads = (("Mục", "What"), ("Giá trị", "Value"))
    return _table(("Máy và thiết lập", "Machine and settings"), heads, rows)


def _table(title: tuple[str, str], heads: tuple[tuple[str, str], ...], rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{words(*each)}</th>' for each in heads)
    lines = []
    for cells, is_good in rows[:MAX_ROWS]:
        drawn = "".join(_cell(cell) for cell in cells)
        lines.append(f"<tr>{drawn}</tr>" if is_good else f'<tr class="bad">{drawn}</tr>')
    more = len(rows) - MAX_ROWS
    left_out = (
        f"<p>{words(f'… và {more:,} dòng nữa (trong tệp JSON)', f'… and {more:,} more (in the JSON)')}</p>" if more > 0 else ""
    )
    body = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    return f"<h2>{words(*title)} ({len(rows):,})</h2>{body}{left_out}"


def _cell(text: Cell) -> str:
    if isinstance(text, tuple):
        return f"<td>{words(*text)}</td>"
    css = ' class="n"' if _is_number(text) else ""
    return f"<td{css}>{html.escape(text)}</td>"


def _is_number(cell: str) -> bool:
    return cell[:1].isdigit() and cell.rsplit(" ", 1)[-1] in {cell, "s", "ms", "MiB"}


def _ms(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f} ms"
