"""What `tshark` and Wireshark write of VRRP and ARP: lines, `-V`, `-x`, and `-T json` and `ek`. Pure.

A line of the list says who sent an advert, and not of which virtual router or with which priority; -V, -x
and JSON say all.
"""

from __future__ import annotations

import re
from typing import Any

from hatlab.incident.sources.tcpdump_text import FrameText, packet_in
from hatlab.incident.sources.written_time import WrittenTime, month_of, time_of
from hatlab.vrrp.arp import ArpPacket
from hatlab.vrrp.codec import Advertisement

_LINE = re.compile(
    r"\s*+(?:\d{1,9}\s++)?(?:(?:(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\s++)?(?P<clock>\d\d:\d\d:\d\d)"
    r"(?P<fraction>\.\d{1,9})(?P<zone>Z)?|(?P<seconds>\d{1,10}\.\d{1,9}))\s++"
    r"(?P<source>\S++)\s++(?:→|->|\u00e2\u2020\u2019)\s++(?P<destination>\S*?)\s*+(?P<protocol>VRRP|ARP)\s++\d++\s++(?P<info>.*)"
)
_OTHER_LINE = re.compile(
    r"\s*+(?:\d{1,9}\s++)?\d[\d:. Z-]{7,39}\s++\S++\s++(?:→|->|\u00e2\u2020\u2019)\s++.*+"
)
_FRAME = re.compile(r"Frame \d+: \d+ bytes on wire.*")
_DETAIL = re.compile(r"[A-Z0-9\[. ].*|")
_HEX = re.compile(
    r"\s*(?P<offset>[0-9a-f]{4})\s{2,3}(?P<hex>[0-9a-f]{2}(?: ?[0-9a-f]{2}){0,15})(?:\s{2,}.*|\s*)"
)
_FIELD = re.compile(r"\s*\[?(?P<name>[A-Z][\w ()]{1,40}?)(?: \(UTC\))?: (?P<value>.+?)\]?")
_BETWEEN = re.compile(
    r"Internet Protocol Version \d, Src: (?P<source>\S+?)(?: \(\S+\))?, Dst: (?P<destination>[^\s,]+).*"
)
_ARRIVAL = re.compile(
    r"(?P<month>\w{3}) +(?P<day>\d\d?), (?P<year>\d{4}) (?P<clock>\d\d:\d\d:\d\d)(?P<fraction>\.\d{1,9}).*"
)
_WHO_HAS = re.compile(r"Who has (?P<target>[0-9.]+)\? +Tell (?P<sender>[0-9.]++).*+")
_IS_AT = re.compile(r"(?P<sender>[0-9.]+) is at (?P<mac>[0-9a-f:]{17}).*")
_GRATUITOUS = re.compile(r"(?:Gratuitous ARP|ARP Announcement) for (?P<sender>[0-9.]+).*")
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_LABELS = {
    "Virtual Rtr ID": "vrrp.virt_rtr_id",
    "Priority": "vrrp.prio",
    "Auth Type": "vrrp.auth_type",
    "Authentication String": "vrrp.auth_string",
    "Adver Int": "vrrp.adver_int",
    "IP Address": "vrrp.ip_addr",
    "IPv6 Address": "vrrp.ipv6_addr",
    "Time to Live": "ip.ttl",
    "Time to live": "ip.ttl",
    "Hop Limit": "ipv6.hlim",
    "Epoch Time": "frame.time_epoch",
    "Epoch Arrival Time": "frame.time_epoch",
    "Arrival Time": "frame.time",
    "Opcode": "arp.opcode",
    "Sender MAC address": "arp.src.hw_mac",
    "Sender IP address": "arp.src.proto_ipv4",
    "Target MAC address": "arp.dst.hw_mac",
    "Target IP address": "arp.dst.proto_ipv4",
}
"""How -V calls a field → its name in JSON."""
_MOST_LINES = 1000
"""Lines of one frame that are kept."""
Fields = dict[str, list[str]]


