"""Texts of other kinds than a log: as tools print them, and as people paste them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hatlab.engine.simulator.programs.frame_text import format_frame
from hatlab.incident.sources import (
    AddressRecord,
    ClockStep,
    ConfRecord,
    FrameRecord,
    Hints,
    LinkRecord,
    SourceNote,
    Stamp,
)
from hatlab.incident.sources.dating import Dating
from hatlab.incident.sources.file_ends import FileEnds
from hatlab.incident.sources.relevance import is_no_form
from hatlab.incident.sources.text_reader import TextReader
from hatlab.vrrp import arp, codec, ndisc
from hatlab.vrrp.arp import ArpPacket
from hatlab.vrrp.capture import observe_frame
from hatlab.vrrp.codec import Advertisement
from tests.incident.sources.texts import AT, facts, logs, notes, read

ADVERT = (
    "198.18.0.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype simple, intvl 1s, length 20"
)
MACS = "02:00:00:00:00:0b > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 54: "
OLD = "0:c:29:0:0:b > 1:0:5e:0:0:12, ethertype IPv4 (0x0800), length 60: "
LONG = (
    "(tos 0xc0, ttl 255, id 1, offset 0, flags [none], proto VRRP (112), length 40)\n"
    "    198.18.0.11 > 224.0.0.18: vrrp 198.18.0.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, "
    'authtype simple, intvl 1s, length 20, addrs(2): 198.18.0.100,198.18.0.101 auth "secret^@^@"'
)
HEADER = "198.18.0.11 > 224.0.0.18: AH(length=4(24-bytes),spi=0xc612000b,seq=0x7,icv=0x473c): "
FIRST_LINES = [
    f"03:12:44.123456 IP {ADVERT}".replace("198.18.0.11 > 224.0.0.18: ", HEADER),
    f"03:12:44.123456 IP {ADVERT}",
    f"2026-11-30 03:12:44.123456 IP {ADVERT}",
    f"1796004764.123456 IP {ADVERT}",
    f"03:12:44.123456 eth0  In  IP {ADVERT}",
    f"03:12:44.123456 {MACS}{ADVERT}",
    f"03:12:44.123456 {OLD}{ADVERT}",
    f"03:12:44.123456 eth0  In  ifindex 2 02:00:00:00:00:0b ethertype IPv4 (0x0800), length 60: {ADVERT}",
    "03:12:44.123456 02:00:00:00:00:0b > 01:00:5e:00:00:12, ethertype 802.1Q (0x8100), length 58: "
    f"vlan 7, p 0, ethertype IPv4 (0x0800), {ADVERT}",
    f"> 03:12:44.123456 IP {ADVERT}",
    f"03:12:44.123456 IP {ADVERT}".replace("prio 150, authtype", "prio 150,\nauthtype"),
    f"03:12:44.123456 IP {LONG}",
    f"03:12:44.123456 {MACS}{LONG}",
    f"03:12:44.123456 IP {LONG}".replace("    198", "\t198"),
]


@pytest.mark.parametrize("text", FIRST_LINES)
def test_an_advert_is_read_however_tcpdump_was_called(tmp_path: Path, text: str) -> None:
    (record,) = facts(read(tmp_path, f"{text}\n"))
    assert isinstance(record, FrameRecord)
    assert record.stamp is not None
    assert record.stamp.unix == pytest.approx(AT + 0.123456, abs=1e-6)
    packet = record.packet
    assert isinstance(packet, Advertisement)
    assert (packet.source, packet.destination) == ("198.18.0.11", "224.0.0.18")
    assert (packet.version, packet.vrid, packet.priority, packet.interval) == (2, 51, 150, 1.0)
    assert (packet.auth_type, packet.ttl) == (1, 255)
    if "addrs" in text:
        assert (packet.addresses, packet.auth) == (("198.18.0.100", "198.18.0.101"), "secret")


@pytest.mark.parametrize("way", [("Out", "sent"), ("In", "received"), ("M", "received")])
def test_an_advert_of_version_3_has_its_interface_and_direction(tmp_path: Path, way: tuple[str, str]) -> None:
    line = (
        f"03:12:44.1 eth0  {way[0]:3} IP6 fe80::b > ff02::12: VRRPv3, Advertisement, vrid 7, prio 0, "
        "intvl 50cs, length 24, (ttl 64)"
    )
    (record,) = facts(read(tmp_path, line))
    assert isinstance(record, FrameRecord)
    assert (record.interface, record.direction) == ("eth0", way[1])
    packet = record.packet
    assert isinstance(packet, Advertisement)
    assert (packet.version, packet.priority, packet.interval, packet.ttl) == (3, 0, 0.5, 64)


ARPS = [
    (
        "ARP, Request who-has 198.18.0.100 (ff:ff:ff:ff:ff:ff) tell 198.18.0.100, length 28",
        ArpPacket(True, "", "198.18.0.100", arp.BROADCAST, "198.18.0.100"),
    ),
    (
        "02:00:00:00:00:0b > Broadcast, ethertype ARP (0x0806), length 42: "
        "Request who-has 198.18.0.100 (Broadcast) tell 198.18.0.100, length 28",
        ArpPacket(True, "02:00:00:00:00:0b", "198.18.0.100", arp.BROADCAST, "198.18.0.100"),
    ),
    (
        "ARP, Ethernet (len 6), IPv4 (len 4), Request who-has 198.18.0.12 tell 198.18.0.11, length 28",
        ArpPacket(True, "", "198.18.0.11", "", "198.18.0.12"),
    ),
    ("ARP, Announcement 198.18.0.100, length 28", ArpPacket(True, "", "198.18.0.100", "", "198.18.0.100")),
    (
        "ARP, Reply 198.18.0.100 is-at 02:00:00:00:00:0b, length 28",
        ArpPacket(False, "02:00:00:00:00:0b", "198.18.0.100", "", ""),
    ),
    ("arp who-has 198.18.0.12 tell 198.18.0.11", ArpPacket(True, "", "198.18.0.11", "", "198.18.0.12")),
    (
        "arp reply 198.18.0.100 is-at 0:c:29:0:0:b",
        ArpPacket(False, "00:0c:29:00:00:0b", "198.18.0.100", "", ""),
    ),
    (
        "IP6 fe80::b > ff02::1: ICMP6, neighbor advertisement, tgt is fd00::100, length 32",
        ArpPacket(False, "", "fd00::100", "", "fd00::100"),
    ),
    (
        "IP6 (class 0xc0, hlim 255, next-header ICMPv6 (58) payload length: 32) fe80::b > ff02::1: "
        "[icmp6 sum ok] ICMP6, neighbor advertisement, length 32, tgt is fd00::100, Flags [override]\n"
        "\t  destination link-address option (2), length 8 (1): 02:00:00:00:00:0b",
        ArpPacket(False, "02:00:00:00:00:0b", "fd00::100", "", "fd00::100"),
    ),
]


@pytest.mark.parametrize(("text", "packet"), ARPS)
def test_arp_and_neighbour_discovery_are_read(tmp_path: Path, text: str, packet: ArpPacket) -> None:
    (record,) = facts(read(tmp_path, f"03:12:44.123456 {text}\n"))
    assert isinstance(record, FrameRecord)
    assert (record.packet, record.data) == (packet, b"")


def _dump(data: bytes) -> str:
    rows = (data[at : at + 16] for at in range(0, len(data), 16))
    return "".join(
        f"\t0x{16 * row:04x}:  {part.hex(' ', -2):39}  {''.join('.' for _ in part)}\n"
        for row, part in enumerate(rows)
    )


@pytest.mark.parametrize("skip", [0, 14], ids=["-XX", "-X"])
@pytest.mark.parametrize("tabs", [True, False], ids=["tabs", "blanks"])
def test_the_bytes_of_a_dump_are_used(tmp_path: Path, skip: int, tabs: bool) -> None:
    frame = codec.encode(
        version=2,
        vrid=51,
        priority=150,
        addresses=("198.18.0.100",),
        source="198.18.0.11",
        auth_pass="secret",
    )
    after = "03:12:45.1 IP 198.18.0.1.22 > 198.18.0.2.5: tcp\n"
    text = f"03:12:44.123456 {MACS}{ADVERT}\n{_dump(frame[skip:])}{after}"
    (record,) = facts(read(tmp_path, text if tabs else text.replace("\t", "    ")))
    assert isinstance(record, FrameRecord)
    expected = frame if not skip else bytes.fromhex("01005e000012" + "02000000000b" + "0800") + frame[14:]
    assert record.data == expected
    assert record.packet == codec.decode(frame)


def test_the_dump_of_an_option_is_not_the_frame_s(tmp_path: Path) -> None:
    frame = ndisc.announcement("fd00::100", "02:00:00:00:00:0b")
    text = (
        "03:12:44.1 IP6 (hlim 255, next-header ICMPv6 (58) payload length: 32) fd00::100 > ff02::1: "
        "[icmp6 sum ok] ICMP6, neighbor advertisement, length 32, tgt is fd00::100, Flags [override]\n"
        "\t  destination link-address option (2), length 8 (1): 02:00:00:00:00:0b\n"
        "\t    0x0000:  0200 0000 000b\n"
    )
    (record,) = facts(read(tmp_path, text + _dump(frame[14:])))
    assert isinstance(record, FrameRecord)
    assert record.data[14:] == frame[14:]
    (record,) = facts(read(tmp_path, text))
    assert isinstance(record, FrameRecord)
    assert record.data == b""
    assert record.packet == ArpPacket(False, "02:00:00:00:00:0b", "fd00::100", "", "fd00::100")


def test_what_the_simulated_tcpdump_prints_is_read(tmp_path: Path) -> None:
    addresses, source = ("198.18.0.100", "198.18.0.101"), "198.18.0.11"
    frames = [
        codec.encode(version=2, vrid=5, priority=0, addresses=addresses, source=source, auth_pass="secret"),
        codec.encode(version=3, vrid=255, priority=254, addresses=addresses, source=source, interval=0.5),
        codec.encode(version=3, vrid=1, priority=1, addresses=("fe80::1",), source="fe80::b", ttl=64),
    ]
    for frame in frames:
        event = observe_frame(0.0, "db1", "sent", "lan", frame)
        assert event is not None
        for options in ({"n"}, {"n", "e"}, {"n", "v"}, {"n", "e", "v"}):
            (record,) = facts(read(tmp_path, "\n".join(format_frame(event, options, {}))))
            assert isinstance(record, FrameRecord)
            packet, sent = record.packet, codec.decode(frame)
            assert isinstance(packet, Advertisement)
            assert sent is not None
            names = ["source", "destination", "version", "vrid", "priority", "interval", "auth_type"]
            names += ["addresses", "auth", "ttl"] if "v" in options else []
            assert [getattr(packet, name) for name in names] == [getattr(sent, name) for name in names]


def test_times_from_frame_to_frame_are_added_up(tmp_path: Path) -> None:
    stamps = ("00:00:00.000000", "00:00:01.000100", "00:00:00.999900", "00:00:01.000000")
    records = facts(read(tmp_path, "".join(f" {stamp} IP {ADVERT}\n" for stamp in stamps)))
    times = [record.stamp for record in records if isinstance(record, FrameRecord)]
    assert [time and (round(time.unix, 6), time.assumed) for time in times] == [
        (0.0, "start"),
        (1.0001, "start"),
        (2.0, "start"),
        (3.0, "start"),
    ]


def test_ip_monitor_tells_of_addresses_and_links(tmp_path: Path) -> None:
    text = """[2026-11-30T03:12:44.123456] 3: eth0    inet 198.18.0.100/24 scope global secondary eth0
       valid_lft forever preferred_lft forever
