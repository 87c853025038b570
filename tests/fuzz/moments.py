"""What Schemathesis sends as a date: a schema can say in words alone that it lies between 1990 and next year."""

from datetime import UTC, datetime

import schemathesis
from hypothesis import strategies as st

_LAST = datetime.now(UTC).year + 1

schemathesis.openapi.format(
    "date-time",
    # A day from either end, so that no zone leads beyond it.
    st.datetimes(datetime(1990, 1, 2), datetime(_LAST, 12, 30)).map(lambda moment: f"{moment.isoformat()}Z"),  # noqa: DTZ001 - the zone is written behind it
)
