"""What a challenger must not do worse if it is to replace the champion."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from model.attributes import REJECT
from model.bundling.manifest import Bundle
from training.evaluation.metrics import CAPACITY
from training.progress import Progress, silent
from training.promotion.compare import compare
from training.promotion.result import ALL_SETS, EVERY_KIND, Comparison, Difference
from training.promotion.samples import Evidence

Verdict = Literal["passed", "refused", "not enough evidence"]

#: Points that PR AUC and recall at a budget may fall.
QUALITY = 0.01
#: That a group's AUCs may fall.
IDENTITY = 0.02
#: By which the share of a group's harmless sentences that are flagged may rise more than that of the others', and
#: the share of the others' harmless sentences that are less likely to be removed than one of this group's.
FLAGGED_MORE, SINGLED_OUT = 0.1, 0.2
#: By which the share of harmless sentences that are flagged may rise.
HARMLESS = 0.03
#: By which an attack may lower abusive comments further.
EVASION = 0.02
#: Expected calibration error on comments as they come in.
CALIBRATION = 0.05
#: Share of the labels that contradict what the others teach.
LABEL_NOISE = 0.25
_HARMLESS = "harmless sentences"
_QUALITY_METRICS = {"pr_auc": "PR AUC", "recall_reviewed_0.1": "recall at 10 % reviewed"}


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing that was asked of the challenger.

    Attributes
    ----------
    name
        Such as `identity: Muslims`.
    verdict
        What came of it.
    difference
        By how much the challenger is worse (negative: better); the figure itself where there is no champion's.
    margin
        How much is allowed.
    sentence
        Which, by how much, and what was allowed.
    """

    name: str
    verdict: Verdict
    difference: float
    margin: float
    sentence: str


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether a challenger may take the champion's place; a person promotes."""

    champion: str
    challenger: str
    gates: tuple[Gate, ...]
    comparison: Comparison

    @property
    def passed(self) -> bool:
        """Whether no gate refused; what lacked evidence is for the person to weigh."""
        return not self.refused

    @property
    def refused(self) -> tuple[Gate, ...]:
        """The gates that refused."""
        return tuple(gate for gate in self.gates if gate.verdict == "refused")

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists and numbers, ready for JSON."""
        return {
            "champion": self.champion,
            "challenger": self.challenger,
            "passed": self.passed,
            "gates": [asdict(gate) for gate in self.gates],
            "comparison": self.comparison.to_dict(),
        }


def judge(
    champion: Bundle,
    challenger: Bundle,
    evidence: Evidence,
    *,
    capacity: float = CAPACITY,
    progress: Progress = silent,
) -> GateResult:
    """Compare two bundles, and hold the challenger against every gate; see `compare`."""
    for manifest in (champion.manifest, challenger.manifest):
        if evidence.labels is not None and manifest.training.get("labels") == evidence.labels.fingerprint:
            progress(f"Note: {manifest.version} has learnt from these very labels and will look better than it is.")
    comparison = compare(champion, challenger, evidence, capacity=capacity, progress=progress)
    training = challenger.manifest.training
    gates = (
        *_quality_gates(comparison.of("quality"), ""),
        *_quality_gates(comparison.of("news"), " below newspapers' articles"),
        *_quality_gates(comparison.of("labels"), " on your labels"),
        *_identity_gates(comparison.of("identity")),
        *_harmless_gates(comparison.of("harmless")),
        *_evasion_gates(comparison.of("attack")),
        *_calibration_gates([*comparison.of("quality"), *comparison.of("labels")]),
        *_noise_gates(training.get("label_noise")),
    )
    return GateResult(comparison.champion, comparison.challenger, gates, comparison)


def _worse(found: Difference, margin: float) -> bool:
    """Return whether it is worse by more than the margin, and not by chance."""
    return found.loss.value > margin and found.loss.low > 0


def _quality_gates(differences: Sequence[Difference], where: str) -> Iterator[Gate]:
    """Judge whether the challenger finds as much as the champion."""
    together = {d.subject for d in differences if d.sample == ALL_SETS}
    for found in differences:
        if found.metric not in _QUALITY_METRICS or (found.subject in together) != (found.sample == ALL_SETS):
            continue
        if not found.enough:
            verdict: Verdict = "not enough evidence"
        elif _worse(found, QUALITY):
            verdict = "refused"
        else:
            verdict = "passed" if found.loss.high < QUALITY else "not enough evidence"
        name = f"{_QUALITY_METRICS[found.metric]} of {found.subject}{where}"
        few = (
            ""
            if found.enough
            else f"; {found.positives} of {found.rows} are positive, {found.least} on either side are needed"
        )
        yield Gate(f"quality: {name}", verdict, found.loss.value, QUALITY, _sentence(name, found, QUALITY) + few + ".")


def _identity_gates(differences: Sequence[Difference]) -> Iterator[Gate]:
    """Judge whether comments that name a group of people are treated worse than before."""
    worst: dict[str, Difference] = {}
    for found in differences:
        if found.subject not in worst or _excess(found) > _excess(worst[found.subject]):
            worst[found.subject] = found
    ranked = sorted(worst.values(), key=_excess, reverse=True)
    bad = [found for found in ranked if _worse(found, _margin(found))]
    for found in bad or ranked[:1]:
        about = _GROUP_METRICS[found.metric].format(found.subject)
        said = _sentence(about, found, _margin(found)) + "."
        if bad:
            yield Gate(f"identity: {found.subject}", "refused", found.loss.value, _margin(found), said)
        else:
            said = f"None of {len(ranked)} groups of people lost. {said}"
            yield Gate("identity", "passed", found.loss.value, _margin(found), said)


def _margin(found: Difference) -> float:
    """Return how much a group of people may lose by this metric."""
    return {"flagged_more": FLAGGED_MORE, "singled_out": SINGLED_OUT}.get(found.metric, IDENTITY)


def _excess(found: Difference) -> float:
    """Return how far a loss is beyond its margin; what may be chance comes last."""
    return found.loss.value - _margin(found) if _worse(found, _margin(found)) else min(found.loss.value, 0.0) - 1


_GROUP_METRICS = {
    "bpsn_auc": "BPSN AUC of “{0}” (harmless comments that name them against abuse of others)",
    "bnsp_auc": "BNSP AUC of “{0}” (abuse of them against harmless comments about others)",
    "subgroup_auc": "AUC among comments that name “{0}”",
    "bpsn_auc_identity_attack": "BPSN AUC of “{0}” for identity_attack",
    "bnsp_auc_identity_attack": "BNSP AUC of “{0}” for identity_attack",
    "subgroup_auc_identity_attack": "AUC for identity_attack among comments that name “{0}”",
    "flagged_more": "Share of harmless sentences about “{0}” that are flagged, beyond that of other groups",
    "singled_out": "Share of harmless sentences about others that score lower than one about “{0}”",
}


def _harmless_gates(differences: Sequence[Difference]) -> Iterator[Gate]:
    """Judge whether more harmless sentences are flagged."""
    for found in differences:
        if found.subject != EVERY_KIND:
            continue
        is_worse = _worse(found, HARMLESS)
        if found.metric == "flagged":
            kinds = [d for d in differences if d.subject != EVERY_KIND and d.loss.value > 0]
            worst = max(kinds, key=lambda d: d.loss.value, default=None)
            more = f"; most of all “{worst.subject}” ({_points(worst)})" if worst else ""
            said = _sentence("Share of harmless sentences that are flagged as abuse", found, HARMLESS)
            yield Gate(_HARMLESS, "refused" if is_worse else "passed", found.loss.value, HARMLESS, f"{said}{more}.")
        elif is_worse:
            said = _sentence(f"Share of harmless sentences that {REJECT} flags", found, HARMLESS)
            said += ". House rules may remove what is no abuse: see what it flags before you promote it."
            yield Gate(f"{_HARMLESS}: {REJECT}", "not enough evidence", found.loss.value, HARMLESS, said)


def _evasion_gates(differences: Sequence[Difference]) -> Iterator[Gate]:
    """Judge whether disguised abuse is found as before."""
    bad = [found for found in differences if _worse(found, EVASION)]
    for found in bad or sorted(differences, key=lambda d: -d.loss.value)[:1]:
        about = f"What {found.subject} takes off the AUC of abusive comments"
        verdict: Verdict = "refused" if bad else "passed"
        name = f"robustness: {found.subject}" if bad else "robustness"
        yield Gate(name, verdict, found.loss.value, EVASION, _sentence(about, found, EVASION) + ".")


def _calibration_gates(differences: Sequence[Difference]) -> Iterator[Gate]:
    """Judge whether scores are still frequencies."""
    for found in differences:
        if found.metric != "ece":
            continue
        bad = found.challenger > CALIBRATION and found.loss.value > QUALITY
        about = f"Expected calibration error of {found.subject} on {found.sample}"
        name = f"calibration: {found.subject}, {found.sample}"
        sentence = (
            f"{about}: {found.champion:.3f} → {found.challenger:.3f}; it may be {CALIBRATION:g}, "
            "or what the champion's is."
        )
        yield Gate(name, "refused" if bad else "passed", found.challenger, CALIBRATION, sentence)


def _noise_gates(share: float | None) -> Iterator[Gate]:
    """Judge whether too many labels contradict each other."""
    if share is not None:
        allowed = f"{100 * LABEL_NOISE:.0f} % are allowed"
        said = f"About {100 * share:.0f} % of the labels contradict what the others teach; {allowed}."
        yield Gate("labels", "refused" if share > LABEL_NOISE else "passed", share, LABEL_NOISE, said)


def _sentence(about: str, found: Difference, margin: float) -> str:
    """Say what a figure was and is, with its interval and what is allowed."""
    return (
        f"{about}: {found.champion:.3f} → {found.challenger:.3f} ({_points(found)}, "
        f"95 % interval {100 * found.low:+.1f} to {100 * found.high:+.1f}; {100 * margin:.0f} allowed)"
    )


def _points(found: Difference) -> str:
    """Write a difference in percentage points."""
    return f"{100 * found.difference:+.1f} points"
