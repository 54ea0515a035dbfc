"""Reads the settings of a keepalived.conf that timers and explanations need, with keepalived's own defaults.

Tolerant: a value that keepalived would refuse counts as not set, and no text raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from hatlab.keepalived.parser import Statement, parse_config

PASSWORD_LENGTH = 8
_MOST_SECONDS_V3 = 40.95
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?")
_INTEGER = re.compile(r"[+-]?\d{1,6}")


@dataclass(frozen=True, slots=True)
class GarpSettings:
    """When a Master announces its addresses: seconds and frames, with keepalived's defaults (vrrp_data.c)."""

    delay: int = 5
    """From becoming Master to the second announcement."""
    repeat: int = 5
    """Frames of each of the two."""
    refresh: int = 0
    """From one refresh to the next, as long as it is Master; 0: none."""
    refresh_repeat: int = 1
    lower_delay: int = 5
    """From an advert of lower priority to the second announcement after it."""
    lower_repeat: int = 5
    """Frames of each of those two; 0: none."""


@dataclass(frozen=True, slots=True)
class InstanceSettings:
    """One vrrp_instance as keepalived takes it."""

    instance: str
    interface: str = ""
    vrid: int | None = None
    priority: int = 100
    """The base priority; without one 255 for `state MASTER`, else 100; for an invalid one 100."""
    interval: float = 1.0
    """Seconds between adverts; version 2 rounds to whole ones (half up), version 3 to hundredths."""
    version: int = 2
    state: str = "BACKUP"
    nopreempt: bool = False
    """As it takes effect: `state MASTER` clears it (keepalived warns)."""
    preempt_delay: float = 0.0
    """As it takes effect, in seconds: `state MASTER` and nopreempt clear it."""
    auth_pass: str | None = None
    """Cut to 8 characters as on the wire; None without `auth_type PASS` and in version 3."""
    addresses: tuple[str, ...] = ()
    """The virtual addresses in the file's order, without prefix length."""
    track_scripts: tuple[str, ...] = ()
    """The names of the checks that it depends on."""
    unicast_peers: tuple[str, ...] = ()
    """Who gets its adverts; empty for the multicast group."""
    garp: GarpSettings = GarpSettings()
    sync_group: str = ""
    """The group whose state it shares, the first if several name it; empty for none."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Keyword → line number of the statement that counts; `auth_pass` too."""


@dataclass(frozen=True, slots=True)
class VrrpScript:
    """One vrrp_script as keepalived takes it."""

    name: str
    command: str = ""
    interval: float = 1.0
    """Seconds from one run to the next."""
    timeout: float = 1.0
    """Seconds."""
    fall: int = 1
    """Failed runs until it counts as down."""
    rise: int = 1
    """Good runs until it counts as up again."""
    weight: int = 0
    """Added to the priority, or taken off while it fails if negative; 0: a failure means FAULT."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Keyword → line number of the statement that counts."""


def read_settings(text: str) -> dict[str, InstanceSettings]:
    """Each vrrp_instance of a keepalived.conf, by name. Never raises."""
    return settings_of(parse_config(text))


def read_scripts(text: str) -> dict[str, VrrpScript]:
    """Each vrrp_script of a keepalived.conf, by name. Never raises."""
    return scripts_of(parse_config(text))


def settings_of(root: Statement) -> dict[str, InstanceSettings]:
    """`read_settings` of a text that is parsed already."""
    global_defs = Statement((), 0, tuple(s for block in root.all("global_defs") for s in block.body or ()))
    version = _integer(global_defs.last("vrrp_version"), 2, 3, 2)
    garp = _garp(global_defs, "vrrp_", GarpSettings())
    # without settings of its own a lower priority is answered like a new Master's election, as set globally
    garp = _garp(global_defs, "vrrp_", replace(garp, lower_delay=garp.delay, lower_repeat=garp.repeat))
    sync_groups: dict[str, str] = {}
    for group in root.all("vrrp_sync_group"):
        for word in (w for block in group.all("group") for s in block.body or () for w in s.words):
            sync_groups.setdefault(word.text, group.value())
    return {
        block.value(): _instance(block, version, garp, sync_groups.get(block.value(), ""))
        for block in root.all("vrrp_instance")
        if block.value()
    }


def scripts_of(root: Statement) -> dict[str, VrrpScript]:
    """`read_scripts` of a text that is parsed already."""
    return {block.value(): _script(block) for block in root.all("vrrp_script") if block.value()}


