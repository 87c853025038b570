"""Which bundle scores: the pinned one, or the shelf's, which is taken over when it changes, while the service runs."""

import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final

from flask import Flask

from model.bundling.manifest import bundle_path, read_manifest
from model.bundling.shelf import Shelf
from model.errors import BelowlineError, BundleError
from model.records import Article, Comment
from model.scoring.loading import load_bundle
from model.scoring.scorer import Scorer
from service.background import BackgroundLoop
from service.counters import Metrics
from service.scoring.admission import AdmissionQueue
from service.scoring.scorer import Scoring

_EXTENSION: Final = "belowline.takeover"
#: Seconds from one look at the shelf to the next.
_EVERY: Final = 1.0
#: Looks after which nobody waits any longer for the last request that the former bundle answers.
_LOOKS: Final = 60
#: What a bundle does for the first time takes longer; so it does this before readers write to it.
_WARM_UP: Final = (
    Comment(text="The bridge should stay open to buses, I think."),
    Comment(text="You are an idiot, and so is everybody who agrees with you.", parent_text="Close it, then."),
)
_ARTICLE: Final = Article(title="Harbour bridge to close to cars", body="The council will vote on Tuesday.")
#: Held by whoever changes the bundle or its operating point, so that neither undoes the other.
_EXCHANGING = threading.Lock()
_LOG = logging.getLogger(__name__)


class Takeover(BackgroundLoop):
    """Looks at the shelf, and swaps what scores for what was promoted.

    Nothing of it happens in a request: the bundle is verified, loaded and used
    once beside them, then one reference is exchanged. A request that has begun
    is answered by the bundle with which it began. One that cannot be loaded is
    logged, and the former one goes on scoring.

    Parameters
    ----------
    app
        Whose scorer is exchanged.
    shelf
        Where promoted bundles are.
    point
        Returns the operating point that is chosen.
    before, after
        What must be done before another bundle scores, with its scorer; and once it does.
    """

    def __init__(
        self,
        app: Flask,
        shelf: Shelf,
        *,
        point: Callable[[], str],
        before: Callable[[Scorer], None],
        after: Callable[[], None],
    ) -> None:
        super().__init__("takeover", self.look, _EVERY, "The shelf of bundles cannot be read")
        self._app = app
        self._shelf = shelf
        self._point = point
        self._before, self._after = before, after
        self._seen = shelf.stamp()
        self._former: weakref.ref[Scorer] | None = None
        self._looks_left = 0
        #: Why the bundle that should score does not; empty if it does.
        self.problem = ""

    def first(self) -> Scorer:
        """Load the shelf's bundle; if it cannot be loaded, the latest one before it that can."""
        try:
            return load_bundle(self._shelf.current())
        except Exception as error:  # whatever is wrong with it
            earlier = self._shelf.earlier()
            if not earlier:
                raise
            self._tell(_sentence(error))
        for version in earlier:
            try:
                return load_bundle(self._shelf.folder / version)
            except Exception as error:  # noqa: BLE001 - nor may this one keep the next from scoring
                _LOG.error("%s cannot be loaded: %s", version, _sentence(error))
        raise BundleError(f"No bundle in {self._shelf.folder} can be loaded: {self.problem}")

    def look(self) -> None:
        """Take over what was promoted since the last look, if anything was."""
        self._let_go()
        stamp = self._shelf.stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._take(self._shelf.current())
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the former one goes on scoring
            self._tell(_sentence(error))

    def _take(self, path: Path) -> None:
        """Load a promoted bundle, try it out and let it score from now on."""
        scoring: Scoring = self._app.extensions["belowline.scorer"]
        if read_manifest(path).version != scoring.manifest.version:
            started = time.monotonic()
            fresh = scoring.with_bundle(load_bundle(path))
            fresh.score_many(_WARM_UP, _ARTICLE, spans=True)
            self._before(fresh)
            with _EXCHANGING:
                # Not before: somebody may have chosen another one while it was loaded.
                fresh.use_operating_point(self._point())
                self._app.extensions["belowline.scorer"] = fresh
            self._after()
            self._former, self._looks_left = weakref.ref(scoring), _LOOKS
            before, after = scoring.manifest.version, fresh.manifest.version
            _LOG.warning("Bundle %s now scores in place of %s (%.1f s)", after, before, time.monotonic() - started)
        self.problem = ""

    def _let_go(self) -> None:
        """Free the former bundle's memory when no request needs it any longer."""
        if self._former is not None:
            self._looks_left -= 1
            gc.collect()
            if self._former() is None or not self._looks_left:
                self._former = None

    def _tell(self, problem: str) -> None:
        """Keep and log why the promoted bundle cannot be loaded."""
        self.problem = problem
        _LOG.error("The promoted bundle cannot be loaded, so the previous one stays in use: %s", problem)


def _sentence(error: Exception) -> str:
    """Write an error: our own in its words, any other with its type."""
    return str(error) if isinstance(error, BelowlineError) else repr(error)


def install(
    app: Flask,
    queue: AdmissionQueue,
    metrics: Metrics,
    *,
    point: Callable[[], str],
    before: Callable[[Scorer], None],
    after: Callable[[], None],
) -> None:
    """Load the bundle that scores; unless a setting pins it, others will be taken over (see `Takeover`)."""
    scorer: Scorer | None = app.config["SCORER"]
    if scorer is None and app.config["BUNDLE"]:
        scorer = load_bundle(bundle_path(app.config["BUNDLE"]))
    if scorer is None:
        takeover = Takeover(app, Shelf(Path(app.config["BUNDLES"])), point=point, before=before, after=after)
        app.extensions[_EXTENSION] = takeover
        scorer = takeover.first()
    app.extensions["belowline.scorer"] = Scoring(scorer, queue, metrics)
    use_operating_point(app, point())


def use_operating_point(app: Flask, point: str) -> None:
    """Flag by an operating point's thresholds from now on."""
    with _EXCHANGING:
        scoring: Scoring = app.extensions["belowline.scorer"]
        scoring.use_operating_point(point)


def takeover_of(app: Flask) -> Takeover | None:
    """Return what switches bundles; None where a setting pins one."""
    found: Takeover | None = app.extensions.get(_EXTENSION)
    return found
