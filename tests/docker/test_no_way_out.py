"""Attacks from inside a node: it reaches nothing but its lab, whatever its root does."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from hatlab.engine.docker.connection import connect
from hatlab.engine.docker.image.name import choose_image
from hatlab.engine.docker.labels import LAB
from hatlab.engine.docker.networks import BRIDGE_OPTIONS, NetworksInWork, plan_networks, remove_networks
from hatlab.engine.docker.parallel import in_parallel
from hatlab.engine.docker.switch import Switch
from hatlab.events import Advert, Log
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from tests.docker.watched import Watched
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.newest_docker]
PROGRAM = Path(__file__).with_name("attacker.py").read_text(encoding="utf-8")
ETH_P_ALL = 3
_VIRTUAL_MAC = """
vrrp_instance VI_1 {{
    state BACKUP
    interface heartbeat
    virtual_router_id 51
    priority {priority}
    advert_int 1
    use_vmac
    virtual_ipaddress {{
        lan.100/24 dev lan
    }}
}}
"""


class Machine:
    """Listens on this machine, on every address, to all that its protocols take in and that it sends on."""

    def __init__(self, token: bytes) -> None:
        self.token = token
        self.heard: list[str] = []
        self._ended = False
        self.server = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port: int = self.server.getsockname()[1]
        self._sockets = {"TCP": self.server}
        for family, name in ((socket.AF_INET, "IPv4"), (socket.AF_INET6, "IPv6")):
            for protocol in ("UDP", "TCP", "ICMP" if name == "IPv4" else "ICMPV6"):
                number = getattr(socket, f"IPPROTO_{protocol}")
                self._sockets[f"{protocol} over {name}"] = socket.socket(family, socket.SOCK_RAW, number)
            bound = socket.socket(family, socket.SOCK_DGRAM)
            if name == "IPv6":
                bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            bound.bind(("", self.port))
            self._sockets[f"a service on UDP over {name}"] = bound
        for device in self.uplinks():
            link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            link.bind((device, ETH_P_ALL))
            self._sockets[f"the outside by {device}"] = link
        for name, sock in self._sockets.items():
            sock.settimeout(0.3)
            threading.Thread(target=self._listen, args=(name, sock), daemon=True).start()

    def _listen(self, name: str, sock: socket.socket) -> None:
        while not self._ended:
            with contextlib.suppress(TimeoutError):
                try:
                    if sock is self.server:
                        self.heard.append(f"TCP from {sock.accept()[1]}")
                    elif self.token in sock.recv(65536):
                        self.heard.append(name)
                except TimeoutError:
                    raise
                except OSError:
                    return

    def close(self) -> None:
        self._ended = True
        for sock in self._sockets.values():
            sock.close()

    @staticmethod
    def uplinks() -> list[str]:
        """The machine's own interfaces: what a bridge's ports send to the outside would pass one of them."""
        names = (name for _, name in socket.if_nameindex())
        return [name for name in names if not name.startswith(("lo", "br-", "veth", "docker"))]


def machine_addresses() -> tuple[list[str], list[str], list[str]]:
    """The IPv4 addresses, the IPv6 addresses and the MACs of this machine, bridges included."""
    output = subprocess.run(["ip", "-j", "addr"], capture_output=True, text=True, check=True).stdout
    links = json.loads(output)
    addresses = [info for link in links for info in link["addr_info"]]
    four = [info["local"] for info in addresses if info["family"] == "inet"]
    six = [info["local"] for info in addresses if info["family"] == "inet6" and info["local"] != "::1"]
    macs = [link["address"] for link in links if not link["ifname"].startswith(("lo", "veth", "ifb"))]
    return sorted(set(four)), sorted(set(six)), sorted(set(macs))


@pytest.fixture(scope="module")
def client(docker_ready: None) -> Iterator[Any]:
    if os.geteuid() != 0 or not os.environ.get("DOCKER_HOST", "unix:").startswith("unix:"):
        pytest.skip("listening to all that this machine takes in needs root, and the engine on it")
    client = connect()
    yield client
    client.close()


@pytest.fixture(scope="module")
def walled(docker_ready: None) -> Iterator[Watched]:
    """A lab on ordinary bridges."""
    data = load_topology("two-node").model_dump(mode="json", exclude_defaults=True)
    for name, priority in (("db1", 150), ("db2", 100)):
        data["nodes"][name]["conf"] = _VIRTUAL_MAC.format(priority=priority)
    lab = Watched(Topology.model_validate(data))
    lab.start()
    yield lab
    lab.engine.stop()


@pytest.fixture
def machine(client: Any) -> Iterator[Machine]:
    machine = Machine(secrets.token_hex(8).encode())
    yield machine
    machine.close()


def attack(
    client: Any, container: str, machine: Machine, gateways: list[str], sources: list[str]
) -> list[str]:
    """Run the attacker in a container; return what answered it."""
    four, six, macs = machine_addresses()
    outside = ["198.51.100.7", socket.inet_ntoa(struct.pack("!I", _default_gateway()))]
    order = {
        "token": machine.token.decode(),
        "port": machine.port,
        "macs": macs,
        "ipv4": [*four, *outside, "255.255.255.255", "224.0.0.251"],
        "ipv6": [*six, "ff02::1", "ff02::fb"],
        "sources": [*sources, "127.0.0.1", "10.1.2.3", four[-1], "fe80::1", "fd00::99"],
        "gateways": gateways,
    }
    run = client.api.exec_create(container, ["python3", "-c", PROGRAM, json.dumps(order)])["Id"]
    output = client.api.exec_start(run).decode()
    assert client.api.exec_inspect(run)["ExitCode"] == 0, output
    reached: list[str] = json.loads(output)
    return reached


def _default_gateway() -> int:
    for line in Path("/proc/net/route").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1] == "00000000":
            return int.from_bytes(bytes.fromhex(fields[2]), "little")
    return 0xC0000201


def first_addresses(client: Any, lab: str) -> list[str]:
    """The addresses that a gateway of the lab's networks would have."""
    networks = client.api.networks(filters={"label": f"{LAB}={lab}"})
    return sorted(network["IPAM"]["Config"][0]["Gateway"] for network in networks)


