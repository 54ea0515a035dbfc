"""Rules about each vrrp_instance by itself (KA2xx)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding, did_you_mean
from hatlab.keepalived.diagnose.addresses import address_rules
from hatlab.keepalived.diagnose.conf import Configuration, finding, list_entries
from hatlab.keepalived.diagnose.groups import group_rules
from hatlab.keepalived.diagnose.misfits import misfit_rules
from hatlab.keepalived.diagnose.strict import strict_rules
from hatlab.keepalived.diagnose.tracking import weighted_entries
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.settings import PASSWORD_LENGTH, InstanceSettings
from hatlab.vrrp.router import OWNER

_COMMENTED_OUT = re.compile(r"^[ \t]*[#!]+[ \t]*track_script\b", re.M)


_SKIPPED = ("vrrp_instance", "vrrp_sync_group", "track_group", "bfd_instance")
"""Blocks that keepalived skips if their name is not one word, or is taken."""
_NAMED = (*_SKIPPED, "vrrp_script", "vrrp_track_process", "track_file")

_UNCHECKED = "the node stays Master while the service behind the address is dead"


def instance_rules(conf: Configuration) -> Iterator[Finding]:
    groups = [group for group in conf.root.all("vrrp_sync_group") if group.last("track_script")]
    grouped = {
        word.text for group in groups for entry in list_entries(group, "group") for word in entry.words
    }
    for block, settings in conf.members:
        yield from _missing_settings(block, settings)
        yield from _start_state(block, settings)
        yield from _rounded_interval(block, settings)
        yield from _password(block, settings)
        yield from address_rules(block, settings)
        yield from strict_rules(conf, block, settings)
        yield from misfit_rules(block, settings)
        yield from _service_checks(conf, block, settings, settings.instance in grouped)
    yield from group_rules(conf)
    yield from _duplicate_names(conf)
    yield from _shared_vrids(conf)


def _missing_settings(block: Statement, settings: InstanceSettings) -> Iterator[Finding]:
    name = settings.instance
    if not settings.interface:
        yield from _missing_interface(block, settings)
    if settings.vrid is None and block.last("virtual_router_id") is None:
        yield finding("KA202", block, f"vrrp_instance `{name}` has no virtual_router_id")


def _missing_interface(block: Statement, settings: InstanceSettings) -> Iterator[Finding]:
    """Unicast needs none, if it is said where the adverts come from and where the addresses are set."""
    name = settings.instance
    if not settings.unicast_peers:
        yield finding("KA201", block, f"vrrp_instance `{name}` has no interface")
    elif not settings.adverts.source:
        message = f"vrrp_instance `{name}` has neither an interface nor unicast_src_ip"
        yield finding("KA201", block, message)
    elif any(not vip.device for vip in settings.virtual_addresses):
        effect = "keepalived complains and removes the addresses without `dev`"
        message = f"vrrp_instance `{name}` has no interface, and some of its addresses have no `dev`"
        yield finding(
            "KA201",
            block,
            message,
            effect=effect,
            cure="add `interface NAME`, or `dev NAME` after each address",
        )


def _start_state(block: Statement, settings: InstanceSettings) -> Iterator[Finding]:
    state, nopreempt, delay = (block.last(key) for key in ("state", "nopreempt", "preempt_delay"))
    is_master = settings.state == "MASTER"
    for said in block.all("state"):
        if said.value() not in {"MASTER", "BACKUP", ""}:
            guess = did_you_mean(said.value(), ("MASTER", "BACKUP"))
            yield finding("KA217", said, f"`state {said.value()[:40]}`{guess}")
    if state and is_master and nopreempt:
        message = f"nopreempt has no effect with `state MASTER` (line {state.line})"
        yield finding("KA205", nopreempt, message)
    if state and is_master and block.last("priority") is None:
        yield finding("KA206", state, "`state MASTER` without a priority means priority 255")
    elif state and is_master and settings.priority < OWNER:
        message = f"an instance with `state MASTER` and priority {settings.priority} still starts as Backup"
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
    typed = any(s.value() in {"PASS", "AH"} for s in inner.all("auth_type"))
    if settings.version == 3:
        message = f"vrrp_instance `{settings.instance}` uses version 3, which has no passwords"
        yield finding("KA210", inner, message, reported=typed)
        return
    secret = inner.last("auth_pass")
    squeezed = any(word.text == "auth_pass" for each in inner.body for word in each.words[1:])
    if (secret is None or not secret.value()) and not squeezed:
        yield finding("KA209", inner, "authentication without auth_pass", reported=typed)
    elif secret and len(secret.value()) > PASSWORD_LENGTH:
        size = len(secret.value())
        yield finding(
            "KA208", secret, f"a password of {size} characters is cut off after {PASSWORD_LENGTH}", word=1
        )


def _service_checks(
    conf: Configuration, block: Statement, settings: InstanceSettings, grouped: bool
) -> Iterator[Finding]:
    tracking = [
        key for key in ("track_script", "track_process", "track_file", "track_bfd") if block.last(key)
    ]
    if not tracking and not grouped:
        message = f"vrrp_instance `{settings.instance}` has no check for its service"
        if _COMMENTED_OUT.search(conf.document.texts.get(block.file, "")):
            message += ": its track_script is commented out"
            yield finding("KA214", block, message, effect=_UNCHECKED, severity="warning")
        else:
            yield finding("KA214", block, message, effect=_UNCHECKED)
    weighted = weighted_entries(conf, block)
    for entry in weighted if settings.priority == OWNER else ():
        yield finding("KA213", entry, f"the weight of `{entry.keyword}` has no effect at priority 255")
    named = conf.root.all("vrrp_sync_group") if settings.sync_group else ()
    groups = [group for group in named if group.value() == settings.sync_group]
    if groups and not any(group.last("sync_group_tracking_weight") for group in groups):
        for entry in weighted:
            where = f"`{settings.instance}` is in sync group `{settings.sync_group}`"
            yield finding("KA218", entry, f"{where}, so `{entry.keyword}` is ignored")


def _duplicate_names(conf: Configuration) -> Iterator[Finding]:
    for kind in _NAMED:
        first: dict[str, Statement] = {}
        for block in conf.root.all(kind):
            name = block.value()
            if not name:
                yield finding("KA007", block, f"`{kind}` needs a name", cure=f"`{kind} NAME {{`")
            elif len(block.words) > 2 and kind in _SKIPPED:
                message, cure = f"`{kind}` takes one name", f"`{kind} NAME {{`"
                effect = "keepalived complains and ignores the whole block"
                yield finding("KA007", block, message, word=2, effect=effect, cure=cure)
            elif name in first:
                message = f"{kind} `{name}` is already defined in line {first[name].line}"
                yield finding("KA216", block, message, word=1, reported=kind in _SKIPPED)
            first.setdefault(name, block)


def _shared_vrids(conf: Configuration) -> Iterator[Finding]:
    """Instances that hear each other: multicast and unicast are apart, and so are groups, and peers."""
    groups: dict[tuple[object, ...], list[InstanceSettings]] = {}
    for block, settings in conf.members:
        if settings.vrid is None or not settings.interface:
            continue
        peers = set(settings.unicast_peers)
        key = (settings.interface, settings.vrid, settings.family, bool(peers) or settings.adverts.group)
        others = groups.setdefault(key, [])
        rivals = [o for o in others if not peers or peers & set(o.unicast_peers)]
        if rivals and rivals[0].instance != settings.instance:
            at = block.last("virtual_router_id") or block
            where = f"VRID {settings.vrid} on {settings.interface}"
            yield finding("KA203", at, f"{where} is already used by `{rivals[0].instance}`", word=1)
        others.append(settings)