[2026-11-30T03:12:45.123456] [ADDR]Deleted 3: eth0    inet 198.18.0.100/24 scope global secondary eth0
Timestamp: Mon Nov 30 03:12:46 2026 123456 usec
[LINK]2: eth1@if7: <NO-CARRIER,BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq state DOWN group default
    link/ether 02:00:00:00:00:0b brd ff:ff:ff:ff:ff:ff
Timestamp: Mon Nov 30 03:12:47 2026 000001 usec
3: eth0    inet6 fd00::100/64 scope global \\       valid_lft forever preferred_lft forever
[2026-11-30T03:12:48.5] [NEIGH]198.18.0.1 dev eth0 lladdr 02:00:00:00:00:0c REACHABLE
"""
    told = [
        (record.stamp and round(record.stamp.unix - AT, 6), record.interface, record.address, record.held)
        if isinstance(record, AddressRecord)
        else (record.stamp and round(record.stamp.unix - AT, 6), record.interface, record.up)
        for record in facts(read(tmp_path, text))
        if isinstance(record, (AddressRecord, LinkRecord))
    ]
    assert told == [
        (0.123456, "eth0", "198.18.0.100", True),
        (1.123456, "eth0", "198.18.0.100", False),
        (2.123456, "eth1", False),
        (3.000001, "eth0", "fd00::100", True),
    ]


def test_what_an_interface_has_is_read_without_a_time(tmp_path: Path) -> None:
    text = """root@db1:~# ip addr show eth0
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq state UP group default qlen 1000
    link/ether 02:00:00:00:00:0b brd ff:ff:ff:ff:ff:ff
    inet 198.18.0.11/24 brd 198.18.0.255 scope global eth0
       valid_lft forever preferred_lft forever
    inet 198.18.0.100/32 scope global eth0
    inet6 fe80::b/64 scope link
