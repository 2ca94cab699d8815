"""How different colors are: as CIELAB says, with less weight on lightness."""

import pytest

from core.seeing.colors import differences


def test_differences_are_those_of_cielab_with_less_weight_on_lightness() -> None:
    grays, colors = (
        differences("#777777", ["#777777", "#000000"]),
        differences("#ff0000", ["#00ff00", "#e60000"]),
    )
    assert grays == pytest.approx([0, 0.6 * 50.03], abs=0.2)
    assert colors[0] > 100 and colors[1] < 15


def test_relative_to_lightness_a_shadow_changes_little() -> None:
    light, shadow, other = "#d9a441", "#6d5221", "#cdb48a"

    plain = differences(shadow, [light, other], 0.0)
    relative = differences(shadow, [light, other], 0.0, relative=True)

    # Golden hair in half the light: its a* and b* shrink, so that it looks like ash blond.
    assert plain[1] < plain[0]
    assert relative[0] < relative[1]
