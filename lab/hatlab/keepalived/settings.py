"""Reads the settings of a keepalived.conf that timers and explanations need, with keepalived's own defaults.

Tolerant: a value that keepalived would refuse counts as not set, and no text raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hatlab.keepalived.advert_settings import AdvertSettings, is_switch, read_advert_settings, switched_on
from hatlab.keepalived.garp_settings import GarpSettings, global_garp, read_garp
from hatlab.keepalived.parser import Statement, parse_config
from hatlab.keepalived.tracks import Track, combine_tracks, definitions_before, read_number
from hatlab.keepalived.virtual_addresses import VirtualAddress, family_of, read_virtual_addresses
from hatlab.keepalived.virtual_mac import VirtualMac, read_virtual_mac
from hatlab.vrrp.router import OWNER
from hatlab.vrrp.timers import ADVERTS_MISSED

PASSWORD_LENGTH = 8
_MOST_SECONDS_V3 = 40.95
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?")
_INTEGER = re.compile(r"[+-]?\d{1,6}")


@dataclass(frozen=True, slots=True)
class InstanceSettings:
    """One vrrp_instance as keepalived takes it."""

    instance: str
    interface: str = ""
    family: int = 4
    """4 or 6."""
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
    strict: bool = False
    """`strict_mode`, its own or the global `vrrp_strict`: what the RFCs do not have is refused."""
    accept: bool = True
    """Its Master takes packets to the addresses; else keepalived's own firewall rule drops them."""
    auth_type: str = ""
    """PASS or AH as it takes effect; empty for none."""
    auth_pass: str | None = None
    """Cut to 8 characters as on the wire; None without authentication, as in version 3 and strict mode."""
    virtual_addresses: tuple[VirtualAddress, ...] = ()
    """All that it holds as Master, the excluded ones last."""
    adverts: AdvertSettings = field(default_factory=AdvertSettings)
    vmac: VirtualMac | None = None
    """The interface with the virtual router's MAC that it sends from and holds its addresses on."""
    down_adverts: int = ADVERTS_MISSED
    """Adverts that a Backup misses before it takes over (`down_timer_adverts`)."""
    answers_lower: bool = True
    """A Master advertises at once when it hears a lower priority (off: `lower_prio_no_advert`)."""
    answers_higher: bool = False
    """A Master advertises once more when it hears a higher one (`higher_prio_send_advert`)."""
    expected_priority: int = 0
    """A Master that could not run for so long that a peer of this priority took over steps back by itself
    (`timer_expired_backup`, with nopreempt only); 0: it does not."""
    ignores_adverts: bool = False
    """An owner takes no advert at all (`owner_ignore_adverts`)."""
    tells_priority: bool = False
    """Its notify FIFO hears of a changed priority too (`notify_priority_changes`)."""
    tells_deletion: bool = False
    """A reload that takes it away is told as DELETED, not as FAULT (`notify_deleted`)."""
    keeps_weights: bool = True
    """Its tracks have weights: it is no owner, and in no sync group that takes them away."""
    tracks: tuple[Track, ...] = ()
    """All that its state and its priority depend on, its sync group's and its interfaces among them."""
    garp: GarpSettings = field(default_factory=GarpSettings)
    sync_group: str = ""
    """The group whose state it shares, the first if several name it; empty for none."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Keyword → line number of the statement that counts; `auth_pass` too."""

    may_be_empty: bool = True
    """It runs without an address: version 2, or `no_virtual_ipaddress`; neither in strict mode."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """The virtual addresses that it advertises, without prefix length."""
        return tuple(vip.address for vip in self.virtual_addresses if not vip.excluded)

    @property
    def track_scripts(self) -> tuple[str, ...]:
        """The names of the checks that it depends on."""
        return tuple(track.name for track in self.tracks if track.kind == "script")

    @property
    def unicast_peers(self) -> tuple[str, ...]:
        """Who gets its adverts; empty for the multicast group."""
        return tuple(peer.address for peer in self.adverts.peers)


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
    """Added to the priority, or taken off while it fails if negative; 0: a failure means FAULT. A line of
    track_script may say otherwise: what counts for an instance are its tracks."""
    init_fail: bool = False
    """It counts as failed until its first run."""
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
    global_defs = root.merged("global_defs")
    garp = global_garp(global_defs)
    groups = {
        block.value(): (block, blocks.read(block))
        for block, blocks in definitions_before(root)
        if block.keyword == "vrrp_sync_group"
    }
    group_of: dict[str, str] = {}
    for name, (group, _) in groups.items():
        for word in (w for block in group.all("group") for s in block.body or () for w in s.words):
            group_of.setdefault(word.text, name)
    owned = {group_of.get(b.value(), "") for b in root.all("vrrp_instance") if _has_owner_priority(b)}
    for name in owned & groups.keys():
        # "Cannot have weighted track … with member having priority 255 - clearing weight"
        group, tracks_of_group = groups[name]
        groups[name] = group, {key: replace(track, weight=0) for key, track in tracks_of_group.items()}
    found: dict[str, InstanceSettings] = {}
    for block, blocks in definitions_before(root):
        if block.keyword == "vrrp_instance":
            name = group_of.get(block.value(), "")
            group, group_tracks = groups.get(name, (Statement((), 0), {}))
            settings = _instance(block, global_defs, garp, name)
            keeps_weights = settings.priority != OWNER and (not name or _tracks_weights(group))
            tracks = combine_tracks(
                blocks.read(block),
                group_tracks,
                device=settings.interface,
                vips=settings.virtual_addresses,
                tracks_own_device=block.last("dont_track_primary") is None,
                keeps_weights=keeps_weights,
            )
            of_group = switched_on(
                group,
                "notify_priority_changes",
                default=switched_on(global_defs, "vrrp_notify_priority_changes"),
            )
            settings = replace(
                settings,
                keeps_weights=keeps_weights,
                tracks=tracks,
                tells_deletion=block.last("notify_deleted") is not None,
                tells_priority=switched_on(block, "notify_priority_changes", default=of_group),
            )
            found.setdefault(block.value(), settings)
    return found


def scripts_of(root: Statement) -> dict[str, VrrpScript]:
    """`read_scripts` of a text that is parsed already."""
    return {block.value(): _script(block) for block in root.all("vrrp_script") if block.value()}


def _instance(
    block: Statement, global_defs: Statement, garp: GarpSettings, sync_group: str
) -> InstanceSettings:
    """A block's settings, on top of the global ones."""
    family = family_of(block)
    vrid = _integer(block.last("virtual_router_id"), 1, 255, 0)
    strict = switched_on(block, "strict_mode", default=switched_on(global_defs, "vrrp_strict"))
    usual = 3 if family == 6 else _integer(global_defs.last("vrrp_version"), 2, 3, 2)
    version = _version(block) or usual
    if family == 6 and strict:
        version = 3  # "cannot use IPv6 with VRRP version 2; setting version 3"
    wants_master = says_master(block)
    priority = _priority(block.last("priority"), wants_master)
    is_owner = priority == OWNER
    auth_type, auth_pass = ("", None) if strict or version == 3 else _authentication(block)
    # the state follows the priority where none is given, or where strict mode lets it say nothing else
    is_master = is_owner if strict or block.last("state") is None else wants_master
    is_master = is_master and (is_owner or auth_type != "AH")
    nopreempt = block.last("nopreempt") is not None and not is_master and not is_owner
    preempt_delay = 0.0 if strict else _seconds(block.last("preempt_delay"), 0, 1000, 0.0)
    own_garp = read_garp(block, "", garp)
    return InstanceSettings(
        instance=block.value(),
        interface=_value(block.last("interface")),
        family=family,
        vrid=vrid or None,
        priority=priority,
        interval=_interval(block.last("advert_int"), version),
        version=version,
        state="MASTER" if is_master else "BACKUP",
        nopreempt=nopreempt,
        preempt_delay=0.0 if is_master or nopreempt else preempt_delay,
        strict=strict,
        may_be_empty=not strict and (version == 2 or block.last("no_virtual_ipaddress") is not None),
        accept=is_owner or _accepts(block, strict=strict, version=version),
        auth_type=auth_type,
        auth_pass=auth_pass,
        virtual_addresses=read_virtual_addresses(block),
        adverts=read_advert_settings(block, global_defs, family),
        vmac=read_virtual_mac(block, global_defs, vrid, family),
        down_adverts=ADVERTS_MISSED if strict else read_down_adverts(block, global_defs),
        answers_lower=not strict and not _switch(block, global_defs, "lower_prio_no_advert"),
        answers_higher=not strict and _switch(block, global_defs, "higher_prio_send_advert"),
        expected_priority=_expected_priority(block) if nopreempt else 0,
        ignores_adverts=is_owner and (strict or _ignores_adverts(block, global_defs)),
        garp=replace(own_garp, lower_repeat=0) if strict else own_garp,
        sync_group=sync_group,
        lines={**_lines(block), **_lines(block.last("authentication") or Statement((), 0))},
    )


