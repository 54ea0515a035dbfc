"""Which subnets are free."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from hatlab.engine.docker.subnets import free_subnets, host_routes, pool_index
from hatlab.errors import EngineError


def test_free_subnets_avoid_what_is_taken() -> None:
    taken = [IPv4Network("198.18.0.0/24"), IPv4Network("198.18.2.0/23"), IPv4Network("10.0.0.0/8")]
    assert free_subnets(taken, 2) == ["198.18.4.0/24", "198.18.5.0/24"]
    assert free_subnets([], 2, skip=7) == ["198.18.7.0/24", "198.18.8.0/24"]
    assert pool_index(IPv4Network("198.19.1.0/24")) == 257
    with pytest.raises(EngineError, match="no 2 free subnets"):
        free_subnets([IPv4Network("198.0.0.0/8")], 2)


def test_host_routes_leave_out_the_default_route(tmp_path: Path) -> None:
    table = tmp_path / "route"
    table.write_text(
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
        "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\n"
        "br-1\t000212C6\t00000000\t0001\t0\t0\t0\t00FFFFFF\n"
    )
    assert host_routes(table) == [IPv4Network("198.18.2.0/24")]
    assert host_routes(tmp_path / "none") == []
