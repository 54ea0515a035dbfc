"""Finds keepalived's configurations in texts, by what they say. Pure."""

from __future__ import annotations

import re

_BLOCK = re.compile(
    r"\s*+(?:virtual_server(?:_group)?\s++\S.*+|(?:global_defs|vrrp_instance\s++\S+|vrrp_script\s++\S+"
    r"|vrrp_sync_group\s++\S+|vrrp_track_process\s++\S+|(?:vrrp_)?track_file\s++\S+|bfd_instance\s++\S+"
    r"|static_(?:ipaddress|routes|rules)|static_track_group\s++\S+|linkbeat_interfaces)"
    r"\s*+(?:\{.*+)?(?:[#!].*+)?)"
)
_BEFORE_BLOCKS = re.compile(r"\s*(?:include[a-z]*\s+\S+|\$\w+\s*=.*|[#!].*|)")
_INSIDE = re.compile(
    r"\s*+(?:real_server\s++\S.*+|(?:virtual_ipaddress(?:_excluded)?|track_(?:script|interface|file|process)"
    r"|unicast_peer|authentication|virtual_router_id\s++\S+|advert_int\s++\S+)\s*+(?:\{.*+)?(?:[#!].*+)?)"
)
_SHOWN = re.compile(rb"\b(?:cat|less|more|sudo cat|nl) +(?:-\w+ +)*(?P<path>/[\w./@+-]{1,200})\s*$")
MOST = 1_000_000
"""Characters of a configuration."""


def is_block_start(line: str) -> bool:
    """True for a line that opens a block of keepalived.conf."""
    return _BLOCK.fullmatch(line) is not None


def path_shown(line: bytes) -> str:
    """Return the file that a pasted command shows, `cat /etc/keepalived/keepalived.conf`; empty for none."""
    match = _SHOWN.search(line)
    return match["path"].decode() if match else ""


def is_configuration(lines: list[str]) -> bool:
    """True if a text, given by its first lines, is a configuration as a whole or a part of one."""
    for line in lines:
        if is_block_start(line) or _INSIDE.fullmatch(line):
            return True
        if not _BEFORE_BLOCKS.fullmatch(line):
            return False
    return any(line.lstrip().startswith("include") for line in lines)


def is_script(lines: list[str]) -> bool:
    """True for a program's text, as a check or a notify line runs it."""
    return bool(lines) and lines[0].startswith("#!")


class PastedBlocks:
    """Gathers the blocks of a configuration that stands among other things."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0
        self._size = 0
        self.first = 0
        """The number of its first line."""

    @property
    def is_open(self) -> bool:
        """True within a configuration."""
        return bool(self._lines)

    def add(self, number: int, line: str) -> bool:
        """Take a line if it belongs to a configuration; False if it does not, or ends one."""
        if self._depth <= 0 and not is_block_start(line):
            waits_for_brace = bool(self._lines) and line.strip().startswith("{") and self._depth == 0
            between = bool(self._lines) and _BEFORE_BLOCKS.fullmatch(line) is not None
            if not (waits_for_brace or between):
                return False
        if not self._lines:
            self.first = number
        self._size += len(line) + 1
        if self._size > MOST:
            return False
        self._lines.append(line)
        bare = re.split(r"[#!]", line, maxsplit=1)[0]
        self._depth += bare.count("{") - bare.count("}")
        return True

    def take(self) -> str:
        """Return the text that was gathered, and begin anew."""
        text = "\n".join(self._lines).rstrip() + "\n"
        self._lines, self._depth, self._size = [], 0, 0
        return text
