"""One training loop for every task: AdamW, one-cycle schedule, averaged weights, a checkpoint after every epoch."""

import csv
import math
import pickle
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from engine.datasets import Dataset
from engine.tasks import Task


class TrainingError(Exception):
    """A run that cannot start or go on; the message says what to do."""


@dataclass(frozen=True)
class Stage:
    """Some epochs at one picture size, (height, width) in pixels."""

    epochs: int
    size: tuple[int, int]

    @classmethod
    def parse(cls, text: str) -> "Stage":
        """`5x112x92` -> five epochs at 112x92."""
        try:
            epochs, height, width = map(int, text.split("x"))
        except ValueError as error:
            raise TrainingError(
                f"A stage is EPOCHSxHEIGHTxWIDTH, for example 5x112x92, not {text!r}."
            ) from error
        return cls(epochs, (height, width))


@dataclass(frozen=True)
class Settings:
    """Everything that decides how a run goes; kept in its checkpoints and its card.

    start: a checkpoint of the same task whose averaged weights the run begins with.
    """

    architecture: str
    stages: tuple[Stage, ...]
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    averaging: float = 0.998
    pretrained: bool = False
    freeze: int = 0
    seed: int = 0
    device: str = "auto"
    start: str = ""

    @property
    def epochs(self) -> int:
        return sum(stage.epochs for stage in self.stages)

    def size(self, epoch: int) -> tuple[int, int]:
        """The picture size of an epoch, counted from 0."""
        return size_of_epoch(self.stages, epoch)


def size_of_epoch(stages: tuple[Stage, ...], epoch: int) -> tuple[int, int]:
    """The picture size (height, width) of an epoch, counted from 0."""
    for stage in stages:
        if epoch < stage.epochs:
            return stage.size
        epoch -= stage.epochs
    return stages[-1].size


def pick_device(name: str) -> torch.device:
    """`auto` takes a GPU where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def has_bfloat16_units() -> bool:
    """Whether this CPU multiplies bfloat16 matrices in hardware; without that, autocast slows training down."""
    flags = Path("/proc/cpuinfo")
    return flags.is_file() and any(unit in flags.read_text() for unit in ("avx512_bf16", "amx_bf16"))


def autocast(device: torch.device) -> torch.autocast:
    """bfloat16 where the hardware is quicker at it."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda" or has_bfloat16_units())


@torch.inference_mode()
def predict(
    task: Task, network: nn.Module, data: Dataset, size: tuple[int, int], device: torch.device
) -> np.ndarray:
    """Logits, float32 (N, outputs): the mean over each picture and, where the task allows it, its mirror image."""
    network.eval()
    out = []
    for start in range(0, len(data), 256):
        batch = task.inputs(data.images[start : start + 256], size).to(device)
        with autocast(device):
            logits = network(batch).float()
            if task.mirror:
                logits = (logits + network(batch.flip(3)).float()) / 2
        out.append(logits.cpu().numpy())
    return np.concatenate(out)


