"""The map of a lab that is no pair: three nodes, two virtual routers."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab import events as e
from hatlab.engine.base import Emit
from hatlab.topology import Layout
from hatlab.tui.map.client_line import ClientLine
from hatlab.tui.map.heartbeat import Heartbeat
from hatlab.tui.map.node_box import NodeBox
from hatlab.vrrp.capture import observe_frame
from hatlab.vrrp.codec import encode
from tests.support.story_engine import StoryEngine
from tests.support.topologies import many
from tests.tui.apps import running

TOPOLOGY = many(3, instances=2)
LAYOUT = Layout.numbered("three", TOPOLOGY)


def _events() -> Iterator[e.Event]:
    data, subnets = LAYOUT.to_data()
    yield e.Lab(at=0.0, name="three", engine="docker", topology=data, subnets=subnets)
    for node in LAYOUT.node_names:
        yield e.Node(at=0.1, node=node, state="on")
        for instance, spec in TOPOLOGY.instances.items():
            priority = spec.members[node].priority
            yield e.Vrrp(at=0.3, node=node, instance=instance, state="BACKUP", priority=priority)
    for node, instance, vrid in (("db1", "VI_1", 51), ("db2", "VI_2", 52)):
        address, network = LAYOUT.vips(instance)[0]
        yield e.Vrrp(at=4.0, node=node, instance=instance, state="MASTER", priority=200)
        yield e.Address(at=4.0, node=node, network=network, address=address, held=True, vip=True)
        source = LAYOUT.address(node, "heartbeat")
        frame = encode(version=2, vrid=vrid, priority=200, addresses=(address,), source=source)
        for seen in LAYOUT.node_names:
            direction = "sent" if seen == node else "received"
            yield from filter(None, [observe_frame(4.5, seen, direction, "heartbeat", frame)])
    yield e.Phase(at=4.6, name="ready", done=True)
    yield e.Probe(at=4.7, client="client", ok=True, server="db1", latency_ms=1.2)


class Three(StoryEngine):
    def start(self, emit: Emit) -> None:
        emit(list(_events()))


async def test_three_nodes_two_routers_at_every_size() -> None:
    async with running(Three()) as lab:
        for size in ((140, 45), (80, 24), (120, 40)):
            await lab.pilot.resize_terminal(*size)
            await lab.pilot.pause()
            boxes = lab.app.screen.query(NodeBox)
            assert [len(box.view.parts) for box in boxes if box.view] == [2, 2, 2]
            assert {box.region.y for box in boxes} == {2}
            wire, client = lab.app.screen.query_one(Heartbeat), lab.app.screen.query_one(ClientLine)
            assert wire.region.y >= max(box.region.bottom for box in boxes)
            assert client.region.y >= wire.region.bottom
            assert lab.app.screen.find_widget(client).clip.contains_region(client.region)
        text = "\n".join(line.plain for line in wire.build())
        assert "db1" in text
        assert "db2" in text
        assert "db3" not in text
