"""Each form in which logs write a line; hosts and addresses are replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.incident.sources import Stamp
from tests.incident.sources.texts import AT, facts, logs, notes, read

TEXT = "(VI_1) Entering MASTER STATE"
FORMS = [
    ("short", "Nov 30 03:12:44 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("short-precise", "Nov 30 03:12:44.123456 db1 Keepalived_vrrp[812]: ", 0.123456, 1e-6),
    ("short-iso", "2026-11-30T03:12:44+0100 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("short-iso-precise", "2026-11-30T03:12:44.123456+01:00 db1 Keepalived_vrrp[812]: ", 0.123456, 1e-6),
    ("short-full", "Mon 2026-11-30 03:12:44 CET db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("short-full, UTC", "Mon 2026-11-30 02:12:44 UTC db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("short-unix", "1796004764.123456 db1 Keepalived_vrrp[812]: ", 0.123456, 1e-6),
    ("RFC 3164", "<30>Nov 30 03:12:44 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("RFC 3164, German", "Nov. 30 03:12:44 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("RFC 3164, Chinese", "11月 30 03:12:44 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("RFC 3164, a year", "Nov 30 2026 03:12:44 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("RFC 5424", "<30>1 2026-11-30T03:12:44.123+01:00 db1 Keepalived_vrrp 812 - - ", 0.123, 1e-3),
    (
        "RFC 5424, data",
        '<30>1 2026-11-30T02:12:44.123Z db1 Keepalived_vrrp 812 ID [a@1 b="\\"]"][c] \ufeff',
        0.123,
        1e-3,
    ),
    ("busybox", "Nov 30 03:12:44 db1 daemon.info Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("hours of a zone", "2026-11-30 03:12:44+01 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("slashes", "2026/11/30 03:12:44 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("no zone", "2026-11-30 03:12:44,123 db1 Keepalived_vrrp[812]: ", 0.123, 1e-3),
    ("quoted", "> Nov 30 03:12:44 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("indented", "    Nov 30 03:12:44 db1 Keepalived_vrrp[812]: ", 0.0, 1.0),
    ("coloured", "\x1b[0;1;39mNov 30 03:12:44 db1 Keepalived_vrrp[812]: \x1b[0m", 0.0, 1.0),
    ("of a web page", "Nov&nbsp;30 03:12:44 db1 Keepalived_vrrp[812]: ".replace("&nbsp;", "\xa0"), 0.0, 1.0),
]
CONTAINERS = [
    ("keepalived -l", "Mon Nov 30 03:12:44 2026: ", "", 0.0, 1.0),
    ("docker -t", "2026-11-30T02:12:44.123456789Z Mon Nov 30 03:12:44 2026: ", "", 0.123456789, 1e-6),
    ("docker -t, 1.x", "2026-11-30T02:12:44.123456789Z ", "", 0.123456789, 1e-6),
    ("compose", "db1-1  | Mon Nov 30 03:12:44 2026: ", "db1-1", 0.0, 1.0),
    ("compose -t", "db1  | 2026-11-30T02:12:44.123456789Z ", "db1", 0.123456789, 1e-6),
    ("kubectl", "[pod/lb-x7/keepalived] 2026-11-30T02:12:44.123456789Z ", "lb-x7", 0.123456789, 1e-6),
    (
        "in the journal",
        "Nov 30 03:12:44.123456 db1 docker[20329]: Mon Nov 30 03:12:44 2026: ",
        "db1",
        0.123456,
        1e-6,
    ),
    ("containerd", "2026-11-30T03:12:44.123456789+01:00 stderr F ", "", 0.123456789, 1e-6),
]


@pytest.mark.parametrize(
    ("prefix", "fraction", "precision"), [form[1:] for form in FORMS], ids=[form[0] for form in FORMS]
)
def test_each_form_of_a_log_is_read(tmp_path: Path, prefix: str, fraction: float, precision: float) -> None:
    (record,) = logs(read(tmp_path, f"{prefix}{TEXT}\r\n"))
    assert record.stamp is not None
    assert record.stamp.unix == pytest.approx(AT + fraction, abs=1e-6)
    assert record.stamp.precision == pytest.approx(precision)
    assert (record.host, record.program, record.pid, record.text) == ("db1", "Keepalived_vrrp", 812, TEXT)
    assert str(record.place) == "db1/source:1"


@pytest.mark.parametrize(
    ("prefix", "host", "fraction", "precision"),
    [form[1:] for form in CONTAINERS],
    ids=[form[0] for form in CONTAINERS],
)
def test_each_form_of_a_container_is_read(
    tmp_path: Path, prefix: str, host: str, fraction: float, precision: float
) -> None:
    (record,) = logs(read(tmp_path, f"{prefix}{TEXT}\n"))
    assert record.stamp is not None
    assert record.stamp.unix == pytest.approx(AT + fraction, abs=1e-6)
    assert record.stamp.precision == pytest.approx(precision)
    assert (record.host, record.program, record.text) == (host, "Keepalived", TEXT)


def test_times_since_the_boot_have_an_unknown_start(tmp_path: Path) -> None:
    (record,) = logs(read(tmp_path, f"[ 1234.567890] db1 Keepalived_vrrp[812]: {TEXT}\n"))
    assert record.stamp == Stamp(1234.56789, 1e-6, "start")


def test_lines_without_a_stamp_are_keepalived_s_by_what_they_say(tmp_path: Path) -> None:
    (record,) = logs(read(tmp_path, f"{TEXT}\nsomething else\n"))
    assert (record.stamp, record.program, record.text) == (None, "Keepalived", TEXT)


def test_lines_without_a_stamp_may_name_keepalived(tmp_path: Path) -> None:
    text = f"Keepalived_vrrp[812]: {TEXT}\ndb1 Keepalived_vrrp[812]: {TEXT}\n"
    assert [
        (record.stamp, record.host, record.pid, record.text) for record in logs(read(tmp_path, text))
    ] == [
        (None, "", 812, TEXT),
        (None, "db1", 812, TEXT),
    ]


def test_every_line_of_keepalived_s_own_log_is_kept(tmp_path: Path) -> None:
    texts = [TEXT, "Sending gratuitous ARP on eth0 for 198.18.0.100", "Startup complete"]
    stamped = "".join(f"Mon Nov 30 03:12:44 2026: {text}\n" for text in texts)
    assert [record.text for record in logs(read(tmp_path, stamped))] == texts
    assert [record.text for record in logs(read(tmp_path, "\n".join(texts)))] == texts


def test_what_tools_print_around_a_log_is_no_riddle(tmp_path: Path) -> None:
    text = f"""● keepalived.service - Keepalive Daemon (LVS and VRRP)
     Loaded: loaded (/lib/systemd/system/keepalived.service; enabled)
     Active: active (running) since Mon 2026-11-30 03:12:40 CET; 4s ago
   Main PID: 811 (keepalived)
     CGroup: /system.slice/keepalived.service
             ├─811 /usr/sbin/keepalived --dont-fork
             └─812 /usr/sbin/keepalived --dont-fork

