"""What a simulated keepalived takes from the text of its keepalived.conf.

Most is `hatlab.keepalived`'s reading; here is what only a running daemon needs: interfaces, the device of
each virtual address, tracked interfaces, weights, delays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from hatlab.keepalived import (
    InstanceSettings,
    Statement,
    VrrpScript,
    parse_config,
    read_scripts,
    read_settings,
)

_NOTIFY = {
    "MASTER": "notify_master",
    "BACKUP": "notify_backup",
    "FAULT": "notify_fault",
    "STOPPED": "notify_stop",
}
"""State → keyword of the program that is run on entering it."""


@dataclass(frozen=True, slots=True)
class InstanceConf:
    """One vrrp_instance.

    Attributes:
        vips: (address, device) of each virtual address; without `dev` the instance's own interface.
        tracked: devices that must be up, besides its own: those of `track_interface` and of its addresses.
        checks: script → weight.
        known_peers_only: `check_unicast_src`, its own or the global one.
        notify: state → the program that is run on entering it.
    """

    settings: InstanceSettings
    vips: tuple[tuple[str, str], ...]
    tracked: tuple[str, ...]
    checks: tuple[tuple[str, int], ...]
    known_peers_only: bool
    notify: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Conf:
    """A whole file.

    Attributes:
        balances: whether it has a virtual_server, so that a checker process is started too.
        servers: its (real server, virtual server) pairs, as logged.
        notifies: whether it names a notify FIFO; without one an end is told by the process alone.
    """

    instances: tuple[InstanceConf, ...]
    notifies: bool
    balances: bool
    servers: tuple[tuple[str, str], ...]
    scripts: dict[str, VrrpScript]
    startup_delay: float
    answer_lower: bool


@lru_cache(maxsize=256)
def read(text: str) -> Conf:
    """The configuration in a keepalived.conf; what is not understood is left out, as the daemon does."""
    root = parse_config(text)
    found, known = read_settings(text), read_scripts(text)
    glob = Statement((), 0, tuple(s for b in root.all("global_defs") for s in b.body or ()))
    lower = glob.last("vrrp_lower_prio_no_advert")
    return Conf(
        tuple(
            _instance(block, found[block.value()], known, glob.last("vrrp_check_unicast_src") is not None)
            for block in root.all("vrrp_instance")
            if block.value() in found
        ),
        glob.last("vrrp_notify_fifo") is not None,
        next(root.all("virtual_server"), None) is not None,
        _servers(root),
        known,
        _number(glob, "vrrp_startup_delay", 0.0),
        lower is None or lower.value() in {"false", "no", "off"},
    )


def _servers(root: Statement) -> tuple[tuple[str, str], ...]:
    """(real server, virtual server) of each pair, as the daemon writes them in its log."""
    found = []
    for virtual in root.all("virtual_server"):
        given = virtual.last("protocol")
        protocol = given.value().lower() if given else "tcp"
        own = _service(virtual, protocol)
        found += [(_service(real, protocol), own) for real in virtual.all("real_server")]
    return tuple(found)


def _service(block: Statement, protocol: str) -> str:
    address, port = [*(word.text for word in block.words[1:3]), "", ""][:2]
    return f"[{address}]:{protocol}:{port}"


def _instance(
    block: Statement, own: InstanceSettings, known: dict[str, VrrpScript], known_peers: bool
) -> InstanceConf:
    vips, unseen = [], list(own.addresses)
    for line in (s for b in block.all("virtual_ipaddress") for s in b.body or ()):
        address = line.keyword.partition("/")[0]
        if address in unseen:
            unseen.remove(address)
            words = [word.text for word in line.words]
            device = words[words.index("dev") + 1] if "dev" in words[:-1] else own.interface
            vips.append((address, device))
    named = [s.keyword for b in block.all("track_interface") for s in b.body or ()]
    checks = []
    for line in (s for b in block.all("track_script") for s in b.body or ()):
        if line.keyword in known:
            words = [word.text for word in line.words]
            given = words[words.index("weight") + 1] if "weight" in words[:-1] else ""
            weight = int(given) if given.lstrip("+-").isdecimal() else known[line.keyword].weight
            if not (weight and own.sync_group):  # "ignoring tracked script … with weights due to SYNC group"
                checks.append((line.keyword, weight))
    return InstanceConf(
        own,
        tuple(vips),
        tuple(dict.fromkeys([*named, *(device for _, device in vips if device != own.interface)])),
        tuple(checks),
        bool(own.unicast_peers) and (known_peers or block.last("check_unicast_src") is not None),
        {
            state: " ".join(word.text for word in found.words[1:])
            for state, keyword in _NOTIFY.items()
            if (found := block.last(keyword))
        },
    )


def _number(block: Statement, keyword: str, default: float) -> float:
    statement = block.last(keyword)
    try:
        return max(0.0, float(statement.value())) if statement else default
    except ValueError:
        return default
