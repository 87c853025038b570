"""An evaluation as tables: the same ones in the terminal, the card and the report."""

from collections.abc import Collection, Iterator

from training.evaluation.fairness import Bias
from training.evaluation.result import Evaluation
from training.evaluation.sentences.functions import EXPECTED, KINDS, accuracy
from training.report.table import Table

#: Identity terms that are shown; the JSON has all.
_WORST_TERMS = 8
_DETECTION = ("set", "label", "rows", "in nature, %", "ROC AUC", "PR AUC", "threshold", "precision", "recall")


def tables(evaluation: Evaluation) -> list[Table]:
    """Return a table for each thing that was measured."""
    return [
        table
        for table in (
            _clear_cases(evaluation),
            _detection(evaluation),
            _relevance(evaluation),
            _spans(evaluation),
            _agreement(evaluation),
            *map(_bias, evaluation.bias),
            _robustness(evaluation),
            _hidden(evaluation),
            _lengths(evaluation),
            _benign(evaluation),
            _functions(evaluation),
            _calibration(evaluation),
            _speed(evaluation),
        )
        if table.rows
    ]


def _clear_cases(evaluation: Evaluation) -> Table:
    """Return the table of how well clear cases are found."""
    cases = evaluation.clear_cases
    shares = tuple(f"found, {100 * float(share):.0f} % flagged" for share in (cases[0].found if cases else ()))
    return Table(
        "Clear cases",
        "Comments that were labelled with care, without the doubtful ones: the share that is found of those that "
        "clearly are abusive (or off topic), where so many of those that clearly are not are flagged with them; "
        "± is the standard error at 5 %.",
        ("set", "attribute", "yes", "no", "ROC AUC", *shares, "±"),
        tuple(
            (
                c.dataset,
                c.attribute,
                str(c.positives),
                str(c.negatives),
                f"{c.roc_auc:.3f}",
                *(f"{share:.3f}" for share in c.found.values()),
                f"{c.standard_error:.3f}",
            )
            for c in cases
        ),
    )


def _detection(evaluation: Evaluation) -> Table:
    """Return the table of how well each attribute is detected."""

    def rows() -> Iterator[tuple[str, ...]]:
        for d in evaluation.detections:
            at = d.at_threshold
            yield (
                d.dataset,
                d.column if d.column == d.attribute else f"{d.column} ({d.attribute})",
                str(d.rows),
                f"{100 * d.prevalence:.1f}",
                f"{d.roc_auc:.4f}",
                f"{d.pr_auc:.3f}",
                f"{at.threshold:.3f}" if at else "–",
                _number(at.precision if at else None),
                _number(at.recall if at else None),
                *(_number(recall) for recall in d.recall_reviewed.values()),
                f"{d.precision_capacity:.3f}",
                f"{d.calibration.error:.4f}",
            )

    reviewed = tuple(
        f"recall, {100 * float(share):.0f} % reviewed"
        for share in (evaluation.detections[0].recall_reviewed if evaluation.detections else ())
    )
    capacity = evaluation.detections[0].capacity if evaluation.detections else 0.0
    return Table(
        "Detection",
        "All but ROC AUC is rescaled to the share of positives in nature (the column “in nature, %”); "
        "ECE is the expected calibration error.",
        (*_DETECTION, *reviewed, f"precision, {100 * capacity:g} % reviewed", "ECE"),
        tuple(rows()),
    )


def _relevance(evaluation: Evaluation) -> Table:
    """Return the table of how well comments find their own article."""
    found = evaluation.relevance
    rows: list[tuple[str, ...]] = [
        (r.source, str(r.comments), f"{r.random_auc:.4f}", f"{r.similar_auc:.4f}") for r in found
    ]
    if found:
        means = [
            sum(values) / len(found) for values in zip(*((r.random_auc, r.similar_auc) for r in found), strict=True)
        ]
        rows.append(("mean", str(sum(r.comments for r in found)), *(f"{mean:.4f}" for mean in means)))
    return Table(
        "Relevance",
        "ROC AUC: how often a comment is found nearer to its own article than to a random one of the same source, "
        "and than to the most similar one.",
        ("source", "comments", "random article", "most similar article"),
        tuple(rows),
    )


def _spans(evaluation: Evaluation) -> Table:
    """Return the table of how well marked words agree with raters'."""
    rows = [(f"character F1, {s.dataset}", str(s.rows), f"{100 * s.f1:.2f} %") for s in evaluation.spans]
    if (faithful := evaluation.faithfulness) is not None:
        rows += [
            ("mean toxicity of abusive comments", str(faithful.rows), f"{faithful.score:.3f}"),
            ("drop without the spans", str(faithful.rows), f"{faithful.drop:.3f}"),
            ("drop without as many random words", str(faithful.rows), f"{faithful.random_drop:.3f}"),
        ]
    return Table(
        "Spans",
        "Agreement with the characters that raters marked (SemEval-2021 Task 5), and whether the score falls when "
        "what is shown is taken out.",
        ("what", "rows", "figure"),
        tuple(rows),
    )


def _agreement(evaluation: Evaluation) -> Table:
    """Return the table of agreement with another scorer."""
    return Table(
        "Agreement with another scorer",
        "Spearman's rank correlation with its scores, on comments without a human label.",
        ("set", "its score", "rows", "correlation"),
        tuple((a.dataset, a.column, str(a.rows), f"{a.spearman:.4f}") for a in evaluation.agreement),
    )