Nov 30 03:12:44 db1 Keepalived_vrrp[812]: {TEXT}
                                          a second line of it
lines 1-10/10 (END)
"""
    records = read(tmp_path, text)
    assert [record.text for record in logs(records)] == [TEXT]
    assert not [note for note in notes(records) if "understood" in note]


def test_a_wrapped_line_is_joined_if_only_both_parts_mean_something(tmp_path: Path) -> None:
    stamp = "Nov 30 03:12:44 db1 Keepalived_vrrp[812]: "
    wrapped = "VRRP_Instance(VI_1) Received\nadvert with higher priority 150, ours 100"
    text = f"{stamp}{wrapped}\n{stamp}some text\nmore\n"
    assert [record.text for record in logs(read(tmp_path, text))] == [
        "VRRP_Instance(VI_1) Received advert with higher priority 150, ours 100",
        "some text",
    ]


def test_a_repeated_message_is_there_as_often(tmp_path: Path) -> None:
    lines = (
        f"Nov 30 03:12:44 db1 Keepalived_vrrp[812]: {TEXT}",
        "Nov 30 03:12:45 db1 last message repeated 2 times",
        f"Nov 30 03:12:46 db1 Keepalived_vrrp[812]: message repeated 3 times: [ {TEXT}]",
    )
    records = logs(read(tmp_path, "\n".join(lines)))
    assert [record.text for record in records] == [TEXT] * 6
    assert {(record.host, record.program) for record in records} == {("db1", "Keepalived_vrrp")}
    assert [record.place.number for record in records] == [1, 2, 2, 3, 3, 3]


KEPT = [
    "systemd[1]: keepalived.service: Main process exited, code=killed, status=9/KILL",
    "systemd[1]: Stopping MySQL Community Server... (mysqld)",
    "systemd[1]: Reached target System Reboot.",
    "systemd-logind[700]: System is rebooting.",
    "kernel: e1000e 0000:00:1f.6 eth0: NIC Link is Down",
    "kernel: Out of memory: Killed process 812 (mysqld)",
    "kernel: watchdog: BUG: soft lockup - CPU#1 stuck for 23s!",
    "kernel: [UFW BLOCK] IN=eth0 OUT= SRC=198.18.0.12 DST=224.0.0.18 PROTO=112",
    "sudo: admin : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/usr/bin/systemctl stop keepalived",
    "sudo: admin : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/sbin/iptables -F",
    "NetworkManager[700]: <info> device (eth0): state change: activated -> unavailable",
    "mysqld[900]: 2026-11-30T02:12:44.123456Z 0 [System] [MY-010931] [Server] ready for connections",
    "notify.sh: keepalived is MASTER now",
]
LEFT_OUT = [
    "sshd[1]: Accepted publickey for root from 198.18.0.1 port 50222 ssh2",
    "systemd[1]: Started Session 12 of user root.",
    "pacemaker-controld[1]: notice: State transition S_IDLE -> S_POLICY_ENGINE",
    "kernel: audit: type=1400 apparmor=STATUS",
    "mysqld_exporter[1]: level=info msg=listening",
]


@pytest.mark.parametrize("line", KEPT)
def test_lines_of_others_that_bear_on_an_incident_are_kept(tmp_path: Path, line: str) -> None:
    assert len(logs(read(tmp_path, f"Nov 30 03:12:44 db1 {line}\n"))) == 1


def test_a_daemon_that_logs_under_another_name_is_known_by_what_it_says(tmp_path: Path) -> None:
    said = ("(VI_1) Receive advertisement timeout", TEXT, "(VI_1) setting VIPs.")
    text = "".join(f"Nov 30 03:12:44 db1 lan-router[812]: {line}\n" for line in said)
    assert [record.text for record in logs(read(tmp_path, text))] == [*said]


def test_lines_of_others_are_counted(tmp_path: Path) -> None:
    text = "".join(f"Nov 30 03:12:44 db1 {line}\n" for line in [KEPT[0], *LEFT_OUT[:-1]])
    records = read(tmp_path, text)
    assert len(facts(records)) == 1
    assert records[-1].place.number == 5
    assert getattr(records[-1], "text", "") == "4 lines of other programs were left out."
