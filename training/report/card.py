"""The model card: Markdown with the front matter of the Hugging Face hub."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.attributes import BY_NAME
from model.bundling.manifest import Manifest
from training.evaluation.result import Evaluation
from training.report.table import Table
from training.report.tables import tables


@dataclass(frozen=True, slots=True)
class Source:
    """Where labels are from: what they are, their licence, and their id on the hub where there is one."""

    what: str
    licence: str
    hub: str | None = None


#: The sources of the shipped bundles' labels, as `Manifest.training` names them.
SOURCES: Mapping[str, Source] = {
    "jigsaw_wiki": Source(
        "Wikipedia talk pages, Jigsaw 2018", "labels CC0, text CC BY-SA 3.0", "google/jigsaw_toxicity_pred"
    ),
    "civil_toxic_spans_raw": Source(
        "news comments (Civil Comments), SemEval-2021 Task 5", "CC0", "google/civil_comments"
    ),
    "civil_weak_aayan": Source("news comments (Civil Comments), weak labels", "MIT, text CC0"),
    "davidson": Source("tweets, Davidson et al. 2017", "MIT", "tdavidson/hate_speech_offensive"),
    "hatexplain": Source("Twitter and Gab, Mathew et al. 2021", "MIT", "Hate-speech-CNERG/hatexplain"),
    "edos": Source("Reddit and Gab, sexism, SemEval-2023 Task 10", "CC0"),
    "reddit_misogyny": Source("Reddit, Guest et al. 2021", "MIT"),
    "hatemojibuild": Source("adversarial emoji, Kirk et al. 2022", "CC BY 4.0", "HannahRoseKirk/HatemojiBuild"),
    "counterfactual": Source("sentences of our own, made from templates", "Apache-2.0"),
    "newspaper_sentences": Source("sentences of our own, written one by one", "Apache-2.0"),
    "newspaper_articles": Source("comments below articles of our own, written one by one", "Apache-2.0"),
    "house": Source("comments written for this project in the manner of a newspaper's", "Apache-2.0"),
    "annotated": Source(
        "Civil Comments and comments of the New York Times, labelled anew with our guide", "Civil Comments: CC0"
    ),
    "new_york": Source(
        "comments below the New York Times as they came, labelled by us with the same guide",
        "labels Apache-2.0 (`training/data/nyt_abuse.csv`)",
    ),
    "relabelled": Source(
        "further comments of the public sources, most of them Civil Comments, and of the forum of SemEval-2016 Task 3, "
        "labelled anew by us with the same guide",
        "text as its source has it, labels Apache-2.0 (`training/data/civil_labels.csv`, `doubtful_abuse.csv`)",
    ),
}


def model_card(measured: Sequence[tuple[Manifest, Evaluation]]) -> str:
    """Write the card of one or several bundles, from what was measured of them."""
    parts = [_front_matter(measured), _INTRODUCTION, _attributes(measured), _USE, _training(measured)]
    for manifest, evaluation in measured:
        parts.append(
            f"## Figures: the {manifest.tier} bundle\n\n"
            f"Version {manifest.version}, measured on {evaluation.data}, at most {evaluation.limit} comments of each "
            f"set, with `python -m training evaluate --bundle {manifest.tier} --n {evaluation.limit}`."
        )
        parts += [table.markdown() for table in tables(evaluation)]
    parts += [_perspective(measured), _errors()]
    return "\n\n".join([*(part for part in parts if part), _CREDITS]) + "\n"


def _front_matter(measured: Sequence[tuple[Manifest, Evaluation]]) -> str:
    """Write the YAML that the Hugging Face hub reads, with the results in its model-index."""
    hub = sorted({SOURCES[name].hub or "" for manifest, _ in measured for name in _rows(manifest) if name in SOURCES})
    lines = [
        "---",
        "license: apache-2.0",
        "language: [en]",
        "library_name: belowline",
        "pipeline_tag: text-classification",
        "tags: [moderation, toxicity, relevance, comments, news, calibrated, onnx, scikit-learn]",
        "base_model: sentence-transformers/all-MiniLM-L6-v2",
        f"datasets: {json.dumps([name for name in hub if name])}",
        "metrics: [roc_auc, average_precision, recall]",
        "model-index:",
    ]
    for manifest, evaluation in measured:
        lines += [f"- name: {json.dumps(f'belowline-{manifest.tier}')}", "  results:", *_results(evaluation)]
    return "\n".join([*lines, "---"])


def _results(evaluation: Evaluation) -> Iterator[str]:
    """Yield the lines of the model-index for one bundle."""
    for c in evaluation.clear_cases:
        recalls = [
            ("recall", f"found where {100 * float(share):.0f} % of the others are flagged", found)
            for share, found in c.found.items()
        ]
        yield from _result(c.attribute, c.dataset, "clear cases", [("roc_auc", "ROC AUC", c.roc_auc), *recalls])
    for d in evaluation.detections:
        figures = [("roc_auc", "ROC AUC", d.roc_auc), ("pr_auc", "PR AUC at natural prevalence", d.pr_auc)]
        yield from _result(d.attribute, d.dataset, d.column, figures)


def _result(attribute: str, dataset: str, labels: str, figures: Sequence[tuple[str, str, float]]) -> Iterator[str]:
    """Yield the model-index's lines for one attribute on one set."""
    yield f"  - task: {{type: text-classification, name: {json.dumps(attribute)}}}"
    yield f"    dataset: {{type: {json.dumps(dataset)}, name: {json.dumps(f'{dataset}, {labels}')}}}"
    yield "    metrics:"
    for kind, name, value in figures:
        yield f"    - {{type: {kind}, name: {json.dumps(name)}, value: {value:.4f}}}"