def load_checkpoint(task: str, path: Path) -> dict[str, Any]:
    """A checkpoint of this task, read without running any code in it. Raises TrainingError for anything else."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise TrainingError(f"{path} is missing.") from error
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise TrainingError(f"{path} is not a checkpoint that can be read safely: {error}") from error
    found = state.get("task") if isinstance(state, dict) else None
    if found != task:
        raise TrainingError(f"{path} is a checkpoint of {found!r}, not of {task!r}.")
    return state


class Run:
    """A training run in its folder: `last.pt` to go on from, a checkpoint an epoch, and `metrics.csv`."""

    def __init__(self, task: Task, settings: Settings, folder: Path) -> None:
        self.task, self.settings, self.folder = task, settings, folder
        self.device = pick_device(settings.device)
        torch.manual_seed(settings.seed)
        try:
            network = task.network(settings.architecture, settings.pretrained)
        except URLError as error:
            raise TrainingError(
                f"ImageNet weights of {settings.architecture} could not be downloaded: {error.reason}. "
                "Connect to the network, or leave --pretrained out."
            ) from error
        if settings.start:
            network.load_state_dict(load_checkpoint(task.name, Path(settings.start))["averaged"])
        self._frozen = list(network.children())[: settings.freeze]
        for child in self._frozen:
            child.requires_grad_(False)
        self.network = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = AveragedModel(self.network, multi_avg_fn=self._average, use_buffers=True)
        decay = [p for p in self.network.parameters() if p.requires_grad and p.ndim > 1]
        plain = [p for p in self.network.parameters() if p.requires_grad and p.ndim <= 1]
        groups = [
            {"params": decay, "weight_decay": settings.weight_decay},
            {"params": plain, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=settings.learning_rate)
        self.epoch = 0
        self._schedule_state: dict[str, Any] = {}
        self._resumed: dict[str, Any] = {}

    @torch.no_grad()
    def _average(self, averaged: list[Tensor], current: list[Tensor], count: Tensor) -> None:
        # A short memory at first: the random weights of the start must not linger in a short run.
        decay = min(self.settings.averaging, (1 + count.item()) / (10 + count.item()))
        get_ema_multi_avg_fn(decay)(averaged, current, count)

    def train(self, train: Dataset, val: Dataset) -> None:
        """Run the epochs that are left; Ctrl-C loses at most the one under way."""
        self.folder.mkdir(parents=True, exist_ok=True)
        steps = math.ceil(len(train) / self.settings.batch_size)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer,
            self.settings.learning_rate,
            total_steps=steps * self.settings.epochs + 1,
            pct_start=0.2,
        )
        if self._resumed:
            # After the schedule was made, because making it resets the optimizer's rates.
            schedule.load_state_dict(self._resumed["schedule"])
            self.optimizer.load_state_dict(self._resumed["optimizer"])
        while self.epoch < self.settings.epochs:
            started = time.perf_counter()
            loss = self._epoch(train, schedule)
            self.epoch += 1
            self._schedule_state = schedule.state_dict()
            logits = predict(
                self.task, self.averaged.module, val, self.settings.size(self.epoch - 1), self.device
            )
            metrics = {
                "epoch": self.epoch, "loss": loss, **self.task.metrics(logits, val.targets),
                "seconds": time.perf_counter() - started,
            }  # fmt: skip
            self._record(metrics)
            self.save()

    def _epoch(self, train: Dataset, schedule: torch.optim.lr_scheduler.LRScheduler) -> float:
        self.network.train()
        for child in self._frozen:
            # Else batch normalization would go on learning its statistics.
            child.eval()
        # Each epoch has random numbers of its own, so that a resumed run goes on as if it had never stopped.
        torch.manual_seed(self.settings.seed + self.epoch)
        generator = torch.Generator().manual_seed(self.settings.seed + self.epoch)
        order = torch.randperm(len(train), generator=generator).numpy()
        size, total = self.settings.size(self.epoch), 0.0
        batches = np.array_split(order, math.ceil(len(order) / self.settings.batch_size))
        title = f"epoch {self.epoch + 1}/{self.settings.epochs}"
        bar = tqdm(total=len(order), desc=title, unit="img", mininterval=5)
        for rows in batches:
            # Sorted rows read the memory-mapped pictures in one sweep.
            rows = np.sort(rows)
            images, targets = self.task.prepare(train, rows, size, generator)
            targets = {name: target.to(self.device) for name, target in targets.items()}
            with autocast(self.device):
                logits = self.network(images.to(self.device))
            loss = self.task.loss(logits.float(), targets)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
            self.optimizer.step()
            schedule.step()
            self.averaged.update_parameters(self.network)
            total += loss.item() * len(rows)
            bar.update(len(rows))
            bar.set_postfix(loss=f"{total / bar.n:.4f}")
        bar.close()
        return total / len(order)

    def _record(self, metrics: dict[str, float]) -> None:
        path = self.folder / "metrics.csv"
        new = not path.is_file()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(metrics))
            if new:
                writer.writeheader()
            writer.writerow(metrics)
        tqdm.write(
            "  ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v}" for k, v in metrics.items())
        )

    def save(self) -> None:
        """Write the checkpoint beside the old one and swap, so that a full disk leaves the old one whole."""
        for name in (f"epoch-{self.epoch}.pt", "last.pt"):
            partial = self.folder / (name + ".partial")
            state = {
                "task": self.task.name, "settings": asdict(self.settings), "epoch": self.epoch,
                "averaged": self.averaged.module.state_dict(),
            }  # fmt: skip
            if name == "last.pt":
                state |= {
                    "network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(),
                    "count": self.averaged.n_averaged, "schedule": self._schedule_state,
                }  # fmt: skip
            try:
                torch.save(state, partial)
                partial.replace(self.folder / name)
            except (OSError, RuntimeError) as error:
                partial.unlink(missing_ok=True)
                raise TrainingError(
                    f"Could not save {self.folder / name}: {error}. The one before is whole."
                ) from error

    def resume(self) -> None:
        """Go on from `last.pt`."""
        path = self.folder / "last.pt"
        if not path.is_file():
            raise TrainingError(f"Nothing to resume: {path} is missing.")
        state = load_checkpoint(self.task.name, path)
        self.network.load_state_dict(state["network"])
        self.averaged.module.load_state_dict(state["averaged"])
        self.averaged.n_averaged.copy_(state["count"])
        self._resumed = state
        self.epoch = state["epoch"]
