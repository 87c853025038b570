"""Small plots as SVG: no script, no font and no picture from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _MARGIN = 420, 300, 46
_PLOT_WIDTH, _PLOT_HEIGHT = _WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN
#: Told apart by people who see few colours too (Okabe and Ito).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
_BAR_HEIGHT = 18


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a plot: its name, and points in [0, 1]."""

    name: str
    points: tuple[tuple[float, float], ...]


def line_plot(title: str, across: str, up: str, lines: Sequence[Curve], *, diagonal: bool = False) -> str:
    """Draw lines in the unit square.

    Parameters
    ----------
    title
        Read out by screen readers too.
    across, up
        What the axes are.
    lines
        At most as many as there are colours.
    diagonal
        Draw where both axes are equal.
    """
    parts = [_frame(across, up)]
    if diagonal:
        parts.append(_path(((0.0, 0.0), (1.0, 1.0)), "#999", dashed=True))
    for i, line in enumerate(lines):
        colour = _COLOURS[i % len(_COLOURS)]
        parts.append(_path(line.points, colour))
        parts += [f'<circle cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="2.5" fill="{colour}"/>' for x, y in line.points]
        place = _HEIGHT + 14 * i + 6
        parts.append(f'<rect x="{_MARGIN}" y="{place - 9}" width="10" height="10" fill="{colour}"/>')
        parts.append(_text(_MARGIN + 16, place, line.name))
    return _svg(title, _HEIGHT + 14 * len(lines) + 4, parts)


def bar_plot(title: str, bars: Sequence[tuple[str, float]], most: float = 1.0) -> str:
    """Draw named bars from 0 to `most`; a longer one is cut there."""
    label = 130
    parts = []
    for i, (name, value) in enumerate(bars):
        top = 10 + i * _BAR_HEIGHT
        width = (_WIDTH - label - 60) * min(max(value / most, 0.0), 1.0)
        parts.append(_text(label - 6, top + 11, name, anchor="end"))
        parts.append(f'<rect x="{label}" y="{top}" width="{width:.1f}" height="13" fill="{_COLOURS[0]}"/>')
        parts.append(_text(label + width + 4, top + 11, f"{value:.2f}"))
    return _svg(title, 20 + _BAR_HEIGHT * len(bars), parts)


def interval_plot(title: str, bars: Sequence[tuple[str, float, float, float]]) -> str:
    """Draw named values with their intervals around a line at 0."""
    label, width = 190, _WIDTH - 190 - 16
    most = max((abs(end) for _, value, low, high in bars for end in (value, low, high)), default=0.0) or 1.0

    def place(value: float) -> float:
        return label + width * (0.5 + value / (2 * most))

    bottom = 24 + _BAR_HEIGHT * len(bars)
    parts = [
        f'<line x1="{place(0):.1f}" x2="{place(0):.1f}" y1="4" y2="{bottom - 14}" stroke="#999"/>',
        *(_text(place(end), bottom - 2, f"{end:+.3f}", anchor="middle") for end in (-most / 2, 0, most / 2)),
    ]
    for i, (name, value, low, high) in enumerate(bars):
        middle = 12 + i * _BAR_HEIGHT
        parts += [
            _text(label - 6, middle + 4, name, anchor="end"),
            (
                f'<line x1="{place(low):.1f}" x2="{place(high):.1f}" y1="{middle}" y2="{middle}" '
                f'stroke="{_COLOURS[0]}" stroke-width="3"/>'
            ),
            f'<circle cx="{place(value):.1f}" cy="{middle}" r="4" fill="{_COLOURS[1]}"/>',
        ]
    return _svg(title, bottom + 6, parts)


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    """Put a plot's parts into an SVG image."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" '
        f'role="img" aria-label="{escape(title)}" font-family="sans-serif" font-size="11">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _frame(across: str, up: str) -> str:
    """Draw a plot's axes, with their names and marks."""
    marks = []
    for tenth in (0, 2, 4, 6, 8, 10):
        share = tenth / 10
        marks.append(_text(_x(share), _HEIGHT - _MARGIN + 14, f"{share:g}", anchor="middle"))
        marks.append(_text(_MARGIN - 6, _y(share) + 4, f"{share:g}", anchor="end"))
        marks.append(
            f'<line x1="{_x(share):.1f}" x2="{_x(share):.1f}" y1="{_y(0):.1f}" y2="{_y(1):.1f}" stroke="#eee"/>'
            f'<line x1="{_x(0):.1f}" x2="{_x(1):.1f}" y1="{_y(share):.1f}" y2="{_y(share):.1f}" stroke="#eee"/>'
        )
    return (
        "".join(marks)
        + f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_PLOT_WIDTH}" height="{_PLOT_HEIGHT}" fill="none" stroke="#666"/>'
        + _text(_WIDTH / 2, _HEIGHT - _MARGIN + 30, across, anchor="middle")
        + f'<g transform="translate(12 {_HEIGHT / 2:.0f}) rotate(-90)">{_text(0, 0, up, anchor="middle")}</g>'
    )


def _path(points: Sequence[tuple[float, float]], colour: str, *, dashed: bool = False) -> str:
    """Draw a curve."""
    if not points:
        return ""
    drawn = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
    dash = ' stroke-dasharray="4 4"' if dashed else ""
    return f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="1.5"{dash}/>'


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    """Write words into a plot."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _x(share: float) -> float:
    """Return how far to the right a share is drawn."""
    return _MARGIN + _PLOT_WIDTH * min(max(share, 0.0), 1.0)


def _y(share: float) -> float:
    """Return how far down a share is drawn."""
    return _HEIGHT - _MARGIN - _PLOT_HEIGHT * min(max(share, 0.0), 1.0)
