"""One training loop for every task: AdamW, one-cycle schedule, averaged weights, a checkpoint after every epoch."""

import math
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from engine import distributed, files, starting
from engine.checkpoints import check_weights, load_checkpoint, restore, save_checkpoint
from engine.datasets import Dataset
from engine.journal import Journal
from engine.predicting import autocast, enough_memory, pick_device, predict
from engine.settings import Settings, TrainingError
from engine.task import Metrics, Task

LEAST_STEPS = 10
"""The one-cycle schedule cannot rise and fall in fewer."""


class Run:
    """A training run in its folder: `last.pt` to go on from, a checkpoint an epoch, and `metrics.csv`.

    Of several processes, all train and the first writes.
    """

    def __init__(self, task: Task, settings: Settings, folder: Path) -> None:
        self.task, self.settings, self.folder = task, settings, folder
        self.device = pick_device(settings.device)
        torch.manual_seed(settings.seed)
        begun = starting.build(task, settings)
        self.lessons, self.heads = begun.lessons, begun.heads
        self._frozen = starting.frozen(begun.network, settings)
        self.network = begun.network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = AveragedModel(self.network, multi_avg_fn=self._average, use_buffers=True)
        self._parallel = distributed.parallel(self.network, self.device)
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

    @classmethod
    def resume(cls, task: Task, folder: Path, device: str = "auto") -> "Run":
        """The run that `last.pt` left, with the settings it began with. Raises TrainingError where there is none."""
        path = folder / "last.pt"
        if not path.is_file():
            raise TrainingError(f"Nothing to resume: {path} is missing.")
        state = load_checkpoint(task.name, path)
        settings = Settings.from_dict(state["settings"])
        # The checkpoint holds what the run began with: nothing of it need be there any more.
        run = cls(task, replace(settings, device=device, pretrained=False, start=""), folder)
        run.settings = replace(settings, device=device)
        check_weights(state, run.network, path)
        run.network.load_state_dict(state["network"])
        run.averaged.module.load_state_dict(state["averaged"])
        run.averaged.n_averaged.copy_(state["count"])
        run._resumed = state
        run.epoch, run.lessons = state["epoch"], state["lessons"]
        run.heads = set(state.get("heads", task.heads))
        return run

    @torch.no_grad()
    def _average(self, averaged: Sequence[Tensor], current: Sequence[Tensor], count: Tensor | int) -> None:
        # A short memory at first: the random weights of the start must not linger in a short run.
        decay = min(self.settings.averaging, (1 + int(count)) / (10 + int(count)))
        get_ema_multi_avg_fn(decay)(averaged, current, count)

    def train(self, train: Dataset, val: Dataset) -> None:
        """Run the epochs that are left; Ctrl-C loses at most the one under way. Raises TrainingError, WritingError."""
        with enough_memory("a smaller --batch-size, smaller pictures with --stages, or a smaller --arch"):
            self._train(train, val)

    def _train(self, train: Dataset, val: Dataset) -> None:
        for stage in self.settings.stages:
            starting.check_size(
                self.task,
                self.network,
                self.task.inputs(val.images[:1], stage.size).to(self.device),
                self.settings,
            )
        files.folder(self.folder)
        self.heads |= self.task.learnable(train.targets)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer,
            self.settings.learning_rate,
            total_steps=max(
                len(self._batches(np.arange(len(train)))) * self.settings.epochs + 1, LEAST_STEPS
            ),
            pct_start=0.2,
        )
        if self._resumed:
            # After the schedule was made, because making it resets the optimizer's rates.
            restore(self.optimizer, schedule, self._resumed, self.folder / "last.pt")
        journal = Journal(self.folder, self.epoch) if distributed.rank() == 0 else None
        try:
            while self.epoch < self.settings.epochs:
                figures = self._epoch(train, val, schedule)
                if journal:
                    journal.record(figures)
                    self.save()
        finally:
            if journal:
                journal.close()

    def _epoch(self, train: Dataset, val: Dataset, schedule: torch.optim.lr_scheduler.LRScheduler) -> Metrics:
        """One pass over the training pictures, and the averaged network's figures on validation."""
        started = time.perf_counter()
        rate = self.optimizer.param_groups[0]["lr"]
        loss = self._learn(train, schedule)
        distributed.agree(self.network)
        distributed.agree(self.averaged)
        size = self.settings.size(self.epoch)
        self.epoch += 1
        self._schedule_state = schedule.state_dict()
        with autocast(self.device):
            logits = predict(self.task, self.averaged.module, val, size, self.device)
        seconds = time.perf_counter() - started
        figures: Metrics = {
            "epoch": self.epoch, "loss": loss, **self.task.metrics(logits, val.targets),
            "learning_rate": rate, "images_per_second": len(train) / seconds, "seconds": seconds,
        }  # fmt: skip
        if distributed.rank() == 0:
            tqdm.write(_line(figures) + _left(self.settings, self.epoch, seconds), file=sys.stderr)
        return figures

    def _learn(self, train: Dataset, schedule: torch.optim.lr_scheduler.LRScheduler) -> float:
        """The mean loss of one pass over the training pictures."""
        self.network.train()
        for child in self._frozen:
            # Else batch normalization would go on learning its statistics.
            child.eval()
        # Each epoch has random numbers of its own, so that a resumed run goes on as if it had never stopped. All
        # processes draw the same order, and then each its own changes to its own pictures.
        # Far apart for neighbouring seeds: a run that goes on from another's weights shall not see its changes again.
        seed = 1000 * self.settings.seed + self.epoch
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(seed)).numpy()
        seed += 1_000_003 * distributed.rank()
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        size, total, count = self.settings.size(self.epoch), 0.0, 0
        title = f"epoch {self.epoch + 1}/{self.settings.epochs}"
        bar = tqdm(total=len(order), desc=title, unit="img", mininterval=5, disable=distributed.rank() > 0)
        for batch in self._batches(order):
            # Sorted rows read the memory-mapped pictures in one sweep.
            rows = np.sort(distributed.share(batch))
            images, targets = self.task.prepare(train, rows, size, generator)
            targets = {name: target.to(self.device) for name, target in targets.items()}
            with autocast(self.device):
                logits = self._answers(images.to(self.device))
            loss = self.task.loss(logits.float(), targets)
            if not math.isfinite(loss.item()):
                raise TrainingError("The loss is no number any more: try a smaller --lr.")
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
            self.optimizer.step()
            schedule.step()
            self.averaged.update_parameters(self.network)
            total, count = total + loss.item() * len(rows), count + len(rows)
            bar.update(len(batch))
            bar.set_postfix(loss=f"{total / count:.4f}")
        bar.close()
        summed, pictures = distributed.total(total, count)
        return summed / pictures

    def _answers(self, images: Tensor) -> Tensor:
        try:
            return self._parallel(images)
        except ValueError as error:
            if len(images) > 1:
                raise
            raise TrainingError(
                f"{self.settings.architecture} cannot learn from one picture alone, because it compares those of a "
                "batch: choose a --batch-size that leaves no picture over."
            ) from error

    def _batches(self, order: NDArray[np.integer]) -> list[NDArray[np.integer]]:
        """The rows of each step, all processes' together."""
        return np.array_split(order, math.ceil(len(order) / (self.settings.batch_size * distributed.count())))

    def save(self) -> None:
        """Write this epoch's checkpoint, and `last.pt` with all that going on needs. Raises TrainingError."""
        state = {
            "task": self.task.name, "settings": self.settings.to_dict(), "epoch": self.epoch,
            "averaged": self.averaged.module.state_dict(), "lessons": self.lessons, "heads": sorted(self.heads),
        }  # fmt: skip
        save_checkpoint(state, self.folder / f"epoch-{self.epoch}.pt")
        state |= {
            "network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(),
            "count": self.averaged.n_averaged, "schedule": self._schedule_state,
        }  # fmt: skip
        save_checkpoint(state, self.folder / "last.pt")


def _line(figures: Metrics) -> str:
    return "  ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {'none' if value is None else value}"
        for name, value in figures.items()
    )


def _left(settings: Settings, epoch: int, seconds: float) -> str:
    """How long the epochs that are left will take, if time goes by pixels."""
    work = settings.work(epoch, settings.epochs)
    minutes = seconds / settings.work(epoch - 1, epoch) * work / 60
    return f"  about {minutes:.0f} min left" if work else ""
