"""The training loop: one schedule, checkpoints, and a file that says how far it is."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from training.encoder.recipe import LearningRates

_CHECKPOINT = "checkpoint.pt"
_SAVED_EVERY = 400
_TOLD_EVERY = 25
_WARM_UP = 0.06


def run(
    network: nn.Module, losses: Callable[[int], dict[str, Tensor]], steps: int, rates: LearningRates, work: Path
) -> None:
    """Train a network for some steps; go on from the last checkpoint in `work`, if there is one.

    `losses` returns the parts of a step's loss by name. Raises ValueError if
    the checkpoint is of a run of another length.
    """
    work.mkdir(parents=True, exist_ok=True)
    network.eval()  # no dropout: so few epochs do not overfit
    optimiser = _optimiser(network, rates)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate_factor(step, steps))
    kept = {"network": network, "optimiser": optimiser, "schedule": schedule}
    first = 0
    if (work / _CHECKPOINT).exists():
        state = torch.load(work / _CHECKPOINT, weights_only=True)
        if state["of"] != steps:
            raise ValueError(f"{work / _CHECKPOINT} is of a run of {state['of']} steps, not of {steps}: delete it")
        for name, one in kept.items():
            one.load_state_dict(state[name])  # type: ignore[attr-defined]
        first = state["step"]
    started, means = time.monotonic(), dict[str, float]()
    for step in range(first, steps):
        parts = losses(step)
        sum(parts.values()).backward()  # type: ignore[union-attr]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        for name, loss in parts.items():
            means[name] = 0.98 * means.get(name, loss.item()) + 0.02 * loss.item()
        done = step + 1
        if done % _TOLD_EVERY == 0 or done == steps:
            left = (time.monotonic() - started) / (done - first) * (steps - done)
            line = {"step": done, "of": steps, "minutes_left": left / 60} | means
            with (work / "progress.jsonl").open("a") as log:
                log.write(json.dumps({name: round(value, 4) for name, value in line.items()}) + "\n")
        if done % _SAVED_EVERY == 0 or done == steps:
            fresh = work / f"{_CHECKPOINT}.new"
            torch.save({name: one.state_dict() for name, one in kept.items()} | {"step": done, "of": steps}, fresh)  # type: ignore[attr-defined]
            # A killed run leaves the old checkpoint or the new one, never half of one.
            fresh.replace(work / _CHECKPOINT)


def rate_factor(step: int, steps: int) -> float:
    """Scale the learning rates: a warm-up, then a line down to 0."""
    return min((step + 1) / (_WARM_UP * steps), (steps - step) / (steps * (1 - _WARM_UP)))


def _optimiser(network: nn.Module, rates: LearningRates) -> torch.optim.AdamW:
    """Group what is learnt: the body's layers, the sources' biases, and the heads."""
    groups: dict[str, list[nn.Parameter]] = {"body": [], "source_bias": [], "heads": []}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            first = name.split(".")[0]
            groups[first if first in groups else "heads"].append(parameter)
    body, bias, heads = groups["body"], groups["source_bias"], groups["heads"]
    learnt = [
        {"params": body, "lr": rates.body},
        {"params": heads, "lr": rates.heads},
        {"params": bias, "lr": rates.bias, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in learnt if group["params"]], weight_decay=0.01)