"""
    records = facts(read(tmp_path, text))
    assert [type(record) for record in records] == [LinkRecord, *[AddressRecord] * 3]
    assert [record.address for record in records if isinstance(record, AddressRecord)] == [
        "198.18.0.11",
        "198.18.0.100",
        "fe80::b",
    ]
    assert all(getattr(record, "stamp", 0) is None for record in records)


MYSQLD = [
    (
        "2026-11-30T02:12:44.123456Z 0 [System] [MY-010931] [Server] ready",
        "[System] [MY-010931] [Server] ready",
    ),
    ("2026-11-30T03:12:44.123456+01:00 12 [ERROR] [MY-1] [Repl] gone", "[ERROR] [MY-1] [Repl] gone"),
    ("2026-11-30T02:12:44.123456Z 0 [Note] 5.7 is ready", "[Note] 5.7 is ready"),
    ("2026-11-30 03:12:44 1234 [Note] 5.6 is ready", "[Note] 5.6 is ready"),
    ("2026-11-30  3:12:44 0 [Note] MariaDB is ready", "[Note] MariaDB is ready"),
    ("2026-11-30 3:12:44 139876 [ERROR] MariaDB: gone", "[ERROR] MariaDB: gone"),
    ("261130  3:12:44 [Note] 5.5 is ready", "[Note] 5.5 is ready"),
    (
        "261130 03:12:44 mysqld_safe Number of processes running now: 0",
        "mysqld_safe Number of processes running now: 0",
    ),
    (
        "2026-11-30T02:12:44.123456789Z 2026-11-30T02:12:44.1Z 0 [Note] in a container",
        "[Note] in a container",
    ),
    (
        '{ "prio" : 0, "err_code" : 10931, "subsystem" : "Server", "time" : "2026-11-30T02:12:44.123456Z", '
        '"msg" : "ready", "label" : "System" }',
        "[System] [Server] ready",
    ),
]


@pytest.mark.parametrize(("line", "text"), MYSQLD)
def test_each_form_of_mysqld_s_log_is_read(tmp_path: Path, line: str, text: str) -> None:
    (record,) = logs(read(tmp_path, f"{line}\n"))
    assert record.stamp is not None
    assert int(record.stamp.unix) == AT
    assert (record.program, record.text) == ("mysqld", text)


def test_what_a_message_of_mysqld_s_has_on_further_lines_is_no_riddle(tmp_path: Path) -> None:
    text = "2026-11-30T02:12:44.1Z 0 [System] ready\nVersion: '9.7.4'  port: 3306\n"
    crash = "02:12:45 UTC - mysqld got signal 11 ;\nstack_bottom = 0 thread_stack 0x100000\n"
    records = read(tmp_path, text + crash)
    assert [record.text for record in logs(records)] == ["[System] ready", "mysqld got signal 11 ;"]
    assert not [note for note in notes(records) if "understood" in note]


def _journal(**fields: object) -> dict[str, object]:
    entry = {
        "__REALTIME_TIMESTAMP": "1796004764123456",
        "__MONOTONIC_TIMESTAMP": "1000000000",
        "_BOOT_ID": "b1",
        "_HOSTNAME": "db1",
        "SYSLOG_IDENTIFIER": "Keepalived_vrrp",
        "_PID": "812",
        "MESSAGE": "(VI_1) Entering MASTER STATE",
    }
    return entry | fields


@pytest.mark.parametrize("form", ["json", "json-pretty", "json-sse", "json-seq"])
def test_the_journal_in_json_is_read(tmp_path: Path, form: str) -> None:
    text = json.dumps(_journal(), indent=1 if form == "json-pretty" else None)
    before = {"json-sse": "data: ", "json-seq": "\x1e"}.get(form, "")
    (record,) = logs(read(tmp_path, f"{before}{text}\n"))
    assert record.stamp is not None
    assert record.stamp.unix == pytest.approx(AT + 0.123456)
    assert (record.host, record.program, record.pid) == ("db1", "Keepalived_vrrp", 812)
    assert record.text == "(VI_1) Entering MASTER STATE"


@pytest.mark.parametrize("form", ["verbose", "export"])
def test_the_journal_field_by_field_is_read(tmp_path: Path, form: str) -> None:
    texts = ("(VI_1) Entering BACKUP STATE", "(VI_1) Entering MASTER STATE")
    if form == "export":
        text = "\n".join(
            "".join(
                f"{name}={value}\n" for name, value in ({"__CURSOR": "s=1"} | _journal(MESSAGE=text)).items()
            )
            for text in texts
        )
    else:
        head = "Mon 2026-11-30 03:12:44.123456 CET [s=0a1b;i=3f;b=12;m=1;t=2;x=3]\n"
        fields = (_journal(MESSAGE=text) for text in texts)
        text = "".join(
            head + "".join(f"    {name}={value}\n" for name, value in each.items() if name[:2] != "__")
            for each in fields
        )
    records = logs(read(tmp_path, text))
    assert [record.text for record in records] == [*texts]
    assert all(record.stamp and record.stamp.unix == pytest.approx(AT + 0.123456) for record in records)
    assert {(record.host, record.program, record.pid) for record in records} == {
        ("db1", "Keepalived_vrrp", 812)
    }
    lines = text.splitlines()
    assert all(record.text in lines[record.place.number - 1] for record in records)


def test_the_journal_in_json_may_have_bytes_and_lists(tmp_path: Path) -> None:
    entry = _journal(MESSAGE=[*b"(VI_1) Entering MASTER STATE"], SYSLOG_IDENTIFIER=["Keepalived_vrrp", "x"])
    (record,) = logs(read(tmp_path, json.dumps(entry)))
    assert (record.program, record.text) == ("Keepalived_vrrp", "(VI_1) Entering MASTER STATE")


def test_the_journal_in_json_tells_of_a_clock_that_was_set(tmp_path: Path) -> None:
    entries = [
        _journal(),
        _journal(__REALTIME_TIMESTAMP="1796004855123456", __MONOTONIC_TIMESTAMP="1001000000"),
        _journal(__REALTIME_TIMESTAMP="1796004856123456", __MONOTONIC_TIMESTAMP="1002000000"),
    ]
    steps = [
        record
        for record in read(tmp_path, "\n".join(map(json.dumps, entries)))
        if isinstance(record, ClockStep)
    ]
    assert [(round(step.seconds, 3), step.exact, step.place.number) for step in steps] == [(90.0, True, 2)]


def test_a_file_of_docker_is_read(tmp_path: Path) -> None:
    line = {
        "log": "(VI_1) Entering MASTER STATE\n",
        "stream": "stderr",
        "time": "2026-11-30T02:12:44.123456789Z",
    }
    (record,) = logs(read(tmp_path, json.dumps(line)))
    assert (record.program, record.text) == ("Keepalived", "(VI_1) Entering MASTER STATE")


CONF = "! Configuration File for keepalived\n\nvrrp_instance VI_1 {\n    state MASTER\n}\n"


@pytest.mark.parametrize(
    "text",
    [
        CONF,
        "global_defs\n{\n}\n",
        "include /etc/keepalived/conf.d/*.conf\n",
        "# part\nvirtual_ipaddress {\n  198.18.0.100/24\n}\n",
        "$PRIO=150\nvrrp_instance VI_1 {\n}\n",
        "#!/bin/sh\nexit 0\n",
    ],
)
def test_a_configuration_is_known_by_what_it_says(tmp_path: Path, text: str) -> None:
    (record,) = read(tmp_path, text)
    assert isinstance(record, ConfRecord)
    assert (record.text, record.path, record.place.number) == (text, "db1/source", 1)


def test_a_pasted_configuration_has_the_path_that_was_shown(tmp_path: Path) -> None:
    text = f"root@db1:~# cat /etc/keepalived/keepalived.conf\n{CONF}root@db1:~#\n"
    (record,) = read(tmp_path, text)
    assert isinstance(record, ConfRecord)
    assert (record.path, record.place.number) == ("/etc/keepalived/keepalived.conf", 4)


def test_a_paste_of_several_things_is_taken_apart(tmp_path: Path) -> None:
    conf = "vrrp_instance VI_1 {\n    state MASTER\n}\n\n# the other\nvrrp_instance VI_2 {\n}\n"
    text = (
        f"This is on db1:\n```\n{conf}```\nand it says\n```text\n"
        "Nov 30 03:12:44 db1 Keepalived_vrrp[812]: (VI_1) Entering MASTER STATE\n```\n"
        f"root@db1:~# tcpdump -n vrrp\n03:12:44.123456 IP {ADVERT}\n"
        "[root@db2 ~]# ip -ts monitor address\n"
        "[2026-11-30T03:12:44.123456] 3: eth0    inet 198.18.0.100/24 scope global secondary eth0\n"
        "Nov 30 03:12:43 db2 Keepalived_vrrp[812]: (VI_1) Entering BACKUP STATE\n"
    )
    records = read(tmp_path, text)
    assert [(type(record).__name__, record.place.number) for record in facts(records)] == [
        ("ConfRecord", 3),
        ("LogRecord", 13),
        ("FrameRecord", 16),
        ("AddressRecord", 18),
        ("LogRecord", 19),
    ]
    (block,) = [record.text for record in records if isinstance(record, ConfRecord)]
    assert block == conf
    assert notes(records)[-1] == "db1/source:1: 2 lines were not understood, the first of them here."


FIELDS = "10.0.0.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype none, intvl 1s, length 8"
LINE = f"IP {FIELDS}"
BEGUN = "03:12:44.250000 52:54:00:00:00:0b > 01:00:5e:00:00:12, ethertype IPv4 "


@pytest.mark.parametrize(
    "text",
    [
        f"03:12:44.250000 ?     M   {LINE}",  # a cooked capture that is read on another machine
        f"    7  03:12:44.250000 {LINE}",  # -#
        f"9:03:12:44.250000 {LINE}",  # grep -n
        f"> 03:12:44.250000 {LINE[:70]}\n> {LINE[70:]}",
        f"{BEGUN}\n(0x0800), length 54: {FIELDS[:60]}\n{FIELDS[60:]}",
    ],
)
def test_an_advert_is_read_whatever_is_around_it(tmp_path: Path, text: str) -> None:
    records = read(tmp_path, f"reading from file vip.pcap, link-type LINUX_SLL2 (Linux cooked v2)\n{text}\n")
    (frame,) = facts(records)
    assert isinstance(frame, FrameRecord)
    assert isinstance(frame.packet, Advertisement)
    assert (frame.packet.source, frame.packet.vrid, frame.packet.priority) == ("10.0.0.11", 51, 150)
    assert frame.stamp == Stamp(AT + 0.25, 1e-6, "date")
    assert not frame.interface
    assert not [note for note in notes(records) if "not understood" in note]


TSHARK_LINE = "    7 2026-11-30 03:12:44.250000 10.0.0.11 → 224.0.0.18 VRRP 54 Announcement (v2)"
TSHARK_FRAME = """Frame 7: 54 bytes on wire (432 bits), 54 bytes captured (432 bits)
    Encapsulation type: Ethernet (1)
    Arrival Time: Nov 30, 2026 03:12:44.250000000 CET
    Epoch Time: 1796004764.250000000 seconds
