"""A simulated keepalived's objections to its configuration, at its start and as `keepalived -t`.

`hatlab.keepalived.diagnose` knows what is wrong with a text; what only a machine knows, its interfaces, is
added here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from hatlab.diagnostics.finding import Finding
from hatlab.engine.simulator.keepalived.config_lines import (
    authentication_lines,
    definition_lines,
    global_lines,
    lines_when_read,
    lines_while_reading,
    needs_firewall,
)
from hatlab.engine.simulator.keepalived.track_lines import (
    group_track_lines,
    sync_group_lines,
    track_lines,
    track_lines_while_reading,
)
from hatlab.keepalived import InstanceSettings, Statement, parse_config, read_settings
from hatlab.keepalived.diagnose import diagnose_config
from hatlab.keepalived.diagnose.conf import list_entries
from hatlab.keepalived.diagnose.unknown_words import find_unknown_words
from hatlab.keepalived.settings import read_down_adverts
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
        if _lacks_source(settings) and settings.adverts.is_unicast:
            name = settings.instance
            lines.append(f"({name}): Unicast instances must have unicast_src_ip or interface")
        elif lacking := _lacks_place(settings):
            lines.append(lacking)
        elif other := _find_rival(settings, previous):
            lines.append(_conflict_line(other, settings))
        elif _lacks_address(settings):
            lines.append(f"({settings.instance}) No VIP specified; at least one is required")
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


@lru_cache(maxsize=64)  # each start of a lab reads the same few
def reading_lines(text: str, *, reload: bool) -> tuple[str, ...]:
    """Return what the daemon logs while it reads a configuration, at its start or at a reload."""
    root, settings = parse_config(text), read_settings(text)
    lines = [
        f"'{{' missing from beginning of block {block.keyword}"
        for owner in root.body or ()
        for block in owner.body or ()
        if block.body is not None and block.words and block.open < 0
    ]
    located = [
        (finding.line, f"Unknown keyword '{_word_at(finding, text)}'") for finding in find_unknown_words(text)
    ]
    located += definition_lines(root)
    if reload:  # at a start the parent's child has its global_defs already
        located += global_lines(root)
    for block, ours in _instances(root, settings):
        located += lines_while_reading(block, ours, last_line=text.count("\n", 0, block.close) + 1)
    located += ((line, f"({owner}) {told}") for owner, line, told in track_lines_while_reading(root))
    return (*lines, *(f"({CONF}: Line {line}) {told}" if line else told for line, told in located))


def parent_lines(text: str) -> list[str]:
    """Return what the parent logs when it reads a configuration, before its children do."""
    return [f"(Line {line}) {told}" for line, told in global_lines(parse_config(text))]


def instance_lines(text: str, devices: Sequence[str]) -> Iterator[str]:
    """Yield what the daemon logs of a configuration that it has read, up to what ends it if something does.

    Args:
        text: without the scripts that were removed.
        devices: the machine's interfaces.
    """
    root, settings = parse_config(text), read_settings(text)
    instances = [
        (block, settings[block.value()], blocks)
        for block, blocks in definitions_before(root)
        if block.keyword == "vrrp_instance" and block.value() in settings
    ]
    if _missing_interfaces(text, devices) or any(_lacks_place(ours) for _, ours, _ in instances):
        return
    global_defs = root.merged("global_defs")
    has_firewall = global_defs.last("nftables", "vrrp_iptables", "vrrp_ipsets") is not None
    yield from sync_group_lines(root, settings)
    for block, ours, blocks in instances:
        names_firewall = needs_firewall(block, ours) and not has_firewall
        has_firewall = has_firewall or names_firewall
        if _lacks_source(ours):
            yield from authentication_lines(block, ours)
            return
        down_adverts = read_down_adverts(block, global_defs)
        yield from lines_when_read(block, ours, names_firewall=names_firewall, down_adverts=down_adverts)
        if _lacks_address(ours):
            return
        yield from (f"({ours.instance}) {told}" for told in track_lines(block, ours, blocks))
    yield from group_track_lines(root, settings)


def _instances(
    root: Statement, settings: Mapping[str, InstanceSettings]
) -> Iterator[tuple[Statement, InstanceSettings]]:
    """Yield the block and the settings of each instance."""
    return ((b, settings[b.value()]) for b in root.all("vrrp_instance") if b.value() in settings)


def _lacks_place(ours: InstanceSettings) -> str:
    """Return what an instance lacks to be one at all (chk_min_cfg); empty if nothing."""
    if ours.interface in {"", "lo"} and not ours.adverts.is_unicast:
        return f"({ours.instance}) Unknown interface!"
    return "" if ours.vrid is not None else f"({ours.instance}) the virtual router id must be set"


def _lacks_source(ours: InstanceSettings) -> bool:
    return not ours.interface and not ours.adverts.source


def _lacks_address(ours: InstanceSettings) -> bool:
    return not (ours.addresses or ours.may_be_empty)


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
