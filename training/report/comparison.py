"""A comparison as people read it: tables in the terminal, and a page with plots."""

from collections.abc import Sequence

from training.promotion.gates import GateResult
from training.promotion.result import ALL_SETS, EVERY_KIND, LABELLED, Comparison, Difference, Kind
from training.report.html import page
from training.report.plots import interval_plot
from training.report.table import Table

_METRICS = {
    "pr_auc": "PR AUC",
    "roc_auc": "ROC AUC",
    "recall_reviewed_0.05": "recall, 5 % reviewed",
    "recall_reviewed_0.1": "recall, 10 % reviewed",
    "recall_reviewed_0.2": "recall, 20 % reviewed",
    "precision_capacity": "precision at capacity",
    "precision": "precision at the threshold",
    "recall": "recall at the threshold",
    "ece": "calibration error",
    "subgroup_auc": "subgroup AUC",
    "bpsn_auc": "BPSN AUC",
    "bnsp_auc": "BNSP AUC",
    "subgroup_auc_identity_attack": "subgroup AUC, identity_attack",
    "bpsn_auc_identity_attack": "BPSN AUC, identity_attack",
    "bnsp_auc_identity_attack": "BNSP AUC, identity_attack",
    "flagged_more": "flagged, beyond other groups",
    "singled_out": "others that score lower",
    "flagged": "flagged",
    "flagged_by_verdict": "flagged by likely_to_reject",
    "evasion_drop": "AUC that it takes off",
}
_COLUMNS = ("comments", "of", "metric", "champion", "challenger", "difference", "95 % interval", "rows", "verdict")
#: Groups and kinds that are shown in the terminal; the JSON and the page have all.
_MOST = 8


def gate_table(judgement: GateResult) -> Table:
    """Show what each gate said, refusals first."""
    order = ("refused", "not enough evidence", "passed")
    gates = sorted(judgement.gates, key=lambda gate: order.index(gate.verdict))
    return Table(
        f"Gates: {'passed' if judgement.passed else 'refused'}",
        "What the challenger must not be worse at. Where evidence is lacking, a person decides.",
        ("gate", "verdict", "why"),
        tuple((gate.name, gate.verdict, gate.sentence) for gate in gates),
    )


def comparison_tables(comparison: Comparison, *, everything: bool) -> list[Table]:
    """Show the differences, a table for each kind of question; the worst of the long ones unless `everything`."""
    quality = comparison.of("quality")
    together = {d.subject for d in quality if d.sample == ALL_SETS}
    if not everything:
        quality = [d for d in quality if (d.subject in together) == (d.sample == ALL_SETS) or d.metric == "ece"]
    of_groups = sorted(comparison.of("identity"), key=lambda d: -d.loss.value)
    harmless = comparison.of("harmless")
    kinds = sorted((d for d in harmless if d.subject != EVERY_KIND), key=lambda d: -d.loss.value)
    most = None if everything else _MOST
    groups = len({d.subject for d in of_groups})
    tables = (
        _table(
            "Quality",
            "At the share of positives in nature. “All sets” is the mean, weighted by positives; a capacity of "
            f"{100 * comparison.capacity:g} % of all comments can be read.",
            quality,
        ),
        _table(
            "Below newspapers' articles",
            "Comments that were labelled with care, without the doubtful ones, at the share of positives in nature.",
            comparison.of("news"),
        ),
        _table("Your labels", "At the share of positives that they have, or nature's.", comparison.of("labels")),
        _table(f"Identity: the worst of {groups} groups", "Sentences that name people.", of_groups[:most]),
        _table(
            "Harmless sentences",
            "The share that is flagged as abuse.",
            [*(d for d in harmless if d.subject == EVERY_KIND), *kinds[:most]],
        ),
        _table(
            "Robustness",
            "By how much an attack on every word lowers abusive comments among harmless ones.",
            comparison.of("attack"),
        ),
    )
    return [table for table in tables if table.rows]


def comparison_text(judgement: GateResult) -> str:
    """Return the whole comparison for a terminal."""
    comparison = judgement.comparison
    gates = "\n".join(f"- {gate.verdict}: {gate.sentence}" for gate in judgement.gates if gate.verdict != "passed")
    passed = sum(gate.verdict == "passed" for gate in judgement.gates)
    parts = [
        _heading(comparison),
        *(table.markdown(2) for table in comparison_tables(comparison, everything=False)),
        f"## Gates: {'passed' if judgement.passed else 'refused'}\n\n{passed} of {len(judgement.gates)} gates passed.",
        gates,
    ]
    return "\n\n".join(part for part in parts if part)


def comparison_html(judgement: GateResult) -> str:
    """Return the whole comparison as a page with plots, which needs nothing from the network."""
    comparison = judgement.comparison
    kinds: tuple[tuple[Kind, str], ...] = (
        ("quality", "PR AUC"),
        ("news", "PR AUC below newspapers' articles"),
        ("labels", "PR AUC on your labels"),
    )
    plots = []
    for kind, caption in kinds:
        shown = [d for d in comparison.of(kind) if d.metric == "pr_auc"]
        if shown:
            bars = [(f"{d.subject}, {d.sample}", d.difference, d.low, d.high) for d in shown]
            plots.append((f"{caption}: challenger - champion, 95 % interval", interval_plot(caption, bars)))
    tables = [gate_table(judgement), *comparison_tables(comparison, everything=True)]
    return page("Champion and challenger", _heading(comparison).lstrip("# "), plots, tables)


def _heading(comparison: Comparison) -> str:
    """Write the title of a comparison of champion and challenger."""
    first, second = comparison.per_second
    return (
        f"# {comparison.challenger} against {comparison.champion}, on {comparison.data}: "
        f"{comparison.comments} comments, {second:.0f} and {first:.0f} a second"
    )


def _table(title: str, note: str, differences: Sequence[Difference]) -> Table:
    """Return a table of differences between champion and challenger."""
    return Table(title, note, _COLUMNS, tuple(map(_row, differences)))


def _row(found: Difference) -> tuple[str, ...]:
    """Return a difference between champion and challenger as a row."""
    return (
        found.sample,
        found.subject,
        _METRICS[found.metric],
        f"{found.champion:.3f}",
        f"{found.challenger:.3f}",
        f"{found.difference:+.3f}",
        f"{found.low:+.3f} to {found.high:+.3f}",
        f"{found.rows} ({found.positives})" if found.kind in LABELLED else str(found.rows),
        found.verdict,
    )
