"""The console into a simulated node: the real tools' words, effects as events, bad input."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatlab import events as e
from hatlab.engine.simulator.console.capture import format_frame
from hatlab.engine.simulator.console.driver import Output, run_line
from hatlab.engine.simulator.console.programs import PROGRAMS
from hatlab.engine.simulator.console.shell import Shell
from hatlab.engine.simulator.console.terminal import run_console
from tests.support.simulated_lab import SimLab

CONF = "/etc/keepalived/keepalived.conf"


@pytest.fixture
def lab() -> SimLab:
    return SimLab()


def sh(lab: SimLab, line: str, node: str = "db1", seconds: float = 30) -> Output:
    return run_line(lab.engine.world, node, line, seconds=seconds)


def test_rules_made_by_hand_do_not_survive_a_power_cycle(lab: SimLab) -> None:
    sh(lab, "nft add table ip f; nft add chain ip f i '{ type filter hook input priority 0 ; }'", "db2")
    sh(lab, 'nft add rule ip f i iifname "eth1" ip protocol 112 drop', "db2")
    lab.run(0.1)
    assert lab.state.nodes["db2"].filters["heartbeat"].percent == 100
    lab.do("power off db2")
    lab.do("power on db2")
    assert sh(lab, "nft list ruleset", "db2").text == ""
    assert "heartbeat" not in lab.state.nodes["db2"].filters


def test_addresses_look_like_iproutes(lab: SimLab) -> None:
    assert sh(lab, "ip -br a").text.splitlines() == [
        "lo               UNKNOWN        127.0.0.1/8 ",
        "eth0             UP             198.18.0.11/24 198.18.0.100/24 ",
        "eth1             UP             198.18.1.11/24 ",
    ]
    assert sh(lab, "ip addr show dev eth0").text.splitlines() == [
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
        ("cat /etc/hostname | sed s/a/b/", "hatlab: a simulated node pipes into", 127),
        ("echo 'open", "bash: unexpected EOF while looking for matching `''", 2),
        ("| grep x", "bash: syntax error near unexpected token `|'", 2),
        (f"keepalived -t; grep -c priority {CONF}", "2", 0),
        ("systemctl start nope", "Failed to start nope.service: Unit nope.service not found.", 5),
    ],
)
def test_says_what_the_real_one_says(lab: SimLab, line: str, text: str, status: int) -> None:
    output = sh(lab, line)
    assert output.text.startswith(text)
    assert output.status == status


def test_tcpdump_words_and_its_end(lab: SimLab) -> None:
    output = sh(lab, "tcpdump -n -c 2 -i eth1 vrrp | head -5")
    lines = [line for line in output.text.splitlines() if "VRRP" in line]
    shape = (
        r"\d\d:\d\d:\d\d\.\d{6} IP 198\.18\.1\.11 > 224\.0\.0\.18: VRRPv2, Advertisement, vrid 51, "
        r"prio 150, authtype simple, intvl 1s, length 20"
    )
    assert len(lines) == 2
    assert all(re.fullmatch(shape, line) for line in lines)
    assert "2 packets captured" in output.errors
    assert not lab.engine.world.taps
    assert "0 packets captured" in sh(lab, "tcpdump arp", seconds=2).errors
    assert not lab.engine.world.taps


def test_killing_by_hand_is_observed_like_an_action(lab: SimLab) -> None:
    assert sh(lab, "kill -9 $(pgrep mysqld)").status == 0
    assert sh(lab, 'mysql -e "SELECT 1"').text.startswith("ERROR 2002 (HY000)")
    lab.run(8)
    assert lab.owners() == {"db2"}
    told = [x for x in lab.events if isinstance(x, e.Process) and x.state == "down"]
    assert [(x.node, x.service, x.reason) for x in told] == [("db1", "mysqld", "signal 9")]
    assert not [x for x in lab.events if isinstance(x, e.Action)]
    assert "failed (Result: signal 9)" in sh(lab, "systemctl status mysqld").text
    assert "running" in sh(lab, "service mysqld start").text


def test_a_frozen_daemon_gets_its_signal_when_it_is_thawed(lab: SimLab) -> None:
    sh(lab, "killall -STOP keepalived; killall keepalived")
    lab.run(5)
    assert lab.owners() == {"db1", "db2"}
    sh(lab, "killall -CONT keepalived")
    lab.run(5)
    assert lab.owners() == {"db2"}
    assert sh(lab, "pgrep keepalived").status == 1


def test_address_and_link_by_hand(lab: SimLab) -> None:
    sh(lab, "ip addr del 198.18.0.100/24 dev eth0")
    lab.run(0.01)
    assert not lab.owners() - {"db2"}
    sh(lab, "ip link set eth1 down")
    assert "eth1             DOWN" in sh(lab, "ip -br a").text
    lab.run(1)
    assert lab.reported("db1") == "FAULT"


def test_edits_take_effect_after_a_reload(lab: SimLab) -> None:
    assert sh(lab, f"sed -i 's/priority 150/priority 90/' {CONF} && killall -HUP keepalived").status == 0
    lab.run(8)
    assert lab.owners() == {"db2"}
    assert any(isinstance(x, e.Conf) and "priority 90" in x.text and x.at > 1 for x in lab.events)


def test_journal_follows_until_it_is_interrupted(lab: SimLab) -> None:
    output = sh(lab, "journalctl -u keepalived -f -n 1", seconds=2)
    assert output.status == 130
    assert re.fullmatch(r"Jan 01 00:00:\d\d db1 keepalived\[32\]: .*", output.text.splitlines()[0])
    assert not lab.engine.world.taps


def test_a_conversation_on_a_terminal(lab: SimLab) -> None:
    said = iter(["hostname", "foo", "echo $?", "exit 3"])
    out: list[str] = []

    def read(prompt: str) -> str:
        out.append(prompt)
        return next(said)

    status = run_console("db2", lab.engine.call_in_world, read, out.append)
    assert status == 3
    assert out.count("[root@db2 ~]# ") == 4
    assert out[2] == "db2"
    assert "127" in out


def test_the_console_ends_with_the_machine(lab: SimLab) -> None:
    lab.do("power off db2")
    out: list[str] = []
    assert run_console("db2", lab.engine.call_in_world, lambda _: "hostname", out.append) == 255


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
    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(_WORDS, max_size=7).map(" ".join))
    def whatever(line: str) -> None:
        shell = Shell("db1")
        output = run_line(lab.engine.world, "db1", line, seconds=0.2, shell=shell)
        assert 0 <= output.status <= 255

    whatever()
    assert not lab.engine.world.taps


def test_a_heartbeat_is_cut_by_hand_and_healed(lab: SimLab) -> None:
    make = "nft add table ip f; nft add chain ip f i '{ type filter hook input priority 0 ; }'"
    cut = 'nft add rule ip f i iifname "eth1" ip protocol 112 drop'
    assert sh(lab, f"{make}; {cut}", "db2").status == 0
    assert sh(lab, "nft list ruleset", "db2").text.splitlines() == [
        "table ip f {",
        "\tchain i {",
        "\t\ttype filter hook input priority filter; policy accept;",
        '\t\tiifname "eth1" ip protocol vrrp drop',
        "\t}",
        "}",
    ]
    lab.run(6)
    assert lab.owners() == {"db1", "db2"}
    assert "VRRPv2" in sh(lab, "tcpdump -n -c 1 -i eth1 host 198.18.1.11", "db2").text, "INPUT is behind it"
    assert sh(lab, "nft flush ruleset && nft list ruleset", "db2").text == ""
    lab.run(3)
    assert lab.owners() == {"db1"}
    filters = [(x.network, x.percent) for x in lab.events if isinstance(x, e.Filter) and x.node == "db2"]
    assert ("heartbeat", 100.0) in filters
    assert filters[-1][1] == 0.0


def test_a_menus_cut_is_listed_and_flushed(lab: SimLab) -> None:
    lab.do("cut heartbeat db2")
    assert "ether saddr { 02:42:c6:12:01:0b } drop" in sh(lab, "nft list ruleset", "db2").text
    sh(lab, "nft flush ruleset", "db2")
    assert not lab.engine.world.nodes["db2"].ports["heartbeat"].drop_percent


def test_frames_as_the_real_tcpdump_printed_them(lab: SimLab) -> None:
    """The lines are tcpdump's own (4.99, `-t -n -r`) for these very frames."""
    lab.do("kill mysqld db1")
    lab.run(8)
    frames = [x for x in lab.events if isinstance(x, e.Advert | e.Arp) and x.node == "db2"]
    lines = {line for x in frames for line in format_frame(x, {"n", "t"}, {})}
    assert {
        "IP 198.18.1.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 0, "
        "authtype simple, intvl 1s, length 20",
        "ARP, Request who-has 198.18.0.100 (ff:ff:ff:ff:ff:ff) tell 198.18.0.100, length 28",
    } <= lines
