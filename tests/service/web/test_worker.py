"""What gunicorn's worker does for its threads."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

#: Sixteen threads, each of which asks the C library for memory while the others live.
CODE = """
import ctypes, sys, threading
from service.web.worker import share_arenas

if sys.argv[2] == "shared":
    assert share_arenas()
barrier = threading.Barrier(17)

def work():
    held = bytes(100_000)
    barrier.wait()
    barrier.wait()

for _ in range(16):
    threading.Thread(target=work).start()
barrier.wait()
c = ctypes.CDLL(None)
c.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(c.fopen(sys.argv[1].encode(), b"w"))
c.malloc_info(0, file)
c.fclose(file)
barrier.wait()
"""


@pytest.mark.parametrize(("how", "most"), [("shared", 2), ("alone", 99)])
def test_threads_share_two_arenas_of_memory(tmp_path: Path, how: str, most: int) -> None:
    told = tmp_path / "malloc.xml"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment.pop("MALLOC_ARENA_MAX", None)
    subprocess.run([sys.executable, "-c", CODE, str(told), how], check=True, env=environment)  # noqa: S603 - our own
    arenas = len(re.findall(r"<heap nr=", told.read_text()))
    # By itself, glibc would give them more: else there would be nothing to share.
    assert arenas <= most
    assert arenas > 2 or how == "shared"
