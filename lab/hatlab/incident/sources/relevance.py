"""Which lines of a system's log bear on an incident, and which tell of a clock that was set. Pure.

Kept are all lines of keepalived and mysqld, every line that names them, and of other programs those that tell
of power, links, memory, a stalled machine and a filter for VRRP.
"""

from __future__ import annotations

import re

from hatlab.keepalived import parse_log_line

_SIGNS = (
    rb"eepalived|mysql|mariadb|VRRP|MASTER STATE|BACKUP STATE|FAULT STATE|advert|VIPs\.|PROTO=112"
    rb"|kernel|systemd|NetworkManager|chronyd|ntp|timesync|shutdown|rsyslogd|COMMAND="
    rb"|last message repeated|-- |oom"
)
MAY_MATTER = re.compile(_SIGNS)
"""Found in the bytes of every line of a log that is kept; most lines of a journal have nothing of it."""
_DATABASES = re.compile(r"(?:mysqld|mysql|mariadbd|mariadb)(?:_safe|d?@\S+|-server)?", re.IGNORECASE)
_NAMES = re.compile(r"keepalived|mysqld|mysql\.service|mariadb", re.IGNORECASE)
_OF_A_ROUTER = re.compile(r"\([^()]+\):? |VRRP_(?:Instance|Script|Group)\(")
_DAEMON_TEXTS = re.compile(
    r"(?:Netlink|VRRP sockpool|VRRP_\w+\(|Configuration is using|Using LinkWatch|Registering |Initializing"
    r"|IPVS: |Interface |Running on Linux|Command line: |NOTICE: |WARNING - |SECURITY VIOLATION|Remote SMTP"
    r"|Startup complete|Printing VRRP|Default script)"
)
"""Beginnings of keepalived's lines that `parse_log_line` does not read."""
_POWER = (
    r"Linux version|Command line:|Kernel panic|PM: suspend|ACPI: (?:PM|Preparing)|reboot: |Restarting system"
    r"|Power down"
)
_OTHERS = {
    "kernel": re.compile(
        rf"{_POWER}|[Ll]ink (?:is )?(?:[Uu]p|[Dd]own|becomes ready|is not ready)|carrier|entered \w+ state"
        r"|bond|Out of memory|oom|Killed process|lockup|hung_task|blocked for more than|stall|clocksource"
        r"|segfault|I/O error|read-only|PROTO=(?:112|VRRP)|table full|neighbour|duplicate address"
    ),
    "systemd": re.compile(
        r"Shutting down|Rebooting|Powering off|Reached target .*(?:Reboot|Power|Shut|Network)"
        r"|Time has been changed|running in system mode|[Nn]etwork(?:ing|Manager|d)?\b|Startup finished"
    ),
    "systemd-logind": re.compile(r"[Ss]ystem (?:is|will)|Power key|[Ss]uspend"),
    "systemd-networkd": re.compile(r"carrier|[Ll]ink|Configured|[Ll]ost|DHCP"),
    "systemd-shutdown": re.compile(r""),
    "systemd-timesyncd": re.compile(r"clock|time changed|Synchronized", re.IGNORECASE),
    "NetworkManager": re.compile(r"carrier|state change|link (?:dis)?connected"),
    "chronyd": re.compile(r"stepped|System clock|time jump|selected source", re.IGNORECASE),
    "ntpd": re.compile(r"time reset|time stepped|time set|step", re.IGNORECASE),
    "ntpdate": re.compile(r"step|offset"),
    "shutdown": re.compile(r""),
    "rsyslogd": re.compile(r"start|exiting"),
    "sudo": re.compile(
        r"COMMAND=.*\b(?:ip6?tables|nft|firewall-cmd|ufw|ip|ifconfig|reboot|shutdown|service|kill)\b"
    ),
    "init": re.compile(r"Switching to runlevel"),
}
_STEPS = (
    re.compile(r"System clock was stepped by (?P<seconds>[+-]?\d{1,12}(?:\.\d{1,9})?) seconds"),
    re.compile(r"time (?:reset|stepped by|set) (?P<seconds>[+-]?\d{1,12}(?:\.\d{1,9})?) ?s"),
    re.compile(r"step time server \S+ offset (?P<seconds>[+-]?\d{1,12}(?:\.\d{1,9})?) sec"),
)
_STEPS_OF_UNKNOWN_SIZE = re.compile(
    r"Time has been changed|time jump detected|time unset or jumped|System time changed|Clock change detected"
)


def is_relevant(program: str, text: str) -> bool:
    """True for a line that bears on an incident."""
    if "eepalived" in program or _DATABASES.fullmatch(program) or _NAMES.search(text):
        return True
    pattern = _OTHERS.get(program)
    if pattern is not None:
        return pattern.search(text) is not None
    return _OF_A_ROUTER.match(text) is not None


_SENTENCE = re.compile(r"[A-Za-z][\w ,.;'\"%/+-]*")
"""No stamp, no bracket, no sign of equality: what most of a container's own programs write."""
_OF_A_FORM = re.compile(
    r"IP |ARP|arp |inet|link|vrrp|eepalived|mysql|maria|global_defs|include|static_|virtual_|group|track"
    r"|last message|Frame|Deleted|listening|reading|Warning|Running|Capturing|dropped|packets? |lines "
)
"""Words with which such a line may be of a form after all."""


def is_no_form(text: str) -> bool:
    """True for a line without a stamp that is of none of the forms and that keepalived does not write."""
    return (
        _SENTENCE.fullmatch(text) is not None
        and _OF_A_FORM.search(text) is None
        and not is_daemon_text(text)
        and parse_log_line(text) is None
    )


def is_daemon_text(text: str) -> bool:
    """True for a line that begins as keepalived's lines do, even if what it says matters to no lab."""
    return _DAEMON_TEXTS.match(text) is not None


def read_clock_step(program: str, text: str) -> float | None:
    """Return by how many seconds a line says that the clock was set, forward if positive, or None."""
    if program in _OTHERS:
        for pattern in _STEPS:
            if match := pattern.search(text):
                return float(match["seconds"])
    return None


def tells_clock_was_set(program: str, text: str) -> bool:
    """True for a line that says that the clock was set, and not by how much."""
    return program in _OTHERS and _STEPS_OF_UNKNOWN_SIZE.search(text) is not None
