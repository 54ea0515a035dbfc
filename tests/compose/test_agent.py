"""The pure parts of the program that runs in each container."""

from __future__ import annotations

import json
import os
import struct
from typing import Any

import pytest

from compose.agent import (
    client,
    frames,
    helpers,
    keepalived,
    loop,
    mysql,
    netlink,
    output,
    ping,
    processes,
    rules,
    services,
    tables,
)
from hatlab.vrrp.arp import announcement
from hatlab.vrrp.codec import encode

ADVERT = encode(
    version=2,
    vrid=51,
    priority=150,
    addresses=("198.18.0.100",),
    source="198.18.1.11",
    auth_pass="hatlab",
    source_mac="02:42:c6:12:01:0b",
)
ARP = announcement("198.18.0.100", "02:42:c6:12:00:0b")
TCP = ADVERT[:23] + bytes([6]) + ADVERT[24:]
IPV6 = bytes(12) + b"\x86\xdd" + bytes(6) + bytes([112]) + bytes(40)
IPV6_TCP = IPV6[:20] + bytes([6]) + IPV6[21:]


def run_filter(program: frames.Program, frame: bytes, kind: int = 0) -> bool:
    """What the kernel would answer: whether the filter lets a frame of packet type `kind` pass."""
    at = value = 0
    while True:
        code, yes, no, k = program[at]
        at += 1
        match code:
            case 0x20:
                value = kind
            case 0x28:
                value = int.from_bytes(frame[k : k + 2])
            case 0x30:
                value = frame[k]
            case 0x15:
                at += yes if value == k else no
            case _:
                return k > 0


@pytest.mark.parametrize(
    ("frame", "passes"), [(ADVERT, True), (ARP, True), (IPV6, True), (TCP, False), (IPV6_TCP, False)]
)
def test_the_capture_filter_lets_pass_what_is_vrrp_or_arp(frame: bytes, passes: bool) -> None:
    assert run_filter(frames.capture_filter(sent=False), frame) is passes
    sent = frames.capture_filter(sent=True)
    assert run_filter(sent, frame, frames.PACKET_OUTGOING) is passes
    assert not run_filter(sent, frame, 0), "what was received is not `sent`"


def _packet(body: bytes, protocol: int = ping.ICMP) -> bytes:
    return bytes([0x45]) + bytes(8) + bytes([protocol]) + bytes(10) + body


def test_what_an_icmp_packet_says() -> None:
    request = ping.echo_request(7, 9)
    assert ping.checksum(request) == 0
    assert ping.read_icmp(_packet(request)) == (ping.ECHO, 7, 9)
    assert ping.read_icmp(_packet(b"\0" + request[1:])) == (ping.ECHO_REPLY, 7, 9)
    lost = bytes([ping.UNREACHABLE]) + bytes(7) + _packet(request)
    assert ping.read_icmp(_packet(lost)) == (ping.UNREACHABLE, 7, 9)
    assert ping.read_icmp(_packet(lost[:20])) is None
    assert ping.read_icmp(_packet(request, protocol=6)) is None
    assert ping.read_icmp(b"") is None


def test_the_filter_of_pings_sees_what_leaves() -> None:
    frame = bytes(12) + b"\x08\x00" + _packet(ping.echo_request(7, 9))
    assert run_filter(ping.echo_filter(), frame, frames.PACKET_OUTGOING)
    assert not run_filter(ping.echo_filter(), frame, 0)
    assert not run_filter(ping.echo_filter(), TCP, frames.PACKET_OUTGOING)


def test_netlink_messages_and_attributes_are_cut_apart() -> None:
    attribute = struct.pack("HH4s", 8, 2, bytes([198, 18, 0, 100]))
    message = struct.pack("IHHII", 16 + len(attribute), netlink.RTM_NEWADDR, 0, 0, 0) + attribute
    assert list(netlink.netlink_messages(message * 2)) == [(netlink.RTM_NEWADDR, attribute)] * 2
    assert netlink.attributes(attribute) == {2: bytes([198, 18, 0, 100])}


@pytest.mark.parametrize("junk", [b"", b"\0" * 16, b"\xff" * 40, b"\x10\0\0\0"])
def test_broken_netlink_data_ends_the_reading(junk: bytes) -> None:
    list(netlink.netlink_messages(junk))
    netlink.attributes(junk)


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ('INSTANCE "VI_1" MASTER 150', {"instance": "VI_1", "state": "MASTER", "priority": 150}),
        ('INSTANCE "VI_1" STOP 150', {"instance": "VI_1", "state": "STOPPED", "priority": 150}),
        ('INSTANCE "VI_1" MASTER_PRIORITY 90', {"instance": "VI_1", "state": "MASTER", "priority": 90}),
        ('INSTANCE "VI_1" MASTER_RX_LOWER_PRI 150', None),
        ('GROUP "G" MASTER 150', None),
        ("nonsense", None),
    ],
)
def test_the_notify_fifo(line: str, fact: dict[str, Any] | None) -> None:
    assert keepalived.read_notify(line) == fact


def test_states_are_read_from_the_log_where_there_is_no_fifo() -> None:
    assert keepalived.read_state("(VI_1) Entering MASTER STATE") == {
        "instance": "VI_1",
        "state": "MASTER",
        "priority": None,
    }
    assert keepalived.read_state("(VI_1) Receive advertisement timeout") is None


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Sun Nov  2 18:00:00 2026: (VI_1) Entering BACKUP STATE\n", "(VI_1) Entering BACKUP STATE"),
        ("2026-11-22T18:00:00.000000Z 0 [System] ready", "0 [System] ready"),
        ("no stamp: at all", "no stamp: at all"),
    ],
)
def test_log_lines_lose_their_stamp_only(line: str, text: str) -> None:
    assert services.without_stamp(line) == text