def _attributes(measured: Sequence[tuple[Manifest, Evaluation]]) -> str:
    """Write what is scored, and at which thresholds it is flagged."""
    names = dict.fromkeys(name for manifest, _ in measured for name in manifest.attributes)
    lines = ["## What is scored", "", *(f"- `{name}`: {BY_NAME[name].definition}" for name in names)]
    lines += ["", "A newsroom chooses how much is flagged; `balanced` is in force until it does:", ""]
    for manifest, _ in measured:
        lines += [f"- {manifest.tier}, `{name}`: {point.sentence}" for name, point in manifest.operating_points.items()]
    lines += ["", "A comment is flagged at or above these thresholds:", ""]
    for manifest, _ in measured:
        for name, threshold in manifest.thresholds.items():
            sentence = manifest.operating_points["balanced"].sentences.get(name, "")
            lines.append(f"- {manifest.tier}, `{name}` ≥ {threshold}: {sentence}")
    return "\n".join(lines)


def _training(measured: Sequence[tuple[Manifest, Evaluation]]) -> str:
    """Write which sources of labels the bundles were fitted to."""
    lines = ["## What it was fitted to", ""]
    for name in dict.fromkeys(name for manifest, _ in measured for name in _rows(manifest)):
        source = SOURCES.get(name)
        counts = ", ".join(f"{_rows(m)[name]} rows ({m.tier})" for m, _ in measured if name in _rows(m))
        about = f"{source.what}; {source.licence}; " if source else "a newsroom's own labels; "
        lines.append(f"- `{name}`: {about}{counts}")
    lines += [
        "",
        (
            "The labels of `house`, `annotated` and our own sentences were given by language models, with one guide "
            "and with care: a second reader who did not see them agreed (abuse: ROC AUC 1.00 on the sealed part, "
            "relevance: Spearman .87). The readers of `relabelled` labelled 1,104 comments of `annotated` too, which "
            "were left out afterwards, and agreed (toxicity: Spearman .93, ROC AUC .96); those of `new_york` had 160 "
            "of them between theirs, and agreed too (Spearman .96, ROC AUC 1.00). 1,100 more, most of them long, were "
            "labelled because a bundle of ours doubted that they were civil (Spearman .88 with 120 known ones between "
            "them). All who write in `house` and in our own sentences are invented, and so are private persons there; "
            "arguments name public figures and events."
        ),
        "",
        (
            "Relevance was fitted to comments of the New York Times (Room for Debate, CommentIQ) and to SemEval-2016 "
            "Task 3 with their articles, and articles of the Fake News Challenge. No text of any of these is in the "
            "bundles; sources whose licence does not let a commercially usable model be trained were left out. No "
            "pair of `nyt_dev` was learnt; an early training of the encoder read comments of it, without their labels."
        ),
        *_below_articles(measured),
    ]
    return "\n".join(lines)


def _below_articles(measured: Sequence[tuple[Manifest, Evaluation]]) -> list[str]:
    """Write which comments relevance was fitted to, of bundles that say so."""
    counts = [
        f"{', '.join(f'{name} {count}' for name, count in below.items())} ({manifest.tier})"
        for manifest, _ in measured
        if (below := manifest.training.get("below_articles"))
    ]
    if not counts:
        return []
    return [
        "",
        (
            f"Comments below articles that relevance was fitted to: {'; '.join(counts)}. `newspaper_articles` were "
            "written, articles and all, by language models, and the measured ones by six of them of whom nothing was "
            "learnt. Second readers who did not see the writers' figures judged all of these and 2,400 of the others, "
            "and agreed (relevance: Spearman .92 to .95; toxicity: .92, ROC AUC 1.00); the mean of both counts."
        ),
    ]


