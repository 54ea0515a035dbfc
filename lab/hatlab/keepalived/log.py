"""Parses keepalived's log lines into what they report. The texts are those of 2.3.4."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConfigurationRead:
    """keepalived has opened its configuration: at its start and at each reload."""

    path: str


@dataclass(frozen=True, slots=True)
class ScriptResult:
    """A vrrp_script's new exit code, or its verdict."""

    script: str
    ok: bool
    verdict: bool
    """False for one run's new exit code, True if `fall` or `rise` was reached."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CheckRemoved:
    """A vrrp_script, or an instance's tracking of it, that keepalived leaves out: nothing is checked."""

    script: str
    reason: str
    """keepalived's own words."""


@dataclass(frozen=True, slots=True)
class ScriptDisabled:
    """A program that keepalived will not run: a vrrp_script's, which is left out then, or a notify line's."""

    path: str
    reason: str
    """keepalived's own words."""


@dataclass(frozen=True, slots=True)
class StartupDelayed:
    """The daemon waits (vrrp_startup_delay) before its instances take part."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AddressRemoved:
    """Somebody took a virtual address off an interface while this daemon was Master of it."""

    address: str
    interface: str


@dataclass(frozen=True, slots=True)
class TimerExpired:
    """The master-down timer ran out; Master is next."""

    instance: str


@dataclass(frozen=True, slots=True)
class MasterChanged:
    """A Backup heard a Master that it had not been following."""

    instance: str
    address: str


@dataclass(frozen=True, slots=True)
class LowerPriorityHeard:
    """An advert of lower priority: discarded by a Backup, or answered by a Master."""

    instance: str
    address: str
    priority: int
    ours: int | None = None
    """The Master's own priority; None for a Backup, which does not say it."""


@dataclass(frozen=True, slots=True)
class HigherPriorityHeard:
    """A Master heard a higher priority, or its own from a higher address."""

    instance: str
    address: str
    priority: int
    ours: int | None = None
    """The Master's own priority; None if it is the same."""


@dataclass(frozen=True, slots=True)
class PriorityZero:
    """A Master gives up: priority 0 was `sent` or `received`."""

    instance: str
    direction: str


@dataclass(frozen=True, slots=True)
class AdvertRefused:
    """An advert was not accepted."""

    instance: str
    address: str
    """Empty where keepalived does not say it."""
    reason: str
    """password, replay, auth_type, ttl, version, interval, checksum, length, type or destination."""
    detail: str
    """keepalived's own words."""


@dataclass(frozen=True, slots=True)
class StateEntered:
    """The instance is in another state: BACKUP, MASTER or FAULT."""

    instance: str
    state: str
    reason: str = ""
    """keepalived's words for why, where it has any: `interface eth0 down`."""


@dataclass(frozen=True, slots=True)
class PriorityChanged:
    """A check's weight changed the effective priority."""

    instance: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class GarpSent:
    """Gratuitous ARPs go out for a virtual address."""

    instance: str
    interface: str
    address: str


