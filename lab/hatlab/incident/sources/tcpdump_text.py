"""What `tcpdump` prints of VRRP, ARP and neighbour discovery: with -e, -v, -x, -X, -i any, any -t. Pure.

A frame begins with a line of its own; what -v and -x add stands on the lines behind it, and so does the rest
of a line that a mail has wrapped. Where a text has the frame's bytes, what it carries is read from these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from hatlab.incident.sources.configuration import is_block_start
from hatlab.incident.sources.log_lines import split_log_line
from hatlab.incident.sources.written_time import WrittenTime, time_of
from hatlab.vrrp import arp, codec, ndisc
from hatlab.vrrp.arp import ArpPacket
from hatlab.vrrp.codec import Advertisement

SIGNS = re.compile(r"VRRP|vrrp|who-has|is-at|neighbor (?:advert|solicit)|proto 112|AH\(spi|Announcement ")
"""Found in the first line, or the one behind it, of each frame that is read."""
_MAC = r"(?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2}"
_OUI = r"(?: \(oui [^)]*\))?"
_TYPE = r"ethertype (?P<{}>[\w.]+)(?: \([^)]*\))?(?:, length \d+)?[:,] ?"
_HEAD = re.compile(
    r"(?:(?:(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d) )?"
    r"(?P<clock>\d\d:\d\d:\d\d)(?P<fraction>\.\d{1,9})? +"
    r"|(?P<unix>\d{9,10}\.\d{1,9}) +)?"
    r"(?:(?:(?P<interface>[\w.@:?-]+) +)?(?P<way>In|Out|B|M|P) +(?:ifindex \d+ )?)?"
    rf"(?P<ethernet>(?P<source>{_MAC}){_OUI}(?: > (?P<destination>{_MAC}|Broadcast){_OUI})?,? "
    rf"{_TYPE.format('type')}"
    rf"(?:vlan \d+, p \d+, (?:DEI, )?{_TYPE.format('inner')})*)?"
    r"(?P<kind>IP6?|ARP|arp)?,? ?(?P<rest>.*)",
    re.DOTALL,
)
_BEGIN = re.compile(
    r"(?:\d{4}-\d\d-\d\d )?(?<!\d)\d\d:\d\d:\d\d\.\d{3,9} (?=.{0,99}\b(?:IP6?|ARP|arp|ethertype)\b)"
)
"""Before it may stand a number (`-#`), or what a paste has put there."""
_HEX = re.compile(
    r"\s*0x(?P<offset>[0-9a-f]{3,6}):\s+(?P<hex>(?:[0-9a-f]{4}\s){0,7}[0-9a-f]{2}(?:[0-9a-f]{2})?)(?:\s.*|$)"
)
_ADVERT = re.compile(
    r"(?<!\S)(?P<source>[^\s>]{1,255}) > (?P<destination>[^\s>]{1,255}): (?:vrrp \S+ > \S+: |AH\(.*?\): )?"
    r"VRRPv(?P<version>\d{1,2}), Advertisement(?P<fields>.*)"
)
_TTL = re.compile(r"\b(?:ttl|hlim) +(?P<ttl>\d{1,3})\b")
_NUMBERS = {
    "vrid": re.compile(r", vrid (?P<n>\d{1,3})"),
    "priority": re.compile(r", prio (?P<n>\d{1,3})"),
}
_INTERVAL = re.compile(r", intvl (?P<n>\d{1,5})(?P<unit>c?s)")
_AUTH = re.compile(r", authtype (?P<kind>none|simple|ah|\[?type#?\d+\]?|\S+?)[,\s]")
_AUTH_TYPES = {"none": 0, "simple": 1, "ah": 2}
_PASSWORD = re.compile(r'auth "(?P<password>[^"]*)"')
_ADDRESSES = re.compile(r"addrs(?:\(\d+\))?: (?P<addresses>[0-9a-fA-F.:]+(?:, ?[0-9a-fA-F.:]+)*)")
_REQUEST = re.compile(
    r"(?:.*?Request )?who-has (?P<target>[^\s,]+)(?: \((?P<mac>[^)]+)\))? tell (?P<sender>[^\s,]+)"
)
_REPLY = re.compile(rf"(?:.*?[Rr]eply )?(?P<sender>[^\s,]+) is-at (?P<mac>{_MAC})")
_ANNOUNCEMENT = re.compile(r"(?:.*?)Announcement (?P<sender>[^\s,]+)")
_NEIGHBOUR = re.compile(
    r"(?<!\S)(?P<source>[^\s>]{1,255}) > (?P<destination>[^\s>]{1,255}): .*?"
    r"ICMP6, neighbor (?P<kind>advertisement|solicitation).*?(?:tgt is|who has) (?P<about>[^\s,]+)"
)
_LINK_ADDRESS = re.compile(rf"link-address option[^:]*: (?P<mac>{_MAC})")
_NAMES = {"vrrp.mcast.net": codec.GROUP_V4, "vrrp.mcast.net.": codec.GROUP_V4}
_ETHERTYPES = {"IPv4": "0800", "IP": "0800", "IPv6": "86dd", "IP6": "86dd", "ARP": "0806", "arp": "0806"}
_BEGUN = re.compile(rf"(?>.*?\d\d:\d\d:\d\d\.\d{{3,9}} )(?>.*?{_MAC}).*+")
"""The first line of a frame with -e that may be wrapped before it says what the frame is."""
_WRAPPED = 50
"""Characters of a line from which on a mail may have wrapped it."""
_ENDED = re.compile(r"(?:length \d+\)?|tell [\d.]+|auth \".*\")\s*$")
"""How a frame's first line ends that is whole."""
_OTHER = re.compile(r"\[[\dA-Z]|[{<#$]|\d+: |--|\d+ packets? ")
"""What begins something else than the rest of a line."""
_MOST_WRAPPED = 4
"""Parts of a wrapped line."""
_WAYS = {"Out": "sent", "In": "received", "M": "received", "B": "received"}
_LONGEST = 4000
"""Characters of a frame's text."""
_MOST_LINES = 200
"""Lines of one frame that are kept."""