Internet Protocol Version 4, Src: 10.0.0.11, Dst: 224.0.0.18
    Time to Live: 255
Virtual Router Redundancy Protocol
    Version 2, Packet type 1 (Advertisement)
        0010 .... = VRRP protocol version: 2
    Virtual Rtr ID: 51
    Priority: 150 (Non-default backup priority)
    Auth Type: No Authentication (0)
    Adver Int: 1
    IP Address: 10.0.0.100
"""
TSHARK_BYTES = (
    TSHARK_LINE
    + """

0000  01 00 5e 00 00 12 52 54 00 00 00 0b 08 00 45 c0   ..^...RT......E.
0010  00 28 00 01 00 00 ff 70 cd a4 0a 00 00 0b e0 00   .(.....p........
0020  00 12 21 33 96 01 00 01 00 00 0a 00 00 64 00 00   ..!3.........d..
0030  00 00 00 00 00 00                                 ......
"""
)
TSHARK_LAYERS: dict[str, dict[str, object]] = {
    "frame": {"frame.time_epoch": "1796004764.250000000"},
    "ip": {"ip.ttl": "255", "ip.src": "10.0.0.11", "ip.dst": "224.0.0.18"},
    "vrrp": {
        "vrrp.typever_tree": {"vrrp.version": "2"},
        "vrrp.virt_rtr_id": "51",
        "vrrp.prio": "150",
        "vrrp.adver_int": "1",
        "vrrp.ip_addr": "10.0.0.100",
    },
}
TSHARK_EK = {
    "timestamp": "1796004764250",
    "layers": {
        layer: {f"{layer}_{name.replace('.', '_')}": value for name, value in fields.items() if value != {}}
        for layer, fields in TSHARK_LAYERS.items()
    },
}


@pytest.mark.parametrize(
    "text",
    [
        TSHARK_FRAME,
        TSHARK_BYTES,
        json.dumps([{"_index": "packets", "_source": {"layers": TSHARK_LAYERS}}], indent=2),
        json.dumps({"index": {"_index": "packets"}}) + "\n" + json.dumps(TSHARK_EK),
    ],
)
def test_what_tshark_writes_is_read(tmp_path: Path, text: str) -> None:
    records = read(tmp_path, text)
    (frame,) = facts(records)
    assert isinstance(frame, FrameRecord)
    assert isinstance(frame.packet, Advertisement)
    assert (frame.packet.source, frame.packet.vrid, frame.packet.priority) == ("10.0.0.11", 51, 150)
    assert frame.stamp == Stamp(AT + 0.25, 1e-6)
    assert notes(records) == []


@pytest.mark.parametrize("arrow", ["→", "->", "\t→\t"])
def test_a_line_of_tshark_s_list_says_who_sends(tmp_path: Path, arrow: str) -> None:
    lines = [
        f"    {number} {seconds} 10.0.0.11 {arrow} {to} {rest}"
        for number, seconds, to, rest in (
            (1, "0.000000", "224.0.0.18", "VRRP 54 Announcement (v2)"),
            (2, "0.100000", "10.0.0.7", "TCP 54 3306 → 4711 [ACK]"),
            (3, "0.250000", "ff:ff:ff:ff:ff:ff", "ARP 42 Gratuitous ARP for 10.0.0.100 (Request)"),
        )
    ]
    frames = [record for record in read(tmp_path, "\n".join(lines)) if isinstance(record, FrameRecord)]
    assert [frame.stamp and frame.stamp.unix for frame in frames] == [0.0, 0.25]
    advert, announcement = (frame.packet for frame in frames)
    assert isinstance(advert, Advertisement)
    assert (advert.source, advert.vrid) == ("10.0.0.11", None)
    assert isinstance(announcement, ArpPacket)
    assert announcement.sender == "10.0.0.100"


def test_what_is_of_no_form_is_not_understood_by_any() -> None:
    public = Path(__file__).parents[1] / "public"
    files = [file for file in public.glob("*/*/*") if file.is_file()]
    lines = {line for file in files for line in file.read_text(errors="replace").splitlines()}
    lines |= {word for line in lines for word in line.partition(": ")[::2]}
    assert any(map(is_no_form, lines))
    for line in filter(is_no_form, lines):
        reader = TextReader("x", Dating(Hints(), FileEnds()))
        said = [*reader.read(1, line.encode()), *reader.finish(1)]
        assert all(isinstance(record, SourceNote) for record in said), line


@pytest.mark.parametrize("other", ["request 7 answered in 3 ms, status 200", "Server closed the connection"])
def test_bare_lines_of_a_container_are_counted_one_by_one(tmp_path: Path, other: str) -> None:
    text = f"(VI_1) Entering MASTER STATE\n{other}\n" * 40
    records = read(tmp_path, text)
    assert [record.text for record in logs(records)] == ["(VI_1) Entering MASTER STATE"] * 40
    assert "db1/source:2: 40 lines were not understood, the first of them here." in notes(records)
