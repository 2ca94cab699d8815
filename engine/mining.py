"""Hard negatives of the face finder: squares of pictures without faces in which it sees one, kept to learn from."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn
from tqdm import tqdm

from core.seeing.finding import CELL, cells_of, resized
from engine import faceless, files
from engine.finder import SIDE

LEAST = 0.1
"""A cell with this score is hard."""
FROM_ONE = 6
"""As many squares are kept of one picture at one size."""


def mine(network: nn.Module, data: Path) -> int:
    """Write what this network takes for faces in training pictures without any into `faceless/train` of the data, where
    the next training finds it. Returns how many squares that are. Raises DataError."""
    folder = files.folder(data / "faceless" / "train")
    count = 0
    for number, picture in enumerate(tqdm(faceless.scenery(data, "train").pictures, "mining", disable=None)):
        copy = picture
        while min(copy.shape[:2]) >= SIDE // 2:
            for square in hard_squares(network, copy):
                Image.fromarray(square).save(folder / f"hard-{number}-{count}.png")
                count += 1
            copy = resized(copy, 0.5)
    return count


@torch.inference_mode()
def hard_squares(network: nn.Module, picture: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """The squares, uint8 (128, 128, 3) or less, round the cells with the highest scores, apart from each other."""
    scores = cells_of(network, picture)[0].sigmoid().numpy()
    squares: list[NDArray[np.uint8]] = []
    while len(squares) < FROM_ONE and scores.size and scores.max() >= LEAST:
        row, column = np.unravel_index(scores.argmax(), scores.shape)
        middle = np.array([row, column]) * CELL + CELL // 2
        top, left = np.clip(middle - SIDE // 2, 0, np.maximum(0, np.array(picture.shape[:2]) - SIDE))
        squares.append(picture[top : top + SIDE, left : left + SIDE].copy())
        reach = SIDE // 4 // CELL
        scores[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1] = 0
    return squares
