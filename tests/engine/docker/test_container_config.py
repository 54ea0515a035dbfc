"""What each container is told, and what it may do."""

from __future__ import annotations

from hatlab.engine.docker.container_config import (
    all_settings,
    client_settings,
    endpoint_addresses,
    environment,
    host_config,
    node_settings,
)
from hatlab.topology import Layout
from hatlab.topology.library import load_topology
from tests.support.topologies import with_files

LAYOUT = Layout.numbered("two-node", load_topology("two-node"))


def test_settings_of_a_server_and_a_client() -> None:
    settings = node_settings(LAYOUT, "db2")
    numbers = {"server_id": 12, "increment": 2, "offset": 2}
    assert settings["mysql"] == {**numbers, "source": "198.18.1.11", "fenced": False}
    assert settings["networks"] == {"lan": "198.18.0.0/24", "heartbeat": "198.18.1.0/24"}
    assert client_settings(LAYOUT, "client")["target"] == "198.18.0.100"
    assert environment(settings) == {"HATLAB_NODE": settings}


def test_files_of_a_node_have_a_variable_of_their_own() -> None:
    script = "#!/bin/sh\nping -c 1 -I @lan@ lan.12\n"
    topology = with_files(load_topology("two-node"), "db1", {"/opt/check.sh": script, "/opt/list": "lan.1"})
    layout = Layout.numbered("two-node", topology)
    settings = node_settings(layout, "db1")
    variables = environment(settings)
    assert "files" not in variables["HATLAB_NODE"]
    assert variables["HATLAB_FILES"] == {
        "/opt/check.sh": {"mode": 0o755, "content": "#!/bin/sh\nping -c 1 -I @lan@ 198.18.0.12\n"},
        "/opt/list": {"mode": 0o644, "content": "198.18.0.1"},
    }
    assert environment(node_settings(layout, "db2")).keys() == {"HATLAB_NODE"}


def test_settings_of_routers_and_hosts() -> None:
    layout = Layout.numbered("gateway", load_topology("gateway"))
    (r1, _, server), (client,) = all_settings(layout)
    assert (r1["role"], r1["mysql"], r1["routes"]) == ("node", None, {})
    assert (server["role"], server["hold"], server["conf"]) == ("host", False, "")
    assert server["routes"] == {"198.18.0.0/24": "198.18.1.100"}
    assert client["routes"] == {"198.18.1.0/24": "198.18.0.100"}
    assert (client["ping"], client["writes"]) == ({"host": "server", "address": "198.18.1.20"}, 0)
    forwards = {n: host_config(layout, n)["Sysctls"]["net.ipv4.ip_forward"] for n in ("r1", "server")}
    assert forwards == {"r1": "1", "server": "0"}


def test_where_ipv6_is_spoken_a_container_is_told_its_addresses() -> None:
    layout = Layout.numbered("ipv6", load_topology("ipv6"))
    own = {"lan": "fd00:198:18::11/64", "heartbeat": "fd00:198:18:1::11/64"}
    assert node_settings(layout, "db1")["ipv6"] == own
    client = client_settings(layout, "client")
    assert (client["ipv6"], client["target"]) == ({"lan": "fd00:198:18::50/64"}, "fd00:198:18::100")
    assert endpoint_addresses(layout, "db1", "lan") == {
        "ipv4_address": "198.18.0.11",
        "ipv6_address": "fd00:198:18::11",
    }
    assert host_config(layout, "db1")["Sysctls"]["net.ipv6.conf.all.forwarding"] == "0"


def test_where_it_is_not_nothing_of_it_is_said() -> None:
    assert "ipv6" not in node_settings(LAYOUT, "db1")
    assert endpoint_addresses(LAYOUT, "db1", "lan") == {"ipv4_address": "198.18.0.11"}
    assert host_config(LAYOUT, "db1")["Sysctls"] == {"net.ipv4.ip_forward": "0"}