def test_a_node_reaches_nothing_of_the_machine_nor_beyond(
    client: Any, running: Watched, machine: Machine
) -> None:
    lab = running.engine
    own = [lab.layout.address("db1", network) for network in lab.layout.networks_of("db1")]
    gateways = first_addresses(client, lab.lab)
    assert attack(client, lab.containers["db1"], machine, gateways, own) == []
    assert machine.heard == []


@pytest.mark.parametrize("attacked", ["at first", "after its wall was killed", "once it is off and on again"])
def test_nor_from_ordinary_bridges_behind_a_wall(
    client: Any, walled: Watched, machine: Machine, attacked: str
) -> None:
    """With use_vmac, which a macvlan refuses; the adverts pass."""
    lab = walled.engine
    wall = f"hatlab-{lab.lab}.wall"
    if attacked == "after its wall was killed":
        client.api.kill(wall)
    if attacked != "at first":
        walled.do("power off db2")
        walled.do("power on db2")
    own = [lab.layout.address("db2", network) for network in lab.layout.networks_of("db2")]
    assert attack(client, lab.containers["db2"], machine, first_addresses(client, lab.lab), own) == []
    assert machine.heard == []
    assert not [event.text for event in walled.all(Log) if "this machine" in event.text]
    began = lab.now()
    walled.wait(Advert, began, node="db2", direction="received")


