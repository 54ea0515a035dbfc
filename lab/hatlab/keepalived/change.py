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
class _Setting:
    """A keyword that can be changed."""

    block: str
    """The block that it stands in, or that holds the block it stands in."""
    allowed: str
    """Its values in words."""
    allows: Callable[[str], bool]


def _whole_number(least: int, most: int) -> Callable[[str], bool]:
    return lambda value: bool(_INTEGER.fullmatch(value)) and least <= int(value) <= most


def _seconds(least: float, most: float) -> Callable[[str], bool]:
    return lambda value: bool(_SECONDS.fullmatch(value)) and least <= float(value) <= most


_SETTINGS = {
    "priority": _Setting("vrrp_instance", "a whole number from 1 to 255", _whole_number(1, 255)),
    "advert_int": _Setting("vrrp_instance", "seconds from 0.01 to 255", _seconds(0.01, 255)),
    "nopreempt": _Setting("vrrp_instance", "on or off", lambda value: value in {"on", "off"}),
    "preempt_delay": _Setting("vrrp_instance", "seconds from 0 to 1000", _seconds(0, 1000)),
    "auth_pass": _Setting(
        "vrrp_instance",
        "a password without spaces, quotes, braces or any of ! # $ @ \\",
        lambda value: bool(_PASSWORD.fullmatch(value)),
    ),
    "virtual_router_id": _Setting("vrrp_instance", "a whole number from 1 to 255", _whole_number(1, 255)),
    "weight": _Setting("vrrp_script", "a whole number from -253 to 253", _whole_number(-253, 253)),
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
    setting = _SETTINGS.get(key)
    if setting is None:
        raise ActionError(f"{key!r} cannot be set", "the settings are: " + ", ".join(_SETTINGS))
    if not setting.allows(value):
        raise ActionError(f"{key} cannot be {value!r}", f"give {setting.allowed}")
    block = _find_block(text, setting.block, instance)
    if key == "auth_pass":
        return _set_password(text, block, value)
    if key == "nopreempt":
        return _set_flag(text, block, key, value == "on")
    return _set_value(text, block, key, value)


def _find_block(text: str, kind: str, name: str | None) -> Statement:
    """The block to change: the only one of a kind, or the one of a name.

    Raises:
        ActionError: there is none, or it is not clear which.
    """
    candidates = list(parse_config(text).all(kind))
    blocks = [b for b in candidates if b.body is not None and name in (None, b.value())]
    if not blocks:
        wanted = f"{kind} {name}" if name else kind
        known = ", ".join(b.value() for b in candidates)
        hint = f"it has {known}" if known else "look at it (key e), or reset the lab"
        raise ActionError(f"this keepalived.conf has no {wanted}", hint)
    if len({b.value() for b in blocks}) > 1:
        names = ", ".join(b.value() for b in blocks)
        raise ActionError(
            f"this keepalived.conf has several {kind}s: {names}", "add the name of one after the value"
        )
    return blocks[-1]


def _set_value(text: str, block: Statement, key: str, value: str) -> str:
    statement = block.last(key)
    if statement is None:
        return _add_lines(text, block, [f"{key} {value}"])
    _require_changeable(statement, key)
    if len(statement.words) == 1:
        end = statement.words[0].end
        return f"{text[:end]} {value}{text[end:]}"
    word = statement.words[1]
    return text[: word.start] + value + text[word.end :]


def _require_changeable(statement: Statement, key: str) -> None:
    if not all(word.alone for word in statement.words):
        raise ActionError(
            f"{key} comes from a $ definition that holds more than that", "use `edit` to change it"
        )


def _set_flag(text: str, block: Statement, key: str, on: bool) -> str:
    statements = list(block.all(key))
    if on:
        return text if statements else _add_lines(text, block, [key])
    for statement in reversed(statements):
        _require_changeable(statement, key)
        text = _remove(text, statement)
    return text


def _set_password(text: str, block: Statement, value: str) -> str:
    name = block.value()
    settings = read_settings(text).get(name)
    if settings is not None and settings.version == 3:
        raise ActionError(
            f"{name} speaks VRRP version 3, which has no passwords", "RFC 9568 §1.2 removed them"
        )
    inner = block.last("authentication")
    if inner is not None and inner.body is not None:
        return _set_value(text, inner, "auth_pass", value)
    if inner is not None:
        _require_changeable(inner, "authentication")
        text = _remove(text, inner)
        block = _find_block(text, "vrrp_instance", name)
    lines = ["authentication {", "\tauth_type PASS", f"\tauth_pass {value}", "}"]
    return _add_lines(text, block, lines)


def _add_lines(text: str, block: Statement, lines: list[str]) -> str:
    """The text with new lines at the block's end, indented like the ones before."""
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = _indent(text, block)
    body = [indent + line.replace("\t", "    ") for line in lines]
    start = text.rfind("\n", 0, block.close) + 1
    on_own_line = start > block.open - 1 and not text[start : block.close].strip()
    if on_own_line and block.closed:
        return text[:start] + "".join(line + newline for line in body) + text[start:]
    before, after = text[: block.close], text[block.close :]
    return before + newline + newline.join(body) + newline + after


def _indent(text: str, block: Statement) -> str:
    """The blanks before the block's first statement that begins a line."""
    for inner in block.body or ():
        if inner.words:
            at = inner.words[0].start
            lead = text[text.rfind("\n", 0, at) + 1 : at]
            if not lead.strip():
                return lead
    return "    "


def _remove(text: str, statement: Statement) -> str:
    """The text without the statement, and without its line if nothing else stands on it."""
    start, end = statement.words[0].start, statement.words[-1].end
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    last = len(text) if last < 0 else last + 1
    if not (text[first:start] + text[end:last]).strip():
        start, end = first, last
    return text[:start] + text[end:]
