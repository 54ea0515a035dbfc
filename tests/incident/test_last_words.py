"""A log that simply ends: what a node was by its last word holds until another one takes over."""

from __future__ import annotations

from pathlib import Path

from hatlab.incident.brought import find_files
from hatlab.incident.recording import import_incident
from hatlab.incident.sources import find_zone
from hatlab.incident.story import tell_story
from hatlab.incident.story_text import to_text
from hatlab.state.model import LabState
from hatlab.state.steps import derive_steps

ENDS = """\
Nov 12 01:00:00 db1 Keepalived_vrrp[812]: (VI_1) Entering BACKUP STATE (init)
Nov 12 01:00:03 db1 Keepalived_vrrp[812]: (VI_1) Entering MASTER STATE
Nov 12 01:00:03 db1 Keepalived_vrrp[812]: (VI_1) setting VIPs.
"""
GOES_ON = ENDS + "Nov 12 03:20:00 db1 Keepalived_vrrp[812]: Reloading ...\n"
TAKES_OVER = """\
Nov 12 01:00:01 db2 Keepalived_vrrp[790]: (VI_1) Entering BACKUP STATE (init)
Nov 12 03:12:04 db2 Keepalived_vrrp[790]: (VI_1) Entering MASTER STATE
Nov 12 03:12:04 db2 Keepalived_vrrp[790]: (VI_1) setting VIPs.
"""


def imported(tmp_path: Path, first: str, second: str = TAKES_OVER) -> tuple[LabState, str]:
    """The state at the end, and the story."""
    for node, text in (("db1", first), ("db2", second)):
        (tmp_path / node).mkdir()
        (tmp_path / node / "messages").write_text(text)
    files = find_files([str(tmp_path / "db1"), str(tmp_path / "db2")])
    events = list(import_incident(files, zone=find_zone("UTC")).events)
    *_, last = derive_steps(events)
    return last.after, " ".join(to_text(tell_story(events)).split())


def test_a_master_of_which_nothing_more_is_told_is_unknown_from_the_takeover_on(tmp_path: Path) -> None:
    state, story = imported(tmp_path, ENDS)
    assert state.nodes["db1"].instances["VI_1"].reported == "UNKNOWN"
    (address,) = state.owned
    assert state.owners(address) == {"db2"}
    assert address in state.nodes["db1"].unknown_addresses
    assert "split brain" not in story
    assert "The log of db1 says nothing more." in story
    assert "By its own log db1 had been Master since 01:00:03" in story


def test_a_master_that_speaks_later_was_one_meanwhile(tmp_path: Path) -> None:
    state, _ = imported(tmp_path, GOES_ON)
    (address,) = state.owned
    assert state.owners(address) == {"db1", "db2"}


def test_a_master_that_nobody_relieves_stays_one(tmp_path: Path) -> None:
    state, _ = imported(tmp_path, ENDS, TAKES_OVER.splitlines(keepends=True)[0])
    assert state.nodes["db1"].instances["VI_1"].reported == "MASTER"
