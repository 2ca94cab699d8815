"""What needs the library cairo, which is not Python's; where it is missing, importing this says so in a sentence."""

from core.errors import SelfmojiError

try:
    import cairocffi as cairocffi
    from cairosvg.parser import Tree as Tree
    from cairosvg.surface import PNGSurface as PNGSurface
except OSError as error:
    raise SelfmojiError(
        "Drawing needs the library cairo, which is not installed. On Debian or Ubuntu: apt-get install libcairo2; "
        "on macOS: brew install cairo; on Windows: the GTK runtime brings it."
    ) from error
