"""A simulated keepalived's objections to its configuration, at its start and as `keepalived -t`.

`hatlab.keepalived.diagnose` knows what is wrong with a text; what only a machine knows, its interfaces, is
added here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.diagnostics.finding import Finding
from hatlab.engine.simulator.keepalived.config_lines import (
    lines_when_read,
    lines_while_reading,
    needs_firewall,
)
from hatlab.engine.simulator.keepalived.track_lines import track_lines, track_lines_while_reading
from hatlab.keepalived import InstanceSettings, Statement, diagnose_config, parse_config, read_settings
from hatlab.keepalived.diagnose.conf import list_entries
from hatlab.keepalived.tracks import definitions_before

CONF = "/etc/keepalived/keepalived.conf"
NO_INTERFACE = "Non-existent interface specified in configuration"


def check_config(text: str, devices: Sequence[str]) -> list[str]:
    """Return what `keepalived -t` says of a text on a machine with these interfaces; empty if it is fine."""
    findings = [found for found in diagnose_config(text) if found.reported]
    return [*_missing_interfaces(text, devices), *(f"line {f.line}: {f.message}" for f in findings)]


def fatal_lines(text: str, devices: Sequence[str]) -> list[str]:
    """Return the lines with which the daemon ends at a start or a reload (exit 2); empty if it runs."""
    missing = _missing_interfaces(text, devices)
    if missing:
        return [*missing, NO_INTERFACE]
    lines: list[str] = []
    previous: list[InstanceSettings] = []
    for settings in read_settings(text).values():
        name, interface, vrid = settings.instance, settings.interface, settings.vrid
        if interface in {"", "lo"} and not settings.adverts.is_unicast:
            lines.append(f"({name}) Unknown interface!")
        elif not interface and not settings.adverts.source:
            lines.append(f"({name}): Unicast instances must have unicast_src_ip or interface")
        elif vrid is None:
            lines.append(f"({name}) the virtual router id must be set")
        elif other := _find_rival(settings, previous):
            lines.append(_conflict_line(other, settings))
        elif not (settings.addresses or settings.may_be_empty):
            lines.append(f"({name}) No VIP specified; at least one is required")
        previous.append(settings)
    return lines


def _find_rival(ours: InstanceSettings, previous: Sequence[InstanceSettings]) -> InstanceSettings | None:
    """Return the instance before that uses the same VRID in the same place (check_vrid_conflicts).

    Unicast ones may share it unless they have a peer in common, multicast ones in different groups.
    """
    for other in previous:
        place = (other.vrid, other.family, other.interface, bool(other.unicast_peers))
        if place != (ours.vrid, ours.family, ours.interface, bool(ours.unicast_peers)):
            continue
        if ours.unicast_peers:
            # without one it is the interface's address, which the other one most likely names
            same_source = len({ours.adverts.source, other.adverts.source} - {""}) < 2
            if same_source and set(ours.unicast_peers) & set(other.unicast_peers):
                return other
        elif ours.adverts.group == other.adverts.group:
            return other
    return None


def _conflict_line(first: InstanceSettings, second: InstanceSettings) -> str:
    if second.unicast_peers:
        return f"({first.instance}) duplicate VRID conflict with {second.instance} VRID {second.vrid}"
    where = f"VRID {second.vrid} with IPv{second.family} on interface {second.interface}"
    return f"{first.instance} and {second.instance} both use {where}"


def startup_lines(text: str) -> list[str]:
    """Return what the daemon logs of a configuration at its start before it goes on."""
    lines = [
        f"'{{' missing from beginning of block {block.keyword}"
        for owner in parse_config(text).body or ()
        for block in owner.body or ()
        if block.body is not None and block.words and block.open < 0
    ]
    for finding in diagnose_config(text):
        word = _word_at(finding, text)
        if finding.code == "KA005":
            lines.append(f"({CONF}: Line {finding.line}) Unknown keyword '{word}'")
    return [*lines, *_instance_lines(text)]


def _instance_lines(text: str) -> Iterator[str]:
    """Yield what the daemon says of each instance: of all while it reads the file, then of all as a whole."""
    root, settings = parse_config(text), read_settings(text)
    instances = [(b, settings[b.value()]) for b in root.all("vrrp_instance") if b.value() in settings]
    for block, ours in instances:
        for line, told in lines_while_reading(block, ours):
            yield f"({CONF}: Line {line}) {told}"
    for owner, line, told in track_lines_while_reading(root):
        yield f"({CONF}: Line {line}) ({owner}) {told}"
    has_firewall = any(b.last(key) for b in root.all("global_defs") for key in ("nftables", "vrrp_iptables"))
    for block, ours in instances:
        names_firewall = needs_firewall(block, ours) and not has_firewall
        has_firewall = has_firewall or names_firewall
        yield from lines_when_read(block, ours, names_firewall=names_firewall)
        blocks = next(blocks for other, blocks in definitions_before(root) if other is block)
        yield from (f"({ours.instance}) {told}" for told in track_lines(block, ours, blocks))


def _missing_interfaces(text: str, devices: Sequence[str]) -> list[str]:
    """Return a line for each interface that instances name and the machine does not have."""
    return [
        f"({CONF}: Line {line}) {message}"
        for block in parse_config(text).all("vrrp_instance")
        for device, line, message in _named_interfaces(block)
        if device not in {*devices, "lo"}
    ]


def _named_interfaces(block: Statement) -> Iterator[tuple[str, int, str]]:
    """Yield (interface, line, what the daemon says if it does not exist) of each that an instance names."""
    name, interface = block.value(), block.last("interface")
    if interface is not None:
        device = interface.value()
        yield device, interface.line, f"WARNING - interface {device} for vrrp_instance {name} doesn't exist"
    for entry in (
        *list_entries(block, "virtual_ipaddress"),
        *list_entries(block, "virtual_ipaddress_excluded"),
    ):
        words = [word.text for word in entry.words]
        if "dev" in words[:-1]:
            device = words[words.index("dev") + 1]
            address = entry.keyword
            yield device, entry.line, f"WARNING - interface {device} for ip address {address} doesn't exist"
    for entry in list_entries(block, "track_interface"):
        yield entry.keyword, entry.line, f"({name}) tracked interface {entry.keyword} doesn't exist"


def _word_at(finding: Finding, text: str) -> str:
    """Return the word that a finding points at."""
    line = text.splitlines()[finding.line - 1 : finding.line]
    return (line[0][finding.column - 1 :].split() or [""])[0].rstrip("{") if line else ""
