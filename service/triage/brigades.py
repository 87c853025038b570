"""Who reports together."""

from collections import defaultdict
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

#: Readers who have reported this many comments in common, and seldom anything else, act together.
FEWEST_IN_COMMON = 3
LEAST_OVERLAP = 0.6
#: Reporters that are compared with all others at a time: what is held in memory grows with it.
_AT_ONCE = 500


def brigades(reported: Mapping[str, Collection[str]]) -> tuple[frozenset[str], ...]:
    """Find the reporters who report the same comments together, the largest group first.

    Two belong together if they have at least three comments in common, and
    these are at least 60 % of what either of the two has reported.

    Parameters
    ----------
    reported
        Reporter to the comments that they have reported.
    """
    names = sorted(name for name, comments in reported.items() if len(comments) >= FEWEST_IN_COMMON)
    if not names:
        return ()
    groups: dict[int, set[str]] = defaultdict(set)
    for name, group in zip(names, _groups([reported[name] for name in names]), strict=True):
        groups[int(group)].add(name)
    found = [frozenset(members) for members in groups.values() if len(members) > 1]
    return tuple(sorted(found, key=lambda members: (-len(members), sorted(members))))


def _groups(reported: list[Collection[str]]) -> NDArray[np.int32]:
    """Return the number of each reporter's group, from what each has reported."""
    numbers = {comment: number for number, comment in enumerate(set().union(*reported))}
    sizes = np.array([len(comments) for comments in reported])
    rows = np.repeat(np.arange(len(reported)), sizes)
    columns = np.array([numbers[comment] for comments in reported for comment in comments])
    table = csr_array((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(len(reported), len(numbers)))
    ones, others = [], []
    for start in range(0, len(reported), _AT_ONCE):
        common = coo_array(table[start : start + _AT_ONCE] @ table.T)
        one, other = common.row + start, common.col
        either = sizes[one] + sizes[other] - common.data
        together = (common.data >= FEWEST_IN_COMMON) & (common.data >= LEAST_OVERLAP * either)
        ones.append(one[together])
        others.append(other[together])
    pairs = (np.concatenate(ones), np.concatenate(others))
    links = coo_array((np.ones(len(pairs[0]), dtype=np.int8), pairs), shape=(len(reported), len(reported)))
    labels: NDArray[np.int32] = connected_components(links, directed=False)[1]
    return labels
