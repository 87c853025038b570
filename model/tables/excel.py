"""Rows of an Excel workbook's first sheet that holds something, as Excel would save them as CSV."""

import warnings
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from model.errors import InvalidInput
from model.tables.batch import Record

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
        If it is no workbook.
    """
    try:
        with warnings.catch_warnings():
            # Of styles and rules, which are none of ours.
            warnings.simplefilter("ignore", UserWarning)
            with closing(load_workbook(source, read_only=True, data_only=True)) as book:
                for sheet in book.worksheets:
                    # What programs write about a sheet's size is often wrong.
                    sheet.reset_dimensions()
                    filled = False
                    for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                        filled = filled or any(cell is not None for cell in cells)
                        yield Record(line, list(map(_written, cells)))
                    if filled:
                        return
    except _DAMAGED as error:
        raise InvalidInput(
            f"{source!r} cannot be read as an Excel workbook ({error}): save it as .xlsx, or as CSV UTF-8."
        ) from error


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
