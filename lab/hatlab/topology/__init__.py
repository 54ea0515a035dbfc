"""The topology file's model: what should exist.

`Topology` is what a person writes, `Layout` is a topology with subnets: the names and addresses of one lab.
"""

from hatlab.topology.layout import Layout
from hatlab.topology.model import COLLECT, Topology
from hatlab.topology.spec import PING_WAIT, PROGRAMS, Check, Garp, Instance, Member, NodeSpec

__all__ = [
    "COLLECT",
    "PING_WAIT",
    "PROGRAMS",
    "Check",
    "Garp",
    "Instance",
    "Layout",
    "Member",
    "NodeSpec",
    "Topology",
]
