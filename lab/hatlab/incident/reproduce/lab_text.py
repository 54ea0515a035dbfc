"""A node's file as it is in one running lab, written for any run: places for addresses and interfaces."""

from __future__ import annotations

import re

from hatlab.incident.reproduce.seen import Seen
from hatlab.keepalived.localize import interface_words, replace_words
from hatlab.keepalived.parser import parse_document

_ADDRESS = re.compile(r"(?<![\w.])(\d+\.\d+\.\d+)\.(\d{1,3})(?![\w.])")


def to_lab_text(text: str, seen: Seen, node: str) -> str:
    """Return a keepalived.conf in which networks stand for interfaces, and NETWORK.OCTET for addresses."""
    interfaces = seen.interfaces(node)
    text = replace_words(
        text, interface_words(parse_document(text).root), lambda name: interfaces.get(name, name)
    )

    def place(match: re.Match[str]) -> str:
        network = seen.layout.network_of(match[0])
        return f"{network}.{match[2]}" if network else match[0]

    return _ADDRESS.sub(place, text)
