"""What the timers and the explanations need of a keepalived.conf, with keepalived's own defaults.

Tolerant: a value that keepalived would refuse counts as not given, and no text raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from hatlab.keepalived.parser import Statement, parse_config

PASSWORD_LENGTH = 8
_MOST_SECONDS_V3 = 40.95
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?")
_INTEGER = re.compile(r"[+-]?\d{1,6}")


@dataclass(frozen=True, slots=True)
class GarpSettings:
    """When a Master announces its addresses, seconds and frames, with keepalived's defaults (vrrp_data.c).

    Attributes:
        delay, repeat: the second announcement of a new Master, and the frames of each.
        refresh, refresh_repeat: the announcements that go on as long as it is Master; 0: none.
        lower_delay, lower_repeat: those after an advert of lower priority; 0 frames: none.
    """

    delay: int = 5
    repeat: int = 5
    refresh: int = 0
    refresh_repeat: int = 1
    lower_delay: int = 5
    lower_repeat: int = 5


@dataclass(frozen=True, slots=True)
class InstanceSettings:
    """One vrrp_instance as keepalived takes it.

    Attributes:
        priority: base priority; without one 255 for `state MASTER`, else 100; for an invalid one 100.
        interval: seconds between adverts; version 2 rounds to whole ones (half up), version 3 to hundredths.
        nopreempt, preempt_delay: as they take effect: `state MASTER` clears both (keepalived warns), and
            nopreempt clears the delay.
        auth_pass: cut to 8 characters as on the wire; None without `auth_type PASS` and in version 3.
        addresses: virtual addresses in the file's order, without prefix length.
        track_scripts: names of the checks it depends on.
        unicast_peers: who gets its adverts; empty for the multicast group.
        garp: when it announces its addresses.
        sync_group: the group whose state it shares, empty for none; the first one if several name it.
        lines: keyword → line number of the statement that counts; `auth_pass` too.
    """

    instance: str
    interface: str = ""
    vrid: int | None = None
    priority: int = 100
    interval: float = 1.0
    version: int = 2
    state: str = "BACKUP"
    nopreempt: bool = False
    preempt_delay: float = 0.0
    auth_pass: str | None = None
    addresses: tuple[str, ...] = ()
    track_scripts: tuple[str, ...] = ()
    unicast_peers: tuple[str, ...] = ()
    garp: GarpSettings = GarpSettings()
    sync_group: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VrrpScript:
    """One vrrp_script: seconds, counts of runs, and the weight it adds (0: a failure means FAULT)."""

    name: str
    command: str = ""
    interval: float = 1.0
    timeout: float = 1.0
    fall: int = 1
    rise: int = 1
    weight: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)


def read_settings(text: str) -> dict[str, InstanceSettings]:
    """Each vrrp_instance by name. Never raises."""
    return settings_of(parse_config(text))


def read_scripts(text: str) -> dict[str, VrrpScript]:
    """Each vrrp_script by name. Never raises."""
    return scripts_of(parse_config(text))


def settings_of(root: Statement) -> dict[str, InstanceSettings]:
    """`read_settings` of a text that is read already."""
    glob = Statement((), 0, tuple(s for block in root.all("global_defs") for s in block.body or ()))
    version = _integer(glob.last("vrrp_version"), 2, 3, 2)
    garp = _garp(glob, "vrrp_", GarpSettings())
    # without settings of its own a lower priority is answered like a new Master's election, as set globally
    garp = _garp(glob, "vrrp_", replace(garp, lower_delay=garp.delay, lower_repeat=garp.repeat))
    groups: dict[str, str] = {}
    for group in root.all("vrrp_sync_group"):
        for word in (w for b in group.all("group") for s in b.body or () for w in s.words):
            groups.setdefault(word.text, group.value())
    return {
        b.value(): _instance(b, version, garp, groups.get(b.value(), ""))
        for b in root.all("vrrp_instance")
        if b.value()
    }


def scripts_of(root: Statement) -> dict[str, VrrpScript]:
    """`read_scripts` of a text that is read already."""
    return {b.value(): _script(b) for b in root.all("vrrp_script") if b.value()}


def _instance(block: Statement, version: int, garp: GarpSettings, sync_group: str) -> InstanceSettings:
    addresses = _addresses(block)
    version = _integer(block.last("version"), 2, 3, version)
    if addresses and ":" in addresses[0]:
        version = 3  # keepalived: "cannot use IPv6 with VRRP version 2; setting version 3"
    state = _word(block.last("state")) or "BACKUP"
    state = state if state in {"MASTER", "BACKUP"} else "BACKUP"
    master = state == "MASTER"
    nopreempt = block.last("nopreempt") is not None and not master
    delay = _seconds(block.last("preempt_delay"), 0, 1000, 0.0)
    auth_pass, lines = _authentication(block, version)
    return InstanceSettings(
        instance=block.value(),
        interface=_word(block.last("interface")),
        vrid=_integer(block.last("virtual_router_id"), 1, 255, 0) or None,
        priority=_priority(block.last("priority"), master),
        interval=_interval(block.last("advert_int"), version),
        version=version,
        state=state,
        nopreempt=nopreempt,
        preempt_delay=0.0 if master or nopreempt else delay,
        auth_pass=auth_pass,
        addresses=addresses,
        track_scripts=_entries(block, "track_script"),
        unicast_peers=_entries(block, "unicast_peer"),
        garp=_garp(block, "", garp),
        sync_group=sync_group,
        lines={**_lines(block), **lines},
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
    found = []
    for inner in (s for b in block.all("virtual_ipaddress") for s in b.body or ()):
        address = inner.keyword.partition("/")[0]
        try:
            found.append(str(ip_address(address)))
        except ValueError:
            continue
    return tuple(found)


def _entries(block: Statement, keyword: str) -> tuple[str, ...]:
    return tuple(s.keyword for b in block.all(keyword) for s in b.body or ())


def _garp(block: Statement, prefix: str, base: GarpSettings) -> GarpSettings:
    """The announcements that a block sets, on top of `base`."""

    def given(key: str, default: int, least: int = 0) -> int:
        return max(least, _integer(block.last(f"{prefix}garp_{key}"), 0, 999_999, default))

    return GarpSettings(
        given("master_delay", base.delay),
        given("master_repeat", base.repeat, 1),
        given("master_refresh", base.refresh),
        given("master_refresh_repeat", base.refresh_repeat, 1),
        given("lower_prio_delay", base.lower_delay),
        given("lower_prio_repeat", base.lower_repeat),
    )


def _authentication(block: Statement, version: int) -> tuple[str | None, dict[str, int]]:
    inner = block.last("authentication")
    if inner is None:
        return None, {}
    kind, secret = _word(inner.last("auth_type")), _word(inner.last("auth_pass"))
    used = version == 2 and kind == "PASS" and bool(secret)
    return secret[:PASSWORD_LENGTH] if used else None, _lines(inner)


def _interval(statement: Statement | None, version: int) -> float:
    seconds = _seconds(statement, 0.01, 255, 1.0)
    if version == 2:
        return max(1.0, float(int(seconds + 0.5)))
    return min(_MOST_SECONDS_V3, int(seconds * 100 + 0.5) / 100)


def _priority(statement: Statement | None, master: bool) -> int:
    if statement is None:
        return 255 if master else 100
    return _integer(statement, 1, 255, 100)  # keepalived: "Priority not valid! … Using default 100"


def _lines(block: Statement) -> dict[str, int]:
    return {inner.keyword: inner.line for inner in block.body or () if inner.words}


def _word(statement: Statement | None) -> str:
    return statement.value() if statement else ""


def _integer(statement: Statement | None, least: int, most: int, default: int) -> int:
    word = _word(statement)
    if not _INTEGER.fullmatch(word):
        return default
    return int(word) if least <= int(word) <= most else default


def _seconds(statement: Statement | None, least: float, most: float, default: float) -> float:
    word = _word(statement)
    if not _NUMBER.fullmatch(word):
        return default
    return float(word) if least <= float(word) <= most else default
