"""The queue's settings, checked before anything starts."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from model.errors import BelowlineError, InvalidInput
from service.triage.order import Shares

T = TypeVar("T")


def queue_settings() -> dict[str, Any]:
    """Read the queue's settings from the environment.

    ===============  =========================================================
    `SHARES`         `BELOWLINE_SHARES`: per cent of what is shown from
                     safety, doubt and random; else `75,20,5`
    `RANDOM_RATE`    `BELOWLINE_RANDOM_RATE`: how likely any comment is to be
                     drawn for the random stream, from 0 to 1; else 0.005
    `LEASE`          `BELOWLINE_LEASE`: minutes for which an item that is
                     opened is its moderator's alone; else 5
    `BLIND_SHARE`    `BELOWLINE_BLIND_SHARE`: share of items whose scores are
                     hidden until the decision, from 0 to 1; else 0.05
    ===============  =========================================================
    """
    return {
        "SHARES": _read("BELOWLINE_SHARES", "75,20,5", _shares),
        "RANDOM_RATE": _read("BELOWLINE_RANDOM_RATE", "0.005", _share),
        "LEASE": _read("BELOWLINE_LEASE", "5", _minutes),
        "BLIND_SHARE": _read("BELOWLINE_BLIND_SHARE", "0.05", _share),
    }


class QueueSettingError(BelowlineError):
    """A setting of the queue that makes no sense."""


def _read(name: str, default: str, convert: Callable[[str], T]) -> T:
    given = os.environ.get(name) or default
    try:
        return convert(given)
    except (ValueError, InvalidInput) as error:
        raise QueueSettingError(f"{name} is {given!r}: {error}") from error


def _shares(given: str) -> Shares:
    try:
        safety, doubt, random = map(int, given.split(","))
    except ValueError:
        raise ValueError("it should be three whole numbers, such as 75,20,5.") from None
    return Shares(safety, doubt, random)


def _share(given: str) -> float:
    try:
        share = float(given)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError("it should be a number from 0 to 1.")
    return share


def _minutes(given: str) -> timedelta:
    if not given.isdecimal() or not 1 <= int(given) <= 240:
        raise ValueError("it should be a whole number of minutes from 1 to 240.")
    return timedelta(minutes=int(given))
