"""Who plays in the demo, and how each one behaves when called."""

from __future__ import annotations

import colorsys
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

# A pentatonic scale over two octaves: any few of these tones sound together without hurting.
TONES_HZ = (262, 294, 330, 392, 440, 524, 588, 660, 784, 880)

# Golden angle in turns: consecutive points get colours as far apart as possible.
HUE_STEP = 0.381966


class Character(Enum):
    """What a simulated point does when its page rings."""

    PROMPT = "prompt"
    """Answers after one to three seconds."""
    SLOW = "slow"
    """Answers after eight to twelve seconds: somebody has to come to the desk."""
    SILENT = "silent"
    """The page rings and nobody answers."""
    BUSY = "busy"
    """Declines after three seconds, and says why."""


# Seconds from the ring to the answer, shortest and longest.
DELAYS_S: dict[Character, tuple[float, float]] = {
    Character.PROMPT: (1.0, 3.0),
    Character.SLOW: (8.0, 12.0),
    Character.BUSY: (3.0, 3.0),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One simulated point: its link's two halves, its name for the picture, its behaviour, its looks and its tone."""

    code: str
    secret: str
    name: str
    place: str = ""
    character: Character = Character.PROMPT
    index: int = 0

    @property
    def colour_bgr(self) -> tuple[int, int, int]:
        """The colour of its picture, as OpenCV orders channels; never grey, never near black."""
        red, green, blue = colorsys.hsv_to_rgb((self.index * HUE_STEP) % 1.0, 0.65, 0.62)
        return round(blue * 255), round(green * 255), round(red * 255)

    @property
    def tone_hz(self) -> int:
        """The pitch of its sound."""
        return TONES_HZ[self.index % len(TONES_HZ)]


@dataclass(frozen=True, slots=True)
class Play:
    """A whole demo: where the service is and who plays. It travels as JSON over standard input (it holds secrets)."""

    base_url: str
    session: str
    center_token: str
    parts: tuple[Part, ...]

    def to_json(self) -> dict[str, Any]:
        """The play as JSON values."""
        return asdict(self) | {"parts": [asdict(part) | {"character": part.character.value} for part in self.parts]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Play:
        """The play that `to_json` described.

        Raises:
            ValueError: a field is missing, unknown or of the wrong type.
        """
        try:
            parts = tuple(Part(**(part | {"character": Character(part["character"])})) for part in value["parts"])
            return cls(**(value | {"parts": parts}))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a play: {error}") from error

    def split(self, shares: int) -> tuple[Play, ...]:
        """The same play in `shares` pieces of about equal numbers of points; only the first has the center's token."""
        return tuple(
            Play(self.base_url, self.session, self.center_token if share == 0 else "", self.parts[share::shares])
            for share in range(shares)
        )


# The demo's points: the four ends of the country, its islands, and places of the summer of 2021. Code and behaviour.
NATIONAL_CAST: dict[str, Character] = {
    "27271": Character.SILENT,  # Phường 10, Quận 4, TP Hồ Chí Minh
    "30341": Character.BUSY,  # Thị trấn Long Bình, An Phú, An Giang
    "03154": Character.SLOW,  # Xã Sín Thầu, Mường Nhé, Điện Biên: the westernmost
} | dict.fromkeys(
    (
        *("00001", "00715", "02701", "04058", "06721", "11914", "14845"),  # Hà Nội to Thanh Hóa
        *("17971", "19762", "20245", "20404", "21400", "22519", "22736"),  # Nghệ An to Trường Sa
        *("27595", "27991", "28471", "28777", "31081", "31117", "32248"),  # TP Hồ Chí Minh to Đất Mũi
    ),
    Character.PROMPT,
)

# A commune that nobody plays: its page is for whoever tries the demo.
OPEN_SEAT = "26740"  # Phường Bến Nghé, Quận 1, TP Hồ Chí Minh
