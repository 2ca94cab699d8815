"""What decides how a training run goes, and the error that tells a user to decide otherwise."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_origin, get_type_hints

from core.errors import SelfmojiError, shortened


class TrainingError(SelfmojiError):
    """A run that cannot start or go on; the message says what to do."""


@dataclass(frozen=True)
class Stage:
    """Some epochs at one picture size, (height, width) in pixels."""

    epochs: int
    size: tuple[int, int]

    def __post_init__(self) -> None:
        if min(self.epochs, *self.size) < 1:
            raise TrainingError("A run needs at least one epoch, and pictures of at least one pixel.")

    @classmethod
    def parse(cls, text: str) -> "Stage":
        """`5x112x92` -> five epochs at 112x92."""
        try:
            epochs, height, width = map(int, text.split("x"))
        except ValueError as error:
            raise TrainingError(
                f"A stage is EPOCHSxHEIGHTxWIDTH, for example 5x112x92, not {shortened(text)}."
            ) from error
        return cls(epochs, (height, width))


@dataclass(frozen=True)
class Settings:
    """Everything that decides how a run goes; kept in its checkpoints and its card.

    batch_size: pictures a step and process; freeze: how many of the network's first children stay as they are, or,
    below zero, all but so many of the last (-1: all but the head), or up to which module, by its name;
    freeze_depthwise: whether kernels that filter each channel alone stay, too; teachers: folders with exported weights
    of the same task, whose mean answers are mixed into the labels, `teaching` of them (knowledge distillation, Hinton
    et al., 2015); start: a checkpoint, whose averaged weights the run begins with, or exported weights; but for the
    last layer where they are another task's.
    """

    architecture: str
    stages: tuple[Stage, ...]
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    averaging: float = 0.998
    pretrained: bool = False
    freeze: int | str = 0
    freeze_depthwise: bool = False
    teachers: tuple[str, ...] = ()
    teaching: float = 0.5
    seed: int = 0
    device: str = "auto"
    start: str = ""

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.learning_rate <= 0 or self.weight_decay < 0:
            raise TrainingError(
                "--batch-size must be at least 1, --lr more than 0 and --weight-decay not below 0."
            )

    @property
    def epochs(self) -> int:
        return sum(stage.epochs for stage in self.stages)

    def size(self, epoch: int) -> tuple[int, int]:
        """The picture size (height, width) of an epoch, counted from 0."""
        for stage in self.stages:
            if epoch < stage.epochs:
                return stage.size
            epoch -= stage.epochs
        return self.stages[-1].size

    def work(self, first: int, last: int) -> int:
        """Pixels of one picture over the epochs from `first` up to, not including, `last`: what time goes by."""
        sizes = (self.size(epoch) for epoch in range(first, last))
        return sum(height * width for height, width in sizes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON and checkpoints."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Settings":
        """The inverse of `to_dict`; lists may stand for tuples, as JSON makes them. Raises TrainingError for others."""
        try:
            stages = tuple(_stage(**stage) for stage in values["stages"])
            settings = cls(**(values | {"stages": stages, "teachers": tuple(values.get("teachers", ()))}))
        except (KeyError, TypeError, ValueError) as error:
            raise TrainingError("The settings of this run have another shape than a run's.") from error
        for name, hint in get_type_hints(cls).items():
            kind = {float: int | float}.get(hint, tuple if get_origin(hint) is tuple else hint)
            value = getattr(settings, name)
            if not isinstance(value, kind):
                raise TrainingError(f"The settings of this run have {shortened(value)} for {name}.")
        return settings


def _stage(epochs: int, size: Sequence[int]) -> Stage:
    height, width = map(int, size)
    return Stage(int(epochs), (height, width))
