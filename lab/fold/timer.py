"""A Backup's master-down timer."""

from __future__ import annotations

from lab.state import Claim, InstanceState, evolve
from lab.vrrp.timers import master_down_interval, skew_time


def arm(instance: InstanceState, at: float, heard: Claim | None) -> InstanceState:
    """Sets the master-down timer: skew after a priority 0, else 3 × the Master's interval + skew."""
    conf = instance.settings
    version, interval = (conf.version, conf.interval) if conf else (2, 1.0)
    if heard is not None and heard.priority == 0:
        timeout = skew_time(version, instance.priority, heard.interval)
        return evolve(instance, armed=at, timeout=timeout, zero_from=heard.node, discarded=None)
    interval = heard.interval if heard else interval
    timeout = master_down_interval(version, instance.priority, interval)
    return evolve(instance, armed=at, timeout=timeout, zero_from=None, discarded=None)
