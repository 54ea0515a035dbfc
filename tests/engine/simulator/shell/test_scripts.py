"""Scripts that keepalived runs: how they begin, what they do, how they are ended, and which it drops."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from random import Random
from types import MappingProxyType

import pytest

from hatlab import events as e
from hatlab.engine.simulator.keepalived.commands import read_commands
from hatlab.engine.simulator.shell.script import Script
from hatlab.shell.programs import LAB_PROGRAMS
from hatlab.topology import Topology
from tests.support.simulated_lab import SimLab

GLOBALS = "script_user root\nenable_script_security"
PATH = "/etc/keepalived/chk.sh"
VIP = "virtual_ipaddress {\n lan.100/24\n}"


def conf(
    script: str, *, priority: int = 150, globals_: str = GLOBALS, check: str = "", instance: str = ""
) -> str:
    """A keepalived.conf with a check of one second."""
    return (
        f"global_defs {{\n{globals_}\n}}\n"
        f"vrrp_script chk {{\nscript {script}\ninterval 1\ntimeout 1\nfall 1\nrise 1\n{check}\n}}\n"
        f"vrrp_instance VI_1 {{\nstate BACKUP\ninterface lan\nvirtual_router_id 51\n"
        f"priority {priority}\n{VIP}\n"
        f"track_script {{\nchk\n}}\n{instance}\n}}\n"
    )


def lab_with_script(
    text: str = "#!/bin/bash\nexit 0\n",
    files: Mapping[str, str] = MappingProxyType({}),
    assumption: str = "",
    **settings: str,
) -> SimLab:
    """A pair whose check is a script; db1 has the higher priority."""
    line, mode = settings.pop("line", f'"{PATH}"'), settings.pop("mode", "0755")
    all_files = {PATH: {"content": text, "mode": mode}, **files}
    nodes = {
        name: {"octet": octet, "conf": conf(line, priority=priority, **settings), "files": all_files}
        for name, octet, priority in (("db1", 11, 150), ("db2", 12, 100))
    }
    members = {"db1": 150, "db2": 100}
    instance = {"network": "lan", "vrid": 51, "members": members, "addresses": {"lan": [100]}}
    data = {"version": 1, "title": "a script", "networks": ["lan"], "nodes": nodes}
    data |= {"instances": {"VI_1": instance}, "assume": {"chk": assumption} if assumption else {}}
    return SimLab(Topology.model_validate(data))


MYSQL = """#!/bin/bash
MYSQL=/usr/bin/mysql
$MYSQL -h 127.0.0.1 -e 'select 1' >/dev/null 2>&1
[ $? -eq 0 ] || exit 1
"""
PORT = "#!/bin/bash\nif ! ss -lnt | grep -q ':3306 '; then exit 1; fi\nexit 0\n"
RETRY = """#!/bin/bash
for i in 1 2 3; do
    mysqladmin ping >/dev/null 2>&1 && exit 0
    sleep 0.1
