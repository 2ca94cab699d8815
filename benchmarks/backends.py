"""Each network by PyTorch and as a graph by onnxruntime, side by side: python -m benchmarks.backends

Milliseconds on one core, the median of many turns that the two take by turns, and how far their answers differ at most.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from core.models.weights import load_backbone, load_network, load_runner

PICTURES = {
    "attributes": (3, 164, 134),
    "emotion": (1, 96, 96),
    "parser": (3, 160, 160),
    "motion": (3, 96, 96),
    "alignment": (3, 64, 64),
    "finder": (3, 512, 800),
}
"""{task: channels, height and width of what its network sees}."""
BATCHES = (1, 2, 16)
"""A crop, a crop with its mirror image, and as many as a folder's worker reads at once."""
TURNS = 30


def main() -> None:
    torch.set_num_threads(1)
    print(f"{'network':12}{'batch':>6}{'torch, ms':>12}{'onnxruntime, ms':>17}{'ratio':>8}{'difference':>12}")
    for task, shape in PICTURES.items():
        network = load_backbone()[0].read if task == "attributes" else load_network(task)[0]
        runner, _ = load_runner(task)
        for batch in BATCHES:
            pictures = torch.rand(batch, *shape).contiguous(memory_format=torch.channels_last)
            with torch.inference_mode():
                torch_time, graph_time = _times(partial(network, pictures), partial(runner, pictures))
                gap = _gap(network(pictures), runner(pictures))
            print(
                f"{task:12}{batch:6}{torch_time:12.2f}{graph_time:17.2f}{torch_time / graph_time:8.2f}{gap:12.1e}"
            )


def _times(one: Callable[[], Any], other: Callable[[], Any]) -> list[float]:
    spent: list[list[float]] = [[], []]
    for _ in range(TURNS):
        for answer, times in zip((one, other), spent, strict=True):
            started = time.perf_counter()
            answer()
            times.append(1000 * (time.perf_counter() - started))
    return [statistics.median(times[3:]) for times in spent]


def _gap(one: Any, other: Any) -> float:
    pairs = zip(one, other, strict=True) if isinstance(one, tuple) else [(one, other)]
    return max(float((a - b).abs().max()) for a, b in pairs)


if __name__ == "__main__":
    main()
