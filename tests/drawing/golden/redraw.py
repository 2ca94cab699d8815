"""Write the golden drawings anew, after a change that was looked at: python -m tests.drawing.golden.redraw."""

from pathlib import Path

from core.drawing.svg import draw_svg
from core.recipe.recipe import Recipe

if __name__ == "__main__":
    for path in sorted(Path(__file__).parent.glob("*.json")):
        path.with_suffix(".svg").write_text(draw_svg(Recipe.from_json(path.read_text("utf-8"))), "utf-8")
