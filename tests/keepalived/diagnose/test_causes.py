"""What operators bring: the true cause is told first, and of a sound pair nothing is said."""

from __future__ import annotations

import pytest

from hatlab.keepalived.diagnose import ScriptFile, by_cause, diagnose_config

HEAD = "global_defs {\n    router_id LVS_DEVEL\n    script_user root\n    enable_script_security\n}\n"


def _conf(
    script: str,
    *lines: str,
    state: str = "BACKUP",
    priority: int = 100,
    vip: str = "192.0.2.100/24",
    settings: str = "interval 2",
    entry: str = "chk",
    head: str = HEAD,
    name: str = "VI_1",
    vrid: int = 51,
) -> str:
    """A member as tutorials write it; more lines of its instance behind."""
    inside = "".join(f"    {line}\n" for line in lines)
    return (
        f"! Configuration File for keepalived\n{head}"
        f"vrrp_script chk {{\n    script {script}\n    {settings}\n}}\n"
        f"vrrp_instance {name} {{\n    state {state}\n    interface eth0\n    virtual_router_id {vrid}\n"
        f"    priority {priority}\n    advert_int 1\n{inside}"
        f"    authentication {{\n        auth_type PASS\n        auth_pass 1111\n    }}\n"
        f"    virtual_ipaddress {{\n        {vip}\n    }}\n    track_script {{\n        {entry}\n    }}\n}}\n"
    )


def _pair(script: str, *lines: str, **settings: str) -> tuple[str, str]:
    """Two members with the same lines: 150 and 100."""
    first = _conf(script, *lines, priority=150, **settings)  # type: ignore[arg-type]
    return first, _conf(script, *lines, priority=100, **settings)  # type: ignore[arg-type]


ASK = "\"/usr/bin/mysql --defaults-file=/etc/my.cnf -e 'SELECT 1'\""
FILE = '"/etc/keepalived/check_mysql.sh"'
FAST = "interval 2\n    fall 2\n    rise 2"


def _unicast(source: str, *peers: str) -> tuple[str, str]:
    listed = "\n".join(peers)
    return f"unicast_src_ip {source}", f"unicast_peer {{\n{listed}\n    }}"