class TsharkReader:
    """Reads such a text line by line.

    Args:
        form: of times that count seconds: `start`, or `delta` for those from frame to frame.
    """

    def __init__(self, form: str = "start") -> None:
        self._form = "delta" if form == "delta" else "start"
        self._first = 0
        self._head: re.Match[str] | None = None
        self._lines: list[str] | None = None
        self._bytes: list[str] = []

    def read(self, number: int, line: str) -> tuple[bool, FrameText | None]:
        """Return whether a line is of such a text, and the frame before it if that ends here."""
        if (head := _LINE.fullmatch(line)) or _FRAME.fullmatch(line):
            done = self.flush()
            self._first, self._head, self._lines = number, head, []
            return True, done
        if self._lines is None:
            return _OTHER_LINE.fullmatch(line) is not None, None
        if dump := _HEX.fullmatch(line):
            if int(dump["offset"], 16) == 0 and self._bytes:
                return True, None  # of something reassembled
            self._bytes.append(dump["hex"])
            return True, None
        if not self._bytes and (self._head is None or not line.strip()) and _DETAIL.fullmatch(line):
            if len(self._lines) < _MOST_LINES:
                self._lines.append(line)
            return True, None
        if not line.strip():
            return True, None
        return _OTHER_LINE.fullmatch(line) is not None, self.flush()

    def flush(self) -> FrameText | None:
        """Return the frame that the text ends with; None if there is none, or it is of no interest."""
        lines, self._lines = self._lines, None
        if lines is None:
            return None
        raw = bytes.fromhex("".join(self._bytes).replace(" ", ""))
        self._bytes = []
        fields = _fields_of(lines)
        packet = packet_in(raw) or _packet_of(fields) or (_packet_of_line(self._head) if self._head else None)
        if packet is None:
            return None
        time = _time_of(self._head, self._form) if self._head else _time_of_fields(fields)
        data = raw if packet_in(raw) else b""
        return FrameText(self._first, time, "", "", data, packet)


def counted_time(line: str) -> WrittenTime | None:
    """Return the time of a line of the list; None for any other line."""
    head = _LINE.fullmatch(line)
    return _time_of(head, "start") if head else None


def read_layers(data: dict[str, Any], number: int) -> FrameText | None:
    """Return the frame of an object of `-T json` or `-T ek`; None for any other object, or frame."""
    layers = data.get("layers")
    if not isinstance(layers, dict):
        return None
    fields: Fields = {}
    _gather(layers, fields, 0)
    packet = _packet_of(fields)
    return None if packet is None else FrameText(number, _time_of_fields(fields), "", "", b"", packet)


def _gather(value: dict[str, Any], into: Fields, depth: int) -> None:
    for name, one in value.items():
        if isinstance(one, dict) and depth < 4:
            _gather(one, into, depth + 1)
            continue
        layer, _, rest = name.partition("_")
        called = rest.replace("_", ".", 1) if rest.startswith(f"{layer}_") else name
        texts = [str(text) for text in (one if isinstance(one, list) else [one])]
        into.setdefault(_KNOWN.get(called.replace(".", "_"), called), []).extend(texts)


_KNOWN = {
    name.replace(".", "_"): name
    for name in (
        *_LABELS.values(),
        "ip.src",
        "ip.dst",
        "ipv6.src",
        "ipv6.dst",
        "vrrp.version",
        "vrrp.short_adver_int",
    )
}


def _fields_of(lines: list[str]) -> Fields:
    fields: Fields = {}
    for line in lines:
        if between := _BETWEEN.fullmatch(line):
            fields["ip.src"], fields["ip.dst"] = [between["source"]], [between["destination"]]
        elif "VRRP protocol version: " in line:
            fields["vrrp.version"] = [line.rpartition(": ")[2]]
        elif (match := _FIELD.fullmatch(line)) and match["name"] in _LABELS:
            fields.setdefault(_LABELS[match["name"]], []).append(match["value"])
    return fields