@dataclass(frozen=True, slots=True)
class AdvertSendFailed:
    """The kernel refused to send an advert."""

    instance: str
    error: str


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The kernel says that an interface went up or down."""

    interface: str
    up: bool


LogLine = (
    ConfigurationRead
    | ScriptResult
    | CheckRemoved
    | ScriptDisabled
    | StartupDelayed
    | AddressRemoved
    | TimerExpired
    | MasterChanged
    | LowerPriorityHeard
    | HigherPriorityHeard
    | PriorityZero
    | AdvertRefused
    | StateEntered
    | PriorityChanged
    | GarpSent
    | AdvertSendFailed
    | LinkChanged
)

_STAMP = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}: ")
_REFUSAL_REASONS = {
    "password": r"received an invalid passwd from (?P<a>\S+)!|IPSEC-AH : invalid IPSEC HMAC-MD5 value\. .*",
    "replay": r"IPSEC-AH : sequence number \d+ already processed\. .*",
    "auth_type": r"(?:Invalid auth type from (?P<a>\S+):|received a \d+ auth from (?P<a2>\S+),|"
    r"(?:No|Received) AH header but .+ from (?P<a3>\S+)$).*",
    "ttl": r"(?:invalid TTL/HL from|TTL/HL \d+ from) (?P<a>[^\s]+?)\.? (?:Received|not in).*",
    "version": r"wrong VRRP version from (?P<a>\S+?)\. .*",
    "interval": r"advertisement interval mismatch with (?P<a>\S+) .*",
    "checksum": r"Invalid VRRPv[23] checksum from (?P<a>\S+)",
    "length": r"(?:vrrp packet from (?P<a>\S+) too|ip_tot_len mismatch .* from (?P<a2>\S+?)\.) .*",
    "type": r"Invalid packet type from (?P<a>\S+?)\. .*",
    "destination": r"(?:Expected \w+cast packet but received .* from (?P<a>\S+)|"
    r"unicast source address (?P<a2>\S+) not a unicast peer)",
}

Match = re.Match[str]
Builder = Callable[[Match], LogLine]
_DAEMON_LINES: dict[str, Builder] = {
    r"Configuration file (?P<p>\S+)": lambda m: ConfigurationRead(m["p"]),
    r"Script `(?P<s>.+)` now returning (?P<n>-?\d{1,9})": lambda m: ScriptResult(
        m["s"], int(m["n"]) == 0, False, f"returning {m['n']}"
    ),
    r"VRRP_Script\((?P<s>.+?)\) (?:considered )?(?P<w>succeeded|successful.*)": lambda m: ScriptResult(
        m["s"], True, True, m["w"]
    ),
    r"VRRP_Script\((?P<s>.+?)\) "
    r"(?P<w>failed|timed_out|considered unsuccessful.*?)(?: \((?P<d>.+)\))?": lambda m: ScriptResult(
        m["s"], False, True, m["d"] or m["w"].replace("_", " ")
    ),
    r"(?P<t>Disabling track script (?P<s>\S+) .+)": lambda m: CheckRemoved(m["s"], m["t"]),
    r"(?:\(.+: Line \d+\) )?(?P<t>Unable to set default user for vrrp script (?P<s>\S+) - removing)": (
        lambda m: CheckRemoved(m["s"], m["t"])
    ),
    r"(?:\(.+: Line \d+\) )?(?P<t>\(.+\) track script (?P<s>\S+) not found, ignoring\.*)": (
        lambda m: CheckRemoved(m["s"], m["t"])
    ),
    r"(?P<t>WARNING - script '(?P<p>.+)' is not executable for uid:gid \d+:\d+ - disabling\.)": (
        lambda m: ScriptDisabled(m["p"], m["t"])
    ),
    r"Delaying startup for (?P<n>[\d.]{1,12}) seconds": lambda m: StartupDelayed(float(m["n"])),
    r"Netlink reflector reports IP (?P<a>\S+) removed from (?P<d>\S+)": (
        lambda m: AddressRemoved(m["a"], m["d"])
    ),
    r"Netlink reports (?P<d>\S+) (?P<w>up|down)": lambda m: LinkChanged(m["d"], m["w"] == "up"),
}
"""Lines of the whole daemon."""
_INSTANCE_LINES: dict[str, Builder] = {
    r"Receive advertisement timeout": lambda m: TimerExpired(m["i"]),
    r"master (?:set|changed from \S+) to (?P<a>\S+)": lambda m: MasterChanged(m["i"], m["a"]),
    r"received lower priority \((?P<n>\d{1,9})\) advert from (?P<a>\S+) - discarding": (
        lambda m: LowerPriorityHeard(m["i"], m["a"], int(m["n"]))
    ),
    r"Received advert from (?P<a>\S+) with lower priority (?P<n>\d{1,9}), ours (?P<o>\d{1,9}).*": (
        lambda m: LowerPriorityHeard(m["i"], m["a"], int(m["n"]), int(m["o"]))
    ),
    r"Master received advert from (?P<a>\S+) with higher priority (?P<n>\d{1,9}), ours (?P<o>\d{1,9})": (
        lambda m: HigherPriorityHeard(m["i"], m["a"], int(m["n"]), int(m["o"]))
    ),
    r"Master received advert from (?P<a>\S+) with same priority (?P<n>\d{1,9}) but higher IP.*": (
        lambda m: HigherPriorityHeard(m["i"], m["a"], int(m["n"]))
    ),
    r"(?:Backup|Master) received priority 0 (?:advertisement|message)": (
        lambda m: PriorityZero(m["i"], "received")
    ),
    r"sent 0 priority": lambda m: PriorityZero(m["i"], "sent"),
    r"Entering (?P<s>BACKUP|MASTER|FAULT) STATE(?: \(init\))?": lambda m: StateEntered(m["i"], m["s"]),
    r"entering FAULT state(?: \(?(?P<r>.+?)\)?)?": lambda m: StateEntered(m["i"], "FAULT", m["r"] or ""),
    r"Changing effective priority from (?P<b>\d{1,9}) to (?P<n>\d{1,9})": (
        lambda m: PriorityChanged(m["i"], int(m["b"]), int(m["n"]))
    ),
    r"Sending/queueing (?:gratuitous ARPs|Unsolicited Neighbour Adverts) on (?P<d>\S+) for (?P<a>\S+)": (
        lambda m: GarpSent(m["i"], m["d"], m["a"])
    ),
    r"send advert error (?P<e>.+)": lambda m: AdvertSendFailed(m["i"], m["e"]),
}
"""Lines of one instance, without its name in brackets before them."""
_INSTANCE = r"\((?P<i>.+?)\):? "
_PATTERNS = [
    *((re.compile(pattern), build) for pattern, build in _DAEMON_LINES.items()),
    *((re.compile(_INSTANCE + pattern), build) for pattern, build in _INSTANCE_LINES.items()),
]
_REFUSALS = [
    (reason, re.compile(rf"{_INSTANCE}(?P<t>{pattern})")) for reason, pattern in _REFUSAL_REASONS.items()
]


def parse_log_line(text: str) -> LogLine | None:
    """Parse a log line, with or without keepalived's time stamp; None if it matters to no lab."""
    text = text.strip()
    if stamp := _STAMP.match(text):
        text = text[stamp.end() :]
    for pattern, build in _PATTERNS:
        if match := pattern.fullmatch(text):
            return build(match)
    for reason, pattern in _REFUSALS:
        if match := pattern.fullmatch(text):
            addresses = (value for name, value in match.groupdict().items() if name[0] == "a" and value)
            return AdvertRefused(match["i"], next(addresses, ""), reason, match["t"])
    return None
