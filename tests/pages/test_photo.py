"""The pages as Streamlit's AppTest drives them: every source, every choice, every bad input, without a browser."""

import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from PIL import Image
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import PageLink

from core import Recipe, WeightsError, draw_svg
from core.drawing.palette import suiting_backgrounds
from core.recipe.choices import FIELDS, GROUPS, Value
from core.recipe.names import (
    ATTRIBUTE_GROUPS,
    EMOTIONS,
    LOOK_QUESTIONS,
    SKIN_TONES,
    SUBJECTIVE_GROUP,
    SUBJECTIVE_REASON,
)
from core.recipe.suggestions import suggestions
from core.seeing.photo import Photo
from pages.parts import figures, keys
from pages.parts.address import BROKEN_LINK
from pages.parts.bars import LEFT_OUT
from pages.parts.camera import PROBLEMS
from pages.parts.data_uri import data_uri
from pages.parts.editor import SURPRISES, describe
from tests.conftest import ROOT, corners, encode
from tests.pages.visits import PATIENCE, draft, new_visit, notices, reading, session, written
from tests.seeing.test_bad_input import BAD_FILES

LINKED = Recipe(skin_tone="dark", hair="afro", glasses="round", clothes_color="#3355aa")


@pytest.fixture
def app() -> AppTest:
    return new_visit()


@pytest.fixture
def with_sample(app: AppTest) -> AppTest:
    return app.button(key="sample").click().run()


@pytest.fixture
def linked() -> AppTest:
    return new_visit(LINKED.to_code())


def upload(app: AppTest, name: str, data: bytes, mime: str = "application/octet-stream") -> AppTest:
    app.file_uploader[0].set_value((name, data, mime))
    return app.run()


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
    assert draft(app).recipe == recipe
    assert app.query_params["emoji"] == recipe.to_code()
    assert shown_emoji(app) == draw_svg(recipe)


def open_editor(app: AppTest) -> AppTest:
    return app if session(app).desk.editing else app.button(key="edit").click().run()


def open_group(app: AppTest, field: str) -> AppTest:
    open_editor(app)
    app.session_state[keys.GROUP] = GROUPS[FIELDS[field].group]
    return app.run()


def test_the_first_page_offers_a_photo_a_camera_and_a_sample(app: AppTest) -> None:
    assert not app.exception
    assert not notices(app, "problem")
    assert app.title[0].value == "Your selfie as an emoji"
    assert app.file_uploader[0].value is None
    assert {"camera_toggle", "sample"} <= {button.key for button in app.button}
    assert written(app).count("<img") == 5
    assert "CC BY-SA 4.0" in written(app).replace("\xa0", " ")
    assert "emoji" not in app.query_params


def test_what_the_first_page_imports_is_free_of_torch() -> None:
    used = "import sys, core, pages.parts.editor, pages.parts.bars, pages.parts.observing; core.draw_svg(core.Recipe())"
    code = f"{used}; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert run.stdout.strip() == "False"


def components(app: AppTest) -> list[str]:
    return [component.proto.component_name for component in app.get("bidi_component")]


