"""The words in the lines of lists: those that take a value, and what it may be."""

from __future__ import annotations

from collections.abc import Mapping

from hatlab.keepalived.keywords.value_table import INTERFACE
from hatlab.keepalived.keywords.values import Address, Name, Range, Value

_LABEL = Name(15)
_FOREVER = ("forever",)
_ADDRESS: Mapping[str, Value] = {
    "dev": INTERFACE,
    "scope": Range(0, 255, also=("global", "site", "link", "host", "nowhere")),
    "broadcast": Address(4, also=("+", "-")),
    "brd": Address(4, also=("+", "-")),
    "label": _LABEL,
    "peer": Address(bare=True),
    "preferred_lft": Range(0, 4_294_967_295, also=_FOREVER),
    "track_group": Value(),
}
_WEIGHTS = {
    "interface": Range(-253, 253, instead="0: down is FAULT"),
    "script": Range(-253, 253, instead="that of the script"),
    "file": Range(-254, 254, instead="that of the file"),
    "process": Range(-254, 254, instead="that of the process"),
    "bfd": Range(-253, 253, instead="that of the BFD instance"),
}

LINE_VALUES: Mapping[str, Mapping[str, Value]] = {
    "static_ipaddress": _ADDRESS,
    "vrrp_instance/virtual_ipaddress": _ADDRESS,
    "vrrp_instance/virtual_ipaddress_excluded": _ADDRESS,
    "vrrp_instance/unicast_peer": {"min_ttl": Range(0, 255), "max_ttl": Range(0, 255)},
    **{
        f"{block}/track_{what}": {"weight": weight}
        for block in ("vrrp_instance", "vrrp_sync_group")
        for what, weight in _WEIGHTS.items()
    },
}
"""Path of a list → word that takes a value → what that may be. Other words stand alone."""
