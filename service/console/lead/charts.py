"""Charts as shapes, which a template writes as SVG; their colours are classes of the style sheet.

Each chart has a title and a sentence that says what it shows; the page has the
same figures as a table beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from service.insights.estimates import Estimate
from service.wording import dates

#: Units of the drawing; a phone shows it at this width, so that its text stays legible.
WIDTH = 360.0
_LABEL = 110.0
_ROW = 26.0
_COLUMNS = 120.0
_LONGEST = 18


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle of a chart."""

    x: float
    y: float
    width: float
    height: float
    kind: str = "level"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart, from one point to another."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str = "axis"


@dataclass(frozen=True, slots=True)
class Label:
    """A short text in a chart."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "start"


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, with what it is called and what it shows in a sentence."""

    title: str
    description: str
    height: float
    shapes: tuple[Rect | Line | Label, ...]
    width: float = WIDTH


def bars(title: str, description: str, rows: Sequence[tuple[str, float]]) -> Chart:
    """Draw a horizontal bar for each name, against the longest."""
    longest = max((value for _, value in rows), default=0.0) or 1.0
    room = WIDTH - _LABEL - 40
    shapes: list[Rect | Line | Label] = []
    for number, (name, value) in enumerate(rows):
        y = number * _ROW
        length = round(room * value / longest, 1)
        shapes += [
            Label(_LABEL - 8, y + 17, _short(name), "end"),
            Rect(_LABEL, y + 5, length, _ROW - 10),
            Label(_LABEL + length + 6, y + 17, dates.number(value, None)),
        ]
    shapes.append(Line(_LABEL, 0, _LABEL, len(rows) * _ROW))
    return Chart(title, description, len(rows) * _ROW + 4, tuple(shapes))


def columns(
    title: str,
    description: str,
    rows: Sequence[tuple[str, float]],
    *,
    shaded: Sequence[bool] = (),
    every: int = 1,
) -> Chart:
    """Draw a chart with a column for each step of time.

    Parameters
    ----------
    title, description
        Of the chart.
    rows
        A name and a height for each step.
    shaded
        For each step, whether its background is marked.
    every
        Only each so-many-th name is written, so that they do not overlap.
    """
    highest = max((value for _, value in rows), default=0.0) or 1.0
    # The last name is centred below the last column: half of it reaches to the right.
    left, right, top = 30.0, WIDTH - 20, 12.0
    step = (right - left) / max(1, len(rows))
    shapes: list[Rect | Line | Label] = [
        Rect(round(left + number * step, 1), top, round(step, 1), _COLUMNS, "shade")
        for number, marked in enumerate(shaded)
        if marked
    ]
    for number, (name, value) in enumerate(rows):
        height = round(_COLUMNS * value / highest, 1)
        x = round(left + number * step, 1)
        shapes.append(Rect(x + 1, top + _COLUMNS - height, round(max(step - 2, 1), 1), height))
        if number % every == 0:
            shapes.append(Label(x + step / 2, top + _COLUMNS + 16, _short(name), "middle"))
    shapes += [
        Line(left, top + _COLUMNS, right, top + _COLUMNS),
        Label(left - 5, top + 5, dates.number(float(f"{highest:.3g}"), None), "end"),
        Label(left - 5, top + _COLUMNS, "0", "end"),
    ]
    return Chart(title, description, top + _COLUMNS + 22, tuple(shapes))


def intervals(title: str, description: str, rows: Sequence[tuple[str, Estimate]]) -> Chart:
    """Draw each share as a point on the way from 0 to 100 %, with the interval that it lies in."""
    room = WIDTH - _LABEL - 20
    bottom = len(rows) * _ROW

    def place(share: float) -> float:
        return round(_LABEL + room * min(1.0, max(0.0, share)), 1)

    shapes: list[Rect | Line | Label] = []
    for share in (0, 0.5, 1):
        x = place(share)
        shapes += [Line(x, 0, x, bottom, "grid"), Label(x, bottom + 16, dates.percent(share), "middle")]
    for number, (name, estimate) in enumerate(rows):
        y = number * _ROW + _ROW / 2
        shapes += [
            Label(_LABEL - 8, y + 4, _short(name), "end"),
            Line(place(estimate.low), y, place(estimate.high), y, "whisker"),
            Rect(place(estimate.value) - 4, y - 6, 8, 12),
        ]
    return Chart(title, description, bottom + 22, tuple(shapes))


def _short(name: str) -> str:
    """Cut a name so that it fits beside a chart."""
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
