"""Writes the files that a lab puts on its node's disk: scripts of its keepalived.conf, what they read."""

from __future__ import annotations

import os
import sys
from typing import Any

from .interfaces import Interfaces
from .keepalived import CONF
from .system import write_file


class NodeFiles:
    """The files of the beginning.

    Args:
        node: the node's name, for sentences.
        files: path → `mode` (permission bits) and `content`; `@NETWORK@` stands for that network's interface.
        interfaces: of the node.
    """

    def __init__(self, node: str, files: dict[str, dict[str, Any]], interfaces: Interfaces) -> None:
        self._node, self._files, self._interfaces = node, files, interfaces

    def write_at_boot(self) -> None:
        """Write them once, and never over a file of the image: then the container ends and says so."""
        if os.path.exists(CONF):
            return
        for path in self._files:
            if os.path.lexists(path):
                sys.exit(f"{path} of {self._node} is a file of the node image: call it something else")
        self.write()

    def write(self) -> None:
        """Write each as at the beginning; folders that are missing belong to root, as keepalived wants it."""
        for path, file in self._files.items():
            text: str = file["content"]
            for device, network in self._interfaces.devices.items():
                text = text.replace(f"@{network}@", device)
            os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
            write_file(path, text, file["mode"])
