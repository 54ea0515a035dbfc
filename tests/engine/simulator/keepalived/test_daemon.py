"""The process: its start, its child, its end."""

from __future__ import annotations

import pytest

from hatlab import events as e
from tests.support.simulated_lab import SimLab


def test_a_startup_delay_comes_before_the_master_down_interval(lab: SimLab) -> None:
    lab.edit_conf("db1", "global_defs {", "global_defs {\n    vrrp_startup_delay 5")
    lab.do("stop keepalived db1")
    began = lab.now
    lab.do("start keepalived db1", wait=12)
    states = lab.vrrp_changes("db1", began)
    assert states[0][1] == "BACKUP"
    assert states[1][1] == "MASTER"
    assert states[1][0] - 0.02 == pytest.approx(5 + 3.414, abs=0.05)


def test_it_says_once_what_of_its_configuration_it_does_not_model(lab: SimLab) -> None:
    routes = "    virtual_routes {\n        192.168.9.0/24 via 198.18.0.1\n    }\n    advert_int"
    lab.edit_conf("db1", "    advert_int", routes)
    lab.do("stop keepalived db1")
    lab.do("start keepalived db1", wait=3)
    notes = [event for event in lab.events if isinstance(event, e.Log) and event.service == "hatlab"]
    said = "the simulator does not model `virtual_routes`: there, no route or rule is set"
    assert [(note.node, note.text) for note in notes] == [("db1", said)]


def test_a_respawned_child_takes_what_its_parent_read(lab: SimLab) -> None:
    text = lab.state.nodes["db1"].conf
    lab.do("edit db1 my.conf", text.replace("priority 150", "priority 90"))
    lab.engine.world.nodes["db1"].keepalived.kill_child()
    lab.run(6)
    assert lab.owners() == {"db1"}
    lab.do("reload db1", wait=6)
    assert lab.owners() == {"db2"}


def test_a_virtual_server_without_ip_vs_ends_all_of_keepalived(lab: SimLab) -> None:
    at = lab.now
    real = "real_server 1.0.0.4 3306 {\n TCP_CHECK {\n }\n }\n"
    servers = f"virtual_server 1.0.0.3 3306 {{\n lb_kind DR\n {real}}}\n"
    lab.edit_conf("db1", "vrrp_instance", servers + "vrrp_instance")
    assert lab.engine.check("db1", lab.state.nodes["db1"].conf) == [], "keepalived -t does not ask the kernel"
    lab.run(0.5)
    assert lab.owners() == set()
    lab.do("reload db1")  # only a child is left, which ends
    lab.run(2)
    assert lab.owners() == {"db2"}
    assert [t for t in lab.logs("db1", at) if "ipvs" in t or "exited" in t or "service" in t] == [
        "Initializing ipvs",
        "IPVS: Can't initialize ipvs: No such file or directory",
        "Shutting down service [1.0.0.4]:tcp:3306 from VS [1.0.0.3]:tcp:3306",
        next(t for t in lab.logs("db1", at) if t.endswith("exited with permanent error FATAL. Terminating")),
    ]
    processes = [
        (p.state, p.reason)
        for p in lab.events
        if isinstance(p, e.Process) and (p.node, p.service) == ("db1", "keepalived") and p.at > at
    ]
    assert processes == [("down", "exit 1"), ("up", ""), ("down", "exit 0")]


def test_a_backup_that_ends_is_not_told_as_a_master_that_is_gone(lab: SimLab) -> None:
    at = lab.now
    lab.do("kill keepalived db2", wait=1)
    lab.do("power off db2", wait=1)
    (killed,) = (o for o in lab.events if isinstance(o, e.Why) and o.at >= at and o.node == "db2")
    assert killed.text.endswith("It was no Master, so it had nothing to send.")
    assert killed.rule == "VRRP: only a Master sends adverts, so no node waits for this one"


@pytest.mark.parametrize(
    ("act", "told"), [("stop", "is stopping cleanly"), ("kill", "without sending priority 0")]
)
def test_without_a_notify_line_the_wire_tells_how_it_ended(act: str, told: str, lab: SimLab) -> None:
    conf = lab.state.nodes["db1"].conf
    lab.do("edit db1 keepalived.conf", "\n".join(x for x in conf.split("\n") if "vrrp_notify" not in x))
    lab.do("stop keepalived db1")
    lab.do("start keepalived db1", wait=8)
    assert lab.reported("db1") == "MASTER"
    at = lab.now
    lab.do(f"{act} keepalived db1", wait=3)
    (why,) = (o for o in lab.events if isinstance(o, e.Why) and o.at >= at and o.node == "db1")
    assert (why.to, told in why.text) == ("STOPPED", True)
