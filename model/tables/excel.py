"""Rows of an Excel workbook's one sheet that holds something, as Excel would save them as CSV."""

import warnings
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from model.errors import InvalidInput
from model.tables.batch import Record

#: Sheets that an error names.
_TOLD = 5
#: What openpyxl says of workbooks that are none.
_DAMAGED = (
    *(BadZipFile, InvalidFileException, ParseError, NotImplementedError),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError),
)


def excel_records(source: str) -> Iterator[Record]:
    """Read records; the first is the one that names the columns.

    Raises
    ------
    InvalidInput
        If it is no workbook, or holds more than one table.
    """
    try:
        with warnings.catch_warnings():
            # Of styles and rules, which are none of ours.
            warnings.simplefilter("ignore", UserWarning)
            with closing(load_workbook(source, read_only=True, data_only=True)) as book:
                for name in _filled(source, book):
                    for line, cells in enumerate(book[name].iter_rows(values_only=True), start=1):
                        yield Record(line, list(map(_written, cells)))
    except _DAMAGED as error:
        raise InvalidInput(
            f"{source!r} cannot be read as an Excel workbook ({error}): save it as .xlsx, or as CSV UTF-8."
        ) from error


def _filled(source: str, book: Workbook) -> list[str]:
    """Name the sheet that holds something, if there is one; refuse several: nobody knows which one is meant."""
    filled = []
    for sheet in book.worksheets:
        # What programs write about a sheet's size is often wrong.
        sheet.reset_dimensions()
        if any(cell is not None for cells in sheet.iter_rows(values_only=True) for cell in cells):
            filled.append(sheet.title)
    if len(filled) > 1:
        told = ", ".join(
            f"{name!r}{'' if book[name].sheet_state == 'visible' else ' (hidden)'}" for name in filled[:_TOLD]
        )
        more = f" and {len(filled) - _TOLD} more" if len(filled) > _TOLD else ""
        raise InvalidInput(
            f"{source!r} has {len(filled)} sheets that hold something, {told}{more}: keep the one with the comments, "
            "or save each as a file of its own."
        )
    return filled


def _written(cell: Any) -> str:
    """Write a cell of Excel as CSV would hold it."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        # Excel's way to write a carriage return and what else XML does not know.
        return str(unescape(cell))
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)
