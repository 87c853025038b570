"""Every setting: its name in the environment, what it means, its default, and what it may be.

`python -m service --help` and docs/cli.md list the settings from this class. It stands above
the rooms, which never read the environment: they are handed the values.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from model.errors import BelowlineError
from service.staffing.choices import NAMES, READERS, Choices
from service.triage.order import Shares

PREFIX = "BELOWLINE_"
#: Links and what is typed, in Markdown.
_MARKUP = re.compile(r"\[([^]]*)\]\([^)]*\)|`([^`]*)`")
_RATE = re.compile(r"off|[1-9]\d{0,8}/(second|minute|hour)")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")
_SITE = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?")
_PUBLIC = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*/?")
_ISSUER = re.compile(r"https://|http://(localhost|127\.0\.0\.1)(:|/|$)")


class SettingError(BelowlineError):
    """A setting that is missing or makes no sense."""


@dataclass(frozen=True, slots=True)
class Description:
    """A setting as the documentation lists it, in Markdown."""

    name: str
    meaning: str
    default: str

    def sentence(self) -> str:
        """Return meaning and default as a terminal shows them."""
        return _MARKUP.sub(r"\1\2", f"{self.meaning} (default: {self.default})")


def _setting(default: Any, meaning: str, unset: str | None = None, *, of_the_service: bool = True) -> Any:
    """Describe a setting; `unset` says in words what its default means."""
    words = f"`{default}`" if unset is None else unset
    return Field(default, description=meaning, json_schema_extra={"unset": words}, exclude=not of_the_service)


def _reader(read: Callable[[str], Any]) -> BeforeValidator:
    """Read what stands in the environment; what `create_app` was given is there already."""
    return BeforeValidator(lambda given: read(given) if isinstance(given, str) else given)


def _choice(name: str, meaning: str) -> Any:
    """Describe a setting that admins can change on a page, as long as the environment does not fix it."""
    shipped = Choices()
    meaning += "; while this is not set, admins choose it at `/review/settings`"
    return _setting(getattr(shipped, name), meaning, f"`{shipped.written(name)}`")


def _switch(given: str) -> bool:
    if given not in {"0", "1"}:
        raise ValueError("set it to 1, or to 0 for off.")
    return given == "1"


def _whole(given: str, least: int, most: int, of: str = "") -> int:
    if not given.isascii() or not given.isdecimal() or not least <= int(given) <= most:
        raise ValueError(f"it should be a whole number{of} from {least} to {most:,}.")
    return int(given)


def _share(given: str) -> float:
    try:
        share = float(given)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError("it should be a number from 0 to 1.")
    return share


def _rate(given: str) -> str:
    if not _RATE.fullmatch(given):
        raise ValueError("write it as 600/minute (or second, hour), or off.")
    return given


def _each(pattern: re.Pattern[str], what: str, example: str) -> Callable[[str], list[str]]:
    def read(given: str) -> list[str]:
        for one in given.split():
            if not pattern.fullmatch(one):
                raise ValueError(f"{one!r} is not {what}; write each as {example}, separated by spaces.")
        return given.split()

    return read


def _public_address(given: str) -> str:
    if given and not _PUBLIC.fullmatch(given):
        raise ValueError("write it as https://belowline.example/ or, with a path, https://paper.example/mod/.")
    return given


_Minutes = Annotated[timedelta, _reader(lambda given: timedelta(minutes=_whole(given, 1, 240, " of minutes")))]
_Switch = Annotated[bool, _reader(_switch)]
_Share = Annotated[float, _reader(_share)]
_Rate = Annotated[str, _reader(_rate)]
_OnCoral = Literal["ignore", "flag", "premod", "withhold", "reject"]


class Settings(BaseSettings):
    """The settings, read from the environment; one that is empty there counts as not set.

    Those with `of_the_service=False` are read by `model` or `training`, or by one
    command; they stand here so that one list has them all.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        enable_decoding=False,
        extra="forbid",
        frozen=True,
        # An error must not show the secrets beside what is wrong.
        hide_input_in_errors=True,
    )

    database: str = _setting("sqlite:///var/belowline.db", "where the service keeps its data, as a SQLAlchemy URL")
    bundle: str = _setting(
        "",
        "the bundle the service scores with, whatever is promoted: `fast`, `accurate` or a folder",
        "the bundle that was [promoted](retraining.md#promote-and-roll-back) last; `accurate` before the first",
    )
    bundles: str = _setting(
        "var/bundles", "the folder of promoted bundles and their history, for `training` and the service alike"
    )
    operating_point: Annotated[str, _reader(READERS["operating_point"])] = _choice(
        "operating_point",
        "how much is flagged: `cautious`, `balanced` or `thorough`; `python -m model info` says what each finds",
    )
    secret_key: str = _setting(
        "",
        "signs moderators' sessions, and makes their pseudonyms in the labels",
        "created once and kept in `var/secret-key`",
    )
    public_url: Annotated[str, _reader(_public_address)] = _setting(
        "",
        "the service's address as seen from outside, such as `https://belowline.example/` or "
        "`https://paper.example/mod/`: its name is answered to and its path holds in all links; needed behind a proxy "
        "by clients that read the discovery document",
        "the address a request was sent to",
    )
    coral_secrets: Annotated[list[str], _reader(lambda given: given.replace(",", " ").split())] = _setting(
        [],
        "the signing secrets shown by [Coral](compatible-apis.md#coral), separated by commas or spaces",
        "none; Coral is not connected",
    )
    coral_abuse: _OnCoral = _setting(
        "flag", "what Coral is told to do with abuse: `ignore`, `flag`, `premod`, `withhold` or `reject`"
    )
    coral_off_topic: _OnCoral = _setting("flag", "the same for a comment that is off topic")
    akismet: _Switch = _setting(
        default=False,
        meaning="`1` to answer [Akismet's protocol](compatible-apis.md#akismet) too",
        unset="`0`",
    )
    discourse: _Switch = _setting(
        default=False,
        meaning="`1` to answer "
        "[the former toxicity module of Discourse](compatible-apis.md#discourses-former-toxicity-module) too",
        unset="`0`",
    )
    longest_comment: Annotated[int, _reader(lambda given: _whole(given, 1, 65_536, " of characters"))] = _setting(
        20_000,
        "how many characters a comment may have: the API refuses a longer one, and of what other programs' protocols "
        "send, the beginning is read",
        "`20000`",
    )
    drop_unsupported_attributes: _Switch = _setting(
        default=False,
        meaning="`1` to leave out of an answer what only [the Perspective API](migrate-from-perspective.md) scores "
        "(`SPAM`, `SEXUALLY_EXPLICIT` and others) instead of refusing the call",
        unset="`0`; `make run` sets it to `1`",
    )
    cors_origins: Annotated[list[str], _reader(_each(_ORIGIN, "an origin", "https://paper.example"))] = _setting(
        [],
        "whose web pages may call the API: origins such as `https://paper.example`, separated by spaces",
        "nobody's",
    )
    rate_limit: _Rate = _setting(
        "12000/minute", "how many calls one key may make: a number per `second`, `minute` or `hour`, or `off`"
    )
    rate_limit_address: _Rate | None = _setting(
        None,
        "the same for each address that sends no key, or a wrong one",
        "`120/minute`; `off` where no key is needed",
    )
    proxies: Annotated[int, _reader(lambda given: _whole(given, 0, 10))] = _setting(
        0,
        "how many proxies of your own stand in front of the service; if you do not say so, all readers seem to have "
        "the proxy's address and share its limits",
    )
    frame_ancestors: Annotated[list[str], _reader(_each(_SITE, "a site", "https://www.paper.example"))] = _setting(
        [],
        "the sites that may show the [report form](moderation.md#reports) in a frame, separated by spaces: "
        "`https://www.paper.example`",
        "no site",
    )
    reporter_half_life: Annotated[
        timedelta, _reader(lambda given: timedelta(days=_whole(given, 1, 36_500, " of days")))
    ] = _setting(timedelta(days=90), "days after which what is known about a reporter counts half", "`90`")
    retention: str = _setting(
        "",
        "how long `purge` keeps comments, such as `365d`",
        "none; `purge` needs `--older-than`",
        of_the_service=False,
    )
    oidc_issuer: Annotated[str, _reader(lambda given: given.rstrip("/"))] = _setting(
        "",
        "the OpenID provider moderators may log in with: `https://id.paper.example`",
        "none; log-in by password only",
    )
    oidc_client_id: str = _setting("", "how that provider knows the service", "none; required with the issuer")
    oidc_client_secret: str = _setting("", "the secret that goes with it", "none; required with the issuer")
    oidc_claim: str = _setting("email", "which of the provider's claims names a moderator's account here")
    shares: Annotated[Shares, _reader(READERS["shares"])] = _choice(
        "shares",
        "what percentage of the items shown comes from each of the [streams](queue.md#three-streams): safety, doubt "
        "and random",
    )
    slurs: Annotated[str, _reader(READERS["slurs"])] = _choice(
        "slurs", "how slurs are shown to moderators who have not chosen for themselves: `masked` or `shown`"
    )
    random_rate: _Share = _setting(0.005, "how likely a comment is to be drawn for the random stream, from 0 to 1")
    lease: _Minutes = _setting(
        timedelta(minutes=5), "minutes for which an item belongs to the moderator who opened it, 1 to 240", "`5`"
    )
    blind_share: _Share = _setting(0.05, "share of the items whose scores are hidden until the decision, from 0 to 1")
    timezone: Annotated[str, _reader(READERS["timezone"])] = _choice(
        "timezone", "the newsroom's time zone, used for the rota's hours and the days in the numbers"
    )
    holidays: Annotated[str, _reader(READERS["holidays"])] = _choice(
        "holidays",
        "whose bank holidays the rota knows: a country (`IE`), a country and its region (`GB/Scotland`), or `none`",
    )
    language: Annotated[str, _reader(READERS["language"])] = _choice(
        "language", "the language of [the console](moderation.md#languages): `en`, `de`, or each `browser`'s own"
    )
    signing_key: str = _setting(
        "",
        "signs the bundles `training` writes; once set, a bundle without this signature is refused, even a shipped one",
        "none; a bundle's files are checked against its manifest all the same",
        of_the_service=False,
    )
    key: str = _setting("", "the key `training second-look --to` calls the service with", "none", of_the_service=False)
    data: str = _setting("../shared/data", "the folder of training data, for `training`", of_the_service=False)

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        if not self.oidc_issuer:
            return self
        if not _ISSUER.match(self.oidc_issuer):
            raise ValueError(f"BELOWLINE_OIDC_ISSUER is {self.oidc_issuer!r}: it should begin with https://.")
        for name in ("oidc_client_id", "oidc_client_secret"):
            if not getattr(self, name):
                raise ValueError(f"BELOWLINE_OIDC_ISSUER is set, so {PREFIX}{name.upper()} must be set too.")
        return self

    @classmethod
    def read(cls, **given: Any) -> Self:
        """Read the settings; those given go before the environment's. Raises SettingError."""
        try:
            return cls(**given)
        except ValidationError as error:
            raise SettingError(_sentence(error)) from None

    @property
    def choices(self) -> Choices:
        """Those that an admin may change on a page."""
        return Choices(**{name: getattr(self, name) for name in NAMES})

    @classmethod
    def describe(cls) -> Iterator[Description]:
        """Yield every setting, as the documentation lists it."""
        for name, field in cls.model_fields.items():
            extra: Any = field.json_schema_extra
            yield Description(PREFIX + name.upper(), field.description or "", extra["unset"])


def _sentence(error: ValidationError) -> str:
    """Put the first of what is wrong into one sentence: the setting, its value, what to do."""
    first = error.errors(include_url=False)[0]
    raised = first.get("ctx", {}).get("error")
    why = str(raised) if raised else f"{first['msg'].replace('Input should', 'it should')}."
    return f"{PREFIX}{str(first['loc'][0]).upper()} is {first['input']!r}: {why}" if first["loc"] else why
