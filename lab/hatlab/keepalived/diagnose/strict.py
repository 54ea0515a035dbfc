"""What strict mode refuses, as the RFCs do not have it (KA233; vrrp_complete_instance in vrrp.c)."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, finding
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.settings import InstanceSettings
from hatlab.vrrp.router import OWNER

_RESET = "keepalived complains and undoes it"
_OFF = {"false", "off", "no"}


def strict_rules(conf: Configuration, block: Statement, settings: InstanceSettings) -> Iterator[Finding]:
    if not settings.strict:
        return
    first = next(iter(settings.addresses), "")
    if settings.family == 6 and not settings.unicast_peers and first and not first.startswith("fe80:"):
        effect = "keepalived complains and carries on"
        message = f"in strict mode the first IPv6 address must be link-local, but {first} is not"
        yield finding("KA233", block, message, effect=effect)
    down_timer = conf.global_setting("vrrp_down_timer_adverts")
    own = block.last("down_timer_adverts")
    if down_timer and own is None and down_timer.value() not in {"", "3"}:
        yield finding(
            "KA233",
            down_timer,
            f"strict mode does not allow `vrrp_down_timer_adverts {down_timer.value()[:20]}`",
            effect=_RESET,
        )
    for statement, effect in _refused(block, settings):
        message = f"strict mode does not allow `{' '.join(word.text for word in statement.words[:2])[:40]}`"
        yield finding("KA233", statement, message, effect=effect)


def _refused(block: Statement, settings: InstanceSettings) -> Iterator[tuple[Statement, str]]:
    """Each statement that strict mode refuses, and what keepalived does."""
    owner = settings.priority == OWNER
    for inner in (inner for inner in block.body or () if block.last(inner.keyword) is inner):
        value = inner.value()
        match inner.keyword:
            case "authentication":
                if any(s.value() in {"PASS", "AH"} for s in inner.all("auth_type")):
                    yield inner, "keepalived complains and ignores it: adverts carry no password"
            case "state":
                if (value == "MASTER") != owner and value in {"MASTER", "BACKUP"}:
                    yield (
                        inner,
                        "keepalived complains: only the address owner (255) may be MASTER, and it must be",
                    )
            case "preempt_delay":
                if value not in {"", "0"}:
                    yield inner, _RESET
            case "down_timer_adverts":
                if value not in {"", "3"}:
                    yield inner, _RESET
            case "accept":
                if settings.version == 2 and not owner:
                    yield inner, f"{_RESET}: nobody can reach the addresses"
            case "garp_lower_prio_repeat" | "garp_lower_prio_delay":
                if value not in {"", "0"}:
                    yield inner, _RESET
            case "lower_prio_no_advert" if value in _OFF:
                yield inner, _RESET
            case "higher_prio_send_advert" if value not in _OFF:
                yield inner, _RESET
            case "no_virtual_ipaddress":
                yield inner, _RESET
            case "vmac_xmit_base" if block.last("use_vmac"):
                yield inner, _RESET
