"""What becomes of a photo, as rooms tell each other: the settings of a run, an emoji, or why there is none."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.errors import SelfmojiError

BATCH = 16
"""Photos that go through the networks together. More are hardly faster, and progress is shown once a batch."""


class BatchError(SelfmojiError):
    """A run that cannot go on; what it has done stays valid. The message says why and what to do."""


@dataclass(frozen=True)
class Failure:
    """Why a photo gave nothing, fit to show; lasting: the same file would fail again."""

    message: str
    lasting: bool


@dataclass(frozen=True)
class Settings:
    """How emojis are drawn and told of. size: side of a PNG, pixels; svg: draw that too; readings: tell them too."""

    size: int = 512
    svg: bool = False
    readings: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    @property
    def endings(self) -> tuple[str, ...]:
        """How the names of an emoji's files end."""
        return (".png", ".svg") if self.svg else (".png",)


@dataclass(frozen=True)
class Emoji:
    """One face's emoji. details: its box, its recipe and, if asked for, its reading, ready for JSON; files: {ending:
    content}, the PNG first."""

    details: dict[str, Any]
    files: dict[str, bytes]


Outcome = list[Emoji] | Failure
"""What becomes of a photo: the emojis of its faces, the largest face's first, or why there is none."""
