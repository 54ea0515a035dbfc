"""Why nothing follows: the explanation of a failover that does not come."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hatlab import events as e
from hatlab.actions import parse
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.state.derive import condition_detail
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.sessions import all_events, running_session

CHECK = {"interval": 1, "timeout": 1, "fall": 1, "rise": 1}


def whys_after_killing_mysqld(members: Mapping[str, object], weight: int) -> list[e.Why]:
    data = load_topology("two-node").model_dump(mode="json")
    data["instances"]["VI_1"]["members"] = members
    data["checks"] = {"mysql": {**CHECK, "weight": weight}}
    engine = SimulatorEngine("two-node", Topology.model_validate(data), paced=False)
    with running_session(engine) as session:
        engine.run_until(engine.now() + 2)
        began = engine.now()
        session.act(parse("kill mysqld db1", engine.layout))
        engine.run_until(engine.now() + 10)
        events = all_events(session)
    return [w for w in events if isinstance(w, e.Why) and w.node == "db1" and w.at > began]


def test_a_weight_that_is_too_small_leaves_the_master_master() -> None:
    (why,) = whys_after_killing_mysqld({"db1": 103, "db2": 100}, -2)
    assert (why.from_, why.to) == ("MASTER", "MASTER")
    assert why.cause == "its priority fell to 101, still above the 100 of db2"
    assert why.arithmetic == "101 > 100"
    assert why.line.endswith("weight -2")


def test_nopreempt_leaves_the_master_master() -> None:
    members = {"db1": 103, "db2": {"priority": 100, "nopreempt": True}}
    (why,) = whys_after_killing_mysqld(members, -20)
    assert why.cause == "db2 has nopreempt"
    assert why.arithmetic == "83 < 100"


def test_a_failover_that_comes_is_not_denied() -> None:
    whys = whys_after_killing_mysqld({"db1": 103, "db2": 100}, -20)
    assert [(why.from_, why.to) for why in whys] == [("MASTER", "BACKUP")]


@pytest.mark.parametrize("state", ["kill", "freeze"])
def test_without_a_check_nobody_notices(state: str) -> None:
    data = load_topology("two-node").model_dump(mode="json")
    data["instances"]["VI_1"]["checks"] = []
    engine = SimulatorEngine("two-node", Topology.model_validate(data), paced=False)
    with running_session(engine) as session:
        session.act(parse(f"{state} mysqld db2", engine.layout))
        session.act(parse(f"{state} mysqld db1", engine.layout))
        whys = [w for w in all_events(session) if isinstance(w, e.Why) and w.from_ == w.to]
    assert [(w.node, w.cause) for w in whys] == [("db1", "nothing checks mysqld")]


def test_a_check_that_keepalived_left_out_is_why_no_failover_follows() -> None:
    conf = CONF.format(script="/etc/keepalived/missing.sh")
    data = load_topology("two-node").model_dump(mode="json")
    for name in ("db1", "db2"):
        data["nodes"][name]["conf"] = conf
    engine = SimulatorEngine("two-node", Topology.model_validate(data), paced=False)
    with running_session(engine) as session:
        left_out = condition_detail(session.state, "check_left_out")
        (master,) = (n.name for n in session.state.nodes.values() if n.instances["VI_1"].reported == "MASTER")
        session.act(parse(f"kill mysqld {master}", engine.layout))
        engine.run_until(engine.now() + 10)
        whys = [w for w in all_events(session) if isinstance(w, e.Why) and w.from_ == w.to]
    assert left_out.startswith("keepalived on db1 and db2 left out the check chk")
    assert [w.cause for w in whys] == ["check chk was left out, so nothing checks mysqld"]
    assert "not found/accessible" in whys[0].text


def test_a_script_that_is_not_executable_is_why_no_failover_follows() -> None:
    data = load_topology("two-node").model_dump(mode="json")
    for name in ("db1", "db2"):
        data["nodes"][name]["conf"] = CONF.format(script="/opt/ha/check.sh now")
        data["nodes"][name]["files"] = {"/opt/ha/check.sh": {"content": "#!/bin/sh\n", "mode": "0644"}}
    engine = SimulatorEngine("two-node", Topology.model_validate(data), paced=False)
    with running_session(engine) as session:
        left_out = condition_detail(session.state, "check_left_out")
        (master,) = (n.name for n in session.state.nodes.values() if n.instances["VI_1"].reported == "MASTER")
        session.act(parse(f"kill mysqld {master}", engine.layout))
        whys = [w for w in all_events(session) if isinstance(w, e.Why) and w.from_ == w.to]
    assert left_out.startswith("keepalived on db1 and db2 left out the check chk")
    assert [w.cause for w in whys] == ["check chk was left out, so nothing checks mysqld"]
    assert "is not executable" in whys[0].text


CONF = """
global_defs {{
    script_user root
}}
vrrp_script chk {{
    script "{script}"
    interval 1
}}
vrrp_instance VI_1 {{
    interface heartbeat
    virtual_router_id 51
    priority 100
    virtual_ipaddress {{
        lan.100 dev lan
    }}
    track_script {{
        chk
    }}
}}
"""


def test_a_weight_in_a_sync_group_is_why_no_failover_follows() -> None:
    data = load_topology("two-node").model_dump(mode="json")
    data["checks"] = {"mysql": {**CHECK, "weight": -20}}
    second = {**data["instances"]["VI_1"], "vrid": 52, "addresses": {"lan": [101]}}
    data["instances"]["VI_2"] = second
    data["sync_groups"] = {"G": ["VI_1", "VI_2"]}
    engine = SimulatorEngine("two-node", Topology.model_validate(data), paced=False)
    with running_session(engine) as session:
        session.act(parse("kill mysqld db1", engine.layout))
        engine.run_until(engine.now() + 10)
        whys = [w for w in all_events(session) if isinstance(w, e.Why) and w.from_ == w.to]
    assert {w.cause for w in whys} == {"check mysql has a weight, which does not count in a sync group"}
