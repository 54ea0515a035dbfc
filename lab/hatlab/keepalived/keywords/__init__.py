"""The keywords of each block of keepalived.conf, what becomes of each in a lab, and their values (2.3.4).

effects          how far a lab follows a keyword: the shape of the tables
global_defs      global_defs, and what stands outside every block
vrrp             vrrp_instance, vrrp_sync_group, vrrp_script and the lines of their lists
tracked          track_file, vrrp_track_process, bfd_instance, garp_group
virtual_servers  virtual_server and its checkers
values           what a value may be: a range, a switch, an address
value_table      the values of keywords, block by block
line_table       those of the words in the lines of lists
kinds            renamed, naming a program, or of use only once

A path names a block: its keyword, behind that of the block around it (`vrrp_instance/authentication`), empty
for the top level. To add a keyword, write it into its block; to have its value checked, give it a range.
"""

from __future__ import annotations

from collections.abc import Mapping

from hatlab.keepalived.keywords import global_defs, tracked, virtual_servers, vrrp
from hatlab.keepalived.keywords.effects import LOOKS, MACHINE, NAMES, Block, Effect, lines
from hatlab.keepalived.keywords.kinds import (
    COMMANDS,
    DEPRECATED,
    FIRST_COUNTS,
    OUTDATED,
    RENAMED_ELSEWHERE,
    SINGLE,
    WEIGHED_ONCE,
)
from hatlab.keepalived.keywords.line_table import LINE_VALUES
from hatlab.keepalived.keywords.value_table import VALUES
from hatlab.keepalived.keywords.values import Range, Value, first_wrong

__all__ = [
    "BLOCKS",
    "COMMANDS",
    "DEPRECATED",
    "FIRST_COUNTS",
    "KEYWORDS",
    "LINE_VALUES",
    "OUTDATED",
    "RENAMED_ELSEWHERE",
    "SINGLE",
    "UNTOLD",
    "VALUES",
    "WEIGHED_ONCE",
    "Effect",
    "Range",
    "Value",
    "block_path",
    "blocks_of",
    "effect_of",
    "first_wrong",
    "has_block",
    "is_list",
]

BLOCKS: Mapping[str, Block] = {
    "": global_defs.TOP_LEVEL,
    "global_defs": global_defs.GLOBAL_DEFS,
    "global_defs/notification_email": lines(),
    "vrrp_instance": vrrp.VRRP_INSTANCE,
    "vrrp_instance/authentication": vrrp.AUTHENTICATION,
    "vrrp_instance/unicast_peer": vrrp.PEERS,
    "vrrp_instance/track_interface": vrrp.TRACK_INTERFACE,
    "vrrp_instance/track_script": vrrp.TRACK_SCRIPT,
    **{f"vrrp_instance/track_{what}": vrrp.TRACK_OTHER for what in ("file", "process", "bfd")},
    "vrrp_instance/virtual_ipaddress": vrrp.ADDRESSES,
    "vrrp_instance/virtual_ipaddress_excluded": vrrp.ADDRESSES,
    "vrrp_instance/virtual_routes": vrrp.ROUTES,
    "vrrp_instance/virtual_rules": vrrp.RULES,
    "vrrp_sync_group": vrrp.SYNC_GROUP,
    "vrrp_sync_group/group": lines(),
    **{
        f"vrrp_sync_group/track_{what}": vrrp.TRACK_OTHER
        for what in ("interface", "script", "file", "process", "bfd")
    },
    "vrrp_script": vrrp.VRRP_SCRIPT,
    "vrrp_track_process": tracked.TRACK_PROCESS,
    "track_file": tracked.TRACK_FILE,
    "vrrp_track_file": tracked.TRACK_FILE,
    "bfd_instance": tracked.BFD_INSTANCE,
    "garp_group": tracked.GARP_GROUP,
    "garp_group/interfaces": lines(),
    "track_group": tracked.TRACK_GROUP,
    "track_group/group": lines(),
    "static_ipaddress": vrrp.STATIC_ADDRESSES,
    "static_routes": vrrp.STATIC_ROUTES,
    "static_rules": vrrp.STATIC_RULES,
    "linkbeat_interfaces": tracked.LINKBEAT_INTERFACES,
    "interface_up_down_delays": lines(),
    "virtual_server_group": virtual_servers.VIRTUAL_SERVER_GROUP,
    **virtual_servers.VIRTUAL_SERVERS,
}
"""Path of a block → its keywords."""

UNTOLD = frozenset({NAMES, MACHINE, LOOKS, virtual_servers.WHY})
"""Reasons that are not told file by file: nobody tries these out in a lab."""

_ENTRIES = {
    path: {keyword: (effect, why) for keyword, effect, why in block.entries()}
    for path, block in BLOCKS.items()
}

KEYWORDS: Mapping[str, frozenset[str]] = {
    path: frozenset(_ENTRIES[path]) for path, block in BLOCKS.items() if not block.is_list
}
"""Path of a block → the keywords in it; none for a list block, which holds values, one a line."""


def effect_of(path: str, keyword: str) -> tuple[Effect, str] | None:
    """How far a lab follows a keyword of the block with this path, and why; None if it is unknown there."""
    return _ENTRIES.get(path, {}).get(keyword)


def block_path(outer: str, keyword: str) -> str:
    """The path of a block, from that of the block around it and its own keyword."""
    return f"{outer.rpartition('/')[2]}/{keyword}" if outer else keyword


def has_block(path: str) -> bool:
    """True if a `{` must follow."""
    return path in BLOCKS


def is_list(path: str) -> bool:
    """True if the block holds values, one a line, instead of settings."""
    return path in BLOCKS and BLOCKS[path].is_list


def blocks_of(keyword: str) -> list[str]:
    """The keywords of the blocks in which a keyword belongs, `the top level` for none."""
    blocks = (path.rpartition("/")[2] for path, words in KEYWORDS.items() if keyword in words)
    return list(dict.fromkeys(block or "the top level" for block in blocks))
