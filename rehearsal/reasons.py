"""Why a figure is absent, and why a rehearsal did not pass: sentences in both languages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.record import Phase, Record

ENOUGH_DELIVERED: Final = 0.999


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence for people."""

    vi: str
    en: str

    def fields(self) -> dict[str, str]:
        """As it stands in the JSON."""
        return {"vi": self.vi, "en": self.en}


NOBODY_JOINED: Final = Reason("không điểm cầu nào vào được", "nobody joined")
NOBODY_ARRIVED: Final = Reason("không có WebSocket nào (--desks)", "no WebSockets arrived (--desks)")
NO_MEETING: Final = Reason("không có cuộc họp nào", "there was no meeting")
NOTHING_SENT: Final = Reason(
    "trung tâm không gửi gì, hoặc không điểm cầu nào đếm được có mặt suốt",
    "nothing was sent, or no point that can be counted was there throughout",
)
NOTHING_DELIVERED: Final = Reason("không gói nào đến nơi", "nothing was delivered")
NOT_BY_POINT: Final = Reason("không đếm được theo từng điểm cầu", "packets were not counted point by point")
NO_SAMPLE: Final = Reason("không điểm kiểm tra nào nhận được gì (--sample)", "no media came to a sampled point (--sample)")
CENTER_LATER: Final = Reason(
    "trung tâm chỉ phát sau khi mọi điểm đã vào (center_from)", "the center began to send when everybody had joined (center_from)"
)
CENTER_MEANWHILE: Final = Reason(
    "trung tâm phát trong lúc các điểm vào (center_from): đã tính cả các gói đó",
    "the center sent meanwhile (center_from): its packets are in this figure",
)
NO_REST: Final = Reason("không có lúc yên (idle_s, center_from)", "there was no quiet phase (idle_s, center_from)")
NO_CALL: Final = Reason("không có cuộc gọi nào", "no call was made")
NO_CALL_PACKET: Final = Reason(
    "trung tâm không nhận được gói nào của điểm được gọi", "no called point's packet came to the center's viewer"
)
NOT_THAT_FAR: Final = Reason("chưa diễn tập đến đó", "the rehearsal did not get that far")
REPLACED: Final = Reason(
    "một tiến trình của dịch vụ đã kết thúc hoặc bị thay giữa chừng", "a process of the service ended or was replaced meanwhile"
)


FEW: Final = Reason(
    "quá ít điểm cầu để tính: phần lớn là việc dịch vụ luôn phải làm", "few points: much of it is what the service does anyhow"
)


def read_early(seconds: float) -> Reason:
    """Memory was read before handshakes were forgotten."""
    return Reason(
        f"đo {seconds:.0f} giây sau khi vào: phần dành cho bắt tay DTLS chỉ được bỏ sau 30 giây",
        f"read {seconds:.0f} s after the joins: what a handshake needs is dropped 30 s after it",
    )


def too_late(packets: int) -> Reason:
    """The simulator did not read all that its sampled points got."""
    return Reason(
        f"phía mô phỏng đọc không kịp {packets:,} gói của các điểm kiểm tra: hãy giảm --sample",
        f"the simulator was too late to read {packets:,} packets of its sampled points: take a smaller --sample",
    )


def late_frames(late: int, packets: int) -> Reason:
    """The center's own timer was late, which is no delay of the service."""
    return Reason(
        f"{late:,} khung hình rời phía mô phỏng muộn hơn 20 ms (trong {packets:,} gói): máy này đang quá tải",
        f"{late:,} frames left the simulator more than 20 ms late (of {packets:,} packets): this machine is overloaded",
    )


def no_usage(phase: Phase | None, record: Record) -> Reason:
    """Why the service's own CPU and memory in a phase are not known."""
    if phase is None:
        return NOT_THAT_FAR
    if phase.before is None or phase.after is None:
        why = f": {record.meter_reason}" if record.meter_reason else ""
        return Reason(f"không đọc được tiến trình của dịch vụ{why}", f"the service's processes could not be read{why}")
    return REPLACED


def reasons_of(record: Record, fields: Mapping[str, Any]) -> list[Reason]:
    """Why a rehearsal did not pass; none when it did."""
    reasons: list[Reason] = []
    joined, ratio, bad = fields["joined"], fields["delivered_ratio"], fields["sampled_bad_packets"]
    if record.is_interrupted:
        reasons.append(Reason("Đã dừng trước khi hết giờ.", "It was stopped before its time."))
    if joined < record.points:
        why = f" ({_counted(record.failures)})" if record.failures else ""
        reasons.append(
            Reason(
                f"Chỉ {joined} trong {record.points} điểm cầu vào được{why}.",
                f"Only {joined} of {record.points} points joined{why}.",
            )
        )
    if record.lines_lost:
        lost, why = sum(record.lines_lost.values()), _counted(record.lines_lost)
        reasons.append(
            Reason(
                f"{lost} lần mất đường truyền ngoài kịch bản ({why}).",
                f"{lost} times a point lost its line and no scenario wanted it ({why}).",
            )
        )
    if ratio is None:
        reasons.append(Reason("Không đo được tỷ lệ gói đến nơi.", "The share of packets delivered could not be measured."))
    elif ratio < ENOUGH_DELIVERED:
        reasons.append(
            Reason(
                f"Chỉ {_percent(ratio)} số gói đến nơi, cần {_percent(ENOUGH_DELIVERED)}.",
                f"Only {_percent(ratio)} of the packets arrived; {_percent(ENOUGH_DELIVERED)} are needed.",
            )
        )
    if bad:
        kinds = _counted(fields["sampled_bad_by_reason"])
        reasons.append(
            Reason(f"{bad} gói kiểm tra bị sai ({kinds}).", f"{bad} checked packets were not what was sent ({kinds}).")
        )
    return reasons


def _counted(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(numbers.items()))


def _percent(share: float) -> str:
    return f"{100 * share:.3f}".rstrip("0").rstrip(".") + "%"
