"""Connection settings: from both sources, into what browsers and aiortc take, and what is said about bad ones."""

import asyncio
import re
import time
import tomllib
from pathlib import Path

import pytest
from aioice.stun import TransactionFailed
from aioice.turn import create_turn_endpoint
from aiortc.rtcicetransport import connection_kwargs
from streamlit_webrtc.config import compile_ice_servers

from pages.parts.connection import HOUR, Connection, ConnectionSettingsError, timed_credentials
from tests.conftest import ROOT
from tests.coturn import SECRET, running_coturn

NOW = 1_700_000_000.0
TURN = ["turn:turn.example.org:3478", "turns:turn.example.org:5349?transport=tcp"]

# {what is set: (table, environment, the connection that they make)}
GOOD: dict[str, tuple[dict[str, object], dict[str, str], Connection]] = {
    "nothing set": ({}, {}, Connection()),
    "a fixed password": (
        {"turn_urls": TURN, "turn_username": "me", "turn_password": "pw"},
        {},
        Connection(turn_urls=tuple(TURN), turn_username="me", turn_password="pw"),
    ),
    "a shared secret and a way to test it": (
        {"turn_urls": TURN, "turn_secret": "s", "turn_lifetime": 7200, "relay_only": True},
        {},
        Connection(turn_urls=tuple(TURN), turn_secret="s", turn_lifetime=7200, relay_only=True),
    ),
    "all in the environment": (
        {},
        {
            "SELFMOJI_STUN_URLS": "stun:[2001:db8::1]:3478",
            "SELFMOJI_TURN_URLS": ", ".join(TURN),
            "SELFMOJI_TURN_SECRET": "s",
            "SELFMOJI_TURN_LIFETIME": "3600",
            "SELFMOJI_RELAY_ONLY": "yes",
        },
        Connection(
            ("stun:[2001:db8::1]:3478",), tuple(TURN), turn_secret="s", turn_lifetime=3600, relay_only=True
        ),
    ),
    "the environment wins": (
        {"stun_urls": ["stun:a.example"]},
        {"SELFMOJI_STUN_URLS": "stun:b.example stun:c.example"},
        Connection(("stun:b.example", "stun:c.example")),
    ),
    "an empty variable is none": ({}, {"SELFMOJI_TURN_URLS": " "}, Connection()),
}

