"""Recipe -> a sticker pack: every emotion in two strengths and some scenes, in the sizes that messengers accept.

A sticker is a 512x512 WebP under 100 KB on a transparent ground, with a white rim that keeps its black outlines visible
on dark chats. contents.json is laid out as WhatsApp's sample apps read it; Telegram takes the same pictures one by one.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import json
import math
import re
import tomllib
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

from PIL import Image, ImageOps

from core.drawing.artwork import GRID, HALO
from core.drawing.catalogue import HOUSE, catalogue
from core.drawing.credit import LICENSE_URL, NOTICE, TITLE, exif_texts
from core.drawing.openmoji import openmoji_svg
from core.drawing.painting import haloed
from core.drawing.png import draw_image, png_of, rasterize
from core.errors import SelfmojiError
from core.extras.captions import draw_caption, why_not
from core.recipe.choices import Value
from core.recipe.expressions import STRENGTHS, showing
from core.recipe.names import EMOTIONS
from core.recipe.recipe import Recipe

SIZE = 512
"""Side of a sticker in pixels."""

TRAY_SIZE = 96
MOST_BYTES = {"sticker": 100_000, "tray": 50_000, "animation": 500_000}
"""What messengers accept at most; tests hold that packs stay below."""

STICKERS = range(3, 31)
"""How many stickers a pack may have."""

LONGEST_NAME = 128
"""UTF-16 units that a pack's name may have, as WhatsApp counts them."""

FRAME_MILLISECONDS = 500

_SKIN_MODIFIERS = {
    "pale": "-1F3FB", "light": "-1F3FB", "medium_light": "-1F3FC", "medium": "-1F3FD", "medium_dark": "-1F3FE",
    "dark": "-1F3FF",
}  # fmt: skip
"""{skin tone of a recipe: what OpenMoji adds to a hand's code}; the yellow hand has none."""

_HANDS = {"pale": "light"}
"""{skin tone: the one whose hand is painted in it}, where OpenMoji has no hand of that color."""

_EMOTION_EMOJIS = {
    "happy": "🙂😀", "surprise": "😮😲", "neutral": "😐😶", "sad": "🙁😢", "fear": "😨😱", "angry": "😠😡",
    "disgust": "🤢🤮",
}  # fmt: skip
"""{emotion: what its two strengths are found by}, in the order of a pack: the happy ones first."""


MOST_TOGETHER = 4
"""People on one sticker."""

_TOGETHER = ("happy-mild", "happy-strong", "surprise-strong", "sad-mild")
"""The moods in which people stand side by side."""

_OVERLAP = 0.36
"""Share of a person's square that the next one covers; the squares are wider than the people in them."""

_LIFTED = 0.14
"""Share of a sticker's height by which several people, who are small, stand higher where there is a caption."""


class StickerError(SelfmojiError):
    """A pack that cannot be made; the message says what to change."""


@dataclass(frozen=True)
class Item:
    """An object of a scene, as scenes.toml describes it; center and size in units of the 72x72 grid."""

    glyph: str
    center: tuple[float, float]
    size: float
    place: str
    toned: bool = False
    flipped: bool = False


@dataclass(frozen=True)
class Scene:
    """A scene: its name for people, what it is found by, what the person changes for it, and the objects."""

    label: str
    emojis: tuple[str, ...]
    person: Mapping[str, Value]
    objects: tuple[Item, ...]


@dataclass(frozen=True)
class Sticker:
    """One picture of a pack before it is drawn.

    name: its file's, without ending; emojis: one to three characters that it is found by; caption: letters below;
    beside: others who stand to the right of the person.
    """

    name: str
    label: str
    emojis: tuple[str, ...]
    recipe: Recipe
    items: tuple[Item, ...] = ()
    caption: str = ""
    beside: tuple[Recipe, ...] = ()


Kind = TypeVar("Kind", bound=Sticker)


def stickers_of(recipe: Recipe) -> list[Sticker]:
    """All stickers that there are for a person: the emotions in two strengths, then the scenes."""
    person = alone(recipe)
    return [*_expressions(person), *_scenes(person)]


def together(recipes: Sequence[Recipe]) -> list[Sticker]:
    """Stickers with several people side by side, of the first `MOST_TOGETHER`; none for fewer than two."""
    people = [alone(recipe) for recipe in recipes[:MOST_TOGETHER]]
    if len(people) < 2:
        return []
    moods = zip(*(_expressions(person) for person in people), strict=True)
    return [
        dataclasses.replace(
            first,
            name=f"together-{first.name}",
            label=f"Together: {first.label}",
            beside=tuple(other.recipe for other in others),
        )
        for first, *others in moods
        if first.name in _TOGETHER
    ]


