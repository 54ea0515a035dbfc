"""Which lines of keepalived's log are compared, and how."""

from __future__ import annotations

import re

_OF_THE_PROCESS = (
    r"Starting (Keepalived|VRRP child)|Running on Linux|Command line:|Opening file|Configuration file|"
    r"NOTICE: setting config option|Registering |Startup complete|VRRP sockpool|Reload(ing| complete)|"
    r"Stopp(ed Keepalived|ing|ed - used)|CPU usage \(self|Please log|and include|copies of|read eventfd|"
    r"exited due to signal|Restart of VRRP|Respawning|Got SIGHUP|thread timer expired|Child process \d"
)
"""What a process says of itself and its machine."""
_OF_EACH_ADDRESS = (
    r"(setting|removing) (E-)?VIPs|(A|Dea)ssigned address|Sending gratuitous ARP on|Sending unsolicited|"
    r"Sending/queueing|Netlink re(ports|flector)|sending gratuitous (ARP|NA) for|"
    r"(setting|removing) firewall drop rule|VMAC interface|Found matching interface"
)
"""What it says of each address and interface: that they come and go is seen by itself."""
_OF_BRACES = (
    r"Unknown keyword '|Extra '}' found|Unexpected '{' - ignoring|Missing '{' at|"
    r"has no configuration to run"
)
"""What it says of a configuration whose blocks are broken: `hatlab check` tells that in its own words."""
_UNTOLD = re.compile(f"{_OF_THE_PROCESS}|{_OF_EACH_ADDRESS}|{_OF_BRACES}")
_VARYING = re.compile(r"(pid[ =]|process\(|fd\(|startup for a further )[\d.,]+")


def is_compared(line: str) -> bool:
    """True if a line says something of VRRP that nothing else shows."""
    return _UNTOLD.search(line) is None


def comparable(line: str) -> str:
    """Return a line without what differs from run to run."""
    return _VARYING.sub(r"\1N", line)