done
exit 1
"""


@pytest.mark.parametrize("text", [MYSQL, PORT, RETRY], ids=["mysql", "port", "retry"])
def test_a_sound_script_moves_the_address_when_mysqld_dies(text: str) -> None:
    lab = lab_with_script(text)
    assert lab.owners() == {"db1"}
    lab.do("kill mysqld db1", wait=8)
    assert lab.owners() == {"db2"}
    assert "VRRP_Script(chk) failed (exited with status 1)" in lab.logs("db1")


def test_a_script_that_hangs_is_ended_at_its_timeout() -> None:
    lab = lab_with_script(MYSQL)
    lab.do("freeze mysqld db1", wait=5)
    assert "VRRP_Script(chk) timed_out" in lab.logs("db1")
    assert lab.owners() == {"db2"}


@pytest.mark.parametrize(
    "body",
    ["while :; do :; done", "while :; do echo x; done", "f() { f | f & }; f; sleep 60", "sleep 1000"],
)  # fmt: skip
def test_a_script_without_end_counts_as_failed_and_leaves_nothing(body: str) -> None:
    lab = lab_with_script(f"#!/bin/bash\n{body}\n")
    lab.run(6)
    assert any("VRRP_Script(chk) timed_out" in text for text in lab.logs("db1"))
    lab.do("stop keepalived db1", wait=3)
    assert not lab.engine.world.nodes["db1"].scripts


def test_a_script_that_ignores_the_first_signal_is_killed_two_seconds_later() -> None:
    lab = lab_with_script("#!/bin/bash\ntrap : TERM\nwhile :; do sleep 0.1; done\n")
    lab.run(5)
    told = [text for text in lab.logs("db1") if "chk" in text]
    assert told[:4] == [
        "Track script chk is already running, expect idle - skipping run",
        "Track script chk is being timed out, expect idle - skipping run",
        "Track script chk is being timed out, expect idle - skipping run",
        "VRRP_Script(chk) timed_out",
    ]


def test_a_script_ended_by_a_signal_says_so() -> None:
    lab = lab_with_script("#!/bin/bash\nkill -9 $$\n")
    lab.run(1)
    assert "VRRP_Script(chk) failed (due to signal 9)" in lab.logs("db1")


def test_a_grep_that_finds_its_own_script_never_fails() -> None:
    """The script's own name is in the list that it counts."""
    path = "/etc/keepalived/check_mysqld.sh"
    text = "#!/bin/bash\nn=$(ps -ef | grep mysqld | grep -v grep | wc -l)\n[ $n -gt 0 ] || exit 1\n"
    lab = lab_with_script(files={path: text}, line=f'"{path}"')
    lab.do("kill mysqld db1", wait=6)
    assert lab.owners() == {"db1"}


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ('"/usr/bin/pgrep mysqld | /usr/bin/grep -q . ; exit $?"', 2),
        ('"</dev/tcp/127.0.0.1/3306"', 2),
        ('"</etc/nope"', 2),
        ('"</etc/hosts"', 0),
        ("\"/usr/bin/bash -c 'exit 3'\"", 3),
        ('"/usr/bin/test -f /etc/nope"', 1),
        ('"/usr/bin/test $HOME = x"', 1),
    ],
)
def test_a_line_is_run_without_a_shell(line: str, status: int) -> None:
    lab = lab_with_script(line=line)
    lab.run(1)
    told = f"VRRP_Script(chk) {f'failed (exited with status {status})' if status else 'succeeded'}"
    assert told in lab.logs("db1")


@pytest.mark.parametrize(
    "text", ["exit 1\n", "\n#!/bin/bash\nexit 1\n", "#!/usr/bin/php\n", "#!/bin/bash\r\nexit 1\r\n"]
)
def test_what_cannot_be_begun_counts_as_a_success(text: str) -> None:
    """Measured: execve fails, and keepalived's child exits with 0: the check never fires."""
    lab = lab_with_script(text)
    lab.do("kill mysqld db1", wait=5)
    assert "VRRP_Script(chk) succeeded" in lab.logs("db1")
    assert lab.owners() == {"db1"}


INSECURE = "Disabling track script chk due to insecure"
NOT_FOUND = "Disabling track script chk since not found/accessible"
WRONG_TYPE = "Wrong file type found in script path '{}'."
REMOVING = "Unable to set default user for vrrp script chk - removing"
IGNORED = "(VI_1) track script chk not found, ignoring..."


def at(line: int, text: str) -> str:
    """A line of the log that names a line of the file."""
    return f"(/etc/keepalived/keepalived.conf: Line {line}) {text}"


DROPPED: dict[str, tuple[dict[str, str], list[str]]] = {
    "missing": (
        {"line": '"/etc/keepalived/nope.sh"'},
        ["Script /etc/keepalived/nope.sh cannot be accessed - No such file or directory", NOT_FOUND],
    ),
    "not executable": (
        {"mode": "0644"},
        [f"WARNING - script '{PATH}' is not executable for uid:gid 0:0 - disabling."],
    ),
    "unsafe": ({"mode": "0777"}, [f"Unsafe permissions found for script '{PATH}' - disabling.", INSECURE]),
    "a link": ({"line": '"/bin/true"'}, [WRONG_TYPE.format("/bin/true"), INSECURE]),
    "a folder": ({"line": '"/etc/keepalived"'}, [WRONG_TYPE.format("/etc/keepalived"), INSECURE]),
    "not in the path": ({"line": '"nosuch x"'}, ["Cannot find script nosuch in path - disabling", NOT_FOUND]),
    "no user": (
        {"globals_": "enable_script_security"},
        [
            "Script user 'keepalived_script' does not exist",
            at(11, "Unable to set default user keepalived_script for script"),
            at(11, REMOVING),
            at(21, IGNORED),
        ],
    ),
    "unknown user": (
        {"globals_": "script_user nosuch"},
        [
            "Script user 'nosuch' does not exist",
            "(Line 2) Error setting global script uid/gid",
            at(11, REMOVING),
            at(21, IGNORED),
        ],
    ),
    "unknown user of its own": (
        {"check": "user nosuch"},
        [
            "Script user 'nosuch' does not exist",
            at(11, f"Unable to set uid/gid for script '{PATH}'"),
            at(22, IGNORED),
        ],
    ),
    "empty": ({"line": '""'}, [at(12, "No script set for vrrp_script chk - removing"), at(22, IGNORED)]),
}


