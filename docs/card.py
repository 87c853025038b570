"""What the cog block of README.md calls: the figures of MODEL_CARD.md that matter most, a row each.

Where the card's front matter has a figure, it is read there; what the hub has
no metric for, in the card's tables.
"""

import re
from collections.abc import Callable
from pathlib import Path

import cog
import yaml

CARD = Path(__file__).resolve().parent.parent / "MODEL_CARD.md"
TIERS = ("accurate", "fast")
#: Attacks after which a comment is read as it was meant.
UNDONE = ("leet", "homoglyph", "zero width", "spacing", "stretching")


class Figures:
    """The card's figures of one bundle."""

    def __init__(self, tier: str) -> None:
        _, front_matter, body = CARD.read_text(encoding="utf-8").split("---\n", 2)
        (index,) = (one for one in yaml.safe_load(front_matter)["model-index"] if one["name"] == f"belowline-{tier}")
        self._results = {
            (result["task"]["name"], result["dataset"]["name"]): {
                metric["name"]: metric["value"] for metric in result["metrics"]
            }
            for result in index["results"]
        }
        (self._tables,) = re.findall(rf"^## Figures: the {tier} bundle$(.*?)^## ", body, re.MULTILINE | re.DOTALL)

    def auc(self, attribute: str, labels: str) -> str:
        """Return an attribute's ROC AUC, by the labels of a set."""
        return three_places(self._results[attribute, labels]["ROC AUC"])

    def found(self, attribute: str, labels: str, percent: int) -> str:
        """Return the share that is found where so many of the others are flagged."""
        return per_cent(self._results[attribute, labels][f"found where {percent} % of the others are flagged"])

    def cell(self, title: str, *row: str, column: str) -> float:
        """Return a cell of the table with this title, from the row that begins so."""
        (table,) = re.findall(rf"^### {title}$.*?^(\|.*?)\n\n", self._tables, re.MULTILINE | re.DOTALL)
        names, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines())
        (found,) = (cells for cells in rows if tuple(cells[: len(row)]) == row)
        return float(found[names.index(column)].removesuffix("%"))


def three_places(figure: float) -> str:
    """Write a figure between 0 and 1 as `.974`."""
    return f"{figure:.3f}".removeprefix("0")


def per_cent(share: float) -> str:
    """Write a share as `86 %`."""
    return f"{100 * share:.0f} %"


HOUSE, CIVIL, OURS = (f"{name}, clear cases" for name in ("house_dev", "civil_dev", "newspaper_articles"))
ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    (
        "abuse below a newspaper's articles; found where 5 % of civil comments are flagged",
        lambda of: f"{of.auc('toxicity', HOUSE)}; {of.found('toxicity', HOUSE, 5)}",
    ),
    (
        "the same by writers of whom nothing is learnt, who were asked for what programs miss and mistake",
        lambda of: f"{of.auc('toxicity', OURS)}; {of.found('toxicity', OURS, 5)}",
    ),
    (
        "abuse in real news comments; found where 5 % are flagged, 2 %",
        lambda of: f"{of.auc('toxicity', CIVIL)}; {of.found('toxicity', CIVIL, 5)}, {of.found('toxicity', CIVIL, 2)}",
    ),
    (
        "off topic below a newspaper's articles; found where 5 % are flagged",
        lambda of: f"{of.auc('off_topic', HOUSE)}; {of.found('off_topic', HOUSE, 5)}",
    ),
    (
        "hostile comments in a newspaper it was not trained on",
        lambda of: of.auc("toxicity", "ucc_val, hostile_label"),
    ),
    (
        "the comment's own article against a random one, against the most similar one",
        lambda of: ", ".join(
            three_places(of.cell("Relevance", "mean", column=f"{other} article"))
            for other in ("random", "most similar")
        ),
    ),
    (
        "characters raters marked as abusive, F1",
        lambda of: f"{of.cell('Spans', 'character F1, civil_spans_trial', column='figure'):.0f} %",
    ),
    (
        "expected calibration error of toxicity, Wikipedia comments as they come",
        lambda of: three_places(
            of.cell("Calibration on comments as they come in", "wiki_test", "toxicity", column="ECE")
        ),
    ),
    (
        "score kept under leetspeak, look-alikes, hidden, spaced-out or stretched letters",
        lambda of: per_cent(min(of.cell("Robustness", attack, column="score kept") for attack in UNDONE)),
    ),
)


def summary() -> None:
    """Print the rows as a table with a column for each bundle."""
    bundles = [Figures(tier) for tier in TIERS]
    cog.outl(f"\n| | {' | '.join(TIERS)} |\n|---{'|---' * len(TIERS)}|")
    for what, figure in ROWS:
        cog.outl(f"| {what} | {' | '.join(figure(of) for of in bundles)} |")
    cog.outl()
