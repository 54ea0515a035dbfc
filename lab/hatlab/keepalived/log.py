"""keepalived's own log lines as values. Texts are those of 2.3.4; the others are None."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScriptResult:
    """What a vrrp_script did: one run's new exit code, or (`verdict`) that fall or rise was reached."""

    script: str
    ok: bool
    verdict: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TimerExpired:
    """The master-down timer ran out; Master is next."""

    instance: str


@dataclass(frozen=True, slots=True)
class MasterChanged:
    """A Backup heard a Master it had not been following."""

    instance: str
    address: str


@dataclass(frozen=True, slots=True)
class LowerPriorityHeard:
    """An advert of lower priority: discarded by a Backup, or answered by a Master (`ours` is given)."""

    instance: str
    address: str
    priority: int
    ours: int | None = None


@dataclass(frozen=True, slots=True)
class HigherPriorityHeard:
    """A Master heard a higher priority, or (`ours` is None) its own from a higher address."""

    instance: str
    address: str
    priority: int
    ours: int | None = None


@dataclass(frozen=True, slots=True)
class PriorityZero:
    """A priority 0 was `sent` or `received`: a Master gives up."""

    instance: str
    direction: str


@dataclass(frozen=True, slots=True)
class AdvertRefused:
    """An advert was not accepted. `reason` is one of password, auth_type, ttl, version, interval, checksum,
    length, type, destination; `detail` is keepalived's wording."""

    instance: str
    address: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class StateEntered:
    """The instance is in another state: BACKUP, MASTER or FAULT."""

    instance: str
    state: str


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


@dataclass(frozen=True, slots=True)
class ConfigurationRead:
    """keepalived has opened its configuration: at its start and at each reload."""

    path: str


LogLine = (
    ConfigurationRead
    | ScriptResult
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
_I = r"\((?P<i>.+?)\):? "
_REFUSED = {
    "password": r"received an invalid passwd from (?P<a>\S+)!",
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
_RULES: list[tuple[re.Pattern[str], Callable[[Match], LogLine]]] = [
    (re.compile(pattern), build)
    for pattern, build in (
        (r"Configuration file (?P<p>\S+)", lambda m: ConfigurationRead(m["p"])),
        (
            r"Script `(?P<s>.+)` now returning (?P<n>-?\d{1,9})",
            lambda m: ScriptResult(m["s"], int(m["n"]) == 0, False, f"returning {m['n']}"),
        ),
        (
            r"VRRP_Script\((?P<s>.+?)\) (?:considered )?(?P<w>succeeded|successful.*)",
            lambda m: ScriptResult(m["s"], True, True, m["w"]),
        ),
        (
            r"VRRP_Script\((?P<s>.+?)\) "
            r"(?P<w>failed|timed_out|considered unsuccessful.*?)(?: \((?P<d>.+)\))?",
            lambda m: ScriptResult(m["s"], False, True, m["d"] or m["w"].replace("_", " ")),
        ),
        (_I + r"Receive advertisement timeout", lambda m: TimerExpired(m["i"])),
        (
            _I + r"master (?:set|changed from \S+) to (?P<a>\S+)",
            lambda m: MasterChanged(m["i"], m["a"]),
        ),
        (
            _I + r"received lower priority \((?P<n>\d{1,9})\) advert from (?P<a>\S+) - discarding",
            lambda m: LowerPriorityHeard(m["i"], m["a"], int(m["n"])),
        ),
        (
            _I + r"Received advert from (?P<a>\S+) with lower priority (?P<n>\d{1,9}), ours (?P<o>\d{1,9}).*",
            lambda m: LowerPriorityHeard(m["i"], m["a"], int(m["n"]), int(m["o"])),
        ),
        (
            _I + r"Master received advert from (?P<a>\S+) with higher priority (?P<n>\d{1,9}), "
            r"ours (?P<o>\d{1,9})",
            lambda m: HigherPriorityHeard(m["i"], m["a"], int(m["n"]), int(m["o"])),
        ),
        (
            _I + r"Master received advert from (?P<a>\S+) with same priority (?P<n>\d{1,9}) but higher IP.*",
            lambda m: HigherPriorityHeard(m["i"], m["a"], int(m["n"])),
        ),
        (
            _I + r"(?:Backup|Master) received priority 0 (?:advertisement|message)",
            lambda m: PriorityZero(m["i"], "received"),
        ),
        (_I + r"sent 0 priority", lambda m: PriorityZero(m["i"], "sent")),
        (
            _I + r"Entering (?P<s>BACKUP|MASTER|FAULT) STATE(?: \(init\))?",
            lambda m: StateEntered(m["i"], m["s"]),
        ),
        (_I + r"entering FAULT state.*", lambda m: StateEntered(m["i"], "FAULT")),
        (
            _I + r"Changing effective priority from (?P<b>\d{1,9}) to (?P<n>\d{1,9})",
            lambda m: PriorityChanged(m["i"], int(m["b"]), int(m["n"])),
        ),
        (
            _I + r"Sending/queueing (?:gratuitous ARPs|Unsolicited Neighbour Adverts) "
            r"on (?P<d>\S+) for (?P<a>\S+)",
            lambda m: GarpSent(m["i"], m["d"], m["a"]),
        ),
        (_I + r"send advert error (?P<e>.+)", lambda m: AdvertSendFailed(m["i"], m["e"])),
        (
            r"Netlink reports (?P<d>\S+) (?P<w>up|down)",
            lambda m: LinkChanged(m["d"], m["w"] == "up"),
        ),
    )
]
_REFUSALS = [(reason, re.compile(_I + rf"(?P<t>{pattern})")) for reason, pattern in _REFUSED.items()]


def parse_log_line(text: str) -> LogLine | None:
    """The meaning of one log line, with or without keepalived's time stamp; None if it has none for a lab."""
    text = text.strip()
    if stamp := _STAMP.match(text):
        text = text[stamp.end() :]
    for pattern, build in _RULES:
        if found := pattern.fullmatch(text):
            return build(found)
    for reason, pattern in _REFUSALS:
        if found := pattern.fullmatch(text):
            address = next((v for k, v in found.groupdict().items() if k[0] == "a" and v), "")
            return AdvertRefused(found["i"], address, reason, found["t"])
    return None
