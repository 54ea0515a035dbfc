"""Changes one setting in a keepalived.conf and keeps every other byte of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from hatlab.errors import ActionError
from hatlab.keepalived.parser import Statement, parse_config
from hatlab.keepalived.settings import read_settings

_SECONDS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,4}")
_PASSWORD = re.compile(r"[A-Za-z0-9._:,;+*/=?%&<>()^~-]{1,64}")
"""No blank, quote, brace, comment sign, escape, `$` or `@`: it stays one word of keepalived.conf."""


@dataclass(frozen=True, slots=True)
class _Key:
    """Where a setting stands (`block`, or a block inside it) and what it may be."""

    block: str
    allowed: str
    fits: Callable[[str], bool]


def _whole(least: int, most: int) -> Callable[[str], bool]:
    return lambda value: bool(_INTEGER.fullmatch(value)) and least <= int(value) <= most


def _time(least: float, most: float) -> Callable[[str], bool]:
    return lambda value: bool(_SECONDS.fullmatch(value)) and least <= float(value) <= most


_KEYS = {
    "priority": _Key("vrrp_instance", "a whole number from 1 to 255", _whole(1, 255)),
    "advert_int": _Key("vrrp_instance", "seconds from 0.01 to 255", _time(0.01, 255)),
    "nopreempt": _Key("vrrp_instance", "on or off", lambda value: value in {"on", "off"}),
    "preempt_delay": _Key("vrrp_instance", "seconds from 0 to 1000", _time(0, 1000)),
    "auth_pass": _Key(
        "vrrp_instance",
        "a password without blanks, quotes, braces or any of ! # $ @ \\",
        lambda value: bool(_PASSWORD.fullmatch(value)),
    ),
    "virtual_router_id": _Key("vrrp_instance", "a whole number from 1 to 255", _whole(1, 255)),
    "weight": _Key("vrrp_script", "a whole number from -253 to 253", _whole(-253, 253)),
}


def change_setting(text: str, key: str, value: str, instance: str | None = None) -> str:
    """The text with one setting changed, added or (`nopreempt off`) removed.

    Args:
        text: a keepalived.conf.
        key: one of `hatlab.actions.SETTINGS`.
        value: in the words of `hatlab do set`; checked, so that it can never become configuration syntax.
        instance: which vrrp_instance, or for `weight` which vrrp_script; needed only if there are several.

    Raises:
        ActionError: no such setting, the value does not fit, or the text has no place for it.
    """
    rule = _KEYS.get(key)
    if rule is None:
        raise ActionError(f"{key!r} cannot be set", "settings: " + ", ".join(_KEYS))
    if not rule.fits(value):
        raise ActionError(f"{key} cannot be {value!r}", f"give {rule.allowed}")
    block = _block(text, rule.block, instance)
    if key == "auth_pass":
        return _password(text, block, value)
    if key == "nopreempt":
        return _flag(text, block, key, value == "on")
    return _value(text, block, key, value)


def _block(text: str, kind: str, name: str | None) -> Statement:
    blocks = [b for b in parse_config(text).all(kind) if b.body is not None and name in (None, b.value())]
    if not blocks:
        wanted = f"{kind} {name}" if name else kind
        known = ", ".join(b.value() for b in parse_config(text).all(kind))
        hint = f"it has {known}" if known else "look at it with `e`, or `reset` the lab"
        raise ActionError(f"this keepalived.conf has no {wanted}", hint)
    if len({b.value() for b in blocks}) > 1:
        names = ", ".join(b.value() for b in blocks)
        raise ActionError(f"this keepalived.conf has several {kind}s: {names}", "name one behind the value")
    return blocks[-1]


def _value(text: str, block: Statement, key: str, value: str) -> str:
    found = block.last(key)
    if found is None:
        return _add(text, block, [f"{key} {value}"])
    _changeable(found, key)
    if len(found.words) == 1:
        end = found.words[0].end
        return f"{text[:end]} {value}{text[end:]}"
    word = found.words[1]
    return text[: word.start] + value + text[word.end :]


def _changeable(statement: Statement, key: str) -> None:
    if not all(word.alone for word in statement.words):
        raise ActionError(f"{key} comes from a $ definition with more in it", "change it with `edit`")


def _flag(text: str, block: Statement, key: str, on: bool) -> str:
    found = list(block.all(key))
    if on:
        return text if found else _add(text, block, [key])
    for statement in reversed(found):
        _changeable(statement, key)
        text = _remove(text, statement)
    return text


def _password(text: str, block: Statement, value: str) -> str:
    name = block.value()
    conf = read_settings(text).get(name)
    if conf is not None and conf.version == 3:
        raise ActionError(
            f"{name} speaks VRRP version 3, which has no passwords", "RFC 9568 §1.2 dropped them"
        )
    inner = block.last("authentication")
    if inner is None or inner.body is None:
        if inner is not None:
            _changeable(inner, "authentication")
            text = _remove(text, inner)
            block = _block(text, "vrrp_instance", name)
        lines = ["authentication {", "\tauth_type PASS", f"\tauth_pass {value}", "}"]
        return _add(text, block, lines)
    return _value(text, inner, "auth_pass", value)


def _add(text: str, block: Statement, lines: list[str]) -> str:
    """New statements at the block's end, indented like the ones before."""
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = _indent(text, block)
    body = [indent + line.replace("\t", "    ") for line in lines]
    start = text.rfind("\n", 0, block.close) + 1
    own_line = start > block.open - 1 and not text[start : block.close].strip()
    if own_line and block.closed:
        return text[:start] + "".join(line + newline for line in body) + text[start:]
    before, after = text[: block.close], text[block.close :]
    return before + newline + newline.join(body) + newline + after


def _indent(text: str, block: Statement) -> str:
    for inner in block.body or ():
        if inner.words:
            at = inner.words[0].start
            lead = text[text.rfind("\n", 0, at) + 1 : at]
            if not lead.strip():
                return lead
    return "    "


def _remove(text: str, statement: Statement) -> str:
    """Without the statement, and without its line if nothing else stands on it."""
    start, end = statement.words[0].start, statement.words[-1].end
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    last = len(text) if last < 0 else last + 1
    if not (text[first:start] + text[end:last]).strip():
        start, end = first, last
    return text[:start] + text[end:]
