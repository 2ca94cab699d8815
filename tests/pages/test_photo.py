"""The pages as Streamlit's AppTest drives them: every source, every choice, every bad input, without a browser."""

import html
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core import Recipe, WeightsError, draw_svg
from core.recipe.choices import FIELDS, GROUPS, Value
from core.recipe.names import ATTRIBUTE_GROUPS, EMOTIONS, LOOK_QUESTIONS, SKIN_TONES, SUBJECTIVE_GROUP
from core.seeing.photo import Photo
from pages.parts import figures as figures
from pages.parts.editor import SURPRISES, describe
from tests.conftest import ROOT, corners, encode
from tests.seeing.test_bad_input import BAD_FILES

LINKED = Recipe(skin_tone="dark", hair="afro", glasses="round", clothes_color="#3355aa")
PATIENCE = 60
"""Seconds for a run; the first one that reads a photo loads the models."""


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit reads .streamlit/config.toml where it is started."""
    monkeypatch.chdir(ROOT)


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=PATIENCE).run()


@pytest.fixture
def with_sample(app: AppTest) -> AppTest:
    return app.button(key="sample").click().run()


@pytest.fixture
def linked() -> AppTest:
    return open_link(LINKED.to_code())


def open_link(code: str) -> AppTest:
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=PATIENCE)
    app.query_params["emoji"] = code
    return app.run()


def upload(app: AppTest, name: str, data: bytes, mime: str = "application/octet-stream") -> AppTest:
    app.file_uploader(key="upload").set_value((name, data, mime))
    return app.run()


def written(app: AppTest) -> str:
    """Everything in HTML on the page."""
    return html.unescape("\n".join(element.value for element in app.html))


def shown_emoji(app: AppTest) -> str:
    """The SVG of the big emoji, without the style that makes it blink."""
    found = re.search(r'class="emoji" src="data:image/svg\+xml;base64,([^"]+)"', written(app))
    assert found, "no emoji on the page"
    svg, blinks = re.subn("<style>.*?</style>", "", b64decode(found[1]).decode(), flags=re.DOTALL)
    assert blinks == 1
    return svg


def assert_shows(app: AppTest, recipe: Recipe) -> None:
    """The page, its address and the session agree on this emoji, and nothing broke."""
    assert not app.exception
    assert app.session_state["recipe"] == recipe
    assert app.query_params["emoji"] == recipe.to_code()
    assert shown_emoji(app) == draw_svg(recipe)


def open_group(app: AppTest, field: str) -> AppTest:
    app.session_state["group"] = GROUPS[FIELDS[field].group]
    return app.run()


def test_the_first_page_offers_a_photo_a_camera_and_a_sample(app: AppTest) -> None:
    assert not app.exception
    assert not app.error
    assert app.title[0].value == "Your selfie as an emoji"
    assert app.file_uploader(key="upload").value is None
    assert {"camera_toggle", "sample"} <= {button.key for button in app.button}
    assert written(app).count("<img") == 5
    assert "CC BY-SA 4.0" in written(app).replace("\xa0", " ")
    assert "emoji" not in app.query_params


def test_what_the_first_page_imports_is_free_of_torch() -> None:
    used = "import sys, core, pages.parts.editor, pages.parts.bars; core.draw_svg(core.Recipe())"
    code = f"{used}; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert run.stdout.strip() == "False"


def test_the_camera_opens_on_demand_alone(app: AppTest, portrait_jpeg: bytes) -> None:
    assert not app.camera_input
    app.button(key="camera_toggle").click().run()
    app.camera_input(key="snapshot").set_value(("snapshot.jpg", portrait_jpeg, "image/jpeg"))
    app.run()
    assert_shows(app, app.session_state["start"])
    assert not app.camera_input


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_of_any_format_becomes_an_emoji(kind: str, app: AppTest, portrait_image: Image.Image) -> None:
    upload(app, "IMG_0001", encode(portrait_image, kind))
    assert not app.error
    assert_shows(app, Recipe.from_reading(app.session_state["reading"]))


def test_all_that_the_models_saw_is_on_the_page(with_sample: AppTest) -> None:
    text = written(with_sample)
    names = [label for labels in ATTRIBUTE_GROUPS.values() for label in labels.values()]
    for name in [*names, *EMOTIONS.values(), *SKIN_TONES.values()]:
        assert f'aria-label="{name}"' in text
    for title in [*ATTRIBUTE_GROUPS, *LOOK_QUESTIONS.values()]:
        assert f"<h4>{title}</h4>" in text
    smiling = with_sample.session_state["reading"].attributes["Smiling"]
    assert re.search(rf'aria-label="Smiling"[^>]*aria-valuetext="{smiling:.0%}"', text)


def test_opinions_are_folded_away_with_a_reason(with_sample: AppTest) -> None:
    [folded] = [expander for expander in with_sample.expander if expander.label == SUBJECTIVE_GROUP]
    assert not folded.proto.expanded
    assert "opinion" in folded.markdown[0].value
    inside = html.unescape(folded.get("html")[0].proto.body)
    assert "“Attractive”" in inside
    assert written(with_sample).count("“Attractive”") == inside.count("“Attractive”")


@pytest.mark.parametrize(("probability", "hints"), [(0.9, 1), (0.1, 0)])
def test_a_blurry_photo_gets_a_hint(probability: float, hints: int, with_sample: AppTest) -> None:
    with_sample.session_state["reading"].attributes["Blurry"] = probability
    with_sample.run()
    assert len([info for info in with_sample.info if "blurry" in info.value]) == hints


@pytest.fixture(scope="module")
def visited() -> Iterator[AppTest]:
    """One visit in which bad files come one after the other."""
    yield AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=PATIENCE).run()


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_gets_its_message_and_the_emoji_stays(name: str, visited: AppTest) -> None:
    data, expected = BAD_FILES[name]
    if "recipe" not in visited.session_state:
        visited.button(key="sample").click().run()
    before = visited.session_state["recipe"]
    upload(visited, name, data, "image/png")
    assert re.search(expected, visited.error[0].value)
    assert_shows(visited, before)
    assert not visited.run().error, "the message is there once"


def test_a_photo_without_a_face_gets_a_message_and_the_next_one_an_emoji(
    app: AppTest, portrait_jpeg: bytes
) -> None:
    upload(app, "wall.png", encode(corners(600, 600), "PNG"))
    assert not app.exception
    assert "face" in app.error[0].value
    assert "recipe" not in app.session_state
    upload(app, "me.jpg", portrait_jpeg)
    assert not app.error
    assert_shows(app, app.session_state["start"])


def test_missing_weights_are_told_and_looked_for_again(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, portrait_jpeg: bytes
) -> None:
    import streamlit as st

    def missing(*_: object) -> None:
        raise WeightsError("attributes.json is missing: restore weights/.")

    st.cache_resource.clear()
    with monkeypatch.context() as broken:
        broken.setattr("core.seeing.reading.load_network", missing)
        upload(app, "me.jpg", portrait_jpeg)
        assert not app.exception
        assert app.error[0].value == "attributes.json is missing: restore weights/."
    upload(app, "me-again.jpg", portrait_jpeg)
    assert_shows(app, app.session_state["start"])


def test_of_several_faces_one_is_picked(app: AppTest, portrait: Photo) -> None:
    large = Image.fromarray(portrait.pixels[:320])
    small = large.resize((384, 240)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    group = Image.new("RGB", (1000, 400), (120, 130, 140))
    group.paste(large, (0, 0))
    group.paste(small, (560, 60))
    upload(app, "group.png", encode(group, "PNG"))
    assert "2 faces found" in app.markdown[0].value
    first = app.session_state["crop"]
    app.radio(key="face_tile").set_value(1).run()
    assert not np.array_equal(app.session_state["crop"], first)
    assert app.session_state["reading"] == app.session_state["readings"][1]
    assert_shows(app, Recipe.from_reading(app.session_state["reading"]))
    app.switch_page("pages/models.py").run()
    app.switch_page("pages/photo.py").run()
    assert app.radio(key="face_tile").value == 1
    assert_shows(app, Recipe.from_reading(app.session_state["readings"][1]))


def other_value(field: str, recipe: Recipe) -> Value:
    values: list[Value] = [False, True] if FIELDS[field].kind == "yes-no" else list(FIELDS[field].choices)
    return next(value for value in reversed(values) if value != getattr(recipe, field))


OFFERED_WITH = {"headwear_color": {"headwear": "cap"}, "background_color": {"background": "circle"}}


@pytest.mark.parametrize("field", FIELDS)
def test_every_choice_can_be_changed_and_taken_back(field: str) -> None:
    start = LINKED.replace(**OFFERED_WITH.get(field, {}))
    app = open_group(open_link(start.to_code()), field)
    value = other_value(field, start)
    app.radio(key=f"choice-{field}").set_value(value).run()
    assert_shows(app, start.replace(**{field: value}))
    app.button(key=f"back-{field}").click().run()
    assert_shows(app, start)
    assert f"back-{field}" not in {button.key for button in app.button}


@pytest.mark.parametrize("field", [name for name, field in FIELDS.items() if field.kind == "color"])
def test_every_color_may_be_any(field: str) -> None:
    start = LINKED.replace(**OFFERED_WITH.get(field, {}))
    app = open_group(open_link(start.to_code()), field)
    app.color_picker(key=f"any-{field}").set_value("#12ab34").run()
    assert_shows(app, start.replace(**{field: "#12ab34"}))
    assert app.radio(key=f"choice-{field}").value is None


def test_each_option_is_shown_on_the_visitors_own_emoji(linked: AppTest) -> None:
    open_group(linked, "hair")
    text = written(linked)
    tiles = re.findall(r"\.st-key-picture-tiles-choice-hair .*?base64,([^)]+)\)", text)
    drawn = [b64decode(tile).decode() for tile in tiles]
    assert drawn == [draw_svg(LINKED.replace(hair=hair)) for hair in FIELDS["hair"].choices]


def test_a_color_of_nothing_is_not_offered(linked: AppTest) -> None:
    open_group(linked, "headwear")
    assert "choice-headwear_color" not in {radio.key for radio in linked.radio}
    linked.radio(key="choice-headwear").set_value("cap").run()
    assert "choice-headwear_color" in {radio.key for radio in linked.radio}


def test_back_for_all_and_surprise(with_sample: AppTest) -> None:
    start = with_sample.session_state["start"]
    assert with_sample.button(key="back_all").disabled
    seen = set()
    for _ in range(5):
        with_sample.button(key="surprise").click().run()
        recipe = with_sample.session_state["recipe"]
        seen.add(recipe)
        kept = {name: getattr(start, name) for name in FIELDS if name not in SURPRISES}
        assert_shows(with_sample, recipe.replace(**kept))
    assert len(seen) > 1
    with_sample.button(key="back_all").click().run()
    assert_shows(with_sample, start)


def test_a_link_reopens_the_emoji_with_its_editor_and_without_bars(linked: AppTest) -> None:
    assert_shows(linked, LINKED)
    assert 'role="meter"' not in written(linked)
    assert 'class="crop"' not in written(linked)
    assert [header.value for header in linked.header] == ["Make it yours"]
    [code] = linked.code
    assert code.value.endswith(f"?emoji={LINKED.to_code()}")


@pytest.mark.parametrize(
    "code",
    [
        "",
        "1.",
        "1.ha",
        "1.ha-mohawk",
        "2.ha-bob",
        "1.ha-bob.ha-bun",
        "nonsense",
        "1.zz-1",
        "<script>",
        "1.cc-x12",
        "٣",
    ],
)
def test_a_damaged_link_gets_a_message(code: str) -> None:
    app = open_link(code)
    assert not app.exception
    assert app.error[0].value.startswith("The link to this emoji does not work. ")
    assert "recipe" not in app.session_state
    assert "emoji" not in app.query_params
    assert not app.run().error


def test_a_damaged_link_keeps_the_emoji_of_the_visit(linked: AppTest) -> None:
    linked.query_params["emoji"] = "1.broken"
    linked.run()
    assert linked.error
    assert linked.session_state["recipe"] == LINKED
    assert shown_emoji(linked) == draw_svg(LINKED)


def test_the_models_page_and_the_way_back(linked: AppTest) -> None:
    linked.switch_page("pages/models.py").run()
    assert not linked.exception
    assert linked.title[0].value == "The models"
    assert len(linked.subheader) == 5
    assert not linked.warning, "a card is missing"
    linked.switch_page("pages/photo.py").run()
    assert_shows(linked, LINKED)


def test_figures_of_a_card_as_html() -> None:
    head = figures.headline(
        {"task": "emotion", "accuracy": 0.6123, "images": 3589, "eye_error": 2.26, "odd": [1]}
    )
    assert re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", head) == [
        ("Right", "61.2%"), ("Photos measured", "3,589"), ("Eyes off by, mean", "2.3 px"),
    ]  # fmt: skip
    rows = figures.row_table(
        {"5_o_Clock_Shadow": {"accuracy": 0.5, "f1": 1.0}, "<new>": {"accuracy": 0, "f1": 0}}
    )
    assert "5 o&#x27;clock shadow" in rows
    assert "&lt;new&gt;" in rows
    confusion = figures.confusion_table([[3, 1], [0, 0]], ["happy", "sad"])
    assert re.findall(r">(\d+%)<", confusion) == ["75%", "25%", "0%", "0%"]


@pytest.mark.parametrize(
    ("recipe", "words"),
    [(Recipe(), "Emoji"), (Recipe(hair="bob", lashes=True), "Emoji; Hair: Bob; Eyelashes")],
)
def test_an_emoji_in_words(recipe: Recipe, words: str) -> None:
    assert describe(recipe) == words


def test_photos_reach_neither_disk_nor_log(
    with_sample: AppTest,
    portrait_jpeg: bytes,
    capfd: pytest.CaptureFixture[str],
) -> None:
    opened: list[str] = []

    def note(event: str, arguments: tuple) -> None:
        if watching and event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
            opened.append(str(arguments[0]))

    watching = True
    sys.addaudithook(note)
    upload(with_sample, "private-name.jpg", portrait_jpeg)
    watching = False
    assert_shows(with_sample, with_sample.session_state["start"])
    assert not opened
    captured = capfd.readouterr()
    assert "private-name" not in captured.out + captured.err
