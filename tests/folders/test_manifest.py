"""core/folders/manifest.py: records of any shape, and of other generations."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import core.folders.manifest
from core.folders.generation import ROOT, generation
from core.folders.manifest import NAME, Manifest, ManifestError
from core.folders.outcomes import Settings
from tests.folders.photos import Captured, Folder, Patch, emoji, pngs, record

RUN = {"selfmoji": "1", **Settings().to_dict()}
BEGINNING = {"run": RUN, "folder": "/photos"}


@pytest.fixture
def same(monkeypatch: Patch) -> None:
    """Every run is of the generation of `RUN`."""
    monkeypatch.setattr(core.folders.manifest, "generation", lambda: {"selfmoji": "1"})


def opened(folder: Path, *lines: Any, resume: bool = True) -> Manifest:
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    (folder / NAME).write_text(text, "utf-8")
    with Manifest(folder, Settings(), resume) as manifest:
        return manifest


# --- Shapes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        {"run": {}},
        {"run": [], "folder": "/photos"},
        {"run": RUN, "folder": 7},
        {"folder": "/photos"},
        [1],
        "7",
        "null",
        '{"run": ' + "[" * 100_000,
        '{"run": ' + "1" * 5000 + "}",
    ],
    ids=lambda line: str(line)[:30],
)
@pytest.mark.parametrize("resume", [True, False])
def test_what_is_no_record(line: Any, resume: bool, same: None, tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="is no record of Selfmoji's"):
        opened(tmp_path, line, resume=resume)


PHOTO: dict[str, Any] = {"stem": "me", "file": "me.jpg", "faces": [{"png": "out/me.png"}]}


@pytest.mark.parametrize(
    "changes",
    [
        {"stem": "../../escaped"},
        {"stem": "/elsewhere/escaped"},
        {"stem": ""},
        {"stem": "a\0b"},
        {"stem": "\ud800"},
        {"stem": 7},
        {"stem": None},
        {"file": None},
        {"file": ["me.jpg"]},
        {"faces": {}},
        {"faces": [7]},
        {"faces": [{}]},
        {"faces": [{"png": 7}]},
        {"faces": [{"png": "me.exe"}]},
        {"faces": [{"png": ".png"}]},
        {"faces": [{"png": "a\0.png"}]},
        {"faces": None, "error": 7},
        {"faces": None},
        {"faces": None, "error": "x" * 20_000},
    ],
    ids=lambda changes: str(changes)[:30],
)
def test_lines_of_another_shape_are_passed_over(changes: dict[str, Any], same: None, tmp_path: Path) -> None:
    manifest = opened(tmp_path, BEGINNING, PHOTO | changes)
    assert list(manifest.stems()) == []
    assert Path("/photos/me.jpg") not in manifest
    assert manifest.owners == {}


@pytest.mark.parametrize("names", [["../me.png"], [7], "me.png", ["me.jpg"], ["/me.png"]], ids=str)
def test_names_of_another_shape_are_passed_over(names: Any, same: None, tmp_path: Path) -> None:
    assert opened(tmp_path, BEGINNING, {"photo": "/me.jpg", "stem": "me", "names": names}).owners == {}


def test_lines_of_the_right_shape(same: None, tmp_path: Path) -> None:
    names = {"photo": "/photos/you.jpg", "stem": "you", "names": ["you.png", "You-face2.svg"]}
    manifest = opened(tmp_path, BEGINNING, PHOTO, names)
    assert list(manifest.stems()) == [("/photos/me.jpg", "me"), ("/photos/you.jpg", "you")]
    assert manifest.owners == {
        "me.png": "/photos/me.jpg", "you.png": "/photos/you.jpg", "you-face2.svg": "/photos/you.jpg",
    }  # fmt: skip
    assert Path("/photos/me.jpg") not in manifest  # its emoji is not there


def test_a_record_with_a_byte_order_mark(same: None, tmp_path: Path) -> None:
    assert list(opened(tmp_path, "\ufeff" + json.dumps(BEGINNING), PHOTO).stems()) == [
        ("/photos/me.jpg", "me")
    ]


def test_a_record_that_leads_out_of_the_folder(folder: Folder, tmp_path: Path) -> None:
    photos, out = folder(2), tmp_path / "deep" / "er" / "out"
    assert emoji(photos, "--out", out) == 0
    lines = (out / NAME).read_text().splitlines(keepends=True)
    escape = {"stem": "../../escaped", "file": str(photos / "000.png"), "error": "x", "again": True}
    (out / NAME).write_text(f"{lines[0]}{json.dumps(escape)}\n")
    for file in out.glob("*.png"):
        file.unlink()
    assert emoji(photos, "--out", out, "--resume") == 0
    assert sorted(path.name for path in (tmp_path / "deep").rglob("*.png")) == ["000.png", "001.png"]
    assert [line["stem"] for line in record(out)] == ["../../escaped", "000", "001"]


ANYTHING = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats()
    | some.text(some.characters(), max_size=20),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = some.sampled_from(
    ["me", "../me", "me.png", "../me.png", "/me.png", "é.svg", "\ud800.png", "\0.png", "..", ""]
)
FACE = some.dictionaries(some.sampled_from(["png", "svg", "box"]), NAMES | ANYTHING, max_size=3)
CHANGES = some.fixed_dictionaries(
    {},
    optional={
        "stem": NAMES | ANYTHING,
        "file": NAMES | ANYTHING,
        "names": some.lists(NAMES | ANYTHING, max_size=2) | ANYTHING,
        "faces": some.lists(FACE | ANYTHING, max_size=2) | ANYTHING,
        "error": ANYTHING,
        "again": ANYTHING,
    },
)
NAMED: dict[str, Any] = {"photo": "/me.jpg", "stem": "me", "names": ["me.png"]}
SOUND: list[dict[str, Any]] = [PHOTO, NAMED, BEGINNING, {"end": {}}]
CHANGED = some.dictionaries(some.sampled_from(["stem", "file", "photo"]), NAMES, max_size=1) | CHANGES
LINES = some.builds(lambda line, changes: line | changes, some.sampled_from(SOUND), CHANGED)


@settings(max_examples=150, deadline=None)
@given(lines=some.lists(LINES | ANYTHING, max_size=4), begun=some.booleans(), resume=some.booleans())
def test_records_of_any_shape(lines: list[Any], begun: bool, resume: bool) -> None:
    """A record is gone on with or refused with a sentence; whatever name it gives stays within its folder."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.folders.manifest, "generation", lambda: {"selfmoji": "1"})
        try:
            manifest = opened(Path(name), *([BEGINNING] * begun), *map(json.dumps, lines), resume=resume)
        except ManifestError as error:
            assert len(str(error)) < len(name) + 800
            return
        files = [*manifest.owners, *(f"{stem}.png" for _, stem in manifest.stems())]
        assert all((Path(name) / file).parent == Path(name) for file in files)
        # What was gone on with can be gone on with again.
        with Manifest(Path(name), Settings(), True) as again:
            assert dict(again.stems()) == dict(manifest.stems())
            assert again.owners == manifest.owners