def _packet_of(fields: Fields) -> Advertisement | ArpPacket | None:
    if "vrrp.virt_rtr_id" in fields:
        return _advert_of(fields)
    if "arp.opcode" not in fields or "arp.src.proto_ipv4" not in fields:
        return None
    request = _number(fields, "arp.opcode") == 1
    first = {name: texts[0].split()[-1].strip("()") for name, texts in fields.items() if texts[0].strip()}
    return ArpPacket(
        request,
        first.get("arp.src.hw_mac", ""),
        first["arp.src.proto_ipv4"],
        first.get("arp.dst.hw_mac", ""),
        first.get("arp.dst.proto_ipv4", ""),
    )


def _advert_of(fields: Fields) -> Advertisement | None:
    source, destination = (fields.get(f"ip.{end}") or fields.get(f"ipv6.{end}") for end in ("src", "dst"))
    if not source or not destination:
        return None
    version = _number(fields, "vrrp.version") or 2
    interval = _number(
        fields, "vrrp.short_adver_int" if "vrrp.short_adver_int" in fields else "vrrp.adver_int"
    )
    ttl = _number(fields, "ip.ttl") or _number(fields, "ipv6.hlim")
    return Advertisement(
        source[0],
        destination[0],
        255 if ttl is None else ttl,
        version=version,
        type=1,
        vrid=_number(fields, "vrrp.virt_rtr_id"),
        priority=_number(fields, "vrrp.prio"),
        interval=None if interval is None else interval / (100 if version == 3 else 1),
        auth_type=_number(fields, "vrrp.auth_type", last=True),
        auth=next(iter(fields.get("vrrp.auth_string", ())), None),
        addresses=tuple(fields.get("vrrp.ip_addr", ()) or fields.get("vrrp.ipv6_addr", ())),
        defects=(),
        checksum_kind="right",
    )


def _number(fields: Fields, name: str, *, last: bool = False) -> int | None:
    """The first number of a field's text, `150 (Non-default backup priority)`, or the last, `Simple (1)`."""
    found = re.findall(r"\d+", next(iter(fields.get(name, ())), ""))
    if name == "arp.opcode" and not found:
        return None
    return int(found[-1 if last else 0]) if found else None


def _packet_of_line(head: re.Match[str]) -> Advertisement | ArpPacket | None:
    info, mac = head["info"], head["source"] if _MAC.fullmatch(head["source"]) else ""
    if head["protocol"] == "VRRP":
        version = re.search(r"\(v(\d)\)", info)
        return Advertisement(
            head["source"],
            head["destination"],
            255,
            version=int(version[1]) if version else 2,
            type=1,
            vrid=None,
            priority=None,
            interval=None,
            auth_type=None,
            auth=None,
            addresses=(),
            defects=(),
            checksum_kind="right",
        )
    if match := _WHO_HAS.fullmatch(info):
        return ArpPacket(True, mac, match["sender"], "", match["target"])
    if match := _IS_AT.fullmatch(info):
        return ArpPacket(False, match["mac"], match["sender"], "", "")
    if match := _GRATUITOUS.fullmatch(info):
        return ArpPacket("(Reply)" not in info, mac, match["sender"], "", match["sender"])
    return None


def _time_of(head: re.Match[str], form: str) -> WrittenTime | None:
    if head["seconds"]:
        seconds = float(head["seconds"])
        precision = max(10.0 ** -len(head["seconds"].partition(".")[2]), 1e-6)
        return WrittenTime(seconds, precision, "unix" if seconds > 1e9 else form)
    return time_of(
        head["clock"],
        head["fraction"],
        year=head["year"],
        month=head["month"],
        day=head["day"],
        zone=head["zone"],
    )


def _time_of_fields(fields: Fields) -> WrittenTime | None:
    epoch = next(iter(fields.get("frame.time_epoch", ())), "").split(" ")[0]
    try:
        return WrittenTime(float(epoch), 1e-6, "unix")
    except ValueError:
        pass
    match = _ARRIVAL.fullmatch(next(iter(fields.get("frame.time", ())), ""))
    if match is None or (month := month_of(match["month"])) is None:
        return None
    zone = "UTC" if " UTC" in match[0] else None
    return time_of(
        match["clock"], match["fraction"], year=match["year"], month=month, day=match["day"], zone=zone
    )