@dataclass(frozen=True, slots=True)
class FrameText:
    """A frame as the text has it; `data` is empty if the text has no bytes."""

    number: int
    time: WrittenTime | None
    interface: str
    direction: str
    data: bytes
    packet: Advertisement | ArpPacket | None


@dataclass(slots=True)
class _Pending:
    number: int
    head: re.Match[str]
    lines: list[str] = field(default_factory=list)
    bytes_: list[str] = field(default_factory=list)


class TcpdumpReader:
    """Reads such a text line by line.

    Args:
        form: of times that have no date: `day`, `start` (tcpdump -ttttt) or `delta` (-ttt).
    """

    def __init__(self, form: str = "day") -> None:
        self._form = form
        self._pending: _Pending | None = None
        self._begun = self._before = ""
        """A line that may be the first half of a frame's first line, and the line before this one."""

    def read(self, number: int, line: str) -> tuple[bool, FrameText | None]:
        """Return whether a line is of such a text, and the frame before it if that ends here."""
        before, self._before = self._before, line
        head = match_head(f"{self._begun} {line.strip()}") if self._begun else None
        self._begun = ""
        if head or (head := match_head(line)):
            done = self.flush()
            self._pending = _Pending(number, head)
            return True, done
        if len(line) >= _WRAPPED and _BEGUN.fullmatch(line):
            self._begun = line.strip()
            return True, self.flush()
        pending = self._pending
        if pending is None:
            return False, None
        if dump := _HEX.fullmatch(line):
            if dump["offset"].strip("0") == "":
                pending.bytes_.clear()  # what stands before is the dump of a part, such as an option
            if len(pending.bytes_) < _MOST_LINES:
                pending.bytes_.append(dump["hex"])
            return True, None
        if (
            line.strip()
            and not pending.bytes_
            and len(pending.lines) < _MOST_LINES
            and _continues(pending, before, line)
        ):
            pending.lines.append(line.strip())
            return True, None
        return False, self.flush()

    def flush(self) -> FrameText | None:
        """Return the frame that the text ends with; None if there is none, or it is of no interest."""
        pending, self._pending = self._pending, None
        if pending is None:
            return None
        head = pending.head
        text = " ".join([head["rest"], *pending.lines])[:_LONGEST]
        if not SIGNS.search(text) and not pending.bytes_:
            return None
        data = _frame_of("".join(pending.bytes_), head)
        packet = packet_in(data) or _read_packet(text, head)
        if packet is None:
            return None
        direction = _WAYS.get(head["way"] or "", "")
        return FrameText(
            pending.number,
            self._time_of(head),
            (head["interface"] or "").strip("?"),
            direction,
            data,
            packet,
        )

    def _time_of(self, head: re.Match[str]) -> WrittenTime | None:
        return time_of_head(head, self._form)


def packet_in(data: bytes) -> Advertisement | ArpPacket | None:
    """Return what a frame's bytes carry; None without bytes, or if that is of no interest."""
    return (codec.decode(data) or arp.decode(data) or ndisc.decode(data)) if data else None


def match_head(line: str) -> re.Match[str] | None:
    """Return the parts of a frame's first line; None for any other line."""
    begin = _BEGIN.search(line)
    match = _HEAD.fullmatch(line[begin.start() :].strip() if begin else line.strip())
    if match is None or not (match["kind"] or match["ethernet"]):
        return None
    timed = match["clock"] or match["unix"] or match["ethernet"]
    if not timed and not (SIGNS.search(match["rest"]) or match["rest"].startswith("(tos ")):
        return None
    return match