def _instance(block: Statement, version: int, garp: GarpSettings, sync_group: str) -> InstanceSettings:
    """A block's settings, on top of the global ones."""
    addresses = _addresses(block)
    version = _integer(block.last("version"), 2, 3, version)
    if addresses and ":" in addresses[0]:
        version = 3  # keepalived: "cannot use IPv6 with VRRP version 2; setting version 3"
    is_master = _value(block.last("state")) == "MASTER"
    nopreempt = block.last("nopreempt") is not None and not is_master
    preempt_delay = _seconds(block.last("preempt_delay"), 0, 1000, 0.0)
    auth_pass, auth_lines = _authentication(block, version)
    return InstanceSettings(
        instance=block.value(),
        interface=_value(block.last("interface")),
        vrid=_integer(block.last("virtual_router_id"), 1, 255, 0) or None,
        priority=_priority(block.last("priority"), is_master),
        interval=_interval(block.last("advert_int"), version),
        version=version,
        state="MASTER" if is_master else "BACKUP",
        nopreempt=nopreempt,
        preempt_delay=0.0 if is_master or nopreempt else preempt_delay,
        auth_pass=auth_pass,
        addresses=addresses,
        track_scripts=_entries(block, "track_script"),
        unicast_peers=_entries(block, "unicast_peer"),
        garp=_garp(block, "", garp),
        sync_group=sync_group,
        lines={**_lines(block), **auth_lines},
    )


def _script(block: Statement) -> VrrpScript:
    interval = _seconds(block.last("interval"), 0.001, 1_000_000, 1.0)
    command = block.last("script")
    return VrrpScript(
        name=block.value(),
        command=" ".join(word.text for word in command.words[1:]) if command else "",
        interval=interval,
        timeout=_seconds(block.last("timeout"), 0.001, 1_000_000, interval),
        fall=_integer(block.last("fall"), 1, 1_000_000, 1),
        rise=_integer(block.last("rise"), 1, 1_000_000, 1),
        weight=_integer(block.last("weight"), -253, 253, 0),
        lines=_lines(block),
    )


def _addresses(block: Statement) -> tuple[str, ...]:
    addresses = []
    for entry in _entries(block, "virtual_ipaddress"):
        with suppress(ValueError):
            addresses.append(str(ip_address(entry.partition("/")[0])))
    return tuple(addresses)


def _entries(block: Statement, keyword: str) -> tuple[str, ...]:
    """The first words of the lines in the list blocks of a keyword."""
    return tuple(entry.keyword for inner in block.all(keyword) for entry in inner.body or ())


def _garp(block: Statement, prefix: str, base: GarpSettings) -> GarpSettings:
    """The announcements that a block sets, on top of `base`."""

    def setting(key: str, default: int, least: int = 0) -> int:
        return max(least, _integer(block.last(f"{prefix}garp_{key}"), 0, 999_999, default))

    return GarpSettings(
        setting("master_delay", base.delay),
        setting("master_repeat", base.repeat, 1),
        setting("master_refresh", base.refresh),
        setting("master_refresh_repeat", base.refresh_repeat, 1),
        setting("lower_prio_delay", base.lower_delay),
        setting("lower_prio_repeat", base.lower_repeat),
    )


def _authentication(block: Statement, version: int) -> tuple[str | None, dict[str, int]]:
    """The password that takes effect, and the lines of its block's statements."""
    inner = block.last("authentication")
    if inner is None:
        return None, {}
    kind, password = _value(inner.last("auth_type")), _value(inner.last("auth_pass"))
    takes_effect = version == 2 and kind == "PASS" and bool(password)
    return password[:PASSWORD_LENGTH] if takes_effect else None, _lines(inner)


def _interval(statement: Statement | None, version: int) -> float:
    seconds = _seconds(statement, 0.01, 255, 1.0)
    if version == 2:
        return max(1.0, float(int(seconds + 0.5)))
    return min(_MOST_SECONDS_V3, int(seconds * 100 + 0.5) / 100)


def _priority(statement: Statement | None, is_master: bool) -> int:
    if statement is None:
        return 255 if is_master else 100
    return _integer(statement, 1, 255, 100)  # keepalived: "Priority not valid! … Using default 100"


def _lines(block: Statement) -> dict[str, int]:
    return {inner.keyword: inner.line for inner in block.body or () if inner.words}


def _value(statement: Statement | None) -> str:
    return statement.value() if statement else ""


def _integer(statement: Statement | None, least: int, most: int, default: int) -> int:
    word = _value(statement)
    if not _INTEGER.fullmatch(word):
        return default
    return int(word) if least <= int(word) <= most else default


def _seconds(statement: Statement | None, least: float, most: float, default: float) -> float:
    word = _value(statement)
    if not _NUMBER.fullmatch(word):
        return default
    return float(word) if least <= float(word) <= most else default
