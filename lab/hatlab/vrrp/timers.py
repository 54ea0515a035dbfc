"""The two timers that decide every election, in seconds.

The skew makes the node with the higher priority give up waiting first. Version 2 counts it in fractions
of a second whatever the advertisement interval is; version 3 scales it with the interval, so that short
intervals elect quickly.
"""

from __future__ import annotations

ADVERTS_MISSED = 3
"""Advertisement intervals a Backup waits before the skew (RFC 3768 §6.1, RFC 9568 §6.1)."""


def skew_time(version: int, priority: int, interval: float) -> float:
    """Skew_Time in seconds.

    Version 2: (256 - priority) / 256 (RFC 3768 §6.1). Version 3: that share of `interval`
    (RFC 9568 §6.1, Active_Adver_Interval). The same as VRRP_TIMER_SKEW in keepalived's vrrp.h.
    """
    share = (256 - priority) / 256
    return share * interval if version == 3 else share


def master_down_interval(
    version: int, priority: int, interval: float, adverts: int = ADVERTS_MISSED
) -> float:
    """Seconds without an advert before a Backup of `priority` takes over: 3 × interval + skew.

    `interval` is the Master's, as its adverts give it (version 3) or as both must be configured
    (version 2). RFC 3768 §6.1, RFC 9568 §6.1 (Active_Down_Interval), keepalived's vrrp.h
    (VRRP_MS_DOWN_TIMER). keepalived can count another number of `adverts` (down_timer_adverts).
    """
    return adverts * interval + skew_time(version, priority, interval)
