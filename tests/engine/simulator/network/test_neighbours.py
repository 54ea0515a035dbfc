"""Unicast adverts leave only towards a machine that answered lately."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.engine.simulator.network.neighbours import DELAY, REACHABLE_TIME
from tests.engine.simulator.keepalived.labs import conf_pair
from tests.support.simulated_lab import SimLab

CONF = """vrrp_instance VI_1 {{
    interface lan
    virtual_router_id 51
    priority {priority}
    advert_int 1
    unicast_peer {{ {peer} }}
    virtual_ipaddress {{ 198.18.0.100 }}
}}
"""


@pytest.fixture
def lab() -> SimLab:
    lab = conf_pair(
        CONF.format(priority=200, peer="198.18.0.12"), CONF.format(priority=100, peer="198.18.0.11")
    )
    lab.run(6)
    return lab


def test_adverts_leave_for_a_while_after_the_peer_went_down_then_no_more(lab: SimLab) -> None:
    lab.do("link down lan db2")
    lab.run(10)
    assert _sent(lab, "db1", lab.now - 2), "its answer still counts"
    lab.run(REACHABLE_TIME + DELAY)
    assert not _sent(lab, "db1", lab.now - 5)


def test_adverts_leave_again_once_the_peer_answers(lab: SimLab) -> None:
    lab.do("link down lan db2")
    lab.run(REACHABLE_TIME + DELAY + 10)
    lab.do("link up lan db2")
    lab.run(3)
    assert _sent(lab, "db1", lab.now - 1.5)


def test_a_master_that_hears_nothing_speaks_until_its_question_stays_unanswered(lab: SimLab) -> None:
    """db1 asked for db2 and answers no question of db2's; db2 knows it from then, but not for sure."""
    lab.engine.world.nodes["db2"].set_filter("lan", percent=100.0)
    lab.engine.world.nodes["db1"].set_filter("lan", percent=100.0)
    lab.run(5)
    assert lab.reported("db2") == "MASTER"
    assert _sent(lab, "db2", lab.now - 1.5)
    lab.run(DELAY + 6)
    assert not _sent(lab, "db2", lab.now - 2)


def _sent(lab: SimLab, node: str, since: float) -> bool:
    return any(
        isinstance(x, e.Advert) and x.direction == "sent" and x.node == node and x.at >= since
        for x in lab.events
    )
