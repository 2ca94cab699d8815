"""Visitors of a running server who cost less than browsers: they speak what Streamlit's pages speak.

A page's browser side sends protobuf messages over a websocket, one for each click with all that widgets hold, gets the
page's elements back, and puts files to an address of their own. A `Visitor` does the same.
"""

from __future__ import annotations

import contextlib
import html
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

from core import Recipe

ROOT = Path(__file__).parents[1]
PATIENCE = 120.0
"""Seconds for one run of a page: generous, since a busy machine is no broken product."""
XSRF = "_streamlit_xsrf"
START = 60.0
"""Seconds for a server to start."""


class VisitError(Exception):
    """The server did not do what it does for browsers."""


class Visitor:
    """One visitor with a page open; a context manager, which leaves at the end.

    elements: what the page shows, {place: element}; code, draft: what its address says, "" before there is an emoji;
    seen: called with every element as it comes.
    """

    def __init__(self, address: str, query: str = "") -> None:
        self.elements: dict[tuple[int, ...], Any] = {}
        self.seen: Callable[[Any], None] = lambda element: None
        self._address, self._query = address, query
        self._fresh: set[tuple[int, ...]] = set()
        self._states: dict[str, WidgetState] = {}
        self._session = self._page = ""
        self._cookies: dict[str, str] = {}
        for path in ("/", "/_stcore/health"):
            request = urllib.request.Request(f"{address}{path}", headers=self._headers())
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                for line in answer.headers.get_all("Set-Cookie", []):
                    self._cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
        self._xsrf = self._cookies.get(XSRF, "")
        self._open = contextlib.ExitStack()
        self._socket = self._open.enter_context(
            connect(
                f"{address.replace('http', 'ws', 1)}/_stcore/stream",
                subprotocols=["streamlit", self._xsrf] if self._xsrf else ["streamlit"],  # type: ignore[list-item]
                additional_headers=self._headers(),
                max_size=None,
                open_timeout=PATIENCE,
                ping_timeout=None,
            )
        )
        self.run()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def code(self) -> str:
        return self._parameter("emoji")

    @property
    def draft(self) -> str:
        return self._parameter("draft")

    @property
    def recipe(self) -> Recipe:
        return Recipe.from_code(self.code)

    @property
    def written(self) -> str:
        """Everything in HTML on the page."""
        bodies = [
            element.html.body for element in self.elements.values() if element.WhichOneof("type") == "html"
        ]
        return html.unescape("\n".join(bodies))

    @property
    def problems(self) -> list[str]:
        """The sentences by which the page says what went wrong."""
        return re.findall(r'<p class="notice problem"[^>]*>(.*?)</p>', self.written)

    def run(self) -> None:
        """Runs the page with what its widgets hold, and waits until it has come whole."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self._query
        state.page_script_hash = self._page
        state.context_info.url = self._address
        state.widget_states.widgets.extend(self._states.values())
        self._socket.send(message.SerializeToString())
        self._await_end()
        # Buttons are pressed for one run, and what a widget held goes with it.
        there = {
            self._inner(element).id
            for element in self.elements.values()
            if hasattr(self._inner(element), "id")
        }
        self._states = {
            key: held
            for key, held in self._states.items()
            if key in there and held.WhichOneof("value") != "trigger_value"
        }

    def press(self, key: str) -> None:
        """Clicks a button."""
        self._hold(key, trigger_value=True)
        self.run()

    def choose(self, field: str, label: str) -> None:
        """Takes the tile with this label of a field in the editor."""
        self._hold(f"choice-{field}", string_value=label)
        self.run()

    def turn_to(self, group: str) -> None:
        """Opens a group's tab of the editor."""
        self._hold("group", string_value=group)
        self.run()

    def upload(self, data: bytes, name: str = "me.jpg") -> None:
        """Gives the page a photo, and waits for what it makes of it."""
        self.send(data, name)
        self.run()

    def send(self, data: bytes, name: str) -> None:
        """Brings a file to the server; the page hears of it when it runs next."""
        request = BackMsg()
        request.file_urls_request.request_id = uuid.uuid4().hex
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self._session
        self._socket.send(request.SerializeToString())
        while (message := self._receive()).WhichOneof("type") != "file_urls_response":
            self._take(message)
        [urls] = message.file_urls_response.file_urls
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        put = urllib.request.Request(
            urllib.parse.urljoin(self._address, urls.upload_url),
            head.encode() + data + f"\r\n--{boundary}--\r\n".encode(),
            {
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "X-Xsrftoken": self._xsrf,
                **self._headers(),
            },
            method="PUT",
        )
        urllib.request.urlopen(put, timeout=PATIENCE).close()
        [uploader] = [
            e.file_uploader for e in self.elements.values() if e.WhichOneof("type") == "file_uploader"
        ]
        held = WidgetState(id=uploader.id)
        info = held.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = name, len(data), urls.file_id
        info.file_urls.CopyFrom(urls)
        self._states[uploader.id] = held

    def labels(self, field: str) -> list[str]:
        """Of the tiles of a field in the editor."""
        return list(self._widget(f"choice-{field}").options)

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return {"Cookie": cookies} if cookies else {}

    def _hold(self, key: str, **value: Any) -> None:
        widget = self._widget(key)
        self._states[widget.id] = WidgetState(id=widget.id, **value)

    def _widget(self, key: str) -> Any:
        for element in self.elements.values():
            if getattr(widget := self._inner(element), "id", "").endswith(f"-{key}"):
                return widget
        raise VisitError(f"The page has no widget {key}: {self.problems}")

    def _await_end(self) -> None:
        begun = False
        while True:
            message = self._receive()
            begun = begun or message.WhichOneof("type") == "new_session"
            self._take(message)
            if message.WhichOneof("type") == "script_finished" and begun:
                if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    self.elements = {place: e for place, e in self.elements.items() if place in self._fresh}
                    return
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise VisitError("The page could not be run.")

    def _receive(self) -> ForwardMsg:
        message = ForwardMsg()
        message.ParseFromString(self._socket.recv(PATIENCE, decode=False))
        return message

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._fresh = set()
            self._page = message.new_session.page_script_hash
            if message.new_session.initialize.session_id:
                self._session = message.new_session.initialize.session_id
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "delta":
            place = tuple(message.metadata.delta_path)
            self._fresh.add(place)
            delta = message.delta.WhichOneof("type")
            if delta == "new_element":
                element = message.delta.new_element
                if element.WhichOneof("type") == "exception":
                    raise VisitError(element.exception.message)
                self._show(place, element)
            elif delta == "add_block":
                self._show(place, message.delta.add_block)
            elif delta == "new_transient":
                for element in message.delta.new_transient.elements:
                    self.seen(element)

    def _show(self, place: tuple[int, ...], element: Any) -> None:
        # What stood below another kind of block is gone with it.
        self.elements[place] = element
        self.seen(element)
        widget = self._inner(element)
        # The page may set what a widget holds.
        if getattr(widget, "set_value", False) and widget.DESCRIPTOR.name == "Radio":
            if widget.HasField("raw_value"):
                self._states[widget.id] = WidgetState(id=widget.id, string_value=widget.raw_value)
            else:
                self._states.pop(widget.id, None)

    @staticmethod
    def _inner(element: Any) -> Any:
        """The widget or text in an element; tabs are blocks that are widgets themselves."""
        kind = element.WhichOneof("type")
        return getattr(element, kind) if kind else element

    def _parameter(self, name: str) -> str:
        return urllib.parse.parse_qs(self._query).get(name, [""])[0]


def free_port() -> int:
    """A port that nobody listens on by now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def app_server(
    log: Path, port: int | None = None, before: tuple[str, ...] = ()
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A new server of the app and its address, as soon as it answers; what it says goes to `log`.

    before: a command that shall start it, such as strace.
    """
    port = port or free_port()
    command = [
        *before, sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless=true",
        f"--server.port={port}", "--server.address=127.0.0.1",
    ]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    with (
        log.open("ab") as output,
        subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output) as process,
    ):
        try:
            wait_until_it_answers(address, process, log)
            yield process, address
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_until_it_answers(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Raises VisitError if a server, or a proxy before one, does not."""
    give_up = time.monotonic() + START
    while time.monotonic() < give_up and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
            return
        time.sleep(0.05)
    raise VisitError(f"The server did not start:\n{log.read_text()}")
