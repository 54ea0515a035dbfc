"""What a line that names a program does, and what a script beside the configuration does."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose import ScriptFile, diagnose_config
from hatlab.keepalived.diagnose.scripts.exit_status import can_fail
from hatlab.shell import parse_script
from tests.keepalived.conf import OTHER, SOUND

LINE = "    script \"/usr/bin/mysql --execute 'SELECT 1'\"\n"
CHECK = "/etc/keepalived/check_mysql.sh"

LINES: list[tuple[str, str]] = [
    ("KA120", '"/usr/bin/pgrep mysqld | /usr/bin/grep -q . ; exit $?"'),
    ("KA120", '"/usr/bin/killall -0 mysqld > /dev/null 2>&1"'),
    ("KA120", '"/usr/bin/test -f /run/up && /usr/bin/true"'),
    ("KA120", '"/usr/bin/test -f /run/up || exit 1"'),
    ("KA120", '"/usr/bin/kill -0 $(cat /run/mysqld.pid)"'),
    ("KA120", '"/usr/bin/kill -0 `cat /run/mysqld.pid`"'),
    ("KA120", '"/usr/bin/test $HOME"'),
    ("KA120", '"/usr/bin/ls ~/up"'),
    ("KA120", '"/usr/bin/ls /run/mysqld*"'),
    ("KA120", '"/usr/bin/mysql --execute 1 < /dev/null"'),
    ("KA122", '"/usr/bin/bash -c exit 1"'),
    ("KA122", '"/usr/bin/sh -c pidof mysqld"'),
    ("KA123", '"</dev/tcp/127.0.0.1/3306"'),
    ("KA123", "</dev/tcp/127.0.0.1/3306"),
    ("KA123", '"< /etc/passwd"'),
    ("KA124", '"./check.sh"'),
    ("KA124", '"scripts/check.sh"'),
    ("KA124", '"exit 1"'),
    ("KA124", '"! /usr/bin/test -e /run/down"'),
    ("KA124", '"if /usr/bin/test -e /run/down"'),
    ("KA124", '"PATH=/usr/bin mysql"'),
    ("KA125", '"killall -0 haproxy"'),
    ("KA129", '"/home/op/check_mysql"'),
    ("KA136", '"/usr/bin/killall -0 keepalived"'),
    ("KA136", '"/usr/bin/pidof keepalived"'),
    ("KA126", "/usr/bin/killall -0 haproxy"),
    ("KA126", "/usr/bin/bash -c 'exit 1'"),
    ("KA127", '"/usr/bin/bash -c "exit 1""'),
    ("KA127", '"/usr/bin/mysql --execute \'SELECT 1"'),
]
SOUND_LINES = [
    "\"/usr/bin/mysql --execute 'SELECT 1; SELECT 2 > 1 | 3'\"",
    "'/usr/bin/mysql --execute \"SELECT 1\"'",
    '"/usr/bin/mysql --execute \\"SELECT 1;\\""',
    "\"/usr/bin/bash -c 'pidof keepalived > /dev/null && mysql --execute 1 | grep -q 1'\"",
    "'/usr/bin/bash -c \"mysql --execute 1 || exit 1\"'",
    "\"/usr/bin/timeout 2 /usr/bin/bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080'\"",
    '"</etc/keepalived/up"',
    '"/usr/bin/curl --fail http://127.0.0.1:8080/?a=1&b=2"',
    "\"/usr/bin/bash -c 'test $1' _ up\"",
    "/usr/bin/true",
    '"/usr/bin/grep -q a*b /etc/up"',
]
NOTIFIES: list[tuple[str, str]] = [
    ("KA126", "/etc/x.sh MASTER"),
    ("KA126", "/etc/x.sh --state master"),
    ("KA126", '"/etc/x.sh" master'),
    ("KA128", '"/etc/x.sh" mysqlchk'),
    ("KA110", '"/usr/bin/systemctl restart keepalived"'),
    ("KA120", '"/usr/bin/echo master > /run/state"'),
    ("KA124", "notify.sh"),
]

PYTHON = "#!/usr/bin/env python3\nfrom socket import create_connection\n"
SCRIPTS: list[tuple[str, str]] = [
    ("KA106", "mysqladmin ping\n"),
    ("KA106", "\n#!/bin/sh\nmysqladmin ping\n"),
    ("KA106", "#!/bin/sh\r\nmysqladmin ping\r\n"),
    ("KA106", "\xef\xbb\xbf#!/bin/sh\nmysqladmin ping\n"),
    ("KA130", "#!/bin/sh\nif mysqladmin ping; then\n  echo 0\nelse\n  echo 1\nfi\n"),
    ("KA130", "#!/bin/sh\nmysql -e 'SELECT 1' || echo down\n"),
    ("KA130", "#!/bin/sh\nmysql -e 'SELECT 1'\nif [ $? -ne 0 ]; then\n  logger down\nfi\nexit 0\n"),
    ("KA130", '#!/bin/sh\ncheck() {\n  mysql -e "SELECT 1"\n}\ncheck\nexit 0\n'),
    ("KA130", "#!/bin/sh\nmysql -e 'SELECT 1' | tee /run/x\n"),
    ("KA130", "#!/bin/sh\ncase $(mysqladmin ping) in\n*alive*) echo ok;;\n*) echo bad ;;\nesac\n"),
    ("KA130", "#!/bin/sh\nn=$(mysql -e 'SELECT 1')\necho $n; exit $?\n"),
    ("KA130", "#!/bin/sh\nmysql -e 'SELECT 1' &\n"),
    ("KA131", "#!/bin/sh\nif mysqladmin ping; then exit 0; else exit 1\n"),
    ("KA131", "#!/bin/bash\nmysqladmin ping || echo 'down; exit 1\n"),
    ("KA132", "#!/bin/sh\nmysql -e 'SELECT 1' | tee /run/x\nif [ $? -ne 0 ]; then exit 1; fi\n"),
    ("KA132", "#!/bin/sh\nif mysql -e 'SELECT 1' | cat; then exit 0; fi\nexit 1\n"),
    ("KA132", "#!/bin/sh\nmysql -e 'SELECT 1' 2>&1 | logger -t check || exit 1\n"),
    ("KA133", "#!/bin/sh\nif [ $(ps -ef | grep mysqld | wc -l) -eq 0 ]; then exit 1; fi\n"),
    ("KA133", "#!/bin/sh\nps aux | grep mysqld > /dev/null || exit 1\n"),
    ("KA133", "#!/bin/sh\nif [ `ps -ef | grep mysql | grep -v grep | wc -l` -eq 0 ]; then exit 1; fi\n"),
    ("KA133", "#!/bin/sh\npgrep -f mysql > /dev/null || exit 1\n"),
    ("KA134", "#!/bin/sh\nmysqladmin ping || systemctl restart mysqld\nmysqladmin ping || exit 1\n"),
    ("KA134", "#!/bin/sh\nmysqladmin ping || { service mysqld start; exit 1; }\n"),
    ("KA110", "#!/bin/sh\nmysqladmin ping || { systemctl stop keepalived; exit 1; }\n"),
    ("KA110", "#!/bin/sh\nmysqladmin ping || kill $(cat /var/run/keepalived.pid)\n"),
    ("KA110", "#!/bin/sh\nmysqladmin ping || { systemctl restart keepalived; exit 1; }\n"),
    ("KA135", "#!/bin/sh\nmysql -h 198.18.0.100 -e 'SELECT 1'\n"),
    ("KA135", "#!/bin/sh\nHOST=198.18.0.100\nmysql -h $HOST -e 'SELECT 1'\n"),
    ("KA130", f"{PYTHON}try:\n    create_connection(('127.0.0.1', 1))\nexcept Exception:\n    print(1)\n"),
    ("KA130", f"{PYTHON}try:\n    create_connection(('127.0.0.1', 1))\nexcept OSError as e:\n    exit(0)\n"),
    ("KA135", "#!/usr/bin/python3\nimport x\nx.connect(host='198.18.0.100')\n"),
    ("KA135", "#!/usr/bin/env python3\nimport x\nVIP = '198.18.0.100'\nx.create_connection((VIP, 3306))\n"),
    ("KA144", "#!/bin/sh\nmysql -uroot -pSecret1 -e 'SELECT 1'\n"),
    ("KA144", "#!/bin/sh\nmysqladmin --password=secret ping\n"),
    ("KA145", "#!/bin/sh\n</dev/tcp/127.0.0.1/3306 || exit 1\n"),
    ("KA145", '#!/bin/sh\nif [[ "$(mysqladmin ping)" == *alive* ]]; then exit 0; fi\nexit 1\n'),
    ("KA145", '#!/bin/dash\ngrep -q alive <<< "$(mysqladmin ping)"\n'),
    ("KA148", "#!/bin/sh\nmysqladmin ping && exit 0\nsleep 3\nmysqladmin ping || exit 1\n"),
    ("KA148", "#!/bin/sh\nfor i in 1 2 3; do\n  mysqladmin ping && exit 0\n  sleep 1\ndone\nexit 1\n"),
    ("KA148", "#!/bin/sh\nuntil mysqladmin ping; do sleep 1; done\n"),
    *(
        ("KA112", f"#!/bin/sh\n{line}\n")
        for line in (
            "pidof mysqld",
            "pgrep -x mysqld",
            "killall -0 mysqld",
            "systemctl is-active --quiet mysql",
            "service mysql status",
            "nc -z 127.0.0.1 3306",
            "ss -lnt | grep -q :3306",
            "netstat -lnt | grep -q 3306",
            "ps -C mysqld | grep -q mysqld",
        )
    ),
]
SOUND_SCRIPTS = [
    "#!/bin/sh\n[ $(ps -ef | grep mysqld | grep -v grep | grep -vc $0) -gt 0 ] && mysql -e 'SELECT 1'\n",
    "#!/bin/bash\ndeclare -A up=([a]=1)\nmysql -e 'SELECT 1' || exit 1\n",
    "#!/bin/bash\nwhile read -r line; do echo $line; done < <(ls)\nmysql -e 'SELECT 1'\n",
    "#!/bin/sh\nmysqladmin ping\n",
    "#!/bin/bash\nmysql -h 127.0.0.1 -e 'select 1' >/dev/null 2>&1\n"
    "if [ $? -eq 0 ]; then\n  exit 0\nelse\n  exit 1\nfi\n",
    "#!/bin/sh\nset -e\nmysql -e 'SELECT 1'\necho fine\n",
    "#!/bin/sh\nmysql -e 'SELECT 1' > /run/x || exit 1\nexit 0\n",
    "#!/bin/sh\nn=0\nwhile [ $n -lt 3 ]; do\n  mysql -e 'SELECT 1' && exit 0\n  n=$((n+1))\ndone\nexit 1\n",
    '#!/bin/bash\nret=0\nmysql -e "SELECT 1" || ret=1\nexit $ret\n',
    "#!/bin/bash\nset -o pipefail\nmysql -e 'SELECT 1' | tee /run/x || exit 1\n",
    '#!/bin/bash\n[[ "$(mysql -Ne "SELECT 1")" == 1 ]] || exit 1\n',
    "#!/bin/sh\ncheck() {\n  mysql -e 'SELECT 1' || return 1\n}\ncheck\n",
    "#!/usr/bin/env bash\n. /etc/keepalived/functions\ncheck_mysql\n",
    "#!/bin/sh\ntimeout 1 mysql --defaults-file=/etc/my.cnf -p -e 'SELECT 1' | grep -q 1\n",
    "#!/usr/bin/python3\nimport sys\nprint(1)\n",
    f"{PYTHON}try:\n    create_connection(('127.0.0.1', 1))\nexcept OSError:\n    exit(1)\n",
    "#!/usr/bin/python3\nimport x\ntry:\n    import y\nexcept ImportError:\n    y = None\nx.connect()\n",
    "#!/usr/bin/python3\nVIP = '198.18.0.100'\nheld = VIP in open('/proc/net/fib_trie').read()\n",
    "#!/usr/bin/python\nprint 'a Python of before 3'\n",
    "#!/bin/sh\nif ip address show | grep -q 198.18.0.100; then mysql -e 'SELECT 1'; fi\n",
    "#!/bin/sh\nmysql -e 'SELECT 1' || { logger down; exit 1; }\n",
    "#!/bin/sh\n# systemctl restart mysqld; pidof mysqld\nmysql -e 'SELECT 1'\n",
    "#!/bin/sh\nmysql <<EOF\nSELECT 1;\nEOF\n",
    "#!/bin/sh\ncase $(mysql -Ne 'SELECT 1') in\n1) exit 0 ;;\n*) exit 1 ;;\nesac\n",
    "#!/bin/sh\nsleep 1\nmysql -e 'SELECT 1'\n",
    "#!/bin/sh\nmysql -e 'SELECT 1' && [ $(mysql -Ne 'SHOW STATUS' | wc -l) -gt 0 ]\n",
]


def _found(line: str, script: str = "", *, name: str = CHECK, notify: str = "") -> list[Finding]:
    text = SOUND.replace(LINE, f"    script {line}\n")
    text = text.replace("    advert_int 1\n", f"    advert_int 1\n{notify}")
    files = {name: ScriptFile(script, 0o755)} if script else {}
    return diagnose_config(text, OTHER, scripts=files)


def _wrong(found: list[Finding]) -> list[str]:
    return [each.code for each in found if each.severity != "note"]


@pytest.mark.parametrize(("code", "line"), LINES)
def test_a_line_that_is_not_what_it_looks_like_is_found(code: str, line: str) -> None:
    found = _found(line)
    assert code in {each.code for each in found}
    assert set(_wrong(found)) <= {code}, "its consequences are not told apart"


@pytest.mark.parametrize("line", SOUND_LINES)
def test_nothing_is_found_in_a_sound_line(line: str) -> None:
    assert _wrong(_found(line)) == []


@pytest.mark.parametrize(("code", "line"), NOTIFIES)
def test_a_notify_line_takes_a_user_and_a_group(code: str, line: str) -> None:
    assert code in {each.code for each in _found(LINE[11:].strip(), notify=f"    notify_master {line}\n")}


def test_what_is_done_to_another_node_s_keepalived_is_no_end_of_this_one() -> None:
    line = '    notify_master "/usr/bin/ssh db2 systemctl stop keepalived"\n'
    assert "KA110" not in _wrong(_found(LINE[11:].strip(), notify=line))


def test_a_redirection_behind_a_script_is_less_than_one_behind_a_program() -> None:
    found = _found(f'"{CHECK} > /dev/null 2>&1"', SOUND_SCRIPTS[0])
    assert _wrong(found) == ["KA121"]


@pytest.mark.parametrize(("code", "script"), SCRIPTS)
def test_what_a_script_does_wrong_is_found(code: str, script: str) -> None:
    found = _found(f'"{CHECK}"', script)
    assert code in {each.code for each in found}


@pytest.mark.parametrize("script", SOUND_SCRIPTS)
def test_nothing_is_found_in_a_sound_script(script: str) -> None:
    assert _wrong(_found(f'"{CHECK}"', script)) == []


def test_a_script_that_others_can_change_is_run_without_script_security() -> None:
    script = ScriptFile(SOUND_SCRIPTS[0], 0o757)
    text = SOUND.replace(LINE, f'    script "{CHECK}"\n')
    (found,) = diagnose_config(text, scripts={CHECK: script})
    assert (found.code, found.severity) == ("KA108", "error")
    insecure = diagnose_config(text.replace("    enable_script_security\n", ""), scripts={CHECK: script})
    assert [(f.code, f.severity) for f in insecure if f.code != "KA102"] == [("KA108", "warning")]


def test_a_script_handed_to_an_interpreter_needs_no_shebang_and_no_mode() -> None:
    script = ScriptFile("mysql --execute 'SELECT 1'\n", 0o644)
    text = SOUND.replace(LINE, f'    script "/usr/bin/bash {CHECK}"\n')
    assert _wrong(diagnose_config(text, scripts={CHECK: script})) == []
    silent = ScriptFile("mysql --execute 'SELECT 1' || echo down\n", 0o644)
    assert _wrong(diagnose_config(text, scripts={CHECK: silent})) == ["KA130"]


def test_what_stands_behind_sh_c_is_read_like_a_script() -> None:
    assert _wrong(_found("\"/usr/bin/bash -c 'mysqladmin ping; exit 0'\"")) == ["KA130"]
    assert _wrong(_found("\"/usr/bin/sh -c '</dev/tcp/127.0.0.1/8080'\"")) == ["KA145"]


STOPPING = '    notify_backup "/usr/bin/systemctl stop mysqld"\n'


def test_a_notify_script_that_stops_what_is_checked() -> None:
    line = LINE[11:].strip()
    assert _wrong(_found(line, notify=STOPPING)) == ["KA140"]
    assert _wrong(_found(line, notify=STOPPING.replace("mysqld", "nginx"))) == []
    assert _wrong(_found(line, notify='    notify_master "/usr/bin/ssh db2 systemctl stop mysqld"\n')) == []
    weighted = SOUND.replace("interval 2", "interval 2\n    weight -60")
    text = weighted.replace("    advert_int 1\n", f"    advert_int 1\n{STOPPING}")
    (found,) = [each for each in diagnose_config(text) if each.code == "KA140"]
    assert found.severity == "warning", "a check with a weight puts nothing into FAULT"


@pytest.mark.parametrize(
    ("codes", "master", "backup"),
    [
        ({"KA141"}, "super_read_only=0", "super_read_only=1"),
        (set(), "super_read_only=0; SET GLOBAL read_only=0", "super_read_only=1"),
        (set(), "read_only = OFF", "super_read_only = ON"),
        ({"KA143"}, "read_only=0", "read_only=1"),
        ({"KA142"}, "read_only=0", ""),
    ],
)
def test_read_only_and_super_read_only(codes: set[str], master: str, backup: str) -> None:
    notify = f"    notify_master \"/usr/bin/mysql --execute 'SET GLOBAL {master}'\"\n"
    if backup:
        notify += f"    notify_backup \"/usr/bin/mysql --execute 'SET GLOBAL {backup}'\"\n"
    found = _found(LINE[11:].strip(), notify=notify)
    assert {each.code for each in found} - {"KA116"} == codes


def test_a_check_of_a_process_is_a_warning_only_where_mysqld_is_asked_for() -> None:
    for program, severity in (("mysqld", "warning"), ("haproxy", "note")):
        (found,) = _found(f'"/usr/bin/killall -0 {program}"')
        assert (found.code, found.severity) == ("KA112", severity)
    (found,) = diagnose_config(SOUND.replace(LINE, '    script "/usr/bin/pidof mysqld"\n'))
    assert found.severity == "note", "a file alone"


def test_a_signal_that_stops_nothing() -> None:
    for line in ("/usr/bin/pkill -HUP mysqld", "/usr/bin/killall -0 mysqld", "/usr/bin/killall -USR1 mysqld"):
        assert _wrong(_found(LINE[11:].strip(), notify=f'    notify_backup "{line}"\n')) == []


def test_without_a_user_a_secure_keepalived_removes_its_scripts() -> None:
    (found,) = diagnose_config(SOUND.replace("    script_user root\n", ""))
    assert (found.code, found.severity) == ("KA101", "error")
    assert "removed" in found.effect


def test_a_path_through_a_link_is_refused_to_root_alone() -> None:
    line = "\"/bin/mysql --execute 'SELECT 1'\""
    assert _wrong(_found(line)) == ["KA103"]
    text = SOUND.replace(LINE, f"    script {line}\n").replace("script_user root", "script_user nobody")
    assert diagnose_config(text) == []


WORDS = """
    if then else elif fi for while do done case in esac { } ( ) ;; ; & && || | ! exit 1 $( ` ' " <<EOF EOF > <
    # f() x=1 \\ echo mysqld ps grep wc -l
"""
SHELL = st.lists(st.sampled_from([*WORDS.split(), "\n"]), max_size=40)
PIECES = ["(", "{ ", "if ", "$(", "`", '"', "\\", "<<E\n", "case a in ", "f() { ", "a|", "x=$(( "]


@given(SHELL)
def test_no_shell_text_raises(words: list[str]) -> None:
    script = parse_script(" ".join(words))
    can_fail(script)
    for found in _found(f'"{CHECK}"', "#!/bin/sh\n" + " ".join(words)):
        assert "\n" not in found.message


@pytest.mark.parametrize(
    "piece", ["(", "{ ", "if ", "$(", "`", '"', "\\", "<<E\n", "case a in ", "f() { ", "a|", "x=$(( "]
)
def test_no_shell_text_takes_long(piece: str) -> None:
    before = time.process_time()
    _found(f'"{CHECK}"', "#!/bin/sh\n" + piece * (60_000 // len(piece)))
    assert time.process_time() - before < 8, "a quadratic reading, not a slow machine"


def _status(script: str, folder: Path, *, works: bool) -> int:
    """The exit status of a script where the programs that ask mysqld succeed, or all fail."""
    for program in ("mysql", "mysqladmin", "nc", "systemctl", "service", "pidof", "logger"):
        stub = folder / program
        stub.write_text(f"#!/bin/sh\nexit {0 if works or program == 'logger' else 1}\n")
        stub.chmod(0o755)
    shell = script.partition("\n")[0].rpartition("/")[2].split()[-1]
    file = folder / "check.sh"
    file.write_text(script)
    environment = {"PATH": f"{folder}:/usr/bin:/bin:{Path(sys.executable).parent}"}
    run = subprocess.run([shell, file], env=environment, capture_output=True, timeout=20, check=False)
    return run.returncode


NEVER_FAILS = [script for code, script in SCRIPTS if code in {"KA130", "KA132"}]
BY_MYSQL = [s for s in SOUND_SCRIPTS if s[2:].startswith(("/bin/sh", "/bin/bash")) and "ip a" not in s]


@pytest.mark.parametrize("script", NEVER_FAILS)
def test_a_real_shell_ends_with_0_where_it_is_said_that_a_script_never_fails(
    script: str, tmp_path: Path
) -> None:
    assert _status(script, tmp_path, works=False) == 0


@pytest.mark.parametrize("script", BY_MYSQL)
def test_a_real_shell_fails_where_mysqld_does_not_answer_a_sound_script(script: str, tmp_path: Path) -> None:
    assert _status(script, tmp_path, works=False) != 0
