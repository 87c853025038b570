"""Where the next page of a list begins: opaque to whoever called."""

_NAME = "([0-9a-f]{2}){1,1020}"
#: Each text of one of these forms is a place in the order of a list, so that no sound one can be wrong.
LABELS_CURSOR = rf"^[0-9]{{1,6}}\.[0-9]{{6}}-{_NAME}$"
QUEUE_CURSOR = rf"^(safety|doubt|random|closed)~-?[0-9]{{1,7}}\.[0-9]{{9}}~{_NAME}$"


def write_cursor(rank: float, name: str) -> str:
    """Write the place in the label rows after which the next page begins; `rank` has at most six decimals."""
    return f"{rank:.6f}-{name.encode().hex()}"


def read_cursor(cursor: str) -> tuple[float, str]:
    """Read a place in the label rows; the cursor is of the form `LABELS_CURSOR`."""
    rank, _, name = cursor.partition("-")
    return float(rank), _read_name(name)


def write_queue_cursor(stream: str | None, position: float, comment_id: str) -> str:
    """Write the place in the queue after which the next page begins; `position` has at most nine decimals."""
    return f"{stream or 'closed'}~{position:.9f}~{comment_id.encode().hex()}"


def read_queue_cursor(cursor: str) -> tuple[str | None, float, str]:
    """Read a place in the queue; the cursor is of the form `QUEUE_CURSOR`."""
    stream, position, name = cursor.split("~")
    return None if stream == "closed" else stream, float(position), _read_name(name)


def _read_name(written: str) -> str:
    """Read a name from a cursor."""
    # No id of ours is lost by it: they are UTF-8 and hold no NUL.
    return bytes.fromhex(written).decode("utf-8", "replace").replace("\0", "")
