"""Write the golden drawings anew, after a change of the drawings that was looked at: python -m tests.golden.redraw."""

from pathlib import Path

from core.drawing import draw_svg
from core.recipe import Recipe

if __name__ == "__main__":
    for path in sorted(Path(__file__).parent.glob("*.json")):
        path.with_suffix(".svg").write_text(draw_svg(Recipe.from_json(path.read_text("utf-8"))), "utf-8")