# {what is wrong: (table, environment, what is said about it)}
BAD: dict[str, tuple[dict[str, object], dict[str, str], str]] = {
    "a key of another program": ({"iceServers": []}, {}, "no setting 'iceServers'.*stun_urls"),
    "a web address": ({"stun_urls": ["https://example.org"]}, {}, r"webrtc\.stun_urls: address 1 .* stun:HOST"),
    "a TURN server among STUN": ({"stun_urls": ["stun:a", "turn:b"]}, {}, "address 2"),
    "a password in the address": ({"turn_urls": ["turn:me:pw@b"]}, {}, r"^(?!.*pw@).*turn_urls: address 1"),
    "no list": ({"turn_urls": 3478}, {}, "must be a list"),
    "a list of numbers": ({"stun_urls": [3478]}, {}, "address 1"),
    "no credentials": ({"turn_urls": TURN}, {}, "needs credentials"),
    "two kinds of credentials": (
        {"turn_urls": TURN, "turn_secret": "s", "turn_username": "me", "turn_password": "pw"},
        {},
        "either turn_secret, or",
    ),
    "half of the credentials": ({"turn_urls": TURN, "turn_username": "me"}, {}, "need each other"),
    "credentials for nothing": ({"turn_secret": "s"}, {}, "no server"),
    "an empty secret": ({"turn_urls": TURN, "turn_secret": ""}, {}, "turn_secret must be a text"),
    "too short to talk": ({"turn_lifetime": 60}, {}, "3600 or more"),
    "a lifetime in words": ({}, {"SELFMOJI_TURN_LIFETIME": "a day"}, "SELFMOJI_TURN_LIFETIME must be a number"),
    "maybe": ({}, {"SELFMOJI_RELAY_ONLY": "maybe"}, "SELFMOJI_RELAY_ONLY must be true or false"),
    "a relay that is not there": ({"relay_only": True}, {}, "relay_only needs a TURN server"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_settings(name: str) -> None:
    table, environment, expected = GOOD[name]
    assert Connection.from_settings(table, environment) == expected


@pytest.mark.parametrize("name", BAD)
def test_a_bad_setting_gets_a_sentence(name: str) -> None:
    table, environment, message = BAD[name]
    with pytest.raises(ConnectionSettingsError, match=message):
        Connection.from_settings(table, environment)


def test_the_example_of_secrets_is_a_good_one() -> None:
    example = (ROOT / ".streamlit" / "secrets.example.toml").read_text("utf-8")
    for text in (example, re.sub(r"^turn_secret.*$|^# (?=\w+ = )", "", example, flags=re.MULTILINE)):
        table = tomllib.loads(text)["webrtc"]
        assert Connection.from_settings(table, {}).turn_urls


def test_secrets_stay_out_of_representations() -> None:
    connection = Connection(turn_urls=tuple(TURN), turn_secret="hush", turn_password="hush")
    assert "hush" not in repr(connection)


def test_without_settings_nobody_outside_is_asked() -> None:
    assert Connection().browser_configuration(NOW) == {"iceServers": []}


def test_what_the_browser_gets() -> None:
    connection = Connection(("stun:a.example",), tuple(TURN), "me", "pw", relay_only=True)
    assert connection.browser_configuration(NOW) == {
        "iceServers": [
            {"urls": ["stun:a.example"]},
            {"urls": TURN, "username": "me", "credential": "pw"},
        ],
        "iceTransportPolicy": "relay",
    }


def test_what_this_server_gets() -> None:
    """aiortc understands the same servers."""
    servers = Connection(("stun:a.example",), tuple(TURN), "me", "pw").ice_servers(NOW)
    assert connection_kwargs(compile_ice_servers(servers)) == {
        "stun_server": ("a.example", 3478),
        "turn_server": ("turn.example.org", 3478),
        "turn_ssl": False,
        "turn_transport": "udp",
        "turn_username": "me",
        "turn_password": "pw",
    }


def test_timed_credentials_last_as_long_as_promised_and_change_by_the_hour() -> None:
    connection = Connection(turn_urls=tuple(TURN), turn_secret="s", turn_lifetime=2 * HOUR)
    ends = []
    for minute in range(120):
        now = NOW + 60 * minute
        [server] = connection.ice_servers(now)
        end = int(server["username"].split(":")[0])
        assert now + 2 * HOUR < end <= now + 3 * HOUR
        assert (server["username"], server["credential"]) == timed_credentials("s", end)
        ends.append(end)
    assert len(set(ends)) == 3


@pytest.mark.parametrize(("secret", "accepted"), [(SECRET, True), ("another", False)])
def test_coturn_gives_a_relay_to_those_who_share_its_secret(
    secret: str, accepted: bool, tmp_path: Path
) -> None:
    with running_coturn(tmp_path) as turn:
        servers = Connection(turn_urls=(turn.url,), turn_secret=secret).ice_servers(time.time())
        settings = connection_kwargs(compile_ice_servers(servers))

        async def allocate() -> str:
            transport, _ = await create_turn_endpoint(
                asyncio.DatagramProtocol,
                server_addr=settings["turn_server"],
                username=settings["turn_username"],
                password=settings["turn_password"],
            )
            host, _ = transport.get_extra_info("sockname")
            transport.close()
            return host

        if accepted:
            assert asyncio.run(allocate()) == "127.0.0.1"
        else:
            with pytest.raises(TransactionFailed, match="401"):
                asyncio.run(allocate())
        assert (turn.allocations() > 0) == accepted


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("[::1]", True),
        ("192.168.1.20", True),
        ("nas", True),
        ("studio.local", True),
        ("selfmoji.example.org", False),
        ("203.0.113.9.example", False),
        ("8.8.8.8", False),
    ],
)
def test_a_relay_is_missed_only_where_one_is_needed(host: str, near: bool) -> None:
    assert Connection().likely_lacks_relay(host) is not near
    assert not Connection(turn_urls=tuple(TURN), turn_secret="s").likely_lacks_relay(host)