def time_of_head(head: re.Match[str], form: str = "day") -> WrittenTime | None:
    """Return the time of a frame's first line; `form` as `TcpdumpReader` takes it."""
    if head["unix"]:
        digits = head["unix"].partition(".")[2]
        return WrittenTime(float(head["unix"]), max(10.0 ** -len(digits), 1e-6), "unix")
    if not head["clock"]:
        return None
    time = time_of(head["clock"], head["fraction"], year=head["year"], month=head["month"], day=head["day"])
    if time is not None and time.month is None and form != "day":
        return WrittenTime(time.seconds, time.precision, form)
    return time


def _continues(pending: _Pending, before: str, line: str) -> bool:
    """True for a line that adds to the frame before: indented by -v, or the rest of a wrapped one."""
    if line[:1].isspace():
        return True
    if len(before) < _WRAPPED or _ENDED.search(before) or _OTHER.match(line):
        return False
    return len(pending.lines) < _MOST_WRAPPED and not is_block_start(line) and split_log_line(line) is None


def _frame_of(digits: str, head: re.Match[str]) -> bytes:
    """The Ethernet frame of a dump, which may lack the frame's own header; empty without a dump."""
    digits = re.sub(r"\s", "", digits)
    if len(digits) < 2 * 20:
        return b""
    raw = bytes.fromhex(digits[: len(digits) & ~1])
    kind = _ETHERTYPES.get(head["kind"] or head["inner"] or head["type"] or "", "")
    begins_with_packet = (
        (kind == "0800" and raw[0] >> 4 == 4)
        or (kind == "86dd" and raw[0] >> 4 == 6)
        or (kind == "0806" and raw[:4] == b"\x00\x01\x08\x00")
    )
    if not begins_with_packet:
        return raw
    to, source = (_mac(head[name]) for name in ("destination", "source"))
    return bytes.fromhex((to or "00" * 6) + (source or "00" * 6) + kind) + raw


def _mac(text: str | None) -> str:
    """Hexadecimal digits of a MAC address, whose leading zeros old versions leave out."""
    if not text:
        return ""
    return "ff" * 6 if text == "Broadcast" else "".join(part.zfill(2) for part in text.split(":"))


def _colons(text: str | None) -> str:
    digits = _mac(text)
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def _read_packet(text: str, head: re.Match[str]) -> Advertisement | ArpPacket | None:
    if match := _ADVERT.search(text):
        return _read_advert(match, text)
    if match := _NEIGHBOUR.search(text):
        return _read_neighbour(match, text, head)
    source = _colons(head["source"])
    if match := _REQUEST.match(text):
        target_mac = match["mac"] or ""
        target_mac = arp.BROADCAST if target_mac == "Broadcast" else target_mac
        return ArpPacket(True, source, match["sender"], target_mac, match["target"])
    if match := _REPLY.match(text):
        to = match["sender"] if head["destination"] in ("Broadcast", arp.BROADCAST) else ""
        return ArpPacket(False, _colons(match["mac"]), match["sender"], _colons(head["destination"]), to)
    if match := _ANNOUNCEMENT.match(text):
        return ArpPacket(True, source, match["sender"], "", match["sender"])
    return None


def _read_advert(match: re.Match[str], text: str) -> Advertisement:
    fields = match["fields"]
    numbers = {name: pattern.search(fields) for name, pattern in _NUMBERS.items()}
    interval = _INTERVAL.search(fields)
    ttl = _TTL.search(text)
    kind = _AUTH.search(fields + " ")
    password = _PASSWORD.search(fields)
    addresses = _ADDRESSES.search(fields)
    defects = ["checksum"] if "bad vrrp cksum" in fields else []
    return Advertisement(
        match["source"],
        _NAMES.get(match["destination"], match["destination"]),
        int(ttl["ttl"]) if ttl else 255,
        version=int(match["version"]),
        type=1,
        vrid=_integer(numbers["vrid"]),
        priority=_integer(numbers["priority"]),
        interval=int(interval["n"]) / (100 if interval["unit"] == "cs" else 1) if interval else None,
        auth_type=_AUTH_TYPES.get(kind["kind"]) if kind else None,
        auth=password["password"].replace("^@", "").rstrip("\0") if password else None,
        addresses=tuple(re.split(r", ?", addresses["addresses"])) if addresses else (),
        defects=tuple(defects),
        checksum_kind="wrong" if defects else "right",
    )


def _integer(match: re.Match[str] | None) -> int | None:
    return None if match is None else int(match["n"])


def _read_neighbour(match: re.Match[str], text: str, head: re.Match[str]) -> ArpPacket:
    link = _LINK_ADDRESS.search(text)
    mac = _colons(link["mac"]) if link else _colons(head["source"])
    if match["kind"] == "solicitation":
        return ArpPacket(True, mac, match["source"], "", match["about"])
    told = match["about"] if match["destination"] == ndisc.ALL_NODES else match["destination"]
    return ArpPacket(False, mac, match["about"], _colons(head["destination"]), told)
