"""The service: HTTP, the moderators' console, the database."""

import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any

from apiflask import APIFlask

from model import load_bundle
from service.config import settings
from service.database import Database


def create_app(config: Mapping[str, Any] | None = None) -> APIFlask:
    """Build the application; nothing happens at import.

    Parameters
    ----------
    config
        Settings that go before those of the environment (see
        `service.config`): `DATABASE`, `BUNDLE`, `SECRET_KEY`,
        `KEYS_REQUIRED`, and whatever Flask knows.
    """
    from service import api, health, http  # noqa: PLC0415 - they import Flask extensions that --help must not wait for

    app = APIFlask(__name__, title="Belowline", version="1", docs_path=None, spec_path="/openapi.json")
    app.config.from_mapping(settings(config or {}))
    store = Database(app.config["DATABASE"])
    store.upgrade()
    app.extensions["belowline.database"] = store
    app.extensions["belowline.scorer"] = load_bundle(app.config["BUNDLE"])
    http.install(app)
    app.register_blueprint(health.bp)
    app.register_blueprint(api.bp)
    if importlib.util.find_spec("service.console"):
        app.register_blueprint(importlib.import_module("service.console").bp)
    return app
