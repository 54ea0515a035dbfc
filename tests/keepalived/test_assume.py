"""What a lab lacks of a script's programs is told by name; what a check would find may be assumed."""

from __future__ import annotations

import pytest

from hatlab.keepalived import read_scripts
from hatlab.keepalived.assume import assume_checks
from hatlab.keepalived.lab_programs import missing_in_lab

DOCKER_ONLY = "which only a node on Docker has, not a simulated one"
CURE = "if you know what it would do, start the lab with --assume chk=ok, fail or mysqld"


def conf(line: str) -> str:
    return f"vrrp_script chk {{\n    script {line} # why\n    interval 2\n}}\n"


@pytest.mark.parametrize("line", ['"/opt/x.sh a b"', "/opt/x.sh", '"/opt/x.sh" extra', "", '""'])
def test_only_the_command_of_the_check_is_replaced(line: str) -> None:
    text = assume_checks(conf(line) + conf("/opt/y.sh").replace("chk", "other"), {"chk": "ok"})
    scripts = read_scripts(text)
    assert scripts["chk"].command == "/usr/bin/true"
    assert scripts["other"].command == "/opt/y.sh"
    assert text.count("interval 2") == 2


def test_a_check_without_a_command_gets_one() -> None:
    text = assume_checks("vrrp_script chk {\n    interval 2\n}\n", {"chk": "mysqld"})
    assert read_scripts(text)["chk"].command == "/usr/bin/mysql --user=root --silent --execute 'SELECT 1'"


@pytest.mark.parametrize(
    ("line", "script", "told"),
    [
        ("/usr/bin/pidof mysqld", "", []),
        ("/usr/local/bin/clustercheck", "", ["runs /usr/local/bin/clustercheck, which is not in this lab"]),
        ("/opt/nope.sh", "", ["runs /opt/nope.sh, which is not in this lab"]),
        (
            "/opt/x.sh",
            "#!/bin/bash\nS=$(mysql -nNe \"SHOW STATUS LIKE 'wsrep_local_state'\" | tail -1)\n[ $S = 4 ]\n",
            ["asks mysqld for wsrep_local_state, which only Galera has"],
        ),
        (
            "/opt/x.sh",
            "#!/bin/bash\nredis-cli ping | grep -q PONG\n",
            ["runs redis-cli, which is not in this lab"],
        ),
        ("/opt/x.sh", "#!/bin/bash\nM=/usr/bin/mysql\n$M -e 'select 1'\nf() { true; }\nf\n", []),
        (
            "/opt/x.sh",
            "#!/bin/sh\nR=/opt/redis/cli\n$R ping\n",
            ["runs /opt/redis/cli, which is not in this lab"],
        ),
        (
            "/opt/x.sh",
            "#!/bin/bash\nU=ha\nmysql -h 127.0.0.1 -u$U -psecret -e 'select 1'\n",
            ["logs in to mysqld as ha over TCP, a user that a lab's mysqld does not know there"],
        ),
        ("/opt/x.sh", "#!/bin/bash\nmysql -uha -psecret -e 'select 1'\n", []),
        (
            "/opt/x.sh",
            "#!/bin/bash\nmysqladmin -h127.0.0.1 -uroot -psecret ping\n",
            ["logs in to mysqld over TCP with a password, but a lab's users have none"],
        ),
        (
            "/opt/x.sh",
            "#!/usr/bin/python3\n",
            [f"runs /opt/x.sh, a script for python3, {DOCKER_ONLY}"],
        ),
        (
            "/opt/x.sh",
            "#!/bin/sh\ntrue\nx=(a b)\n",
            ["runs /opt/x.sh, which a simulated node's shell can read only up to line 3"],
        ),
        ("/opt/x.sh", "#!/usr/bin/php\n", ["runs /opt/x.sh, a script for php, which is not in this lab"]),
        ("\"/usr/bin/bash -c 'etcdctl get x'\"", "", ["runs etcdctl, which is not in this lab"]),
        ('"</dev/tcp/127.0.0.1/3306"', "", []),
    ],
)
def test_what_a_lab_lacks_is_told_by_name(line: str, script: str, told: list[str]) -> None:
    files = {"/opt/x.sh": script} if script else {}
    assert missing_in_lab(conf(line), files, simulated=True) == [f"the check chk {t}: {CURE}" for t in told]


def test_on_docker_the_same_words_but_for_what_its_nodes_have() -> None:
    files = {"/opt/x.sh": "#!/bin/bash\nfind / | perl -ne 1\nredis-cli ping\n"}
    text = conf("/opt/x.sh") + "vrrp_instance V {\n    notify_master /opt/m.sh\n}\n"
    assert missing_in_lab(text, files, simulated=False) == [
        f"the check chk runs redis-cli, which is not in this lab: {CURE}",
        "the notify_master of an instance runs /opt/m.sh, which is not in this lab: leave it out",
    ]


def test_a_file_is_found_without_its_folder() -> None:
    files = {
        "/usr/local/bin/check.sh": "#!/bin/sh\nmore.sh\n",
        "/usr/local/bin/more.sh": "#!/bin/sh\nexit 0\n",
    }
    assert missing_in_lab(conf("check.sh"), files, simulated=True) == []
