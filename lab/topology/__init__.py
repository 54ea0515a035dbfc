"""The topology file's model: what should exist.

`Topology` is what a person writes, `Layout` is a topology with subnets: the names and addresses of one lab.
"""

from lab.topology.layout import Layout
from lab.topology.model import COLLECT, Topology
from lab.topology.parts import PING_WAIT, PROGRAMS, Check, Garp, Instance, Member, NodeSpec
from lab.topology.problem import KEY, Loc, Problem

__all__ = [
    "COLLECT",
    "KEY",
    "PING_WAIT",
    "PROGRAMS",
    "Check",
    "Garp",
    "Instance",
    "Layout",
    "Loc",
    "Member",
    "NodeSpec",
    "Problem",
    "Topology",
]