def portrait_of(recipe: Recipe) -> Sticker:
    """The emoji as it is, as a sticker."""
    return Sticker("emoji", "Emoji", ("🙂",), alone(recipe))


def alone(recipe: Recipe) -> Recipe:
    """The person without background, from as far away as objects beside them need."""
    return recipe.replace(background="none", framing="sticker")


def captioned(stickers: Iterable[Kind], text: str) -> list[Kind]:
    """The stickers with a caption below; StickerError for one that cannot be drawn. An empty one is none."""
    text = text.strip()
    if text and (reason := why_not(text)):
        raise StickerError(reason)
    return [dataclasses.replace(sticker, caption=text) for sticker in stickers]


def draw_sticker(sticker: Sticker) -> bytes:
    """A sticker as a WebP file."""
    return _webp([_picture(sticker, SIZE)], sticker.label)


def draw_sticker_png(sticker: Sticker, size: int) -> bytes:
    """A sticker as a PNG file of size x size pixels."""
    return png_of(_picture(sticker, size), f"{TITLE}: {sticker.label}")


def draw_tray(recipe: Recipe) -> bytes:
    """The pack's own icon as a PNG file of 96x96 pixels."""
    return png_of(draw_image(alone(recipe), TRAY_SIZE), TITLE)


def draw_animation(recipe: Recipe) -> bytes:
    """Every emotion, from mild to strong, as one animated WebP file."""
    expressions = _expressions(alone(recipe))
    return _webp([_picture(sticker, SIZE) for sticker in expressions], "Expressions")


def pack_files(name: str, recipe: Recipe, stickers: Sequence[Sticker]) -> Iterator[tuple[str, bytes]]:
    """(file name, content) of a pack, each drawn when it is asked for; `pack_size` says how many there are.

    Raises StickerError at once for a name or a number of stickers that no messenger takes.
    """
    contents = contents_of(name, stickers)
    return _files(contents, recipe, stickers)


def pack_size(stickers: Sequence[Sticker]) -> int:
    """How many files a pack has."""
    return len(stickers) + 4


def zip_of(files: Mapping[str, bytes], comment: str = "") -> bytes:
    """A ZIP archive of {file name: content}; the same files make the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.comment = comment.encode()
        for name, content in files.items():
            # Pictures are compressed already.
            kind = (
                zipfile.ZIP_STORED
                if name.endswith((".webp", ".png", ".gif", ".webm"))
                else zipfile.ZIP_DEFLATED
            )
            archive.writestr(zipfile.ZipInfo(name), content, kind)
    return stream.getvalue()


def slug(name: str) -> str:
    """A pack's name as messengers and file systems want it: lower-case letters, digits and dashes.

    A name that has other letters than those of English ends in a digest, so that no two packs get the same one.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = [re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "stickers"]
    if not name.isascii():
        words.append(blake2b(name.encode(), digest_size=4).hexdigest())
    return "-".join(words)


# --- What is in a pack ----------------------------------------------------------------------------------------------


def _expressions(person: Recipe) -> list[Sticker]:
    return [
        Sticker(
            f"{emotion}-{strength}",
            f"{EMOTIONS[emotion]}, {strength}",
            (_EMOTION_EMOJIS[emotion][number],),
            showing(person, emotion, strength),
        )
        for emotion in _EMOTION_EMOJIS
        for number, strength in enumerate(STRENGTHS)
    ]


def _scenes(person: Recipe) -> list[Sticker]:
    return [
        Sticker(name, scene.label, scene.emojis, person.replace(**scene.person), scene.objects)
        for name, scene in scenes().items()
    ]


@functools.cache
def scenes() -> dict[str, Scene]:
    """The scenes of scenes.toml by their names."""
    table = tomllib.loads((HOUSE / "scenes.toml").read_text("utf-8"))["scene"]
    return {
        name: Scene(
            row["label"],
            tuple(row["emojis"]),
            row["person"],
            tuple(Item(**{**item, "center": tuple(item["center"])}) for item in row["objects"]),
        )
        for name, row in table.items()
    }


def check_pack(name: str, stickers: Sequence[Sticker]) -> None:
    """Raises StickerError for a name or a number of stickers that no messenger takes."""
    name = name.strip()
    if not name or len(name.encode("utf-16-le")) > 2 * LONGEST_NAME or not name.isprintable():
        raise StickerError(
            "Please give the pack a name of 1 to {longest} characters, on one line.", longest=LONGEST_NAME
        )
    if len(stickers) not in STICKERS:
        raise StickerError(
            "A pack has {least} to {most} stickers, not {count}: messengers want it so.",
            least=STICKERS[0],
            most=STICKERS[-1],
            count=len(stickers),
        )


