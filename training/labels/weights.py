"""How much a label counts, by how a person came to see its comment."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: A comment that had a chance of 1 in 50 to be seen does not count for fifty:
#: a few such rows would decide what is learnt.
MOST = 10.0
#: One press of a button over several comments is less looked at than one over each.
BATCH = 0.5


def label_weights(known: pd.DataFrame) -> NDArray[np.float32]:
    """Weigh rows of labels.

    What was seen because the model had flagged it stands for all that it
    would have flagged with that chance: it counts for 1 / probability_seen,
    at most `MOST`, and then so that flagged rows count for 1 on average.
    Without that, only comments that resemble each other in the model's eyes
    would be learnt from. All others count for 1; decisions on several
    comments at once for `BATCH` of it.
    """
    weights = np.ones(len(known))
    flagged = known["seen_because"].eq("flag").to_numpy(bool)
    chance = known["probability_seen"].to_numpy(dtype=float)
    if flagged.any():
        inverse = np.minimum(1 / np.where(np.isnan(chance[flagged]), 1.0, chance[flagged]), MOST)
        weights[flagged] = inverse / inverse.mean()
    weights[known["batch"].to_numpy(bool)] *= BATCH
    return weights.astype(np.float32)
