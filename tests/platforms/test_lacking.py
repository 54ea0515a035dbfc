"""All but Docker works where Python has no more than on macOS or Windows, and no message speaks Python."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from hatlab.commands import COMMANDS
from tests.support.story import story, write_recording

ROOT = Path(__file__).parents[2]
CONF = """vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        198.18.0.100
    }
}
"""
LOG = "Nov 29 03:12:21 node-a Keepalived_vrrp[71]: (VI_1) Entering MASTER STATE\n"
WORKS = [
    "start --engine sim --headless --for 0 --record made.jsonl",
    "start --engine sim --json --for 0",
    "replay made.jsonl --headless",
    "replay run.jsonl --json",
    "learn one-server",
    "verify one-server --engine sim",
    "export run.jsonl --to html",
    "export run.jsonl --to pcapng",
    "export run.jsonl --to cast",
    "import node-a=a.conf node-a=a.log --tz UTC",
    "explain incident.jsonl",
    "compare run.jsonl run.jsonl",
    "reproduce run.jsonl -o again",
    "check a.conf",
    "check --explain KA106",
    "topology-from a.conf",
    "topologies",
    "conf two-node db1",
    "compose two-node",
    "schema topology",
    "new topology mine",
    "new incident night",
    "check mine.yaml",
    "lessons",
    "lessons --export mine.json",
    "lessons --import mine.json",
    "drill --list",
    "drill --table",
    "drill --next",
    "glossary skew",
    "image tag",
    "help events",
    "completion bash",
    "config",
    "extensions",
    "man --roff",
]
"""What must work. `learn` ends at once, as nobody types."""
LACKS = {
    "doctor": "no Docker engine answers",
    "down": "no Docker engine answers",
    "status": "",
    "do kill mysqld db1": "",
    "capture -w x.pcapng": "",
    "shell db1": "a shell needs a terminal",
    "image build": "no Docker engine answers",
    "uninstall --dry-run": "no Docker engine answers",
    "grade run.jsonl": "",
}
"""What cannot work there → what is said on both systems."""
NO_SOCKETS = "this system has no Unix sockets"
_PYTHON = re.compile(
    r"Traceback|has no attribute|\bmodule '|'\w+' object|NoneType|No module named|\b[A-Z]\w+Error\b|\bErrno\b"
    r"|unexpected went wrong|this is a bug"
)
"""What Python says, and no person."""


def _run(platform: str, lines: list[str], folder: Path, **variables: str) -> dict[str, dict[str, Any]]:
    """Run command lines in one process that lacks what the platform does; return what each said."""
    write_recording(folder / "run.jsonl", story(44.0))
    (folder / "a.conf").write_text(CONF)
    (folder / "a.log").write_text(LOG)
    (folder / "lines.json").write_text(json.dumps([line.split() for line in lines]))
    with tempfile.TemporaryDirectory(prefix="hl") as state:
        environ = {
            **os.environ,
            **{"XDG_STATE_HOME": state, "XDG_CONFIG_HOME": state, "DOCKER_HOST": "tcp://127.0.0.1:1"},
            **{
                "PYTHONPATH": str(ROOT),
                **variables,
                "PYTHONTZPATH": "" if platform == "windows" else "/usr/share/zoneinfo",
            },
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.platforms.lacking", platform, "lines.json"],
            cwd=folder,
            env=environ,
            input=b"",
            capture_output=True,
            check=False,
        )
    assert done.stderr == b""
    told = done.stdout[done.stdout.index(b'{"arguments"') :].splitlines()  # behind what a screen drew
    return {" ".join(said["arguments"]): said for said in map(json.loads, told)}


@pytest.mark.parametrize("platform", ["windows", "macos"])
def test_all_but_docker_works(platform: str, tmp_path: Path) -> None:
    works = WORKS if platform == "windows" else WORKS[:6]  # macOS lacks little
    told = _run(platform, works + list(LACKS), tmp_path)
    assert list(told) == works + list(LACKS)
    words = {line: _PYTHON.findall(said["out"] + said["err"]) for line, said in told.items()}
    spoken = {line: found for line, found in words.items() if found}
    assert spoken == {}
    assert {line: told[line] for line in works if told[line]["code"] not in {0, 1}} == {}
    failed = {line for line in works if told[line]["code"] == 1}
    assert failed <= {
        "reproduce run.jsonl -o again",
    }  # a difference; a drill not solved
    for line, expected in LACKS.items():
        assert expected in told[line]["out"] + told[line]["err"], line
    for line in ("doctor", "status", "do kill mysqld db1", "capture -w x.pcapng"):
        said = told[line]["out"] + told[line]["err"]
        assert (NO_SOCKETS in said) == (platform == "windows"), line


def test_the_screen_works(tmp_path: Path) -> None:
    """It is drawn until the lab is ready, by the web driver: this machine has none of Windows."""
    driver = "textual.drivers.web_driver:WebDriver"
    command = "start --engine sim --for 0"
    told = _run("windows", [command], tmp_path, TEXTUAL_DRIVER=driver)[command]
    assert told["code"] == 0
    assert _PYTHON.findall(told["out"] + told["err"]) == []


def test_no_command_is_left_out() -> None:
    tried = {line.split()[0] for line in (*WORKS, *LACKS)}
    assert {*COMMANDS} - tried <= {"class"}  # a class needs Linux, and says so
