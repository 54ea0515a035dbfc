"""The values of keywords: which are numbers in a range, which name a program, which are outdated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from hatlab.keepalived.keywords.virtual_servers import VIRTUAL_SERVERS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OUTDATED = {
    "nb_get_retry": "retry",
    "vrrp_track_file": "track_file",
    "vmac_garp_intvl": "garp_extra_if",
    "vrrp_vmac_garp_intvl": "vrrp_garp_extra_if",
    "lvs_process_name": "checker_process_name",
    "lvs_flush_onstop": "lvs_flush_on_stop",
    "enable_snmp_keepalived": "enable_snmp_vrrp",
    "thread_timer_expired": "timer_expired_backup",
}
"""Old name → new name."""

COMMANDS = _words("""
    script misc_path startup_script shutdown_script notify notify_master notify_backup notify_fault
    notify_stop notify_deleted notify_up notify_down notify_master_rx_lower_pri notify_fifo_script
    vrrp_notify_fifo_script lvs_notify_fifo_script quorum_up quorum_down
""")
"""Keywords whose values are a program and its arguments."""

SINGLE = _words("""
    state interface virtual_router_id priority advert_int version interval timeout fall rise weight auth_type
    auth_pass delay_loop connect_port connect_timeout retry delay_before_retry router_id script_user
""")
"""Keywords that make sense once in a block: the last one counts."""


class Range(NamedTuple):
    """The numbers that a keyword's value may be."""

    least: float
    most: float
    whole: bool = True

    def allows(self, word: str) -> bool:
        """True if the word is such a number."""
        number = _WHOLE if self.whole else _DECIMAL
        return bool(number.fullmatch(word)) and self.least <= float(word) <= self.most

    def __str__(self) -> str:
        """`a whole number from 1 to 255`."""
        kind = "a whole number" if self.whole else "a number"
        if self.most < 100_000:
            return f"{kind} from {self.least:g} to {self.most:g}"
        return f"{kind} of at least {self.least:g}"


_WHOLE = re.compile(r"[+-]?[0-9]{1,10}")
_DECIMAL = re.compile(r"[0-9]{1,10}(\.[0-9]*)?")
_SECONDS = Range(0, 4_000, whole=False)
_CHECKER_RANGES = {
    "connect_port": Range(1, 65535),
    "connect_timeout": _SECONDS,
    "delay_loop": _SECONDS,
    "delay_before_retry": _SECONDS,
    "retry": Range(0, 4294967295),
    "warmup": _SECONDS,
}
RANGES: Mapping[str, Mapping[str, Range]] = {
    "vrrp_instance": {
        "virtual_router_id": Range(1, 255),
        "priority": Range(1, 255),
        "advert_int": Range(0.01, 255, whole=False),
        "version": Range(2, 3),
        "preempt_delay": Range(0, 1000, whole=False),
        "unicast_ttl": Range(0, 255),
        "down_timer_adverts": Range(1, 100),
    },
    "vrrp_script": {
        "interval": Range(0.001, 4294, whole=False),
        "timeout": Range(0.001, 4294, whole=False),
        "weight": Range(-253, 253),
        "fall": Range(1, 2147483647),
        "rise": Range(1, 2147483647),
    },
    "global_defs": {"vrrp_version": Range(2, 3), "vrrp_startup_delay": Range(0, 4294, whole=False)},
    "virtual_server": _CHECKER_RANGES,
    "virtual_server/real_server": _CHECKER_RANGES | {"weight": Range(0, 65535)},
    "SMTP_CHECK/host": _CHECKER_RANGES,
    **{path: _CHECKER_RANGES for path in VIRTUAL_SERVERS if path.startswith("real_server/")},
}
"""Path of a block → keyword → the numbers that its value may be."""