SH = "#!/bin/sh\n"
BASH = "#!/bin/bash\n"
CASES: list[tuple[str, str, tuple[str, str], str]] = [
    # what a line does
    ("the port is closed, the address stays", "KA120", _pair('"/usr/bin/ss -ltn | grep -q 3306"'), ""),
    ("FAULT although mysqld is up", "KA120", _pair('"/usr/bin/mysqladmin ping > /dev/null 2>&1"'), ""),
    ("never any failover", "KA122", _pair('"/usr/bin/sh -c mysqladmin ping"'), ""),
    ("never any failover", "KA126", _pair("/usr/bin/systemctl is-active mysqld"), ""),
    ("FAULT on Debian, fine on CentOS", "KA123", _pair('"</dev/tcp/127.0.0.1/3306"'), ""),
    ("it never runs", "KA124", _pair('"check_mysql.sh"'), ""),
    ("it never runs", "KA124", _pair('"[[ -f /run/mysqld/mysqld.pid ]]"'), ""),
    ("it ends before the argument", "KA127", _pair('"/usr/bin/mysql -e "SELECT 1""'), ""),
    ("it runs by hand", "KA120", _pair('"/usr/bin/kill -0 `cat /run/mysqld/mysqld.pid`"'), ""),
    ("it runs by hand", "KA120", _pair('"~/check.sh"'), ""),
    ("nothing ever fails", "KA136", _pair('"/usr/bin/killall -0 keepalived"'), ""),
    ("works in the shell", "KA103", _pair('"/bin/systemctl is-active mysql"'), ""),
    # what a script does
    ("prints 1, still MASTER", "KA130", _pair(FILE), f"{SH}mysqladmin ping && echo 0 || echo 1\n"),
    ("detects it, still MASTER", "KA130", _pair(FILE), f"{BASH}mysql -e 'select 1' || RC=1\nexit 0\n"),
    (
        "logs it, still MASTER",
        "KA130",
        _pair(FILE),
        f"{BASH}nc -z localhost 3306\nif [ $? -ne 0 ]; then\n  logger 'mysql down'\nfi\n",
    ),
    ("never fails", "KA132", _pair(FILE), f"{SH}mysqladmin ping | tee -a /var/log/c.log || exit 1\n"),
    ("never fails", "KA133", _pair(FILE), f"{SH}[ `ps aux|grep mysqld|wc -l` -gt 0 ] || exit 1\n"),
    ("never runs", "KA106", _pair(FILE), "mysqladmin ping || exit 1\n"),
    ("edited on Windows", "KA106", _pair(FILE), f"{SH}mysqladmin ping\nexit $?\n".replace("\n", "\r\n")),
    ("fails always", "KA131", _pair(FILE), f"{SH}if mysqladmin ping; then\n  exit 0\nelse\n  exit 1\n"),
    ("fails always on Ubuntu", "KA145", _pair(FILE), f"{SH}[[ $(mysqladmin ping) ]] || exit 1\n"),
    (
        "keepalived is never stopped",
        "KA148",
        _pair(FILE),
        f"{SH}mysqladmin ping && exit 0\nsleep 5\nmysqladmin ping || exit 1\n",
    ),
    ("nobody becomes MASTER", "KA135", _pair(FILE), f"{SH}mysql -h192.0.2.100 -e 'select 1' || exit 1\n"),
    ("logins hang, the address stays", "KA112", _pair('"/usr/bin/pidof mysqld"'), ""),
    ("logins hang, the address stays", "KA112", _pair(FILE), f"{SH}systemctl -q is-active mysql\n"),
    ("logins hang, the address stays", "KA112", _pair(FILE), f"{SH}ss -ltn | grep -q :3306\n"),
    # notify
    ("the backup is in FAULT", "KA140", _pair(ASK, 'notify_backup "/usr/bin/systemctl stop mysql"'), ""),
    ("the backup is in FAULT", "KA140", _pair(ASK, 'notify_backup "/usr/bin/pkill -9 mysqld"'), ""),
    (
        "the new master refuses writes",
        "KA141",
        _pair(ASK, "notify_master \"/usr/bin/mysql -e 'set global super_read_only=off'\""),
        "",
    ),
    ("notify is ignored", "KA126", _pair(ASK, "notify_master /etc/keepalived/notify.sh MASTER"), ""),
    ("notify is ignored", "KA005", _pair(ASK, "notify_slave /etc/keepalived/notify.sh"), ""),
    # members together
    (
        "both hold the address",
        "KA321",
        (
            _conf(ASK, *_unicast("192.0.2.11"), priority=150),
            _conf(ASK, *_unicast("192.0.2.12", "192.0.2.11")),
        ),
        "",
    ),
    (
        "warnings each second",
        "KA320",
        (
            _conf(ASK, *_unicast("192.0.2.11", "192.0.2.11", "192.0.2.12"), priority=150),
            _conf(ASK, *_unicast("192.0.2.12", "192.0.2.11", "192.0.2.12")),
        ),
        "",
    ),
    (
        "both hold the address",
        "KA311",
        (
            _conf(ASK, *_unicast("192.0.2.11", "192.0.2.21"), priority=150),
            _conf(ASK, *_unicast("192.0.2.12", "192.0.2.11")),
        ),
        "",
    ),
    (
        "both hold the address",
        "KA310",
        (_conf(ASK, *_unicast("192.0.2.11", "192.0.2.12"), priority=150), _conf(ASK)),
        "",
    ),
    (
        "one cluster's address is nowhere",
        "KA330",
        (_conf(ASK, priority=150), _conf(ASK, name="VI_DB", vip="192.0.2.200")),
        "",
    ),
    ("both hold the address", "KA301", (_conf(ASK, priority=150), _conf(ASK, vrid=52)), ""),
    ("no ping, no login", "KA250", _pair(ASK, "strict_mode"), ""),
    ("no ping, no login", "KA250", _pair(ASK, "no_accept"), ""),
    # weights and nopreempt
    ("mysqld stops, nothing moves", "KA308", _pair(ASK, settings="interval 2\n    weight -20"), ""),
    ("mysqld stops, nothing moves", "KA308", _pair(ASK, entry="chk weight 10"), ""),
    ("mysqld stops, nothing moves", "KA309", _pair(ASK, "nopreempt", entry="chk weight -60"), ""),
    ("it moves back at once", "KA313", (_conf(ASK, "nopreempt"), _conf(ASK, priority=150)), ""),
    ("it moves back at once", "KA205", _pair(ASK, "nopreempt", state="MASTER"), ""),
    (
        "a cable is pulled, nothing moves",
        "KA308",
        _pair(ASK, "track_interface {\n        eth1 weight -5\n    }"),
        "",
    ),
    # scripts that keepalived removes
    ("nothing is checked", "KA101", _pair(ASK, head=HEAD.replace("    script_user root\n", "")), ""),
    ("nothing is checked", "KA129", _pair('"/home/dba/check"'), ""),
    ("nothing is checked", "KA105", (_conf(ASK, priority=150).replace("        chk\n", ""), _conf(ASK)), ""),
    ("nothing is checked", "KA104", _pair(ASK, entry="chk_mysql"), ""),
    ("half a minute until it moves", "KA114", _pair(ASK, settings="interval 2\n    timeout 15"), ""),
]


def _first(files: tuple[str, str], script: str) -> list[str]:
    """The codes of both files that are no notes, those of the first file first."""
    scripts = {"check_mysql.sh": ScriptFile(script, 0o755)} if script else {}
    found = [*diagnose_config(*files, scripts=scripts), *diagnose_config(*reversed(files), scripts=scripts)]
    return [each.code for each in by_cause(found) if each.severity != "note"]


