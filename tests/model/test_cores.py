"""A container may have fewer cores than its machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from model.cores import cores

USABLE = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("quota", "found"),
    [
        ("max 100000\n", USABLE),
        ("100000 100000\n", 1),
        ("50000 100000\n", 1),
        ("6400000 100000\n", min(USABLE, 64)),
    ],
)
def test_a_containers_quota_counts(tmp_path: Path, quota: str, found: int) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    assert cores(tmp_path / "cpu.max") == found


def test_cores_that_a_process_may_not_use_do_not_count() -> None:
    program = "import os; os.sched_setaffinity(0, [0]); from model.cores import cores; print(cores())"
    program = program.replace("[0]", str([min(os.sched_getaffinity(0))]))
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)  # noqa: S603 - our own

    assert found.stdout == "1\n"
