"""The command line as a whole: which commands there are, and what becomes of their errors."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from core.commands import INCOMPLETE, WRONG_USAGE, edit, emoji, gallery, mirror, stickers, suggest
from core.commands.console import complain, patient_console
from core.errors import SelfmojiError, UsageError
from core.stopping import raised_at_ctrl_c, say_stopped


def carry_out(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Raises SystemExit, as argparse does, for arguments that make no sense."""
    with patient_console(), raised_at_ctrl_c():
        try:
            options = _parser().parse_args(arguments)
            run: Callable[[argparse.Namespace], int] = options.run
            return run(options)
        except UsageError as error:
            complain(str(error))
            return WRONG_USAGE
        except SelfmojiError as error:
            complain(str(error))
            return INCOMPLETE
        except KeyboardInterrupt:
            return say_stopped()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Selfies to personal emojis.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (emoji, edit, suggest, stickers, gallery, mirror):
        name = command.__name__.rpartition(".")[2]
        subparser = commands.add_parser(name, help=command.HELP)
        command.add_options(subparser)
        subparser.set_defaults(run=command.run)
    return parser
