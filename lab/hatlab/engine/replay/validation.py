"""Whether a line of a recording is an event: known kind, no field missing, every value of its field's type.

`hatlab.events.from_dict` trusts its writer; a file that was cut, patched or made by something else is not to
be trusted, and nothing behind the engine asks twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from ipaddress import ip_address
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from hatlab import events as e
from hatlab.errors import UserError

Check = Callable[[Any], bool]
EARLIEST, LATEST = -3600.0, 60 * 86400.0
"""Moments that can be, s: facts may be a little older than their lab, and a lab does not run for months."""


def event(data: dict[str, Any]) -> e.Event:
    """The event of one line's data.

    Raises:
        UserError: it is none; in words.
    """
    found = e.from_dict(data)
    for name, key, fits in _CHECKS[found.kind]:
        if not fits(getattr(found, name)):
            raise UserError(f"`{key}` of {found.kind!r} is {_short(data.get(key))}")
    if not EARLIEST <= found.at <= LATEST:
        raise UserError(f"no lab lived at {found.at:g} s")
    if isinstance(found, e.Advert):
        _advert(found)
    return found


def _advert(found: e.Advert) -> None:
    """What could be read of a frame could be read all at once, and it came from some address."""
    if found.priority is not None and found.interval is None:
        raise UserError("`interval` of 'advert' is null, but its priority is not")
    try:
        ip_address(found.source)
    except ValueError:
        raise UserError(f"`source` of 'advert' is {_short(found.source)}") from None


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _check(hint: Any) -> Check:
    """Whether a value has a type as the events' fields are annotated."""
    if isinstance(hint, UnionType):
        parts = [_check(part) for part in get_args(hint)]
        return lambda value: any(fits(value) for fits in parts)
    if hint is NoneType:
        return lambda value: value is None
    if hint is float:
        return lambda value: type(value) in (float, int) and math.isfinite(value)
    if hint is int:
        return lambda value: type(value) is int and abs(value) < 2**63
    if get_origin(hint) is tuple:
        part = _check(get_args(hint)[0])
        return lambda value: type(value) is tuple and all(map(part, value))
    if get_origin(hint) is dict:
        if get_args(hint)[1] is Any:
            return lambda value: type(value) is dict
        part = _check(get_args(hint)[1])
        return lambda value: type(value) is dict and all(map(part, value.values()))
    return lambda value: type(value) is hint


def _checks(cls: type[e.Event]) -> tuple[tuple[str, str, Check], ...]:
    hints = get_type_hints(cls)
    return tuple((f.name, f.name.rstrip("_"), _check(hints[f.name])) for f in fields(cls))


_CHECKS = {kind: _checks(cls) for kind, cls in e.KINDS.items()}