def _version(block: Statement) -> int:
    """The version that a block asks for, 0 for none: the first counts, and `version 2` does only if it stands
    before what makes the instance one of IPv6 (vrrp_version_handler). `native_ipv6` sets 3 in any case."""
    body, version = block.body or (), 0
    for number, statement in enumerate(body):
        if statement.keyword == "native_ipv6" and family_of(replace(block, body=body[: number + 1])) == 6:
            return 3
        asked = _integer(statement, 2, 3, 0) if statement.keyword == "version" else 0
        if not version and not (asked == 2 and family_of(replace(block, body=body[:number])) == 6):
            version = asked
    return version


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
        weight=read_number(_value(block.last("weight")), -(2**31), 2**31 - 1) or 0,
        init_fail=block.last("init_fail") is not None,
        lines=_lines(block),
    )


def says_master(block: Statement) -> bool:
    """True if the state is MASTER, which a BACKUP behind it does not change (vrrp_state_handler)."""
    is_master = False
    for statement in block.all("state"):
        is_master = statement.value() == "MASTER" or (is_master and statement.value() == "BACKUP")
    return is_master


def _accepts(block: Statement, *, strict: bool, version: int) -> bool:
    """True if a Master that is not the owner takes packets to its addresses (RFC 9568 §6.1, Accept_Mode).

    RFC 3768 has no such mode: in strict version 2 nothing turns it on.
    """
    said = block.last("accept", "no_accept")
    accepts = said.keyword == "accept" if said else not strict
    return accepts and not (strict and version == 2)


