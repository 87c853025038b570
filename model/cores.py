"""How many cores there are to compute on."""

import math
import os
from pathlib import Path

#: Where Linux says which share of the cores a container may use: `QUOTA PERIOD` in microseconds, or `max PERIOD`.
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def cores(quota: Path = _QUOTA) -> int:
    """Return how many cores this process may use: a container may have fewer than its machine.

    Parameters
    ----------
    quota
        The control group's `cpu.max` (Linux, cgroup v2); where it is missing, nothing is limited.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed, _, period = quota.read_text().partition(" ") if quota.is_file() else ("max", "", "")
    return usable if allowed.strip() == "max" else max(1, min(usable, math.ceil(int(allowed) / int(period))))
