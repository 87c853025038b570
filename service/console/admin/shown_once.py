"""What is shown once and kept nowhere: a password, a key, a webhook's secret."""

from flask import make_response, render_template, url_for
from werkzeug.wrappers import Response


def shown_once(title: str, what: str, secret: str, how: str) -> Response:
    """Show a secret, with how it is used, and the way back to the list."""
    page = render_template(
        "console/shown_once.html", title=title, what=what, secret=secret, how=how, on=url_for(".show")
    )
    return make_response(page)