def test_the_camera_opens_on_demand_alone(
    app: AppTest, portrait_jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "selfmoji_camera" not in components(app)
    app.button(key="camera_toggle").click().run()
    assert not app.camera_input
    assert "allow it" in notices(app, "hint")[0]
    monkeypatch.setattr("pages.parts.opener.find_camera", lambda *_: "ready")
    app.run()
    app.camera_input(key=keys.SNAPSHOT).set_value(("snapshot.jpg", portrait_jpeg, "image/jpeg"))
    app.run()
    assert_shows(app, draft(app).start)
    assert not app.camera_input


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_of_any_format_becomes_an_emoji(kind: str, app: AppTest, portrait_image: Image.Image) -> None:
    upload(app, "IMG_0001", encode(portrait_image, kind))
    assert not notices(app, "problem")
    assert_shows(app, Recipe.from_reading(reading(app)))


def test_all_that_the_models_saw_is_on_the_page(with_sample: AppTest) -> None:
    text = written(with_sample)
    names = [
        label
        for group, labels in ATTRIBUTE_GROUPS.items()
        if group != SUBJECTIVE_GROUP
        for name, label in labels.items()
        if name not in LEFT_OUT
    ]
    for name in [*names, *EMOTIONS.values(), *SKIN_TONES.values()]:
        assert f'aria-label="{name}"' in text
    for title in [
        *(group for group in ATTRIBUTE_GROUPS if group != SUBJECTIVE_GROUP),
        *(title for question, title in LOOK_QUESTIONS.items() if question not in LEFT_OUT),
    ]:
        assert f"<h2>{title}</h2>" in text
    smiling = reading(with_sample).attributes["Smiling"]
    assert re.search(rf'aria-label="Smiling"[^>]*aria-valuetext="{smiling:.0%}"', text)


@pytest.mark.parametrize(
    "word",
    ["Attractive", "Young", "Age", "Chubby", "Big nose", "Receding", "Full face", "Double chin", "“Male”"],
)
def test_nobody_is_told_what_is_an_opinion(word: str, with_sample: AppTest) -> None:
    open_editor(with_sample)
    texts = [
        written(with_sample),
        *(element.value for element in [*with_sample.markdown, *with_sample.caption]),
    ]
    assert word not in "\n".join(texts)


def test_the_models_page_explains_opinions_once(app: AppTest) -> None:
    app.switch_page("pages/models.py").run()
    assert sum(SUBJECTIVE_REASON in text.value for text in app.markdown) == 1


def test_all_but_the_emoji_is_folded_at_first(with_sample: AppTest) -> None:
    assert [(e.label, e.proto.expanded) for e in with_sample.expander] == [
        ("New photo", False), ("More", False), ("Emojis that fit your expression", False),
        ("What the models saw", False), ("My emojis", False),
    ]  # fmt: skip
    assert not with_sample.tabs
    assert open_editor(with_sample).tabs
    assert not with_sample.button(key="edit").click().run().tabs


def test_three_to_choose_from(with_sample: AppTest) -> None:
    offered = [(s.label, s.recipe) for s in suggestions(reading(with_sample))]
    assert with_sample.radio(key=keys.START).options == [label for label, _ in offered]
    for label, recipe in reversed(offered):
        with_sample.radio(key=keys.START).set_value(label).run()
        assert_shows(with_sample, recipe)


def test_a_new_emoji_is_greeted_once(with_sample: AppTest) -> None:
    assert 'class="portrait reveal"' in written(with_sample)
    assert 'class="portrait reveal"' not in written(with_sample.run())
    assert 'class="portrait reveal"' not in written(new_visit(LINKED.to_code()))


@pytest.mark.parametrize(("probability", "hints"), [(0.9, 1), (0.1, 0)])
def test_a_blurry_photo_gets_a_hint(probability: float, hints: int, with_sample: AppTest) -> None:
    reading(with_sample).attributes["Blurry"] = probability
    with_sample.run()
    assert len([text for text in notices(with_sample, "hint") if "blurry" in text]) == hints


@pytest.mark.parametrize(("top", "hints"), [(0, 0), (70, 1)])
def test_a_photo_that_ends_in_the_hair_gets_a_hint(
    top: int, hints: int, portrait_image: Image.Image, with_sample: AppTest
) -> None:
    tight = portrait_image.crop((100, top, 350, 230))
    upload(with_sample, "tight.png", encode(tight, "PNG"), "image/png")
    assert len([text for text in notices(with_sample, "hint") if "cut off" in text]) == hints


@pytest.fixture(scope="module")
def visited() -> Iterator[AppTest]:
    """One visit in which bad files come one after the other."""
    yield new_visit()


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_gets_its_message_and_the_emoji_stays(name: str, visited: AppTest) -> None:
    data, expected = BAD_FILES[name]
    if session(visited).draft is None:
        visited.button(key="sample").click().run()
    before = draft(visited).recipe
    upload(visited, name, data, "image/png")
    assert re.search(expected, notices(visited, "problem")[0])
    assert_shows(visited, before)
    assert not notices(visited.run(), "problem"), "the message is there once"


def test_a_photo_without_a_face_gets_a_message_and_the_next_one_an_emoji(
    app: AppTest, portrait_jpeg: bytes
) -> None:
    upload(app, "wall.png", encode(corners(600, 600), "PNG"))
    assert not app.exception
    assert "face" in notices(app, "problem")[0]
    assert session(app).draft is None
    upload(app, "me.jpg", portrait_jpeg)
    assert not notices(app, "problem")
    assert_shows(app, draft(app).start)


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
        assert notices(app, "problem")[0] == "attributes.json is missing: restore weights/."
    upload(app, "me-again.jpg", portrait_jpeg)
    assert_shows(app, draft(app).start)


@pytest.fixture(scope="module")
def group(portrait: Photo) -> bytes:
    """A photo of two people."""
    large = Image.fromarray(portrait.pixels[:320])
    small = large.resize((384, 240)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    group = Image.new("RGB", (1000, 400), (120, 130, 140))
    group.paste(large, (0, 0))
    group.paste(small, (560, 60))
    return encode(group, "PNG")


def pick_face(app: AppTest, number: int) -> AppTest:
    return app.radio(key=keys.FACE).set_value(list(session(app).faces)[number]).run()


def change(app: AppTest, field: str) -> Recipe:
    """Gives a field another value, and the recipe that has it."""
    open_group(app, field)
    value = other_value(field, draft(app).recipe)
    app.radio(key=keys.choice(field)).set_value(value).run()
    return draft(app).recipe


def test_of_several_faces_one_is_picked(app: AppTest, group: bytes) -> None:
    upload(app, "group.png", group)
    assert "2 faces found" in app.markdown[0].value
    first = draft(app)
    pick_face(app, 1)
    second = draft(app)
    assert second.photo != first.photo
    assert_shows(app, Recipe.from_reading(reading(app)))
    app.switch_page("pages/models.py").run()
    app.switch_page("pages/photo.py").run()
    assert draft(app) is second
    assert app.radio(key=keys.FACE).value == session(app).shown


def test_every_face_keeps_its_changes(app: AppTest, group: bytes) -> None:
    upload(app, "group.png", group)
    first = change(app, "glasses")
    assert first != draft(app).start
    pick_face(app, 1)
    second = change(app, "headwear")
    pick_face(app, 0)
    assert_shows(app, first)
    pick_face(app, 1)
    assert_shows(app, second)


def test_an_address_of_before_brings_back_the_photo_and_what_was_seen(
    app: AppTest, portrait_jpeg: bytes, group: bytes
) -> None:
    upload(app, "a.jpg", portrait_jpeg)
    change(app, "glasses")
    before, photo_a = dict(app.query_params), draft(app)
    upload(app, "b.png", group)
    assert draft(app) is not photo_a
    app.query_params.clear()
    app.query_params.update(before)
    app.run()
    assert draft(app) is photo_a
    assert_shows(app, photo_a.recipe)
    assert data_uri(photo_a.photo or b"", "image/jpeg") in written(app)
    open_editor(app).button(key="back_all").click().run()
    assert_shows(app, Recipe.from_reading(reading(app)))


def test_a_photo_wins_against_the_address_of_a_click_that_came_meanwhile(
    linked: AppTest, portrait_jpeg: bytes
) -> None:
    session(linked).desk.incoming = portrait_jpeg
    linked.run()
    seen = draft(linked).recipe
    session(linked).ahead = True
    linked.query_params.clear()
    linked.query_params["emoji"] = LINKED.to_code()
    linked.run()
    assert_shows(linked, seen)


def test_after_a_refresh_nothing_speaks_of_a_link_or_a_photo(with_sample: AppTest) -> None:
    address = dict(with_sample.query_params)
    refreshed = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=PATIENCE)
    refreshed.query_params.update(address)
    refreshed.run()
    assert_shows(refreshed, draft(with_sample).recipe)
    assert refreshed.query_params == address
    assert open_editor(refreshed).button(key="back_all").label == "Undo all changes"
    assert 'class="crop"' not in written(refreshed)


def test_every_link_to_a_page_takes_the_emoji_along(with_sample: AppTest) -> None:
    links = [link for link in with_sample.get("page_link") if isinstance(link, PageLink)]
    assert len(links) == 6
    for link in links:
        assert parse_qs(link.proto.query_string) == {k: [v] for k, v in with_sample.query_params.items()}


@pytest.mark.parametrize("problem", [problem for problem in PROBLEMS if not problem.startswith("unreach")])
def test_a_camera_that_cannot_take_a_photo_gets_a_reason(problem: str, app: AppTest) -> None:
    session(app).desk.camera.fail(problem)
    app.run()
    assert notices(app, "problem") == [" ".join(PROBLEMS[problem])]
    app.button(key="camera_toggle").click().run()
    assert not notices(app, "problem")
    assert session(app).desk.camera.status == "open"


def other_value(field: str, recipe: Recipe) -> Value:
    values: list[Value] = [False, True] if FIELDS[field].kind == "yes-no" else list(FIELDS[field].choices)
    return next(value for value in reversed(values) if value != getattr(recipe, field))


OFFERED_WITH: dict[str, dict[str, Value]] = {
    "eye_color": {"eyes": "large", "glasses": "none"},
    "eye_bags": {"glasses": "none"},
    "headwear_color": {"headwear": "cap"},
    "jewelry_color": {"earrings": "hoop"},
    "inner_color": {"clothes": "cardigan"},
    "necktie": {"clothes": "suit"},
    "bow_tie": {"clothes": "suit", "necktie": "red"},
    "background": {"background": "circle"},
    "background_color": {"background": "circle"},
}
"""{field: what else somebody needs for it to be seen}."""


@pytest.mark.parametrize("field", [name for name, field in FIELDS.items() if field.kind != "yes-no"])
def test_every_choice_can_be_changed_and_taken_back(field: str) -> None:
    start = LINKED.replace(**OFFERED_WITH.get(field, {}))
    app = open_group(new_visit(start.to_code()), field)
    value = other_value(field, start)
    app.radio(key=keys.choice(field)).set_value(value).run()
    assert_shows(app, start.replace(**{field: value}))
    app.button(key=f"back-{field}").click().run()
    assert_shows(app, start)
    assert f"back-{field}" not in {button.key for button in app.button}


@pytest.mark.parametrize("group", GROUPS)
def test_yes_or_no_is_a_switch(group: str) -> None:
    names = [name for name, field in FIELDS.items() if (field.group, field.kind) == (group, "yes-no")]
    recipe = LINKED.replace(
        **{key: value for name in names for key, value in OFFERED_WITH.get(name, {}).items()}
    )
    app = new_visit(recipe.to_code())
    for name in names:
        recipe = recipe.replace(**{name: True})
        open_group(app, name).toggle(key=keys.choice(name)).set_value(True).run()
        assert_shows(app, recipe)
    for name in names:
        recipe = recipe.replace(**{name: False})
        app.toggle(key=keys.choice(name)).set_value(False).run()
        assert_shows(app, recipe)


def test_a_first_background_is_one_to_stand_out_on(linked: AppTest) -> None:
    open_group(linked, "background")
    linked.radio(key=keys.choice("background")).set_value("dots").run()
    dotted = LINKED.replace(background="dots")
    assert_shows(linked, dotted.replace(background_color=suiting_backgrounds(dotted)[0]))
    linked.color_picker(key=keys.any_color("background_color")).set_value("#12ab34").run()
    linked.radio(key=keys.choice("background")).set_value("rays").run()
    assert_shows(linked, LINKED.replace(background="rays", background_color="#12ab34"))
    linked.radio(key=keys.choice("background")).set_value("none").run()
    assert_shows(linked, LINKED)


def test_undo_and_redo(linked: AppTest) -> None:
    open_group(linked, "glasses")
    assert linked.button(key="undo").disabled and linked.button(key="redo").disabled
    for glasses in ("cat", "aviator"):
        linked.radio(key=keys.choice("glasses")).set_value(glasses).run()
    for key, glasses in (
        ("undo", "cat"),
        ("undo", "round"),
        ("redo", "cat"),
        ("redo", "aviator"),
        ("undo", "cat"),
    ):
        linked.button(key=key).click().run()
        assert_shows(linked, LINKED.replace(glasses=glasses))
    linked.radio(key=keys.choice("glasses")).set_value("rect").run()
    assert linked.button(key="redo").disabled


@pytest.mark.parametrize("field", [name for name, field in FIELDS.items() if field.kind == "color"])
def test_every_color_may_be_any(field: str) -> None:
    start = LINKED.replace(**OFFERED_WITH.get(field, {}))
    app = open_group(new_visit(start.to_code()), field)
    app.color_picker(key=keys.any_color(field)).set_value("#12ab34").run()
    assert_shows(app, start.replace(**{field: "#12ab34"}))
    assert app.radio(key=keys.choice(field)).value is None


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
    start = draft(open_editor(with_sample)).start
    assert with_sample.button(key="back_all").disabled
    seen = set()
    for _ in range(5):
        with_sample.button(key="surprise").click().run()
        recipe = draft(with_sample).recipe
        seen.add(recipe)
        kept = {
            name: getattr(start, name)
            for name in FIELDS
            if name not in SURPRISES and name != "background_color"
        }
        assert_shows(with_sample, recipe.replace(**kept))
        assert recipe.mouth in SURPRISES["mouth"]
        assert recipe.background_color in suiting_backgrounds(recipe)
    assert len(seen) > 1
    with_sample.button(key="back_all").click().run()
    assert_shows(with_sample, start)


def test_a_link_reopens_the_emoji_without_bars_and_its_editor_on_request(linked: AppTest) -> None:
    assert_shows(linked, LINKED)
    assert 'role="meter"' not in written(linked)
    assert 'class="crop"' not in written(linked)
    assert not linked.header
    assert [header.value for header in open_editor(linked).header] == ["Make it yours"]
    [code] = linked.code
    assert code.value.endswith(f"?emoji={LINKED.to_code()}")


@pytest.mark.parametrize(
    "code",
    [
        "",
        "2.",
        "2.ha",
        "2.ha-mohawk",
        "1.ha-mohawk",
        "9.ha-bob",
        "2.ha-bob.ha-lob",
        "nonsense",
        "2.zz-1",
        "<script>",
        "2.sk-[Sign in](http://elsewhere.example/) ![](http://elsewhere.example/pixel)",
        "2.cc-x12",
        "٣",
    ],
)
def test_a_damaged_link_gets_a_sentence_without_its_text(code: str) -> None:
    app = new_visit(code)
    assert not app.exception
    assert notices(app, "problem") == [BROKEN_LINK]
    assert session(app).draft is None
    app.button(key="sample").click().run()
    assert not notices(app, "problem")
    assert_shows(app, draft(app).start)


def test_a_link_of_the_first_version_opens() -> None:
    app = new_visit("1.ha-afro.hc-black.gl-round")
    assert not notices(app, "problem")
    recipe = Recipe(hair="afro", hairline="curls_high", hair_color="black", glasses="round")
    assert draft(app).recipe == recipe
    assert shown_emoji(app) == draw_svg(recipe)


def test_a_link_shows_its_emoji_and_invites_to_make_one(linked: AppTest) -> None:
    assert linked.title[0].value == "An emoji for you"
    assert [e.label for e in linked.expander] == ["Make yours", "More", "My emojis"]
    assert not linked.tabs
    assert open_editor(linked).tabs


def test_a_damaged_link_keeps_the_emoji_of_the_visit(linked: AppTest) -> None:
    linked.query_params["emoji"] = "2.broken"
    linked.run()
    assert notices(linked, "problem") == [BROKEN_LINK]
    assert draft(linked).recipe == LINKED
    assert shown_emoji(linked) == draw_svg(LINKED)


def test_the_models_page_and_the_way_back(linked: AppTest) -> None:
    linked.switch_page("pages/models.py").run()
    assert not linked.exception
    assert linked.title[0].value == "The models"
    assert len(linked.header) == 8
    assert not notices(linked, "warning"), "a card is missing"
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
    [
        (Recipe(), "Emoji"),
        (Recipe(hair="bob", lashes=True), "Emoji; Hair: Bob; Eyelashes"),
        (Recipe(headwear_color="navy", lenses="dark", necktie="red"), "Emoji"),
        (Recipe(headwear="cap", headwear_color="navy"), "Emoji; Hat or scarf: Cap; Hat color: Navy"),
    ],
)
def test_an_emoji_in_words_that_name_only_what_is_there(recipe: Recipe, words: str) -> None:
    assert describe(recipe) == words


def test_photos_reach_neither_disk_nor_log_and_are_let_go(
    with_sample: AppTest,
    portrait_jpeg: bytes,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []

    def note(event: str, arguments: tuple) -> None:
        if watching and event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
            opened.append(str(arguments[0]))

    kept: list[MemoryUploadedFileManager] = []
    begin = MemoryUploadedFileManager.__init__

    def begin_and_note(self: MemoryUploadedFileManager, *arguments: Any) -> None:
        begin(self, *arguments)
        kept.append(self)

    monkeypatch.setattr(MemoryUploadedFileManager, "__init__", begin_and_note)
    watching = True
    sys.addaudithook(note)
    upload(with_sample, "private-name.jpg", portrait_jpeg)
    watching = False
    assert_shows(with_sample, draft(with_sample).start)
    assert not opened
    assert kept
    assert not any(file for manager in kept for file in manager.file_storage.values())
    captured = capfd.readouterr()
    assert "private-name" not in captured.out + captured.err