PIECES = some.sampled_from(["..", "/", "me", ".png", ".svg", "\0", "\ud800", "\\", "é", " "])


@settings(max_examples=150, deadline=None)
@given(text=some.lists(PIECES, max_size=5).map("".join))
def test_names_stay_within_the_folder(text: str) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.folders.manifest, "generation", lambda: {"selfmoji": "1"})
        hostile: tuple[dict[str, Any], ...] = (
            {"stem": text},
            {"faces": [{"png": text}]},
            {"faces": [{"png": "me.png", "svg": text}]},
        )
        lines = [PHOTO | change | {"file": f"{number}.jpg"} for number, change in enumerate(hostile)]
        manifest = opened(Path(name), BEGINNING, NAMED | {"names": [text]}, NAMED | {"stem": text}, *lines)
        for file in (*manifest.owners, *(f"{stem}.png" for _, stem in manifest.stems())):
            (Path(name) / file).write_bytes(b"")
            assert Path(file).name in {path.name for path in Path(name).iterdir()}


@settings(max_examples=200, deadline=None)
@given(content=some.binary(max_size=200), begun=some.booleans(), resume=some.booleans())
def test_records_of_any_bytes(content: bytes, begun: bool, resume: bool) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.folders.manifest, "generation", lambda: {"selfmoji": "1"})
        (Path(name) / NAME).write_bytes(json.dumps(BEGINNING).encode() * begun + b"\n" * begun + content)
        try:
            Manifest(Path(name), Settings(), resume).__exit__()
        except ManifestError:
            assert (Path(name) / NAME).read_bytes().endswith(content)


