"""What keepalived takes of an instance's addresses, as `keepalived -d` of 2.3.4 prints it."""

from __future__ import annotations

import pytest

from hatlab.keepalived import read_settings
from hatlab.keepalived.virtual_addresses import MOST_ADVERTISED, VirtualAddress


def _addresses(inside: str, excluded: str = "", before: str = "") -> tuple[VirtualAddress, ...]:
    blocks = f"virtual_ipaddress {{\n{inside}\n}}\nvirtual_ipaddress_excluded {{\n{excluded}\n}}"
    text = f"vrrp_instance VI_1 {{\ninterface eth0\n{before}\n{blocks}\n}}\n"
    return read_settings(text)["VI_1"].virtual_addresses


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("192.0.2.1", VirtualAddress("192.0.2.1", 32)),
        ("192.0.2.1/24 dev eth1 label eth1:1", VirtualAddress("192.0.2.1", 24, "eth1", label="eth1:1")),
        ("192.0.2.1/33", VirtualAddress("192.0.2.1", 32)),
        ("192.0.2.1/24 no_track", VirtualAddress("192.0.2.1", 24, tracked=False)),
        ("fe80::1/64", VirtualAddress("fe80::1", 64)),
    ],
)
def test_an_address_is_read(line: str, address: VirtualAddress) -> None:
    assert _addresses(line) == (address,)


def test_without_an_interface_only_addresses_that_name_one_are_held() -> None:
    text = "vrrp_instance VI_1 {\nvirtual_ipaddress {\n192.0.2.1\n192.0.2.2 dev eth1\n}\n}\n"
    assert [vip.address for vip in read_settings(text)["VI_1"].virtual_addresses] == ["192.0.2.2"]


@pytest.mark.parametrize("line", ["192.0.2./24", "192.0.2.1 dev", "192.0.2.1 label much_too_long_a_label"])
def test_what_is_no_address_is_left_out(line: str) -> None:
    assert _addresses(line) == ()


def test_an_address_counts_once() -> None:
    twice = "192.0.2.1/24\n192.0.2.1/32 dev eth1\n192.0.2.2"
    assert [vip.address for vip in _addresses(twice)] == ["192.0.2.1", "192.0.2.2"]
    assert len(_addresses("192.0.2.1", "192.0.2.1")) == 1
    assert len(_addresses("192.0.2.1", "192.0.2.1 dev eth1")) == 2, "excluded, on another interface"


def test_the_first_address_of_any_kind_decides_on_the_family() -> None:
    assert [vip.address for vip in _addresses("192.0.2.1\nfe80::1")] == ["192.0.2.1"]
    assert [vip.address for vip in _addresses("192.0.2.1\nfe80::1", before="mcast_src_ip fe80::9")] == [
        "fe80::1"
    ]
    both = _addresses("192.0.2.1", "2001:db8::1/64")
    assert [(vip.address, vip.excluded) for vip in both] == [("192.0.2.1", False), ("2001:db8::1", True)]


def test_more_addresses_than_an_advert_holds_are_held_all_the_same() -> None:
    found = _addresses("\n".join(f"10.0.{k // 250}.{k % 250 + 1}" for k in range(300)))
    assert [vip.excluded for vip in found].index(True) == MOST_ADVERTISED[4]
    assert len(found) == 300
