"""Lines for a configuration id: a simulated keepalived takes its host's name for it, as the daemon does."""

from __future__ import annotations

from hatlab.keepalived import write_config
from hatlab.topology import Layout, Topology
from hatlab.topology.library import load_topology
from tests.support.simulated_lab import SimLab


def test_a_node_reads_the_lines_of_its_name() -> None:
    topology = load_topology("two-node")
    layout = Layout.numbered("two-node", topology)
    text = write_config(layout, "db1", {network: network for network in layout.network_names})
    line = "interface heartbeat\n"
    text = text.replace(f"    {line}", f"    @db1 {line}    @db2 {line}")
    text = text.replace(
        "    priority 150\n", "    @db1 priority 120\n    @db2 priority 130\n    @^db1 nopreempt\n"
    )
    data = topology.model_dump(mode="json", exclude_defaults=True)
    for node in ("db1", "db2"):
        data["nodes"][node]["conf"] = text
    lab = SimLab(Topology.model_validate({**data, "version": 1}))
    lab.run(5)
    settings = {name: node.instances["VI_1"].settings for name, node in lab.state.nodes.items() if node.conf}
    assert {name: s and (s.priority, s.nopreempt) for name, s in settings.items()} == {
        "db1": (120, False),
        "db2": (130, True),
    }
    assert lab.owners() == {"db2"}
    assert lab.shell("keepalived -t", "db2").status == 0
