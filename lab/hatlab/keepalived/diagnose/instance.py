"""Rules about each vrrp_instance by itself (KA2xx)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface

from hatlab.diagnostics.finding import Finding, did_you_mean
from hatlab.keepalived.diagnose.conf import Configuration, finding, list_entries
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.settings import PASSWORD_LENGTH, InstanceSettings

OWNER = 255
"""The priority of an address owner (RFC 9568 §5.2.4); keepalived never changes it."""


def instance_rules(conf: Configuration) -> Iterator[Finding]:
    groups = [group for group in conf.root.all("vrrp_sync_group") if group.last("track_script")]
    grouped = {
        word.text for group in groups for entry in list_entries(group, "group") for word in entry.words
    }
    for block, settings in conf.members:
        yield from _missing_settings(conf, block, settings)
        yield from _start_state(block, settings)
        yield from _rounded_interval(block, settings)
        yield from _password(block, settings)
        yield from _bad_addresses(block)
        yield from _service_checks(conf, block, settings, settings.instance in grouped)
    yield from _duplicate_names(conf)
    yield from _shared_vrids(conf)


def _missing_settings(conf: Configuration, block: Statement, settings: InstanceSettings) -> Iterator[Finding]:
    name = settings.instance
    elsewhere = conf.global_setting("default_interface") or block.last("unicast_peer")
    if not settings.interface and not elsewhere:
        yield finding("KA201", block, f"vrrp_instance `{name}` has no interface")
    if settings.vrid is None and block.last("virtual_router_id") is None:
        yield finding("KA202", block, f"vrrp_instance `{name}` has no virtual_router_id")
    if not list_entries(block, "virtual_ipaddress") and block.last("no_virtual_ipaddress") is None:
        yield finding("KA204", block, f"vrrp_instance `{name}` has no virtual address")


def _start_state(block: Statement, settings: InstanceSettings) -> Iterator[Finding]:
    state, nopreempt, delay = (block.last(key) for key in ("state", "nopreempt", "preempt_delay"))
    is_master = settings.state == "MASTER"
    if state and state.value() not in {"MASTER", "BACKUP"}:
        guess = did_you_mean(state.value(), ("MASTER", "BACKUP"))
        yield finding("KA217", state, f"`state {state.value()[:40]}`{guess}")
    if state and is_master and nopreempt:
        message = f"nopreempt has no effect with `state MASTER` (line {state.line})"
        yield finding("KA205", nopreempt, message)
    if state and is_master and block.last("priority") is None:
        yield finding("KA206", state, "`state MASTER` without a priority means priority 255")
    elif state and is_master and settings.priority < OWNER:
        message = f"`state MASTER` with priority {settings.priority} still starts as Backup"
        yield finding("KA207", state, message)
    if delay and (is_master or nopreempt) and delay.value() not in {"0", ""}:
        reason = "`state MASTER`" if is_master else "nopreempt"
        yield finding("KA212", delay, f"preempt_delay has no effect with {reason}")


def _rounded_interval(block: Statement, settings: InstanceSettings) -> Iterator[Finding]:
    interval = block.last("advert_int")
    if interval is None or settings.version != 2:
        return
    try:
        seconds = float(interval.value())
    except ValueError:
        return
    if 0.01 <= seconds <= 255 and seconds != int(seconds):
        message = f"{interval.value()[:20]} s is sent as {settings.interval:g} s"
        yield finding("KA211", interval, message, word=1)


def _password(block: Statement, settings: InstanceSettings) -> Iterator[Finding]:
    inner = block.last("authentication")
    if inner is None or inner.body is None:
        return
    if settings.version == 3:
        yield finding(
            "KA210", inner, f"vrrp_instance `{settings.instance}` speaks version 3, which has no passwords"
        )
        return
    secret = inner.last("auth_pass")
    squeezed = any(word.text == "auth_pass" for each in inner.body for word in each.words[1:])
    if (secret is None or not secret.value()) and not squeezed:
        yield finding("KA209", inner, "authentication without auth_pass")
    elif secret and len(secret.value()) > PASSWORD_LENGTH:
        size = len(secret.value())
        yield finding("KA208", secret, f"a password of {size} characters is cut to {PASSWORD_LENGTH}", word=1)


def _bad_addresses(block: Statement) -> Iterator[Finding]:
    for entry in (
        *list_entries(block, "virtual_ipaddress"),
        *list_entries(block, "virtual_ipaddress_excluded"),
    ):
        try:
            ip_interface(entry.keyword)
        except ValueError:
            if "$" not in entry.keyword:
                yield finding("KA215", entry, f"`{entry.keyword[:60]}` is no address")


def _service_checks(
    conf: Configuration, block: Statement, settings: InstanceSettings, grouped: bool
) -> Iterator[Finding]:
    tracking = [
        key for key in ("track_script", "track_process", "track_file", "track_bfd") if block.last(key)
    ]
    if not tracking and not grouped:
        yield finding("KA214", block, f"vrrp_instance `{settings.instance}` has no check of its service")
    weighted = [entry for entry in list_entries(block, "track_script") if weight_of(conf, entry)]
    for entry in weighted if settings.priority == OWNER else ():
        yield finding("KA213", entry, f"the weight of `{entry.keyword}` does not count at priority 255")
    groups = [group for group in conf.root.all("vrrp_sync_group") if group.value() == settings.sync_group]
    if groups and not any(group.last("sync_group_tracking_weight") for group in groups):
        for entry in weighted:
            where = f"`{settings.instance}` is in sync group `{settings.sync_group}`"
            yield finding("KA218", entry, f"{where}, so `{entry.keyword}` is ignored")


def weight_of(conf: Configuration, entry: Statement) -> int:
    """The weight of a track_script entry: its own, or its script's."""
    words = [word.text for word in entry.words]
    if "weight" in words[:-1]:
        try:
            weight = int(words[words.index("weight") + 1])
        except ValueError:
            return 0
        return -weight if "reverse" in words else weight
    script = conf.scripts.get(entry.keyword)
    return script.weight if script else 0


def _duplicate_names(conf: Configuration) -> Iterator[Finding]:
    for kind in ("vrrp_instance", "vrrp_script", "vrrp_sync_group"):
        first: dict[str, Statement] = {}
        for block in conf.root.all(kind):
            name = block.value()
            if not name:
                yield finding("KA007", block, f"`{kind}` needs a name", cure=f"`{kind} NAME {{`")
            elif name in first:
                yield finding(
                    "KA216", block, f"{kind} `{name}` is defined in line {first[name].line} already", word=1
                )
            first.setdefault(name, block)
    for group in conf.root.all("vrrp_sync_group"):
        for entry in list_entries(group, "group"):
            for number, word in enumerate(entry.words):
                if word.text not in conf.settings:
                    guess = did_you_mean(word.text, conf.settings)
                    message = f"there is no vrrp_instance `{word.text[:60]}`{guess}"
                    yield finding("KA216", entry, message, word=number)


def _shared_vrids(conf: Configuration) -> Iterator[Finding]:
    first: dict[tuple[str, int, bool], InstanceSettings] = {}
    for block, settings in conf.members:
        if settings.vrid is None or not settings.interface:
            continue
        key = (settings.interface, settings.vrid, any(":" in address for address in settings.addresses))
        other = first.setdefault(key, settings)
        if other.instance != settings.instance:
            at = block.last("virtual_router_id") or block
            message = f"VRID {settings.vrid} on {settings.interface} is that of `{other.instance}` already"
            yield finding("KA203", at, message, word=1)
