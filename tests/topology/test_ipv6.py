"""A topology that speaks IPv6: which networks do, and what everything is called there."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab.actions import parse
from hatlab.errors import ActionError
from hatlab.keepalived.localize import localize_config
from hatlab.topology import Layout, Topology
from hatlab.topology.library import load_topology


@pytest.fixture
def layout() -> Layout:
    return Layout.numbered("ipv6", load_topology("ipv6"), 7)


def two_node(**changes: Any) -> Topology:
    data = load_topology("two-node").model_dump(mode="json")
    return Topology.model_validate({**data, **changes})


def test_each_machine_has_an_address_with_the_same_digits(layout: Layout) -> None:
    assert str(layout.ipv6_subnets["lan"]) == "fd00:198:18:7::/64"
    assert layout.own_addresses("db1", "lan") == ("198.18.7.11", "fd00:198:18:7::11")
    assert layout.vips("VI_1") == (("fd00:198:18:7::100", "lan"),)
    assert layout.target_address("client") == "fd00:198:18:7::100"
    assert layout.prefix_length("lan", "fd00:198:18:7::100") == 64
    assert layout.network_of("fd00:198:18:8::12") == "heartbeat"
    assert layout.network_of("2001:db8::1") is None
    assert layout.network_of("no address") is None


def test_an_adverts_source_is_known_by_its_link_local_address(layout: Layout) -> None:
    assert layout.mac("db1", "heartbeat") == "02:42:c6:12:08:0b"
    source = "fe80::42:c6ff:fe12:80b"
    assert layout.link_local("db1", "heartbeat") == source
    assert layout.owner_of(source) == "db1"
    assert layout.owner_of("fd00:198:18:7::50") == "client"
    assert layout.advert_address("db1", "heartbeat", "fe80::1") == source
    assert layout.advert_address("db1", "heartbeat", "198.18.8.12") == "198.18.8.11"


def test_its_version_is_3_unless_told_otherwise() -> None:
    spec = load_topology("ipv6").instances["VI_1"]
    assert (spec.family, spec.version) == ("ipv6", 3)
    assert load_topology("two-node").instances["VI_1"].family == "ipv4"


def test_it_is_spoken_only_where_something_needs_it(layout: Layout) -> None:
    assert set(layout.ipv6_subnets) == {"lan", "heartbeat"}
    assert Layout.numbered("two-node", load_topology("two-node")).ipv6_subnets == {}


@pytest.mark.parametrize(
    ("conf", "networks"),
    [
        ("virtual_ipaddress {\n2001:db8::10/64 dev lan\n}\n", {"lan", "heartbeat"}),
        ("virtual_ipaddress {\nlan::100/64 dev lan\n}\n", {"lan", "heartbeat"}),
        ("virtual_ipaddress {\nlan.100/24 dev lan\n}\n# at 12:30:00\n", set()),
    ],
)
def test_a_file_of_ones_own_may_need_it(conf: str, networks: set[str]) -> None:
    topology = two_node(nodes={"db1": {"octet": 11, "conf": conf}, "db2": 12})
    assert set(Layout.numbered("x", topology).ipv6_subnets) == networks


def test_a_network_and_an_octet_stand_for_an_address_of_either_family(layout: Layout) -> None:
    text = "lan.100/24 lan::100/64 heartbeat::12 lan::300 xlan::1 2001:db8::1 fd00::lan::1"
    assert localize_config(text, layout, {}) == (
        "198.18.7.100/24 fd00:198:18:7::100/64 fd00:198:18:8::12 lan::300 xlan::1 2001:db8::1 fd00::lan::1"
    )


@pytest.mark.parametrize("word", ["::100", ".100", "fd00:198:18:7::100"])
def test_actions_know_an_address_by_its_end(layout: Layout, word: str) -> None:
    assert parse(f"address delete db1 {word}", layout).args == ("db1", "fd00:198:18:7::100")
    with pytest.raises(ActionError, match="no virtual address"):
        parse("address delete db1 ::101", layout)


def test_both_families_may_have_the_same_digits_and_vrid() -> None:
    first = load_topology("two-node").model_dump(mode="json")["instances"]["VI_1"]
    topology = two_node(instances={"VI_1": first, "VI_2": {**first, "family": "ipv6", "version": 3}})
    layout = Layout.numbered("x", topology)
    assert layout.vip_addresses == ("198.18.0.100", "fd00:198:18::100")
    assert parse("address delete db1 .100", layout).args[1] == "198.18.0.100"
    assert parse("address delete db1 ::100", layout).args[1] == "fd00:198:18::100"


def test_a_gateway_is_of_ipv4() -> None:
    data = load_topology("gateway").model_dump(mode="json")
    for instance in data["instances"].values():
        instance |= {"family": "ipv6", "version": 3, "auth_pass": None}
    with pytest.raises(ValueError, match="which uses IPv6"):
        Topology.model_validate(data)
