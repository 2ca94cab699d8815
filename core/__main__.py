"""Command line: photos to emojis in a folder, changes in words, standard emojis that fit, sticker packs, a sheet of
every choice, videos.

python -m core emoji me.jpg holidays/ "2024/**/*.heic" --out emojis --workers 2 --resume
python -m core edit 2.ha-bob "round glasses, red hat" --out bob.png
python -m core suggest me.jpg --json
python -m core stickers me.jpg --out stickers --name "My moods"
python -m core gallery --out gallery.png --photos me.jpg friends.heic
python -m core mirror me.mp4 --out clip.mp4 --csv motion.csv
"""

import os
import signal
import sys
from collections.abc import Sequence

from core.stopping import STOPPED, leave_at_ctrl_c


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Raises SystemExit, as argparse does, for arguments that make no sense."""
    # Imported when Ctrl-C is taken care of, for it takes a while.
    from core.commands.line import carry_out

    return carry_out(arguments)


if __name__ == "__main__":
    leave_at_ctrl_c()
    code = main()
    if code == STOPPED:
        # A thread may still be loading a library, which must not be torn down around it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os._exit(code)
    sys.exit(code)
