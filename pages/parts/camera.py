"""The visitor's camera as the mirror's page keeps it: whether it is wanted, and what may keep it from showing."""

from __future__ import annotations

import time
from dataclasses import dataclass

from pages.parts.language import N_

SIZES = {"small": (320, 240), "medium": (640, 480), "large": (1280, 720)}
"""{name of a picture size: width and height in pixels that the camera is asked for}."""

FACINGS = {"user": N_("Front camera"), "environment": N_("Back camera")}
"""{where a phone's camera looks, as browsers call it: for people}."""

USUAL_SHAPE = (480, 1120)
"""Height and width of the shown video until they are known, pixels."""

SLOW_SECONDS = 10
"""After so long without video the visitor is told what may be wrong, while connecting goes on."""

PROBLEMS = {
    "refused": (
        N_("This page may not use the camera."),
        N_("Click the camera or the lock beside the page's address, allow the camera there, and try again."),
    ),
    "absent": (
        N_("There is no camera."),
        N_("Plug one in or switch it on, or open this page on a phone, and try again."),
    ),
    "unplugged": (
        N_("The camera is gone."),
        N_("Plug it in again, and try again."),
    ),
    "busy": (
        N_("The camera does not start."),
        N_("Another program may be using it: close video calls and camera apps, and try again."),
    ),
    "insecure": (
        N_("Browsers give the camera to secure pages only."),
        N_(
            "Open this page with https:// in front of its address, or on the computer that runs it as http://localhost."
        ),
    ),
    "still": (
        N_("The camera's picture has stopped."),
        N_(
            "See whether it is plugged in and uncovered, whether another program took it, and whether you are online."
        ),
    ),
    "unreachable": (
        N_("No connection for the video came about."),
        N_("Firewalls and VPNs often block video: try without VPN, or another network such as a phone's."),
    ),
    "unreachable-without-relay": (
        N_("No connection for the video came about."),
        N_(
            "This server has no relay (TURN server), and most home and office networks need one: whoever runs it finds "
            "in docs/deploy.md how to set one up. Until then, try another network, or open the page on the computer "
            "that runs it."
        ),
    ),
}
"""{what keeps the video from coming: (what is the matter, what to do)}."""


@dataclass
class Camera:
    """size: a key of `SIZES`; facing: a key of `FACINGS`. status: "off", "open" (video is wanted), "closing" (until the
    video has ended; then it is what `then` says), or the key of the problem in `PROBLEMS` for which it was closed.
    attempt: counts the openings; shown: the attempt whose video's frame was on the page last."""

    size: str = "medium"
    facing: str = "user"
    status: str = "off"
    then: str = "off"
    attempt: int = 0
    shown: int = 0
    since: float | None = None

    def open(self) -> None:
        """Opens a closed camera; an open one is closed first."""
        if self.status in ("open", "closing"):
            self.status, self.then = "closing", "open"
        else:
            self.status, self.since = "open", None
            self.attempt += 1

    def close(self, why: str = "off") -> None:
        self.status, self.then = "closing", why

    def ended(self) -> None:
        """To be called when a closing camera's video has ended."""
        self.status = "off"
        if self.then == "open":
            self.open()
        else:
            self.status = self.then

    def switch_off(self) -> None:
        """At once: for a camera whose page is left, or whose video is not on the page."""
        self.status, self.then, self.since = "off", "off", None

    def fail(self, why: str) -> None:
        """At once, for a reason in `PROBLEMS`."""
        self.switch_off()
        self.status = why

    def wait(self) -> None:
        """The time without video begins now."""
        self.since = time.monotonic()

    @property
    def is_slow(self) -> bool:
        return self.since is not None and time.monotonic() - self.since > SLOW_SECONDS