def test_the_same_attack_reaches_much_from_an_ordinary_bridge(client: Any, machine: Machine) -> None:
    """The listeners would have heard it."""
    lab = f"plain-{secrets.token_hex(2)}"
    network = client.api.create_network(
        f"hatlab-{lab}", driver="bridge", options=dict(BRIDGE_OPTIONS), labels={LAB: lab}
    )["Id"]
    container = client.containers.run(
        choose_image(client),
        ["60"],
        entrypoint="/bin/sleep",
        network=f"hatlab-{lab}",
        cap_add=["NET_ADMIN"],
        labels={LAB: lab},
        detach=True,
    )
    try:
        container.reload()
        (endpoint,) = container.attrs["NetworkSettings"]["Networks"].values()
        attack(client, container.id, machine, first_addresses(client, lab), [endpoint["IPAddress"]])
        wait_until(lambda: any("service on UDP over IPv6" in heard for heard in machine.heard), 5)
        assert any("TCP over" in heard for heard in machine.heard)
        assert any("service on UDP over IPv4" in heard for heard in machine.heard)
    finally:
        container.remove(force=True)
        client.api.remove_network(network)


def test_the_machine_reaches_no_node_and_has_no_address_among_them(client: Any, running: Watched) -> None:
    four, _, _ = machine_addresses()
    subnets = running.engine.layout.subnets.values()
    assert not [each for each in map(IPv4Address, four) if any(each in subnet for subnet in subnets)]


def test_a_lab_reaches_no_other_lab(client: Any, running: Watched, machine: Machine) -> None:
    """A node of a network beside it hears nothing, whatever its addresses are."""
    lab = running.engine
    other = f"beside-{secrets.token_hex(2)}"
    plan = next(plan_networks(client, "two-node", lab.layout.topology, isolated=True))
    in_parallel(NetworksInWork(client, other, plan).make, plan.layout.network_names)
    switch = Switch(client, other, plan.layout, choose_image(client), "")
    listen = (
        "import socket,sys;s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW,socket.htons(3));"
        "print('listening',flush=True);t=sys.argv[1].encode()\n"
        "while True:\n f=s.recv(65536)\n if t in f: print('heard',f[:40].hex(),flush=True)"
    )
    container = client.containers.run(
        choose_image(client),
        ["-c", listen, machine.token.decode()],
        entrypoint="python3",
        network=f"hatlab-{other}-lan",
        cap_add=["NET_RAW"],
        labels={LAB: other},
        detach=True,
    )
    try:
        wait_until(lambda: b"listening" in container.logs(), 10)
        container.reload()
        (endpoint,) = container.attrs["NetworkSettings"]["Networks"].values()
        address, mac = endpoint["IPAddress"], endpoint["MacAddress"]
        order = {
            "token": machine.token.decode(),
            "port": machine.port,
            "macs": [mac],
            "ipv4": [address],
            "ipv6": ["ff02::1"],
            "sources": [address, "127.0.0.1", "fe80::1"],
            "gateways": [address],
        }
        run = client.api.exec_create(lab.containers["db1"], ["python3", "-c", PROGRAM, json.dumps(order)])[
            "Id"
        ]
        assert json.loads(client.api.exec_start(run)) == []
        assert b"heard" not in container.logs()
    finally:
        switch.close()
        client.api.remove_container(container.id, force=True)
        client.api.remove_container(f"hatlab-{other}.switch", force=True)
        remove_networks(client, other)


def test_limits_of_a_node(client: Any, running: Watched) -> None:
    host = client.api.inspect_container(running.engine.containers["db1"])["HostConfig"]
    assert host["CpuQuota"] == host["CpuPeriod"] > 0
    assert host["MemorySwap"] == host["Memory"] > 0
    assert host["LogConfig"]["Type"] == "none"
    run = client.api.exec_create(
        running.engine.containers["db2"],
        [
            "bash",
            "-c",
            "ulimit -f unlimited; head -c 1100M /dev/zero > /root/big; stat -c %s /root/big; rm /root/big",
        ],
    )["Id"]
    output = client.api.exec_start(run).decode()
    assert str(2**30) in output.split(), output
