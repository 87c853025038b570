"""How long the server takes for a decision and the next item, with 100,000 comments stored.

Not part of `make test`: `make bench-queue` runs it and prints the figures.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import text

COMMENTS = 100_000
ROUNDS = 200
MOST_MILLISECONDS = 100


@pytest.mark.parametrize("one_in", [30, 3], ids=["3,333 wait", "33,333 wait"])
@pytest.mark.parametrize("query", ["", "?section=Section 3", "?about=insult", "?article=a077"])
def test_a_decision_and_the_next_item(
    app: Flask, many: Callable[..., None], person: Callable[..., Any], one_in: int, query: str
) -> None:
    many(COMMENTS, one_in=one_in)
    engine = app.extensions["belowline.database"].engine
    server = engine.dialect.name
    if server == "postgresql":
        # As autovacuum does by itself within a minute.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    isla = person("isla")
    for _ in range(3):  # What a process does for the first time takes longer.
        isla.presses(isla.form_of(isla.client.get(f"/review/next{query}", follow_redirects=True)), "keep")
    isla.reads(f"/review{query}")
    took: dict[str, list[float]] = {"decide": [], "next": [], "list": []}

    def timed(what: str, act: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        answer = act()
        took[what].append(1000 * (time.perf_counter() - begun))
        return answer

    for number in range(ROUNDS):
        page = timed("next", lambda: isla.client.get(f"/review/next{query}", follow_redirects=True))
        if "/comments/" not in page.request.path:
            break
        form = isla.form_of(page)
        timed("decide", lambda form=form: isla.presses(form, "keep"))  # type: ignore[misc]
        if number % 10 == 0:
            timed("list", lambda: isla.reads(f"/review{query}"))
    # Whoever has decided on one waits for the next one.
    took["both"] = [sum(pair) for pair in zip(took["decide"], took["next"][1:], strict=False)]
    for what, times in took.items():
        half, most, longest = np.percentile(times, [50, 95, 100])
        print(f"\n{server:10} {what:7} p50 {half:6.1f} ms  p95 {most:6.1f} ms  longest {longest:6.1f} ms", end="")  # noqa: T201
    print()  # noqa: T201
    assert np.percentile(took["both"], 95) < MOST_MILLISECONDS
