"""Scales that keep int8 close to the network: one loud channel must not cost the others their digits.

SmoothQuant (Xiao et al. 2023, arXiv:2211.10438). A matrix product's activations share one scale in int8, and in each
layer one channel in 1,536 is several times as loud as all others. So each channel is divided by a number of its own,
by which the weights that read it are multiplied: the product stays, and both lose less by being rounded.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

#: How much of a channel's loudness goes into the weights. At .5, as in the paper, half of our noise stays.
_SHARE = 0.8
#: The buffer that a part's activations are multiplied by; its name in the exported graph.
QUIETER = "quieter"
_LEAST = 1e-4


def parts(body: nn.Module) -> Iterator[tuple[nn.Module, list[nn.Linear]]]:
    """Name each part of a BERT-like body whose input is scaled, and the layers that read this input.

    What the heads of attention hand on has no loud channel.
    """
    for layer in body.encoder.layer:
        attends = layer.attention.self
        yield attends, [attends.query, attends.key, attends.value]
        yield layer.intermediate, [layer.intermediate.dense]
        yield layer.output.dense, [layer.output.dense]


def smooth(body: nn.Module, read: Callable[[], object]) -> None:
    """Scale a body's activations and weights, so that it computes the same in fewer bits.

    Parameters
    ----------
    body
        It is changed: what it computes in float stays. Once only: scaled twice, it would not.
    read
        Reads typical texts through the body, whose loudest activations are looked at.
    """
    loudest: dict[nn.Module, Tensor] = {}

    def watch(layer: nn.Module, given: tuple[Tensor, ...]) -> None:
        peak = given[0].detach().abs().amax((0, 1))
        loudest[layer] = torch.maximum(loudest.get(layer, peak), peak)

    if any(hasattr(part, QUIETER) for part, _ in parts(body)):
        raise ValueError("this body has its scales already")
    watched = [layers[0].register_forward_pre_hook(watch) for _, layers in parts(body)]
    with torch.no_grad():
        read()
    for one in watched:
        one.remove()
    for part, layers in parts(body):
        peak = loudest[layers[0]].clamp(min=_LEAST)
        weights = torch.stack([layer.weight.detach().abs().amax(0) for layer in layers]).amax(0).clamp(min=_LEAST)
        scale = peak**_SHARE / weights ** (1 - _SHARE)
        for layer in layers:
            layer.weight.data *= scale
        part.register_buffer(QUIETER, 1 / scale)
        part.register_forward_pre_hook(_quieten)


def _quieten(part: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return (given[0] * getattr(part, QUIETER), *given[1:])
