"""Rules about each vrrp_instance by itself (KA2xx)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface

from hatlab.diagnostics.finding import Finding, did_you_mean
from hatlab.keepalived.diagnose.conf import Configuration, finding, list_entries
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.settings import PASSWORD_LENGTH, InstanceSettings

OWNER = 255


def instance_rules(conf: Configuration) -> Iterator[Finding]:
    groups = [group for group in conf.root.all("vrrp_sync_group") if group.last("track_script")]
    grouped = {
        word.text for group in groups for entry in list_entries(group, "group") for word in entry.words
    }
    for block, own in conf.members:
        yield from _needed(conf, block, own)
        yield from _starting(block, own)
        yield from _interval(block, own)
        yield from _authentication(block, own)
        yield from _addresses(block)
        yield from _checks(conf, block, own, own.instance in grouped)
    yield from _names(conf)
    yield from _shared_vrids(conf)


def _needed(conf: Configuration, block: Statement, own: InstanceSettings) -> Iterator[Finding]:
    name = own.instance
    elsewhere = conf.globally("default_interface") or block.last("unicast_peer")
    if not own.interface and not elsewhere:
        yield finding("KA201", block, f"vrrp_instance `{name}` has no interface")
    if own.vrid is None and block.last("virtual_router_id") is None:
        yield finding("KA202", block, f"vrrp_instance `{name}` has no virtual_router_id")
    if not list_entries(block, "virtual_ipaddress") and block.last("no_virtual_ipaddress") is None:
        yield finding("KA204", block, f"vrrp_instance `{name}` has no virtual address")


def _starting(block: Statement, own: InstanceSettings) -> Iterator[Finding]:
    state, nopreempt, delay = (block.last(key) for key in ("state", "nopreempt", "preempt_delay"))
    master = own.state == "MASTER"
    if state and state.value() not in {"MASTER", "BACKUP"}:
        yield finding(
            "KA217", state, f"`state {state.value()[:40]}`{did_you_mean(state.value(), ('MASTER', 'BACKUP'))}"
        )
    if master and nopreempt:
        yield finding(
            "KA205", nopreempt, f"nopreempt has no effect with `state MASTER` (line {_line(state)})"
        )
    if master and block.last("priority") is None and state:
        yield finding("KA206", state, "`state MASTER` without a priority means priority 255")
    elif master and own.priority < OWNER and state:
        yield finding("KA207", state, f"`state MASTER` with priority {own.priority} still starts as Backup")
    if delay and (master or nopreempt) and delay.value() not in {"0", ""}:
        reason = "`state MASTER`" if master else "nopreempt"
        yield finding("KA212", delay, f"preempt_delay has no effect with {reason}")


def _line(statement: Statement | None) -> int:
    return statement.line if statement else 0


def _interval(block: Statement, own: InstanceSettings) -> Iterator[Finding]:
    given = block.last("advert_int")
    if given is None or own.version != 2:
        return
    try:
        seconds = float(given.value())
    except ValueError:
        return
    if 0.01 <= seconds <= OWNER and seconds != int(seconds):
        message = f"{given.value()[:20]} s is sent as {own.interval:g} s"
        yield finding("KA211", given, message, word=1)


def _authentication(block: Statement, own: InstanceSettings) -> Iterator[Finding]:
    inner = block.last("authentication")
    if inner is None or inner.body is None:
        return
    if own.version == 3:
        yield finding(
            "KA210", inner, f"vrrp_instance `{own.instance}` speaks version 3, which has no passwords"
        )
        return
    secret = inner.last("auth_pass")
    squeezed = any(word.text == "auth_pass" for each in inner.body for word in each.words[1:])
    if (secret is None or not secret.value()) and not squeezed:
        yield finding("KA209", inner, "authentication without auth_pass")
    elif secret and len(secret.value()) > PASSWORD_LENGTH:
        size = len(secret.value())
        yield finding("KA208", secret, f"a password of {size} characters is cut to {PASSWORD_LENGTH}", word=1)


def _addresses(block: Statement) -> Iterator[Finding]:
    for entry in (
        *list_entries(block, "virtual_ipaddress"),
        *list_entries(block, "virtual_ipaddress_excluded"),
    ):
        try:
            ip_interface(entry.keyword)
        except ValueError:
            if "$" not in entry.keyword:
                yield finding("KA215", entry, f"`{entry.keyword[:60]}` is no address")


def _checks(conf: Configuration, block: Statement, own: InstanceSettings, grouped: bool) -> Iterator[Finding]:
    tracking = [
        key for key in ("track_script", "track_process", "track_file", "track_bfd") if block.last(key)
    ]
    if not tracking and not grouped:
        yield finding("KA214", block, f"vrrp_instance `{own.instance}` has no check of its service")
    weighted = [entry for entry in list_entries(block, "track_script") if weight_of(conf, entry)]
    for entry in weighted if own.priority == OWNER else ():
        yield finding("KA213", entry, f"the weight of `{entry.keyword}` does not count at priority 255")
    groups = [group for group in conf.root.all("vrrp_sync_group") if group.value() == own.sync_group]
    if groups and not any(group.last("sync_group_tracking_weight") for group in groups):
        for entry in weighted:
            message = f"`{own.instance}` is in sync group `{own.sync_group}`, so `{entry.keyword}` is ignored"
            yield finding("KA218", entry, message)


def weight_of(conf: Configuration, entry: Statement) -> int:
    """The weight of a track_script entry: its own, or its script's."""
    words = [word.text for word in entry.words]
    own = words[words.index("weight") + 1 :][:1] if "weight" in words else []
    if own:
        try:
            weight = int(own[0])
        except ValueError:
            return 0
        return -weight if "reverse" in words else weight
    script = conf.scripts.get(entry.keyword)
    return script.weight if script else 0


def _names(conf: Configuration) -> Iterator[Finding]:
    for kind in ("vrrp_instance", "vrrp_script", "vrrp_sync_group"):
        seen: dict[str, Statement] = {}
        for block in conf.root.all(kind):
            name = block.value()
            if not name:
                yield finding("KA007", block, f"`{kind}` needs a name", cure=f"`{kind} NAME {{`")
            elif name in seen:
                yield finding(
                    "KA216", block, f"{kind} `{name}` is defined in line {seen[name].line} already", word=1
                )
            seen.setdefault(name, block)
    for group in conf.root.all("vrrp_sync_group"):
        for entry in list_entries(group, "group"):
            for number, word in enumerate(entry.words):
                if word.text not in conf.settings:
                    guess = did_you_mean(word.text, conf.settings)
                    message = f"there is no vrrp_instance `{word.text[:60]}`{guess}"
                    yield finding("KA216", entry, message, word=number)


def _shared_vrids(conf: Configuration) -> Iterator[Finding]:
    seen: dict[tuple[str, int, bool], InstanceSettings] = {}
    for block, own in conf.members:
        if own.vrid is None or not own.interface:
            continue
        key = (own.interface, own.vrid, any(":" in address for address in own.addresses))
        other = seen.setdefault(key, own)
        if other.instance != own.instance:
            at = block.last("virtual_router_id") or block
            message = f"VRID {own.vrid} on {own.interface} is that of `{other.instance}` already"
            yield finding("KA203", at, message, word=1)
