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
_REMARKS = (
    r"Warning - |is deprecated|Line \d+\)|'\{' missing|no firewall configured|link local|must be an integer|"
    r"due to SYNC group|due to address_?.?owner|since priority is not|incompatible with|"
    r"is configured on VRRP|unicast keyword has been specified|No VIP specified|State MASTER must match|"
    r"Cannot use unicast|"
    r"doesn't exist - ignoring|virtual router\(s\)|since own interface|specified with unicast|Strict mode|"
    r"strict mode|does not support authentication|member\(s\) as address owner|Deleting old ip|"
    r"Cannot have weighted|must have unicast_src_ip|both use VRID|Unknown interface|must be set|"
    r"duplicate VRID|no longer exist|not found/accessible|cannot be accessed|keepalived_script|script_user|"
    r"Non-existent interface|exited with permanent error"
)
"""What it says of its configuration when it reads it: `hatlab check` tells that in its own words."""
_UNTOLD = re.compile(f"{_OF_THE_PROCESS}|{_OF_EACH_ADDRESS}|{_REMARKS}")
_VARYING = re.compile(r"(pid[ =]|process\(|fd\(|startup for a further )[\d.,]+")


def is_compared(line: str) -> bool:
    """True if a line says something of VRRP that nothing else shows."""
    return _UNTOLD.search(line) is None


def comparable(line: str) -> str:
    """Return a line without what differs from run to run."""
    return _VARYING.sub(r"\1N", line)
