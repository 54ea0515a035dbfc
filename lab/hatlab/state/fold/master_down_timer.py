"""A Backup's master-down timer in the state: the countdown on the screen, and the sum in explanations.

The simulator's own timer runs in `hatlab.vrrp.machine`.
"""

from __future__ import annotations

from hatlab.state.model import Claim, InstanceState, evolve
from hatlab.vrrp.timers import ADVERTS_MISSED, master_down_interval, skew_time

YIELDED = 0.5
"""Seconds within which an advert that outranks a Master is why it goes back to Backup."""


def arm_after_stepping_down(instance: InstanceState, at: float, node: str) -> InstanceState:
    """Sets the timer of a Master that has become Backup.

    One that yielded waits as any Backup. One whose address was taken away behind its back has said priority 0
    itself, and waits its own skew only (keepalived: netlink_if_address_filter).
    """
    conf, better = instance.settings, instance.yielded
    if (better is not None and at - better.at <= YIELDED) or (conf is not None and conf.sync_group):
        return arm_timer(instance, at, None)
    version, interval = (conf.version, conf.interval) if conf else (2, 1.0)
    timeout = skew_time(version, instance.priority, interval)
    return evolve(instance, armed=at, timeout=timeout, zero_from=node, discarded=None)


def arm_timer(instance: InstanceState, at: float, heard: Claim | None) -> InstanceState:
    """Sets the master-down timer: skew after a priority 0, else 3 × the Master's interval + skew (or as
    many intervals as `down_timer_adverts` says)."""
    conf = instance.settings
    version, interval = (conf.version, conf.interval) if conf else (2, 1.0)
    if heard is not None and heard.priority == 0:
        timeout = skew_time(version, instance.priority, heard.interval)
        return evolve(instance, armed=at, timeout=timeout, zero_from=heard.node, discarded=None)
    interval = heard.interval if heard else interval
    adverts = conf.down_adverts if conf else ADVERTS_MISSED
    timeout = master_down_interval(version, instance.priority, interval, adverts)
    return evolve(instance, armed=at, timeout=timeout, zero_from=None, discarded=None)
