"""What keepalived logs of a vrrp_instance that it takes otherwise than it is written, in its own words.

Some it says while it reads the file, with the line (vrrp_parser.c, vrrp_data.c), the rest when it has read
all of it (vrrp_complete_instance). Nothing here ends the daemon.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from hatlab.keepalived import InstanceSettings, Statement
from hatlab.keepalived.advert_settings import is_switch, switched_on
from hatlab.keepalived.numbers import whole_number
from hatlab.keepalived.virtual_addresses import MOST_ADVERTISED, parse_address
from hatlab.vrrp.router import OWNER
from hatlab.vrrp.timers import ADVERTS_MISSED

_LONGEST_PASSWORD = 8
_NO_IPTABLES = (
    "iptables not supported, using nftables instead. Please replace 'vrrp_iptables and 'vrrp_ipsets' "
    "with 'nftables' config option"
)
_SAYS_FAMILY = {"unicast_src_ip", "mcast_src_ip", "mcast_dst_ip", "unicast_peer", "virtual_ipaddress"}
"""Statements whose first address makes an instance one of IPv4 or IPv6."""


def lines_while_reading(
    block: Statement, settings: InstanceSettings, last_line: int
) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of what is said while the file is read; `last_line` is the block's own."""
    name = settings.instance
    for statement in block.body or ():
        match statement.keyword:
            case "interface" if statement.value() == "lo":
                text = "cannot use a loopback interface (lo) for vrrp - ignoring"
                yield statement.line, f"({name}) {text}"
            case "state" if statement.value() not in {"MASTER", "BACKUP"}:
                yield (
                    statement.line,
                    f"({name}) unknown state '{statement.value()}', defaulting to BACKUP",
                )
            case "authentication":
                for secret in statement.all("auth_pass"):
                    if len(secret.value()) > _LONGEST_PASSWORD:
                        yield secret.line, f"Truncating auth_pass to {_LONGEST_PASSWORD} characters"
            case "priority":
                if fault := _fault_of_number(statement.value(), 1, OWNER):
                    yield statement.line, fault
                    text = f"Priority not valid! must be between 1 & {OWNER}. Using default 100"
                    yield statement.line, f"({name}) {text}"
            case "native_ipv6" if _family_before(block, statement) == 4:
                yield statement.line, f"({name}) Cannot specify native_ipv6 with IPv4 addresses"
            case "mcast_dst_ip" if address := parse_address(statement.value()):
                if _family_before(block, statement) == (4 if ":" in address else 6):
                    told = f"mcast dest address {address} MUST match VRRP instance family. Skipping..."
                    yield statement.line, f"({name}) {told}"
            case "virtual_ipaddress" | "virtual_ipaddress_excluded":
                yield from _lines_of_addresses(statement, settings)
    if settings.adverts.is_unicast and block.last("use_vmac") and not block.last("vmac_xmit_base"):
        yield last_line, f"({name}) unicast with use_vmac requires vmac_xmit_base - setting"
    if not settings.adverts.peers and block.last("unicast_ttl"):
        yield last_line, f"({name}): Cannot use unicast_ttl without unicast peers - resetting"


def _fault_of_number(text: str, least: int, most: int) -> str:
    """Return what is said of a number that is none or out of its range (lib/parser.c); empty if fine."""
    if text.startswith("-"):
        return f"negative number '{text}'"
    number = whole_number(text)
    if number is None:
        return f"invalid number '{text}'"
    return "" if least <= number <= most else f"number '{text}' outside range [{least}, {most}]"


def _family_before(block: Statement, statement: Statement) -> int:
    """Return the family that the lines of an instance before one have made it, 4 or 6; 0 if none has."""
    for inner in itertools.takewhile(lambda inner: inner is not statement, block.body or ()):
        if inner.keyword == "native_ipv6":
            return 6
        if inner.keyword in _SAYS_FAMILY:
            for word in (inner.value(), *(entry.keyword for entry in inner.body or ())):
                if address := parse_address(re.split("[/-]", word, maxsplit=1)[0]):
                    return 6 if ":" in address else 4
    return 0


def _lines_of_addresses(statement: Statement, settings: InstanceSettings) -> Iterator[tuple[int, str]]:
    """Yield what is said of addresses that are left out."""
    excluded = statement.keyword == "virtual_ipaddress_excluded"
    seen: set[tuple[str, str]] = set()
    for entry in (entry for entry in statement.body or () if entry.words):
        words = [word.text for word in entry.words]
        address = parse_address(words[0].partition("/")[0])
        device = words[words.index("dev") + 1] if "dev" in words[:-1] else ""
        longest = 128 if ":" in address else 32
        bits = words[0].partition("/")[2]
        length = whole_number(bits)
        if address and bits and (length is None or length > longest):
            yield entry.line, f"Invalid address prefix len {bits} for address {words[0]} - using {longest}"
        if not address:
            yield entry.line, f"VRRP parsed invalid IP {words[0]}. skipping IP..."
        elif (":" in address) != (settings.family == 6) and not excluded:
            text = f"address family must match VRRP instance [{words[0]}] - ignoring"
            yield entry.line, f"({settings.instance}): {text}"
        elif (address, device if excluded else "") in seen:
            kind = "Excluded VIP duplicates an excluded VIP" if excluded else "VIP duplicates a VIP"
            yield entry.line, f"({settings.instance}): {kind} {words[0]} - ignoring"
        seen.add((address, device if excluded else ""))


