"""A Backup's master-down timer in the state: the countdown on the screen, and the sum in explanations.

The simulator's own timer runs in `hatlab.vrrp.machine`.
"""

from __future__ import annotations

from hatlab.state.model import JUST_NOW, Claim, InstanceState, evolve
from hatlab.vrrp.timers import ADVERTS_MISSED, master_down_interval, skew_time


def arm_after_stepping_down(instance: InstanceState, at: float, node: str) -> InstanceState:
    """Sets the timer of a Master that has become Backup.

    One whose address was taken away behind its back has said priority 0 itself, and waits its own skew only
    (keepalived: netlink_if_address_filter). Any other waits as a Backup does.
    """
    conf, removed = instance.settings, instance.address_removed
    if removed is None or at - removed > JUST_NOW:
        return arm_timer(instance, at, None)
    version, interval = (conf.version, conf.interval) if conf else (2, 1.0)
    timeout = skew_time(version, instance.priority, interval)
    return evolve(instance, armed=at, timeout=timeout, zero_from=node, discarded=None)


def arm_timer(instance: InstanceState, at: float, heard: Claim | None, about: float = 0.0) -> InstanceState:
    """Sets the master-down timer: skew after a priority 0, else a whole master-down interval.

    `about` is how exactly `at` is known.
    """
    if heard is not None and heard.priority == 0:
        version = instance.settings.version if instance.settings else 2
        timeout = skew_time(version, instance.priority, heard.interval)
        zero_from: str | None = heard.node
    else:
        timeout, zero_from = _whole_interval(instance, heard), None
    return evolve(instance, armed=at, armed_about=about, timeout=timeout, zero_from=zero_from, discarded=None)


def change_priority(instance: InstanceState, priority: int) -> InstanceState:
    """A weight came or went: a running timer keeps its start and gets the length of the new priority, also
    where it was a skew alone (keepalived: vrrp_set_effective_priority)."""
    instance = evolve(instance, priority=priority)
    if instance.armed is None:
        return instance
    last = max(instance.heard.values(), key=lambda claim: claim.at, default=None)
    return evolve(instance, timeout=_whole_interval(instance, last), zero_from=None)


def _whole_interval(instance: InstanceState, heard: Claim | None) -> float:
    """3 × the advert interval + skew, in seconds: in version 3 the interval that was heard, in version 2 its
    own. down_timer_adverts may replace the 3."""
    conf = instance.settings
    version, interval, adverts = (
        (conf.version, conf.interval, conf.down_adverts) if conf else (2, 1.0, ADVERTS_MISSED)
    )
    if heard is not None and version == 3:
        interval = heard.interval
    return master_down_interval(version, instance.priority, interval, adverts)
