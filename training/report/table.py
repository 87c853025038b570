"""A table, as Markdown and as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title, and a sentence that says how to read it."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self, level: int = 3) -> str:
        """Return Markdown, with columns aligned for readers of plain text."""
        cells = [self.columns, *([cell.replace("|", "\\|") for cell in row] for row in self.rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.columns))]

        def line(row: Sequence[str]) -> str:
            padded = [
                cell.rjust(width) if i else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            return f"| {' | '.join(padded)} |"

        ruler = f"| {' | '.join('-' * (w - 1) + (':' if i else '-') for i, w in enumerate(widths))} |"
        return "\n".join(
            [f"{'#' * level} {self.title}", "", self.note, "", line(cells[0]), ruler, *map(line, cells[1:])]
        )

    def html(self) -> str:
        """Return HTML, everything escaped."""
        head = "".join(f"<th>{escape(column)}</th>" for column in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        return (
            f"<h2>{escape(self.title)}</h2>\n<p>{escape(self.note)}</p>\n"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )
