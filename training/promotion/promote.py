"""Replace the champion with another bundle, and go back: what would change, what the gates say, what is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from model.bundling.manifest import Bundle, Manifest, open_bundle, verify
from model.bundling.shelf import Move, Shelf, champion
from model.errors import BundleError, InvalidInput
from model.records import Article, Comment
from model.scoring.loading import load_bundle
from training.progress import Progress

if TYPE_CHECKING:
    from training.promotion.samples import Evidence

_COMMENT = Comment(text="The bridge should stay open to buses, I think.")
_ARTICLE = Article(title="Harbour bridge to close to cars", body="The council will vote on Tuesday.")


class Refused(InvalidInput):
    """A gate refuses the challenger, and nobody gave a reason to promote it anyway."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenger and what it would take the place of, as they were verified.

    Attributes
    ----------
    champion
        The bundle that scores; None if it cannot be verified, and `problem`
        says why.
    challenger
        The bundle that would.
    """

    champion: Bundle | None
    challenger: Bundle
    problem: str = ""

    def changes(self) -> Iterator[str]:
        """Yield what would change, a line each."""
        new = self.challenger.manifest
        if self.champion is None:
            yield f"{new.version} ({new.tier}) would score in place of a bundle that cannot be verified"
            return
        old = self.champion.manifest
        yield f"{new.version} ({new.tier}) would score in place of {old.version} ({old.tier})"
        for name in new.attributes:
            if name not in old.attributes:
                yield f"{name} would be scored too, and flagged from {new.thresholds.get(name, 1):g}"
            elif new.thresholds.get(name) != old.thresholds.get(name):
                yield f"{name} would be flagged from {_number(new, name)} instead of {_number(old, name)}"
        for name in old.attributes:
            if name not in new.attributes:
                yield f"{name} would not be scored any longer"


def challenge(bundle: str, pinned: str, shelf: Shelf) -> Challenge:
    """Verify a challenger, and find what it would take the place of.

    Parameters
    ----------
    bundle
        A folder, or the name of a shipped one.
    pinned
        What `BELOWLINE_BUNDLE` says.
    shelf
        Where promoted bundles are.
    """
    challenger = open_bundle(bundle)
    path = champion(pinned, shelf)
    try:
        scores = open_bundle(path)
    except BundleError as error:
        return Challenge(None, challenger, str(error))
    if scores.manifest.version == challenger.manifest.version:
        raise InvalidInput(f"{scores.manifest.version} already scores: there is nothing to promote.")
    return Challenge(scores, challenger)


def promote(
    found: Challenge,
    shelf: Shelf,
    evidence: "Evidence",
    *,
    by: str,
    despite: str = "",
    say: Progress,
    progress: Progress,
) -> Move:
    """Ask the gates, put the challenger on the shelf and let it score.

    Parameters
    ----------
    found
        From `challenge`.
    shelf
        Where promoted bundles are.
    evidence
        What the gates look at besides sentences of our own.
    by
        Who is responsible.
    despite
        A reason to promote it though a gate refuses.
    say
        Called with what the gates say, a line each.
    progress
        Called with each step.

    Raises
    ------
    Refused
        If a gate refuses it, and `despite` gives no reason.
    """
    if found.champion is None:
        sentences = refusals = [f"The champion cannot be compared with: {found.problem}"]
    else:
        from training.promotion.gates import judge  # noqa: PLC0415 - a rollback does not wait for the libraries

        judgement = judge(found.champion, found.challenger, evidence, progress=progress)
        sentences = [f"{gate.verdict}: {gate.name}. {gate.sentence}" for gate in judgement.gates]
        refusals = [f"{gate.name}. {gate.sentence}" for gate in judgement.refused]
    for sentence in sentences:
        say(sentence)
    if refusals and not despite:
        gates = "a gate refuses" if len(refusals) == 1 else f"{len(refusals)} gates refuse"
        raise Refused(f"Not promoted, {gates} it: {' '.join(refusals)} To promote it anyway: --despite 'REASON'.")
    moves = shelf.history()
    if moves:
        before: str | None = moves[-1].after
    else:
        # What scored so far comes onto the shelf too, as there must be a way back.
        before = None if found.champion is None else shelf.put(found.champion)
    check(found.challenger)
    after = shelf.put(found.challenger)
    move = Move("promote", before, after, by, datetime.now(UTC), despite, tuple(sentences), refused=bool(refusals))
    shelf.point(move)
    return move


def roll_back(shelf: Shelf, version: str | None, *, by: str, why: str = "") -> Move:
    """Put the previous version back in charge, or another one of the shelf; that scores nothing."""
    moves = shelf.history()
    if not moves:
        raise InvalidInput(f"Nothing has been promoted yet: there is no history of bundles in {shelf.folder}.")
    target = version or shelf.before()
    if target == moves[-1].after:
        raise InvalidInput(f"{target} already scores.")
    if target not in shelf.earlier():
        known = ", ".join(shelf.earlier()) or "none"
        raise InvalidInput(f"{target!r} is not a version on the shelf that has scored before; those are {known}.")
    verify(shelf.folder / target)
    move = Move("rollback", moves[-1].after, target, by, datetime.now(UTC), why)
    shelf.point(move)
    return move


def check(bundle: Bundle) -> None:
    """Make sure that a bundle can be loaded here and scores, before anybody depends on it."""
    load_bundle(bundle).score(_COMMENT, _ARTICLE)


def _number(manifest: Manifest, name: str) -> str:
    """Write a threshold, or that the attribute is not scored."""
    return f"{manifest.thresholds[name]:g}" if name in manifest.thresholds else "no score"