DEVICES = {"eth0": "lan", "eth1": "heartbeat"}
CUT = """\
table netdev hatlab {
	chain from_servers_heartbeat {
		type filter hook ingress device "eth1" priority 0; policy accept;
		ether saddr 02:42:c6:12:01:0c numgen random mod 1000 < 600 drop
	}
}
"""
BY_HAND = """\
table inet t {
	chain i {
		type filter hook input priority 0; policy accept;
		ip protocol 112 drop
		tcp dport 3306 drop
		iifname "eth0" ip saddr 198.18.0.12 drop
	}
	chain o {
		type filter hook output priority 0; policy accept;
		ip protocol 112 drop
	}
}
"""


def test_what_a_packet_filter_drops() -> None:
    found = rules.read_filters(CUT, DEVICES)
    assert found["lan"] == (0, [])
    assert found["heartbeat"][0] == pytest.approx(60)
    found = rules.read_filters(BY_HAND, DEVICES)
    assert found["heartbeat"] == (100, ["ip protocol 112 drop", "tcp dport 3306 drop"])
    assert len(found["lan"][1]) == 3
    only_port = BY_HAND.replace("ip protocol 112 drop\n", "", 1)
    assert rules.read_filters(only_port, DEVICES)["heartbeat"] == (0, ["tcp dport 3306 drop"])
    assert rules.read_filters("", DEVICES) == {"lan": (0, []), "heartbeat": (0, [])}


def test_delays_in_milliseconds() -> None:
    assert rules.read_delay("qdisc netem 8001: root refcnt 2 limit 1000 delay 200ms") == 200
    assert rules.read_delay("qdisc netem 8001: root refcnt 2 limit 1000 delay 1.5s") == 1500
    assert rules.read_delay("qdisc noqueue 0: root refcnt 2") == 0


def test_a_process_name_may_hold_anything() -> None:
    assert processes.read_stat("12 (a) b (c) T 7 12 12 0") == (12, "a) b (c", "T", 7)


class Lost(Exception):
    def __init__(self, number: int, text: str, cause: BaseException | None = None) -> None:
        super().__init__(number, text)
        self.original_exception = cause


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (Lost(2003, "cannot connect", TimeoutError()), "timeout"),
        (Lost(2003, "cannot connect", ConnectionRefusedError()), "refused"),
        (Lost(2003, "cannot connect", OSError(113, "No route to host")), "unreachable"),
        (Lost(2013, "Lost connection (timed out)"), "timeout"),
        (Lost(2013, "Lost connection"), "reset"),
        (Lost(1290, "read only"), "mysql 1290"),
        (ConnectionResetError(), "reset"),
        (KeyError("x"), "KeyError"),
    ],
)
def test_a_failed_try_has_a_short_word(error: BaseException, word: str) -> None:
    assert client.error_word(error) == word


def test_facts_are_written_in_the_order_of_their_time(capfd: pytest.CaptureFixture[str]) -> None:
    read, write = os.pipe()
    out = output.Output(write)
    out.put("late", 2.0)
    out.put("early", 1.0)
    out.flush()
    os.close(read)
    os.close(write)
    lines = capfd.readouterr().out.splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["early", "late"]


def test_node_cnf_holds_what_differs() -> None:
    text = mysql.node_cnf("db1", {"server_id": 11, "increment": 2, "offset": 1})
    assert "server-id = 11\nreport-host = db1\n" in text
    assert "auto-increment-increment = 2\nauto-increment-offset = 1" in text
    assert "read-only" not in text
    assert "super-read-only = ON\n" in mysql.node_cnf("db1", {"server_id": 11, "fenced": True})


class Facts:
    """Takes facts as an Output does."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def put(self, kind: str, t: float, **fields: Any) -> None:
        self.told.append({"kind": kind, **fields})


def test_a_table_is_told_when_it_changed_and_one_at_least_with_new_transactions() -> None:
    out: Any = Facts()
    watch = tables.Tables(out)
    accounts = {"rows": 2, "checksum": "7", "columns": [], "content": []}
    writes = {"rows": 1, "checksum": "1", "columns": [], "content": []}

    def names(gtids: str, found: dict[str, Any]) -> list[tuple[str, int | None]]:
        out.told.clear()
        rows = found.get("lab.writes", {"rows": 0})["rows"]
        watch.tell(gtids, found, {"client": f"1-{rows}"} if rows else {})
        told = [fact for fact in out.told if fact["kind"] == "table"]
        assert all(fact["gtid_executed"] == gtids for fact in told)
        return [(fact["name"], fact["rows"]) for fact in told]

    both = {"lab.accounts": accounts, "lab.writes": writes}
    assert names("", both) == [("lab.accounts", 2), ("lab.writes", 1)]
    assert out.told[-1] == {"kind": "written", "sequences": {"client": "1-1"}}
    assert names("", both) == []
    assert out.told == []
    assert names("a:1", {**both, "lab.writes": {**writes, "rows": 2}}) == [("lab.writes", 2)]
    assert names("a:1-2", {**both, "lab.writes": {**writes, "rows": 2}}) == [("lab.accounts", 2)]
    assert names("a:1-3", {"lab.accounts": accounts}) == [("lab.writes", None)]
    watch.begin_again()
    assert names("a:1-3", {"lab.accounts": accounts}) == [("lab.accounts", 2)]


def test_a_node_has_the_services_it_is_told() -> None:
    made = services.Services("r1", loop.Loop(), ["keepalived"])
    assert str(made.named("keepalived")) == "down (not started)"
    with pytest.raises(helpers.Refused, match="r1 runs no mysqld"):
        made.named("mysqld")
