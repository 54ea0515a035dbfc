"""Every field of every event that holds text, with a hostile one: found in the code, so new ones too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from hatlab import events as e

FIELDS = [(kind, field.name) for kind, cls in e.KINDS.items() for field in fields(cls)]
"""Each kind of event and each of its fields."""
_PLAIN: dict[Any, Any] = {float: 7.0, int: 3, bool: True, str: "db1"}


def plain_value(hint: Any) -> Any:
    """Return a harmless value of a field's type."""
    if isinstance(hint, UnionType):
        return plain_value(get_args(hint)[0])
    if get_origin(hint) is tuple:
        return (plain_value(get_args(hint)[0]),)
    if get_origin(hint) is dict:
        return {"db1": plain_value(get_args(hint)[1])}
    return _PLAIN.get(hint, "db1")


def hostile_value(hint: Any, text: str) -> Any:
    """Return a value of a field's type with `text` wherever text can be; None if it holds no text."""
    if isinstance(hint, UnionType):
        return next((v for part in get_args(hint) if (v := hostile_value(part, text)) is not None), None)
    if get_origin(hint) is tuple:
        part = hostile_value(get_args(hint)[0], text)
        return None if part is None else (part, part)
    if get_origin(hint) is dict:
        return {text: hostile_value(get_args(hint)[1], text)}
    return text if hint in {str, Any} else None


def hostile_events(make_text: Callable[[], str]) -> Iterator[tuple[str, e.Event]]:
    """Yield (field, event) with one hostile field each."""
    for kind, cls in e.KINDS.items():
        hints = get_type_hints(cls)
        plain = {f.name: plain_value(hints[f.name]) for f in fields(cls)}
        for field in fields(cls):
            value = hostile_value(hints[field.name], make_text())
            if value is not None:
                yield f"{kind}.{field.name}", cls(**{**plain, field.name: value})


def hostile_recording(events: list[e.Event], make_text: Callable[[], str]) -> Iterator[str]:
    """Yield lines: a run's events, and after each (once for each kind) copies with one field hostile.

    The files of nodes in the `lab` event are made hostile too, but not its names, which a reader checks.
    """
    seen: set[str] = set()
    for event in events:
        data = json.loads(json.dumps(e.to_dict(event)))
        if event.kind == "lab":
            data.update(name=make_text(), engine=make_text(), reason=make_text(), started=make_text())
            data["topology"].update(title=make_text()[:100], description=make_text()[:1000])
        yield json.dumps(data)
        if event.kind in seen or event.kind == "lab":
            continue
        seen.add(event.kind)
        for name, hint in get_type_hints(type(event)).items():
            key = name.rstrip("_")
            if key in data and (value := hostile_value(hint, make_text())) is not None:
                yield json.dumps({**data, key: value})