# --- Generations ----------------------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """What of the repository decides over an emoji."""
    for name in ("core/recipe", "openmojilayers", "weights"):
        shutil.copytree(ROOT / name, tmp_path / "root" / name)
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("weights/look.safetensors", "weights"),
        ("core/recipe/rules.toml", "rules"),
        ("core/recipe/choices.toml", "rules"),
        ("openmojilayers/hair.toml", "drawings"),
        ("openmojilayers/parts/hair_afro.svg", "drawings"),
    ],
)
def test_what_makes_another_generation(file: str, name: str, root: Path) -> None:
    before = generation(root)
    assert before == generation()
    data = (root / file).read_bytes()
    (root / file).write_bytes(data[:-1] + bytes((data[-1] ^ 1,)))
    after = generation(root)
    assert {key for key in before if before[key] != after[key]} == {name}


def test_a_file_more_makes_another_generation(root: Path) -> None:
    before = generation(root)
    (root / "openmojilayers" / "parts" / "new.svg").write_bytes(b"")
    assert generation(root)["drawings"] != before["drawings"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"selfmoji": "0.0.1"}, "version '0.0.1' instead of '[0-9.]+'"),
        ({"weights": "0"}, "other weights"),
        ({"rules": "0", "drawings": "0"}, "other rules, other drawings"),
    ],
)
def test_two_generations_are_not_mixed(
    changed: dict[str, str],
    message: str,
    folder: Folder,
    tmp_path: Path,
    capsys: Captured,
    monkeypatch: Patch,
) -> None:
    photos, out = folder(2), tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(core.folders.manifest, "generation", lambda: generation() | changed)
        assert emoji(photos / "000.png", "--out", out) == 0
    before, lines = pngs(out), (out / NAME).read_bytes()
    assert emoji(photos, "--out", out, "--resume") == 2
    told = capsys.readouterr().err
    assert f"The emojis in {out} were made with " in told
    assert "leave out --resume" in told
    with pytest.raises(ManifestError, match=message):
        Manifest(out, Settings(48), True)
    assert (pngs(out), (out / NAME).read_bytes()) == (before, lines)
    assert emoji(photos, "--out", out) == 0
    assert list(pngs(out)) and len(record(out)) == 2


def test_an_unfinished_record_of_another_generation_may_be_begun_anew(
    folder: Folder, tmp_path: Path, monkeypatch: Patch
) -> None:
    photos, out = folder(2), tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(core.folders.manifest, "generation", lambda: generation() | {"rules": "0"})
        assert emoji(photos, "--out", out) == 0
    lines = (out / NAME).read_bytes().splitlines(keepends=True)
    (out / NAME).write_bytes(b"".join(lines[:-1]))
    assert emoji(photos, "--out", out, "--resume") == 2
    assert emoji(photos, "--out", out) == 0
    assert sorted(pngs(out)) == ["000.png", "001.png"]
