"""A comment and its article as one sequence of tokens, for an encoder that reads them together.

A cross-encoder: each token of the comment attends to each one of the article
(Nogueira and Cho 2019, arXiv:1901.04085). That says more of what belongs
together than two vectors do, and costs a pass for each pair.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

#: Tokens, at most, of a title, of the body's beginning, of what a comment answers, and of the comment.
_TITLE, BODY, _PARENT, _COMMENT = 32, 110, 32, 80
#: The longest sequence: these and what stands between them.
LONGEST = _TITLE + BODY + _PARENT + _COMMENT + 5
#: Characters of a text among which so many tokens are sure to be found.
_CHARACTERS = 1200


@runtime_checkable
class JointReader(Protocol):
    """An encoder that reads a comment together with its article."""

    def beginning(self, title: str, body: str) -> list[int]:
        """Return the tokens of an article's beginning."""
        ...

    def off_topic(
        self, beginnings: Sequence[Sequence[int]], parents: Sequence[str], comments: Sequence[str]
    ) -> NDArray[np.float32]:
        """Read N comments, each with what it answers (or an empty text) and its article's beginning.

        Returns
        -------
        N log-odds, not calibrated, that a comment is off topic.
        """
        ...


class JointTokens:
    """Puts a comment, its parent and its article's beginning into one sequence.

    The comment comes first: where it stands must not depend on how long an
    article is.

    Parameters
    ----------
    tokenizer
        Of a BERT-like encoder, with neither truncation nor padding.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._first: int
        self._between: int
        self._first, self._between = tokenizer.encode("").ids

    def beginning(self, title: str, body: str, most: int = BODY) -> list[int]:
        """Return the tokens of an article's beginning, at most `most` of its body."""
        (head,), (lead,) = self._ids([title], _TITLE), self._ids([body], most)
        return [*head, *[self._between] * bool(head), *lead, *[self._between] * bool(lead)]

    def sequences(
        self, beginnings: Sequence[Sequence[int]], parents: Sequence[str], comments: Sequence[str]
    ) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Return N sequences: their tokens, and which of these (1) are the article's."""
        answered, said = self._ids(parents, _PARENT), self._ids(comments, _COMMENT)
        found = []
        for beginning, parent, comment in zip(beginnings, answered, said, strict=True):
            above = [self._first, *comment, self._between, *parent, *[self._between] * bool(parent)]
            types = np.zeros(len(above) + len(beginning), dtype=np.int64)
            types[len(above) :] = 1
            found.append((np.array([*above, *beginning], dtype=np.int64), types))
        return found

    def _ids(self, texts: Sequence[str], most: int) -> list[list[int]]:
        """Return the numbers of each text's tokens, at most so many."""
        cut = [text[:_CHARACTERS] for text in texts]
        return [one.ids[:most] for one in self._tokenizer.encode_batch_fast(cut, add_special_tokens=False)]
