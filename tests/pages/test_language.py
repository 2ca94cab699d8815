"""pages/parts/language.py and the catalogues: every text of the pages, in every language, and in the visitor's own."""

import ast
import re
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.recipe.choices import FIELDS, GROUPS
from pages.locales.update import catalogue, compiled, texts
from pages.parts import keys
from pages.parts.language import DOMAIN, LANGUAGES, LOCALES, nearest
from tests.conftest import ROOT
from tests.pages.visits import new_visit, notices, written

TRANSLATED = [language for language in LANGUAGES if language != "en"]

NOT_YET = {"pages/models.py", "pages/parts/figures.py"}
"""What speaks English alone so far."""

SAME_EVERYWHERE = re.compile(r":material/\w+:|Selfmoji|PNG|SVG")


def german_visit() -> AppTest:
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=120)
    app.query_params["lang"] = "de"
    return app.run()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_with_the_same_values_in_it(language: str) -> None:
    found = {str(message.id): str(message.string) for message in catalogue(language) if message.id}
    assert set(found) == set(texts()), "run `python -m pages.locales.update`"
    assert [text for text, said in found.items() if not said] == []
    for text, said in found.items():
        assert sorted(re.findall(r"\{\w*\}", text)) == sorted(re.findall(r"\{\w*\}", said)), text
        assert sorted(re.findall(r"\]\([^)]*\)", text)) == sorted(re.findall(r"\]\([^)]*\)", said)), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_the_app_reads_is_what_translators_wrote(language: str) -> None:
    path = LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    assert path.read_bytes() == compiled(catalogue(language))


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_two_options_beside_each_other_are_called_the_same(language: str) -> None:
    said = {str(message.id): str(message.string) for message in catalogue(language) if message.id}
    for options in (GROUPS, *(field.choices for field in FIELDS.values())):
        assert len({said[label] for label in options.values()}) == len(options)


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de-CH", "de"),
        ("pt-PT", "pt_BR"),
        ("pt_BR", "pt_BR"),
        ("ja", "ja"),
        ("en-GB", "en"),
        ("nl-NL", "en"),
        ("", "en"),
    ],
)
def test_the_nearest_language_of_a_browser(locale: str, language: str) -> None:
    assert nearest(locale) == language


def shown(app: AppTest) -> Iterator[str]:
    """Every text on the page, piece by piece."""
    yield from re.findall(r">([^<>]+)<", written(app))
    yield from re.findall(r'(?:alt|aria-label)="([^"]*)"', written(app))
    yield from (element.value for element in (*app.title, *app.header, *app.caption, *app.markdown))
    for element in (
        *app.button,
        *app.toggle,
        *app.radio,
        *app.selectbox,
        *app.text_input,
        *app.file_uploader,
    ):
        yield element.label
    for radio in app.radio:
        yield from radio.options
    yield from (element.proto.expandable.label for element in app.get("expandable"))
    yield from (tab.label for tab in app.tabs)
    yield from (element.proto.label for element in app.get("page_link"))
    yield from (element.proto.popover.label for element in app.get("popover"))


def test_the_photo_page_in_german_says_nothing_in_english() -> None:
    app = german_visit()
    app.button(key="sample").click().run()
    app.button(key="edit").click().run()
    german = {str(message.id): str(message.string) for message in catalogue("de") if message.id}
    english = {text for text, said in german.items() if said != text} - set(german.values())
    for group in GROUPS.values():
        app.session_state[keys.GROUP] = german[group]
        app.run()
        assert not app.exception
        pieces = {piece.strip("* ") for piece in shown(app)}
        assert pieces & english == set()
        assert german[group] in pieces
    assert {"Dein Selfie als Emoji", "Teilen", "Gefühl", "Sanfter"} <= pieces


def test_the_sticker_page_in_german_says_nothing_in_english() -> None:
    app = german_visit().switch_page("pages/stickers.py").run()
    app.selectbox(key=keys.TARGET).select("discord").run()
    assert not app.exception
    german = {str(message.id): str(message.string) for message in catalogue("de") if message.id}
    english = {text for text, said in german.items() if said != text} - set(german.values())
    pieces = {piece.strip("* ") for piece in (*shown(app), *(box.label for box in app.checkbox))}
    assert pieces & english == set()
    assert {"Dein Stickerpaket", "Fröhlich, leicht", "Daumen hoch", "So kommt es an: Discord"} <= pieces
    assert "Servereinstellungen" in "".join(pieces)


def test_the_mirrors_page_in_german_says_nothing_in_english() -> None:
    app = german_visit().switch_page("pages/live.py").run()
    assert not app.exception
    german = {str(message.id): str(message.string) for message in catalogue("de") if message.id}
    english = {text for text, said in german.items() if said != text} - set(german.values())
    pieces = {piece.strip("* ") for piece in shown(app)}
    assert pieces & english == set()
    assert {"Der Spiegel", "Kamera einschalten", "Frontkamera", "Kamera"} <= pieces


