"""Checks that a line from outside is an event: known kind, no field missing, every value of its type.

`hatlab.events.from_dict` trusts its writer. A recording that was cut, patched or made by another program
cannot be trusted, nor can what comes out of a container, where a learner is root; nothing behind the engine
checks again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from hatlab import events as e
from hatlab.errors import UserError
from hatlab.util.addresses import is_address

Check = Callable[[Any], bool]
"""True if a value has the right type."""
EARLIEST, LATEST = -3600.0, 60 * 86400.0
"""Possible moments, s: facts may be a little older than their lab, and no lab runs for months."""


def validated_event(data: dict[str, Any]) -> e.Event:
    """Return the event of one line's data.

    Raises:
        UserError: it is no event; the message says why.
    """
    event = e.from_dict(data)
    for name, key, fits in _field_checks(event.kind):
        if key in data and not fits(getattr(event, name)):
            raise UserError(f"`{key}` of {event.kind!r} is {_short(data.get(key))}")
    if not EARLIEST <= event.at <= LATEST:
        raise UserError(f"no lab was running at {event.at:g} s")
    if isinstance(event, e.Advert | e.Arp):
        _check_frame(event)
    if isinstance(event, e.Advert):
        _check_advert(event)
    return event


def _check_frame(event: e.Advert | e.Arp) -> None:
    """Check that a frame is bytes in hex."""
    if not _HEX.fullmatch(event.frame):
        raise UserError(f"`frame` of {event.kind!r} is {_short(event.frame)}")


def _check_advert(advert: e.Advert) -> None:
    """Check that a frame was decoded as a whole or not at all, and that its source is an address."""
    if advert.priority is not None and advert.interval is None:
        raise UserError("`interval` of 'advert' is null, but its priority is not")
    if not is_address(advert.source):
        raise UserError(f"`source` of 'advert' is {_short(advert.source)}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _type_check(hint: Any) -> Check:
    """Return a check that a value has the type of an annotation of the events' fields."""
    if isinstance(hint, UnionType):
        parts = [_type_check(part) for part in get_args(hint) if part is not NoneType]
        if len(parts) == 1 and NoneType in get_args(hint):  # nearly all are
            (check,) = parts
            return lambda value: value is None or check(value)
        parts = [_type_check(part) for part in get_args(hint)]
        return lambda value: any(fits(value) for fits in parts)
    if hint is NoneType:
        return lambda value: value is None
    if hint is float:
        return lambda value: type(value) in (float, int) and math.isfinite(value)
    if hint is int:
        return lambda value: type(value) is int and abs(value) < 2**63
    if get_origin(hint) is tuple:
        part = _type_check(get_args(hint)[0])
        return lambda value: type(value) is tuple and all(map(part, value))
    if get_origin(hint) is dict:
        if get_args(hint)[1] is Any:
            return lambda value: type(value) is dict
        part = _type_check(get_args(hint)[1])
        return lambda value: type(value) is dict and all(map(part, value.values()))
    return lambda value: type(value) is hint


@cache  # when the first such event comes: a start has no time to lose before
def _field_checks(kind: str) -> tuple[tuple[str, str, Check], ...]:
    cls = e.KINDS[kind]
    hints = get_type_hints(cls)
    return tuple((f.name, f.name.rstrip("_"), _type_check(hints[f.name])) for f in fields(cls))


_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")
