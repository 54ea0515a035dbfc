"""What a simulated keepalived says against its configuration, at its start and as `keepalived -t`.

What is wrong with a text, `hatlab.keepalived.diagnose` knows; what only a machine knows, its interfaces, is
added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived import Statement, diagnose, parse_config, read_settings
from hatlab.keepalived.diagnose.conf import list_entries

_INSECURE = "SECURITY VIOLATION - scripts are being executed but script_security not enabled."
CONF = "/etc/keepalived/keepalived.conf"
_COMPLAINED = frozenset(
    {
        *("KA001", "KA002", "KA003", "KA004", "KA005", "KA007", "KA009", "KA011", "KA102", "KA103", "KA104"),
        *("KA107", "KA202", "KA203", "KA204", "KA205", "KA208", "KA209", "KA210", "KA211", "KA215"),
    }
)
"""Findings of which `keepalived -t` of 2.3.4 complains too, measured; the others it takes without a word."""


def complaints(text: str, devices: Sequence[str]) -> list[str]:
    """What `keepalived -t` would say of a text on a machine with these interfaces; empty if it is fine."""
    found = [f for f in diagnose(text) if f.code in _COMPLAINED and not _unscripted(f, text)]
    return [*_interfaces(text, devices), *(f"line {f.line}: {f.message}" for f in found)]


def fatal(text: str, devices: Sequence[str]) -> list[str]:
    """The lines with which the daemon ends at once, at a start or a reload (exit 2); empty if it runs."""
    missing = _interfaces(text, devices)
    if missing:
        return [*missing, "Non-existent interface specified in configuration"]
    said, routers = [], dict[tuple[str, int], str]()
    for own in read_settings(text).values():
        if not own.interface:
            said.append(f"({own.instance}) Unknown interface!")
        elif own.vrid is None:
            said.append(f"({own.instance}) the virtual router id must be set")
        elif (other := routers.setdefault((own.interface, own.vrid), own.instance)) != own.instance:
            where = f"VRID {own.vrid} with IPv4 on interface {own.interface}"
            said.append(f"{other} and {own.instance} both use {where}")
    return said


def remarks(text: str) -> list[str]:
    """What the daemon logs at its start, and goes on."""
    said = []
    for finding in diagnose(text):
        word = _word(finding, text)
        match finding.code:
            case "KA005":
                said.append(f"({CONF}: Line {finding.line}) Unknown keyword '{word}'")
            case "KA101":
                said.append("Script user 'keepalived_script' does not exist")
            case "KA102" if not _unscripted(finding, text):
                said.append(_INSECURE)
    for block in parse_config(text).all("vrrp_instance"):
        own = read_settings(text).get(block.value())
        if own and own.state == "MASTER" and block.last("nopreempt"):
            name = own.instance
            said.append(f"({name}) Warning - nopreempt will not work with initial state MASTER - clearing")
    return said


def _interfaces(text: str, devices: Sequence[str]) -> list[str]:
    """A line for each interface that instances name and the machine has not."""
    return [
        f"({CONF}: Line {line}) {words}"
        for block in parse_config(text).all("vrrp_instance")
        for device, line, words in _named(block)
        if device not in devices
    ]


def _named(block: Statement) -> Iterator[tuple[str, int, str]]:
    """(interface, line, what the daemon says if there is none such) of each that an instance names."""
    name, own = block.value(), block.last("interface")
    if own is not None:
        device = own.value()
        yield device, own.line, f"WARNING - interface {device} for vrrp_instance {name} doesn't exist"
    for entry in list_entries(block, "virtual_ipaddress"):
        words = [word.text for word in entry.words]
        if "dev" in words[:-1]:
            device = words[words.index("dev") + 1]
            address = entry.keyword
            yield device, entry.line, f"WARNING - interface {device} for ip address {address} doesn't exist"
    for entry in list_entries(block, "track_interface"):
        yield entry.keyword, entry.line, f"({name}) tracked interface {entry.keyword} doesn't exist"


def _word(finding: Finding, text: str) -> str:
    """The word that a finding points at."""
    line = text.splitlines()[finding.line - 1 : finding.line]
    return (line[0][finding.column - 1 :].split() or [""])[0].rstrip("{") if line else ""


def _unscripted(finding: Finding, text: str) -> bool:
    """Whether a finding about script security is of a script that is never run at all (KA102 of a notify)."""
    return finding.code == "KA102" and _word(finding, text) != "script"
