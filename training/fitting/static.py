"""Static token embeddings for the `fast` tier, distilled from the encoder.

The way of model2vec (Minish Lab 2024, https://github.com/MinishLab/model2vec):
each token of the vocabulary is embedded by itself, the table is reduced by
PCA, and frequent tokens are weighted down (smooth inverse frequency, Arora et
al. 2017). Its distiller wants torch and a transformers checkpoint; ours asks
the ONNX encoder that is in the bundle already.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from tokenizers import Tokenizer

from model.features.encoder import Encoder

#: `a` of smooth inverse frequency, a / (a + p).
_SMOOTHING = 1e-3


def fit_static(encoder: Encoder, tokenizer_file: Path, texts: Sequence[str], file: Path, dimensions: int = 128) -> None:
    """Write the table of `model.features.static.StaticEncoder`.

    Parameters
    ----------
    encoder
        Embeds the tokens.
    tokenizer_file
        Whose vocabulary is embedded.
    texts
        Ordinary comments, for the tokens' frequencies.
    file
        Where the table goes.
    dimensions
        Of the vectors, after PCA.
    """
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    size = tokenizer.get_vocab_size()
    tokens = [tokenizer.id_to_token(i) or "" for i in range(size)]
    vectors = encoder.encode([token.removeprefix("##") or "-" for token in tokens]).embedding
    counts = np.bincount(
        np.concatenate([e.ids for e in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False) if e.ids]),
        minlength=size,
    )
    share = (counts + 0.1) / (counts + 0.1).sum()
    weight = _SMOOTHING / (_SMOOTHING + share)
    reduced = PCA(dimensions, random_state=0).fit_transform(vectors).astype(np.float32)
    top = np.abs(reduced).max(axis=1, keepdims=True) + 1e-9
    np.savez_compressed(
        file,
        vectors=np.round(reduced / top * 127).astype(np.int8),
        scale=(top[:, 0] / 127 * weight).astype(np.float16),
    )
