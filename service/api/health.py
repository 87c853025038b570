"""Is the process up, and can it work? Never asks for a key."""

from apiflask import APIBlueprint
from flask import current_app

from service.scoring.takeover import takeover_of
from service.web.current import current_scorer, database

bp = APIBlueprint("health", __name__, tag="Health")


@bp.get("/healthz")
@bp.doc(summary="The process is up", responses={200: "Up"})
def healthz() -> dict[str, str]:
    """Confirm that the process is responding."""
    return {"status": "ok"}


@bp.get("/readyz")
@bp.doc(summary="A bundle is loaded and the database can be written", responses={200: "Ready", 503: "Not ready"})
def readyz() -> tuple[dict[str, str], int]:
    """Check whether comments can be scored and stored now."""
    problem = database().problem()
    if problem is not None:
        current_app.logger.error("Not ready: %s", problem)
        return {"status": "not ready", "database": "cannot be written"}, 503
    manifest = current_scorer().manifest
    found = {"status": "ready", "tier": manifest.tier, "bundle": manifest.version}
    takeover = takeover_of(current_app)
    if takeover is not None and takeover.problem:
        # It scores, and so is ready; but somebody should know that it is not what was promoted.
        found["refused"] = takeover.problem
    return found, 200
