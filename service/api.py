"""The native API."""

from apiflask import APIBlueprint

bp = APIBlueprint("api", __name__, url_prefix="/v1")