@pytest.mark.parametrize(("report", "cause", "files", "script"), CASES)
def test_the_true_cause_is_first(report: str, cause: str, files: tuple[str, str], script: str) -> None:
    assert _first(files, script)[:1] == [cause], report


SOUND: list[tuple[str, tuple[str, str], str]] = [
    ("mysql with a defaults file", _pair(ASK, settings=FAST), ""),
    ("mysqladmin", _pair('"/usr/bin/mysqladmin ping"'), ""),
    ("a process, not mysqld", _pair('"/usr/bin/killall -0 haproxy"', entry="chk weight -60"), ""),
    ("a shell with a pipe", _pair("\"/usr/bin/bash -c 'mysqladmin status | grep -q Uptime'\""), ""),
    ("clustercheck", _pair('"/usr/bin/clustercheck"', settings="interval 5\n    timeout 5"), ""),
    ("curl", _pair('"/usr/bin/curl -sf --max-time 1 http://127.0.0.1:8404/health?a=1&b=2"'), ""),
    ("nopreempt on both", _pair(ASK, "nopreempt"), ""),
    ("nopreempt and a preempt_delay elsewhere", (_conf(ASK, "nopreempt", priority=150), _conf(ASK)), ""),
    (
        "unicast",
        (
            _conf(ASK, *_unicast("192.0.2.11", "192.0.2.12"), priority=150),
            _conf(ASK, *_unicast("192.0.2.12", "192.0.2.11")),
        ),
        "",
    ),
    (
        "unicast without sources",
        (
            _conf(ASK, "unicast_peer {\n        192.0.2.12\n    }", priority=150),
            _conf(ASK, "unicast_peer {\n        192.0.2.11\n    }"),
        ),
        "",
    ),
    (
        "notify scripts",
        _pair(ASK, 'notify "/usr/local/bin/notify.sh"', 'notify_master "/usr/bin/logger M" root'),
        "",
    ),
    (
        "read_only by notify",
        _pair(
            ASK,
            "notify_master \"/usr/bin/mysql -e 'set global read_only=0'\"",
            "notify_backup \"/usr/bin/mysql -e 'set global super_read_only=1'\"",
        ),
        "",
    ),
    ("a tracked interface", _pair(ASK, "track_interface {\n        eth1\n    }"), ""),
    (
        "a script that tries again",
        _pair(FILE, settings="interval 5\n    timeout 4"),
        f"{BASH}for i in 1 2 3; do\n  mysql -e 'select 1' && exit 0\n  sleep 1\ndone\nexit 1\n",
    ),
    (
        "a script with a function",
        _pair(FILE),
        f'{BASH}fail() {{\n  logger -t check "$1"\n  exit 1\n}}\n'
        "mysql -Ne 'select 1' | grep -q 1 || fail down\n",
    ),
    (
        "replication is asked too",
        _pair(FILE),
        f"{BASH}lag=$(mysql -e 'show replica status\\G' | awk '/Seconds_Behind/ {{print $2}}')\n"
        'if [ -z "$lag" ] || [ "$lag" = NULL ]; then\n  exit 1\nfi\n[ "$lag" -lt 30 ]\n',
    ),
    (
        "a status in a variable",
        _pair(FILE),
        f"{SH}MYSQL_OK=1\nmysql --connect-timeout=2 -e 'select 1' >/dev/null 2>&1 || MYSQL_OK=0\n"
        'case "$MYSQL_OK" in\n  1) exit 0 ;;\n  *) exit 1 ;;\nesac\n',
    ),
    (
        "only where the address is",
        _pair(FILE),
        f"{SH}ip addr show eth0 | grep -q 192.0.2.100/ || exit 0\ntimeout 2 mysql -e 'select 1'\n",
    ),
    ("python", _pair(FILE), "#!/usr/bin/env python3\nimport sys\nsys.exit(0)\n"),
]


@pytest.mark.parametrize(("what", "files", "script"), SOUND)
def test_of_a_sound_pair_nothing_is_said(what: str, files: tuple[str, str], script: str) -> None:
    assert _first(files, script) == [], what


def test_of_addresses_that_were_lost_the_cause_comes_first() -> None:
    text = _conf(ASK, vip="$VIP", head="$VIP = 192.0.2.100/24\n" + HEAD)
    codes = [found.code for found in by_cause(diagnose_config(text))]
    assert codes[:3] == ["KA009", "KA215", "KA204"]


def test_a_priority_that_keepalived_draws_is_not_compared() -> None:
    drawn = _conf(ASK).replace("priority 100", "priority ${_RANDOM 90 200}")
    assert "KA307" not in {found.code for found in diagnose_config(drawn, drawn)}


def test_members_with_and_without_ah_do_not_hear_each_other() -> None:
    first, second = _pair(ASK)
    found = diagnose_config(first.replace("PASS", "AH"), second)
    (passwords,) = (each for each in found if each.code == "KA302")
    assert "neither node hears the other" in passwords.effect