def _perspective(measured: Sequence[tuple[Manifest, Evaluation]]) -> str:
    """Show which flags change for a client of the Perspective API; nothing where no bundle has its scale."""
    rows = [
        (manifest.tier, name, *map(changed_flags, of["above"].values()))
        for manifest, _ in measured
        for name, of in manifest.training.get("perspective", {}).items()
    ]
    if not rows:
        return ""
    table = Table(
        "Which flags change for a client of the Perspective API",
        _VINTAGE,
        ("bundle", "attribute", *(f"score ≥ {score}" for score in ("0.7", "0.8", "0.9"))),
        tuple(rows),
    )
    return table.markdown(2)


def changed_flags(counts: Mapping[str, int]) -> str:
    """Say how many comments another scorer flags and which share of these is lost; how many we do, and what is new."""
    both, theirs, ours = counts["both"], counts["theirs_only"], counts["ours_only"]
    lost, won = (f"{100 * some / (both + some):.0f} %" if both + some else "–" for some in (theirs, ours))
    return f"{both + theirs}: {lost} lost; {both + ours}: {won} new"


def _errors() -> str:
    """Show of which kinds the worst errors are, as they were read by hand."""
    found = json.loads(_ERRORS.read_text(encoding="utf-8"))
    rows = tuple(
        (one["side"], one["kind"], str(one["house_dev"]), str(one["civil_dev"]), one["example"])
        for one in found["kinds"]
    )
    columns = ("error", "kind", "house_dev", "civil_dev", "such as (house_dev)")
    table = Table("A hundred errors", f"{found['about']} Bundle {found['bundle']}.", columns, rows)
    return "\n".join([table.markdown(2), "", *(f"- {finding}" for finding in found["findings"])])


def _rows(manifest: Manifest) -> Mapping[str, int]:
    """Return how many rows of each source a bundle was fitted to."""
    rows: Mapping[str, int] = manifest.training.get("rows", {})
    return rows


#: What was read by hand; comments of public sets are not quoted.
_ERRORS = Path(__file__).parents[1] / "data" / "hundred_errors.json"

_VINTAGE = (
    "Scores are mapped to that API's scale so that its users' thresholds keep their meaning. The scale is fitted to "
    "800 Wikipedia comments with recorded scores of an early vintage of its models: `TOXICITY@6`, `SEVERE_TOXICITY@2` "
    "and the others of their time, which gave the median comment .22 for threat. Later models of the API may score "
    "otherwise, so replay your own recorded scores if you have any. For each threshold: how many comments the API "
    "flagged, and the share of these flags that is lost; how many we flag, and the share of these that is new. Each "
    "comment is on a scale that was fitted without it."
)

_INTRODUCTION = """\
# Belowline's bundles

They score comments below newspaper articles, for abuse and for relevance to the article, as calibrated
probabilities, with the words that made each score. Two tiers ship: `accurate` reads a comment with a small sentence
encoder (int8 ONNX) and hashed n-grams; `fast` with n-grams and static token embeddings. Both run on a CPU, offline.

```python
from model import Article, Comment, load_bundle

scorer = load_bundle()
scores = scorer.score(Comment(text="..."), article=Article(title="..."))
```"""

_USE = """\
## What it is for, and what not

**For**: telling human moderators which comments to look at first, and why. A score is a reason to look, not a
verdict.

**Not for**: removing, hiding or rejecting comments, or banning their authors, without a person's decision; judging
people rather than comments; finding crimes, illness or age; texts other than readers' comments; languages other
than English.

**Limits**: irony, allusion, and abuse that needs knowledge of the world or of the thread are missed. Labels are
opinions of raters, most of them North American, on other platforms and in other years. Comments in dialects, and
comments in which people speak of their own identity, are often scored higher than they should be: the tables
on unintended bias and on false alarms say how much. Whoever means to get past it will: the table on
robustness knows the attacks that we thought of. A threshold holds for a newspaper with the share of abuse that is
named with it; look at your own precision, and retrain with your own decisions."""

_CREDITS = """\
## Credits

- The encoder was fine-tuned from [all-MiniLM-L6-v2](https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2)
  (Apache-2.0) of sentence-transformers (Nils Reimers, Iryna Gurevych and contributors), which builds on MiniLM
  (Microsoft, MIT).
- Its teacher of abuse was fine-tuned from
  [all-mpnet-base-v2](https://huggingface.co/sentence-transformers/all-mpnet-base-v2) (Apache-2.0) of
  sentence-transformers; none of its weights are shipped.
- Static embeddings are made in the way of [model2vec](https://github.com/MinishLab/model2vec) (MIT).
- Unintended bias is measured as in Dixon et al. 2018 and Borkan et al. 2019, spans as in SemEval-2021 Task 5."""
