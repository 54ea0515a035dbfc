"""Labels on everything that hatlab makes on a Docker engine."""

LAB = "hatlab.lab"
"""The lab's id."""
TOPOLOGY = "hatlab.topology"
"""The topology's short name."""
OWNER = "hatlab.owner"
"""The token of the lab's record, by which its owner knows it again; empty without a record."""
NODE = "hatlab.node"
"""The node that a container is."""


def lab_labels(lab: str, topology: str, owner: str) -> dict[str, str]:
    """Return the labels of everything of a lab."""
    return {LAB: lab, TOPOLOGY: topology, OWNER: owner}
