"""Parses keepalived's log lines into what they report. The texts are those of 1.2.7 to 2.4.3."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, cached_property, lru_cache

from hatlab.keepalived.log_line import (
    AddressAdded,
    AddressesChanged,
    AddressListDiffers,
    AddressRemoved,
    AdvertRefused,
    AdvertSendFailed,
    BfdChanged,
    CheckOverran,
    CheckRemoved,
    ChildDied,
    ChildStarted,
    CommandEnded,
    ConfigurationOpened,
    ConfigurationRead,
    DaemonStarted,
    DaemonStopped,
    DaemonStopping,
    ElectionForced,
    GarpSent,
    GroupSynced,
    HigherPriorityHeard,
    InterfaceChanged,
    InterfaceMissing,
    KernelRefused,
    LinkChanged,
    LogLine,
    LowerPriorityHeard,
    MasterChanged,
    OwnAddressHeard,
    PreemptDelayed,
    PriorityChanged,
    PriorityZero,
    ProcessQuorum,
    ReloadStarted,
    ScriptDisabled,
    ScriptResult,
    StartupDelayed,
    StateEntered,
    StrangeRouterHeard,
    TakeoverBegun,
    TimerExpired,
    TimerLate,
)
from hatlab.keepalived.needed_words import needed_words

_STAMP = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? \d{4}: ")
_FILE_LINE = re.compile(r"\(\S+: Line \d+\) ")
_INSTANCE = r"(?:VRRP_Instance)?\((?P<i>[^()]+)\)\s?:? "
"""`(VI_1) `, and before 2.0 `VRRP_Instance(VI_1) `, which stands before the rest of a line."""

_LONGEST = 2000
"""Characters of a line: keepalived's own buffer has fewer."""
Match = re.Match[str]
Builder = Callable[[Match], LogLine]
_REFUSAL_REASONS = {
    "password": r"received? an invalid passwd(?: from (?P<a>\S+))?!|"
    r"IPSEC-AH : invalid IPSEC HMAC-MD5 value\. .*|IPSEC AH : invalid IPSEC SPI value\. .*|"
    r"invalid authentication H?MAC from (?P<a2>\S+)|unknown authentication key id \d+ from (?P<a3>\S+)",
    "replay": r"IPSEC-AH : sequence number \d+ already proce(?:ss|ed)ed\. .*|"
    r"(?:replayed|stale) authentication trailer from (?P<a>[^\s,]+)(?:, .*)?",
    "auth_type": r"Invalid auth type(?: from (?P<a>\S+))?: ?\d*.*|"
    r"received? an? \d+ auth(?: from (?P<a2>\S+))?,.*|"
    r"(?:No|Received) AH header but .+?(?: from (?P<a3>\S+))?|"
    r"(?:missing|malformed) authentication trailer from (?P<a4>\S+)",
    "ttl": r"(?:invalid (?:TTL/HL|ttl)(?: from (?P<a>[^\s]+?))?\. .*|"
    r"TTL/HL \d+ (?:from (?P<a2>\S+) )?not in .*)",
    "version": r"(?:wrong (?:VRRP )?version(?: from (?P<a>\S+?))?|invalid version)\. .*",
    "interval": r"advertiss?ement interval mismatch:? (?:with (?P<a>\S+) )?mine=.*",
    "checksum": r"Invalid (?:VRRPv[23]|vrrp) checksum(?: from (?P<a>\S+))?",
    "length": r"(?:vrrp packet from (?P<a>\S+) too .*|ip_tot_len mismatch .* from (?P<a2>\S+?)\. .*|"
    r"vrrp packet too .*|ip_tot_len mismatch against .*|"
    r"(?:ip|ip/vrrp|vrrp) (?:payload|header) too short\. .*|"
    r"Received packet length mismatch .*|IPv[46] VRRP packet (?:with AH )?too short - \d+ bytes)",
    "type": r"Invalid packet type(?: from (?P<a>\S+?))?\. .*",
    "destination": r"(?:Expected \w+cast packet but received .*?(?: from (?P<a>\S+))?|"
    r"unicast source address (?P<a2>\S+) not a unicast peer|discarding \w+cast packet on \w+cast instance)",
    "vrid": r"received VRID mismatch\. .*",
    "unsound": r"ignoring received advertiss?e?ment\.*|Dropping received VRRP packet\.*",
}
_DAEMON_LINES: dict[str, Builder] = {
    r"Configuration file (?P<p>\S+)": lambda m: ConfigurationRead(m["p"]),
    r"Opening file '(?P<p>[^']+)'\.?": lambda m: ConfigurationOpened(m["p"]),
    r"Script [`']?(?P<s>.+?)[`']? now returning (?P<n>-?\d{1,9})": lambda m: ScriptResult(
        m["s"], int(m["n"]) == 0, False, f"returning {m['n']}"
    ),
    r"VRRP_Script\((?P<s>.+?)\) (?:considered )?(?P<w>succeeded|successful.*)": lambda m: ScriptResult(
        m["s"], True, True, m["w"]
    ),
    r"VRRP_Script\((?P<s>.+?)\) "
    r"(?P<w>failed|timed[_ ]out|considered unsuccessful.*?)(?: \((?P<d>.+)\))?": lambda m: ScriptResult(
        m["s"], False, True, m["d"] or m["w"].replace("_", " ")
    ),
    r"Track script (?P<s>\S+) is (?P<w>already running|being timed out), expect idle.*": (
        lambda m: CheckOverran(m["s"], m["w"] != "already running")
    ),
    r"(?P<t>Disabling track script (?P<s>\S+) .+)": lambda m: CheckRemoved(m["s"], m["t"]),
    r"(?P<t>Unable to set default user for vrrp script (?P<s>\S+) - removing)": (
        lambda m: CheckRemoved(m["s"], m["t"])
    ),
    r"(?P<t>\(.+\) track script (?P<s>\S+) not found, ignoring\.*)": lambda m: CheckRemoved(m["s"], m["t"]),
    r"(?P<t>WARNING - script '(?P<p>.+)' is not executable for uid:gid \d+:\d+ - disabling\.)": (
        lambda m: ScriptDisabled(m["p"], m["t"])
    ),
    r"Delaying startup for (?:a further )?(?P<n>[\d.]{1,12}) seconds": lambda m: StartupDelayed(
        float(m["n"])
    ),
    r"Netlink reflector reports IP (?P<a>\S+) removed(?: from (?P<d>\S+))?": (
        lambda m: AddressRemoved(m["a"], m["d"] or "")
    ),
    r"Netlink reflector reports IP (?P<a>\S+) added(?: to (?P<d>\S+))?": (
        lambda m: AddressAdded(m["a"], m["d"] or "")
    ),
    r"Assigned address (?P<a>\S+) for interface (?P<d>\S+)": lambda m: AddressAdded(m["a"], m["d"]),
    r"Deassigned address (?P<a>\S+) from interface (?P<d>\S+)": lambda m: AddressRemoved(m["a"], m["d"]),
    r"(?:Netlink|Linkbeat) reports (?P<d>\S+) (?P<w>up|down)": lambda m: LinkChanged(m["d"], m["w"] == "up"),
    r"Kernel is reporting: interface (?P<d>\S+) (?P<w>UP|DOWN)": lambda m: LinkChanged(
        m["d"], m["w"] == "UP"
    ),
    r"Sending (?:gratuitous ARP|unsolicited Neighbour Advert) on (?P<d>\S+) for (?P<a>\S+)": (
        lambda m: GarpSent("", m["d"], m["a"])
    ),
    r"(?:Cant find|WARNING - )\s?interface (?P<d>\S+) for vrrp_instance (?P<i>\S+) (?:!!!|doesn't exist.*)": (
        lambda m: InterfaceMissing(m["i"], m["d"])
    ),
    r"Netlink: error: (?P<e>.+?)(?:\(\d+\))?, type=\(?(?P<r>\w+)\)?.*": lambda m: KernelRefused(
        m["e"], m["r"]
    ),
    r"Interface (?P<d>\S+) (?P<w>added|deleted)": lambda m: InterfaceChanged(m["d"], m["w"] == "added"),
    r"(?:A|VRRP) thread timer expired (?P<n>\d{1,9}(?:\.\d{1,9})?) seconds ago.*": (
        lambda m: TimerLate(float(m["n"]))
    ),
    r"Starting Keepalived (?P<v>v[\d.]+\S*).*": lambda m: DaemonStarted(m["v"]),
    r"Starting (?P<c>VRRP|Healthcheck|BFD) child process, pid=(?P<n>\d{1,9})": (
        lambda m: ChildStarted(m["c"], int(m["n"]))
    ),
    r"Stopping(?: Keepalived v.*)?|Terminating (?:VRRP child process )?on signal": lambda _: DaemonStopping(),
    r"Stopped(?: Keepalived (?P<v>v[\d.]+\S*).*| - used .*| in \S+ .*)?": lambda m: DaemonStopped(
        m["v"] or ""
    ),
    r"(?P<c>\w+) child process\(\d+\) (?P<t>died: (?P<w>Respawning|Exiting))": (
        lambda m: ChildDied(m["c"], m["t"], m["w"] == "Respawning")
    ),
    r"(?:(?P<c>\w*[Kk]eepalived\w*)|pid \d{1,9}) (?P<t>exited (?:with|due to) (?!status \d{3,}$).*)": (
        lambda m: ChildDied(m["c"] or "", m["t"], False)  # three digits: a script's, before 2.0
    ),
    r"(?P<c>/\S.*) exited with status (?P<n>\d{1,3})": lambda m: CommandEnded(m["c"], int(m["n"])),
    r"(?:Reloading(?: \.\.\.)?|Got SIGHUP, reloading .*|Reloading VRRP child process\(\d+\) on signal)": (
        lambda _: ReloadStarted()
    ),
    r"VRRP_Group\((?P<g>.+?)\):? (?:Syncing (?:instances|\S+) to|Transition to) "
    r"(?P<s>BACKUP|MASTER|FAULT) state": lambda m: GroupSynced(m["g"], m["s"]),
    r"Quorum (?P<w>gained|lost) for tracked process (?P<p>\S+)": (
        lambda m: ProcessQuorum(m["p"], m["w"] == "gained")
    ),
    r"Unknown VRID\((?P<n>\d{1,9})\) received on interface\((?P<d>\S+)\)(?: from (?P<a>\S+?))?\. .*": (
        lambda m: StrangeRouterHeard(m["d"], int(m["n"]), m["a"] or "")
    ),
    r"(?P<t>bogus VRRP packet received on \S+ !!!)": lambda m: AdvertRefused("", "", "unsound", m["t"]),
    r"(?P<t>(?:ip address|one or more VIP) associated with VRID.*|receive an invalid ip num.*)": lambda m: (
        AddressListDiffers("", m["t"])
    ),
}
"""Lines of the whole daemon."""
_INSTANCE_LINES: dict[str, Builder] = {
    r"Receive advertisement timeout": lambda m: TimerExpired(m["i"]),
    r"Transition to MASTER STATE": lambda m: TakeoverBegun(m["i"]),
    r"forcing a new MASTER election": lambda m: ElectionForced(m["i"]),
    r"master (?:set|changed from \S+) to (?P<a>\S+)": lambda m: MasterChanged(m["i"], m["a"]),
    r"received lower priority \((?P<n>\d{1,9})\) advert from (?P<a>\S+) - discarding": (
        lambda m: LowerPriorityHeard(m["i"], m["a"], int(m["n"]))
    ),
    r"Received (?:advert(?: from (?P<a>\S+))? with lower priority (?P<n>\d{1,9}), ours (?P<o>\d{1,9})|"
    r"lower prio advert(?: (?P<n2>\d{1,9}))?).*": lambda m: LowerPriorityHeard(
        m["i"], m["a"] or "", _number(m["n"] or m["n2"]), _number(m["o"])
    ),
    r"(?:Master received|Received) advert(?: from (?P<a>\S+))? with higher priority "
    r"(?P<n>\d{1,9}), ours (?P<o>\d{1,9})": (
        lambda m: HigherPriorityHeard(m["i"], m["a"] or "", int(m["n"]), int(m["o"]))
    ),
    r"Received higher prio advert(?: (?P<n>\d{1,9}))?": (
        lambda m: HigherPriorityHeard(m["i"], "", _number(m["n"]))
    ),
    r"Master received advert from (?P<a>\S+) with same priority (?P<n>\d{1,9}) but higher IP.*": (
        lambda m: HigherPriorityHeard(m["i"], m["a"], int(m["n"]), int(m["n"]))
    ),
    r"\w+ received priority 0 (?:advertisement|message)": lambda m: PriorityZero(m["i"], "received"),
    r"Master received priority 0 or lower priority advert": lambda m: LowerPriorityHeard(m["i"], "", None),
    r"sent 0 priority": lambda m: PriorityZero(m["i"], "sent"),
    r"(?:Entering|Now in) (?P<s>BACKUP|MASTER|FAULT) (?:STATE|state)(?: \(init\))?": (
        lambda m: StateEntered(m["i"], m["s"])
    ),
    r"entering FAULT state(?: \(?(?P<r>.+?)\)?)?": lambda m: StateEntered(m["i"], "FAULT", m["r"] or ""),
    r"(?P<r>.+?)(?: -|\.) (?:going to|setting instance to) fault state": lambda m: StateEntered(
        m["i"], "FAULT", m["r"]
    ),
    r"(?P<r>interface \S+ does not support multicast), specify unicast peers - disabling": (
        lambda m: StateEntered(m["i"], "FAULT", m["r"])
    ),
    r"Changing effective priority from (?P<b>\d{1,9}) to (?P<n>\d{1,9})": (
        lambda m: PriorityChanged(m["i"], int(m["b"]), int(m["n"]))
    ),
    r"Effective priority = (?P<n>\d{1,9})": lambda m: PriorityChanged(m["i"], None, int(m["n"])),
    r"Sending(?:/queueing)? (?:gratuitous ARPs|Unsolicited Neighbour Adverts) on (?P<d>\S+) for (?P<a>\S+)": (
        lambda m: GarpSent(m["i"], m["d"], m["a"])
    ),
    r"(?P<w>setting|removing) (?:protocol )?(?:E-)?VIPs\.": (
        lambda m: AddressesChanged(m["i"], m["w"] == "setting")
    ),
    r"Unknown interface ?!": lambda m: InterfaceMissing(m["i"], ""),
    r"(?P<t>WARNING - equal priority advert received from remote host with our IP address\.?"
    r"|CONFIGURATION ERROR: local instance and a remote instance are both configured as address owner.*)": (
        lambda m: OwnAddressHeard(m["i"], m["t"])
    ),
    r"send advert error (?P<e>.+)": lambda m: AdvertSendFailed(m["i"], m["e"]),
    r"(?P<e>Cant sen[dt] advert to .+)": lambda m: AdvertSendFailed(m["i"], m["e"]),
    r"start preempt delay ?\((?P<n>\d{1,9}(?:\.\d{1,9})?)\)": lambda m: PreemptDelayed(m["i"], float(m["n"])),
    r"(?:stop|reset) preempt delay": lambda m: PreemptDelayed(m["i"], None),
    r"Tracked BFD instance (?P<s>\S+) is (?P<w>UP|DOWN)": lambda m: BfdChanged(
        m["i"], m["s"], m["w"] == "UP"
    ),
    r"(?P<t>expected \d+ VIPs but received \d+|received? an (?:invalid|unexpected) ip number count.*|"
    r"ip address associated with VRID.*)": lambda m: AddressListDiffers(m["i"], m["t"]),
}
"""Lines of one instance, behind its name."""


