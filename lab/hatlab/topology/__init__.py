"""The topology file: what should exist in a lab.

spec      all that a file may say
node_file a file on a node's disk
model     Topology: such a file that contradicts itself nowhere
layout    Layout: a topology with subnets, the names and addresses of one lab
file      reads a file, and finds all that is wrong with it
validate  contradictions: nothing can be run
lint      traps: it runs, but perhaps not as meant
schema    the JSON Schema for editors
diagram   a topology as a map of text
library   topologies by name or path
"""

from hatlab.topology.layout import Layout
from hatlab.topology.model import COLLECT, Topology
from hatlab.topology.node_file import MOST_FILE_BYTES, MOST_FILES, NodeFile, writable_path
from hatlab.topology.spec import (
    PING_WAIT,
    PROGRAMS,
    Check,
    Family,
    Garp,
    Instance,
    Member,
    NodeSpec,
)

__all__ = [
    "COLLECT",
    "MOST_FILES",
    "MOST_FILE_BYTES",
    "PING_WAIT",
    "PROGRAMS",
    "Check",
    "Family",
    "Garp",
    "Instance",
    "Layout",
    "Member",
    "NodeFile",
    "NodeSpec",
    "Topology",
    "writable_path",
]
