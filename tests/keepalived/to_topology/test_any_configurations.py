"""Random configurations of several nodes become a topology without errors, which a simulated lab can run."""

from __future__ import annotations

import random

import pytest

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.errors import UserError
from hatlab.keepalived.diagnose.conf import ScriptFile
from hatlab.keepalived.to_topology.convert import NodeInput, topology_from
from hatlab.session import Session
from hatlab.topology.file import parse_topology

DEVICES = ("eth0", "eth1", "ens18", "bond0.100", "lan", "")
SUBNETS = ("192.0.2", "198.51.100", "10.1.2")
OCTETS = (1, 2, 11, 11, 12, 50, 50, 100, 100, 101, 254, 255)
ODD_ADDRESSES = ("2001:db8::100", "2001:db8::abcd", "fe80::1", "nonsense", "192.0.2.300")
OPTIONS = (
    *("nopreempt", "accept", "use_vmac", "version 3", "native_ipv6", "advert_int 0.5", "preempt_delay 3"),
    *(
        "unicast_src_ip 192.0.2.11",
        "unicast_src_ip 10.1.2.12",
        "garp_master_refresh 30",
        "dont_track_primary",
    ),
)
LISTS = {"virtual_ipaddress": 0.95, "virtual_ipaddress_excluded": 0.15, "unicast_peer": 0.4}
BEHIND = ("", "/24", "/24", "/32", "/16", " dev eth1", "/24 dev lo", "/24 label eth0:1", "/33")
COMMANDS = (
    "/usr/bin/mysql -e 'SELECT 1'",
    "/usr/bin/mysql -h127.0.0.1 -uroot -pX -e 'SELECT 1'",
    "/etc/keepalived/check.sh 192.0.2.100",
    "/usr/lib/x/y.sh",
    "/opt/mysql/bin/mysqladmin ping",
)
SCRIPTS = {
    "/etc/keepalived/check.sh": ScriptFile("#!/bin/sh\nip addr show eth0 | grep -q 192.0.2.100\n", 0o755),
    "/usr/lib/x/y.sh": ScriptFile("#!/bin/sh\n \nexit 1", 0o644),
    "/run/odd name": ScriptFile("\r\n\tx\x00", None),
}


def _address(rng: random.Random) -> str:
    if rng.random() < 0.1:
        return rng.choice(ODD_ADDRESSES)
    return f"{rng.choice(SUBNETS)}.{rng.choice(OCTETS)}"


def _instance(rng: random.Random, number: int) -> str:
    name = rng.choice(("VI_1", "VI_1", f"VI_{number}", "VI.x", "1", ""))
    lines = [f"vrrp_instance {name} {{"]
    lines += [f"interface {rng.choice(DEVICES)}"] * (rng.random() < 0.95)
    lines += [f"virtual_router_id {rng.choice((51, 51, 52, 0, 300))}"] * (rng.random() < 0.95)
    lines += [f"priority {rng.choice((90, 100, 150, 255, 300))}", f"state {rng.choice(('MASTER', 'backup'))}"]
    lines += [option for option in OPTIONS if rng.random() < 0.15]
    for keyword, chance in LISTS.items():
        if rng.random() < chance:
            behind = ("",) if keyword == "unicast_peer" else BEHIND
            entries = [_address(rng) + rng.choice(behind) for _ in range(rng.randrange(4))]
            lines += [f"{keyword} {{", *entries, "}"]
    lines += ["track_interface {", f"{rng.choice(DEVICES[:4])} weight -2", "}"] * (rng.random() < 0.3)
    lines += ["track_script {", "chk", "}"] * (rng.random() < 0.3)
    route = f"10.0.0.0/8 via {_address(rng)} dev eth0"
    lines += ["virtual_routes {", route, "}"] * (rng.random() < 0.2)
    return "\n".join([*lines, "}"])


def _configuration(rng: random.Random) -> str:
    script = f'script "{rng.choice(COMMANDS)}"\ninterval {rng.randrange(3)}'
    parts = [_instance(rng, number) for number in range(1, rng.choice((2, 2, 3, 4)))]
    parts += [f"vrrp_script chk {{\n{script}\n}}"] * (rng.random() < 0.5)
    parts += ["vrrp_sync_group G {\ngroup {\nVI_1\nVI_2\n}\n}"] * (rng.random() < 0.2)
    parts += ["global_defs {\nenable_script_security\n}"] * (rng.random() < 0.5)
    rng.shuffle(parts)
    return "\n".join(parts) + "\n"


def _inputs(seed: int) -> list[NodeInput]:
    rng = random.Random(seed)
    count = rng.choice((1, 2, 2, 3))
    nodes = [NodeInput(f"n{k}", _configuration(rng), SCRIPTS, ["/x"]) for k in range(count)]
    plain = NodeInput("first", "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\n}\n")
    return [*nodes, plain] if rng.random() < 0.3 else nodes


def _made(seed: int) -> str:
    """The topology of a seed; empty if a file of it has no instance, which is said."""
    try:
        return topology_from(_inputs(seed)).text
    except UserError as error:
        if "there is no vrrp_instance in it" in error.message:
            return ""
        raise AssertionError(f"seed {seed}") from error
    except Exception as error:
        raise AssertionError(f"seed {seed}") from error


@pytest.mark.parametrize("start", range(0, 600, 60))
def test_any_configurations_are_a_topology_without_errors(start: int) -> None:
    for seed in range(start, start + 60):
        if text := _made(seed):
            findings = parse_topology(text.encode()).findings
            assert [f for f in findings if f.severity == "error"] == [], (seed, text)


@pytest.mark.parametrize("seed", range(0, 400, 20))
def test_a_simulated_lab_of_any_configurations_starts(seed: int) -> None:
    text = _made(seed)
    topology = parse_topology(text.encode()).topology
    if topology is None:
        assert text == ""
        return
    session = Session(SimulatorEngine("lab", topology, paced=False))
    try:
        session.start()
    finally:
        session.stop()
