"""The service at addresses of one's own."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import BytecodeCache

from model.scoring.scorer import Scorer
from service import create_app


@pytest.fixture
def at(
    empty_file: Path, tmp_path: Path, scorer: Scorer, compiled_pages: BytecodeCache
) -> Iterator[Callable[..., Flask]]:
    """Return what builds the service with settings."""
    apps: list[Flask] = []

    def build(**settings: Any) -> Flask:
        file = shutil.copy(empty_file, tmp_path / f"{len(apps)}.db")
        database = {"DATABASE": f"sqlite:///{file}", "SECRET_KEY": "only for tests"}
        app = create_app({**database, "SCORER": scorer, "RECENT_ARTICLES": 0, "TESTING": True, **settings})
        app.jinja_env.bytecode_cache = compiled_pages
        apps.append(app)
        return app

    yield build
    for app in apps:
        app.extensions["belowline.database"].close()
