"""The addresses that `serve` prints and answers to."""

import re
from pathlib import Path

import pytest
import requests

from tests.served import PATIENCE, running


@pytest.mark.parametrize(("given", "host"), [("::1", "[::1]"), ("[::1]", "[::1]"), ("127.0.0.2", "127.0.0.2")])
def test_the_address_that_is_printed_answers(tmp_path: Path, given: str, host: str) -> None:
    with running(tmp_path, "serve", "--host", given, "--workers", "1", bundle="fast", host=host) as service:
        assert service.address in service.stderr
        printed = re.search(r"http://\S+/review", service.stderr)
        assert printed
        assert requests.get(printed[0], timeout=PATIENCE).url == f"{printed[0]}/login?next=/review"
        named = f"localhost:{service.port}"
        answer = requests.get(f"{service.address}/v1/flags", headers={"Host": named}, timeout=PATIENCE)
        assert answer.status_code == 200
        foreign = requests.get(printed[0], headers={"Host": "belowline.local"}, timeout=PATIENCE)
        assert (foreign.status_code, foreign.headers["Content-Type"][:9]) == (400, "text/html")
        assert "Traceback" not in service.stderr
