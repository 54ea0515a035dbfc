"""Reads plain lines of JSON as events, checked as `validation` checks them, five times as fast.

Pydantic's core parses a line, checks each value and makes the event in one go. It is asked about plain lines,
in which nothing has to be made visible. Whatever it refuses is for `validation` to judge, which says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from pydantic_core import SchemaValidator, ValidationError
from pydantic_core import core_schema as schema

from hatlab import events as e
from hatlab.engine.validation import EARLIEST, LATEST
from hatlab.util.addresses import is_address

_BACKSLASH, _DELETE = b"\\", b"\x7f"
_SIMPLE = {
    str: schema.str_schema(strict=True),
    bool: schema.bool_schema(strict=True),
    int: schema.int_schema(strict=True, gt=-(2**63), lt=2**63),
    float: schema.float_schema(strict=True, allow_inf_nan=False),
    NoneType: schema.none_schema(),
    Any: schema.any_schema(),
}
_SPECIAL = {
    "at": schema.float_schema(strict=True, ge=EARLIEST, le=LATEST),
    "frame": schema.str_schema(strict=True, pattern=r"\A(?:[0-9A-Fa-f]{2})*\z"),
}
"""Fields that have further rules of `validation`."""


def plain_event(line: bytes) -> e.Event | None:
    """Return the event of a line; None if it is none, or not plain enough to tell."""
    if not line.isascii() or _BACKSLASH in line or _DELETE in line:
        return None
    try:
        event: e.Event = _reader()(line)
    except ValidationError:
        return None
    if type(event) is e.Advert:
        unknown = event.priority is not None and event.interval is None
        return None if unknown or not _is_address(event.source) else event
    return event


_is_address = lru_cache(maxsize=1024)(is_address)


@lru_cache(maxsize=1)
def _reader() -> Callable[[bytes], e.Event]:
    events = {kind: _event_schema(cls) for kind, cls in e.KINDS.items()}
    return SchemaValidator(schema.tagged_union_schema(events, "kind")).validate_json


def _event_schema(cls: type[e.Event]) -> schema.CoreSchema:
    hints = get_type_hints(cls)
    arguments = [
        schema.dataclass_field(
            field.name,
            _with_default(field, _SPECIAL.get(field.name) or _type_schema(hints[field.name])),
            kw_only=True,
            validation_alias=field.name.rstrip("_"),
        )
        for field in fields(cls)
    ]
    values = schema.dataclass_args_schema(cls.__name__, arguments, extra_behavior="ignore")
    names = [field.name for field in fields(cls)]
    return schema.dataclass_schema(cls, values, names, post_init=False, frozen=True, slots=True)


def _with_default(field: Field[Any], checked: schema.CoreSchema) -> schema.CoreSchema:
    if field.default is not MISSING:
        return schema.with_default_schema(checked, default=field.default)
    if field.default_factory is not MISSING:
        return schema.with_default_schema(checked, default_factory=field.default_factory)
    return checked


def _type_schema(hint: Any) -> schema.CoreSchema:
    if (simple := _SIMPLE.get(hint)) is not None:
        return simple
    if isinstance(hint, UnionType):
        return schema.union_schema([_type_schema(part) for part in get_args(hint)])
    if get_origin(hint) is tuple:
        return schema.tuple_variable_schema(_type_schema(get_args(hint)[0]))
    assert get_origin(hint) is dict, hint
    return schema.dict_schema(schema.str_schema(strict=True), _type_schema(get_args(hint)[1]))
