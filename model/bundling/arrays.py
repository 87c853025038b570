"""Arrays in a bundle's files: what a file must hold is declared, and it is data, never code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from model.errors import BundleError

#: Name of an array to its kind of element, in numpy's letters, and its number of dimensions.
Schema = Mapping[str, tuple[Literal["f", "i", "U"], int]]
#: Bytes that a file may hold once it is unpacked; the largest shipped one holds 33 million.
MOST_UNPACKED = 1 << 30
_KINDS = {"f": "floating-point", "i": "integer", "U": "text"}


def read_arrays(file: Path | BinaryIO, schema: Schema) -> dict[str, NDArray[Any]]:
    """Read the arrays of an `.npz` file that a schema names, and no others.

    Raises
    ------
    BundleError
        If one is missing, is of another kind, or holds what is no number, or if
        the file unpacks to more than `MOST_UNPACKED`.
    """
    where = getattr(file, "name", file)
    found = {}
    try:
        # What is pickled is refused, not run.
        with np.load(file, allow_pickle=False) as stored:
            check_unpacked(where, sum(member.file_size for member in stored.zip.infolist()))
            for name, (kind, dimensions) in schema.items():
                array = found[name] = stored[name]
                if array.dtype.kind != kind or array.ndim != dimensions:
                    raise BundleError(
                        f"{where} is damaged: {name!r} must be a {_KINDS[kind]} array of {dimensions} dimensions, "
                        f"and is {array.dtype} of {array.ndim}."
                    )
                if kind == "f" and not np.isfinite(array).all():
                    raise BundleError(f"{where} is damaged: {name!r} holds what is no finite number.")
    except (ValueError, TypeError, AttributeError, LookupError, EOFError, OSError, BadZipFile) as error:
        raise BundleError(f"{where} holds no such arrays as a bundle needs: {error}") from error
    return found


def check_unpacked(where: object, size: int) -> None:
    """Refuse a file that unpacks to more than any that a bundle needs: some kilobytes can unpack to all the memory."""
    if size > MOST_UNPACKED:
        raise BundleError(f"{where} unpacks to more than {MOST_UNPACKED >> 20:,} MiB: do not use this bundle.")