def global_lines(root: Statement) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of what is said of global_defs while the file is read."""
    for block in root.all("global_defs"):
        for inner in block.body or ():
            if inner.keyword in {"vrrp_iptables", "vrrp_ipsets"}:
                yield inner.line, _NO_IPTABLES


def definition_lines(root: Statement) -> Iterator[tuple[int, str]]:
    """Yield (line number, 0 for none; text) of what is said of files and sync groups while it is read."""
    for block in root.body or ():
        if block.keyword == "vrrp_track_file":
            yield 0, '"vrrp_track_file" is deprecated, please use "track_file"'
        elif block.keyword == "vrrp_sync_group":
            text = "global_tracking is deprecated. Use track_interface/script/file on the sync group"
            yield from ((inner.line, f"({block.value()}) {text}") for inner in block.all("global_tracking"))


def lines_when_read(
    block: Statement, settings: InstanceSettings, *, names_firewall: bool, down_adverts: int
) -> Iterator[str]:
    """Yield what is said of an instance as a whole.

    Args:
        names_firewall: it is the first that needs a firewall, and the file names none.
        down_adverts: how many adverts it may miss, as written for it or for all.
    """
    name = settings.instance
    yield from _homeless_addresses(block, settings)
    yield from authentication_lines(block, settings)
    for lines in (_unicast_lines, _address_lines, _preemption_lines):
        yield from (f"({name}) {text}" for text in lines(block, settings))
    if settings.strict and down_adverts != ADVERTS_MISSED:
        yield f"({name}) down_timer_adverts is incompatible with strict mode - resetting"
    yield from (f"({name}) {text}" for text in _acceptance_lines(block, settings))
    if names_firewall:
        yield "use_vmac or no_accept/strict specified, but no firewall configured - using nftables"
    for lines in (
        _group_lines,
        _announcement_lines,
        _owner_lines,
        _interval_lines,
        _vmac_lines,
        _empty_lines,
    ):
        yield from (f"({name}) {text}" for text in lines(block, settings))


def _homeless_addresses(block: Statement, settings: InstanceSettings) -> Iterator[str]:
    """Yield what is said of addresses that name no interface in an instance that has none."""
    if settings.interface or not (settings.adverts.is_unicast and settings.adverts.source):
        return
    for kind, keyword in (("vip", "virtual_ipaddress"), ("evip", "virtual_ipaddress_excluded")):
        for entry in (entry for inner in block.all(keyword) for entry in inner.body or () if entry.words):
            if "dev" not in [word.text for word in entry.words]:
                yield f"({settings.instance}): no interface for {kind} {entry.keyword} - removing"


def needs_firewall(block: Statement, settings: InstanceSettings) -> bool:
    """True if keepalived sets rules of a firewall for an instance."""
    said = block.last("accept", "no_accept")
    refuses = said is not None and said.keyword == "no_accept"
    return not settings.accept or refuses or block.last("use_vmac") is not None


def authentication_lines(block: Statement, settings: InstanceSettings) -> Iterator[str]:
    """Yield what is said first of an instance: of its state in strict mode, and of its authentication."""
    yield from (f"({settings.instance}) {text}" for text in _state_lines(block, settings))


def _state_lines(block: Statement, settings: InstanceSettings) -> Iterator[str]:
    says_master = any(s.value() == "MASTER" for s in block.all("state"))
    if settings.strict and block.last("state") and says_master != (settings.priority == OWNER):
        yield "State MASTER must match being address owner"
    inner = block.last("authentication")
    kinds = [s.value() for s in inner.all("auth_type") if s.value() in {"PASS", "AH"}] if inner else []
    secret = inner.last("auth_pass") if inner else None
    if not kinds:
        return
    if settings.strict:
        yield "Strict mode does not support authentication. Ignoring."
    elif settings.version == 3:
        yield "VRRP version 3 does not support authentication. Ignoring."
    elif secret is None or not secret.value():
        yield "Authentication specified but no password given. Ignoring"
    elif kinds[-1] == "AH" and says_master and settings.priority != OWNER:
        yield "Initial state master is incompatible with AH authentication - clearing"


def _unicast_lines(_block: Statement, settings: InstanceSettings) -> Iterator[str]:
    if settings.adverts.peers or not settings.adverts.is_unicast:
        return
    if settings.adverts.fault_without_peers:
        yield "Cannot use unicast without any peers - going to fault state"
    else:
        yield (
            "A unicast keyword has been specified without any unicast peers. Defaulting to multicast. "
            "This usage is deprecated - please update your configuration."
        )


def _address_lines(block: Statement, settings: InstanceSettings) -> Iterator[str]:
    first = settings.addresses[:1]
    if settings.family == 6 and not settings.adverts.peers and first and not first[0].startswith("fe80:"):
        yield f"the first IPv6 VIP address {'must' if settings.strict else 'should'} be link local"
    most = MOST_ADVERTISED[settings.family]
    moved = [v for v in settings.virtual_addresses if v.excluded]
    written = sum(len(inner.body or ()) for inner in block.all("virtual_ipaddress"))
    if written > most and len(settings.addresses) == most and moved:
        yield (
            f"Number of VIPs ({written}) exceeds maximum/space available in packet (max {most} addresses) "
            "- excess moved to eVIPs"
        )


def _preemption_lines(block: Statement, settings: InstanceSettings) -> Iterator[str]:
    said, delay = block.last("preempt", "nopreempt"), block.last("preempt_delay")
    nopreempt = said is not None and said.keyword == "nopreempt"
    if settings.priority == OWNER and nopreempt:
        yield f"nopreempt is incompatible with priority {OWNER}. resetting nopreempt"
        nopreempt = False
    delayed = delay is not None and delay.value() not in {"", "0"}
    if settings.state == "MASTER":
        if nopreempt:
            yield "Warning - nopreempt will not work with initial state MASTER - clearing"
        if delayed:
            yield "Warning - preempt delay will not work with initial state MASTER - clearing"
        return
    if delayed and settings.strict:
        yield "preempt_delay is incompatible with strict mode - resetting"
    if delayed and nopreempt:
        yield "preempt_delay is incompatible with nopreempt mode - resetting"


def _acceptance_lines(block: Statement, settings: InstanceSettings) -> Iterator[str]:
    said = block.last("accept", "no_accept")
    accepts = said is not None and said.keyword == "accept"
    if settings.strict and settings.version == 2 and settings.priority != OWNER and accepts:
        yield "warning - accept mode for VRRP version 2 does not comply with RFC3768 - resetting"


def _group_lines(block: Statement, settings: InstanceSettings) -> Iterator[str]:
    group = block.last("mcast_dst_ip")
    if settings.adverts.peers and group and (":" in group.value()) == (settings.family == 6):
        yield "multicast destination specified with unicast - ignoring"


def _owner_lines(block: Statement, settings: InstanceSettings) -> Iterator[str]:
    if settings.priority != OWNER and is_switch(block.last("owner_ignore_adverts")):
        yield f"ignoring owner_ignore_adverts since priority is not {OWNER}"


def _announcement_lines(block: Statement, settings: InstanceSettings) -> Iterator[str]:
    """Yield what strict mode refuses of announcements and adverts."""
    if not settings.strict:
        return
    for keyword, text in (
        ("garp_lower_prio_repeat", "Strict mode requires no repeat garps. resetting"),
        ("garp_lower_prio_delay", "Strict mode requires no repeat garp delay. resetting"),
    ):
        statement = block.last(keyword)
        if statement and statement.value() not in {"", "0"}:
            yield text
    if not switched_on(block, "lower_prio_no_advert", default=True):
        yield "Strict mode requires no lower priority advert. resetting"
    if switched_on(block, "higher_prio_send_advert"):
        yield "strict mode requires higher_prio_send_advert to be clear. resetting"


def _interval_lines(block: Statement, settings: InstanceSettings) -> Iterator[str]:
    statement = block.last("advert_int")
    try:
        seconds = float(statement.value()) if statement else 1.0
    except ValueError:
        return
    if not 0 < seconds <= 255:  # refused where it was read
        return
    if settings.version == 2 and seconds != int(seconds):
        yield f"VRRPv2 advertisement interval {seconds:f}s must be an integer. rounding"
    elif settings.version == 3 and seconds >= 40.96:
        yield (
            f"VRRPv3 advertisement interval {seconds:.2f}s is out of range. Must be less than 40.96s. "
            "Setting to 40.95s"
        )
    elif settings.version == 3 and round(seconds * 1_000_000) % 10_000:
        yield f"VRRPv3 advertisement interval {seconds:f}s must be in units of 10ms - rounding"


def _vmac_lines(block: Statement, settings: InstanceSettings) -> Iterator[str]:
    sends_from_base = settings.adverts.is_unicast or block.last("vmac_xmit_base") is not None
    if settings.vmac and settings.strict and sends_from_base:
        yield "xmit_base is incompatible with strict mode - resetting"
    if settings.vmac and block.last("promote_secondaries"):
        yield "promote_secondaries is automatically set for vmacs - ignoring"


def _empty_lines(block: Statement, settings: InstanceSettings) -> Iterator[str]:
    allowed = block.last("no_virtual_ipaddress") is not None
    if allowed and settings.strict:
        yield "no_virtual_ipaddress and strict mode incompatible, clearing no_virtual_ipaddress"
        allowed = False
    if not allowed and not settings.addresses and settings.may_be_empty:
        yield "No VIP specified; at least one is sensible"
