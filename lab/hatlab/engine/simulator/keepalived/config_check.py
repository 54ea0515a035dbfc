"""A simulated keepalived's objections to its configuration, at its start and as `keepalived -t`.

`hatlab.keepalived.diagnose` knows what is wrong with a text; what only a machine knows, its interfaces, is
added here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived import Statement, diagnose_config, parse_config, read_settings
from hatlab.keepalived.diagnose.conf import list_entries

CONF = "/etc/keepalived/keepalived.conf"
_INSECURE = "SECURITY VIOLATION - scripts are being executed but script_security not enabled."


def check_config(text: str, devices: Sequence[str]) -> list[str]:
    """Return what `keepalived -t` says of a text on a machine with these interfaces; empty if it is fine."""
    findings = [found for found in diagnose_config(text) if found.reported]
    return [*_missing_interfaces(text, devices), *(f"line {f.line}: {f.message}" for f in findings)]


def fatal_lines(text: str, devices: Sequence[str]) -> list[str]:
    """Return the lines with which the daemon ends at a start or a reload (exit 2); empty if it runs."""
    missing = _missing_interfaces(text, devices)
    if missing:
        return [*missing, "Non-existent interface specified in configuration"]
    lines, routers = [], dict[tuple[str, int, int], str]()
    for settings in read_settings(text).values():
        name, interface, vrid = settings.instance, settings.interface, settings.vrid
        if not interface:
            lines.append(f"({name}) Unknown interface!")
        elif vrid is None:
            lines.append(f"({name}) the virtual router id must be set")
        elif (other := routers.setdefault((interface, vrid, settings.family), name)) != name:
            where = f"VRID {vrid} with IPv{settings.family} on interface {interface}"
            lines.append(f"{other} and {name} both use {where}")
    return lines


def startup_lines(text: str) -> list[str]:
    """Return what the daemon logs of a configuration at its start before it goes on."""
    lines = []
    for finding in diagnose_config(text):
        word = _word_at(finding, text)
        match finding.code:
            case "KA005":
                lines.append(f"({CONF}: Line {finding.line}) Unknown keyword '{word}'")
            case "KA101":
                lines.append("Script user 'keepalived_script' does not exist")
            case "KA102" if finding.reported:
                lines.append(_INSECURE)
    for block in parse_config(text).all("vrrp_instance"):
        settings = read_settings(text).get(block.value())
        if settings and settings.state == "MASTER" and block.last("nopreempt"):
            name = settings.instance
            lines.append(f"({name}) Warning - nopreempt will not work with initial state MASTER - clearing")
    return lines


def _missing_interfaces(text: str, devices: Sequence[str]) -> list[str]:
    """Return a line for each interface that instances name and the machine does not have."""
    return [
        f"({CONF}: Line {line}) {message}"
        for block in parse_config(text).all("vrrp_instance")
        for device, line, message in _named_interfaces(block)
        if device not in devices
    ]


def _named_interfaces(block: Statement) -> Iterator[tuple[str, int, str]]:
    """Yield (interface, line, what the daemon says if it does not exist) of each that an instance names."""
    name, interface = block.value(), block.last("interface")
    if interface is not None:
        device = interface.value()
        yield device, interface.line, f"WARNING - interface {device} for vrrp_instance {name} doesn't exist"
    for entry in list_entries(block, "virtual_ipaddress"):
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
