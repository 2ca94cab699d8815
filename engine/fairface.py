"""FairFace's faces with skin tone votes, laid into CelebA's frame by the app's own search for faces.

They are tight: in CelebA's frame much round them is missing, as it is round the faces of profile pictures.
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.models.labels import SKIN_TONES
from core.seeing.face import FaceError, find_faces
from core.seeing.photo import Photo
from core.seeing.windows import CANONICAL_CENTER, CANONICAL_SIZE
from engine.datasets import FITZPATRICK, Dataset
from engine.degradation import GAP
from engine.pictures import cached, colors_from_zip
from engine.tables import choice, read_table

UNUSABLE = "x"
"""What a rater says of black and white pictures and the like."""
WHERE_FACES_ARE = np.array([[0.678, 0.0, 35.6], [0.0, 0.678, 78.3]])
"""Picture pixel -> CelebA's frame, the median over faces that were found: for those that are not."""


def load(data: Path) -> Dataset:
    """Crops (N, 218, 178, 3) with `votes`, float32 (N, 5), as `datasets.skin_tone` gives them; ids are
    `fairface/<split>/<name>`. Pictures that no rater found usable are left out. Raises DataError."""
    table = data / "skintone" / "fairface_labels.csv"
    ids, votes = [], []
    for row in read_table(table, ("split", "image", "rater_a", "rater_b")):
        said = [row[rater] for rater in ("rater_a", "rater_b") if row[rater] != UNUSABLE]
        if said:
            types = [choice(answer, FITZPATRICK, f"{table}, {row['image']}") for answer in said]
            votes.append(np.bincount(types, minlength=len(SKIN_TONES)))
            ids.append(f"fairface/{row['split']}/{row['image']}")
    zips = [data / "fairface" / f"{split}.zip" for split in sorted({name.split("/")[1] for name in ids})]
    shape = (len(ids), CANONICAL_SIZE[1], CANONICAL_SIZE[0], 3)
    images = cached([table, *zips], shape, _crops(data, ids))
    return Dataset(images, {"votes": np.array(votes, np.float32)}, ids)


def races(data: Path) -> dict[str, str]:
    """{id: FairFace's race group}, for measuring alone. Raises DataError."""
    rows = read_table(data / "fairface" / "labels.csv", ("split", "image", "race"))
    return {f"fairface/{row['split']}/{row['image']}": row["race"] for row in rows}


def _crops(data: Path, ids: list[str]) -> Iterator[NDArray[np.uint8]]:
    for name in ids:
        _, split, entry = name.split("/")
        picture = colors_from_zip(data / "fairface" / f"{split}.zip", entry)
        yield _aligned(picture)


def _aligned(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The crop of the face nearest to the middle; GAP where the picture does not reach."""
    try:
        transforms = [face.transform for face in find_faces(Photo(picture))]
    except FaceError:
        transforms = [WHERE_FACES_ARE]
    middle = np.array([picture.shape[1] / 2, picture.shape[0] / 2, 1])
    center = np.array([CANONICAL_CENTER.real, CANONICAL_CENTER.imag])
    nearest = min(transforms, key=lambda transform: float(np.linalg.norm(transform @ middle - center)))
    crop = cv2.warpAffine(
        picture, nearest, CANONICAL_SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
        borderValue=(GAP, GAP, GAP),
    )  # fmt: skip
    return np.asarray(crop, np.uint8)
