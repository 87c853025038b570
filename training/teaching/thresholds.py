"""Thresholds for what a newsroom keeps and removes."""

from collections.abc import Mapping
from dataclasses import replace

from model.attributes import ABUSE
from model.bundling.manifest import Manifest, OperatingPoint
from training.corpus.corpus import Corpus
from training.fitting.points import Judged, operating_points
from training.progress import Progress
from training.teaching.student import Student

#: Decisions on comments drawn at random, at least, on either side: fewer say too little of budgets below 1 %.
LEAST_KEPT, LEAST_REMOVED = 500, 10


def follow(manifest: Manifest, student: Student, labels: Corpus, progress: Progress) -> Mapping[str, OperatingPoint]:
    """Choose the abuse attributes' thresholds from a newsroom's decisions.

    Each operating point spends its budget on the comments that the newsroom
    kept, of those that were drawn at random: what came to be seen because it
    was flagged or reported is not like the others. With too few of them, the
    thresholds stay; replayed comments keep their scores, so they still hold.

    Parameters
    ----------
    manifest
        Of the bundle that was taught.
    student
        That bundle; its first N comments are the labels'.
    labels
        N labelled comments.
    progress
        Called with what was chosen, or why nothing was.

    Returns
    -------
    The operating points; other attributes keep their thresholds.
    """
    kept, removed = (labels.random & (labels.removed == side) for side in (0, 1))
    if kept.sum() < LEAST_KEPT or removed.sum() < LEAST_REMOVED:
        progress(
            f"the thresholds stay: choosing them takes {LEAST_KEPT} kept and {LEAST_REMOVED} removed comments "
            f"drawn at random, and there are {kept.sum()} and {removed.sum()}"
        )
        return manifest.operating_points
    drawn = kept | removed
    names = [name for name in ABUSE if name in student.heads.names]
    scores = {name: student.scores(name)[: len(labels)][drawn] for name in names}
    kind = f"the {kept.sum()} comments that this newsroom kept, of those drawn at random"
    judged = {name: Judged(scores[name], removed[drawn], kept[drawn], kind, "those it removed") for name in names}
    chosen = operating_points(judged, names)
    progress(f"thresholds: balanced {chosen['balanced'].sentence}")
    return {
        name: replace(
            chosen[name],
            thresholds={**point.thresholds, **chosen[name].thresholds},
            sentences={**point.sentences, **chosen[name].sentences},
        )
        for name, point in manifest.operating_points.items()
    }
