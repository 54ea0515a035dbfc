"""The topology file: what should exist in a lab.

spec      all that a file may say
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
from hatlab.topology.spec import (
    MOST_FILE_BYTES,
    MOST_FILES,
    PING_WAIT,
    PROGRAMS,
    Check,
    Family,
    Garp,
    Instance,
    Member,
    NodeFile,
    NodeSpec,
    writable_path,
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