def _bias(bias: Bias) -> Table:
    """Return the table of unintended bias against identity terms, the worst first."""
    worst = bias.worst
    shown = f"The {_WORST_TERMS} worst of {len(bias.terms)} terms." if len(bias.terms) > _WORST_TERMS else ""
    named = f"The worst subgroup is “{worst.term}” (BPSN {_number(worst.bpsn_auc)}). " if worst else ""
    return Table(
        f"Unintended bias, {bias.dataset}",
        f"{named}BPSN: benign comments that name the term against abusive ones that do not; BNSP: abusive comments "
        f"that name it against benign ones that do not. {shown}".rstrip(),
        ("term", "rows", "subgroup AUC", "BPSN AUC", "BNSP AUC"),
        tuple(
            (t.term, str(t.rows), _number(t.subgroup_auc), _number(t.bpsn_auc), _number(t.bnsp_auc))
            for t in bias.terms[:_WORST_TERMS]
        ),
    )


def _robustness(evaluation: Evaluation) -> Table:
    """Return the table of what attacks leave of a score."""
    return Table(
        "Robustness",
        "What an attack on every word leaves of the toxicity of abusive comments: the median of the score after it "
        "by the score before, and the share of flagged comments that stay flagged.",
        ("attack", "rows", "score kept", "still flagged"),
        tuple(
            (r.attack.replace("_", " "), str(r.rows), f"{r.kept:.3f}", _number(r.still_flagged))
            for r in evaluation.robustness
        ),
    )


def _hidden(evaluation: Evaluation) -> Table:
    """Return the table of what is found inside long comments."""
    return Table(
        "Abuse inside long comments",
        "Abusive comments that are flagged alone, put at the beginning, in the middle and at the end of civil ones: "
        "the share that keeps at least four fifths of its toxicity, the share that is still flagged for it, and the "
        "share of the civil texts that is flagged without them.",
        ("civil words", "texts", "score kept", "still flagged", "flagged without"),
        tuple(
            (str(h.words), str(h.rows), f"{h.kept:.3f}", f"{h.still_flagged:.3f}", f"{h.civil_flagged:.3f}")
            for h in evaluation.hidden
        ),
    )


def _lengths(evaluation: Evaluation) -> Table:
    """Return the table of how often short and long civil comments are flagged."""

    def share(rows: int, flagged: float | None) -> tuple[str, str]:
        return str(rows), "–" if flagged is None else f"{100 * flagged:.1f} %"

    return Table(
        "Civil comments, short and long",
        "Comments that clearly are civil, and the share that any abuse attribute flags: of up to 600 characters, "
        "and of more. `new_york` are comments below the New York Times as they came: nothing is fitted to them, and by "
        "the others the thresholds are chosen.",
        ("set", "short", "flagged", "long", "flagged"),
        tuple(
            (c.dataset, *share(c.short, c.short_flagged), *share(c.long, c.long_flagged)) for c in evaluation.lengths
        ),
    )


def _benign(evaluation: Evaluation) -> Table:
    """Return the table of false alarms about harmless sentences."""
    return Table(
        "False alarms",
        "Harmless sentences of our own that hold alarming words; nothing is fitted to them.",
        ("kind", "sentences", "flagged", "mean toxicity"),
        tuple((b.kind, str(b.rows), f"{100 * b.flagged:.0f} %", f"{b.mean_toxicity:.3f}") for b in evaluation.benign),
    )


def _functions(evaluation: Evaluation) -> Table:
    """Return the table of what each function of language gets flagged."""
    found = evaluation.functions
    attributes = [name for name in EXPECTED if found and name in found[0].flagged]

    def right(kinds: Collection[str]) -> str:
        of_kinds = [f for f in found if f.kind in kinds]
        return ", ".join(f"{100 * accuracy(of_kinds, name):.0f} % by {name}" for name in attributes)

    return Table(
        "What each function of language does",
        "Sentences of our own; nothing is fitted to them. For each attribute: whether these sentences should be "
        "flagged for it, and the share that is; last, the share that any attribute flags, profanity too. "
        f"As expected: {right(KINDS)}; of hate and what is near it {right(KINDS[:2])}.",
        ("function", "kind", "sentences", *(c for name in attributes for c in (name, "flagged")), "flagged at all"),
        tuple(
            (
                f.name,
                f.kind,
                str(f.rows),
                *(c for n in attributes for c in ("yes" if f.expected[n] else "no", f"{100 * f.flagged[n]:.0f} %")),
                f"{100 * f.at_all:.0f} %",
            )
            for f in found
        ),
    )


def _calibration(evaluation: Evaluation) -> Table:
    """Return the table of how well scores are calibrated."""
    return Table(
        "Calibration on comments as they come in",
        "Where abuse was not looked for, a score should be a frequency: the expected calibration error, and mean score "
        "and share that is so among the highest tenth of the scale that has comments.",
        ("set", "label", "rows", "positives", "ECE", "highest scores", "share that is so"),
        tuple(
            (
                d.dataset,
                d.column if d.column == d.attribute else f"{d.column} ({d.attribute})",
                str(d.rows),
                str(d.positives),
                f"{d.calibration.error:.4f}",
                f"{d.calibration.bins[-1].score:.3f}",
                f"{d.calibration.bins[-1].truth:.3f}",
            )
            for d in evaluation.detections
            if d.natural
        ),
    )


def _speed(evaluation: Evaluation) -> Table:
    """Return the table of how fast it scores."""
    speed = evaluation.speed
    rows = [(str(speed.comments), f"{speed.characters:.0f}", f"{speed.per_second:.0f}")] if speed else []
    return Table(
        "Speed",
        "On the machine that measured, beside whatever else it did; spans and relevance left out.",
        ("comments", "characters, mean", "comments a second"),
        tuple(rows),
    )


def _number(value: float | None) -> str:
    """Write a figure that may be missing."""
    return "–" if value is None else f"{value:.3f}"
