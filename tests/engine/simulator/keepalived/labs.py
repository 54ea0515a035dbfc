"""Two-node labs with changes to their virtual routers."""

from __future__ import annotations

import json
from typing import Any

import yaml

from hatlab import events as e
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.support.simulated_lab import SimLab

TWO_NODE = load_topology("two-node")


def lab_with(
    members: dict[str, dict[str, Any]] | None = None, check: dict[str, int] | None = None, **instance: Any
) -> SimLab:
    """A two-node lab with changes to VI_1, its members and its check."""
    data = TWO_NODE.model_dump(mode="json")
    part = data["instances"]["VI_1"]
    part.update(instance)
    for node, changes in (members or {}).items():
        part["members"][node].update(changes)
    data["checks"]["mysql"].update(check or {})
    return SimLab(Topology.model_validate(data))


SECOND = {"network": "lan", "vrid": 52, "members": {"db1": 150, "db2": 100}, "addresses": {"lan": [101]}}


def grouped_lab(**second: Any) -> SimLab:
    """VI_1 with its check and VI_2 without one, in a sync group."""
    data = TWO_NODE.model_dump(mode="json")
    data["instances"]["VI_2"] = SECOND | second
    data["sync_groups"] = {"VG_1": ["VI_1", "VI_2"]}
    return SimLab(Topology.model_validate(data))


PASSWORD = "authentication {{\n auth_type {}\n auth_pass {}\n}}"
VIP = "virtual_ipaddress {\n lan.100/24\n}"


def conf(priority: int, inside: str = "", *, globals_: str = "", addresses: str = VIP) -> str:
    """A keepalived.conf of one instance on the network `lan`."""
    basic = f"state BACKUP\ninterface lan\nvirtual_router_id 51\npriority {priority}\nadvert_int 1"
    first = f"global_defs {{\nrouter_id R\nvrrp_garp_master_refresh 0\n{globals_}\n}}\n"
    return f"{first}vrrp_instance VI_1 {{\n{basic}\n{inside}\n{addresses}\n}}\n"


def conf_pair(db1: str, db2: str, *, seed: int = 0) -> SimLab:
    """db1 and db2 with configurations of their own on one network, and a client of lan.100."""
    return SimLab(
        Topology.model_validate(
            {
                "version": 1,
                "title": "two configurations",
                "networks": ["lan", "back"],
                "nodes": {"db1": {"octet": 11, "conf": db1}, "db2": {"octet": 12, "conf": db2}},
                "instances": {
                    "VI_1": {
                        "network": "lan",
                        "vrid": 51,
                        "members": {"db1": 150, "db2": 100},
                        "addresses": {"lan": [100]},
                    }
                },
                "clients": {"client": {"network": "lan", "octet": 50, "target": "VI_1"}},
                "replication": {"kind": "none"},
            }
        ),
        seed=seed,
    )


PAIR = """
version: 1
title: A pair with settings of its own
networks: [lan, heartbeat, back]
nodes:
  db1: {{octet: 11, conf: {first}}}
  db2: {{octet: 12, conf: {second}}}
instances:
  VI_1:
    network: heartbeat
    vrid: 51
    auth_pass: hatlab
    members: {{db1: 150, db2: 100}}
    addresses: {{lan: [100]}}
"""
CONF = """\
{before}
vrrp_instance VI_1 {{
    state BACKUP
    interface heartbeat
    virtual_router_id 51
    priority {priority}
    advert_int 1
    authentication {{
        auth_type PASS
        auth_pass {password}
    }}
    virtual_ipaddress {{
        lan.100/24 dev lan
    }}
{inside}
}}
"""


def pair_with(
    first: str = "",
    second: str = "",
    *,
    before: str = "",
    passwords: tuple[str, str] = ("hatlab", "hatlab"),
    priorities: tuple[int, int] = (150, 100),
    run: float = 6.0,
) -> SimLab:
    """Two nodes with settings of their own in VI_1 and `before` it on both, after some seconds."""
    confs = [
        json.dumps(CONF.format(before=before, inside=inside, password=password, priority=priority))
        for inside, password, priority in zip((first, second), passwords, priorities, strict=True)
    ]
    lab = SimLab(Topology.model_validate(yaml.safe_load(PAIR.format(first=confs[0], second=confs[1]))))
    lab.run(run)
    return lab


def adverts_of(lab: SimLab, node: str, since: float) -> list[tuple[float, int | None]]:
    """(seconds after `since`, priority) of what a node sent."""
    sent = [a for a in lab.events if isinstance(a, e.Advert) and a.direction == "sent" and a.node == node]
    return [(round(a.at - since, 3), a.priority) for a in sent if a.at >= since]
