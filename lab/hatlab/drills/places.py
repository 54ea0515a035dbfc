"""Where one can look in a lab, and what is to be read there: the same text for a person and for a proof."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class View(StrEnum):
    """A pane of the screen, or a node's shell."""

    STATUS = "status"
    """Each node's state, addresses, processes and replica, and each client's last answer."""
    PACKETS = "packets"
    """The adverts of the last seconds, as they left."""
    LOG = "log"
    """What a node's keepalived wrote since the incident began."""
    CONF = "conf"
    """A node's keepalived.conf."""
    SHELL = "shell"
    """The output of a command on a node."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place to look at."""

    view: View
    node: str = ""
    """Whose log, file or shell; empty for the status and the packets."""
    line: str = ""
    """The command that is typed into the node's shell."""

    def __str__(self) -> str:
        """The place as a learner types it: `log db1`, or `db1# ip -br addr`."""
        if self.view is View.SHELL:
            return f"{self.node}# {self.line}"
        return f"{self.view} {self.node}".rstrip()


STATUS = Place(View.STATUS)
PACKETS = Place(View.PACKETS)


def log(node: str) -> Place:
    """The log of a node's keepalived."""
    return Place(View.LOG, node)


def conf(node: str) -> Place:
    """A node's keepalived.conf."""
    return Place(View.CONF, node)


def shell(node: str, line: str) -> Place:
    """A command on a node."""
    return Place(View.SHELL, node, line)
