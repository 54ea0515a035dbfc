"""What the map says where several nodes hold an address, or one node several."""

from __future__ import annotations

import pytest

from hatlab.state.derive import condition_detail
from hatlab.state.summary import summarize, summary_lines
from hatlab.topology import Topology
from hatlab.topology.library import load_topology
from hatlab.tui.map.node_box import NodeBox
from hatlab.views.lab_view import condition_sentences, node_view
from hatlab.views.wire import wire_senders
from tests.support.simulated_lab import SimLab
from tests.tui.simulated import playing, screen_lines


@pytest.fixture
def three() -> SimLab:
    lab = SimLab(load_topology("three-node"))
    lab.run(2)
    return lab


@pytest.fixture
def shared() -> SimLab:
    lab = SimLab(load_topology("load-sharing"))
    lab.run(2)
    return lab


def test_every_holder_of_a_split_is_named_as_it_goes_on(three: SimLab) -> None:
    for node in ("db2", "db3"):
        three.do(f"cut heartbeat {node}", wait=8)
    held = "198.18.0.100 is held by db1, db2 and db3"
    assert three.state.conditions["split_brain"].detail.endswith("held by db1 and db2"), "when it began"
    assert held in condition_sentences(three.state)[0]
    assert f"  ⚠ split brain: {held}" in list(summary_lines(summarize(three.state)))


def test_addresses_that_the_same_nodes_hold_share_a_sentence(shared: SimLab) -> None:
    shared.do("cut heartbeat", wait=10)
    assert (
        condition_detail(shared.state, "split_brain")
        == "198.18.0.100 and 198.18.0.200 are held by db1 and db2"
    )


async def test_several_addresses_fit_into_the_box() -> None:
    script = [(6.0, "kill mysqld db1")]
    for size in ((80, 24), (140, 45)):
        async with playing(load_topology("load-sharing"), script, 14.0, size) as pilot:
            assert "◆ holds .100 and .200 " in "\n".join(screen_lines(pilot))
            box = pilot.app.screen.query_one("#node-db2", NodeBox)
            assert max(line.cell_length for line in box.build()) <= box.content_size.width


def test_a_master_of_several_says_each_priority_and_not_the_last_one(shared: SimLab) -> None:
    shared.do("kill mysqld db1", wait=8)
    for _ in range(8):
        shared.run(0.3)
        db1, db2 = wire_senders(shared.state, "heartbeat", ("db1", "db2"))
        assert db2.claims == (("VI_1", 100), ("VI_2", 150))
        assert db1.claims == ()


def test_no_rows_are_lacking_where_nothing_is_replicated(three: SimLab) -> None:
    three.run(10)
    replicated = SimLab()
    replicated.run(2)
    replicated.do("stop keepalived db2")
    replicated.do('sql db2 "STOP REPLICA"', wait=10)
    told = ["missing rows" in "".join(summary_lines(summarize(lab.state))) for lab in (three, replicated)]
    assert told == [False, True]


ODD = "MASTER, yet no VIP"


def test_a_node_with_another_address_than_its_neighbours_is_not_doubted(three: SimLab) -> None:
    conf = three.state.nodes["db3"].conf.replace(".100/24", ".200/24").replace("_id 51", "_id 52")
    three.do("edit db3 keepalived.conf", conf)
    three.do("reload db3", wait=8)
    view = node_view(three.state, "db3")
    assert (str(view.parts[0].state), view.held, view.doubts) == ("★ MASTER", ("198.18.0.200",), ())
    three.do("cut heartbeat", wait=10)
    tones = [node_view(three.state, node).tone for node in ("db1", "db2", "db3")]
    assert tones == ["fault", "fault", "master"]
    three.do("freeze keepalived db1")
    three.do("address delete db1 .100", wait=0.7)
    assert ODD in node_view(three.state, "db1").doubts


async def test_a_doubt_fits_into_the_narrowest_box() -> None:
    script = [(6.0, "freeze keepalived db1"), (6.1, "address delete db1 198.18.0.100")]
    async with playing(load_topology("three-node"), script, 7.0, (80, 24)) as pilot:
        assert f"⚠ {ODD} " in "\n".join(screen_lines(pilot))


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_an_address_of_ipv6_fits_whole(size: tuple[int, int]) -> None:
    async with playing(load_topology("ipv6"), [(6.0, "cut heartbeat")], 13.0, size) as pilot:
        text = "\n".join(screen_lines(pilot))
        assert text.count("◆ holds fd00:198:18::100 ") == 2
        assert "▣ client .50 ─▶ fd00:198:18::100 " in text
        assert "fd00:198:18::100 is held by db1 and db2" in text


def test_two_routers_with_one_vrid_are_not_taken_for_one() -> None:
    data = load_topology("two-node").model_dump(mode="json")
    four = data["instances"]["VI_1"]
    members = {"db1": {"priority": 100}, "db2": {"priority": 150}}
    data["instances"]["VI_2"] = {
        **four,
        "family": "ipv6",
        "version": 3,
        "auth_pass": None,
        "members": members,
    }
    lab = SimLab(Topology.model_validate(data))
    lab.run(2)
    for node, held in (("db1", "198.18.0.100"), ("db2", "fd00:198:18::100")):
        view = node_view(lab.state, node)
        assert (view.held, view.doubts) == ((held,), ())
