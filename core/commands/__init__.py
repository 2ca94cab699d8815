"""The commands of `python -m core`, one file each: its options in, files and lines for people out, and an exit code.

`add_options(parser)` says what a command may be given, `run(options)` carries it out. Loading one is quick; what takes
long to load is imported by the thread that does the work, `core.folders.aside`.
"""

from __future__ import annotations

DONE, INCOMPLETE, WRONG_USAGE = 0, 1, 2
"""Exit codes: every photo gave a result; some did not; the command itself makes no sense."""