def test_a_caption_that_cannot_be_drawn_is_told_in_the_visitors_language() -> None:
    app = german_visit().switch_page("pages/stickers.py").run()
    app.text_input(key=keys.CAPTION).set_value("おはよう").run()
    assert notices(app, "problem") == [
        "Die Schrift für Texte hat kein 'おはよう'. Bitte schreib es mit anderen Zeichen."
    ]


def test_a_language_chosen_by_hand_stays_on_other_pages_and_in_the_address() -> None:
    app = new_visit()
    assert app.title[0].value == "Your selfie as an emoji"
    app.selectbox(key=keys.LANGUAGE).select("ja").run()
    assert app.title[0].value == "自撮りを絵文字に"
    assert app.query_params["lang"] == "ja"
    app.button(key="sample").click().run()
    assert app.query_params["lang"] == "ja"
    app.switch_page("pages/stickers.py").run()
    assert app.selectbox(key=keys.LANGUAGE).value == "ja"
    app.switch_page("pages/photo.py").run()
    assert app.title[0].value == "自撮りを絵文字に"
    app.selectbox(key=keys.LANGUAGE).select("en").run()
    assert app.title[0].value == "Your selfie as an emoji"


def test_an_unknown_language_in_the_address_is_as_good_as_none() -> None:
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=120)
    app.query_params["lang"] = "<b>xx"
    app.run()
    assert not app.exception
    assert app.title[0].value == "Your selfie as an emoji"


def test_arabic_is_written_from_right_to_left_and_german_is_not() -> None:
    app = german_visit()
    assert "direction: rtl" not in written(app)
    app.selectbox(key=keys.LANGUAGE).select("ar").run()
    assert ":root { direction: rtl; }" in written(app)


def test_what_is_wrong_with_a_photo_is_told_in_the_visitors_language() -> None:
    app = german_visit()
    app.file_uploader[0].set_value(("me.jpg", b"%PDF-1.7", "image/jpeg"))
    app.run()
    assert notices(app, "problem") == [
        "Diese Datei ist ein PDF und kein Foto. Bitte nimm ein Foto, das als JPEG, PNG, WebP, HEIC oder AVIF "
        "gespeichert ist."
    ]


def test_choices_are_found_by_their_names_in_the_visitors_language() -> None:
    app = german_visit()
    app.button(key="sample").click().run()
    app.button(key="edit").click().run()
    app.text_input(key=keys.SEARCH).set_value("bommel").run()
    assert [radio.options for radio in app.radio if radio.key == keys.choice("headwear")] == [["Bommelmütze"]]


# --- What stands in the code ----------------------------------------------------------------------------------------

SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("streamlit_app.py", "pages/*.py", "pages/parts/*.py")
    for path in ROOT.glob(pattern)
)
NOTICES = {"hint", "problem", "warning", "tiles"}
SPOKEN = {"label", "help", "placeholder"}
SILENT = {"Page", "set_page_config", "page_link", "code", "fragment"}


def bare(node: ast.expr) -> Iterator[str]:
    """The texts in an expression that no call has been given."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]
    elif isinstance(node, ast.IfExp):
        yield from (*bare(node.body), *bare(node.orelse))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from (*bare(node.left), *bare(node.right))


def spoken(tree: ast.Module) -> Iterator[str]:
    """What Streamlit and our notices are given to show as it stands in the code."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        of_streamlit = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "st"
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if not of_streamlit and name not in NOTICES:
            continue
        given = [keyword.value for keyword in call.keywords if keyword.arg in SPOKEN]
        given += [] if name in SILENT else call.args[:1]
        for text in (text for node in given for text in bare(node)):
            plain = re.sub("<style>.*</style>", "", text, flags=re.DOTALL) if name == "html" else text
            plain = " ".join([*re.findall(r'alt="([^"]*)"', plain), re.sub("<[^>]*>|[{}]", "", plain)])
            plain = SAME_EVERYWHERE.sub("", plain)
            if re.search("[A-Za-z]{2}", plain):
                yield text


@pytest.mark.parametrize("source", [source for source in SOURCES if source not in NOT_YET])
def test_every_text_that_is_shown_goes_through_the_catalogues(source: str) -> None:
    found = set(spoken(ast.parse((ROOT / source).read_text("utf-8"))))
    assert found == set()


def test_every_text_that_goes_through_them_is_in_the_catalogues() -> None:
    # Babel sees no call within an f-string before Python 3.12.
    calls = [
        call
        for source in SOURCES
        for call in ast.walk(ast.parse((ROOT / source).read_text("utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("_", "N_")
    ]
    given = {text for call in calls for text in bare(call.args[0])}
    assert len(given) > 100
    assert given - set(texts()) == set()


def test_a_text_that_is_shown_as_it_stands_is_found() -> None:
    code = """st.button("Undo", help=_("Back")); hint(f"{count} found"); st.html('<img alt="A face">'); st.text(_("Fine"))"""  # noqa: E501
    assert set(spoken(ast.parse(code))) == {"Undo", "{} found", '<img alt="A face">'}
