"""The application: what `service.create_app` builds."""

from collections.abc import Mapping
from typing import Any

from apiflask import APIFlask

from model import load_bundle
from service import api, console, health, http, openapi
from service.config import settings
from service.database import Database


def build(config: Mapping[str, Any]) -> APIFlask:
    """Build the application from its settings and those of the environment."""
    app = APIFlask(
        __name__,
        title="Belowline",
        version="1",
        docs_path=None,
        spec_path="/openapi.json",
        json_errors=False,
    )
    app.config.from_mapping(settings(config))
    store = Database(app.config["DATABASE"])
    store.upgrade()
    app.extensions["belowline.database"] = store
    app.extensions["belowline.scorer"] = app.config["SCORER"] or load_bundle(app.config["BUNDLE"])
    http.install(app)
    app.register_blueprint(health.bp)
    app.register_blueprint(api.bp)
    app.register_blueprint(console.bp)
    openapi.install(app)
    return app
