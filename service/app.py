"""The application: what `service.create_app` builds."""

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

from apiflask import APIFlask
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service.accounts.known_keys import KnownKeys
from service.accounts.secret_key import kept_secret_key
from service.api import bulk, docs, health, metrics, openapi
from service.api import views as api
from service.compat import akismet, coral, discourse, openai, perspective
from service.console import app as console
from service.counters import Metrics
from service.insights.drift import KeptDrift
from service.moderation import recent_articles
from service.moderation.recent_articles import RecentArticles
from service.report_form import views as report_form
from service.scoring import takeover
from service.scoring.admission import admission_queue
from service.settings import Settings
from service.staffing.budget import KeptBudget
from service.staffing.choices import Choices
from service.staffing.choices_store import KeptChoices
from service.storage.audit_check import AuditCheck
from service.storage.database import Database
from service.triage.reweighing import Reweigher
from service.web import access_log, compression, cors, current, json, load_shedding, rates
from service.web.addresses import hosts, mount
from service.webhooks.delivery import Deliverer
from service.wording import catalogue, dates, sentences

#: 1,000 comments of the usual length with an article; a setting limits a single one.
_MAX_BODY = 16 * 1024 * 1024


def build(config: Mapping[str, Any]) -> APIFlask:
    """Build the application from its settings and those of the environment."""
    app = APIFlask(
        __name__,
        title="Belowline",
        version="1",
        docs_path=None,
        spec_path=None,
        json_errors=False,
    )
    app.config.from_mapping(_completed(config))
    _install_what_is_at_hand(app)
    if app.config["PROXIES"]:
        # Else every reader behind a proxy would be the same one to the limits.
        count = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    load_shedding.install(app)
    access_log.install(app)
    json.install(app)
    hosts.install(app)
    current.install(app)
    catalogue.install(app)
    dates.install(app)
    sentences.install(app)
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
    mount.install(app)
    return app


def begin_beside(app: Flask) -> ExitStack:
    """Begin what a process does beside its requests; closing what this returns ends it."""
    db = app.extensions["belowline.database"]
    stack = ExitStack()
    kept = (app.extensions["belowline.choices"], app.extensions["belowline.known_keys"])
    for beside in (Deliverer(db), Reweigher(db), *kept, takeover.takeover_of(app)):
        if beside is not None:
            beside.start()
            stack.callback(beside.stop)
    return stack


def _completed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Complete what `create_app` was given, with the environment's settings and with what has no name there."""
    names = {name.upper(): name for name, field in Settings.model_fields.items() if not field.exclude}
    found = Settings.read(**{names[key]: value for key, value in given.items() if key in names})
    config = {
        "SCORER": None,
        "KEYS_REQUIRED": True,
        "HOSTS": None,
        "RECENT_ARTICLES": recent_articles.MOST,
        "WORKERS": 1,
        "THREADS": 32,
        "MAX_CONTENT_LENGTH": _MAX_BODY,
        "SESSION_COOKIE_NAME": "belowline",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # A proxy of one's own speaks HTTPS to the world.
        "SESSION_COOKIE_SECURE": bool(found.proxies),
        **given,
        **{key: getattr(found, name) for key, name in names.items()},
    }
    config["RATE_LIMIT_ADDRESS"] = found.rate_limit_address or ("120/minute" if config["KEYS_REQUIRED"] else "off")
    config["SECRET_KEY"] = found.secret_key or kept_secret_key()
    config["CHOICES"], config["FIXED"] = found.choices, found.model_fields_set
    return config


def _install_what_is_at_hand(app: APIFlask) -> None:
    """Make what `service.web.current` hands to requests."""
    db = Database(
        app.config["DATABASE"],
        random_rate=app.config["RANDOM_RATE"],
        reporter_half_life=app.config["REPORTER_HALF_LIFE"],
        via=current.via,
        threads=app.config["THREADS"],
    )
    db.upgrade(app.config["CHOICES"].language)
    recent, counters = RecentArticles(db, app.config["RECENT_ARTICLES"]), Metrics()
    choices, budget = KeptChoices(db, app.config["CHOICES"], app.config["FIXED"]), KeptBudget()
    app.extensions |= {
        "belowline.choices": choices,
        "belowline.database": db,
        "belowline.known_keys": KnownKeys(db),
        "belowline.audit_check": AuditCheck(db),
        "belowline.drift": KeptDrift(db),
        "belowline.budget": budget,
        "belowline.recent": recent,
        "belowline.metrics": counters,
    }
    takeover.install(
        app,
        admission_queue(app.config["WORKERS"], app.config["THREADS"]),
        counters,
        point=lambda: choices.now.operating_point,
        before=recent.refresh,
        after=partial(openapi.forget, app),
    )

    def follow(now: Choices) -> None:
        takeover.use_operating_point(app, now.operating_point)
        budget.forget()

    choices.tell(follow)