@pytest.mark.parametrize(("settings", "lines"), DROPPED.values(), ids=DROPPED)
def test_a_script_that_keepalived_drops_is_not_tracked(settings: dict[str, str], lines: list[str]) -> None:
    """Measured, word for word."""
    lab = lab_with_script("#!/bin/bash\nexit 1\n", {}, "", **settings)
    logged = lab.logs("db1")
    assert [text for text in logged if text in lines] == lines
    assert lab.owners() == {"db1"}, "the instance runs without it"
    lab.do("kill mysqld db1", wait=5)
    assert lab.owners() == {"db1"}


def test_without_script_security_an_unsafe_script_runs_with_a_warning() -> None:
    lab = lab_with_script(mode="0777", globals_="script_user root")
    logged = lab.logs("db1")
    assert f"Unsafe permissions found for script '{PATH}'." in logged
    insecure = "SECURITY VIOLATION - scripts are being executed but script_security not enabled."
    assert f"{insecure} There are insecure scripts." in logged
    assert "VRRP_Script(chk) succeeded" in logged


def test_a_folder_that_others_can_write_to_makes_a_script_unsafe() -> None:
    lab = lab_with_script()
    lab.shell("chmod 777 /etc/keepalived")
    assert "chk" in read_commands(lab.state.nodes["db1"].conf, lab.engine.world.nodes["db1"].disk).removed
    lab.shell("chmod 1777 /etc/keepalived")
    assert not read_commands(lab.state.nodes["db1"].conf, lab.engine.world.nodes["db1"].disk).removed


NOTIFY = "/etc/keepalived/notify.sh"


def test_notify_scripts_get_their_arguments_and_act() -> None:
    text = '#!/bin/bash\necho "$@" >> /tmp/notify.log\n'
    lines = f'notify {NOTIFY}\nnotify_master "{NOTIFY} m a"\nnotify_fault /nope/x.sh'
    lab = lab_with_script(files={NOTIFY: text}, instance=lines)
    lab.run(1)
    assert "Script /nope/x.sh cannot be accessed - No such file or directory" in lab.logs("db1")
    assert lab.shell("cat /tmp/notify.log").text.splitlines() == [
        "INSTANCE VI_1 BACKUP 150",
        "m a",
        "INSTANCE VI_1 MASTER 150",
    ]


def test_a_sync_group_has_notify_scripts_of_its_own() -> None:
    text = '#!/bin/bash\necho "$@" >> /tmp/notify.log\n'
    group = f'vrrp_sync_group VG {{\ngroup {{\nVI_1\n}}\nnotify "{NOTIFY}"\nnotify_master "{NOTIFY} up"\n}}\n'
    lab = lab_with_script(files={NOTIFY: text}, globals_=GLOBALS + "\n}\n" + group + "global_defs {")
    lab.do("stop keepalived db1", wait=1)
    told = lab.shell("cat /tmp/notify.log").text.splitlines()
    assert told == ["GROUP VG BACKUP 0", "up", "GROUP VG MASTER 0", "GROUP VG STOP 0"]


def test_a_notify_script_that_stops_what_is_checked_takes_the_address_away() -> None:
    stop = "#!/bin/bash\nservice mysqld stop\n"
    lab = lab_with_script(MYSQL, files={NOTIFY: stop}, instance=f"notify_backup {NOTIFY}")
    lab.run(8)
    assert {x.service for x in lab.events if isinstance(x, e.Process) and x.state == "down"} == {"mysqld"}
    assert lab.reported("db1") == "FAULT"


@pytest.mark.parametrize("at", [0.2, 0.5, 1.1, 1.7, 2.4])
def test_a_copy_of_the_world_goes_on_alike_in_the_middle_of_a_script(at: float) -> None:
    text = """#!/bin/bash
n=$(cat /tmp/n 2>/dev/null || echo 0)
for i in 1 2 3; do
    mysqladmin ping >/dev/null || exit 1
    sleep 0.2
done
ping -c 1 -W 1 db2 >/dev/null
echo $((n + 1)) > /tmp/n
[ $n -lt 4 ]
"""
    lab = lab_with_script(text, check="weight -60")
    lab.run(at)
    world = lab.engine.world
    world.take_events()
    twin = copy.deepcopy(world)
    for one in (world, twin):
        one.clock.run_until(world.clock.now if one is world else one.clock.now)
    end = world.clock.now + 12
    world.clock.run_until(end)
    twin.clock.run_until(end)
    assert twin.take_events() == world.take_events()
    assert twin.nodes["db1"].disk.read("/tmp/n") == world.nodes["db1"].disk.read("/tmp/n")