def _number(digits: str | None) -> int | None:
    return None if digits is None else int(digits)


class _Pattern:
    """A line's pattern; made when a line comes that has its first words, as most never do."""

    def __init__(self, pattern: str, build: Builder, head: str = "") -> None:
        self.build = build
        self._pattern = head + pattern
        self.words = needed_words(pattern)

    def match(self, text: str) -> Match | None:
        return self._compiled.fullmatch(text) if any(map(text.__contains__, self.words)) else None

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern)


_DAEMON_PATTERNS = [_Pattern(pattern, build) for pattern, build in _DAEMON_LINES.items()]
_INSTANCE_PATTERNS = [_Pattern(pattern, build, _INSTANCE) for pattern, build in _INSTANCE_LINES.items()]


def _build_refusal(reason: str) -> Builder:
    def build(match: Match) -> AdvertRefused:
        addresses = (value for name, value in match.groupdict().items() if name[0] == "a" and value)
        return AdvertRefused(match["i"] or "", next(addresses, ""), reason, match["t"])

    return build


_ALL_PATTERNS = [*_INSTANCE_PATTERNS, *_DAEMON_PATTERNS]
_REFUSALS = [
    _Pattern(f"(?P<t>{pattern})", _build_refusal(reason), f"(?:{_INSTANCE})?")
    for reason, pattern in _REFUSAL_REASONS.items()
]


@cache
def _any_words() -> re.Pattern[str]:
    """What finds the words of any pattern: most lines of other programs have none."""
    words = {word for pattern in (*_ALL_PATTERNS, *_REFUSALS) for word in pattern.words}
    return re.compile("|".join(map(re.escape, sorted(words))))


def parse_log_line(text: str) -> LogLine | None:
    """Parse a log line, with or without keepalived's time stamp; None if it matters to no lab."""
    return None if len(text) > _LONGEST else _parse(text)


@lru_cache(4096)
def _parse(text: str) -> LogLine | None:
    if _any_words().search(text) is None:
        return None
    text = text.strip()
    if stamp := _STAMP.match(text):
        text = text[stamp.end() :]
    if place := _FILE_LINE.match(text):
        text = text[place.end() :]
    patterns = _DAEMON_PATTERNS
    if text.startswith(("(", "VRRP_Instance(")):
        patterns = _ALL_PATTERNS
    for pattern in (*patterns, *_REFUSALS):
        if match := pattern.match(text):
            return pattern.build(match)
    return None
