"""Connection settings -> ICE servers: how the camera's video finds its way between a browser and this server.

Settings come from a table (`[webrtc]` of .streamlit/secrets.toml) and from environment variables, which win: the key
`turn_urls` is the variable SELFMOJI_TURN_URLS, and so on, with lists separated by commas or spaces. Without any, no
outside server is asked for anything, which is enough where browsers reach this server directly.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import SelfmojiError

PREFIX = "SELFMOJI_"
"""Of the environment variables."""

HOUR = 3600

_ADDRESS = r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?"
_STUN_URL = re.compile(rf"stun:{_ADDRESS}")
_TURN_URL = re.compile(rf"turns?:{_ADDRESS}(?:\?transport=(?:udp|tcp))?")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class ConnectionSettingsError(SelfmojiError):
    """A setting that cannot be used; the message names it, says what is allowed, and holds no secret."""


@dataclass(frozen=True)
class Connection:
    """Where browser and server ask for a way to each other.

    stun_urls: servers that tell a computer its public address. turn_urls: servers that relay the video where no direct
    way exists, with either a fixed `turn_username` and `turn_password`, or `turn_secret`: the static-auth-secret that
    coturn shares with this server, from which credentials are made that work for `turn_lifetime` seconds.
    relay_only: browsers send everything through the relay, so that neither side learns the other's address.
    """

    stun_urls: tuple[str, ...] = ()
    turn_urls: tuple[str, ...] = ()
    turn_username: str = ""
    turn_password: str = field(default="", repr=False)
    turn_secret: str = field(default="", repr=False)
    turn_lifetime: int = 12 * HOUR
    relay_only: bool = False

    @classmethod
    def from_settings(cls, table: Mapping[str, object], environment: Mapping[str, str]) -> Connection:
        """Checks and joins both sources; ConnectionSettingsError when a value makes no sense."""
        if unknown := sorted(set(table) - set(_CHECKS)):
            raise ConnectionSettingsError(
                f"[webrtc] has no setting {unknown[0]!r}. There are: {', '.join(_CHECKS)}."
            )
        given: dict[str, tuple[str, object]] = {key: (f"webrtc.{key}", value) for key, value in table.items()}
        for key in _CHECKS:
            if value := environment.get(PREFIX + key.upper(), "").strip():
                given[key] = (PREFIX + key.upper(), value)
        values: dict[str, Any] = {key: _CHECKS[key](name, value) for key, (name, value) in given.items()}
        connection = cls(**values)
        connection._check_credentials()
        return connection

    def ice_servers(self, now: float) -> list[dict[str, Any]]:
        """RTCIceServer dictionaries as browsers and aiortc take them. now: seconds since 1970.

        Secret-based credentials end on a full hour, so that visitors of the same hour share them.
        """
        servers: list[dict[str, Any]] = [{"urls": [url]} for url in self.stun_urls]
        if self.turn_urls:
            username, password = self.turn_username, self.turn_password
            if self.turn_secret:
                end = (int(now) // HOUR + 1) * HOUR + self.turn_lifetime
                username, password = timed_credentials(self.turn_secret, end)
            servers.append({"urls": list(self.turn_urls), "username": username, "credential": password})
        return servers

    def browser_configuration(self, now: float) -> dict[str, Any]:
        """The RTCConfiguration for RTCPeerConnection in the browser."""
        policy = {"iceTransportPolicy": "relay"} if self.relay_only else {}
        return {"iceServers": self.ice_servers(now)} | policy

    def likely_lacks_relay(self, host: str) -> bool:
        """Whether a failed connection to a page on this host is likely for want of a TURN server."""
        return not self.turn_urls and not _is_near(host)

    def _check_credentials(self) -> None:
        fixed = bool(self.turn_username or self.turn_password)
        if self.turn_urls and fixed == bool(self.turn_secret):
            raise ConnectionSettingsError(
                "turn_urls needs credentials: either turn_secret, or turn_username and turn_password."
            )
        if fixed and not (self.turn_username and self.turn_password):
            raise ConnectionSettingsError("turn_username and turn_password need each other.")
        if (fixed or self.turn_secret) and not self.turn_urls:
            raise ConnectionSettingsError("TURN credentials are set, but turn_urls names no server for them.")
        if self.relay_only and not self.turn_urls:
            raise ConnectionSettingsError("relay_only needs a TURN server: set turn_urls.")


def timed_credentials(secret: str, end: int) -> tuple[str, str]:
    """User name and password that coturn's `use-auth-secret` accepts until `end`, in seconds since 1970.

    "A REST API For Access To TURN Services" (draft-uberti-behave-turn-rest-00): the name is the time, the password the
    name's HMAC-SHA1 with the shared secret.
    """
    username = f"{end}:selfmoji"
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()


def _urls(pattern: re.Pattern[str], example: str) -> Callable[[str, object], tuple[str, ...]]:
    def check(name: str, value: object) -> tuple[str, ...]:
        urls = re.split(r"[\s,]+", value.strip()) if isinstance(value, str) else value
        if not isinstance(urls, list):
            raise ConnectionSettingsError(f"{name} must be a list of addresses such as {example}.")
        for number, url in enumerate(urls, start=1):
            # What is wrong with it may be a password in the wrong place: it is not repeated.
            if not isinstance(url, str) or not pattern.fullmatch(url):
                raise ConnectionSettingsError(f"{name}: address {number} is not written as {example}.")
        return tuple(urls)

    return check


def _text(name: str, value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise ConnectionSettingsError(f"{name} must be a text that is not empty.")


def _seconds(name: str, value: object) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= HOUR:
        return value
    raise ConnectionSettingsError(f"{name} must be a number of seconds, {HOUR} or more.")


def _yes_no(name: str, value: object) -> bool:
    if isinstance(value, str):
        value = _TRUTH.get(value.lower())
    if isinstance(value, bool):
        return value
    raise ConnectionSettingsError(f"{name} must be true or false.")


_CHECKS: dict[str, Callable[[str, object], Any]] = {
    "stun_urls": _urls(_STUN_URL, "stun:HOST:PORT"),
    "turn_urls": _urls(_TURN_URL, "turn:HOST:PORT, turns:HOST:PORT or turn:HOST:PORT?transport=tcp"),
    "turn_username": _text,
    "turn_password": _text,
    "turn_secret": _text,
    "turn_lifetime": _seconds,
    "relay_only": _yes_no,
}
"""{setting: what checks it and brings it to its type}."""


def _is_near(host: str) -> bool:
    """Whether a host is this computer or in its own network, where no relay is needed."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local"))
