"""What `hatlab check` says that a stranger's topology or lesson may do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hatlab.lessons.library.loader import lesson_files
from hatlab.topology.library import topology_names
from hatlab.util.files import shipped_folder
from tests.support.command_line import CommandLine
from tests.support.lesson_texts import LESSON
from tests.topology.test_file import GOOD

STRANGE = """\
version: 1
title: strange
networks: [lan]
nodes:
  db1:
    octet: 11
    conf: |
      include more.conf
      vrrp_instance VI_1 {
          interface lan
          virtual_router_id 51
          virtual_ipaddress {
              lan.100/24
          }
          notify_master "/usr/bin/sh -c 'mail me'"
      }
    files:
      /etc/keepalived/more.conf: "vrrp_script c {\\n script /opt/check\\n}\\n"
      /opt/check: "#!/bin/sh"
  db2: 12
sql:
  db2: [SELECT 2, SELECT 3]
faults: [kill mysqld db2]
"""


def _lab(folder: Path, text: str = STRANGE) -> Path:
    file = folder / "strange.yaml"
    file.write_text(text)
    return file


def test_a_topology_s_programs_files_and_size_are_told(tmp_path: Path, hatlab: CommandLine) -> None:
    """What an included file of the node names, too."""
    file = _lab(tmp_path)
    out = " ".join(hatlab("check", file).out.split())
    assert "has 2 nodes, with at most 1.6 GB of memory and 2 processors together." in out
    assert (
        "As root in its nodes, and nowhere else, it runs /opt/check and /usr/bin/sh -c mail me (db1)." in out
    )
    assert "On their disks it writes /etc/keepalived/more.conf and /opt/check (db1)." in out
    assert "In its lab it uses kill." in out
    assert "Its MySQL runs 2 SQL statements" in out
    assert "its nodes reach nothing but each other" in out
    (told,) = json.loads(hatlab("check", "--json", file).out)["files"]
    assert told["may"] == {
        "topology": "",
        "nodes": 2,
        "clients": 0,
        "memory": 2 * 768 * 2**20,
        "processors": 2,
        "programs": {"db1": ["/opt/check", "/usr/bin/sh -c mail me"]},
        "files": {"db1": ["/etc/keepalived/more.conf", "/opt/check"]},
        "statements": 2,
        "actions": ["kill"],
        "edits": [],
        "isolated": True,
        "recording": "",
    }


def test_a_weaker_network_is_told(tmp_path: Path, hatlab: CommandLine) -> None:
    file = _lab(tmp_path, STRANGE.replace("interface lan", "interface lan\n          use_vmac"))
    out = " ".join(hatlab("check", file).out.split())
    assert "root in them can send frames to this machine" in out
    assert "nothing but each other" not in out


def test_a_lesson_s_own_doings_are_told_with_those_of_its_lab(tmp_path: Path, hatlab: CommandLine) -> None:
    _lab(tmp_path)
    file = tmp_path / "small.md"
    edit = "solution: [{edit: db1, drop: [include]}, kill mysqld db1]"
    lesson = LESSON.replace("topology: two-node", "topology: ./strange.yaml")
    file.write_text(
        lesson.replace("solution: kill mysqld db1", edit).replace("outage client", "takeover db2")
    )
    (told,) = json.loads(hatlab("check", "--json", file, code=None).out)["files"]
    assert told["may"]["topology"] == "strange"
    assert told["may"]["edits"] == ["db1"]
    assert {"kill", "stop"} <= set(told["may"]["actions"])
    assert told["may"]["programs"] == {"db1": ["/opt/check", "/usr/bin/sh -c mail me"]}
    out = " ".join(hatlab("check", file, code=None).out.split())
    assert "its lab, strange, has 2 nodes" in out
    assert "It changes keepalived.conf on db1" in out


def test_only_what_is_named_itself_gets_the_paragraph(tmp_path: Path, hatlab: CommandLine) -> None:
    file = _lab(tmp_path, GOOD)
    assert "What it may do:" in hatlab("check", file).out
    assert "What it may do:" not in hatlab("check", tmp_path).out
    assert "What it may do:" not in hatlab("check", "--quiet", file).out
    assert "What it may do:" not in hatlab("check", _lab(tmp_path, GOOD + "nonsense: 1\n"), code=1).out


def test_whatever_ships_can_be_described(hatlab: CommandLine) -> None:
    """No shipped file brings a program of its own but the blog's, which is not even there."""
    files = [shipped_folder("topologies") / f"{name}.yaml" for name in topology_names()] + lesson_files()
    told = json.loads(hatlab("check", "--json", *files).out)["files"]
    assert all(each["may"]["isolated"] for each in told)
    assert {p for each in told for ps in each["may"]["programs"].values() for p in ps} == {
        "/home/shell/closekeepalived.sh"
    }


@pytest.mark.parametrize("way", ["up", "absolute", "link"])
def test_a_lesson_names_no_topology_outside_of_its_folder(
    way: str, tmp_path: Path, hatlab: CommandLine
) -> None:
    course = tmp_path / "course"
    course.mkdir()
    own = _lab(tmp_path, GOOD)
    (course / "link.yaml").symlink_to(own)
    named = {"up": "../strange.yaml", "absolute": str(own), "link": "./link.yaml"}[way]
    lesson = course / "small.md"
    lesson.write_text(LESSON.replace("topology: two-node", f"topology: {named}"))
    out = hatlab("check", lesson, code=1).out
    assert "lies outside of the lesson's folder" in out
    assert "put it beside the lesson" in hatlab("learn", lesson, "--engine", "sim", code=2).err


def test_a_lesson_over_a_recording_runs_nothing(hatlab: CommandLine) -> None:
    told = hatlab("check", "lessons/17-your-own-incident.md").out
    assert "It plays incident.jsonl, a recording that comes with it. Nothing runs." in told
    assert "processors" not in told
