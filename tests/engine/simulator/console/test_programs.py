"""The programs of the console: the real tools' words, effects as events, bad input."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatlab import events as e
from hatlab.engine.simulator.console.driver import run_line
from hatlab.engine.simulator.programs.table import PROGRAMS
from hatlab.engine.simulator.shell.console_shell import Shell
from tests.support.simulated_lab import SimLab

CONF = "/etc/keepalived/keepalived.conf"


def test_addresses_look_like_iproutes(lab: SimLab) -> None:
    assert lab.shell("ip -br a").text.splitlines() == [
        "lo               UNKNOWN        127.0.0.1/8 ",
        "eth0             UP             198.18.0.11/24 198.18.0.100/24 ",
        "eth1             UP             198.18.1.11/24 ",
    ]
    assert lab.shell("ip addr show dev eth0").text.splitlines() == [
        "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 0",
        "    link/ether 02:42:c6:12:00:0b brd ff:ff:ff:ff:ff:ff",
        "    inet 198.18.0.11/24 brd 198.18.0.255 scope global eth0",
        "       valid_lft forever preferred_lft forever",
        "    inet 198.18.0.100/24 scope global secondary proto 0x12 eth0",
        "       valid_lft forever preferred_lft forever",
    ]


@pytest.mark.parametrize(
    ("line", "text", "status"),
    [
        ("foo", "bash: foo: command not found", 127),
        ("killall nope", "nope: no process found", 1),
        ("kill -9 99999", "bash: kill: (99999) - No such process", 1),
        ("kill abc", "bash: kill: `abc': not a pid or valid job spec", 1),
        ("ip addr show dev nope", 'Device "nope" does not exist.', 1),
        ("ip addr del 1.2.3.4/24 dev eth0", "Error: ipv4: Address not found.", 2),
        ("ip link set nope up", 'Cannot find device "nope"', 1),
        ("ip foo", 'Object "foo" is unknown, try "ip help".', 1),
        ("cat /nope", "cat: /nope: No such file or directory", 1),
        ("tcpdump -i nope", "tcpdump: nope: No such device exists\n(No such device exists)", 1),
        ("mysql -e 'SELECT @@hostname' | cat", "@@hostname\ndb1", 0),
        (
            "mysql -h db2 -e 'SELECT 1'",
            "ERROR 1045 (28000): Access denied for user 'root'@'198.18.0.11' (using password: NO)",
            1,
        ),
        (
            "mysql -h db1 -P 3307 -e 'SELECT 1'",
            "ERROR 2003 (HY000): Can't connect to MySQL server on 'db1:3307' (111)",
            1,
        ),
        ("service keepalived status", "keepalived: pid 32 running", 0),
        ("false; echo $?; true && echo yes || echo no", "1\nyes", 0),
        ("echo one two | wc -l", "1", 0),
        ("cat /etc/hostname | sed s/d/b/", "bb1", 0),
        ("echo 'open", "bash: unexpected EOF while looking for matching `''", 2),
        ("| grep x", "bash: syntax error near unexpected token `|'", 2),
        (f"keepalived -t; grep -c priority {CONF}", "2", 0),
        ("systemctl start nope", "Failed to start nope.service: Unit nope.service not found.", 5),
    ],
)
def test_a_program_prints_what_the_real_one_prints(lab: SimLab, line: str, text: str, status: int) -> None:
    output = lab.shell(line)
    assert output.text.startswith(text)
    assert output.status == status


def test_killing_by_hand_is_observed_like_an_action(lab: SimLab) -> None:
    assert lab.shell("kill -9 $(pgrep mysqld)").status == 0
    assert lab.shell('mysql -e "SELECT 1"').text.startswith("ERROR 2002 (HY000)")
    lab.run(8)
    assert lab.owners() == {"db2"}
    told = [x for x in lab.events if isinstance(x, e.Process) and x.state == "down"]
    assert [(x.node, x.service, x.reason) for x in told] == [("db1", "mysqld", "signal 9")]
    assert not [x for x in lab.events if isinstance(x, e.Action)]
    assert "failed (Result: signal 9)" in lab.shell("systemctl status mysqld").text
    assert "running" in lab.shell("service mysqld start").text


def test_a_frozen_daemon_gets_its_signal_when_it_is_thawed(lab: SimLab) -> None:
    lab.shell("killall -STOP keepalived; killall keepalived")
    lab.run(5)
    assert lab.owners() == {"db1", "db2"}
    lab.shell("killall -CONT keepalived")
    lab.run(5)
    assert lab.owners() == {"db2"}
    assert lab.shell("pgrep keepalived").status == 1


def test_address_and_link_by_hand(lab: SimLab) -> None:
    lab.shell("ip addr del 198.18.0.100/24 dev eth0")
    lab.run(0.01)
    assert not lab.owners() - {"db2"}
    lab.shell("ip link set eth1 down")
    assert "eth1             DOWN" in lab.shell("ip -br a").text
    lab.run(1)
    assert lab.reported("db1") == "FAULT"


def test_edits_take_effect_after_a_reload(lab: SimLab) -> None:
    assert lab.shell(f"sed -i 's/priority 150/priority 90/' {CONF} && killall -HUP keepalived").status == 0
    lab.run(8)
    assert lab.owners() == {"db2"}
    assert any(isinstance(x, e.Conf) and "priority 90" in x.text and x.at > 1 for x in lab.events)


def test_journal_follows_until_it_is_interrupted(lab: SimLab) -> None:
    output = lab.shell("journalctl -u keepalived -f -n 1", seconds=2)
    assert output.status == 130
    assert re.fullmatch(r"Jan 01 00:00:\d\d db1 keepalived\[32\]: .*", output.text.splitlines()[0])
    assert not lab.engine.world.taps


def test_each_name_has_a_program() -> None:
    assert all(callable(PROGRAMS[name]) for name in PROGRAMS)
    assert "no-such-program" not in PROGRAMS


_WORDS = st.one_of(
    st.sampled_from(sorted(PROGRAMS)),
    st.sampled_from(
        [
            "-i",
            "-c",
            "-n",
            "-e",
            "-u",
            "-9",
            "-f",
            "a",
            "set",
            "eth0",
            "db2",
            "|",
            "&&",
            ";",
            "$(",
            ")",
            "'",
            '"',
            "mysqld",
            "keepalived",
            "grep",
            "del",
            "s/a/b/",
            "show",
            "\\",
            "$?",
            "-t",
        ]
    ),
    st.sampled_from([CONF, "198.18.0.100/24", "add table ip f", "start", "ruleset", "SELECT 1"]),
    st.text(max_size=6),
)


def test_no_line_raises(lab: SimLab) -> None:
    @settings(max_examples=300, suppress_health_check=list(HealthCheck))
    @given(st.lists(_WORDS, max_size=7).map(" ".join))
    def whatever(line: str) -> None:
        shell = Shell("db1")
        output = run_line(lab.engine.world, "db1", line, seconds=0.2, shell=shell)
        assert 0 <= output.status <= 255

    whatever()
    assert not lab.engine.world.taps
