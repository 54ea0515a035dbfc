"""Labels on everything that hatlab makes on a Docker engine."""

LAB = "hatlab.lab"
"""The lab's id."""
TOPOLOGY = "hatlab.topology"
"""The topology's short name."""
NODE = "hatlab.node"
"""The node that a container is."""
