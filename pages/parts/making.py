"""Files of recordings in the making: on one thread, so that videos and pages go on meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from core.live.clips import Recorder

_POOL = ThreadPoolExecutor(1, "selfmoji-clips")
"""Those of all visitors are made in turn."""


class Making:
    """One file on its way. kind: of file; share: how far it is, 0 to 1; 0 while it waits for its turn."""

    def __init__(self, recorder: Recorder, kind: str) -> None:
        """kind: of the recorder's `kinds`."""
        self.kind, self.share = kind, 0.0
        self._file = _POOL.submit(recorder.clip, kind, self._told)

    def _told(self, share: float) -> None:
        self.share = share

    @property
    def is_done(self) -> bool:
        return self._file.done()

    def file(self) -> bytes:
        """The file, once it is done; raises what kept it from being made."""
        return self._file.result(0)

    def give_up(self) -> None:
        """Leaves the queue, if it still waits there."""
        self._file.cancel()