def contents_of(name: str, stickers: Sequence[Sticker], animated: bool = False) -> bytes:
    """A pack's contents.json; raises StickerError as `check_pack` does."""
    check_pack(name, stickers)
    name = name.strip()
    pack = {
        "identifier": slug(name),
        "name": name,
        "publisher": TITLE,
        "tray_image_file": "tray.png",
        "image_data_version": "1",
        "avoid_cache": False,
        "publisher_website": "",
        "privacy_policy_website": "",
        "license_agreement_website": LICENSE_URL,
        "animated_sticker_pack": animated,
        "stickers": [
            {
                "image_file": f"{sticker.name}.webp",
                "emojis": list(sticker.emojis),
                "accessibility_text": sticker.label,
            }
            for sticker in stickers
        ],
    }
    document = {"android_play_store_link": "", "ios_app_store_link": "", "sticker_packs": [pack]}
    return json.dumps(document, indent=2, ensure_ascii=False).encode()


def license_text() -> bytes:
    """What stands in a pack's LICENSE.txt."""
    return f"{NOTICE}\n\n\n{(HOUSE / 'LICENSE').read_text('utf-8')}".encode()


def _files(contents: bytes, recipe: Recipe, stickers: Sequence[Sticker]) -> Iterator[tuple[str, bytes]]:
    yield "contents.json", contents
    yield "LICENSE.txt", license_text()
    yield "tray.png", draw_tray(recipe)
    for sticker in stickers:
        yield f"{sticker.name}.webp", draw_sticker(sticker)
    yield "animation.webp", draw_animation(recipe)


# --- Pictures -------------------------------------------------------------------------------------------------------


def _picture(sticker: Sticker, size: int) -> Image.Image:
    """A sticker as an RGBA image of size x size pixels: objects behind, the person, objects before, the halo around."""
    margin = margin_of(size)
    within = size - 2 * margin
    canvas = Image.new("RGBA", (within, within))
    for item in sticker.items:
        if item.place == "behind":
            _put(canvas, item, sticker.recipe.skin_tone)
    _put_people(canvas, (sticker.recipe, *sticker.beside), _LIFTED if sticker.caption else 0)
    for item in sticker.items:
        if item.place == "before":
            _put(canvas, item, sticker.recipe.skin_tone)
    if sticker.caption:
        draw_caption(canvas, sticker.caption)
    return haloed(canvas, margin, HALO * within / GRID)


def margin_of(size: int) -> int:
    """Pixels around a sticker of this size: room for the halo, and one pixel that stays free beyond it."""
    return math.ceil(size * HALO / GRID) + 1


def _put_people(canvas: Image.Image, recipes: Sequence[Recipe], lifted: float) -> None:
    """Draws people in a row from side to side. lifted: the share of the height that they stand above its lower end, as
    far as there is room above them."""
    step = 1 - _OVERLAP
    side = round(canvas.width / (1 + step * (len(recipes) - 1)))
    top = max(canvas.height - side - round(lifted * canvas.height), 0)
    for number, recipe in enumerate(recipes):
        left = round(number * step * side)
        canvas.alpha_composite(draw_image(recipe, side), (left, top))


def _put(canvas: Image.Image, item: Item, skin_tone: str) -> None:
    scale = canvas.width / GRID
    drawn = _hand(item.glyph, skin_tone) if item.toned else openmoji_svg(item.glyph)
    picture = rasterize(drawn, round(item.size * scale))
    if item.flipped:
        picture = ImageOps.mirror(picture)
    # On a layer of its own, since alpha_composite takes no negative places.
    layer = Image.new("RGBA", canvas.size)
    left, top = (round(middle * scale - picture.width / 2) for middle in item.center)
    layer.paste(picture, (left, top))
    canvas.alpha_composite(layer)


def _hand(glyph: str, skin_tone: str) -> str:
    skin, painted = catalogue().skin, _HANDS.get(skin_tone, skin_tone)
    drawn = openmoji_svg(glyph + _SKIN_MODIFIERS.get(skin_tone, ""))
    return re.sub(skin[painted].plain, skin[skin_tone].plain, drawn, flags=re.IGNORECASE)


def _webp(frames: Sequence[Image.Image], title: str) -> bytes:
    """One picture, or several that follow each other for ever, without loss, the license in the EXIF data."""
    exif = exif_texts(f"{TITLE}: {title}")
    stream = io.BytesIO()
    several = {"save_all": True, "append_images": frames[1:], "duration": FRAME_MILLISECONDS, "loop": 0}
    frames[0].save(stream, "WebP", lossless=True, exif=exif, **(several if len(frames) > 1 else {}))
    return stream.getvalue()
