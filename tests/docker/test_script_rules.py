"""What check says of a script is what keepalived does with it: a vrrp_script for each case."""

from __future__ import annotations

import re

import pytest

from hatlab.keepalived.diagnose import ScriptFile, diagnose_config
from tests.docker.daemon import run_keepalived

pytestmark = pytest.mark.docker

FAILING = "#!/bin/sh\nexit 1\n"
FILES = {
    "/etc/keepalived/no_shebang.sh": "exit 1\n",
    "/etc/keepalived/blank_line.sh": f"\n{FAILING}",
    "/etc/keepalived/windows.sh": FAILING.replace("\n", "\r\n"),
    "/etc/keepalived/mark.sh": f"\ufeff{FAILING}",
    "/etc/keepalived/not_executable.sh": FAILING,
    "/etc/keepalived/open.sh": FAILING,
    "/home/op/check.sh": FAILING,
    "/etc/keepalived/echo.sh": "#!/bin/sh\nif false; then echo 0; else echo 1; fi\n",
    "/etc/keepalived/tee.sh": "#!/bin/sh\nif false | tee /dev/null; then exit 0; fi\nexit 1\n",
    "/etc/keepalived/grep.sh": "#!/bin/sh\nif [ $(ps -ef | grep nosuch | wc -l) -eq 0 ]; then exit 1; fi\n",
    "/etc/keepalived/check_nosuch.sh": "#!/bin/sh\nps -ef | grep nosuch | grep -qv grep || exit 1\n",
    "/etc/keepalived/find_nosuch.sh": "#!/bin/sh\npgrep -f nosuch > /dev/null || exit 1\n",
    "/etc/keepalived/bash.sh": "#!/bin/sh\nif [[ 1 == 1 ]]; then exit 0; fi\nexit 1\n",
    "/etc/keepalived/unread.sh": "#!/bin/sh\nif true; then exit 0\n",
    "/etc/keepalived/slow.sh": "#!/bin/sh\nsleep 3\nexit 0\n",
    "/etc/keepalived/fine.sh": "#!/bin/sh\nexit 0\n",
    "/etc/keepalived/fails.sh": FAILING,
}
MODES = {"not_executable.sh": 0o644, "open.sh": 0o757}

CASES: list[tuple[str, str, str]] = [
    ("", "\"/usr/bin/bash -c 'test -e /etc/passwd'\"", "succeeded"),
    ("", '"/etc/keepalived/fails.sh"', "failed"),
    ("", "\"/usr/bin/bash -c 'exit 1'\"", "failed"),
    ("", "'/usr/bin/bash -c \"cat /etc/passwd | grep -q root && test 1\"'", "succeeded"),
    ("KA103", '"/bin/false"', "removed"),
    ("KA106", '"/etc/keepalived/no_shebang.sh"', "succeeded"),
    ("KA106", '"/etc/keepalived/blank_line.sh"', "succeeded"),
    ("KA106", '"/etc/keepalived/windows.sh"', "succeeded"),
    ("KA106", '"/etc/keepalived/mark.sh"', "succeeded"),
    ("KA108", '"/etc/keepalived/not_executable.sh"', "removed"),
    ("KA108", '"/etc/keepalived/open.sh"', "removed"),
    ("KA120", '"/usr/bin/pgrep keepalived | /usr/bin/grep -q ."', "failed"),
    ("KA120", '"/usr/bin/test -e /etc/passwd && /usr/bin/true"', "failed"),
    ("KA120", '"/usr/bin/kill -0 $(cat /run/keepalived.pid)"', "failed"),
    ("KA121", '"/etc/keepalived/fine.sh > /dev/null 2>&1"', "succeeded"),
    ("KA122", '"/usr/bin/bash -c exit 1"', "succeeded"),
    ("KA123", '"</dev/tcp/127.0.0.1/3306"', "failed"),
    ("KA123", '"< /etc/passwd"', "removed"),
    ("KA124", '"./fine.sh"', "removed"),
    ("KA124", '"fine.sh"', "removed"),
    ("KA124", '"exit 1"', "removed"),
    ("KA124", '"! /usr/bin/false"', "removed"),
    ("KA125", '"test -e /etc/passwd"', "succeeded"),
    ("KA126", "/usr/bin/bash -c 'exit 1'", "succeeded"),
    ("KA127", '"/usr/bin/bash -c "exit 1""', "succeeded"),
    ("KA127", '"/usr/bin/bash -c \'exit 0"', "removed"),
    ("KA129", '"/home/op/check.sh"', "removed"),
    ("KA130", '"/etc/keepalived/echo.sh"', "succeeded"),
    ("KA131", '"/etc/keepalived/unread.sh"', "failed"),
    ("KA132", '"/etc/keepalived/tee.sh"', "succeeded"),
    ("KA133", '"/etc/keepalived/grep.sh"', "succeeded"),
    ("KA133", '"/etc/keepalived/check_nosuch.sh"', "succeeded"),
    ("KA133", '"/etc/keepalived/find_nosuch.sh"', "succeeded"),
    ("KA136", '"/usr/bin/killall -0 keepalived"', "succeeded"),
    ("KA145", '"/etc/keepalived/bash.sh"', "failed"),
    ("KA148", '"/etc/keepalived/slow.sh"', "failed"),
]
GLOBAL = "global_defs {\n    script_user root\n    enable_script_security\n}\n"
INSTANCE = """\
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    priority 150
    virtual_ipaddress {{
        192.0.2.100/24
    }}
    track_script {{
{names}    }}
}}
"""


def _conf(lines: dict[str, str], head: str = GLOBAL) -> str:
    scripts = "".join(
        f"vrrp_script {n} {{\n    script {line}\n    interval 1\n}}\n" for n, line in lines.items()
    )
    return head + scripts + INSTANCE.format(names="".join(f"        {name}\n" for name in lines))


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    """What the daemon says of each script: name → succeeded, failed or removed."""
    lines = {f"c{number}": line for number, (_, line, _) in enumerate(CASES)}
    files = {path: (text, _mode(path)) for path, text in FILES.items()}
    output = run_keepalived(_conf(lines), files, 5)
    return {name: _outcome(output, name) for name in lines}


def _mode(path: str) -> int:
    return MODES.get(path.rpartition("/")[2], 0o755)


def _outcome(output: str, name: str) -> str:
    found = re.findall(rf"VRRP_Script\({name}\) (succeeded|failed|timed)", output)
    return {"": "removed", "timed": "failed"}.get(found[0] if found else "", found[0] if found else "removed")


@pytest.mark.parametrize(("code", "line", "outcome"), CASES)
def test_keepalived_does_what_check_says(
    outcomes: dict[str, str], code: str, line: str, outcome: str
) -> None:
    name = f"c{CASES.index((code, line, outcome))}"
    assert outcomes[name] == outcome
    scripts = {path: ScriptFile(text.encode().decode("latin-1"), _mode(path)) for path, text in FILES.items()}
    found = [f for f in diagnose_config(_conf({name: line}), scripts=scripts) if f.code[:3] == "KA1"]
    assert {code} - {""} <= {f.code for f in found}
    assert all(f.reported == (outcome == "removed") for f in found if f.code not in {"KA108", "KA113"})
    assert code or not found
