"""Aligned crops -> readings: what the models saw, as probabilities.

They are suggestions about a picture, not facts about a person.
"""

from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.models.features import describe_both, to_tensor
from core.models.labels import ATTRIBUTES, EMOTIONS, LOOK, LOOK_SLICES, SKIN_TONES
from core.models.weights import load_network, load_runner
from core.seeing.measurements import Measurements, measure
from core.seeing.motion import Motion, MotionReader
from core.seeing.parsing import Parser, canvas_of, on_crop

FER_FRAME = (37, 71, 104)
"""Left, top and side, in pixels of the canonical frame, of the square that FER-2013's pictures show: medians of where
the alignment network finds the faces in 767 of its validation pictures."""
BATCH = 16


@dataclass(frozen=True)
class Reading:
    """What the models saw in one aligned crop, as probabilities, 0 to 1; and what was measured in it.

    attributes: {CelebA name: p}; look: {question: {answer: p}}, each summing to 1; skin_tone: {type2..type6: p} and
    emotion: {emotion: p}, each summing to 1. measurements and colors, {place: #rrggbb}, are those of
    `core.seeing.measurements.measure`.
    """

    attributes: dict[str, float]
    look: dict[str, dict[str, float]]
    skin_tone: dict[str, float]
    emotion: dict[str, float]
    colors: dict[str, str] = field(default_factory=dict)
    measurements: Measurements = field(default_factory=Measurements)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Plain dictionaries, ready for JSON."""
        return asdict(self)


class Reader:
    """The networks, loaded once; `read` may be called from several threads. Raises WeightsError when made."""

    def __init__(self) -> None:
        self._attributes, card = load_runner("attributes")
        self._size = card.size
        self._look, _ = load_network("look")
        self._skin_tone, _ = load_network("skin_tone")
        self._emotion, card = load_runner("emotion")
        self._emotion_size = card.size
        self._motion = MotionReader()
        self._parser = Parser()

    @torch.inference_mode()
    def read(self, crops: list[NDArray[np.uint8]]) -> list[Reading]:
        """One Reading per crop, uint8 RGB (218, 178, 3) in CelebA's frame, seen as it is and mirrored."""
        return [
            reading
            for start in range(0, len(crops), BATCH)
            for reading in self._read(crops[start : start + BATCH])
        ]

    @torch.inference_mode()
    def read_emotion(self, crop: NDArray[np.uint8]) -> dict[str, float]:
        """`Reading.emotion` of one crop alone, for about a third of the time."""
        logits = self._emotion(self._emotion_faces([crop]))
        return _named(EMOTIONS, _ferplus(logits)[0])

    @torch.inference_mode()
    def read_attributes(self, crop: NDArray[np.uint8]) -> dict[str, float]:
        """`Reading.attributes` of one crop alone, for less than half of the time."""
        *_, logits = self._attributes(to_tensor(crop[None], self._size))
        return _named(ATTRIBUTES, logits[0].sigmoid().numpy())

    def read_motion(self, crop: NDArray[np.uint8]) -> Motion:
        """What the face of one crop does, for less than a third of an emotion's time."""
        [motion] = self._motion.read([crop])
        return motion

    def _emotion_faces(self, crops: list[NDArray[np.uint8]]) -> Tensor:
        return to_tensor(fer_faces(crops), self._emotion_size)

    def _read(self, crops: list[NDArray[np.uint8]]) -> list[Reading]:
        features, logits = describe_both(self._attributes, to_tensor(np.stack(crops), self._size))
        attributes = logits.sigmoid().numpy()
        look = self._look(features)
        answers = {question: look[:, part].softmax(1).numpy() for question, part in LOOK_SLICES.items()}
        tones = self._skin_tone(features).softmax(1).numpy()
        faces = self._emotion_faces(crops)
        both = self._emotion(torch.cat([faces, faces.flip(3)])).unflatten(0, (2, -1))
        emotions = _ferplus(both.mean(0))
        chances = self._parser.parse([canvas_of(crop, np.eye(2, 3)) for crop in crops])
        measured = [measure(crop, on_crop(seen)) for crop, seen in zip(crops, chances, strict=True)]
        return [
            Reading(
                _named(ATTRIBUTES, attributes[i]),
                {question: _named(LOOK[question], values[i]) for question, values in answers.items()},
                _named(SKIN_TONES, tones[i]),
                _named(EMOTIONS, emotions[i]),
                measured[i][1],
                measured[i][0],
            )
            for i in range(len(crops))
        ]


def _named(names: tuple[str, ...], values: NDArray[np.floating]) -> dict[str, float]:
    return dict(zip(names, map(float, values), strict=True))


def _ferplus(logits: Tensor) -> NDArray[np.float32]:
    """Probabilities (N, 7) by the head that learnt the votes."""
    return logits[:, len(EMOTIONS) :].softmax(1).numpy()


def fer_faces(crops: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Aligned crops as FER-2013 shows faces: gray, uint8 (N, 48, 48), close round the face."""
    left, top, side = FER_FRAME
    shrink = partial(cv2.resize, dsize=(48, 48), interpolation=cv2.INTER_AREA)
    return np.stack([
        shrink(cv2.cvtColor(crop[top : top + side, left : left + side], cv2.COLOR_RGB2GRAY)) for crop in crops
    ])  # fmt: skip
