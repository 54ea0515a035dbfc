"""When a Master announces its addresses, and how fast one announcement may follow another, as keepalived
takes it (global_parser.c, vrrp_parser.c)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hatlab.keepalived.advert_settings import switched_on
from hatlab.keepalived.numbers import whole_number
from hatlab.keepalived.parser import Statement, parse_config

_MOST = 999_999


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
class GarpPace:
    """Seconds that must lie between two announcements on the interfaces of a group."""

    group: str
    """What its interfaces share: theirs alone counts if it is an interface's own name."""
    arp: float = 0.0
    neighbour: float = 0.0


@dataclass(frozen=True, slots=True)
class GarpPaces:
    """The paces of a file's interfaces."""

    grouped: Mapping[str, GarpPace] = field(default_factory=dict)
    """Interface → the pace of its garp_group."""
    arp: float = 0.0
    """Of each other interface for itself."""
    neighbour: float = 0.0

    def of(self, device: str) -> GarpPace:
        """Return the pace of an interface."""
        return self.grouped.get(device) or GarpPace(device, self.arp, self.neighbour)


def global_garp(global_defs: Statement) -> GarpSettings:
    """Return what the global settings say. Without settings of its own a lower priority is answered like a
    new Master's election."""
    garp = read_garp(global_defs, "vrrp_", GarpSettings())
    if switched_on(global_defs, "vrrp_min_garp"):
        # of what is not set, there is one frame
        plain = GarpSettings()
        garp = replace(
            garp,
            delay=0 if garp.delay == plain.delay else garp.delay,
            repeat=1 if garp.repeat == plain.repeat else garp.repeat,
            refresh_repeat=0 if garp.refresh_repeat == plain.refresh_repeat else garp.refresh_repeat,
        )
    return read_garp(
        global_defs, "vrrp_", replace(garp, lower_delay=garp.delay, lower_repeat=garp.repeat), lower_only=True
    )


def read_garp(block: Statement, prefix: str, base: GarpSettings, *, lower_only: bool = False) -> GarpSettings:
    """Return what a block sets, on top of `base`; with `lower_only` what it says of lower priorities."""

    def setting(key: str, default: int, least: int = 0) -> int:
        statement = block.last(f"{prefix}garp_{key}")
        word = statement.value() if statement else ""
        number = whole_number(word)
        return max(least, number) if number is not None and number <= _MOST else default

    lower = {
        "lower_delay": setting("lower_prio_delay", base.lower_delay),
        "lower_repeat": setting("lower_prio_repeat", base.lower_repeat),
    }
    if lower_only:
        return replace(base, **lower)
    return GarpSettings(
        setting("master_delay", base.delay),
        setting("master_repeat", base.repeat, 1),
        setting("master_refresh", base.refresh),
        setting("master_refresh_repeat", base.refresh_repeat, 1),
        **lower,
    )


def read_garp_paces(text: str) -> GarpPaces:
    """Return the paces of a keepalived.conf. Never raises."""
    root = parse_config(text)
    grouped: dict[str, GarpPace] = {}
    for number, block in enumerate(root.all("garp_group")):
        arp, neighbour = _seconds(block.last("garp_interval")), _seconds(block.last("gna_interval"))
        for statement in block.all("interface"):
            grouped.setdefault(statement.value(), GarpPace(f"group {number}", arp, neighbour))
        for inner in block.all("interfaces"):
            for entry in inner.body or ():
                grouped.setdefault(entry.keyword, GarpPace(f"group {number}", arp, neighbour))
    global_defs = root.merged("global_defs")
    return GarpPaces(
        grouped,
        _seconds(global_defs.last("vrrp_garp_interval")),
        _seconds(global_defs.last("vrrp_gna_interval")),
    )


def _seconds(statement: Statement | None) -> float:
    try:
        return max(0.0, float(statement.value())) if statement else 0.0
    except ValueError:
        return 0.0
