"""What a newsroom sets for itself, in the environment or on the page for admins, and the values it may take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType

from model.bundling.manifest import POINTS
from model.errors import InvalidInput
from service.staffing.languages import languages
from service.staffing.newsroom import Newsroom, find_newsroom
from service.triage.order import Shares

#: How slurs are shown to whoever has not chosen for themselves.
SLURS = ("masked", "shown")
#: The language of the console is the one that each browser asks for.
BROWSERS = "browser"


@dataclass(frozen=True, slots=True)
class Choices:
    """The settings that admins choose, as they are in force.

    Attributes
    ----------
    operating_point
        How much is flagged.
    shares
        Of what is shown, by stream.
    slurs
        Whether they are masked for whoever has not chosen for themselves.
    timezone, holidays
        The newsroom's clock, and whose bank holidays it has.
    language
        Of the console: one of those that pages can be in, or each browser's.
    """

    operating_point: str = "balanced"
    shares: Shares = field(default_factory=Shares)
    slurs: str = "masked"
    timezone: str = "Europe/London"
    holidays: str = "GB/Scotland"
    language: str = BROWSERS

    @property
    def newsroom(self) -> Newsroom:
        """Where the newsroom is."""
        return find_newsroom(self.timezone, self.holidays)

    def written(self, name: str) -> str:
        """Return one of them as the environment has it."""
        value = getattr(self, name)
        return f"{value.safety},{value.doubt},{value.random}" if isinstance(value, Shares) else str(value)


#: What there is to choose.
NAMES = tuple(one.name for one in fields(Choices))


def _one_of(*known: str) -> Callable[[str], str]:
    """Return what reads a setting that has to be one of these."""
    *most, last = map(repr, known)

    def read(given: str) -> str:
        if given not in known:
            raise ValueError(f"it should be {', '.join(most)} or {last}.")
        return given

    return read


def _shares(given: str) -> Shares:
    """Read a setting of the streams' shares."""
    try:
        safety, doubt, random = map(int, given.split(","))
        return Shares(safety, doubt, random)
    except (ValueError, InvalidInput):
        raise ValueError("it should be three whole numbers that add up to 100, such as 75,20,5.") from None


def _timezone(given: str) -> str:
    """Read a setting of a time zone."""
    find_newsroom(given, "none")
    return given


def _holidays(given: str) -> str:
    """Read a setting of a region's holidays."""
    find_newsroom("UTC", given)
    return given


#: What reads each of them as it is written, and raises ValueError with what to do.
READERS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "operating_point": _one_of(*POINTS),
        "shares": _shares,
        "slurs": _one_of(*SLURS),
        "timezone": _timezone,
        "holidays": _holidays,
        "language": _one_of(BROWSERS, *languages()),
    }
)
