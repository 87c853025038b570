"""The encoders (torch), and what they read: one reads a comment alone, the other together with its article."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoModel

from model.attributes import ABUSE

#: Texts are padded to a multiple of so many tokens: torch prepares its kernels anew for each length.
_MULTIPLE = 8


def fast_arithmetic() -> torch.autocast:
    """Return a context that computes in bfloat16 where the processor can, and in float32 where it would emulate it.

    A step of 32 texts of 64 tokens takes 28 seconds emulated, and .9 in float32 (AVX2, two cores).
    """
    capable = torch.cpu.get_capabilities()
    can = any(capable.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    return torch.autocast("cpu", torch.bfloat16, enabled=can)


@dataclass(frozen=True)
class EncoderOutput:
    """What the encoder makes of a batch of B texts of T tokens, width D.

    Attributes
    ----------
    embedding
        B x D, unit length: the mean over tokens, turned back to what the
        untrained encoder made of it, for relevance.
    pooled
        B x D: the tokens' states, weighted by attention, for abuse.
    attention
        B x T, each row sums to 1.
    hidden
        B x T x D: the tokens' states.
    word_logits
        B x T: whether a token is among the words that raters marked.
    """

    embedding: Tensor
    pooled: Tensor
    attention: Tensor
    hidden: Tensor
    word_logits: Tensor


class CommentEncoder(nn.Module):
    """A BERT-like body with one pooling for relevance and one for abuse.

    Abuse is a linear function of an attention-weighted mean, so each token's
    share of a score is exact: attention x (weights . state).
    """

    def __init__(self, base: Path, sources: int = 1) -> None:
        super().__init__()
        self.body = AutoModel.from_pretrained(base, add_pooling_layer=False)
        width = self.body.config.hidden_size
        self.attend = nn.Linear(width, 1)
        self.abuse = nn.Linear(width, len(ABUSE))
        self.words = nn.Linear(width, 1)
        # Fine-tuning on abuse turns the embedding away from subjects; fitted
        # afterwards, in closed form, this turns it back (`fit.turn_back`).
        self.relate = nn.Linear(width, width)
        nn.init.eye_(self.relate.weight)
        nn.init.zeros_(self.relate.bias)
        # Sources differ in how much abuse they hold and in how strict their
        # raters are: that goes into a bias that is dropped after training.
        # Source 0, which says what a score means, has none.
        self.source_bias = nn.Embedding(sources, len(ABUSE), padding_idx=0)
        for parameter in (self.attend.weight, self.attend.bias, self.source_bias.weight):
            nn.init.zeros_(parameter)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> EncoderOutput:
        """Read B texts of T tokens: both arguments are B x T integers."""
        hidden = self.body(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state.float()
        mask = attention_mask.unsqueeze(-1).float()
        mean = (hidden * mask).sum(1) / mask.sum(1)
        logits = self.attend(hidden).squeeze(-1) + (1.0 - attention_mask.float()) * -1e4
        attention = logits.softmax(-1)
        return EncoderOutput(
            embedding=nn.functional.normalize(self.relate(nn.functional.normalize(mean, dim=-1)), dim=-1),
            pooled=(hidden * attention.unsqueeze(-1)).sum(1),
            attention=attention,
            hidden=hidden,
            word_logits=self.words(hidden).squeeze(-1),
        )


class CrossEncoder(nn.Module):
    """A BERT-like body that reads a comment together with its article, and says whether it is off topic."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        self.body = AutoModel.from_pretrained(base, add_pooling_layer=False)
        self.out = nn.Linear(self.body.config.hidden_size, 1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Return B log-odds of B sequences of T tokens: all arguments are B x T integers."""
        hidden = self.body(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state.float()
        mask = attention_mask.unsqueeze(-1).float()
        odds: Tensor = self.out((hidden * mask).sum(1) / mask.sum(1)).squeeze(-1)
        return odds


def read_tokenizer(base: Path, tokens: int) -> Tokenizer:
    """Read a base encoder's tokenizer, cutting at `tokens` and padding as its model was trained to."""
    padding = json.loads((base / "config.json").read_text()).get("pad_token_id", 0)
    return prepared(Tokenizer.from_file(str(base / "tokenizer.json")), tokens, padding)


def prepared(tokenizer: Tokenizer, tokens: int, padding: int = 0) -> Tokenizer:
    """Make a tokenizer cut at `tokens`, and pad with the token of number `padding`."""
    tokenizer.enable_truncation(tokens)
    tokenizer.enable_padding(pad_id=padding, pad_token=tokenizer.id_to_token(padding), pad_to_multiple_of=_MULTIPLE)
    return tokenizer


def tensors(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[Tensor, Tensor, list[list[tuple[int, int]]]]:
    """Tokenize B texts for the network: their tokens and mask, B x T, and each token's offsets."""
    encoded = tokenizer.encode_batch(list(texts))
    ids = torch.tensor([e.ids for e in encoded])
    return ids, torch.tensor([e.attention_mask for e in encoded]), [e.offsets for e in encoded]


def probabilities(network: CommentEncoder, tokenizer: Tokenizer, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return N x A probabilities of N texts, without any source's bias."""
    order = np.argsort([-len(text) for text in texts])
    found = np.zeros((len(texts), len(ABUSE)), np.float32)
    with torch.no_grad(), fast_arithmetic():
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            ids, mask, _ = tensors(tokenizer, [texts[i] for i in rows])
            found[rows] = network.abuse(network(ids, mask).pooled.float()).float().sigmoid().numpy()
    return found


def keep_some(network: nn.Module, before: Mapping[str, Tensor], share: float) -> None:
    """Keep a share of the weights of before (Wortsman et al. 2022, arXiv:2109.01903).

    What is no number with a fraction has not changed.
    """
    now = network.state_dict()
    network.load_state_dict(
        {
            name: torch.lerp(weight, before[name], share) if weight.is_floating_point() else weight
            for name, weight in now.items()
        }
    )
