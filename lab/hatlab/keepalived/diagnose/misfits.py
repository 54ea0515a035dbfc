"""Settings of an instance that do not fit its others, which keepalived takes back (KA235 to KA238)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import finding, list_entries
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.settings import InstanceSettings
from hatlab.keepalived.virtual_addresses import family_of
from hatlab.vrrp.router import OWNER

_MOST_SECONDS = 40.95
"""Version 3 counts hundredths in 12 bits (RFC 9568 §5.2.7)."""
_HUNDREDTHS = 100
_OFF = {"false", "off", "no"}
_UNICAST = {
    *("unicast_peer", "unicast_src_ip", "check_unicast_src", "old_unicast_checksum"),
    "unicast_fault_no_peer",
}


def misfit_rules(block: Statement, settings: InstanceSettings) -> Iterator[Finding]:
    yield from _interval(block.last("advert_int"), settings)
    yield from _version(block)
    interface = block.last("interface")
    if interface and interface.value() == "lo":
        yield finding("KA236", interface, "`lo` cannot carry adverts", word=1)
    for statement, message in _misfits(block, settings):
        yield finding("KA237", statement, message)


def _interval(statement: Statement | None, settings: InstanceSettings) -> Iterator[Finding]:
    if statement is None or settings.version != 3:
        return
    try:
        seconds = float(statement.value())
    except ValueError:
        return
    rounded = round(seconds * _HUNDREDTHS, 4)
    if 0.01 <= seconds <= 255 and (seconds > _MOST_SECONDS or rounded != int(rounded)):
        message = f"{statement.value()[:20]} s is sent as {settings.interval:g} s"
        yield finding("KA235", statement, message, word=1)


def _version(block: Statement) -> Iterator[Finding]:
    taken, body = "", block.body or ()
    for number, statement in enumerate(body):
        value = statement.value()
        if statement.keyword != "version" or value not in {"2", "3"}:
            continue
        if taken and value != taken:
            yield finding("KA238", statement, f"`version {value}` after `version {taken}` is ignored")
        elif value == "2" and family_of(replace(block, body=body[:number])) == 6:
            yield finding(
                "KA238", statement, "`version 2` is ignored for IPv6 addresses: they need version 3"
            )
        taken = taken or value


def _misfits(block: Statement, settings: InstanceSettings) -> Iterator[tuple[Statement, str]]:
    """Each statement that keepalived takes back, and why."""
    owner, peers = settings.priority == OWNER, settings.unicast_peers
    state = block.last("state")
    has = {inner.keyword for inner in block.body or ()}
    for inner in (inner for inner in block.body or () if block.last(inner.keyword) is inner):
        name, alone = f"`{inner.keyword}`", len(inner.words) < 2
        match inner.keyword:
            case "nopreempt" if owner and (state is None or state.value() != "MASTER"):
                yield inner, f"{name} has no effect at priority {OWNER}"
            case "unicast_ttl" if not peers:
                yield inner, f"{name} has no effect without unicast peers"
            case "mcast_dst_ip" if peers:
                yield inner, f"{name} has no effect with unicast peers"
            case "timer_expired_backup" | "thread_timer_expired" if "nopreempt" not in has:
                yield inner, f"{name} has no effect without nopreempt"
            case "owner_ignore_adverts" if not owner and inner.value() not in _OFF:
                yield inner, f"{name} has no effect below priority {OWNER}"
            case "owner_ignore_adverts" if owner and inner.value() in _OFF:
                yield inner, f"at priority {OWNER} keepalived turns {name} on again"
            case "vmac_xmit_base" if "use_vmac" not in has:
                yield inner, f"{name} has no effect without use_vmac"
            case "promote_secondaries" if has & {"use_vmac", "use_ipvlan"}:
                yield inner, f"{name} has no effect with use_vmac, which sets it"
            case "use_vmac" if has & _UNICAST and "vmac_xmit_base" not in has:
                yield inner, "together with unicast, use_vmac turns on vmac_xmit_base"
            case "use_ipvlan" if settings.family == 4 and alone:
                yield (
                    inner,
                    (
                        "an IPv4 instance with use_ipvlan needs an address after it; without one it "
                        "stays in FAULT"
                    ),
                )
            case "vrf" if "interface" in has:
                yield inner, f"{name} has no effect with an interface"
            case "native_ipv6" if settings.family == 4:
                yield inner, f"{name} has no effect with IPv4 addresses"
            case "state" if inner.value() == "MASTER" and settings.auth_type == "AH" and not owner:
                yield inner, "`state MASTER` has no effect with auth_type AH"
    for entry in list_entries(block, "track_interface"):
        if entry.keyword == settings.interface:
            message = f"`{entry.keyword}` has no effect here: an instance always tracks its own interface"
            yield entry, message