def _switch(block: Statement, global_defs: Statement, keyword: str) -> bool:
    """True if a keyword is on, the instance's own or the global one."""
    return switched_on(block, keyword, default=switched_on(global_defs, f"vrrp_{keyword}"))


def _ignores_adverts(block: Statement, global_defs: Statement) -> bool:
    """True if an owner ignores adverts; keepalived takes its own `owner_ignore_adverts false` as true."""
    return is_switch(block.last("owner_ignore_adverts")) or switched_on(
        global_defs, "vrrp_owner_ignore_adverts"
    )


def read_down_adverts(block: Statement, global_defs: Statement) -> int:
    """Return how many adverts an instance may miss, as written for it or for all."""
    default = _integer(global_defs.last("vrrp_down_timer_adverts"), 1, 100, ADVERTS_MISSED)
    return _integer(block.last("down_timer_adverts"), 1, 100, default)


def _has_owner_priority(block: Statement) -> bool:
    return _priority(block.last("priority"), says_master(block)) == OWNER


def _expected_priority(block: Statement) -> int:
    """The priority that `timer_expired_backup` or its old name says; 254 without one."""
    said = block.last("timer_expired_backup", "thread_timer_expired")
    if not said:
        return 0
    return _integer(said, 1, OWNER - 1, 0) if said.value() else OWNER - 1


def _tracks_weights(group: Statement) -> bool:
    """True if the members of a sync group keep their weights."""
    return any(group.last(word) for word in ("sync_group_tracking_weight", "global_tracking"))


def _authentication(block: Statement) -> tuple[str, str | None]:
    """The authentication that takes effect, and its password."""
    inner = block.last("authentication")
    kinds = [s.value() for s in inner.all("auth_type") if s.value() in {"PASS", "AH"}] if inner else []
    password = _value(inner.last("auth_pass")) if inner else ""
    return (kinds[-1], password[:PASSWORD_LENGTH]) if kinds and password else ("", None)


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
