"""The application: what `service.create_app` builds."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix

from service.api import bulk, docs, health, metrics, openapi
from service.api import views as api
from service.compat import akismet, coral, discourse, openai, perspective
from service.config import settings
from service.console import app as console
from service.counters import Metrics
from service.insights.drift import KeptDrift
from service.moderation.recent_articles import RecentArticles
from service.report_form import views as report_form
from service.scoring import takeover
from service.scoring.admission import turns
from service.staffing.budget import KeptBudget
from service.staffing.newsroom import find_newsroom
from service.storage.chain import Chain
from service.storage.database import Database
from service.web import access_log, compression, cors, current, json, load_shedding, rates


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
    _install_what_is_at_hand(app)
    if app.config["PROXIES"]:
        # Else every reader behind a proxy would be the same one to the limits.
        count = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    load_shedding.install(app)
    access_log.install(app)
    json.install(app)
    current.install(app)
    cors.install(app)
    compression.install(app)
    rates.install(app)
    app.register_blueprint(health.bp)
    app.register_blueprint(metrics.bp)
    app.register_blueprint(api.bp)
    app.register_blueprint(bulk.bp)
    app.register_blueprint(docs.bp)
    app.register_blueprint(perspective.bp)
    app.register_blueprint(console.bp)
    openai.install(app)
    coral.install(app)
    report_form.install(app)
    akismet.install(app)
    discourse.install(app)
    openapi.install(app)
    return app


def _install_what_is_at_hand(app: APIFlask) -> None:
    """Make what `service.web.current` hands to requests."""
    newsroom = find_newsroom(app.config["TIMEZONE"], app.config["HOLIDAYS"])
    store = Database(
        app.config["DATABASE"],
        random_rate=app.config["RANDOM_RATE"],
        reporter_half_life=app.config["REPORTER_HALF_LIFE"],
        via=current.via,
    )
    store.upgrade()
    recent, counters = RecentArticles(store, app.config["RECENT_ARTICLES"]), Metrics()
    app.extensions |= {
        "belowline.newsroom": newsroom,
        "belowline.database": store,
        "belowline.chain": Chain(store),
        "belowline.drift": KeptDrift(store),
        "belowline.budget": KeptBudget(newsroom, app.config["SHARES"]),
        "belowline.recent": recent,
        "belowline.metrics": counters,
    }
    takeover.install(
        app,
        turns(app.config["WORKERS"], app.config["THREADS"]),
        counters,
        before=recent.refresh,
        after=partial(openapi.forget, app),
    )
