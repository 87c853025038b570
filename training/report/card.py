"""The model card: Markdown with the front matter of the Hugging Face hub."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from model.attributes import BY_NAME
from model.bundling.manifest import Manifest
from training.evaluation.result import Evaluation
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
    "house": Source("comments written for this project in the manner of a newspaper's", "Apache-2.0"),
    "annotated": Source(
        "Civil Comments and comments of the New York Times, labelled anew with our guide", "Civil Comments: CC0"
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
    return "\n\n".join([*parts, _CREDITS]) + "\n"


def _front_matter(measured: Sequence[tuple[Manifest, Evaluation]]) -> str:
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
    yield f"  - task: {{type: text-classification, name: {json.dumps(attribute)}}}"
    yield f"    dataset: {{type: {json.dumps(dataset)}, name: {json.dumps(f'{dataset}, {labels}')}}}"
    yield "    metrics:"
    for kind, name, value in figures:
        yield f"    - {{type: {kind}, name: {json.dumps(name)}, value: {value:.4f}}}"


def _attributes(measured: Sequence[tuple[Manifest, Evaluation]]) -> str:
    names = dict.fromkeys(name for manifest, _ in measured for name in manifest.attributes)
    lines = ["## What is scored", "", *(f"- `{name}`: {BY_NAME[name].definition}" for name in names)]
    lines += ["", "A comment is flagged at or above these thresholds:", ""]
    for manifest, _ in measured:
        for name, threshold in manifest.thresholds.items():
            point = manifest.operating_points.get(name, "")
            lines.append(f"- {manifest.tier}, `{name}` ≥ {threshold}: {point}")
    return "\n".join(lines)


def _training(measured: Sequence[tuple[Manifest, Evaluation]]) -> str:
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
            "relevance: Spearman .87). All people in `house` are invented."
        ),
        "",
        (
            "Relevance was fitted to comments of the New York Times (Room for Debate, CommentIQ) and to SemEval-2016 "
            "Task 3 with their articles, and articles of the Fake News Challenge. No text of any of these is in the "
            "bundles; sources whose licence does not let a commercially usable model be trained were left out."
        ),
    ]
    return "\n".join(lines)


def _rows(manifest: Manifest) -> Mapping[str, int]:
    rows: Mapping[str, int] = manifest.training.get("rows", {})
    return rows


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
