"""A small country, and a session over it that keeps its own log and clock."""

import pytest

from bridge.bridge import Bridge
from bridge.calls import Call
from bridge.commands import (
    AnswerCall,
    Command,
    ConfirmRing,
    OpenSession,
    PlaceCall,
    PointArrived,
    ReportMedia,
    RingSent,
)
from bridge.errors import BridgeError
from bridge.events import Event
from bridge.points import Report
from bridge.rules import Rules
from bridge.units import Directory, Unit, one_point_each

START = 1_630_850_000_000
"""5 September 2021, in the morning."""

UNITS = (
    Unit("VN", "Việt Nam", None, "country"),
    Unit("79", "Thành phố Hồ Chí Minh", "VN", "province"),
    Unit("773", "Quận 4", "79", "district"),
    Unit("27265", "Phường 10", "773", "commune"),
    Unit("27286", "Phường 1", "773", "commune"),
    Unit("80", "Tỉnh Long An", "VN", "province"),
    Unit("801", "Huyện Cần Giuộc", "80", "district"),
    Unit("28159", "Xã Long Hậu", "801", "commune"),
)

WARD = "27265"
OTHER = "27286"
FAR = "28159"

SEEN = Report(visible=True, camera="ok", microphone="ok", rtt_ms=12.5, device="Chromium")


def small_directory() -> Directory:
    """One country, two provinces, two districts, three communes; seven points."""
    return Directory(UNITS, one_point_each(UNITS))


def wide_directory(count: int) -> Directory:
    """A country with so many communes, p0 to p<count-1>, right below it."""
    units = [Unit("VN", "Việt Nam"), *(Unit(f"p{number}", f"Xã {number}", "VN") for number in range(count))]
    return Directory(units, one_point_each(units))


class Scene:
    """A session that is open, its time and its log."""

    def __init__(self, rules: Rules | None = None, directory: Directory | None = None, *, opened: bool = True) -> None:
        self.bridge = Bridge("main", directory or small_directory(), rules)
        self.log: list[Event] = []
        self.now = START
        if opened:
            self.do(OpenSession("Phiên họp", "center"))

    def do(self, command: Command, after_ms: int = 0) -> list[Event]:
        """Hand a command in, ``after_ms`` later than the one before."""
        self.now += after_ms
        happened = self.bridge.handle(command, self.now)
        self.log += happened
        return happened

    def tick(self, after_ms: int) -> list[Event]:
        """Let the clocks run."""
        self.now += after_ms
        happened = self.bridge.handle_timeout(self.now)
        self.log += happened
        return happened

    def arrive(self, *points: str) -> None:
        """Let points come online."""
        for point in points:
            self.do(PointArrived(point, SEEN))

    def place(self, point: str = WARD, by: str = "center") -> Call:
        """Place a call; the point comes online before when it is not."""
        if not self.bridge.is_live(point):
            self.arrive(point)
        self.do(PlaceCall(point, by))
        call = self.bridge.active_call(point)
        assert call is not None
        return call

    def ring(self, point: str = WARD) -> Call:
        """Bring a call to where the ring was sent."""
        call = self.place(point)
        self.do(RingSent(call.id), 10)
        return call

    def deliver(self, point: str = WARD) -> Call:
        """Bring a call to where the page confirmed the ring."""
        call = self.ring(point)
        self.do(ConfirmRing(call.id, SEEN), 40)
        return call

    def answer(self, point: str = WARD) -> Call:
        """Bring a call to where somebody answered."""
        call = self.deliver(point)
        self.do(AnswerCall(call.id, SEEN), 3_000)
        return call

    def connect(self, point: str = WARD) -> Call:
        """Bring a call to where picture and voice flow."""
        call = self.answer(point)
        self.media(point, "audio", after_ms=20)
        self.media(point, "video", after_ms=80)
        return call

    def media(self, point: str, kind: str, *, flowing: bool = True, after_ms: int = 0, reason: str = "") -> list[Event]:
        """Let media of a point start or stop."""
        return self.do(ReportMedia(f"point:{point}", kind, flowing, reason), after_ms)

    def replayed(self) -> Bridge:
        """Give another bridge that only knows the log."""
        other = Bridge(self.bridge.session_id, self.bridge.directory, self.bridge.rules)
        for event in self.log:
            other.apply(event)
        return other


def refused(scene: Scene, command: Command) -> BridgeError:
    """Hand a command in that is refused; give the refusal, having checked that it left no trace."""
    before = scene.bridge.snapshot()
    with pytest.raises(BridgeError) as refusal:
        scene.bridge.handle(command, scene.now)
    assert scene.bridge.snapshot() == before
    assert refusal.value.message_vi
    return refusal.value


def kinds(happened: list[Event]) -> list[str]:
    """Give the names of events."""
    return [type(event).__name__ for event in happened]


def whats(call: Call) -> list[str]:
    """Give the words of a trail."""
    return [entry.what for entry in call.trail]
