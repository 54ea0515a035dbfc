"""Gratuitous ARPs that may not follow one another at once. Times measured on 2.3.4."""

from __future__ import annotations

import pytest

from hatlab import events as e
from tests.engine.simulator.keepalived.labs import pair_with
from tests.support.simulated_lab import SimLab

ADDRESSES = "    garp_master_repeat 3\n    garp_master_delay 2\n    virtual_ipaddress_excluded {{\n{}\n    }}"
TWO = ADDRESSES.format("        lan.101/24 dev lan\n        back.102/24 dev back")


def announced(lab: SimLab, *, until: float) -> list[tuple[float, str]]:
    """(seconds after it became Master, last octet) of what db1 announced."""
    masters = [o.at for o in lab.events if isinstance(o, e.Vrrp) and (o.node, o.state) == ("db1", "MASTER")]
    logs = [o for o in lab.events if isinstance(o, e.Log) and o.node == "db1" and o.at >= masters[0]]
    found = [(o.at - masters[0], o.text) for o in logs if o.text.startswith("Sending gratuitous ARP on ")]
    return [(round(at, 1), text.rpartition(".")[2]) for at, text in found if at < until]


def test_an_interval_counts_for_each_interface() -> None:
    lab = pair_with(TWO, before="global_defs {\n    vrrp_garp_interval 0.3\n}")
    assert announced(lab, until=1.9) == [
        *[(0.0, "100"), (0.0, "102"), (0.3, "101"), (0.3, "102"), (0.6, "100"), (0.6, "102")],
        *[(0.9, "101"), (1.2, "100"), (1.5, "101")],
    ]


def test_the_interfaces_of_a_group_share_its_interval() -> None:
    group = "garp_group {\n    garp_interval 0.3\n    interfaces {\n        lan\n        back\n    }\n}"
    lab = pair_with(TWO, before=group)
    assert announced(lab, until=1.9) == [
        *[(0.0, "100"), (0.3, "101"), (0.6, "102"), (0.9, "100"), (1.2, "101"), (1.5, "102"), (1.8, "100")],
    ]


def test_what_waits_is_forgotten_when_the_addresses_go() -> None:
    lab = pair_with(TWO, before="global_defs {\n    vrrp_garp_interval 5\n}")
    at = lab.now
    lab.do("link down heartbeat db1", wait=30)
    assert not [line for line in lab.logs("db1", at) if line.startswith("Sending gratuitous ARP")]


@pytest.mark.parametrize(("before", "frames"), [("", 10), ("global_defs {\n    vrrp_min_garp\n}", 1)])
def test_min_garp_is_one_frame(before: str, frames: int) -> None:
    lab = pair_with(before=before, run=12)
    assert len(announced(lab, until=30)) == frames
