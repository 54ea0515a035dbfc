"""FAULT at a start follows from the failed check's line where keepalived tells nothing of it."""

from __future__ import annotations

from typing import Any

from hatlab.engine.docker.silent_faults import SilentFaults

CONF = """
vrrp_script chk { script "/usr/bin/false" }
vrrp_script light { script "/usr/bin/false"
    weight -5 }
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    track_script { chk
        light }
}
"""


def log(text: str) -> dict[str, Any]:
    return {"kind": "log", "t": 1.5, "service": "keepalived", "text": text}


def states(faults: SilentFaults, *facts: dict[str, Any]) -> list[tuple[str, str]]:
    completed = faults.complete("db1", [{"kind": "conf", "t": 1.0, "text": CONF}, *facts])
    return [(fact["instance"], fact["state"]) for fact in completed if fact["kind"] == "vrrp"]


def test_a_check_that_fails_at_once_means_fault() -> None:
    failed = log("VRRP_Script(chk) failed (exited with status 2)")
    assert states(SilentFaults(), log("Script `chk` now returning 2"), failed, failed) == [("VI_1", "FAULT")]


def test_a_weight_means_no_fault() -> None:
    assert states(SilentFaults(), log("VRRP_Script(light) failed (exited with status 1)")) == []


def test_the_line_that_tracks_a_check_may_give_it_a_weight() -> None:
    conf = CONF.replace("track_script { chk\n", "track_script { chk weight -5\n")
    facts = [{"kind": "conf", "t": 1.0, "text": conf}, log("VRRP_Script(chk) failed (exited with status 1)")]
    assert SilentFaults().complete("db1", facts) == facts


def test_a_state_that_keepalived_told_is_not_told_twice() -> None:
    backup = {"kind": "vrrp", "t": 1.2, "instance": "VI_1", "state": "BACKUP", "priority": None}
    failed = log("VRRP_Script(chk) timed_out")
    assert states(SilentFaults(), backup, failed) == [("VI_1", "BACKUP")]
    restarted = {"kind": "process", "t": 2.0, "service": "keepalived", "state": "down"}
    assert states(SilentFaults(), backup, restarted, failed) == [("VI_1", "BACKUP"), ("VI_1", "FAULT")]