def test_scripts_are_gone_with_the_machine_and_back_after_a_reset() -> None:
    lab = lab_with_script("#!/bin/bash\nsleep 0.9\n")
    lab.shell("echo x > /tmp/y; rm /etc/keepalived/chk.sh")
    lab.do("power off db1")
    assert not lab.engine.world.nodes["db1"].scripts
    lab.do("power on db1")
    lab.do("reset")
    assert lab.shell("cat /etc/keepalived/chk.sh").status == 0
    assert lab.shell("cat /tmp/y").status == 1


REDIS = "#!/bin/bash\nredis-cli ping | grep -q PONG\n"
TOLD = "the check chk runs redis-cli, which is not in this lab"


@pytest.mark.parametrize(
    ("assumption", "owners"),
    [(None, set()), ("ok", {"db1"}), ("fail", set()), ("mysqld", {"db2"})],
)
def test_a_check_that_a_lab_cannot_run_is_told_and_may_be_assumed(
    assumption: str | None, owners: set[str]
) -> None:
    lab = lab_with_script(REDIS, {}, assumption or "")
    assert any(text.startswith(TOLD) for text in lab.logs("db1")) is (assumption is None)
    causes = [why.text for why in lab.events if isinstance(why, e.Why) and why.to == "FAULT"]
    assert any("it runs redis-cli, which is not in this lab" in c for c in causes) is (assumption is None)
    lab.do("kill mysqld db1", wait=6)
    assert lab.owners() == owners


_PIECES = (
    *LAB_PROGRAMS,
    *[
        "if",
        "then",
        "fi",
        "else",
        "elif",
        "for",
        "in",
        "do",
        "done",
        "while",
        "case",
        "esac",
        "{",
        "}",
        "(",
        ")",
        "|",
        "||",
        "&&",
        ";",
        ";;",
        "&",
        "!",
        "[[",
        "]]",
        "[",
        "]",
        "=",
        "==",
        "-eq",
        "-n",
        "-c",
    ],
    *[
        "f()",
        "f",
        "return",
        "exit",
        "break",
        "continue",
        "local",
        "read",
        "shift",
        "set",
        "-u",
        "eval",
        "trap",
        "EXIT",
        "wait",
        "exec",
        "source",
        "a",
        "1",
        "\\",
        "'",
        '"',
        "$",
    ],
    *(
        "$x",
        '"$@"',
        "${x:-$(pidof mysqld)}",
        "${x%%a*}",
        "${x//a/b}",
        "$((1+2))",
        "$(( 1/0 ))",
        "`date`",
        "x=1",
    ),
    *(
        ">/tmp/f",
        "2>&1",
        "</dev/null",
        "<<E\nab $x\nE\n",
        "<<<",
        "x=(a b)",
        "${x[@]}",
        "\n",
        "[a-",
        "${",
        "$(",
    ),
    *(
        "/etc/hosts",
        "/usr/*",
        "{1..3}",
        "mysqld",
        "keepalived",
        "SELECT 1",
        "s/a/b/",
        "{print $1}",
        "db2",
        "3306",
    ),
)


@pytest.mark.parametrize("seed", range(4))
def test_no_script_raises_nor_stays(seed: int) -> None:
    chance, lab = Random(seed), lab_with_script()
    world, ended = lab.engine.world, 0
    node = world.nodes["db1"]
    for number in range(120):
        text = " ".join(chance.choice(_PIECES) for _ in range(chance.randint(1, 14)))
        node.disk.place("/tmp/s", f"#!/bin/{'bash' if number % 2 else 'sh'}\n{text}\n", 0o755)
        script = Script(world, node, ("/tmp/s", "one"), 1)
        script.start()
        world.clock.run_until(world.clock.now + 0.2)
        if number % 20 == 0:
            copy.deepcopy(world).clock.run_until(world.clock.now + 0.2)
        script.signal(9)
        ended += script.status is not None
        world.take_events()
    assert ended == 120
