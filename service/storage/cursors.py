"""Where the next page begins: opaque to whoever called."""

#: Each text of this form is a place in the order of a list, so that no sound one can be wrong.
CURSOR = r"^[0-9]{1,6}\.[0-9]{6}-([0-9a-f]{2}){1,1020}$"


def write_cursor(rank: float, name: str) -> str:
    """Write the place after which the next page begins; `rank` has at most six decimals."""
    return f"{rank:.6f}-{name.encode().hex()}"


def read_cursor(cursor: str) -> tuple[float, str]:
    """Read a place; the cursor is of the form `CURSOR`."""
    rank, _, name = cursor.partition("-")
    # No id of ours is lost by it: they are UTF-8 and hold no NUL.
    return float(rank), bytes.fromhex(name).decode("utf-8", "replace").replace("\0", "")
