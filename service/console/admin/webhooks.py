"""Who is told of events: addresses with their secrets, and whether what was sent arrived."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from model.errors import InvalidInput
from service.console import login
from service.console.admin.shown_once import shown_once
from service.storage import audit
from service.web.current import database
from service.webhooks import endpoints
from service.webhooks.delivery import try_out
from service.webhooks.endpoints import EVENTS
from service.wording.catalogue import gettext as _
from service.wording.sentences import told

bp = Blueprint("webhooks", __name__)

_DELIVERIES = 10
_LARGEST = 2**31 - 1


@bp.get("/webhooks")
@login.needs("admin")
def show() -> Response:
    """List the webhooks with their last deliveries."""
    return _page()


@bp.post("/webhooks")
@login.needs("admin")
def add() -> Response:
    """Add a webhook, and show its secret once."""
    events = [event for event in EVENTS if event in request.form.getlist("event")]
    try:
        with database().write() as session:
            number, secret = endpoints.add_endpoint(
                session,
                request.form.get("url", "").strip(),
                events,
                internal="internal" in request.form,
                who=login.moderator(),
            )
    except InvalidInput as error:
        return _page(told(error))
    return _secret(number, secret)


@bp.post("/webhooks/rotate")
@login.needs("admin")
def rotate() -> Response:
    """Replace a webhook's secret, and show the new one once; the former one signs too for a day."""
    number = _number()
    with database().write() as session:
        secret = endpoints.rotate_secret(session, number, who=login.moderator())
    return _secret(number, secret)


@bp.post("/webhooks/remove")
@login.needs("admin")
def remove() -> Response:
    """Remove the webhook that an admin chose, with the events still to be delivered."""
    number = _number()
    with database().write() as session:
        waiting = endpoints.remove_endpoint(session, number, who=login.moderator())
    flash(_("Webhook %(number)s is removed. Events not yet delivered: %(waiting)s.", number=number, waiting=waiting))
    return redirect(url_for(".show"), HTTPStatus.SEE_OTHER)


@bp.post("/webhooks/test")
@login.needs("admin")
def test() -> Response:
    """Send a webhook a test event, and say what came back."""
    number = _number()
    # First what came back: the database must not wait for the receiver.
    taken, outcome = try_out(database(), number, datetime.now(UTC))
    with database().write() as session:
        audit.record(session, "webhook.test", who=login.moderator(), about=str(number))
    took = _("Webhook %(number)s accepted the test: %(outcome)s.", number=number, outcome=told(outcome))
    refused = _("Webhook %(number)s did not accept the test: %(outcome)s.", number=number, outcome=told(outcome))
    flash(took if taken else refused)
    return redirect(url_for(".show"), HTTPStatus.SEE_OTHER)


def _page(error: str | None = None) -> Response:
    """Show the page of webhooks, with their latest deliveries."""
    with database().read() as session:
        found = [
            (one, endpoints.last_deliveries(session, one.id, most=_DELIVERIES))
            for one in endpoints.list_endpoints(session)
        ]
    page = render_template("console/webhooks.html", found=found, events=EVENTS, error=error, given=request.form)
    return make_response(page, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK)


def _secret(number: int, secret: str) -> Response:
    """Show a webhook's new secret, which is shown once."""
    return shown_once(
        title=_("Webhook %(number)s has a secret", number=number),
        what=_("Secret that signs what is sent"),
        secret=secret,
        how=_("The receiver checks the signature with it, by the rules of Standard Webhooks."),
    )


def _number() -> int:
    """Read a webhook's number from the form."""
    number = request.form.get("number", type=int)
    if number is None or not 0 < number <= _LARGEST:
        abort(HTTPStatus.BAD_REQUEST)
    return number
